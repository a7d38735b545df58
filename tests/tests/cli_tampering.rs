//! Rows of the vault file that somebody else rewrote: a single read, which does not check all of
//! them, gives nothing wrong out.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use sealfold_tests::home::{Home, Outcome};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

/// What swaps the hashes of the names of the two current versions that there are.
const SWAP: &str = "
    CREATE TEMP TABLE swapped AS
        SELECT one.id, other.name_hash FROM version AS one JOIN version AS other
        ON one.id <> other.id WHERE one.state = 0 AND other.state = 0;
    UPDATE version SET name_hash =
        (SELECT name_hash FROM swapped WHERE swapped.id = version.id) WHERE state = 0";

/// What the header says, without what vouches for it.
const HEADER: &str = "UPDATE meta SET counter = counter + 1";

fn rewrite(home: &Home, sql: &'static str) {
    let vault = home.sealfold_home().join("vault.sealfold");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(vault);
        let mut connection = options.connect().await.unwrap();
        let done = sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        assert!(done.rows_affected() > 0);
        connection.close().await.unwrap();
    });
}

/// A vault with `A=1` and `B=2`.
fn two_entries() -> Home {
    let home = Home::prepared();
    let import = home.sealfold(["import", "-", "-b", "api/dev"]);
    import.with_passphrase().stdin("A=1\nB=2\n").run().success();
    home
}

fn call(home: &Home, args: &[&str]) -> Outcome {
    home.sealfold(args).with_passphrase().run()
}

#[test]
fn an_entry_is_given_under_its_own_name_only() {
    // threat 46
    let home = two_entries();
    rewrite(&home, SWAP);
    for args in [
        &["get", "A"][..],
        &["get", "A", "--version", "1"],
        &["read", "sealfold://api/dev/A"],
        &["history", "A"],
        &["mv", "A", "C", "--dry-run"],
        &["rm", "A", "--dry-run"],
        &["set", "A", "--generate", "--dry-run"],
        &["restore", "A", "--dry-run"],
    ] {
        let refused = call(&home, args);
        let code = refused.status.code();
        assert_eq!(code, Some(13), "{refused:?}");
        assert!(refused.stdout.is_empty(), "{refused:?}");
    }
    // Who opens all entries goes by the names inside.
    let run = call(&home, &["run", "--map", "X=A", "--", "printenv", "X"]);
    assert_eq!(run.success().text(), "1\n");
}

#[test]
fn a_removed_entry_is_found_under_its_own_name_only() {
    // threat 46
    let home = two_entries();
    call(&home, &["rm", "A", "B", "--yes"]).success();
    call(&home, &["history", "A"]).success();
    rewrite(&home, SWAP);
    call(&home, &["history", "A"]).code(13);
    call(&home, &["get", "A", "--version", "1"]).code(13);
}

#[test]
fn an_agent_locks_when_the_file_is_changed_under_it() {
    // threats 46, 48
    let home = two_entries();
    call(&home, &["unlock"]).success();
    let get = |name| home.sealfold(["get", name]).run();
    get("A").success();
    rewrite(&home, SWAP);
    get("B").code(13);
    get("B").code(11);
    call(&home, &["unlock"]).code(13);
}

/// What `doctor` says of one thing, which it looked at among others, in a vault that does not hold.
fn diagnosis(report: &Outcome, name: &str) -> serde_json::Value {
    assert_eq!(report.status.code(), Some(13), "{report:?}");
    let report = report.json();
    let checks = report["checks"].as_array().unwrap();
    assert!(checks.iter().any(|check| check["name"] == "file"));
    let found = checks.iter().find(|check| check["name"] == name);
    found.expect(name).clone()
}

#[test]
fn the_doctor_says_what_does_not_hold() {
    // threats 44, 46
    for (tampering, name) in [(SWAP, "rows"), (HEADER, "vault")] {
        let home = two_entries();
        rewrite(&home, tampering);
        let check = diagnosis(&call(&home, &["doctor", "--json"]), name);
        assert_eq!(check["state"], "bad", "{check}");
        assert_eq!(check["failure"], "integrity", "{check}");
        let told = call(&home, &["doctor"]).code(13);
        assert!(told.text().contains(&format!("BAD\t{name}\t")), "{told:?}");
    }
}

#[test]
fn the_doctor_of_an_open_vault_says_it_too() {
    // threats 46, 48
    let home = two_entries();
    call(&home, &["unlock"]).success();
    rewrite(&home, SWAP);
    let report = home.sealfold(["doctor", "--json"]).run();
    assert_eq!(diagnosis(&report, "vault")["failure"], "integrity");
    home.sealfold(["get", "A", "--no-input"]).run().code(11);
}
