//! What a script may rely on, line by line as the product promises it: if one of these lines has
//! to change, other people's scripts break.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use sealfold_tests::home::{Home, PASSPHRASE};

#[test]
fn the_script_of_the_promise() {
    let home = Home::empty();
    let pass = home.passphrase_file();
    let pass = pass.to_str().unwrap();

    // sealfold init --passphrase-file pass --no-input
    let made = home
        .sealfold([
            "init",
            "--passphrase-file",
            pass,
            "--no-input",
            "--unlock-millis",
            "1",
        ])
        .run()
        .success();
    assert!(made.stdout.is_empty(), "talk goes to stderr: {made:?}");
    assert_eq!(words_in(&made.stderr).len(), 24, "{made:?}");

    // sealfold unlock --passphrase-file pass --no-input
    home.sealfold(["unlock", "--passphrase-file", pass, "--no-input"])
        .run()
        .success();

    // sealfold import .env -b api/dev --no-input, or - for standard input
    home.write(".env", "DATABASE_URL=postgres://localhost/app\nEMPTY=\n");
    home.sealfold(["import", ".env", "-b", "api/dev", "--no-input"])
        .run()
        .success();
    home.sealfold(["import", "-", "-b", "api/dev", "--no-input"])
        .stdin("FROM_STDIN=yes\n")
        .run()
        .success();

    // sealfold set -b api/dev NAME --stdin < value
    home.sealfold(["set", "-b", "api/dev", "NAME", "--stdin"])
        .stdin("value")
        .run()
        .success();

    // sealfold get -b api/dev NAME: no newline when piped
    let got = home
        .sealfold(["get", "-b", "api/dev", "NAME"])
        .run()
        .success();
    assert_eq!(got.text(), "value");
    let url = home
        .sealfold(["get", "-b", "api/dev", "DATABASE_URL"])
        .run()
        .success();
    assert_eq!(url.text(), "postgres://localhost/app");

    // sealfold run -b api/dev -- env
    let env = home
        .sealfold(["run", "-b", "api/dev", "--", "env"])
        .run()
        .success();
    for line in ["NAME=value", "FROM_STDIN=yes", "EMPTY="] {
        assert!(
            env.text().lines().any(|shown| shown == line),
            "{line}: {env:?}"
        );
    }

    // sealfold status --json has "locked"; sealfold agent status --json has "pid" while it runs
    let status = home.sealfold(["status", "--json"]).run().success().json();
    assert_eq!(status["locked"], false);
    let pid = home
        .sealfold(["agent", "status", "--json"])
        .run()
        .success()
        .json()["pid"]
        .as_u64();
    assert!(fs::exists(format!("/proc/{}", pid.unwrap())).unwrap());
    home.sealfold(["lock"]).run().success();
    let status = home.sealfold(["status", "--json"]).run().success().json();
    assert_eq!(status["locked"], true);
    home.sealfold(["agent", "status", "--json"]).run().code(10);
}

#[test]
fn recovery_words_go_to_the_file_that_is_named() {
    let home = Home::empty();
    let made = home
        .sealfold(["init", "--recovery-file", "words", "--unlock-millis", "1"])
        .with_passphrase()
        .run()
        .success();
    let words = home.path().join("words");
    let text = fs::read_to_string(&words).unwrap();
    assert_eq!(text.lines().next().unwrap().split(' ').count(), 24);
    assert_eq!(
        fs::metadata(&words).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(
        words_in(&made.stderr).is_empty(),
        "not on the screen as well"
    );

    // What was written is what recovery takes.
    home.write("new", "another passphrase\n");
    home.sealfold([
        "recovery",
        "use",
        "--words-file",
        "words",
        "--new-passphrase-file",
        "new",
    ])
    .arg("--no-input")
    .run()
    .success();
    home.sealfold(["ls", "--passphrase-file", "new", "--no-input"])
        .run()
        .success();
    home.sealfold(["ls"]).with_passphrase().run().code(12);
}

#[test]
fn two_homes_are_two_people() {
    let (ann, bob) = (Home::prepared(), Home::prepared());
    let set = |home: &Home, value: &str| {
        home.sealfold(["bundle", "new", "api/dev"])
            .with_passphrase()
            .run()
            .success();
        let set = home.sealfold(["set", "-b", "api/dev", "WHO", "--stdin"]);
        set.with_passphrase().stdin(value).run().success();
    };
    set(&ann, "ann");
    set(&bob, "bob");
    for (home, name) in [(&ann, "ann"), (&bob, "bob")] {
        let got = home
            .sealfold(["get", "WHO"])
            .with_passphrase()
            .run()
            .success();
        assert_eq!(got.text(), name);
    }
}

#[test]
fn the_environment_names_another_vault() {
    let home = Home::prepared();
    let there = home.path().join("elsewhere/my.vault");
    let call = |args: &[&str]| home.sealfold(args).env("SEALFOLD_VAULT", &there);
    call(&["status", "--json"]).run().success();
    call(&["init", "--unlock-millis", "1", "--recovery-file", "w"])
        .with_passphrase()
        .run()
        .success();
    assert!(there.is_file());
    let path = call(&["status", "--json"]).run().success().json()["path"].clone();
    assert_eq!(path.as_str(), there.to_str());
    // The option wins over the variable.
    let other = call(&["status", "--json", "--vault", "none"])
        .run()
        .success()
        .json();
    assert_eq!(other["exists"], false);
}

#[test]
fn a_passphrase_on_standard_input_is_its_first_line() {
    let home = Home::prepared();
    let with = |args: &[&str], rest: &str| {
        home.sealfold(["--passphrase-file", "-"].iter().chain(args))
            .stdin(format!("{PASSPHRASE}\n{rest}"))
            .run()
            .success()
    };
    with(&["import", "-", "-b", "api/dev"], "A=1\n");
    with(&["set", "B", "--stdin"], "two\n");
    assert_eq!(with(&["get", "B"], "").text(), "two");
    assert_eq!(
        with(&["run", "--", "cat"], "what follows\n").text(),
        "what follows\n"
    );
}

/// The words of the block that the recovery words are shown in.
fn words_in(shown: &str) -> Vec<&str> {
    let block = shown
        .lines()
        .filter(|line| line.starts_with("    ") && !line.contains("  team"));
    block
        .flat_map(str::split_whitespace)
        .filter(|word| word.chars().all(|c| c.is_ascii_lowercase()))
        .filter(|word| !["team", "genesis"].contains(word))
        .collect()
}
