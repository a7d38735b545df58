//! `cargo xtask bench`: the promises on speed, each as a ratio measured in one run.

use anyhow::Result;

use crate::workspace::{call, cargo, step};
use crate::{setup, ui};

/// Parts that are tests of the room itself, for they count each request of many vaults at one remote:
/// name, test, and whether it is among those that run when none is named.
const INSIDE: [(&str, &str, bool); 2] = [
    ("scale", "sync::tests::figures::at_full_scale", true),
    (
        "year",
        "sync::tests::figures::a_year_of_fifty_members",
        false,
    ),
];

/// The part that has a half of its own in the real window.
const WINDOW: &str = "window";

pub fn run(args: &[String]) -> Result<()> {
    setup::install(setup::BUILD, false)?;
    // The yardsticks are among the tests' tools.
    setup::install(setup::TESTS, false)?;
    ui::ensure_built()?;
    step("build for release", || {
        let line = "build --locked --release --workspace --bins --example empty";
        call(&mut cargo(line))
    })?;
    for (name, test, always) in INSIDE {
        if args.iter().any(|arg| arg == name) || (args.is_empty() && always) {
            let line =
                "test --locked --release --package sealfold-app --lib -- --ignored --nocapture";
            step(name, || call(cargo(line).args(["--exact", test])))?;
        }
    }
    if args.is_empty() || args.iter().any(|arg| arg == WINDOW) {
        in_the_window()?;
    }
    let named: Vec<&String> = args
        .iter()
        .filter(|arg| INSIDE.iter().all(|(name, ..)| arg != name))
        .collect();
    if named.is_empty() && !args.is_empty() {
        return Ok(());
    }
    step("measure", || {
        let bench = "run --locked --release --quiet --package sealfold-tests --bin bench --";
        call(cargo(bench).args(named))
    })
}

/// The list and the search, driven like a person would. What is built for release refuses to be
/// driven: this is the same but for that.
fn in_the_window() -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    ui::weigh()?;
    step("build for journeys", || {
        let line = "build --locked --profile journey --workspace --bins";
        call(&mut cargo(line))
    })?;
    step("a long list", || {
        let line = "test --locked --profile journey --workspace --test window";
        let figures = ["--", "--ignored", "--nocapture", "figures"];
        call(cargo(line).args(figures))
    })
}
