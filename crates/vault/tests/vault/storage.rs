//! What goes in comes out, by the queries that `app` asks.

use crypto::KeyId;
use sqlx::Row;
use team::ids::{EntryId, OpId, TeamId, VersionId};
use vault::{
    Changes, Check, Durability, OpKind, OpStatus, Reseal, VaultError, Version, VersionState,
};

use crate::fixture::{
    BUNDLE, CANARY, DEVICE, Home, TEAM, empty, error, filled, key, op, open, payload, sqlite,
    version,
};

#[tokio::test]
async fn everything_is_read_back_after_locking() {
    let home = Home::new();
    filled(&home.vault()).await.lock().await.unwrap();
    let mut vault = open(&home.vault(), Check::Full).await.unwrap();

    assert_eq!(vault.counter(), 4);
    assert_eq!(
        vault.ledger_ops(&TEAM).await.unwrap(),
        [op(0), op(1), op(2)]
    );
    assert_eq!(vault.op(&op(1).id).await.unwrap(), Some(op(1)));
    assert_eq!(vault.op(&OpId::from_bytes([9; 32])).await.unwrap(), None);

    let expected: Vec<Version> = (0..3).map(|n| version(&vault, n)).collect();
    let mut heads = vault.heads(&BUNDLE).await.unwrap();
    heads.sort_by_key(|version| version.id);
    assert_eq!(heads, expected);
    let name = vault.name_hash(&BUNDLE, &format!("{CANARY} 1"));
    assert_eq!(
        vault.heads_by_name(&BUNDLE, &name).await.unwrap(),
        expected[1..2]
    );
    assert_eq!(
        vault.versions_of(&expected[2].entry).await.unwrap(),
        expected[2..]
    );
    assert_eq!(
        vault.version(&expected[0].id).await.unwrap().as_ref(),
        Some(&expected[0])
    );

    let keys = vault.keys(&TEAM).await.unwrap();
    assert_eq!(keys.len(), 3);
    assert!(keys[1].payload == payload(1) && keys[1].id == key(1).id);
    assert!(vault.key(&key(2).id).await.unwrap().unwrap().payload == payload(2));
    let identities = vault.identities().await.unwrap();
    assert_eq!(identities.len(), 3);
    assert!(identities[2].payload == payload(2));
    assert_eq!(identities[2].team, TeamId::from_bytes([2; 32]));
    assert_eq!(vault.frontier(&TEAM).await.unwrap().len(), 4);
}

#[tokio::test]
async fn rows_change_in_place() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    let mut newer = key(1);
    newer.payload = payload(77);
    let reseal = Reseal {
        version: VersionId::from_bytes([2; 16]),
        op: OpId::from_bytes([8; 32]),
        pos: 3,
        sealed_by: DEVICE,
        key: KeyId::from_bytes([5; 16]),
        sealed: vec![9; 400],
    };
    let change = Changes {
        op_statuses: vec![(op(1).id, OpStatus::Void)],
        version_states: vec![(VersionId::from_bytes([1; 16]), VersionState::Superseded)],
        reseals: vec![reseal],
        keys: vec![newer],
        keys_removed: vec![key(0).id],
        ..Changes::default()
    };
    vault.commit(change, Durability::Durable).await.unwrap();
    vault.lock().await.unwrap();

    // The full check shows that the sums followed.
    let mut vault = open(&home.vault(), Check::Full).await.unwrap();
    assert_eq!(
        vault.op(&op(1).id).await.unwrap().unwrap().status,
        OpStatus::Void
    );
    assert_eq!(vault.heads(&BUNDLE).await.unwrap().len(), 2);
    let resealed = vault
        .version(&VersionId::from_bytes([2; 16]))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(resealed.sealed, Some(vec![9; 400]));
    assert_eq!(
        (resealed.pos, resealed.key),
        (3, KeyId::from_bytes([5; 16]))
    );
    assert_eq!(resealed.entry, EntryId::from_bytes([2; 16]));
    assert!(vault.key(&key(0).id).await.unwrap().is_none());
    assert!(vault.key(&key(1).id).await.unwrap().unwrap().payload == payload(77));
}

#[tokio::test]
async fn changes_that_do_not_fit_leave_the_vault_as_it_was() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    let anchor = vault.anchor().await.unwrap();

    let again = Changes {
        ops: vec![op(7), op(1)],
        ..Changes::default()
    };
    let refused = error(vault.commit(again, Durability::Durable).await);
    assert!(matches!(refused, VaultError::AlreadyStored { table: "op" }));

    let unknown = Changes {
        ops: vec![op(7)],
        version_states: vec![(VersionId::from_bytes([99; 16]), VersionState::Head)],
        ..Changes::default()
    };
    let refused = error(vault.commit(unknown, Durability::Durable).await);
    assert!(matches!(
        refused,
        VaultError::NotStored { table: "version" }
    ));

    let mut large = version(&vault, 9);
    large.lamport = u64::MAX;
    let large = Changes {
        ops: vec![op(7)],
        versions: vec![large],
        ..Changes::default()
    };
    let refused = error(vault.commit(large, Durability::Durable).await);
    assert!(matches!(refused, VaultError::OutOfRange));

    assert_eq!(vault.anchor().await.unwrap(), anchor);
    assert_eq!(vault.op(&op(7).id).await.unwrap(), None);
    vault.verify_full().await.unwrap();
}

