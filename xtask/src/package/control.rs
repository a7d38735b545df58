//! What `dpkg` is told of the package: `DEBIAN/control` and `md5sums`, and its own changelog.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::deb::Tree;
use super::lines::said;
use crate::workspace::root;

/// Ours, which all our crates share, and that of the packaging behind it: below `-1`, so that a package
/// of Debian's own would take this one's place.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "-0sealfold1");

const MAINTAINER: &str = "The Sealfold authors <packages@sealfold.org>";

const DESCRIPTION: &str = "\
team secrets without a server
 Sealfold keeps the passwords, keys and .env files of a team in one encrypted
 file on each member's machine, and carries changes through a place that the
 team has anyway: a Git repository, an S3 bucket or a shared folder. Who keeps
 that place can read nothing, and can't change or hold back anything unseen.
 .
 This package has the window (sealfold-desktop) and the command line
 (sealfold), which share one unlock.";

/// When the sources last changed.
pub struct Moment {
    /// Since 1970.
    pub seconds: u64,
    /// As mail has it (RFC 5322), which Debian's changelogs want.
    pub date: String,
}

/// When the last commit was made.
pub fn last_change() -> Result<Moment> {
    let mut git = Command::new("git");
    git.args(["log", "-1", "--format=%ct %cD"])
        .current_dir(root());
    let line = said(&mut git)?;
    let (seconds, date) = line.trim().split_once(' ').context("git gives no date")?;
    Ok(Moment {
        seconds: seconds.parse().context("git gives no time")?,
        date: date.to_owned(),
    })
}

/// The changelog of the packaging, which has nothing to say but where the other one is.
pub fn changelog() -> Result<String> {
    let date = last_change()?.date;
    Ok(format!(
        "sealfold ({VERSION}) unstable; urgency=medium\n\n  * changelog.gz has what is new in Sealfold.\n\n -- {MAINTAINER}  {date}\n"
    ))
}

/// Writes the folder `DEBIAN`, when all else is in its place.
pub fn write(tree: &Tree) -> Result<()> {
    let mut files = Vec::new();
    list(tree.root(), tree.root(), &mut files)?;
    files.sort();
    let kibibytes: u64 = files.iter().map(|(_, size)| size.div_ceil(1024)).sum();
    let names = files.iter().map(|(name, _)| name);
    let sums = said(Command::new("md5sum").args(names).current_dir(tree.root()))?;
    let architecture = said(Command::new("dpkg").arg("--print-architecture"))?;
    let libraries = libraries(tree)?;
    tree.write("DEBIAN/md5sums", &sums)?;
    // Git carries the remotes of most teams; a Secret Service is the keychain.
    tree.write(
        "DEBIAN/control",
        &format!(
            "Package: sealfold\n\
             Version: {VERSION}\n\
             Section: utils\n\
             Priority: optional\n\
             Architecture: {}\n\
             Maintainer: {MAINTAINER}\n\
             Installed-Size: {kibibytes}\n\
             Depends: {libraries}\n\
             Recommends: git, gnome-keyring | keepassxc | kwalletmanager\n\
             Suggests: age\n\
             Description: {DESCRIPTION}\n",
            architecture.trim()
        ),
    )
}

/// The packages of the libraries that our programs are linked to, each with the version that has
/// what they call: Debian's own tool knows.
fn libraries(tree: &Tree) -> Result<String> {
    // It reads the beginnings of a source package in its working folder.
    let place = tree.root().with_file_name("source");
    fs::create_dir_all(place.join("debian")).context("making a folder for dpkg-shlibdeps")?;
    let source = "Source: sealfold\n\nPackage: sealfold\nArchitecture: any\nDescription: -\n";
    fs::write(place.join("debian/control"), source).context("writing debian/control")?;
    let mut find = Command::new("dpkg-shlibdeps");
    find.arg("-O").current_dir(&place);
    for program in ["sealfold", "sealfold-desktop"] {
        find.arg("-e")
            .arg(tree.root().join("usr/bin").join(program));
    }
    let line = said(&mut find)?;
    match line.trim().strip_prefix("shlibs:Depends=") {
        Some(found) if found.contains("libwebkit2gtk") => Ok(found.to_owned()),
        _ => bail!("dpkg-shlibdeps does not know the libraries of the window: {line}"),
    }
}

/// Every file below a folder, by its name from `root`, with its size in bytes.
fn list(root: &Path, folder: &Path, into: &mut Vec<(String, u64)>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            list(root, &path, into)?;
            continue;
        }
        let name = path.strip_prefix(root).expect("it lies below the root");
        let name = name.to_str().context("a file name that is not UTF-8")?;
        into.push((name.to_owned(), fs::metadata(&path)?.len()));
    }
    Ok(())
}
