//! What goes in comes out, by the queries that `app` asks.

use sqlx::Row;
use team::ids::{OpId, TeamId};
use vault::{
    Changes, Check, Durability, KeyKind, OpKind, OpStatus, StateChange, VaultError, Version,
    VersionState,
};

use crate::fixture::{
    BUNDLE, CANARY, DEVICE, Home, TEAM, empty, error, filled, key, op, open, payload, reseal,
    sqlite, version,
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
    let mut heads = vault.heads(&TEAM, &BUNDLE).await.unwrap();
    heads.sort_by_key(|version| version.id);
    assert_eq!(heads, expected);
    let name = vault.name_hash(&BUNDLE, &format!("{CANARY} 1"));
    assert_eq!(
        vault.heads_by_name(&TEAM, &BUNDLE, &name).await.unwrap(),
        expected[1..2]
    );
    assert_eq!(
        vault
            .versions_of_entry(&TEAM, &BUNDLE, &expected[2].entry)
            .await
            .unwrap(),
        expected[2..]
    );
    assert_eq!(
        vault.versions_at(&[expected[0].place()]).await.unwrap(),
        expected[..1]
    );

    let keys = vault.keys(&TEAM).await.unwrap();
    assert_eq!(keys.len(), 3);
    assert!(keys[1].payload == payload(1) && keys[1].id == key(1).id);
    assert!(
        vault
            .key(&TEAM, KeyKind::BundleKey, &key(2).id)
            .await
            .unwrap()
            .unwrap()
            .payload
            == payload(2)
    );
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
    let new = reseal(&vault, 2);
    let change_of = |n, state| StateChange {
        op: op(n).id,
        pos: 0,
        state,
    };
    let change = Changes {
        op_statuses: vec![(op(1).id, OpStatus::Void)],
        version_states: vec![change_of(1, VersionState::Superseded)],
        reseals: vec![new.clone()],
        keys: vec![newer],
        keys_removed: vec![(TEAM, KeyKind::BundleKey, key(0).id)],
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
    assert_eq!(vault.heads(&TEAM, &BUNDLE).await.unwrap().len(), 2);
    let resealed = vault.versions_at(&[new.place]).await.unwrap().remove(0);
    assert_eq!(resealed.sealed, Some(new.sealed));
    assert_eq!((resealed.pos, resealed.key), (0, new.key));
    assert_eq!(resealed.resealed.unwrap().pos, new.pos);
    let shown = change_of(1, VersionState::Head);
    let change = Changes {
        version_states: vec![shown],
        ..Changes::default()
    };
    vault.commit(change, Durability::Durable).await.unwrap();
    assert_eq!(vault.heads(&TEAM, &BUNDLE).await.unwrap().len(), 3);
    assert!(
        vault
            .key(&TEAM, KeyKind::BundleKey, &key(0).id)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        vault
            .key(&TEAM, KeyKind::BundleKey, &key(1).id)
            .await
            .unwrap()
            .unwrap()
            .payload
            == payload(77)
    );
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
        version_states: vec![StateChange {
            op: op(99).id,
            pos: 0,
            state: VersionState::Head,
        }],
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
    let named = |columns: &str, many: usize| {
        let values = vec!["?"; many].join(", ");
        format!("{columns} IN (SELECT * FROM (VALUES ({values}), ({values})))")
    };
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
        (
            version(
                &named("(entry, id)", 2),
                "AND state = 0 AND team = ? AND +bundle = ?",
            ),
            "version_entry (entry=? AND id=?)",
        ),
        (
            version(&named("(team, bundle, entry, id)", 4), ""),
            "version_entry (entry=? AND id=?)",
        ),
        (
            version(&named("(op, pos)", 2), ""),
            "sqlite_autoindex_version_1 (op=? AND pos=?)",
        ),
        (version(&named("op", 1), ""), "sqlite_autoindex_version_1"),
        (version("reseal BETWEEN ? AND ?", ""), "version_reseal"),
        (
            by_index("seal", "rowid", &named("(entry, version)", 2), ""),
            "seal_version (entry=? AND version=?)",
        ),
        (
            by_index("seal", "rowid", &named("op", 1), ""),
            "sqlite_autoindex_seal_1",
        ),
        (
            by_index("pack", "rowid", &named("op", 1), ""),
            "sqlite_autoindex_pack_1",
        ),
        (
            by_index("waiting", "rowid", &named("team", 1), ""),
            "waiting_team",
        ),
        (
            by_index("op", "rowid", &named("id", 1), ""),
            "sqlite_autoindex_op_1",
        ),
        (
            by_index("op", "rowid", "device = ? AND seq = ?", "ORDER BY arrival"),
            "op_place (device=? AND seq=?)",
        ),
        (
            by_index("op", "rowid", "device = ? AND seq >= ?", "ORDER BY arrival"),
            "op_place (device=? AND seq>?)",
        ),
        (
            "op WHERE arrival > ? AND team = ? ORDER BY arrival LIMIT ?".to_owned(),
            "INTEGER PRIMARY KEY (rowid>?)",
        ),
        (format!("remote WHERE {}", named("team", 1)), "PRIMARY KEY"),
        (format!("outbox WHERE {}", named("team", 1)), "PRIMARY KEY"),
        (
            format!("evidence WHERE {}", named("team", 1)),
            "PRIMARY KEY",
        ),
        (
            format!("outbox WHERE {}", named("(team, op)", 2)),
            "PRIMARY KEY (team=? AND op=?)",
        ),
        (
            "object WHERE team = ? AND name BETWEEN ? AND ? || char(1114111) ORDER BY name"
                .to_owned(),
            "PRIMARY KEY (team=? AND name>? AND name<?)",
        ),
        (
            by_index("op", "rowid", ledger, "ORDER BY arrival"),
            "op_ledger",
        ),
        (
            by_index("op", "rowid", "id = ?", ""),
            "sqlite_autoindex_op_1",
        ),
        (
            "key WHERE team = ? ORDER BY kind, id".to_owned(),
            "PRIMARY KEY",
        ),
        (
            "key WHERE team = ? AND kind = ? AND id = ?".to_owned(),
            "PRIMARY KEY (team=? AND kind=? AND id=?)",
        ),
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
            plan.iter().any(|step| step.contains(index)) && !plan.iter().any(|step| is_scan(step)),
            "{query}: {plan:?}"
        );
    }
}

/// Of a table: the names that a query asks for are gone through one by one, as they must be.
fn is_scan(step: &str) -> bool {
    step.contains("SCAN") && !step.contains("VALUES CLAUSE")
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

/// The bundle that was read last is at hand until a commit changes a version in any way.
#[tokio::test]
async fn heads_at_hand_are_current() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let state = |state| StateChange {
        op: op(1).id,
        pos: 0,
        state,
    };
    let version = version(&vault, 1);
    let nothing = Changes::default;
    let commits = [
        (
            Changes {
                versions: vec![version.clone()],
                ..nothing()
            },
            1,
        ),
        (
            Changes {
                superseded: vec![version.place()],
                ..nothing()
            },
            0,
        ),
        (
            Changes {
                version_states: vec![state(VersionState::Head)],
                ..nothing()
            },
            1,
        ),
        (
            Changes {
                versions_removed: vec![version.op],
                ..nothing()
            },
            0,
        ),
    ];
    for (change, heads) in commits {
        vault.heads(&TEAM, &BUNDLE).await.unwrap();
        vault.commit(change, Durability::Lazy).await.unwrap();
        assert_eq!(vault.heads(&TEAM, &BUNDLE).await.unwrap().len(), heads);
    }
}
