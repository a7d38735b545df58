//! Entries and bundles through the terminal: set, listed, moved, removed, restored.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod cli_shell;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use cli_shell::in_shell;
use sealfold_tests::home::{Home, Outcome};

/// A home with an agent and the bundle `api/dev`.
fn unlocked() -> Home {
    let home = Home::prepared();
    home.sealfold(["unlock"]).with_passphrase().run().success();
    home.sealfold(["bundle", "new", "api/dev"]).run().success();
    home
}

fn set(home: &Home, name: &str, value: &[u8]) -> Outcome {
    let call = home.sealfold(["set", name, "--stdin", "--keep-newline", "--no-input"]);
    call.stdin(value).run().success()
}

#[test]
fn values_come_back_byte_for_byte() {
    // threat 57
    let home = unlocked();
    for value in [
        &b"plain"[..],
        b"",
        b"=leading",
        b"two\nlines\n",
        b"$(touch hacked) `id` 'single' \"double\" \\",
        b"\xff\xfe not utf-8",
        b"with\0nul",
        "bidi \u{202e} and escape \u{1b}[2J".as_bytes(),
    ] {
        set(&home, "ANY", value);
        assert_eq!(home.sealfold(["get", "ANY"]).run().success().stdout, value);
        let json = home
            .sealfold(["get", "ANY", "--json"])
            .run()
            .success()
            .json();
        match std::str::from_utf8(value) {
            Ok(text) => assert_eq!(json["value"], text),
            Err(_) => assert!(json["value"]["base64"].is_string(), "{json}"),
        }
    }
}

#[test]
fn one_newline_goes_from_standard_input_and_none_from_a_file() {
    let home = unlocked();
    let get = || home.sealfold(["get", "X"]).run().success().stdout;
    for (piped, kept) in [("x\n", "x"), ("x\r\n", "x"), ("x\n\n", "x\n"), ("x", "x")] {
        home.sealfold(["set", "X", "--stdin"])
            .stdin(piped)
            .run()
            .success();
        assert_eq!(get(), kept.as_bytes(), "{piped:?}");
    }
    home.write("value", "from a file\n");
    home.sealfold(["set", "X", "--file", "value"])
        .run()
        .success();
    assert_eq!(get(), b"from a file\n");
}

#[test]
fn an_empty_pipe_is_said() {
    let home = unlocked();
    let said = home.sealfold(["set", "X", "--stdin"]).run().success();
    assert!(said.stderr.contains("empty"), "{said:?}");
}

#[test]
fn generated_values_are_long_and_never_the_same() {
    let home = unlocked();
    let generated = |args: &[&str]| {
        home.sealfold(["set", "G"]).command();
        let mut call = home.sealfold(["set", "G", "--generate"]);
        for arg in args {
            call = call.arg(arg);
        }
        let said = call.run().success();
        let value = home
            .sealfold(["get", "G"])
            .run()
            .success()
            .text()
            .to_owned();
        assert!(
            !format!("{said:?}").contains(&value),
            "the value is not shown"
        );
        value
    };
    let (first, second) = (generated(&[]), generated(&["48"]));
    assert_eq!((first.len(), second.len()), (32, 48));
    assert!(first.chars().all(|c| c.is_ascii_alphanumeric()), "{first}");
    assert!(!second.starts_with(&first[..16]));
    assert!(generated(&["200", "--symbols"]).contains(|c: char| c.is_ascii_punctuation()));
    home.sealfold(["set", "G", "--generate", "3"]).run().code(2);
}

