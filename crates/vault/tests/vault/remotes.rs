//! What came from a remote, and what is to go there.

use vault::{
    Changes, Evidence, Object, OpStatus, Remote, StateChange, VaultError, Version, VersionState,
};

use crate::fixture::{
    BUNDLE, Home, OTHER_TEAM, TEAM, commit, empty, error, object, op, pack, payload, reseal,
    version, waiting,
};

fn state(version: &Version, state: VersionState) -> StateChange {
    StateChange {
        op: version.op,
        pos: version.pos,
        state,
    }
}

/// Everything that a pull of many ops did makes one commit.
#[tokio::test]
async fn one_commit_holds_the_effects_of_many_ops() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let (first, second) = (version(&vault, 1), version(&vault, 2));
    let change = Changes {
        ops: vec![op(1), op(2)],
        op_statuses: vec![(op(1).id, OpStatus::Quarantined)],
        versions: vec![first.clone(), second.clone(), version(&vault, 3)],
        superseded: vec![first.place(), second.place()],
        version_states: vec![state(&second, VersionState::Head)],
        versions_removed: vec![op(3).id],
        reseals: vec![reseal(&vault, 2)],
        packs: vec![pack(1)],
        packs_removed: vec![op(1).id],
        waiting: vec![waiting(1)],
        waiting_removed: vec![waiting(1).op],
        outbox: vec![(TEAM, op(2).id), (TEAM, op(1).id)],
        outbox_removed: vec![(TEAM, op(1).id)],
        ..Changes::default()
    };
    commit(&mut vault, change).await;
    let stored = vault.op(&op(1).id).await.unwrap().unwrap();
    assert_eq!(stored.status, OpStatus::Quarantined);
    let heads = vault.heads(&TEAM, &BUNDLE).await.unwrap();
    assert_eq!(heads.len(), 1);
    assert_eq!(heads[0].resealed.unwrap().op, reseal(&vault, 2).op);
    assert_eq!(vault.pack(&op(1).id).await.unwrap(), None);
    assert!(vault.waiting_ops(&TEAM).await.unwrap().is_empty());
    assert_eq!(vault.outbox(&TEAM).await.unwrap(), [op(2)]);
    vault.verify_full().await.unwrap();
}

#[tokio::test]
async fn ops_wait_in_the_order_of_coming() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let mut elsewhere = waiting(5);
    elsewhere.team = OTHER_TEAM;
    for waits in [
        vec![waiting(9), waiting(3)],
        vec![elsewhere, waiting(1), waiting(9)],
    ] {
        let change = Changes {
            waiting: waits,
            ..Changes::default()
        };
        commit(&mut vault, change).await;
    }
    let found = vault.waiting_ops(&TEAM).await.unwrap();
    assert_eq!(found, [waiting(9), waiting(3), waiting(1)]);
    let change = Changes {
        waiting_removed: vec![waiting(3).op],
        waiting: vec![waiting(2)],
        ..Changes::default()
    };
    commit(&mut vault, change).await;
    let found = vault.waiting_ops(&TEAM).await.unwrap();
    assert_eq!(found, [waiting(9), waiting(1), waiting(2)]);
    assert_eq!(vault.waiting_ops(&OTHER_TEAM).await.unwrap().len(), 1);
    vault.verify_full().await.unwrap();
}

#[tokio::test]
async fn the_outbox_gives_ops_in_the_order_of_arrival() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let change = Changes {
        ops: vec![op(9), op(3), op(7)],
        outbox: vec![(TEAM, op(3).id), (TEAM, op(7).id), (TEAM, op(9).id)],
        ..Changes::default()
    };
    commit(&mut vault, change).await;
    assert_eq!(vault.outbox(&TEAM).await.unwrap(), [op(9), op(3), op(7)]);
    assert!(vault.outbox(&OTHER_TEAM).await.unwrap().is_empty());
    let pushed = Changes {
        outbox_removed: vec![(TEAM, op(9).id), (TEAM, op(7).id)],
        ..Changes::default()
    };
    commit(&mut vault, pushed).await;
    assert_eq!(vault.outbox(&TEAM).await.unwrap(), [op(3)]);
    let unknown = Changes {
        outbox: vec![(TEAM, op(70).id)],
        ..Changes::default()
    };
    commit(&mut vault, unknown).await;
    let refused = error(vault.outbox(&TEAM).await);
    assert!(matches!(refused, VaultError::NotStored { table: "op" }));
}

#[tokio::test]
async fn objects_are_known_by_prefix_until_the_team_moves() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let named = |team, name: &str| Object {
        team,
        name: name.to_owned(),
    };
    let objects: Vec<Object> = (0..1200)
        .map(|n| named(TEAM, &format!("blob/{:02x}/{n}", n % 256)))
        .chain([
            named(TEAM, "log/a"),
            named(TEAM, "log"),
            named(TEAM, "logs/a"),
        ])
        .chain([named(OTHER_TEAM, "log/b")])
        .collect();
    for _ in 0..2 {
        let change = Changes {
            objects: objects.clone(),
            ..Changes::default()
        };
        commit(&mut vault, change).await;
    }
    assert_eq!(vault.known_objects(&TEAM, "").await.unwrap().len(), 1203);
    assert_eq!(
        vault.known_objects(&TEAM, "blob/").await.unwrap().len(),
        1200
    );
    assert_eq!(vault.known_objects(&TEAM, "log/").await.unwrap(), ["log/a"]);
    assert_eq!(
        vault.known_objects(&TEAM, "log").await.unwrap(),
        ["log", "log/a", "logs/a"]
    );
    assert!(
        vault
            .known_objects(&TEAM, "log/b")
            .await
            .unwrap()
            .is_empty()
    );
    let moved = Changes {
        objects_forgotten: vec![TEAM],
        objects: vec![object(1)],
        ..Changes::default()
    };
    commit(&mut vault, moved).await;
    assert_eq!(
        vault.known_objects(&TEAM, "").await.unwrap(),
        [object(1).name]
    );
    assert_eq!(
        vault.known_objects(&OTHER_TEAM, "").await.unwrap(),
        ["log/b"]
    );
    vault.verify_full().await.unwrap();
}

#[tokio::test]
async fn remotes_and_evidence_belong_to_their_team() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let remote = |team, n| Remote {
        team,
        payload: payload(n),
    };
    let found = [
        Evidence::new(TEAM, payload(3)),
        Evidence::new(TEAM, payload(4)),
    ];
    let resolved = found[0].id;
    for change in [
        Changes {
            remotes: vec![remote(TEAM, 1), remote(OTHER_TEAM, 2)],
            evidence: found.into(),
            ..Changes::default()
        },
        Changes {
            remotes: vec![remote(TEAM, 5)],
            evidence: vec![Evidence::new(OTHER_TEAM, payload(6))],
            // Of another team: it stays.
            evidence_removed: vec![(TEAM, resolved), (OTHER_TEAM, resolved)],
            remotes_removed: vec![OTHER_TEAM],
            ..Changes::default()
        },
    ] {
        commit(&mut vault, change).await;
    }
    assert!(vault.remote(&TEAM).await.unwrap().unwrap().payload == payload(5));
    assert!(vault.remote(&OTHER_TEAM).await.unwrap().is_none());
    let left = vault.evidence(&TEAM).await.unwrap();
    assert!(left.len() == 1 && left[0].payload == payload(4));
    assert_eq!(vault.evidence(&OTHER_TEAM).await.unwrap().len(), 1);
    vault.verify_full().await.unwrap();
}
