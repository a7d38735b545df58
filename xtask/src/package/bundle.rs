//! The bundles of macOS and Windows, by Tauri's own tool, which knows their formats and how they are
//! signed. What they hold stands in `src-tauri/tauri.macos.conf.json` and `tauri.windows.conf.json`.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::lines::said;
use super::{build, released};
use crate::ui;
use crate::workspace::{call, root, step, tauri};

/// Where the terminal's program lies for the bundler, relative to the root of the checkout.
const BESIDE: &str = "target/beside";

pub fn make() -> Result<()> {
    ui::ensure_built()?;
    build()?;
    let target = host()?;
    // The bundler takes programs that go along by a name with the target's triple behind it.
    let beside = root().join(BESIDE);
    fs::create_dir_all(&beside).with_context(|| format!("making {BESIDE}"))?;
    let program = released()?.join(format!("sealfold{EXE_SUFFIX}"));
    let named = format!("sealfold-{target}{EXE_SUFFIX}");
    fs::copy(&program, beside.join(named)).context("copying sealfold")?;

    // Not in the configuration itself: every build would ask for the file.
    let along = format!(r#"{{ "bundle": {{ "externalBin": ["../{BESIDE}/sealfold"] }} }}"#);
    step("bundle", || {
        call(tauri().args(["build", "--ci", "--config", &along]))
    })?;
    step("the sources are as they were", unchanged)
}

/// Tauri's tool is known to rewrite manifests.
fn unchanged() -> Result<()> {
    let mut git = Command::new("git");
    git.args(["diff", "--exit-code", "--stat", "--", "*.toml", "*.json"]);
    call(git.current_dir(root()))
}

/// The triple of this system, as rustc names it.
fn host() -> Result<String> {
    let version = said(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .context("rustc does not say what it builds for")
}