#[test]
fn what_is_known_about_an_entry() {
    let home = unlocked();
    set(&home, "KEY", b"v");
    let about = home.sealfold([
        "set",
        "KEY",
        "--no-input",
        "--tag",
        "db",
        "--tag",
        "prod",
        "--note",
        "a remark",
        "--purpose",
        "tests",
        "--owner",
        "ann",
        "--expires",
        "2027-03-01",
        "--rotate-every",
        "12w",
    ]);
    about.run().success();
    let entry = home
        .sealfold(["ls", "--tag", "prod", "--json"])
        .run()
        .success()
        .json()[0]
        .clone();
    assert_eq!(entry["name"], "KEY");
    assert_eq!(entry["tags"], serde_json::json!(["db", "prod"]));
    let metadata = &entry["metadata"];
    assert!(
        metadata["note"].is_null(),
        "a note is as secret as a value: {entry}"
    );
    let note = || home.sealfold(["get", "KEY", "--field", "note"]).run();
    assert_eq!(note().success().text(), "a remark");
    assert_eq!(metadata["purpose"], "tests");
    assert_eq!(metadata["owner"], "ann");
    assert_eq!(
        metadata["expires"],
        1_803_859_200u64 + 86_400,
        "to the end of the day"
    );
    assert_eq!(metadata["rotate_every_days"], 84);
    assert_eq!(
        home.sealfold(["get", "KEY"]).run().success().text(),
        "v",
        "the value stays"
    );

    let clear = [
        "set",
        "KEY",
        "--no-input",
        "--expires",
        "never",
        "--rotate-every",
        "never",
    ];
    home.sealfold(clear)
        .arg("--note")
        .arg("")
        .arg("--tag")
        .arg("")
        .run()
        .success();
    let entry = home.sealfold(["ls", "--json"]).run().success().json()[0].clone();
    assert_eq!(entry["tags"], serde_json::json!([]));
    for cleared in ["expires", "rotate_every_days"] {
        assert!(entry["metadata"][cleared].is_null(), "{cleared}: {entry}");
    }
    note().code(10);
    assert_eq!(
        entry["metadata"]["owner"], "ann",
        "what was not named stays"
    );
}

#[test]
fn a_new_entry_needs_a_value() {
    let home = unlocked();
    let refused = home
        .sealfold(["set", "NEW", "--no-input", "--tag", "x"])
        .run()
        .code(3);
    assert!(refused.stderr.contains("--stdin"), "{refused:?}");
    home.sealfold(["get", "NEW"]).run().code(10);
}

#[test]
fn a_value_is_never_an_argument() {
    // threat 53
    let home = unlocked();
    for args in [
        ["set", "NAME", "hunter2"],
        ["set", "NAME=hunter2", "--no-input"],
    ] {
        let refused = home.sealfold(args).run().code(2);
        assert!(!refused.stderr.contains("hunter2"), "{refused:?}");
    }
}

#[test]
fn several_fields() {
    let home = unlocked();
    home.sealfold([
        "set", "SITE", "--kind", "login", "--field", "username", "--stdin",
    ])
    .stdin("ann")
    .run()
    .success();
    home.sealfold(["set", "SITE", "--field", "password", "--generate"])
        .run()
        .success();
    let got = home
        .sealfold(["get", "SITE", "--field", "username"])
        .run()
        .success();
    assert_eq!(got.text(), "ann");
    let read = home
        .sealfold(["read", "-n", "sealfold://api/dev/SITE#username"])
        .run()
        .success();
    assert_eq!(read.text(), "ann");
    let entry = home
        .sealfold(["ls", "--kind", "login", "--json"])
        .run()
        .success()
        .json();
    assert_eq!(entry[0]["fields"].as_array().unwrap().len(), 2);
    home.sealfold(["set", "SITE", "--without-field", "username", "--no-input"])
        .run()
        .success();
    home.sealfold(["get", "SITE", "--field", "username"])
        .run()
        .code(10);
}

