//! `cargo xtask screens`: the pictures in `docs/screens`, taken of the real window.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::setup;
use crate::workspace::{build_all, call, cargo, root, step};

/// Those that are checked in: what the picture is called, and which of all screens it is.
const KEPT: [(&str, &str); 10] = [
    ("welcome", "welcome-light-1280"),
    ("main", "main-light-1280"),
    ("main-dark", "main-dark-1280"),
    ("import", "import-light-1280"),
    ("environments", "environments-dark-1280"),
    ("sharing", "sharing-light-1280"),
    ("removal", "removal-light-1280"),
    ("conflict", "conflict-dark-1280"),
    ("sync", "sync-light-1280"),
    ("settings", "settings-dark-1280"),
];

pub fn run(args: &[String]) -> Result<()> {
    let (folder, keep) = match args {
        [] => (root().join("target/screens"), true),
        [folder] => (PathBuf::from(folder), false),
        _ => bail!("at most one folder"),
    };
    setup::install(setup::BUILD, false)?;
    setup::install(setup::TESTS, false)?;
    setup::install(setup::SCREENS, false)?;
    build_all()?;
    fs::create_dir_all(&folder)?;
    let folder = fs::canonicalize(folder)?;
    step("pictures", || {
        let take = "test --locked --workspace --test window -- --ignored take_the_pictures";
        call(cargo(take).env("SEALFOLD_SCREENS", &folder))
    })?;
    if keep {
        self::keep(&folder)?;
    }
    Ok(())
}

fn keep(folder: &Path) -> Result<()> {
    let kept = root().join("docs/screens");
    fs::create_dir_all(&kept)?;
    for (name, picture) in KEPT {
        let from = folder.join(format!("{picture}.png"));
        let to = kept.join(format!("{name}.png"));
        fs::copy(&from, &to).with_context(|| format!("copying {}", from.display()))?;
        eprintln!("written: {}", to.display());
    }
    Ok(())
}
