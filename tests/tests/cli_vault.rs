//! The vault's own commands: slots, passphrase, recovery, backup, audit, agent, doctor.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::fs;
use std::os::unix::fs::PermissionsExt;

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

/// A home whose recovery words are in the file `words`, with one entry, `A=1`.
fn with_words() -> Home {
    let home = Home::empty();
    home.sealfold(["init", "--recovery-file", "words", "--unlock-millis", "1"])
        .with_passphrase()
        .run()
        .success();
    home.sealfold(["import", "-", "-b", "api/dev"])
        .with_passphrase()
        .stdin("A=1\n")
        .run()
        .success();
    home
}

#[test]
fn init_never_touches_what_is_there() {
    let home = Home::prepared();
    home.sealfold(["init"]).with_passphrase().run().code(15);
    home.sealfold(["ls"]).with_passphrase().run().success();

    let fresh = Home::empty();
    fresh.write("words", "mine");
    fresh
        .sealfold(["init", "--recovery-file", "words"])
        .with_passphrase()
        .run()
        .code(15);
    assert_eq!(fs::read(fresh.path().join("words")).unwrap(), b"mine");
    assert_eq!(
        fresh.sealfold(["status", "--json"]).run().success().json()["exists"],
        false
    );
}

#[test]
fn unlock_says_until_when_and_lock_ends_it() {
    let home = Home::prepared();
    let answer = home
        .sealfold(["unlock", "--ttl", "1h", "--json"])
        .with_passphrase()
        .run()
        .success();
    assert!(answer.json()["until"].as_u64().unwrap() > 1_700_000_000);
    assert_eq!(
        home.sealfold(["lock", "--json"]).run().success().json()["was_unlocked"],
        true
    );
    assert_eq!(
        home.sealfold(["lock", "--json"]).run().success().json()["was_unlocked"],
        false
    );
    home.sealfold(["ls", "--no-input"]).run().code(11);
    home.sealfold(["unlock", "--ttl", "soon"])
        .with_passphrase()
        .run()
        .code(2);
}

#[test]
fn more_time_takes_a_key_and_less_takes_none() {
    // threat 51: what runs as this user must not keep the vault open for ever.
    let home = Home::prepared();
    let unlock = |ttl: &str| {
        home.sealfold(["--no-input", "unlock", "--json", "--ttl"])
            .arg(ttl)
    };
    let until = |home: &Home| {
        let agent = home.sealfold(["agent", "status", "--json"]).run().success();
        agent.json()["until"].as_u64()
    };
    unlock("1h").with_passphrase().run().success();
    let hour = until(&home);
    assert!(hour.is_some());
    unlock("2h").run().code(11);
    assert_eq!(until(&home), hour);
    home.write("wrong", "not this one\n");
    let wrong = unlock("2h").arg("--passphrase-file").arg("wrong");
    wrong.run().code(12);
    assert_eq!(until(&home), hour);

    unlock("30m").run().success();
    let shorter = until(&home);
    assert!(shorter < hour);
    unlock("2h").with_passphrase().run().success();
    assert!(until(&home) > hour);
}

#[test]
fn a_home_with_a_long_name_has_one_place_for_its_agent() {
    // threat 51: what the environment says besides the home must not hide an agent from `lock`.
    let home = Home::prepared();
    let long = home.path().join("x".repeat(120));
    fs::rename(home.sealfold_home(), &long).unwrap();
    let call = |args: &[&str]| home.sealfold(args).env("SEALFOLD_HOME", &long);
    call(&["unlock"]).with_passphrase().run().success();
    call(&["ls", "--no-input"]).run().success();
    let lock = call(&["lock", "--json"]).env("XDG_RUNTIME_DIR", home.path());
    assert_eq!(lock.run().success().json()["was_unlocked"], true);
    call(&["agent", "status"]).run().code(10);
    call(&["ls", "--no-input"]).run().code(11);
}