#[test]
fn a_version_for_each_change_and_the_way_back() {
    let home = unlocked();
    set(&home, "V", b"one");
    set(&home, "V", b"two");
    let same = home
        .sealfold(["set", "V", "--stdin", "--json"])
        .stdin("two")
        .run()
        .success();
    assert_eq!(same.json()["change"], "same");
    let old = home
        .sealfold(["get", "V", "--version", "1"])
        .run()
        .success();
    assert_eq!(old.text(), "one");

    home.sealfold(["rm", "V"]).run().success();
    home.sealfold(["get", "V"]).run().code(10);
    let history = home
        .sealfold(["history", "V", "--json"])
        .run()
        .success()
        .json();
    let removals: Vec<bool> = history["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["removal"].as_bool().unwrap())
        .collect();
    assert_eq!(removals, [false, false, true]);

    home.sealfold(["restore", "V"]).run().success();
    assert_eq!(home.sealfold(["get", "V"]).run().success().text(), "two");
    home.sealfold(["restore", "V", "--version", "1"])
        .run()
        .success();
    assert_eq!(home.sealfold(["get", "V"]).run().success().text(), "one");
    for verb in ["restore", "get"] {
        let missing = home.sealfold([verb, "V", "--version", "99"]).run().code(10);
        assert!(missing.stderr.contains("has 5 versions"), "{missing:?}");
    }
}

#[test]
fn what_came_by_standard_input_says_so() {
    let home = Home::prepared();
    let import = home.sealfold(["import", "-", "-b", "api/dev"]);
    import.with_passphrase().stdin("A=1\n").run().success();
    let history = home.sealfold(["history", "A"]).with_passphrase().run();
    let origin = "imported from standard input";
    assert!(history.text().contains(origin), "{history:?}");
    let backup = home
        .sealfold(["backup", "create", "copy"])
        .with_passphrase();
    let backup = backup.run().success();
    assert!(backup.stderr.contains(" 1 entry, "), "{backup:?}");
}

#[test]
fn moved_and_renamed() {
    let home = unlocked();
    home.sealfold(["bundle", "new", "api/prod"]).run().success();
    home.sealfold(["set", "-b", "api/dev", "OLD", "--stdin"])
        .stdin("v")
        .run()
        .success();
    home.sealfold(["mv", "-b", "api/dev", "OLD", "NEW"])
        .run()
        .success();
    home.sealfold(["mv", "-b", "api/dev", "NEW", "--to-bundle", "api/prod"])
        .run()
        .success();
    let got = home
        .sealfold(["get", "sealfold://api/prod/NEW"])
        .run()
        .success();
    assert_eq!(got.text(), "v");
    home.sealfold(["get", "-b", "api/dev", "NEW"])
        .run()
        .code(10);
    home.sealfold(["mv", "-b", "api/dev", "NEW"]).run().code(2);
}

#[test]
fn a_dry_run_changes_nothing() {
    let home = unlocked();
    set(&home, "KEEP", b"v");
    home.write(".env", "A=1\n");
    for args in [
        &["set", "NEW", "--generate", "--dry-run"][..],
        &["rm", "KEEP", "--dry-run"],
        &["mv", "KEEP", "GONE", "--dry-run"],
        &["bundle", "new", "api/prod", "--dry-run"],
        &["bundle", "archive", "api/dev", "--dry-run"],
        &["import", ".env", "--dry-run"],
    ] {
        home.sealfold(args).run().success();
    }
    let names = home.sealfold(["ls", "--json"]).run().success().json();
    assert_eq!(names.as_array().unwrap().len(), 1, "{names}");
    let bundles = home
        .sealfold(["bundle", "ls", "--json"])
        .run()
        .success()
        .json();
    assert_eq!(bundles.as_array().unwrap().len(), 1, "{bundles}");
    assert_eq!(bundles[0]["archived"], false);
}

#[test]
fn nothing_is_removed_unless_all_is_there() {
    let home = unlocked();
    set(&home, "A", b"1");
    home.sealfold(["rm", "A", "NOT_THERE"]).run().code(10);
    home.sealfold(["get", "A"]).run().success();
}

#[test]
fn the_bundle_may_be_left_out_when_there_is_one() {
    let home = unlocked();
    set(&home, "A", b"1");
    home.sealfold(["bundle", "new", "api/prod"]).run().success();
    let unclear = home.sealfold(["get", "A"]).run().code(2);
    assert!(
        unclear.stderr.contains("-b"),
        "says what to do: {unclear:?}"
    );
    home.sealfold(["get", "A", "-b", "api/dev"]).run().success();
    home.sealfold(["get", "A", "-b", "api/none"]).run().code(10);
}

#[test]
fn an_archived_bundle_is_hidden_and_comes_back() {
    let home = unlocked();
    set(&home, "A", b"1");
    home.sealfold(["bundle", "archive", "api/dev"])
        .run()
        .success();
    let bundles = home
        .sealfold(["bundle", "ls", "--json"])
        .run()
        .success()
        .json();
    assert_eq!(bundles, serde_json::json!([]));
    let all = home
        .sealfold(["bundle", "ls", "--archived", "--json"])
        .run()
        .success()
        .json();
    assert_eq!(all[0]["archived"], true);
    home.sealfold(["bundle", "archive", "api/dev", "--undo"])
        .run()
        .success();
    assert_eq!(home.sealfold(["get", "A"]).run().success().text(), "1");
}

#[test]
fn tables_in_a_pipe_are_lines_of_tabs() {
    let home = unlocked();
    set(&home, "B", b"2");
    set(&home, "A", b"1");
    let listed = home.sealfold(["ls"]).run().success();
    let names: Vec<&str> = listed
        .text()
        .lines()
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    assert_eq!(names, ["A", "B"]);
    let only = home.sealfold(["ls", "B*"]).run().success();
    assert_eq!(only.text().lines().count(), 1);
    let long = home.sealfold(["ls", "-l"]).run().success();
    assert!(
        long.text()
            .lines()
            .all(|line| line.split('\t').count() == 13),
        "{long:?}"
    );
}

#[test]
fn a_secret_in_a_file_is_for_its_owner_and_replaces_nothing_unasked() {
    let home = unlocked();
    set(&home, "PEM", b"-----BEGIN-----\n");
    let out = home.path().join("key.pem");
    home.sealfold(["get", "PEM", "-o", "key.pem"])
        .run()
        .success();
    assert_eq!(fs::read(&out).unwrap(), b"-----BEGIN-----\n");
    assert_eq!(
        fs::metadata(&out).unwrap().permissions().mode() & 0o777,
        0o600
    );

    set(&home, "PEM", b"other");
    home.sealfold(["get", "PEM", "-o", "key.pem", "--no-input"])
        .run()
        .code(3);
    assert_eq!(fs::read(&out).unwrap(), b"-----BEGIN-----\n");
    home.sealfold(["get", "PEM", "-o", "key.pem", "--yes"])
        .run()
        .success();
    assert_eq!(fs::read(&out).unwrap(), b"other");
}

#[test]
fn an_export_is_read_by_a_shell_and_runs_nothing() {
    // threat 57
    let home = unlocked();
    let hostile = "$(touch hacked) `touch hacked` 'x' \"y\" \\ \n;touch hacked";
    set(&home, "HOSTILE", hostile.as_bytes());
    let script = "eval \"$(\"$0\" export --format shell)\"; printf %s \"$HOSTILE\"";
    let shown = in_shell(&home.sealfold(["export"]), "/bin/sh", script)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(shown.stdout).unwrap(), hostile);
    assert!(!home.path().join("hacked").exists());

    let json = home.sealfold(["export", "--json"]).run().success().json();
    assert_eq!(json["HOSTILE"], hostile);
    home.sealfold(["export", "-o", "out.env"]).run().success();
    let mode = fs::metadata(home.path().join("out.env"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_dotenv_file_that_a_shell_would_run_is_warned_of() {
    // threat 57
    let home = unlocked();
    set(&home, "STORED", b"$(touch hacked)");
    let stored = home.sealfold(["export"]).run().success();
    assert_eq!(stored.stderr, "");
    set(&home, "RUN", b"it's $(touch hacked)");
    let warned = home.sealfold(["export"]).run().success();
    assert!(warned.stderr.contains("RUN: a shell"), "{warned:?}");
    assert!(!warned.stderr.contains("STORED"), "{warned:?}");
    let shell = home.sealfold(["export", "--format", "shell"]).run();
    assert_eq!(shell.success().stderr, "");
}

#[test]
fn an_import_that_loses_something_ends_with_14() {
    let home = unlocked();
    let lossy = home
        .sealfold(["import", "-"])
        .stdin("GOOD=1\nthis is no assignment !!\n'unclosed\n")
        .run()
        .code(14);
    assert!(lossy.stderr.contains("line 2"), "{lossy:?}");
    assert_eq!(home.sealfold(["get", "GOOD"]).run().success().text(), "1");
}
