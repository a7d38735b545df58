//! The rule core agrees with the model of the rules: on the scenarios that the protocol was argued
//! with, and on random histories with forks and backdating.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    missing_docs
)]

mod rules_notation;

use rules_notation::{beside, check, fresh, parse_all, vectors};
use sealfold_team as team;

// threats 25, 27, 28, 29, 41
#[test]
fn scenarios() {
    let lines: Vec<_> = parse_all(&vectors("scenarios.txt")).collect();
    assert!(lines.len() >= 31, "the file of scenarios is cut short");
    lines.iter().for_each(check);
}

#[test]
fn scenarios_of_the_design_where_they_are_there() {
    match beside("design/membership-scenarios.txt") {
        Some(path) => {
            parse_all(&std::fs::read_to_string(path).unwrap()).for_each(|line| check(&line))
        }
        None => eprintln!("skipped: the design is not beside the project"),
    }
}

// threats 25, 27, 28, 29, 41
#[test]
fn random_histories_on_file() {
    let lines: Vec<_> = parse_all(&vectors("random.txt")).collect();
    assert_eq!(
        lines.len(),
        2_000,
        "the file of random histories is cut short"
    );
    lines.iter().for_each(check);
}

#[test]
fn random_histories_fresh_from_the_model() {
    compare_with_model(10_000, 20_261);
}

/// SEALFOLD_HISTORIES_FILE names a file in the notation; without it the model makes
/// SEALFOLD_HISTORIES histories (100,000) from SEALFOLD_SEED (1).
#[test]
#[ignore = "takes minutes"]
fn very_many_random_histories() {
    if let Ok(path) = std::env::var("SEALFOLD_HISTORIES_FILE") {
        let agreed = parse_all(&std::fs::read_to_string(path).unwrap())
            .inspect(check)
            .count();
        return eprintln!("{agreed} histories on file agree");
    }
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    compare_with_model(
        number("SEALFOLD_HISTORIES").unwrap_or(100_000),
        number("SEALFOLD_SEED").unwrap_or(1),
    );
}

/// In portions: a million histories at once would fill the memory.
fn compare_with_model(count: u32, seed: u32) {
    const PORTION: u32 = 50_000;
    for (first, seed) in (0..count).step_by(PORTION as usize).zip(seed..) {
        let Some(lines) = fresh(PORTION.min(count - first), seed) else {
            return eprintln!("skipped: the model, or python3, is not here");
        };
        lines.iter().for_each(check);
    }
    eprintln!("{count} random histories agree with the model");
}
