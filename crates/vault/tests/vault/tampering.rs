//! What other programs do to the file is found, and said by table.

use team::ids::{BundleId, DeviceId, EntryId, OpId, TeamId, VersionId};
use vault::{Changes, Check, Durability, LockedVault, SlotKey, Vault, VaultError, VersionPlace};

use crate::fixture::{
    BUNDLE, CANARY, Home, TEAM, error, filled, filled_and_resealed, keychain_secret, open, sql,
    under_definition, version,
};

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
            "INSERT INTO key SELECT team, randomblob(16), kind, owner, sealed FROM key LIMIT 1",
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
            "INSERT INTO frontier SELECT team, randomblob(32), seq, op, forked FROM frontier \
                      LIMIT 1",
        ),
        ("frontier", "UPDATE frontier SET forked = 1 WHERE seq = 2"),
        ("frontier", "UPDATE frontier SET forked = 2 WHERE seq = 2"),
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
            "UPDATE version SET sealed_by = randomblob(32) WHERE lamport = 1",
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
            "UPDATE version SET team = randomblob(32) WHERE lamport = 1",
        ),
        (
            "version",
            "UPDATE version SET reseal = randomblob(44) WHERE lamport = 1",
        ),
        (
            "version",
            "INSERT INTO version SELECT randomblob(16), team, entry, bundle, op, 9, lamport, \
                     state, deleted, name_hash, reseal, sealed_by, \
                     key, sealed FROM version LIMIT 1",
        ),
        (
            "seal",
            "UPDATE seal SET sealed = randomblob(336) WHERE lamport = 101",
        ),
        ("seal", "UPDATE seal SET pos = 4 WHERE lamport = 101"),
        ("seal", "UPDATE seal SET pos = -1 WHERE lamport = 101"),
        ("seal", "UPDATE seal SET lamport = 99 WHERE lamport = 101"),
        ("seal", "UPDATE seal SET lamport = -1 WHERE lamport = 101"),
        (
            "seal",
            "UPDATE seal SET version = randomblob(16) WHERE lamport = 101",
        ),
        (
            "seal",
            "UPDATE seal SET entry = randomblob(16) WHERE lamport = 101",
        ),
        (
            "seal",
            "UPDATE seal SET op = randomblob(32) WHERE lamport = 101",
        ),
        (
            "seal",
            "UPDATE seal SET key = randomblob(16) WHERE lamport = 101",
        ),
        (
            "seal",
            "UPDATE seal SET sealed_by = randomblob(32) WHERE lamport = 101",
        ),
        ("seal", "DELETE FROM seal WHERE lamport = 101"),
        (
            "seal",
            "INSERT INTO seal SELECT entry, version, op, 9, lamport, sealed_by, key, sealed \
                     FROM seal LIMIT 1",
        ),
        (
            "pack",
            "UPDATE pack SET bytes = x'00' WHERE op = (SELECT max(op) FROM pack)",
        ),
        (
            "pack",
            "UPDATE pack SET op = randomblob(32) WHERE op = (SELECT max(op) FROM pack)",
        ),
        (
            "pack",
            "DELETE FROM pack WHERE op = (SELECT max(op) FROM pack)",
        ),
        (
            "pack",
            "INSERT INTO pack SELECT randomblob(32), bytes FROM pack LIMIT 1",
        ),
        ("waiting", "UPDATE waiting SET raw = x'00' WHERE came = 2"),
        (
            "waiting",
            "UPDATE waiting SET op = randomblob(32) WHERE came = 2",
        ),
        (
            "waiting",
            "UPDATE waiting SET team = randomblob(32) WHERE came = 2",
        ),
        ("waiting", "UPDATE waiting SET came = 9 WHERE came = 2"),
        ("waiting", "DELETE FROM waiting WHERE came = 2"),
        (
            "waiting",
            "INSERT INTO waiting SELECT 9, randomblob(32), team, raw FROM waiting LIMIT 1",
        ),
        (
            "remote",
            "UPDATE remote SET sealed = randomblob(336) WHERE rowid_ = 1",
        ),
        ("remote", "DELETE FROM remote WHERE rowid_ = 1"),
        (
            "remote",
            "INSERT INTO remote SELECT randomblob(32), sealed FROM remote LIMIT 1",
        ),
        (
            "object",
            "UPDATE object SET name = name || 'x' WHERE name LIKE '%01.seg'",
        ),
        (
            "object",
            "UPDATE object SET team = randomblob(32) WHERE name LIKE '%01.seg'",
        ),
        ("object", "DELETE FROM object WHERE name LIKE '%01.seg'"),
        (
            "object",
            "INSERT INTO object SELECT team, 'never/seen' FROM object LIMIT 1",
        ),
        (
            "outbox",
            "UPDATE outbox SET op = randomblob(32) WHERE op = (SELECT max(op) FROM outbox)",
        ),
        (
            "outbox",
            "UPDATE outbox SET team = randomblob(32) WHERE op = (SELECT max(op) FROM outbox)",
        ),
        (
            "outbox",
            "DELETE FROM outbox WHERE op = (SELECT max(op) FROM outbox)",
        ),
        (
            "outbox",
            "INSERT INTO outbox SELECT team, randomblob(32) FROM outbox LIMIT 1",
        ),
        (
            "evidence",
            "UPDATE evidence SET sealed = randomblob(336) WHERE rowid_ = 1",
        ),
        (
            "evidence",
            "UPDATE evidence SET team = randomblob(32) WHERE rowid_ = 1",
        ),
        ("evidence", "DELETE FROM evidence WHERE rowid_ = 1"),
        (
            "evidence",
            "INSERT INTO evidence SELECT team, randomblob(16), sealed FROM evidence LIMIT 1",
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
    if table == "key" { "id" } else { "team" }
}

