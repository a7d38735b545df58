//! What the system may lack or put in the way: a clear sentence, the right exit code, nothing
//! lost.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod cli_shell;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;

use cli_shell::in_shell;
use sealfold_tests::home::Home;

fn unlocked() -> Home {
    let home = Home::prepared();
    home.sealfold(["unlock"]).with_passphrase().run().success();
    home.sealfold(["import", "-", "-b", "api/dev"])
        .stdin("A=1\nB=2\n")
        .run()
        .success();
    home
}

#[test]
fn no_home_folder() {
    let mut command = Home::empty().sealfold(["status"]).command();
    command.env_clear().current_dir("/").stdin(Stdio::null());
    let outcome = command.output().unwrap();
    // The system may still know the user's folder; then there is just no vault in it.
    if outcome.status.code() != Some(0) {
        assert_eq!(outcome.status.code(), Some(2), "{outcome:?}");
        assert!(
            String::from_utf8_lossy(&outcome.stderr).contains("SEALFOLD_HOME"),
            "{outcome:?}"
        );
    }
}

#[test]
fn no_vault_yet() {
    let home = Home::empty();
    for args in [
        &["ls"][..],
        &["unlock"],
        &["lock"],
        &["get", "A"],
        &["recovery", "use"],
    ] {
        let failed = home.sealfold(args).arg("--no-input").run().code(10);
        assert!(
            failed.stderr.contains("sealfold init") || failed.stderr.contains("--remote"),
            "says what to do: {failed:?}"
        );
    }
    let status = home.sealfold(["status", "--json"]).run().success().json();
    assert_eq!(
        (&status["exists"], &status["locked"]),
        (&false.into(), &true.into())
    );
}

#[test]
fn names_and_paths_that_are_not_utf_8() {
    let home = unlocked();
    let odd = OsStr::from_bytes(b"\xff\xfe");
    home.sealfold(["get"]).arg(odd).run().code(2);
    home.sealfold(["set", "X", "--stdin", "--tag"])
        .arg(odd)
        .run()
        .code(2);
    home.sealfold(["backup", "create"]).arg(odd).run().code(2);

    // A path need not be text, nor an argument of the program.
    fs::write(home.path().join(odd), "ODD=file\n").unwrap();
    home.sealfold(["import"]).arg(odd).run().success();
    home.sealfold(["get", "A", "-o"])
        .arg(odd)
        .arg("--yes")
        .run()
        .success();
    assert_eq!(fs::read(home.path().join(odd)).unwrap(), b"1");
    let echoed = home
        .sealfold(["run", "--", "printf", "%s"])
        .arg(odd)
        .run()
        .success();
    assert_eq!(echoed.stdout, b"\xff\xfe");
    let kept = home
        .sealfold(["run", "--", "printenv", "ODD_VALUE"])
        .env("ODD_VALUE", odd);
    assert_eq!(kept.run().success().stdout, b"\xff\xfe\n");

    // A home that is not text: SQLite could not open the vault there.
    let there = home.path().join(odd).with_extension("home");
    let status = home.sealfold(["status"]).env("SEALFOLD_HOME", &there);
    let status = status.run().code(2);
    assert!(status.stderr.contains("SEALFOLD_HOME"), "{status:?}");
}

#[test]
fn a_reader_that_has_enough() {
    let home = unlocked();
    for command in [
        "ls",
        "completions bash",
        "export",
        "audit",
        "docs reference",
    ] {
        let call = home.sealfold(["ls"]);
        let script = format!("{{ \"$0\" {command}; echo \"code $?\" >&2; }} | true");
        let done = in_shell(&call, "/bin/sh", &script).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(
            said.trim(),
            "code 0",
            "{command}: quiet, whoever was faster"
        );
    }
}

#[test]
fn a_reader_that_was_never_there() {
    let home = unlocked();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = home.sealfold(["get", "A"]).command();
    let done = command
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let done = done.wait_with_output().unwrap();
    assert_eq!(
        (done.status.code(), done.stderr.as_slice()),
        (Some(0), &b""[..])
    );
}

#[test]
fn a_full_disk_behind_standard_output() {
    let home = unlocked();
    for args in [&["get", "A"][..], &["ls"], &["ls", "--json"], &["export"]] {
        let mut command = home.sealfold(args).command();
        let full = File::options().write(true).open("/dev/full").unwrap();
        let done = command.stdout(full).stderr(Stdio::piped()).spawn().unwrap();
        let done = done.wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(18), "{args:?}");
        assert!(
            String::from_utf8_lossy(&done.stderr).contains("Standard output"),
            "{args:?}"
        );
    }
}

#[test]
fn a_full_disk_behind_a_file() {
    let home = unlocked();
    home.sealfold(["get", "A", "-o", "/dev/full"])
        .run()
        .code(18);
    let failed = home
        .sealfold(["get", "A", "-o", "no/such/folder/file"])
        .run()
        .code(18);
    assert!(failed.stderr.contains("no/such/folder/file"), "{failed:?}");
}

