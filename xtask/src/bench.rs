//! `cargo xtask bench`: the promises on speed, each as a ratio measured in one run.

use anyhow::Result;

use crate::setup;
use crate::workspace::{call, cargo, step};

pub fn run(args: &[String]) -> Result<()> {
    setup::install(setup::BUILD, false)?;
    // The yardsticks are among the tests' tools.
    setup::install(setup::TESTS, false)?;
    step("build for release", || {
        call(&mut cargo("build --locked --release --workspace --bins"))
    })?;
    step("measure", || {
        let bench = "run --locked --release --quiet --package sealfold-tests --bin bench --";
        call(cargo(bench).args(args))
    })
}
