//! Several teams in one vault, and what somebody who is in two of them may do to it.

use team::ids::{BundleId, EntryId, TeamId, VersionId};
use vault::{
    Changes, Durability, Evidence, Key, KeyKind, Reseal, StateChange, Vault, VaultError, Version,
    VersionPlace, VersionState,
};

use crate::fixture::{
    BUNDLE, Home, OTHER_TEAM, TEAM, commit, error, filled, key, later_seals, op, payload, version,
};

/// A version of the same names as version `n`, brought by op `by`.
fn same_names(vault: &Vault, n: u8, by: u8) -> Version {
    Version {
        op: op(by).id,
        lamport: by.into(),
        sealed: Some(vec![by; 336]),
        ..version(vault, n)
    }
}

fn state(version: &Version, state: VersionState) -> StateChange {
    StateChange {
        op: version.op,
        pos: version.pos,
        state,
    }
}

/// Authors choose the ids of versions, entries and bundles. One that takes another's hides
/// nothing by it, shows nothing, and stops no commit.
#[tokio::test]
async fn one_id_in_several_places_is_several_versions() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    let mine = version(&vault, 1);
    let in_entry = same_names(&vault, 1, 11);
    let in_other_entry = Version {
        entry: EntryId::from_bytes([9; 16]),
        ..same_names(&vault, 1, 12)
    };
    let in_other_bundle = Version {
        bundle: BundleId::from_bytes([9; 16]),
        ..same_names(&vault, 1, 13)
    };
    let in_other_team = Version {
        team: OTHER_TEAM,
        ..same_names(&vault, 1, 14)
    };
    let others = [&in_entry, &in_other_entry, &in_other_bundle, &in_other_team];
    let change = Changes {
        versions: others.into_iter().cloned().collect(),
        ..Changes::default()
    };
    commit(&mut vault, change).await;

    let mut ids = vault
        .versions_of_entry(&TEAM, &BUNDLE, &mine.entry)
        .await
        .unwrap();
    assert_eq!(ids, [mine.clone(), in_entry.clone()]);
    ids = vault
        .versions_at(&[mine.place(), in_other_team.place()])
        .await
        .unwrap();
    assert_eq!(ids.len(), 3);
    let name = mine.name_hash.unwrap();
    let found = vault.heads_by_name(&TEAM, &BUNDLE, &name).await.unwrap();
    assert_eq!(found.len(), 3);
    for team in [OTHER_TEAM, OTHER_TEAM] {
        // The second time from memory.
        let found = vault.heads(&team, &BUNDLE).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&in_other_team));
    }
    assert_eq!(vault.heads(&TEAM, &BUNDLE).await.unwrap().len(), 5);
    let found = vault
        .heads_by_name(&OTHER_TEAM, &BUNDLE, &name)
        .await
        .unwrap();
    assert_eq!(found, std::slice::from_ref(&in_other_team));
    assert_eq!(vault.count_entries(&OTHER_TEAM, &BUNDLE).await.unwrap(), 1);
    assert_eq!(
        vault
            .version_counts(&OTHER_TEAM, &BUNDLE)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        vault.version_counts(&TEAM, &BUNDLE).await.unwrap()[&mine.entry],
        2
    );

    // A successor elsewhere hides its own predecessor only.
    let hide = |place| Changes {
        superseded: vec![place],
        ..Changes::default()
    };
    commit(&mut vault, hide(in_other_team.place())).await;
    commit(&mut vault, hide(in_other_entry.place())).await;
    commit(&mut vault, hide(in_other_bundle.place())).await;
    let hidden = |version: &Version| version.state == VersionState::Superseded;
    let at = vault.versions_at(&[mine.place()]).await.unwrap();
    assert!(!at.iter().any(hidden));
    assert!(vault.heads(&OTHER_TEAM, &BUNDLE).await.unwrap().is_empty());

    // What is quarantined under a colleague's id stays so, and the colleague's version shown.
    let quarantine = Changes {
        version_states: vec![state(&in_entry, VersionState::Quarantined)],
        ..Changes::default()
    };
    commit(&mut vault, quarantine).await;
    let states = |versions: Vec<Version>| versions.iter().map(|v| v.state).collect::<Vec<_>>();
    let of_entry = vault
        .versions_of_entry(&TEAM, &BUNDLE, &mine.entry)
        .await
        .unwrap();
    assert_eq!(
        states(of_entry),
        [VersionState::Head, VersionState::Quarantined]
    );
    commit(&mut vault, hide(mine.place())).await;
    let of_entry = vault
        .versions_of_entry(&TEAM, &BUNDLE, &mine.entry)
        .await
        .unwrap();
    assert_eq!(
        states(of_entry),
        [VersionState::Superseded, VersionState::Quarantined]
    );

    // Of two it can't be told which one is sealed anew: neither is exchanged.
    let seals = later_seals(&vault, 1, 1);
    let change = Changes {
        reseals: seals.clone(),
        ..Changes::default()
    };
    commit(&mut vault, change).await;
    let at = vault.versions_at(&[mine.place()]).await.unwrap();
    assert!(at.iter().all(|version| version.resealed.is_none()));
    assert_eq!(vault.seals(&[mine.place()]).await.unwrap().len(), 1);

    // The same op's version twice is no one's attack.
    let again = Changes {
        versions: vec![in_entry],
        ..Changes::default()
    };
    let refused = error(vault.commit(again, Durability::Lazy).await);
    assert!(matches!(
        refused,
        VaultError::AlreadyStored { table: "version" }
    ));
    vault.verify_full().await.unwrap();
}

