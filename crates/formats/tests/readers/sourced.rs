//! A `.env` file that is sourced in a shell runs nothing, or we said that it could (threat 57).

use std::fs;
use std::process::{Command, Stdio};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sealfold_formats::dotenv::Dialect;
use sealfold_formats::export::{Format, write};

use crate::dotenv_export::HOSTILE;
use crate::shells::{SHELLS, is_installed};

const FORMATS: [Format; 4] = [
    Format::Dotenv,
    Format::DotenvFor(Dialect::Node),
    Format::DotenvFor(Dialect::Python),
    Format::DotenvFor(Dialect::Compose),
];

/// What values are made of here: everything that opens, closes or hides something.
const PIECES: [&str; 16] = [
    "$(touch CANARY)",
    "`touch CANARY`",
    ";touch CANARY;",
    "\ntouch CANARY\n",
    "${V0:-$(touch CANARY)}",
    "${V0",
    "'",
    "'",
    "\"",
    "\"",
    "\\",
    "$",
    "`",
    "\n",
    " #",
    "a b",
];

fn values() -> Vec<String> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[8; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let made =
        proptest::collection::vec(proptest::sample::select(&PIECES), 1..6).prop_map(|p| p.concat());
    let mut values: Vec<String> = HOSTILE.iter().map(|v| (*v).to_owned()).collect();
    values.extend((0..400).map(|_| made.new_tree(&mut runner).unwrap().current()));
    values
}

/// The line of each value that can be written, and whether shells were said to only store it.
fn lines(format: Format) -> Vec<(String, bool)> {
    let values = values();
    let entries = values.iter().enumerate().filter_map(|(number, value)| {
        let name = format!("V{number}");
        let written = write(&[(&name, value.as_bytes())], format).ok()?;
        let line = String::from_utf8(written.expose().to_vec()).unwrap();
        Some((line, written.not_for_shells.is_empty()))
    });
    entries.collect()
}

/// What a shell says about this file when it is sourced, and whether it ran a command in it.
fn source(shell: &[&str], file: &str) -> (String, bool) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secrets.env"), file).unwrap();
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .args(["-c", "set -a; . ./secrets.env"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (said, folder.path().join("CANARY").exists())
}

// threat 57
#[test]
fn a_sourced_dotenv_file_runs_nothing_or_that_was_said() {
    for format in FORMATS {
        let (stored, told): (Vec<_>, Vec<_>) =
            lines(format).into_iter().partition(|(_, inert)| *inert);
        assert!(stored.len() > 50, "{format:?}: most can be stored");
        let file: String = stored.iter().map(|(line, _)| line.as_str()).collect();
        for shell in SHELLS.iter().filter(|shell| is_installed(shell[0])) {
            assert_eq!(
                source(shell, &file),
                (String::new(), false),
                "{shell:?} and {format:?}"
            );
            let mut told = told.iter();
            assert!(
                told.any(|(line, _)| source(shell, line).1),
                "the attack itself works in {shell:?}"
            );
        }
    }
}

// threat 57
#[test]
fn what_a_shell_would_run_is_said_by_its_place() {
    const NONE: [usize; 0] = [];
    let said = |value: &str, format| {
        let entries: [(&str, &[u8]); 2] = [("OK", b"it's"), ("X", value.as_bytes())];
        write(&entries, format).unwrap().not_for_shells.clone()
    };
    assert_eq!(said("it's $(touch CANARY)", Format::Dotenv), [1]);
    assert_eq!(said("$(touch CANARY)", Format::Dotenv), NONE);
    assert_eq!(said("it's plain", Format::Dotenv), NONE);
    // Compose knows an escape that shells know too.
    let compose = Format::DotenvFor(Dialect::Compose);
    assert_eq!(said("it's $(touch CANARY)", compose), NONE);
    // Other formats are not for sourcing, or made for it.
    assert_eq!(said("it's $(touch CANARY)", Format::Shell), NONE);
    assert_eq!(said("it's $(touch CANARY)", Format::Json), NONE);

    // A harmless value under a name that shells evaluate.
    let named = write(
        &[("A", b"1"), ("RANDOM", b"PATH[$(touch CANARY)]")],
        Format::Dotenv,
    );
    assert_eq!(named.unwrap().not_for_shells, [1]);
}
