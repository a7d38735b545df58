//! What another program says, as text.

use std::process::Command;

use anyhow::{Context, Result, bail};

/// The standard output of a command that must succeed.
pub fn said(command: &mut Command) -> Result<String> {
    let name = command.get_program().display().to_string();
    let output = command
        .output()
        .with_context(|| format!("starting {name}"))?;
    if !output.status.success() {
        let talk = String::from_utf8_lossy(&output.stderr);
        bail!("{name} ended with {}: {}", output.status, talk.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("{name} says no UTF-8"))
}
