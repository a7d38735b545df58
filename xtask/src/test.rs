//! `cargo xtask test`: all of them, with the real tools that they look at.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::ceph::{self, Gateway};
use crate::workspace::{build_all, call, cargo, on_path, step};
use crate::{setup, take_flag, ui};

pub fn run(args: &[String]) -> Result<()> {
    let mut args = args.to_vec();
    let yes = take_flag(&mut args, "--yes");
    setup::install(setup::BUILD, yes)?;
    setup::install(setup::TESTS, yes)?;
    let tools = setup::install_readers()?;

    if take_flag(&mut args, "--ceph") {
        setup::install(setup::CEPH, yes)?;
        return with_ceph(&tools);
    }
    // The harness calls the built program, which the runners build for its own package only.
    build_all()?;
    // Whoever names tests wants those and not every example.
    if args.is_empty() {
        ui::test()?;
        step("documentation tests", || {
            let mut doc = cargo("test --locked --workspace --doc --quiet");
            call(with_tools(&mut doc, &tools))
        })?;
    }
    // Last and with nothing after it, so that the output ends with the runner's summary.
    eprintln!("── tests");
    call(with_tools(&mut runner(), &tools).args(&args))
}

/// What S3 has to do, on the real thing: the contract of a remote, and the walk of a team.
fn with_ceph(tools: &Path) -> Result<()> {
    build_all()?;
    let gateway = step("start Ceph's gateway", Gateway::start)?;
    for line in [
        "test --locked --workspace --test contract -- --exact s3::contract",
        "test --locked --workspace --test cli_team -- --exact walk::a_team_on_s3",
    ] {
        let mut test = cargo(line);
        test.env("SEALFOLD_TEST_S3", gateway.endpoint())
            .env("SEALFOLD_TEST_S3_KEY", ceph::ACCESS_KEY)
            .env("SEALFOLD_TEST_S3_SECRET", ceph::SECRET_KEY);
        call(with_tools(&mut test, tools))?;
    }
    Ok(())
}

/// nextest where it is installed; cargo's own runner does without.
fn runner() -> Command {
    if !on_path("cargo-nextest") {
        eprintln!("cargo-nextest is not installed: using cargo test");
        return cargo("test --locked --workspace --bins --lib --tests");
    }
    let mut nextest = cargo("nextest run --locked --workspace");
    if env::var_os("CI").is_some() {
        nextest.args(["--profile", "ci"]);
    }
    nextest
}

fn with_tools<'a>(command: &'a mut Command, tools: &Path) -> &'a mut Command {
    command.env("SEALFOLD_TEST_TOOLS", tools)
}
