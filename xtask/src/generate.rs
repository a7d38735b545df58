//! `cargo xtask generate`: files that are written from the program itself. They are checked in,
//! so that they can be read without building anything, and `check` holds them current.

mod threats;

use std::fs;

use anyhow::{Context, Result, bail};

use crate::check::Finding;
use crate::workspace::{build_all, call, cargo, root, sealfold};
use crate::{expect_none, setup};

/// A file, and the arguments with which `sealfold` prints it.
const GENERATED: &[(&str, &[&str])] = &[("docs/cli.md", &["docs", "reference"])];

pub fn run(args: &[String]) -> Result<()> {
    expect_none(args)?;
    setup::install(setup::BUILD, false)?;
    // The window's list of commands: a test holds it current, and writes it when it is told to.
    let table = "test --locked --workspace --lib --quiet the_list_of_commands_is_written_down";
    call(cargo(table).env("SEALFOLD_GENERATE", "1"))?;
    for (path, text) in texts()? {
        fs::write(root().join(path), text).with_context(|| format!("writing {path}"))?;
        eprintln!("written: {path}");
    }
    Ok(())
}

/// Finds those that `run` would write differently.
pub fn check() -> Result<Vec<Finding>> {
    let texts = texts()?.into_iter();
    let stale = texts
        .filter(|(path, text)| fs::read(root().join(path)).map_or(true, |found| found != *text));
    Ok(stale
        .map(|(path, _)| Finding {
            path: path.to_owned(),
            line: None,
            what: "not current: `cargo xtask generate` writes it".to_owned(),
        })
        .collect())
}

fn texts() -> Result<Vec<(&'static str, Vec<u8>)>> {
    build_all()?;
    let print = |(path, args): &(&'static str, &[&str])| {
        let output = sealfold()?
            .args(*args)
            .output()
            .context("starting sealfold")?;
        if !output.status.success() {
            let talk = String::from_utf8_lossy(&output.stderr);
            bail!("{path}: sealfold {}: {talk}", args.join(" "));
        }
        Ok((*path, output.stdout))
    };
    let mut texts: Vec<_> = GENERATED.iter().map(print).collect::<Result<_>>()?;
    texts.push((threats::PATH, threats::text()?));
    Ok(texts)
}
