//! Two processes at one vault: as two connections, which SQLite treats alike.

use sqlx::Connection;
use vault::{Check, Durability, VaultError};

use crate::fixture::{Home, TEAM, changes, error, filled, op, open, sqlite};

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
