//! The keychain slot through the terminal, over a real Secret Service: used, suspended, missing,
//! locked (threat 50).
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use sealfold_tests::home::{Call, Home};
use sealfold_tests::secret_service::SecretService;

/// A person with a keychain.
struct Person {
    home: Home,
    keychain: SecretService,
}

impl Person {
    /// With a vault that the keychain opens, and one entry, `A=1`.
    fn new() -> Self {
        let person = Self {
            home: Home::empty(),
            keychain: SecretService::start(),
        };
        let init = ["init", "--recovery-file", "words", "--unlock-millis", "1"];
        person.call(&init).with_passphrase().run().success();
        let import = person.call(&["import", "-", "-b", "api/dev"]);
        import.stdin("A=1\n").run().success();
        person
    }

    fn call(&self, args: &[&str]) -> Call {
        self.home
            .sealfold(["--no-input"].iter().chain(args))
            .envs(self.keychain.env())
    }

    fn gets(&self) {
        assert_eq!(self.call(&["get", "A"]).run().success().text(), "1");
    }
}

#[test]
fn commands_open_by_the_keychain_until_lock_and_again_after_unlock() {
    let ann = Person::new();
    ann.gets();
    ann.call(&["get", "A", "--no-keychain"]).run().code(11);

    ann.call(&["lock"]).run().success();
    ann.call(&["get", "A"]).run().code(11);
    ann.call(&["unlock"]).run().code(11);
    assert_eq!(
        ann.call(&["status", "--json"]).run().success().json()["suspended"],
        true
    );

    ann.call(&["unlock"]).with_passphrase().run().success();
    ann.call(&["agent", "stop"]).run().success();
    ann.gets();

    // Not suspended, the keychain starts an agent too.
    ann.call(&["unlock"]).run().success();
    ann.call(&["get", "A", "--no-keychain"]).run().success();
}

#[test]
fn a_given_passphrase_goes_first() {
    let ann = Person::new();
    ann.home.write("wrong", "not this one\n");
    ann.call(&["get", "A", "--passphrase-file", "wrong"])
        .run()
        .code(12);
}

#[test]
fn a_keychain_that_cannot_serve_says_why_and_the_passphrase_works() {
    let mut ann = Person::new();
    ann.keychain.restart_locked();
    let locked = ann.call(&["get", "A"]).run().code(11);
    assert!(locked.stderr.contains("keychain"), "{locked:?}");
    ann.call(&["get", "A"]).with_passphrase().run().success();

    ann.keychain.stop();
    let gone = ann.call(&["get", "A"]).run().code(11);
    assert!(gone.stderr.contains("keychain"), "{gone:?}");
    ann.call(&["get", "A"]).with_passphrase().run().success();
    ann.call(&["doctor"]).with_passphrase().run().code(14);

    ann.keychain.restart();
    ann.gets();
}

#[test]
fn the_slot_comes_and_goes() {
    let ann = Person::new();
    ann.call(&["slot", "rm", "keychain", "--yes"])
        .with_passphrase()
        .run()
        .success();
    ann.call(&["get", "A"]).run().code(11);
    ann.call(&["slot", "add", "keychain"])
        .with_passphrase()
        .run()
        .success();
    ann.gets();
    let kinds = ann.call(&["slot", "ls"]).run().success();
    assert_eq!(kinds.text().matches("keychain").count(), 1, "{kinds:?}");
}

#[test]
fn a_vault_made_without_the_keychain_has_no_slot_in_it() {
    let bob = Person {
        home: Home::empty(),
        keychain: SecretService::start(),
    };
    let init = [
        "init",
        "--no-keychain",
        "--recovery-file",
        "words",
        "--unlock-millis",
        "1",
    ];
    bob.call(&init).with_passphrase().run().success();
    let slots = bob.call(&["slot", "ls"]).with_passphrase().run().success();
    assert!(!slots.text().contains("keychain"), "{slots:?}");
    let locked = bob.call(&["ls"]).run().code(11);
    assert!(
        !locked.stderr.contains("warning"),
        "no slot is no failure: {locked:?}"
    );
}

#[test]
fn the_anchor_in_the_keychain_finds_an_older_file() {
    // threat 45
    let ann = Person::new();
    let path = ann.call(&["status", "--json"]).run().json()["path"]
        .as_str()
        .unwrap()
        .to_owned();
    let older = std::fs::read(&path).unwrap();
    for value in ["2", "3"] {
        ann.call(&["set", "A", "--stdin"])
            .stdin(value)
            .run()
            .success();
    }
    assert_eq!(
        ann.call(&["audit", "verify", "--json"])
            .run()
            .success()
            .json()["anchor"],
        "same"
    );
    std::fs::write(&path, older).unwrap();
    let read = ann.call(&["get", "A"]).run();
    assert!(
        read.stderr.to_lowercase().contains("rollback") || read.stderr.contains("older"),
        "{read:?}"
    );
    let write = ann.call(&["set", "A", "--stdin"]).stdin("4").run();
    assert!(
        [Some(13), Some(16)].contains(&write.status.code()),
        "{write:?}"
    );
}

