//! `edit` through the terminal, with editors that are scripts.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sealfold_tests::home::{Call, Home};

fn with_bundle() -> Home {
    let home = Home::prepared();
    home.sealfold(["unlock"]).with_passphrase().run().success();
    let import = home.sealfold(["import", "-", "-b", "api/dev"]);
    import.stdin("A=1\nB='two words'\n").run().success();
    home
}

/// An editor that is a shell script with the file in `$1`.
fn editor(home: &Home, script: &str) -> PathBuf {
    let path = home.write("editor", format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path
}

fn edit(home: &Home, args: &[&str], script: &str) -> Call {
    let call = home.sealfold(["edit", "-b", "api/dev"].iter().chain(args));
    call.env("EDITOR", editor(home, script))
}

fn get(home: &Home, name: &str) -> String {
    let got = home.sealfold(["get", "-b", "api/dev", name]).run();
    got.success().text().to_owned()
}

/// The process id of `sealfold`, for an editor: its parent is a shell.
const CALL: &str = "call=$(cut -d' ' -f4 /proc/$PPID/stat)";

/// Where the editor found its file, by what it wrote down.
fn noted(home: &Home) -> PathBuf {
    let noted = fs::read_to_string(home.path().join("noted")).unwrap();
    PathBuf::from(noted.trim_end())
}

fn note(home: &Home) -> String {
    format!(
        "printf %s \"$1\" > '{}'",
        home.path().join("noted").display()
    )
}

#[test]
fn one_value_in_a_file_that_is_private_and_goes() {
    // threat 54
    let home = with_bundle();
    let script = format!(
        "{}; stat -c %a \"$1\" \"$(dirname \"$1\")\" > '{}'; stat -f -c %T \"$1\" >> '{}'; env >> '{}'; sed -i s/two/three/ \"$1\"; cp \"$1\" \"$1~\"",
        note(&home),
        home.path().join("modes").display(),
        home.path().join("modes").display(),
        home.path().join("modes").display()
    );
    edit(&home, &["B"], &script).run().success();
    assert_eq!(get(&home, "B"), "three words");
    let modes = fs::read_to_string(home.path().join("modes")).unwrap();
    assert!(modes.starts_with("600\n700\ntmpfs\n"), "{modes}");
    assert!(
        !modes.contains("SEALFOLD_"),
        "our own variables go to no program"
    );
    let folder = noted(&home).parent().unwrap().to_owned();
    assert!(!folder.exists(), "{}", folder.display());

    let same = edit(&home, &["B"], "true").run().success();
    assert!(same.stderr.contains("Nothing was changed"));
    let empty = edit(&home, &["B"], ": > \"$1\"").run().code(3);
    assert!(empty.stderr.contains("empty"), "{empty:?}");
    assert_eq!(get(&home, "B"), "three words");
}

#[test]
fn a_whole_bundle_is_saved_after_a_look() {
    let home = with_bundle();
    let script = "printf 'C=3\\n' >> \"$1\"; sed -i -e /^A=/d -e 's/two/2/' \"$1\"";
    let refused = edit(&home, &["--no-input"], script).run().code(3);
    assert!(refused.stderr.contains("--no-input"));
    let rehearsed = edit(&home, &["--dry-run"], script).run().success();
    assert_eq!(
        rehearsed.text(),
        "B\tchanged\nC\tnew\nA\tremoved\n",
        "{rehearsed:?}"
    );
    assert_eq!(get(&home, "A"), "1");
    let mut terminal = edit(&home, &[], script).on_terminal();
    terminal.expect("Save it in api/dev?");
    terminal.type_in("y\r");
    terminal.expect("Saved 1 new, 1 changed, 1 removed in api/dev.");
    terminal.wait_for_code(0);
    assert_eq!(
        (get(&home, "B"), get(&home, "C")),
        ("2 words".to_owned(), "3".to_owned())
    );
    home.sealfold(["get", "-b", "api/dev", "A"]).run().code(10);
    home.sealfold(["restore", "-b", "api/dev", "A"])
        .run()
        .success();
}

#[test]
fn what_came_between_is_a_conflict_and_no_loss() {
    let home = with_bundle();
    let sealfold = home.sealfold([""]).command().get_program().to_owned();
    let set = format!(
        "SEALFOLD_HOME='{}' '{}' set -b api/dev LATE --generate -q --no-input",
        home.sealfold_home().display(),
        Path::new(&sealfold).display()
    );
    let script = format!("{set}; sed -i s/two/2/ \"$1\"");
    let refused = edit(&home, &["--yes"], &script).run().code(15);
    assert!(refused.stderr.contains("changed since"), "{refused:?}");
    assert_eq!(get(&home, "B"), "two words");
    assert_eq!(get(&home, "LATE").len(), 32);

    // A person can look what their text would do to what is there now.
    let mut terminal = edit(&home, &[], &script).on_terminal();
    terminal.expect("Compare your text with what is there now?");
    terminal.type_in("y\r");
    terminal.expect("Save it in api/dev?");
    terminal.type_in("y\r");
    terminal.wait_for_code(0);
    assert_eq!(get(&home, "B"), "2 words");

    let set = set.replace("LATE", "B");
    edit(&home, &["B"], &format!("{set}; echo mine > \"$1\""))
        .run()
        .code(15);
    assert_ne!(get(&home, "B"), "mine");
}

#[test]
fn a_line_that_cannot_be_kept_is_edited_again() {
    let home = with_bundle();
    let broken = "sed -i 's/^A=1/A 1/' \"$1\"";
    let refused = edit(&home, &["--yes"], broken).run().code(2);
    assert!(refused.stderr.contains("line 3"), "{refused:?}");
    assert_eq!(get(&home, "A"), "1");
    let script =
        format!("if grep -q '^A 1' \"$1\"; then sed -i 's/^A 1/A=5/' \"$1\"; else {broken}; fi");
    let mut terminal = edit(&home, &[], &script).on_terminal();
    terminal.expect("Edit it again?");
    terminal.type_in("y\r");
    terminal.expect("Save it in api/dev?");
    terminal.type_in("y\r");
    terminal.wait_for_code(0);
    assert_eq!(get(&home, "A"), "5");
}

#[test]
fn an_editor_that_fails_changes_nothing_and_leaves_nothing() {
    // threat 54
    let home = with_bundle();
    let script = format!("{}; echo other > \"$1\"; exit 1", note(&home));
    edit(&home, &["B"], &script).run().code(3);
    assert_eq!(get(&home, "B"), "two words");
    assert!(!noted(&home).exists());
    let none = home.sealfold(["edit", "-b", "api/dev", "B"]).run().code(10);
    assert!(none.stderr.contains("EDITOR"), "{none:?}");
}

#[test]
fn a_signal_leaves_nothing() {
    // threat 54: the terminal is closed, or the call is ended, while the editor is open.
    let home = with_bundle();
    for signal in ["TERM", "HUP"] {
        let script = format!(
            "{}; {CALL}; kill -{signal} $call; while grep -qs '^State:.[^Z]' /proc/$call/status; do :; done",
            note(&home)
        );
        let ended = edit(&home, &["B"], &script).run();
        assert!(!ended.status.success(), "{ended:?}");
        assert!(!noted(&home).parent().unwrap().exists(), "{signal}");
    }
    // An interrupt is the editor's own business.
    let script = format!("{CALL}; kill -INT $call $PPID; sed -i s/two/2/ \"$1\"");
    edit(&home, &["B"], &script).run().success();
    assert_eq!(get(&home, "B"), "2 words");
}
