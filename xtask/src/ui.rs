//! `cargo xtask ui`: the window's front end is checked, tested and built. What builds the window needs
//! only the last of these, and only where a source is newer than what was built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::workspace::{call, root, step};
use crate::{expect_none, setup};

pub fn run(args: &[String]) -> Result<()> {
    expect_none(args)?;
    setup::install(setup::BUILD, false)?;
    check()?;
    step("front end: tests", || npm(&["test"]))?;
    step("front end: build", build)?;
    weigh()
}

/// What the built script weighs.
pub fn weigh() -> Result<()> {
    step("front end: size", || npm(&["run", "size"]))
}

/// Types, and what the compiler of components warns of.
pub fn check() -> Result<()> {
    install()?;
    step("front end: types", || npm(&["run", "check"]))
}

pub fn test() -> Result<()> {
    install()?;
    step("front end: tests", || npm(&["test"]))
}

/// `ui/dist`, without which the window does not compile.
pub fn ensure_built() -> Result<()> {
    let built = modified(&folder().join("dist/index.html"));
    if built.is_some() && built >= newest(&folder())? && built >= modified(&lock()) {
        return Ok(());
    }
    install()?;
    step("front end: build", build)
}

fn build() -> Result<()> {
    npm(&["run", "build"])
}

/// The packages of package-lock.json, if they are not there as it says.
fn install() -> Result<()> {
    let installed = modified(&folder().join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= modified(&lock()) {
        return Ok(());
    }
    step("front end: packages", || {
        npm(&["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
    })
}

fn npm(args: &[&str]) -> Result<()> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    call(Command::new(program).args(args).current_dir(folder()))
}

fn folder() -> PathBuf {
    root().join("ui")
}

fn lock() -> PathBuf {
    folder().join("package-lock.json")
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|found| found.modified()).ok()
}

/// When a file under a folder was last written.
fn newest(folder: &Path) -> Result<Option<SystemTime>> {
    let mut newest = None;
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let made = ["node_modules", "dist", "dist-sample"];
        if made.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        let of = match path.is_dir() {
            true => self::newest(&path)?,
            false => modified(&path),
        };
        newest = newest.max(of);
    }
    Ok(newest)
}