#[test]
fn lock_under_another_home_ends_the_agent_too() {
    // threat 51
    let home = unlocked();
    let other = home.sealfold(["lock"]);
    other
        .env("SEALFOLD_HOME", home.path().join("other"))
        .env(
            "SEALFOLD_VAULT",
            home.sealfold_home().join("vault.sealfold"),
        )
        .run()
        .success();
    let failed = home.sealfold(["get", "A", "--no-input"]).run();
    assert_eq!(failed.status.code(), Some(11), "{failed:?}");
}

#[test]
fn what_stands_in_the_agents_place_does_not_keep_the_keychain_in_use() {
    // threat 51
    let home = unlocked();
    let agent = home.sealfold(["agent", "status", "--json"]).run().success();
    let socket = agent.json()["socket"].as_str().unwrap().to_owned();
    home.sealfold(["agent", "stop"]).run().success();
    fs::write(socket, "").unwrap();
    home.sealfold(["lock"]).run().code(16);
    let status = home.sealfold(["status", "--json", "--no-agent"]);
    assert_eq!(status.run().success().json()["suspended"], true);
}

#[test]
fn wrong_passphrases_are_in_the_audit_once_however_many_read_at_once() {
    let home = Home::prepared();
    home.write("wrong", "not this one\n");
    let wrong = |args: &[&str]| {
        let call = home.sealfold(args).arg("--no-input");
        call.arg("--passphrase-file").arg("wrong").run().code(12);
    };
    home.sealfold(["backup", "create", "copy"])
        .with_passphrase()
        .run()
        .success();
    wrong(&["ls"]);
    // The key of a backup is the vault's too.
    wrong(&["backup", "verify", "copy"]);
    wrong(&["backup", "restore", "copy", "--yes"]);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| home.sealfold(["ls"]).with_passphrase().run().success());
        }
    });
    let failed = home.sealfold(["audit", "--failed", "--json"]);
    let failed = failed.with_passphrase().run().success().json();
    let failed: Vec<&str> = failed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["failure"].as_str().unwrap())
        .collect();
    assert_eq!(failed, ["wrong_key"; 3]);
}

#[test]
fn one_agent_however_often_it_is_started() {
    let home = unlocked();
    let pid = || {
        home.sealfold(["agent", "status", "--json"])
            .run()
            .success()
            .json()["pid"]
            .clone()
    };
    let first = pid();
    home.sealfold(["agent", "start"])
        .with_passphrase()
        .run()
        .success();
    assert_eq!(pid(), first);
    let table = home.sealfold(["agent", "status"]).run().success();
    assert!(table.text().contains("core dumps off\tyes"), "{table:?}");
    home.sealfold(["agent", "stop"]).run().success();
    home.sealfold(["agent", "stop"]).run().success();
    home.sealfold(["agent", "status"]).run().code(10);
}

#[test]
fn the_agent_is_not_used_when_that_is_said() {
    let home = unlocked();
    home.sealfold(["ls"]).run().success();
    home.sealfold(["ls", "--no-agent", "--no-keychain", "--no-input"])
        .run()
        .code(11);
    // Locked means locked: even so the agent ends.
    home.sealfold(["lock", "--no-agent"]).run().success();
    home.sealfold(["agent", "status"]).run().code(10);
}

#[test]
fn the_passphrase_changes() {
    for agent in [true, false] {
        let home = Home::prepared();
        if agent {
            home.sealfold(["unlock"]).with_passphrase().run().success();
        }
        home.write("new", "another passphrase\n");
        home.write("wrong", "not this one\n");
        let change = |current: &str| {
            let change = [
                "passphrase",
                "change",
                "--new-passphrase-file",
                "new",
                "--no-input",
            ];
            home.sealfold(change)
                .arg("--passphrase-file")
                .arg(current)
                .run()
        };
        change("wrong").code(12);
        change("passphrase").success();
        home.sealfold(["lock"]).run().success();
        home.sealfold(["ls", "--passphrase-file", "new"])
            .run()
            .success();
        home.sealfold(["ls"]).with_passphrase().run().code(12);
    }
}