#[test]
fn locked_under_one_name_it_is_locked_under_all() {
    // threat 51
    let ann = Person::new();
    let vault = ann.home.sealfold_home().join("vault.sealfold");
    let link = ann.home.path().join("link");
    std::os::unix::fs::symlink(&vault, &link).unwrap();
    let dotted = ann.home.path().join("s/../s/./vault.sealfold");
    let other_home = ann.home.path().join("other");
    let gets = |code: i32| {
        for vault in [&vault, &link, &dotted] {
            ann.call(&["get", "A", "--vault"])
                .arg(vault)
                .run()
                .code(code);
        }
        let relative = ann.call(&["get", "A"]).env("SEALFOLD_HOME", "./s");
        relative.run().code(code);
        let other = ann.call(&["get", "A", "--vault"]).arg(&link);
        other.env("SEALFOLD_HOME", &other_home).run().code(code);
    };
    gets(0);
    ann.call(&["lock"]).run().success();
    gets(11);
    ann.call(&["unlock"]).with_passphrase().run().success();
    ann.call(&["agent", "stop"]).run().success();
    gets(0);
    ann.call(&["lock", "--vault"]).arg(&link).run().success();
    gets(11);
}

#[test]
fn without_the_anchor_it_reads_and_writes_only_where_that_is_said() {
    // threat 45: stopping the keychain must not make an older file believed.
    let mut ann = Person::new();
    let path = ann.home.sealfold_home().join("vault.sealfold");
    let older = std::fs::read(&path).unwrap();
    let set = |ann: &Person, value: &str, option: Option<&str>| {
        let call = ann.call(&["set", "A", "--stdin"]).with_passphrase();
        let call = option
            .into_iter()
            .fold(call, |call, option| call.arg(option));
        call.stdin(value).run()
    };
    set(&ann, "2", None).success();
    std::fs::write(&path, &older).unwrap();
    ann.keychain.stop();

    let read = ann.call(&["get", "A"]).with_passphrase().run().success();
    assert!(read.stderr.contains("--no-keychain"), "{read:?}");
    let refused = set(&ann, "3", None).code(16);
    assert!(refused.stderr.contains("--no-keychain"), "{refused:?}");
    let dry = ann.call(&["rm", "A", "--dry-run"]).with_passphrase();
    dry.run().code(16);
    let verified = ann.call(&["audit", "verify", "--json"]);
    let verified = verified.with_passphrase().run().success();
    assert_eq!(verified.json()["anchor"], "unreadable");

    // An agent does not write either, until the keychain is back and it looks again.
    ann.call(&["unlock"]).with_passphrase().run().success();
    set(&ann, "3", None).code(16);
    ann.keychain.restart();
    let unlocked = ann.call(&["unlock"]).run().success();
    assert!(unlocked.stderr.contains("ROLLBACK"), "{unlocked:?}");
    set(&ann, "3", None).code(16);
    ann.call(&["agent", "stop"]).run().success();

    // Who says so takes the risk.
    std::fs::write(&path, &older).unwrap();
    ann.keychain.stop();
    set(&ann, "3", Some("--no-keychain")).success();
}

#[test]
fn lock_says_that_it_suspended_the_keychain() {
    let ann = Person::new();
    let lock = |expected: &str| {
        let locked = ann.call(&["lock"]).run().success();
        assert!(locked.stderr.contains(expected), "{locked:?}");
    };
    lock("Locked: the keychain");
    lock("locked already");
    ann.call(&["unlock"]).with_passphrase().run().success();
    ann.call(&["agent", "stop"]).run().success();
    let locked = ann.call(&["lock", "--json"]).run().success().json();
    assert_eq!(locked["was_unlocked"], false);
    assert_eq!(locked["suspended_now"], true);
}

#[test]
fn an_anchor_that_is_not_taken_is_told_and_tried_again() {
    // threat 45
    let mut ann = Person::new();
    ann.call(&["unlock"]).run().success();
    ann.keychain.stop();
    ann.call(&["set", "A", "--stdin"])
        .stdin("2")
        .run()
        .success();
    let anchor = |ann: &Person| {
        let report = ann.call(&["doctor", "--json"]).run().json();
        let checks = report["checks"].as_array().unwrap().clone();
        let found = checks.into_iter().find(|check| check["name"] == "anchor");
        found.unwrap()["state"].clone()
    };
    let status = |ann: &Person| ann.call(&["status", "--json"]).run().json();
    assert_eq!(anchor(&ann), "warning");
    let told = status(&ann);
    assert!(told["open"]["flush_failure"].is_string(), "{told}");
    assert!(told["warnings"].to_string().contains("not safe yet"));

    ann.keychain.restart();
    assert_eq!(anchor(&ann), "ok");
    assert!(status(&ann)["open"]["flush_failure"].is_null());
}

/// A bus that takes the connection and never answers stands for a dialog that waits.
#[test]
fn a_person_is_told_that_the_keychain_keeps_them_waiting() {
    let home = Home::prepared();
    let bus = home.path().join("bus");
    let _silent = std::os::unix::net::UnixListener::bind(&bus).unwrap();
    let address = format!("unix:path={}", bus.display());
    let list = home.sealfold(["ls"]).with_passphrase();
    let list = list.env("DBUS_SESSION_BUS_ADDRESS", address);
    list.on_terminal().expect("Waiting for the keychain");
}
