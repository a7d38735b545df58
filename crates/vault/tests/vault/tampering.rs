//! What other programs do to the file is found, and said by table.

use vault::{Check, LockedVault, VaultError};

use crate::fixture::{Home, error, filled, open, sql};

/// threat 46: in every table that the root covers, rows edited, exchanged, deleted, added.
#[tokio::test]
async fn rows_changed_by_sql_are_found() {
    let home = Home::new();
    filled(&home.vault()).await.lock().await.unwrap();
    let original = std::fs::read(home.vault()).unwrap();
    open(&home.vault(), Check::Full).await.unwrap();

    for (table, edit) in [
        (
            "identity",
            "UPDATE identity SET sealed = randomblob(336) WHERE rowid_ = 0",
        ),
        ("identity", "DELETE FROM identity WHERE rowid_ = 1"),
        (
            "identity",
            "INSERT INTO identity SELECT randomblob(32), sealed FROM identity LIMIT 1",
        ),
        (
            "key",
            "UPDATE key SET sealed = randomblob(336) WHERE rowid_ = 1",
        ),
        ("key", "UPDATE key SET kind = 0 WHERE rowid_ = 1"),
        ("key", "UPDATE key SET kind = 77 WHERE rowid_ = 1"),
        ("key", "UPDATE key SET owner = x'00' WHERE rowid_ = 1"),
        (
            "key",
            "UPDATE key SET team = randomblob(32) WHERE rowid_ = 2",
        ),
        ("key", "DELETE FROM key WHERE rowid_ = 0"),
        (
            "key",
            "INSERT INTO key SELECT randomblob(16), team, kind, owner, sealed FROM key LIMIT 1",
        ),
        ("op", "UPDATE op SET status = 1 WHERE arrival = 2"),
        (
            "op",
            "UPDATE op SET raw = CAST(raw || x'00' AS BLOB) WHERE arrival = 2",
        ),
        ("op", "UPDATE op SET deps = x'' WHERE arrival = 2"),
        ("op", "UPDATE op SET deps = x'00' WHERE arrival = 2"),
        ("op", "UPDATE op SET seq = -1 WHERE arrival = 2"),
        ("op", "UPDATE op SET arrival = 99 WHERE arrival = 1"),
        (
            "op",
            "UPDATE op SET arrival = 99 WHERE arrival = 1; \
                UPDATE op SET arrival = 1 WHERE arrival = 2; \
                UPDATE op SET arrival = 2 WHERE arrival = 99",
        ),
        ("op", "DELETE FROM op WHERE arrival = 3"),
        (
            "op",
            "INSERT INTO op SELECT 9, randomblob(32), team, device, seq, kind, status, deps, \
                raw FROM op LIMIT 1",
        ),
        (
            "frontier",
            "UPDATE frontier SET seq = seq - 1 WHERE seq = 2",
        ),
        (
            "frontier",
            "UPDATE frontier SET op = randomblob(32) WHERE seq = 2",
        ),
        ("frontier", "DELETE FROM frontier WHERE seq = 2"),
        (
            "frontier",
            "INSERT INTO frontier SELECT team, randomblob(32), seq, op FROM frontier \
                      LIMIT 1",
        ),
        ("version", "UPDATE version SET state = 1 WHERE lamport = 1"),
        ("version", "UPDATE version SET state = 5 WHERE lamport = 1"),
        (
            "version",
            "UPDATE version SET deleted = 1 WHERE lamport = 1",
        ),
        (
            "version",
            "UPDATE version SET deleted = 2 WHERE lamport = 1",
        ),
        ("version", "UPDATE version SET pos = 1 WHERE lamport = 1"),
        ("version", "UPDATE version SET pos = -1 WHERE lamport = 1"),
        (
            "version",
            "UPDATE version SET lamport = 9 WHERE lamport = 1",
        ),
        (
            "version",
            "UPDATE version SET author = randomblob(32) WHERE lamport = 1",
        ),
        (
            "version",
            "UPDATE version SET key = randomblob(16) WHERE lamport = 1",
        ),
        (
            "version",
            "UPDATE version SET sealed = NULL WHERE lamport = 1",
        ),
        (
            "version",
            "UPDATE version SET sealed = (SELECT sealed FROM version WHERE lamport = 2) \
                     WHERE lamport = 1",
        ),
        (
            "version",
            "UPDATE version SET name_hash = NULL WHERE lamport = 1",
        ),
        (
            "version",
            "UPDATE version SET bundle = randomblob(16) WHERE lamport = 1",
        ),
        (
            "version",
            "UPDATE version SET entry = randomblob(16) WHERE lamport = 1",
        ),
        ("version", "DELETE FROM version WHERE lamport = 1"),
        (
            "version",
            "INSERT INTO version SELECT randomblob(16), entry, bundle, op, pos, author, \
                     key, lamport, state, deleted, name_hash, sealed FROM version LIMIT 1",
        ),
        (
            "audit",
            "UPDATE audit SET sealed = randomblob(336) WHERE idx = 1",
        ),
        (
            "audit",
            "UPDATE audit SET hash = randomblob(32) WHERE idx = 2",
        ),
        ("audit", "DELETE FROM audit WHERE idx = 2"),
        (
            "audit",
            "INSERT INTO audit SELECT 3, sealed, hash FROM audit LIMIT 1",
        ),
        (
            "root_history",
            "UPDATE root_history SET root = randomblob(32) WHERE counter = 1",
        ),
        ("root_history", "DELETE FROM root_history WHERE counter = 0"),
        (
            "root_history",
            "INSERT INTO root_history SELECT 50, root FROM root_history LIMIT 1",
        ),
    ] {
        let home = Home::with(&original);
        // Tables without a rowid have their three rows named by the first byte of their key.
        let edit = edit
            .replace(
                "rowid_ = 0",
                &format!("{} = (SELECT min({0}) FROM {table})", id_of(table)),
            )
            .replace(
                "rowid_ = 1",
                &format!("substr({}, 1, 1) = x'01'", id_of(table)),
            )
            .replace(
                "rowid_ = 2",
                &format!("{} = (SELECT max({0}) FROM {table})", id_of(table)),
            );
        sql(&home.vault(), &edit).await;
        let changed = std::fs::read(home.vault()).unwrap() != original;
        assert!(changed, "this edits nothing: {edit}");
        match error(open(&home.vault(), Check::Full).await) {
            VaultError::RowsChanged { table: found } => assert_eq!(found, table, "{edit}"),
            other => panic!("{edit}: {other:?}"),
        }
        // The doctor finds the same in a vault that was unlocked without the full check.
        let mut vault = open(&home.vault(), Check::Header).await.unwrap();
        assert!(matches!(
            error(vault.verify_full().await),
            VaultError::RowsChanged { .. }
        ));
    }
}