/// A predecessor that no op brought, and a seal of a version that is not here, are taken.
#[tokio::test]
async fn what_others_name_need_not_be_there() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    let nowhere = VersionPlace {
        version: VersionId::from_bytes([77; 16]),
        ..version(&vault, 1).place()
    };
    let stray = Reseal {
        place: nowhere,
        ..later_seals(&vault, 1, 1).remove(0)
    };
    let removal = Version {
        deleted: true,
        sealed: None,
        ..same_names(&vault, 6, 60)
    };
    let of_removal = Reseal {
        place: removal.place(),
        ..later_seals(&vault, 1, 2).remove(1)
    };
    let change = Changes {
        superseded: vec![nowhere],
        versions: vec![removal.clone()],
        reseals: vec![stray.clone(), of_removal],
        packs_removed: vec![op(70).id],
        waiting_removed: vec![op(70).id],
        outbox_removed: vec![(TEAM, op(70).id), (OTHER_TEAM, op(1).id)],
        remotes_removed: vec![TeamId::from_bytes([70; 32])],
        objects_forgotten: vec![OTHER_TEAM],
        evidence_removed: vec![(TEAM, Evidence::new(TEAM, payload(0)).id)],
        ..Changes::default()
    };
    commit(&mut vault, change).await;
    assert!(vault.versions_at(&[nowhere]).await.unwrap().is_empty());
    assert_eq!(
        vault.seals(&[nowhere]).await.unwrap()[0].sealed,
        stray.sealed
    );
    assert_eq!(
        vault.versions_at(&[removal.place()]).await.unwrap(),
        [removal]
    );
    assert_eq!(vault.outbox(&TEAM).await.unwrap().len(), 3);
    assert_eq!(vault.known_objects(&TEAM, "").await.unwrap().len(), 3);
    assert_eq!(vault.evidence(&TEAM).await.unwrap().len(), 1);
    vault.verify_full().await.unwrap();
}

/// Whoever is in two teams can bring the key of one into the other.
#[tokio::test]
async fn one_key_in_two_teams_is_two_keys() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    let elsewhere = Key {
        team: OTHER_TEAM,
        payload: payload(50),
        ..key(1)
    };
    let change = Changes {
        keys: vec![elsewhere],
        ..Changes::default()
    };
    commit(&mut vault, change).await;
    let own = vault
        .key(&TEAM, KeyKind::BundleKey, &key(1).id)
        .await
        .unwrap()
        .unwrap();
    assert!(own.payload == payload(1));
    assert_eq!(vault.keys(&OTHER_TEAM).await.unwrap().len(), 1);
    let erase = Changes {
        keys_removed: vec![(OTHER_TEAM, KeyKind::BundleKey, key(1).id)],
        ..Changes::default()
    };
    commit(&mut vault, erase).await;
    assert_eq!(vault.keys(&TEAM).await.unwrap().len(), 3);
    assert!(vault.keys(&OTHER_TEAM).await.unwrap().is_empty());
    let twice = Changes {
        keys_removed: vec![(OTHER_TEAM, KeyKind::BundleKey, key(1).id)],
        ..Changes::default()
    };
    let refused = error(vault.commit(twice, Durability::Lazy).await);
    assert!(matches!(refused, VaultError::NotStored { table: "key" }));
}

/// Whoever knows a log key can hand it on as the key of a bundle (threat 2).
#[tokio::test]
async fn one_key_for_two_uses_is_two_keys() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    let as_log_key = Key {
        kind: KeyKind::LogKey,
        owner: TEAM.as_bytes().to_vec(),
        payload: payload(50),
        ..key(1)
    };
    let change = Changes {
        keys: vec![as_log_key],
        ..Changes::default()
    };
    commit(&mut vault, change).await;
    let id = key(1).id;
    let of_bundle = vault.key(&TEAM, KeyKind::BundleKey, &id).await.unwrap();
    assert!(of_bundle.unwrap().payload == payload(1));
    let of_log = vault.key(&TEAM, KeyKind::LogKey, &id).await.unwrap();
    assert!(of_log.unwrap().payload == payload(50));
    assert_eq!(vault.keys(&TEAM).await.unwrap().len(), 4);
    vault.verify_full().await.unwrap();
}