#[test]
fn slots_come_and_go() {
    let home = unlocked();
    home.write("second", "a second passphrase\n");
    let add = [
        "slot",
        "add",
        "passphrase",
        "--new-passphrase-file",
        "second",
        "--json",
    ];
    let slot = home.sealfold(add).run().success().json();
    assert!(slot["kdf"].as_str().unwrap().starts_with("m="), "{slot}");
    home.sealfold(["ls", "--no-agent", "--passphrase-file", "second"])
        .run()
        .success();

    let id = slot["id"].as_str().unwrap();
    home.sealfold(["slot", "rm", id, "--no-input"])
        .run()
        .code(3);
    home.sealfold(["slot", "rm", id, "--yes"]).run().success();
    home.sealfold(["ls", "--no-agent", "--passphrase-file", "second"])
        .run()
        .code(12);
    home.sealfold(["slot", "rm", "ffffffff", "--yes"])
        .run()
        .code(10);
    let last = home.sealfold(["slot", "rm", "passphrase", "--yes"]).run();
    assert_ne!(
        last.status.code(),
        Some(0),
        "the last passphrase stays: {last:?}"
    );
    home.sealfold(["ls", "--no-agent"])
        .with_passphrase()
        .run()
        .success();
}

#[test]
fn recovery_words_are_replaced() {
    let home = with_words();
    let new = [
        "recovery",
        "new",
        "--words-file",
        "words",
        "--recovery-file",
        "new-words",
    ];
    home.sealfold(new).with_passphrase().run().success();
    let try_words = |file: &str| {
        let args = [
            "recovery",
            "use",
            "--keep-passphrase",
            "--no-input",
            "--words-file",
            file,
        ];
        home.sealfold(args).run()
    };
    try_words("words").code(12);
    try_words("new-words").success();
    home.sealfold(["get", "A"])
        .with_passphrase()
        .run()
        .success();
    home.write("short", "only three words");
    assert_ne!(try_words("short").status.code(), Some(0));
}

#[test]
fn a_backup_restores_and_is_enrolled_anew() {
    let home = with_words();
    let create = home
        .sealfold(["backup", "create", "copy"])
        .with_passphrase()
        .run()
        .success();
    let copy = home.path().join("copy");
    assert!(create.stdout.is_empty(), "{create:?}");
    assert_eq!(
        fs::metadata(&copy).unwrap().permissions().mode() & 0o777,
        0o600
    );
    home.sealfold(["backup", "create", "copy"])
        .with_passphrase()
        .run()
        .code(15);

    let verified = home
        .sealfold(["backup", "verify", "copy", "--json"])
        .with_passphrase()
        .run();
    assert_eq!(verified.success().json()["entries"], 1);
    let words = [
        "backup",
        "verify",
        "copy",
        "--words-file",
        "words",
        "--no-input",
    ];
    home.sealfold(words).run().success();

    home.sealfold(["set", "A", "--stdin"])
        .with_passphrase()
        .stdin("2")
        .run()
        .success();
    home.sealfold(["backup", "restore", "copy"])
        .with_passphrase()
        .run()
        .code(3);
    home.sealfold(["unlock"]).with_passphrase().run().success();
    home.sealfold(["backup", "restore", "copy", "--yes"])
        .with_passphrase()
        .run()
        .success();
    home.sealfold(["agent", "status"]).run().code(10);

    assert_eq!(
        home.sealfold(["get", "A"])
            .with_passphrase()
            .run()
            .success()
            .text(),
        "1"
    );
    let refused = home
        .sealfold(["set", "A", "--stdin"])
        .with_passphrase()
        .stdin("3")
        .run()
        .code(16);
    assert!(
        refused.stderr.contains("recovery use"),
        "says what to do: {refused:?}"
    );
    let recover = [
        "recovery",
        "use",
        "--words-file",
        "words",
        "--keep-passphrase",
        "--no-input",
    ];
    home.sealfold(recover).run().success();
    home.sealfold(["set", "A", "--stdin"])
        .with_passphrase()
        .stdin("3")
        .run()
        .success();
}

