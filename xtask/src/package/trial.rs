//! `cargo xtask package --check`: the package is judged by Debian's own tools, installed in a small
//! system where nothing of ours has ever been, used by an ordinary user there, and removed.

mod place;
mod screen;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::control;
use super::deb::ours;
use super::lines::said;
use crate::workspace::{call, step};
use place::Place;

/// What is in the place beside the package: a screen, letters for it, and a reader of manuals.
const COMPANY: [&str; 5] = ["xvfb", "fonts-dejavu-core", "man-db", "zsh", "fish"];

/// Typed by the user, each of which must succeed.
const LINES: [&str; 9] = [
    "man --where sealfold",
    "man --where sealfold-run",
    "man --where sealfold-desktop",
    "man sealfold-desktop | grep --quiet -- --quick",
    "bash -c '. /usr/share/bash-completion/completions/sealfold && complete -p sealfold'",
    "zsh -c 'autoload -Uz compinit && compinit -u && test -n \"$_comps[sealfold]\"'",
    "fish -c 'complete --do-complete \"sealfold unl\" | grep --quiet unlock'",
    "echo seven folded cranes > words && sealfold init --passphrase-file words --recovery-file paper --no-input --no-keychain",
    "sealfold status --json",
];

pub fn run(package: &Path) -> Result<()> {
    step("judge", || judge(package))?;
    let folder = package.parent().expect("a package lies in a folder");
    let depends = field(package, "Depends")?;
    let place = step("a clean system", || Place::open(folder, &COMPANY))?;
    step("what the package depends on", || {
        let satisfy = ["apt-get", "satisfy", "--yes", "--no-install-recommends"];
        call(place.root_does(&satisfy).arg(&depends))
    })?;
    let before = place.files()?;
    let inside = place.bring(package)?;
    step("install", || {
        call(&mut place.root_does(&["dpkg", "--install", &inside]))
    })?;
    step("terminal", || terminal(&place))?;
    step("window", || screen::shows_the_mark(&place, folder))?;
    step("purge", || {
        call(&mut place.root_does(&["dpkg", "--purge", "sealfold"]))
    })?;
    step("nothing stays", || same(&before, &place.files()?))
}

/// Debian's policy, and the two files that desktops read.
fn judge(package: &Path) -> Result<()> {
    let mut lintian = Command::new("lintian");
    lintian.args(["--fail-on", "error,warning", "--allow-root"]);
    call(lintian.arg(package))?;
    let desktop = ours("sealfold-desktop.desktop");
    call(Command::new("desktop-file-validate").arg(desktop))?;
    let metainfo = ours("org.sealfold.desktop.metainfo.xml");
    call(
        Command::new("appstreamcli")
            .args(["validate", "--no-net"])
            .arg(metainfo),
    )
}

fn terminal(place: &Place) -> Result<()> {
    let version = said(&mut place.user_does("sealfold --version"))?;
    let ours = env!("CARGO_PKG_VERSION");
    if version.trim() != format!("sealfold {ours}") || !control::VERSION.starts_with(ours) {
        bail!("`sealfold --version` says {version}");
    }
    for line in LINES {
        eprintln!("$ {line}");
        call(&mut place.user_does(line)).with_context(|| line.to_owned())?;
    }
    Ok(())
}

fn field(package: &Path, name: &str) -> Result<String> {
    let said = said(
        Command::new("dpkg-deb")
            .arg("--field")
            .arg(package)
            .arg(name),
    )?;
    Ok(said.trim().to_owned())
}

/// What a purge leaves behind, or took that was not its own.
fn same(before: &BTreeSet<String>, after: &BTreeSet<String>) -> Result<()> {
    let changed: Vec<&String> = before.symmetric_difference(after).collect();
    if !changed.is_empty() {
        bail!("not as before: {changed:#?}");
    }
    Ok(())
}