/// A sealed row moved into another's place does not open, even where only the header is checked.
#[tokio::test]
async fn sealed_rows_open_only_in_their_place() {
    let home = Home::new();
    filled(&home.vault()).await.lock().await.unwrap();
    for table in ["identity", "key", "remote", "evidence"] {
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
    let keys = error(vault.keys(&TEAM).await);
    assert!(matches!(keys, VaultError::Sealed { table: "key" }));
    let remote = error(vault.remote(&TEAM).await);
    assert!(matches!(remote, VaultError::Sealed { table: "remote" }));
    let evidence = error(vault.evidence(&TEAM).await);
    assert!(matches!(evidence, VaultError::Sealed { table: "evidence" }));
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

/// The definition of each index that finds rows, and another one under which it is rebuilt.
const REWRITTEN: [(&str, &str, &str); 9] = [
    // What was replaced is served, what replaced it is not.
    ("version_head", "state = 0", "state = 1"),
    // Entries are hidden.
    ("version_head", "state = 0", "state = 0 AND lamport <> 1"),
    (
        "version_head",
        "(bundle, name_hash)",
        "(bundle, substr(name_hash, 2))",
    ),
    ("version_entry", "(entry, id)", "(bundle, id)"),
    ("version_reseal", "reseal IS NOT NULL", "reseal IS NULL"),
    ("seal_version", "(entry, version)", "(version, entry)"),
    ("op_place", "(device, seq)", "(device, 7)"),
    ("waiting_team", "(team)", "(op)"),
    ("op_ledger", "kind = 0 OR length(deps) > 0", "seq <> 1"),
];

/// threats 45, 46: rows as they were written, found by an index that was not.
#[tokio::test]
async fn indexes_rewritten_by_sql_are_found() {
    let home = Home::new();
    filled_and_resealed(&home.vault())
        .await
        .lock()
        .await
        .unwrap();
    let original = std::fs::read(home.vault()).unwrap();
    for (index, old, new) in REWRITTEN {
        let home = Home::with(&original);
        let rebuild = format!("REINDEX {index}");
        under_definition(&home.vault(), index, &[(old, new)], &rebuild).await;
        let refused = open(&home.vault(), Check::Full).await.err();
        assert!(
            matches!(refused, Some(VaultError::IntegrityCheck)),
            "{index}, {new}: {refused:?}"
        );
        let mut vault = open(&home.vault(), Check::Header).await.unwrap();
        for refused in [vault.verify_rows().await, vault.verify_full().await] {
            assert!(matches!(error(refused), VaultError::IntegrityCheck));
        }
    }
}

/// threat 46: where only the header is checked, what an index finds is at least what was asked
/// for. What SQLite reads from the index itself would agree with any question.
#[tokio::test]
async fn an_index_gives_no_other_row_than_asked_for() {
    let home = Home::new();
    let mut vault = filled_and_resealed(&home.vault()).await;
    let old = version(&vault, 0).place();
    let change = Changes {
        superseded: vec![old],
        ..Changes::default()
    };
    vault.commit(change, Durability::Durable).await.unwrap();
    let name = |vault: &Vault, n: u8| vault.name_hash(&BUNDLE, &format!("{CANARY} {n}"));
    let (one, two) = (name(&vault, 1), name(&vault, 2));
    vault.lock().await.unwrap();
    let original = std::fs::read(home.vault()).unwrap();
    let exchanged =
        format!("(bundle, CASE name_hash WHEN x'{one}' THEN x'{two}' ELSE x'{one}' END)");
    // Of nothing that is there.
    let (bundle, team) = (BundleId::from_bytes([9; 16]), TeamId::from_bytes([9; 32]));
    let (entry, device) = (EntryId::from_bytes([9; 16]), DeviceId::from_bytes([9; 32]));
    let nowhere = VersionPlace {
        team: TEAM,
        bundle: BUNDLE,
        entry,
        version: VersionId::from_bytes([9; 16]),
    };
    let (nine, nines) = ("09".repeat(16), "09".repeat(32));

    for (index, old, new) in [
        ("version_head", "state = 0", "state = 1"),
        ("version_head", "(bundle, name_hash)", &*exchanged),
        ("version_head", "(bundle,", &*format!("(x'{nine}',")),
        (
            "version_entry",
            "(entry, id)",
            &*format!("(x'{nine}', x'{nine}')"),
        ),
        ("op_ledger", "(team,", &*format!("(x'{nines}',")),
        ("op_place", "(device,", &*format!("(x'{nines}',")),
        (
            "seal_version",
            "(entry, version)",
            &*format!("(x'{nine}', x'{nine}')"),
        ),
        ("waiting_team", "(team)", &*format!("(x'{nines}')")),
        (
            "version_reseal",
            "(reseal)",
            &*format!("(x'{nines}000000000000000000000000')"),
        ),
    ] {
        let home = Home::with(&original);
        let rebuild = format!("REINDEX {index}");
        under_definition(&home.vault(), index, &[(old, new)], &rebuild).await;
        let mut vault = open(&home.vault(), Check::Header).await.unwrap();
        let found = match (index, old) {
            ("version_head", "state = 0") => vault.heads(&TEAM, &BUNDLE).await.map(drop),
            ("version_head", "(bundle,") => vault.heads(&TEAM, &bundle).await.map(drop),
            ("version_head", _) => vault.heads_by_name(&TEAM, &BUNDLE, &one).await.map(drop),
            ("version_entry", _) => {
                let of_entry = vault.versions_of_entry(&TEAM, &BUNDLE, &entry).await;
                let at = vault.versions_at(&[nowhere]).await;
                assert!(matches!(at, Err(VaultError::RowsChanged { .. })), "{at:?}");
                of_entry.map(drop)
            }
            ("op_ledger", _) => vault.ledger_ops(&team).await.map(drop),
            ("op_place", _) => vault.data_ops_of(&TEAM, &device, 0).await.map(drop),
            ("version_reseal", _) => {
                let nothing = OpId::from_bytes([9; 32]);
                vault.sealed_by_op(&nothing).await.map(drop)
            }
            ("seal_version", _) => vault.seals(&[nowhere]).await.map(drop),
            _ => vault.waiting_ops(&team).await.map(drop),
        };
        assert!(
            matches!(found, Err(VaultError::RowsChanged { .. })),
            "{index}, {new}: {found:?}"
        );
    }
}

/// threat 46: text reads like the bytes that it is made of, with the same digest; no index finds
/// it by them.
#[tokio::test]
async fn what_is_stored_as_another_type_is_refused() {
    let home = Home::new();
    filled(&home.vault()).await.lock().await.unwrap();
    let original = std::fs::read(home.vault()).unwrap();
    for (table, column) in [("version", "sealed"), ("op", "raw")] {
        let home = Home::with(&original);
        let typed = format!("{column} BLOB");
        let edits = [(") STRICT", ")"), (typed.as_str(), column)];
        let retype = format!("UPDATE {table} SET {column} = CAST({column} AS TEXT)");
        under_definition(&home.vault(), table, &edits, &retype).await;

        let mut vault = open(&home.vault(), Check::Header).await.unwrap();
        let read = match table {
            "op" => vault.ledger_ops(&TEAM).await.map(drop),
            _ => vault.heads(&TEAM, &BUNDLE).await.map(drop),
        };
        for refused in [read, open(&home.vault(), Check::Full).await.map(drop)] {
            match error(refused) {
                VaultError::RowsChanged { table: found } => assert_eq!(found, table),
                other => panic!("{table}: {other:?}"),
            }
        }
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
    // Also while a person types the passphrase.
    let home = Home::with(&original);
    let locked = LockedVault::open(&home.vault()).await.unwrap();
    let slot = locked.slots()[0].id;
    sql(&home.vault(), "CREATE VIEW v AS SELECT * FROM op").await;
    let key = SlotKey::keychain(slot, keychain_secret());
    let refused = error(locked.unlock(key, Check::Header).await);
    assert!(matches!(refused, VaultError::ForeignSchema), "{refused:?}");
}
