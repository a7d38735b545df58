//! Two processes at one vault: as two connections, which SQLite treats alike.

use sqlx::Connection;
use vault::{Check, Durability, VaultError};

use crate::fixture::{Home, TEAM, changes, error, filled, op, open, sql, sqlite, under_definition};

#[tokio::test]
async fn of_two_writers_from_one_state_only_one_commits() {
    let home = Home::new();
    let mut first = filled(&home.vault()).await;
    let mut second = open(&home.vault(), Check::Full).await.unwrap();

    first
        .commit(changes(&first, 10), Durability::Durable)
        .await
        .unwrap();
    let late = error(
        second
            .commit(changes(&second, 11), Durability::Durable)
            .await,
    );
    assert!(matches!(late, VaultError::Moved));
    assert_eq!(second.op(&op(11).id).await.unwrap(), None);

    assert!(second.refresh().await.unwrap());
    assert!(!second.refresh().await.unwrap());
    second
        .commit(changes(&second, 11), Durability::Durable)
        .await
        .unwrap();
    assert!(first.refresh().await.unwrap());
    assert_eq!(first.counter(), second.counter());
    assert_eq!(first.ledger_ops(&TEAM).await.unwrap().len(), 5);
    first.verify_full().await.unwrap();
}

#[tokio::test]
async fn a_state_that_does_not_go_on_from_ours_is_refused() {
    let (home, clone) = (Home::new(), Home::new());
    filled(&home.vault()).await.lock().await.unwrap();
    std::fs::copy(home.vault(), clone.vault()).unwrap();
    let mut fork = open(&clone.vault(), Check::Full).await.unwrap();
    for n in [11, 12] {
        fork.commit(changes(&fork, n), Durability::Durable)
            .await
            .unwrap();
    }
    fork.lock().await.unwrap();

    let mut vault = open(&home.vault(), Check::Full).await.unwrap();
    vault
        .commit(changes(&vault, 10), Durability::Durable)
        .await
        .unwrap();
    // Another program writes the fork's rows over ours, in the same file.
    let mut other = sqlite(&home.vault()).await;
    let attach = format!("ATTACH '{}' AS fork", clone.vault().display());
    sqlx::raw_sql(sqlx::AssertSqlSafe(attach))
        .execute(&mut other)
        .await
        .unwrap();
    for table in ["meta", "root_history"] {
        let copy = format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM fork.{table}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(copy))
            .execute(&mut other)
            .await
            .unwrap();
    }
    other.close().await.unwrap();
    let late = error(vault.commit(changes(&vault, 13), Durability::Durable).await);
    assert!(matches!(late, VaultError::Moved));
    assert!(matches!(
        error(vault.refresh().await),
        VaultError::HistoryChanged
    ));
}

/// threats 46, 48: what is written to the file while a vault is open is found at the next look,
/// and nothing is committed on top of it.
#[tokio::test]
async fn what_others_change_while_a_vault_is_open_is_found() {
    let home = Home::new();
    filled(&home.vault()).await.lock().await.unwrap();
    let original = std::fs::read(home.vault()).unwrap();
    let hidden = [("state = 0", "state = 1")];
    for edit in [
        Some("UPDATE version SET state = 1 WHERE lamport = 1"),
        Some("DELETE FROM op WHERE arrival = 3"),
        Some("CREATE TRIGGER t AFTER INSERT ON audit BEGIN DELETE FROM op; END"),
        Some("UPDATE meta SET counter = 2"),
        None,
    ] {
        let home = Home::with(&original);
        let mut vault = open(&home.vault(), Check::Full).await.unwrap();
        assert!(!vault.refresh().await.unwrap());
        match edit {
            Some(edit) => sql(&home.vault(), edit).await,
            None => {
                let rebuild = "REINDEX version_head";
                under_definition(&home.vault(), "version_head", &hidden, rebuild).await;
            }
        }
        let late = vault.commit(changes(&vault, 10), Durability::Lazy).await;
        assert!(matches!(error(late), VaultError::Moved), "{edit:?}");
        // However often it is asked.
        for _ in 0..2 {
            let found = error(vault.refresh().await);
            let expected = match edit {
                Some(edit) if edit.contains("version") || edit.contains("op WHERE") => {
                    matches!(found, VaultError::RowsChanged { .. })
                }
                Some(edit) if edit.contains("TRIGGER") => {
                    matches!(found, VaultError::ForeignSchema)
                }
                Some(_) => matches!(found, VaultError::HeaderChanged),
                None => matches!(found, VaultError::IntegrityCheck),
            };
            assert!(expected, "{edit:?}: {found:?}");
        }
    }
}

/// Somebody wrote and the header is the same: everything is read again. What programs do that
/// mean no harm must seldom look like that.
#[tokio::test]
async fn checkpoints_of_others_look_like_no_write() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    let mut watching = sqlite(&home.vault()).await;
    let mut other = sqlite(&home.vault()).await;
    for (n, mode) in (10..).zip(["PASSIVE", "FULL", "RESTART"]) {
        vault
            .commit(changes(&vault, n), Durability::Lazy)
            .await
            .unwrap();
        let before = data_version(&mut watching).await;
        let checkpoint = format!("PRAGMA wal_checkpoint({mode})");
        sqlx::raw_sql(sqlx::AssertSqlSafe(checkpoint))
            .execute(&mut other)
            .await
            .unwrap();
        assert_eq!(data_version(&mut watching).await, before, "{mode}");
    }
    // Emptying the WAL does, as the one who locks does once; nothing is wrong then.
    let before = data_version(&mut watching).await;
    open(&home.vault(), Check::Header)
        .await
        .unwrap()
        .lock()
        .await
        .unwrap();
    assert_ne!(data_version(&mut watching).await, before);
    assert!(!vault.refresh().await.unwrap());
    vault
        .commit(changes(&vault, 20), Durability::Lazy)
        .await
        .unwrap();
}

async fn data_version(connection: &mut sqlx::SqliteConnection) -> i64 {
    sqlx::query_scalar("PRAGMA data_version")
        .fetch_one(connection)
        .await
        .unwrap()
}

/// Takes the five seconds that a writer waits for the lock.
#[tokio::test]
async fn a_lock_held_for_long_is_said() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    let mut other = sqlite(&home.vault()).await;
    let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let busy = error(vault.commit(changes(&vault, 10), Durability::Durable).await);
    assert!(matches!(busy, VaultError::Busy));
    // Reading goes on meanwhile.
    assert_eq!(vault.ledger_ops(&TEAM).await.unwrap().len(), 3);
    lock.rollback().await.unwrap();
    vault
        .commit(changes(&vault, 10), Durability::Durable)
        .await
        .unwrap();
}
