//! `cargo xtask bench`: the promises on speed, each as a ratio measured in one run.

use anyhow::Result;

use crate::setup;
use crate::workspace::{call, cargo, step};

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

pub fn run(args: &[String]) -> Result<()> {
    setup::install(setup::BUILD, false)?;
    // The yardsticks are among the tests' tools.
    setup::install(setup::TESTS, false)?;
    step("build for release", || {
        call(&mut cargo("build --locked --release --workspace --bins"))
    })?;
    for (name, test, always) in INSIDE {
        if args.iter().any(|arg| arg == name) || (args.is_empty() && always) {
            let line =
                "test --locked --release --package sealfold-app --lib -- --ignored --nocapture";
            step(name, || call(cargo(line).args(["--exact", test])))?;
        }
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
