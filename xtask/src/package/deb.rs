//! The `.deb`: a folder laid out as it will lie on a disk, and `dpkg-deb` over it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::lines::said;
use super::{control, notices, released};
use crate::icons;
use crate::workspace::{call, root};

/// Ours, of `packaging/deb`, and where each goes.
const OURS: [(&str, &str); 3] = [
    (
        "sealfold-desktop.desktop",
        "usr/share/applications/sealfold-desktop.desktop",
    ),
    (
        "org.sealfold.desktop.metainfo.xml",
        "usr/share/metainfo/org.sealfold.desktop.metainfo.xml",
    ),
    ("copyright", "usr/share/doc/sealfold/copyright"),
];

/// What each shell is taught, and where it looks.
const COMPLETIONS: [(&str, &str); 3] = [
    ("bash", "usr/share/bash-completion/completions/sealfold"),
    ("zsh", "usr/share/zsh/vendor-completions/_sealfold"),
    ("fish", "usr/share/fish/vendor_completions.d/sealfold.fish"),
];

const MANUAL: &str = "usr/share/man/man1";
const DOCUMENTS: &str = "usr/share/doc/sealfold";

/// A folder that becomes a package.
pub struct Tree(PathBuf);

impl Tree {
    fn new(path: PathBuf) -> Result<Self> {
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| format!("removing {}", path.display()))?;
        }
        Ok(Self(path))
    }

    /// The path of something in it, whose folder is there.
    pub fn place(&self, inside: &str) -> Result<PathBuf> {
        let path = self.0.join(inside);
        let folder = path.parent().expect("it lies in the tree");
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(path)
    }

    fn copy(&self, from: &Path, inside: &str) -> Result<()> {
        let to = self.place(inside)?;
        fs::copy(from, to).with_context(|| format!("copying {}", from.display()))?;
        Ok(())
    }

    pub fn write(&self, inside: &str, text: &str) -> Result<()> {
        fs::write(self.place(inside)?, text).with_context(|| format!("writing {inside}"))
    }

    pub fn root(&self) -> &Path {
        &self.0
    }
}

/// Makes the package of what is built, and gives its path.
pub fn make() -> Result<PathBuf> {
    let released = released()?;
    let folder = released.with_file_name("package");
    let tree = Tree::new(folder.join("tree"))?;
    for program in ["sealfold", "sealfold-desktop"] {
        tree.copy(&released.join(program), &format!("usr/bin/{program}"))?;
    }
    for (name, to) in OURS {
        tree.copy(&ours(name), to)?;
    }
    for size in icons::SIZES {
        let picture = root().join(format!("{}/{size}x{size}.png", icons::FOLDER));
        let to = format!("usr/share/icons/hicolor/{size}x{size}/apps/sealfold.png");
        tree.copy(&picture, &to)?;
    }
    let scalable = "usr/share/icons/hicolor/scalable/apps/sealfold.svg";
    tree.copy(&root().join(icons::MARK), scalable)?;
    let sealfold = released.join("sealfold");
    for (shell, to) in COMPLETIONS {
        let script = said(Command::new(&sealfold).args(["completions", shell]))?;
        tree.write(to, &script)?;
    }
    documents(&tree, &sealfold)?;

    let written = control::last_change()?;
    // Every file is as old as the last change at most: the same sources give the same package.
    let modes = "u=rwX,go=rX";
    call(Command::new("chmod").args(["-R", modes]).arg(tree.root()))?;
    control::write(&tree)?;
    let architecture = said(Command::new("dpkg").arg("--print-architecture"))?;
    let name = format!("sealfold_{}_{}.deb", control::VERSION, architecture.trim());
    let package = folder.join(name);
    let mut build = Command::new("dpkg-deb");
    build
        .args(["--root-owner-group", "-Zxz", "--build"])
        .env("SOURCE_DATE_EPOCH", written.seconds.to_string());
    call(build.arg(tree.root()).arg(&package))?;
    Ok(package)
}

/// The manual, the changes, and whose work is built in: packed, as Debian wants them.
fn documents(tree: &Tree, sealfold: &Path) -> Result<()> {
    let pages = tree.place(&format!("{MANUAL}/sealfold.1"))?;
    let pages = pages.parent().expect("the manual is a folder");
    said(Command::new(sealfold).args(["docs", "man"]).arg(pages))?;
    let desktop = "sealfold-desktop.1";
    tree.copy(&ours(desktop), &format!("{MANUAL}/{desktop}"))?;

    let changes = format!("{DOCUMENTS}/changelog");
    tree.copy(&root().join("CHANGELOG.md"), &changes)?;
    let of_package = format!("{DOCUMENTS}/changelog.Debian");
    tree.write(&of_package, &control::changelog()?)?;
    let built_in = format!("{DOCUMENTS}/third-party.txt");
    tree.write(&built_in, &notices::text()?)?;

    let mut pack: Vec<PathBuf> = Vec::new();
    for page in fs::read_dir(pages).context("reading the manual")? {
        pack.push(page?.path());
    }
    pack.extend([changes, of_package, built_in].map(|file| tree.root().join(file)));
    // Without names and times, which differ from build to build.
    call(Command::new("gzip").args(["-9", "--no-name"]).args(pack))
}

/// A file of the package that is no source of a program.
pub fn ours(name: &str) -> PathBuf {
    root().join("packaging/deb").join(name)
}
