//! Help, usage errors and the reference, which are text that people and scripts see.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    missing_docs
)]

use std::fs;
use std::path::Path;

use sealfold_tests::home::Home;

#[test]
fn help_and_usage_errors() {
    let home = Home::empty();
    trycmd::TestCases::new()
        .register_bin(
            "sealfold",
            Path::new(home.sealfold([""]).command().get_program()),
        )
        .env("SEALFOLD_HOME", "/nonexistent/sealfold")
        .case("tests/cli_usage/*.trycmd");
}

#[test]
fn the_reference_is_current() {
    let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let made = Home::empty()
        .sealfold(["docs", "reference"])
        .run()
        .success();
    assert_eq!(
        fs::read_to_string(written).unwrap(),
        made.text(),
        "sealfold docs reference > docs/cli.md"
    );
}

#[test]
fn every_command_says_how_it_is_used() {
    let reference = Home::empty()
        .sealfold(["docs", "reference"])
        .run()
        .success();
    let commands: Vec<&str> = reference
        .text()
        .lines()
        .filter_map(|line| line.strip_prefix("### sealfold "))
        .collect();
    assert!(commands.len() > 35, "{commands:?}");
    for command in commands {
        let help = Home::empty()
            .sealfold(command.split(' '))
            .arg("--help")
            .run()
            .success();
        let group = help.text().contains("<COMMAND>") && !help.text().contains("[COMMAND]");
        assert!(
            help.text().contains("Example") || group || command == "audit",
            "{command}"
        );
    }
}

#[test]
fn completions_are_read_by_their_shells() {
    let home = Home::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.sealfold(["completions", shell]).run().success();
        assert!(script.text().contains("sealfold"), "{shell}");
        let path = home.write(shell, &script.stdout);
        if ["bash", "zsh"].contains(&shell) {
            match std::process::Command::new(shell)
                .arg("-n")
                .arg(path)
                .status()
            {
                Ok(status) => assert!(status.success(), "{shell}"),
                Err(error) => eprintln!("skipped: no {shell} here ({error})"),
            }
        }
    }
}

#[test]
fn man_pages_for_every_command() {
    let home = Home::empty();
    home.sealfold(["docs", "man", "."]).run().success();
    for page in [
        "sealfold.1",
        "sealfold-get.1",
        "sealfold-slot-add-keychain.1",
    ] {
        assert!(
            fs::read_to_string(home.path().join(page))
                .unwrap()
                .contains(".TH"),
            "{page}"
        );
    }
    home.sealfold(["docs", "man", "none"]).run().code(18);
}