#[tokio::test]
async fn a_frontier_never_goes_backwards() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    let newest = vault
        .frontier(&TEAM)
        .await
        .unwrap()
        .into_iter()
        .find(|f| f.device == DEVICE);
    let newest = newest.unwrap();
    assert_eq!(newest.seq, 2);

    let same = Changes {
        frontier: vec![newest],
        ..Changes::default()
    };
    vault.commit(same, Durability::Durable).await.unwrap();
    let mut back = newest;
    back.seq = 1;
    let mut aside = newest;
    aside.op = OpId::from_bytes([66; 32]);
    for frontier in [back, aside] {
        let change = Changes {
            frontier: vec![frontier],
            ..Changes::default()
        };
        let refused = error(vault.commit(change, Durability::Durable).await);
        assert!(matches!(refused, VaultError::FrontierBackwards));
    }
    vault.verify_full().await.unwrap();
}

#[tokio::test]
async fn data_ops_without_deps_are_not_replayed() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let mut data = op(1);
    data.kind = OpKind::Data;
    let mut alone = op(2);
    alone.kind = OpKind::Data;
    alone.deps = Vec::new();
    let change = Changes {
        ops: vec![op(5), data.clone(), alone],
        ..Changes::default()
    };
    vault.commit(change, Durability::Durable).await.unwrap();
    assert_eq!(vault.ledger_ops(&TEAM).await.unwrap(), [op(5), data]);
}

#[tokio::test]
async fn one_name_has_one_hash_per_bundle_and_vault() {
    let (home, other_home) = (Home::new(), Home::new());
    let vault = empty(&home.vault()).await;
    let other = empty(&other_home.vault()).await;
    let hash = vault.name_hash(&BUNDLE, "DATABASE_URL");
    assert_eq!(hash, vault.name_hash(&BUNDLE, "DATABASE_URL"));
    assert_ne!(hash, vault.name_hash(&BUNDLE, "DATABASE_URI"));
    assert_ne!(
        hash,
        vault.name_hash(&team::ids::BundleId::from_bytes([9; 16]), "DATABASE_URL")
    );
    assert_ne!(hash, other.name_hash(&BUNDLE, "DATABASE_URL"));
}

#[tokio::test]
async fn the_audit_log_is_paged_and_followed() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    for n in 0..10 {
        let read = Changes {
            audit: vec![payload(2 * n), payload(2 * n + 1)],
            ..Changes::default()
        };
        vault.commit(read, Durability::Lazy).await.unwrap();
    }
    let numbers = |page: &[vault::AuditRecord]| page.iter().map(|r| r.index).collect::<Vec<_>>();
    let newest = vault.audit_page(None, 3).await.unwrap();
    assert_eq!(numbers(&newest), [19, 18, 17]);
    assert!(newest[0].payload == payload(19));
    assert_eq!(
        numbers(&vault.audit_page(Some(2), 5).await.unwrap()),
        [1, 0]
    );
    assert_eq!(vault.audit_count(), 20);
    let verdict = vault.audit_verify().await.unwrap();
    assert_eq!((verdict.rows, verdict.is_whole()), (20, true));
}

/// The queries in use find their rows by an index. The conditions are those of `table/`.
#[tokio::test]
async fn nothing_is_found_by_a_scan() {
    let home = Home::new();
    filled(&home.vault()).await.lock().await.unwrap();
    let mut connection = sqlite(&home.vault()).await;
    // The index says which rows, the table what is in them.
    let by_index = |table: &str, key: &str, condition: &str, rest: &str| {
        format!("{table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {condition}) {rest}")
    };
    let version = |condition: &str, rest: &str| by_index("version", "rowid", condition, rest);
    let ledger = "team = ? AND (kind = 0 OR length(deps) > 0)";
    for (query, index) in [
        (
            version("bundle = ? AND name_hash = ? AND state = 0", ""),
            "version_head",
        ),
        (version("bundle = ? AND state = 0", ""), "version_head"),
        (
            version("entry = ?", "ORDER BY lamport, op, pos"),
            "version_entry",
        ),
        (version("id = ?", ""), "sqlite_autoindex_version_1"),
        (
            "version WHERE id IN (?, ?)".to_owned(),
            "sqlite_autoindex_version_1",
        ),
        (
            by_index("op", "rowid", ledger, "ORDER BY arrival"),
            "op_ledger",
        ),
        (
            by_index("op", "rowid", "id = ?", ""),
            "sqlite_autoindex_op_1",
        ),
        (by_index("key", "id", "team = ?", "ORDER BY id"), "key_team"),
        ("key WHERE id = ?".to_owned(), "PRIMARY KEY"),
        (
            "frontier WHERE team = ? ORDER BY device".to_owned(),
            "PRIMARY KEY",
        ),
        (
            "audit WHERE idx < ? ORDER BY idx DESC LIMIT ?".to_owned(),
            "INTEGER PRIMARY KEY",
        ),
        (
            "root_history WHERE counter = ?".to_owned(),
            "INTEGER PRIMARY KEY",
        ),
    ] {
        let explain = format!("EXPLAIN QUERY PLAN SELECT * FROM {query}");
        let plan = sqlx::query(sqlx::AssertSqlSafe(explain))
            .fetch_all(&mut connection)
            .await;
        let plan: Vec<String> = plan.unwrap().iter().map(|row| row.get("detail")).collect();
        assert!(
            plan.iter().any(|step| step.contains(index))
                && !plan.iter().any(|step| step.contains("SCAN")),
            "{query}: {plan:?}"
        );
    }
}

#[tokio::test]
async fn ops_keep_their_order_of_arrival() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    // Ids do not sort as they arrive.
    for ops in [vec![op(9)], vec![op(3), op(7)], vec![op(1)]] {
        let change = Changes {
            ops,
            ..Changes::default()
        };
        vault.commit(change, Durability::Lazy).await.unwrap();
    }
    let order: Vec<u64> = vault
        .ledger_ops(&TEAM)
        .await
        .unwrap()
        .iter()
        .map(|op| op.seq)
        .collect();
    assert_eq!(order, [9, 3, 7, 1]);
}
