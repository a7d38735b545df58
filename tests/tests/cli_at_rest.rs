//! What of a vault can be read from the disk without its keys: nothing that a person wrote.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::fs;
use std::path::Path;

use sealfold_tests::home::{Home, PASSPHRASE};

/// Everything that was typed in, each word found nowhere else.
const WORDS: [&str; 11] = [
    "harpsichord",
    "quicksilver",
    "VELVETEEN",
    "marzipan",
    "bergamot",
    "rhubarb",
    "cinnabar",
    "TAMARIND",
    "saffron",
    "verdigris",
    PASSPHRASE,
];

/// The words that some file below holds as they are.
fn readable(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.extend(readable(&entry.path()));
        } else if kind.is_file() {
            let bytes = fs::read(entry.path()).unwrap();
            let holds = |word: &&&str| bytes.windows(word.len()).any(|at| at == word.as_bytes());
            let words = WORDS.iter().filter(holds);
            found.extend(words.map(|word| format!("{word} in {}", entry.path().display())));
        }
    }
    found
}

#[test]
fn no_name_and_no_value_is_in_plain_on_the_disk() {
    // threats 19 and 47
    let home = Home::prepared();
    let run = |args: &[&str]| home.sealfold(args).run().success();
    home.sealfold(["unlock"]).with_passphrase().run().success();
    run(&["bundle", "new", "harpsichord/quicksilver"]);
    let about = [
        "set",
        "VELVETEEN",
        "--stdin",
        "--tag",
        "marzipan",
        "--purpose",
        "bergamot",
        "--owner",
        "rhubarb",
        "--note",
        "cinnabar",
    ];
    home.sealfold(about).stdin("saffron").run().success();
    home.write("other.env", "TAMARIND=verdigris\n");
    run(&["import", "other.env"]);
    fs::remove_file(home.path().join("other.env")).unwrap();
    run(&["get", "VELVETEEN"]);
    run(&["mv", "VELVETEEN", "VELVETEEN2"]);
    run(&["run", "--", "true"]);
    fs::remove_file(home.passphrase_file()).unwrap();
    let none: Vec<String> = Vec::new();
    assert_eq!(readable(home.path()), none, "while the vault is open");
    run(&["rm", "VELVETEEN2"]);
    run(&["lock"]);
    assert_eq!(readable(home.path()), none, "once it is locked");
}
