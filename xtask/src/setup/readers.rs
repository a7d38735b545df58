//! What tests call and no system's packages bring, outside the checkout, installed again when a
//! pin changes.
//!
//! The real readers of `.env` files that ours is compared with, as `crates/formats/tests/readers`
//! pins them: python-dotenv in a virtual environment, dotenv and dotenv-expand in a node_modules,
//! and compose-go, where there is Go; without it the tests hold to recorded results. And the S3
//! server that `crates/remotes/tests/servers` pins, in a virtual environment of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::{cache, call, on_path, root, step};

/// Installs them if needed; returns the folder that tests find as `SEALFOLD_TEST_TOOLS`.
pub fn install() -> Result<PathBuf> {
    let tools = cache()?.join("tools");
    let pins = root().join("crates/formats/tests/readers");
    fs::create_dir_all(&tools).with_context(|| format!("making {}", tools.display()))?;

    let python = tools.join("python");
    when_changed(&python, &[&pins.join("requirements.txt")], || {
        step("install python-dotenv", || install_python(&python, &pins))
    })?;
    let server_pins = root().join("crates/remotes/tests/servers");
    let servers = tools.join("servers");
    when_changed(&servers, &[&server_pins.join("requirements.txt")], || {
        step("install an S3 server", || {
            install_python(&servers, &server_pins)
        })
    })?;
    let node = tools.join("node");
    let manifests = [&pins.join("package.json"), &pins.join("package-lock.json")];
    when_changed(&node, &manifests, || {
        step("install dotenv for Node", || install_node(&node, &pins))
    })?;
    let compose = pins.join("compose");
    if on_path("go") {
        let sources = [&compose.join("go.mod"), &compose.join("main.go")];
        let reader = tools.join("compose");
        let built = when_changed(&reader, &sources, || {
            step("build compose-go's reader", || {
                build_compose(&tools, &reader, &compose)
            })
        });
        if let Err(error) = built {
            eprintln!("going on with recorded results for Docker Compose: {error:#}");
        }
    } else {
        eprintln!("no Go here: recorded results stand in for Docker Compose's own reader");
    }
    Ok(tools)
}

fn install_python(folder: &Path, pins: &Path) -> Result<()> {
    let python = if cfg!(windows) { "python" } else { "python3" };
    call(Command::new(python).args(["-m", "venv"]).arg(folder))?;
    let bin = if cfg!(windows) { "Scripts" } else { "bin" };
    call(
        Command::new(folder.join(bin).join("python"))
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(pins.join("requirements.txt")),
    )
    .context("pip could not install requirements.txt; is PyPI within reach?")
}

fn install_node(folder: &Path, pins: &Path) -> Result<()> {
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    if !cfg!(windows) && !on_path(npm) {
        bail!("npm is missing; install Node (https://nodejs.org) first");
    }
    fs::create_dir_all(folder)?;
    copy_into(folder, pins, &["package.json", "package-lock.json"])?;
    call(
        Command::new(npm)
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(folder),
    )
    .context("npm could not install package-lock.json; is its registry within reach?")
}

fn build_compose(tools: &Path, folder: &Path, sources: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    call(
        Command::new("go")
            .args(["build", "-mod=mod", "-o"])
            .arg(tools.join("compose-reader"))
            .arg(".")
            // Its go.sum is written beside the copy and checked against Go's own record of sums.
            .current_dir(copy_into(folder, sources, &["go.mod", "main.go"])?),
    )
    .context("go could not build it; is its module proxy within reach?")
}

fn copy_into<'a>(folder: &'a Path, from: &Path, names: &[&str]) -> Result<&'a Path> {
    for name in names {
        fs::copy(from.join(name), folder.join(name)).with_context(|| format!("copying {name}"))?;
    }
    Ok(folder)
}

/// Calls `install` over an empty `folder` unless it was last filled from the same pins.
fn when_changed(
    folder: &Path,
    pins: &[&PathBuf],
    install: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let mut wanted = Vec::new();
    for pin in pins {
        let text = fs::read(pin).with_context(|| format!("reading {}", pin.display()))?;
        wanted.extend(text);
    }
    let stamp = folder.join("installed-from");
    if fs::read(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    install()?;
    fs::write(&stamp, wanted)?;
    Ok(())
}