fn id_of(table: &str) -> &'static str {
    if table == "identity" { "team" } else { "id" }
}

/// A sealed row moved into another's place does not open, even where only the header is checked.
#[tokio::test]
async fn sealed_rows_open_only_in_their_place() {
    let home = Home::new();
    filled(&home.vault()).await.lock().await.unwrap();
    for table in ["identity", "key"] {
        let id = id_of(table);
        let swap = format!(
            "UPDATE {table} SET sealed = (SELECT other.sealed FROM {table} AS other \
             WHERE substr(other.{id}, 1, 1) = x'02') WHERE substr({id}, 1, 1) = x'01'"
        );
        sql(&home.vault(), &swap).await;
    }
    let swap = "UPDATE audit SET sealed = (SELECT sealed FROM audit WHERE idx = 2) WHERE idx = 1";
    sql(&home.vault(), swap).await;

    let mut vault = open(&home.vault(), Check::Header).await.unwrap();
    let identities = error(vault.identities().await);
    assert!(matches!(
        identities,
        VaultError::Sealed { table: "identity" }
    ));
    let keys = error(vault.keys(&crate::fixture::TEAM).await);
    assert!(matches!(keys, VaultError::Sealed { table: "key" }));
    let audit = error(vault.audit_page(None, 10).await);
    assert!(matches!(audit, VaultError::Sealed { table: "audit" }));
}

#[tokio::test]
async fn the_audit_chain_shows_where_it_breaks() {
    let home = Home::new();
    filled(&home.vault()).await.lock().await.unwrap();
    let original = std::fs::read(home.vault()).unwrap();
    for (edit, first_bad, head_matches) in [
        (
            "UPDATE audit SET sealed = randomblob(336) WHERE idx = 1",
            Some(1),
            false,
        ),
        ("DELETE FROM audit WHERE idx = 0", Some(0), false),
        ("DELETE FROM audit WHERE idx = 2", None, false),
        (
            "UPDATE audit SET hash = randomblob(32) WHERE idx = 2",
            Some(2),
            true,
        ),
    ] {
        let home = Home::with(&original);
        sql(&home.vault(), edit).await;
        let mut vault = open(&home.vault(), Check::Header).await.unwrap();
        let verdict = vault.audit_verify().await.unwrap();
        assert_eq!(
            (verdict.first_bad, verdict.head_matches),
            (first_bad, head_matches),
            "{edit}"
        );
        assert!(!verdict.is_whole());
    }
}

/// threat 48
#[tokio::test]
async fn a_foreign_schema_is_refused() {
    let home = Home::new();
    filled(&home.vault()).await.lock().await.unwrap();
    let original = std::fs::read(home.vault()).unwrap();
    for edit in [
        "CREATE TRIGGER t AFTER INSERT ON audit BEGIN DELETE FROM audit; END",
        "CREATE VIEW v AS SELECT * FROM op",
        "CREATE TABLE extra (x)",
        "CREATE INDEX extra ON op (seq)",
        "DROP INDEX version_head",
        "DROP TABLE root_history",
        "ALTER TABLE audit ADD COLUMN x TEXT",
        "ANALYZE",
    ] {
        let home = Home::with(&original);
        sql(&home.vault(), edit).await;
        let refused = error(LockedVault::open(&home.vault()).await);
        assert!(
            matches!(refused, VaultError::ForeignSchema),
            "{edit}: {refused:?}"
        );
    }
}
