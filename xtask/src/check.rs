//! `cargo xtask check`: what a machine can hold of how we work.
//!
//! Every step runs, so that one call shows all that is amiss.

mod exposure;
mod names;
mod sizes;
pub mod source;
mod words;

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::{call, cargo, root, step};
use crate::{expect_none, generate, setup, ui};

/// Something against the house rules: where, and what.
pub struct Finding {
    pub path: String,
    /// Counted from 1; absent when it is about the whole file.
    pub line: Option<usize>,
    pub what: String,
}

pub fn run(args: &[String]) -> Result<()> {
    expect_none(args)?;
    setup::install(setup::BUILD, false)?;
    ui::ensure_built()?;
    let files = files()?;
    let sources = source::read_all(&files)?;
    let steps = [
        step("formatting", || call(&mut cargo("fmt --all --check"))),
        step("each expose() says why", || {
            report(exposure::check(&sources))
        }),
        step("sizes of files", || report(sizes::check(&sources))),
        step("names of files", || report(names::check(&files))),
        step("words that stay out", || report(words::check(&files)?)),
        step("lints", || {
            let clippy = "clippy --locked --workspace --all-targets --quiet -- -D warnings";
            call(&mut cargo(clippy))
        }),
        ui::check(),
        step("generated files", || report(generate::check()?)),
        step("documentation", || {
            let doc = "doc --locked --workspace --no-deps --quiet";
            call(cargo(doc).env("RUSTDOCFLAGS", "-D warnings"))
        }),
    ];
    let failed = steps.iter().filter(|step| step.is_err()).count();
    if failed > 0 {
        bail!("{failed} of {} steps found something", steps.len());
    }
    Ok(())
}

fn report(findings: Vec<Finding>) -> Result<()> {
    for Finding { path, line, what } in &findings {
        match line {
            Some(line) => eprintln!("{path}:{line}: {what}"),
            None => eprintln!("{path}: {what}"),
        }
    }
    if !findings.is_empty() {
        bail!("{} found", findings.len());
    }
    Ok(())
}

/// Every file that is in the repository or about to be, relative to its root.
pub fn files() -> Result<Vec<String>> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root())
        .output()
        .context("calling git")?;
    if !output.status.success() {
        bail!("git ls-files: {}", String::from_utf8_lossy(&output.stderr));
    }
    let names = String::from_utf8(output.stdout).context("a file name that is not UTF-8")?;
    let names = names.split_terminator('\0').map(str::to_owned);
    // Removed, and not yet committed as removed.
    Ok(names.filter(|name| root().join(name).is_file()).collect())
}