#[test]
fn streams_that_are_closed() {
    let home = unlocked();
    let call = home.sealfold(["ls"]);
    let code = |script: &str| {
        in_shell(&call, "/bin/sh", script)
            .output()
            .unwrap()
            .status
            .code()
    };
    assert_eq!(code("exec \"$0\" ls <&-"), Some(0));
    assert_eq!(code("exec \"$0\" ls 2>&-"), Some(0));
    assert_eq!(
        code("exec \"$0\" get NONE 2>&-"),
        Some(10),
        "the code still tells"
    );
    assert_eq!(code("exec \"$0\" ls >&-"), Some(0));
}

#[test]
fn a_locale_without_letters_changes_nothing() {
    let home = unlocked();
    home.sealfold(["set", "ÄÖ_鍵", "--stdin"])
        .stdin("ü")
        .run()
        .success();
    let listed = home
        .sealfold(["ls"])
        .env("LANG", "C")
        .env("LC_ALL", "C")
        .run()
        .success();
    assert!(listed.text().contains("ÄÖ_鍵"), "{listed:?}");
    let got = home
        .sealfold(["get", "ÄÖ_鍵"])
        .env("LC_ALL", "C")
        .run()
        .success();
    assert_eq!(got.text(), "ü");
}

#[test]
fn an_endless_input_ends() {
    // threat 13
    let home = unlocked();
    home.sealfold(["import", "/dev/zero", "-b", "api/dev"])
        .run()
        .code(2);
    home.sealfold(["set", "X", "--file", "/dev/zero"])
        .run()
        .code(2);
    let mut reader = home
        .sealfold(["ls", "--no-agent", "--passphrase-file", "/dev/zero"])
        .command();
    assert_eq!(reader.output().unwrap().status.code(), Some(2));
}

#[test]
fn files_that_cannot_be_read() {
    let home = unlocked();
    let failed = home.sealfold(["import", "none.env"]).run().code(10);
    assert!(failed.stderr.contains("none.env"), "{failed:?}");
    home.sealfold(["import", "/"]).run().code(18);
    home.sealfold(["ls", "--no-agent", "--passphrase-file", "none"])
        .run()
        .code(10);
    home.write("empty", "");
    home.sealfold(["ls", "--no-agent", "--passphrase-file", "empty"])
        .run()
        .code(2);
}

#[test]
fn no_secret_is_in_an_argument_list_or_environment_of_ours() {
    // threat 53
    let home = unlocked();
    home.sealfold(["set", "C", "--stdin"])
        .stdin("canary-value")
        .run()
        .success();
    let pid = home
        .sealfold(["agent", "status", "--json"])
        .run()
        .success()
        .json()["pid"]
        .clone();
    for file in ["cmdline", "environ"] {
        let mut bytes = Vec::new();
        // The agent lets nobody but root look; then there is nothing to see.
        if let Ok(mut file) = File::open(format!("/proc/{pid}/{file}")) {
            let _ = file.read_to_end(&mut bytes);
        }
        let text = String::from_utf8_lossy(&bytes);
        for canary in ["canary-value", sealfold_tests::home::PASSPHRASE] {
            assert!(!text.contains(canary), "{file}: {text}");
        }
    }
}

#[test]
fn recovery_words_that_nobody_sees_are_a_failure() {
    let home = Home::empty();
    let mut command = home
        .sealfold(["init", "--unlock-millis", "1"])
        .with_passphrase()
        .command();
    let full = File::options().write(true).open("/dev/full").unwrap();
    assert_eq!(command.stderr(full).status().unwrap().code(), Some(18));
}

#[test]
fn recovery_words_without_a_place_to_go_are_not_made() {
    let home = Home::empty();
    let init = home.sealfold(["init"]);
    for nowhere in ["2>&-", "2>/dev/null"] {
        let script = format!(
            "exec \"$0\" init --unlock-millis 1 --passphrase-file passphrase --no-input {nowhere}"
        );
        let done = in_shell(&init, "/bin/sh", &script).output().unwrap();
        assert_eq!(done.status.code(), Some(2), "{nowhere}");
        let status = home.sealfold(["status", "--json"]).run().success();
        assert_eq!(status.json()["exists"], false, "{nowhere}");
    }
    let script = "exec \"$0\" init --unlock-millis 1 --passphrase-file passphrase --no-input \
                  --recovery-file words 2>&-";
    let done = in_shell(&init, "/bin/sh", script).output().unwrap();
    assert_eq!(done.status.code(), Some(0));
    let words = fs::read_to_string(home.path().join("words")).unwrap();

    let script = "exec \"$0\" recovery new --words-file words --passphrase-file passphrase \
                  --no-input 2>&-";
    let done = in_shell(&init, "/bin/sh", script).output().unwrap();
    assert_eq!(done.status.code(), Some(2));
    home.write("same", words);
    home.sealfold(["recovery", "use", "--words-file", "same"])
        .arg("--keep-passphrase")
        .run()
        .success();
}