#[test]
fn a_damaged_backup_is_not_restored() {
    let home = with_words();
    home.sealfold(["backup", "create", "copy"])
        .with_passphrase()
        .run()
        .success();
    let copy = home.path().join("copy");
    let mut bytes = fs::read(&copy).unwrap();
    let middle = bytes.len() / 2;
    bytes.truncate(middle);
    fs::write(&copy, bytes).unwrap();
    let verified = home
        .sealfold(["backup", "verify", "copy"])
        .with_passphrase()
        .run();
    assert_eq!(verified.status.code(), Some(13), "{verified:?}");
    let restored = home
        .sealfold(["backup", "restore", "copy", "--yes"])
        .with_passphrase()
        .run();
    assert_eq!(restored.status.code(), Some(13), "{restored:?}");
    assert_eq!(
        home.sealfold(["get", "A"])
            .with_passphrase()
            .run()
            .success()
            .text(),
        "1"
    );
}

#[test]
fn the_audit_tells_who_did_what() {
    let home = unlocked();
    home.sealfold(["get", "A"]).run().success();
    home.sealfold(["get", "NONE"]).run().code(10);
    home.sealfold(["export"]).run().success();
    let rows = |args: &[&str]| {
        let mut call = home.sealfold(["audit", "--json"]);
        for arg in args {
            call = call.arg(arg);
        }
        call.run().success().json().as_array().unwrap().clone()
    };
    let all = rows(&[]);
    assert!(
        all.windows(2)
            .all(|pair| pair[0]["index"].as_u64() > pair[1]["index"].as_u64())
    );
    let got = rows(&["--operation", "get", "--name", "A"]);
    assert_eq!(got.len(), 1);
    assert_eq!(got[0]["bundle"], "api/dev");
    assert!(
        got[0]["process"].as_str().unwrap().contains("sealfold"),
        "{:?}",
        got[0]
    );
    assert_eq!(rows(&["--failed"])[0]["failure"], "not_found");
    assert_eq!(rows(&["--limit", "2"]).len(), 2);
    assert!(rows(&["--until", "1d"]).is_empty());
    assert_eq!(rows(&["--since", "1d"]).len(), all.len());
    assert!(rows(&["-b", "api/dev", "--operation", "export"]).len() == 1);
    let table = home.sealfold(["audit"]).run().success();
    assert_eq!(table.text().lines().count(), all.len());
    home.sealfold(["audit", "verify"]).run().success();
    assert_eq!(
        home.sealfold(["audit", "verify", "--json"])
            .run()
            .success()
            .json()["anchor"],
        "absent"
    );
}

#[test]
fn the_doctor_looks_also_at_a_locked_vault() {
    let home = Home::prepared();
    let report = home.sealfold(["doctor", "--json", "--no-input"]).run();
    assert!(
        [Some(0), Some(14)].contains(&report.status.code()),
        "{report:?}"
    );
    assert!(!report.json()["checks"].as_array().unwrap().is_empty());
    let vault = home.sealfold(["status", "--json"]).run().json()["path"]
        .as_str()
        .unwrap()
        .to_owned();
    fs::set_permissions(&vault, fs::Permissions::from_mode(0o644)).unwrap();
    let report = home.sealfold(["doctor"]).with_passphrase().run().code(14);
    assert!(
        report.text().lines().any(|line| !line.starts_with("ok")),
        "{report:?}"
    );
}

#[test]
fn status_tells_more_when_unlocked() {
    let home = unlocked();
    let status = home.sealfold(["status", "--json"]).run().success().json();
    assert_eq!(status["open"]["entries"], 2);
    assert_eq!(status["open"]["bundles"], 1);
    let table = home.sealfold(["status"]).run().success();
    assert!(
        table.text().contains("state\tunlocked by agent"),
        "{table:?}"
    );
    home.sealfold(["lock"]).run().success();
    let locked = home.sealfold(["status", "--json"]).run().success().json();
    assert!(locked["open"].is_null());
    let given = home
        .sealfold(["status", "--json"])
        .with_passphrase()
        .run()
        .success()
        .json();
    assert_eq!(given["open"]["entries"], 2);
    assert_eq!(given["locked"], false);
}
