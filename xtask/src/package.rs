//! `cargo xtask package`: what people install. On Linux a `.deb` of our own making, on macOS and
//! Windows what Tauri bundles (docs/decisions/0024-packages.md).

mod bundle;
mod control;
mod deb;
mod lines;
mod notices;
mod trial;

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::workspace::{call, cargo, programs, step};
use crate::{expect_none, setup, take_flag, ui};

pub fn run(args: &[String]) -> Result<()> {
    let mut args = args.to_vec();
    let yes = take_flag(&mut args, "--yes");
    let check = take_flag(&mut args, "--check");
    expect_none(&args)?;
    setup::install(setup::BUILD, yes)?;
    if !cfg!(target_os = "linux") {
        if check {
            bail!("--check tries a .deb; here the bundle is made, and trying it is by hand");
        }
        return bundle::make();
    }
    setup::install(setup::PACKAGE, yes)?;
    if check {
        setup::install(setup::TRIAL, yes)?;
    }
    ui::ensure_built()?;
    build()?;
    let package = step("package", deb::make)?;
    println!("{}", package.display());
    if check {
        trial::run(&package)?;
    }
    Ok(())
}

/// Both faces, as they are installed.
fn build() -> Result<()> {
    let line = "build --locked --release --package sealfold-cli --package sealfold-desktop --bins";
    step("build for release", || call(&mut cargo(line)))
}

/// Where [`build`] puts them.
fn released() -> Result<PathBuf> {
    Ok(programs()?.with_file_name("release"))
}
