//! Holds the directions between the rooms: what ARCHITECTURE.md draws is a fact of the build.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Every package of ours, and those of ours that it may use, even in its tests.
const MAY_USE: &[(&str, &[&str])] = &[
    ("sealfold-crypto", &[]),
    ("sealfold-formats", &[]),
    // That a courier can't read the letter is a fact of the build.
    ("sealfold-remotes", &[]),
    ("sealfold-team", &["sealfold-crypto"]),
    ("sealfold-vault", &["sealfold-team", "sealfold-crypto"]),
    (
        "sealfold-app",
        &[
            "sealfold-vault",
            "sealfold-remotes",
            "sealfold-team",
            "sealfold-formats",
            "sealfold-crypto",
        ],
    ),
    ("sealfold-cli", &["sealfold-app"]),
    ("sealfold-desktop", &["sealfold-app"]),
    // Outside the house: it may look in, no room may lean on it.
    (
        HARNESS,
        &[
            "sealfold-app",
            "sealfold-vault",
            "sealfold-remotes",
            "sealfold-team",
            "sealfold-formats",
            "sealfold-crypto",
        ],
    ),
    ("xtask", &[]),
];

/// The harness: a room's tests may use it, the room itself may not.
const HARNESS: &str = "sealfold-tests";

/// The rooms without I/O, async or clock.
const PURE: [&str; 3] = ["sealfold-crypto", "sealfold-formats", "sealfold-team"];

/// What would bring I/O, async or a clock into a pure room, even through another crate.
const IMPURE: [&str; 12] = [
    "async-io",
    "async-std",
    "chrono",
    "hyper",
    "jiff",
    "keyring-core",
    "mio",
    "nix",
    "reqwest",
    "sqlx",
    "time",
    "tokio",
];

#[test]
fn rooms_use_only_the_rooms_below_them() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let allowed: BTreeMap<_, BTreeSet<_>> = MAY_USE
        .iter()
        .map(|(room, may)| (room.to_string(), may.iter().copied().collect()))
        .collect();
    let ours: BTreeSet<_> = metadata
        .packages
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    assert_eq!(
        ours,
        allowed.keys().cloned().collect(),
        "every package of the workspace stands in MAY_USE, and nothing else does"
    );

    for package in &metadata.packages {
        let used: BTreeSet<_> = package
            .dependencies
            .iter()
            .filter(|it| it.name != HARNESS || it.kind != DependencyKind::Development)
            .map(|dependency| dependency.name.as_str())
            // A room's tests may turn on a feature of the room itself.
            .filter(|name| ours.contains(*name) && *name != package.name.as_str())
            .collect();
        let forbidden: Vec<_> = used.difference(&allowed[package.name.as_str()]).collect();
        assert!(
            forbidden.is_empty(),
            "{} may not use {forbidden:?}",
            package.name
        );
    }
}

#[test]
fn pure_rooms_have_no_io_no_async_no_clock() {
    for room in PURE {
        let tree = Command::new(env!("CARGO"))
            .args(["tree", "--package", room, "--edges", "normal"])
            .args(["--prefix", "none", "--format", "{p}"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let text = String::from_utf8(tree.stdout).unwrap();
        let used: BTreeSet<_> = text
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        assert!(
            used.contains(room),
            "cargo tree: {}",
            String::from_utf8_lossy(&tree.stderr)
        );
        let impure: Vec<_> = IMPURE.iter().filter(|name| used.contains(*name)).collect();
        assert!(impure.is_empty(), "{room} brings in {impure:?}");
    }
}
