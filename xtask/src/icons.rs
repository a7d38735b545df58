//! `cargo xtask icons`: the mark in every size and container that a system asks for. They are checked
//! in, so that building needs no tool for pictures.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::workspace::{call, root, step, tauri};
use crate::{expect_none, setup};

/// What they are all drawn from; the window shows it too.
pub const MARK: &str = "ui/public/sealfold.svg";
/// Where they lie: `16x16.png` and so on, `icon.ico` for Windows, `icon.icns` for macOS.
pub const FOLDER: &str = "src-tauri/icons";
/// Edges in pixels, as the icon theme that all others fall back to (hicolor) has folders for.
pub const SIZES: [u16; 9] = [16, 22, 24, 32, 48, 64, 128, 256, 512];

pub fn run(args: &[String]) -> Result<()> {
    expect_none(args)?;
    setup::install(setup::BUILD, false)?;
    let drawn = root().join("target/icons");
    let sizes = SIZES.map(|size| size.to_string()).join(",");
    step("draw the icons", || {
        // The containers come with sizes for telephones, and not with all of ours: two calls.
        call(tauri().args(["icon", MARK, "--output"]).arg(&drawn))?;
        let pictures = ["icon", MARK, "--png", &sizes, "--output"];
        call(tauri().args(pictures).arg(&drawn))
    })?;
    let names = SIZES.map(|size| format!("{size}x{size}.png"));
    let containers = ["icon.ico", "icon.icns"].map(str::to_owned);
    for name in names.iter().chain(&containers) {
        let to = Path::new(FOLDER).join(name);
        fs::copy(drawn.join(name), root().join(&to)).with_context(|| name.clone())?;
        eprintln!("written: {}", to.display());
    }
    Ok(())
}
