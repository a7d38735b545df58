//! Several teams in one vault, what they share with others, and what those may do to it.

use crypto::KeyId;
use proptest::prelude::*;
use serde_bytes::ByteBuf;
use team::ids::{BundleId, DeviceId, EntryId, OpId, TeamId, VersionId};
use vault::{
    Changes, Check, Durability, Evidence, Frontier, Key, Object, Op, OpKind, OpStatus, Remote,
    Reseal, Seal, StateChange, Vault, VaultError, Version, VersionState,
};

use crate::fixture::{
    BUNDLE, DEVICE, Home, TEAM, empty, error, filled, key, object, op, open, pack, payload, reseal,
    version, waiting,
};

const OTHER_TEAM: TeamId = TeamId::from_bytes([2; 32]);

async fn commit(vault: &mut Vault, changes: Changes) {
    vault.commit(changes, Durability::Lazy).await.unwrap();
}

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

/// The seals of version `n` by ops 10, 11, …, later from one to the next.
fn later_seals(vault: &Vault, n: u8, many: u8) -> Vec<Reseal> {
    let seal = |i: u8| Reseal {
        op: OpId::from_bytes([10 + i; 32]),
        pos: i.into(),
        // Two at each time: then the greater op id is the newer.
        lamport: 100 + u64::from(i / 2),
        key: KeyId::from_bytes([10 + i; 16]),
        sealed: vec![10 + i; 336],
        ..reseal(vault, n)
    };
    (0..many).map(seal).collect()
}

/// Of a version, its own seal and these: the newest, and the others, the newest first.
async fn all_seals(vault: &mut Vault, n: u8) -> (Version, Vec<Seal>) {
    let place = version(vault, n).place();
    let mut found = vault.versions_at(&[place]).await.unwrap();
    assert_eq!(found.len(), 1);
    (found.remove(0), vault.seals(&[place]).await.unwrap())
}

#[tokio::test]
async fn every_seal_of_a_version_is_kept() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    let first = version(&vault, 1);
    let seals = later_seals(&vault, 1, 3);
    // The last, then all of them, then the first once more.
    for reseals in [
        vec![seals[2].clone()],
        seals.clone(),
        vec![seals[0].clone()],
    ] {
        let change = Changes {
            reseals,
            ..Changes::default()
        };
        commit(&mut vault, change).await;
    }
    vault.lock().await.unwrap();
    let mut vault = open(&home.vault(), Check::Full).await.unwrap();
    let (newest, older) = all_seals(&mut vault, 1).await;
    assert_eq!(
        (newest.key, newest.sealed.clone().unwrap()),
        (seals[2].key, vec![12; 336])
    );
    let ops: Vec<OpId> = older.iter().map(|seal| seal.op).collect();
    assert_eq!(ops, [seals[1].op, seals[0].op, first.op]);
    assert_eq!(Some(&older[2].sealed), first.sealed.as_ref());
    assert_eq!(
        (older[2].key, older[2].sealed_by),
        (first.key, first.sealed_by)
    );
    // It is the same version in every other respect.
    let unsealed = |version: Version| Version {
        resealed: None,
        sealed_by: DEVICE,
        key: first.key,
        sealed: None,
        ..version
    };
    assert_eq!(unsealed(newest), unsealed(first.clone()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    /// Seals come in any order, any number of times, in one commit or in many.
    #[test]
    fn the_order_in_which_seals_come_does_not_matter(
        order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(),
        again in proptest::collection::vec(0..6_usize, 0..4),
        at_once in 1..6_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let home = Home::new();
            let mut vault = filled(&home.vault()).await;
            let seals = later_seals(&vault, 1, 6);
            let coming: Vec<usize> = order.into_iter().chain(again).collect();
            for part in coming.chunks(at_once) {
                let reseals = part.iter().map(|i| seals[*i].clone()).collect();
                commit(&mut vault, Changes { reseals, ..Changes::default() }).await;
            }
            vault.verify_full().await.unwrap();
            let (newest, older) = all_seals(&mut vault, 1).await;
            assert_eq!(newest.resealed.unwrap().op, seals[5].op);
            let ops: Vec<OpId> = older.iter().map(|seal| seal.op).collect();
            let expected = seals[..5].iter().rev().map(|seal| seal.op);
            assert_eq!(ops, expected.chain([op(1).id]).collect::<Vec<_>>());
        });
    }
}

/// What an op and its pack brought is whole again, wherever its seals stand by now.
#[tokio::test]
async fn a_pack_is_put_together_again() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let sealed = |n: u8| ByteBuf::from(vec![n; 30_000]);
    let (_, pack) = team::pack::make_content((0..6).map(sealed).collect());
    let pack = team::pack::pack_id(&pack.unwrap());
    let versions: Vec<Version> = (0..6)
        .map(|n| Version {
            op: op(1).id,
            pos: n.into(),
            sealed: Some(sealed(n).into_vec()),
            ..version(&vault, n)
        })
        .collect();
    // One op seals three of them anew, another one two of those.
    let by = |op_number: u8, n: u8, pos: u32| Reseal {
        op: op(op_number).id,
        pos,
        lamport: op_number.into(),
        sealed: vec![op_number ^ n; 40_000],
        ..reseal(&vault, n)
    };
    let reseals = vec![
        by(20, 5, 0),
        by(20, 0, 1),
        by(20, 3, 2),
        by(30, 3, 0),
        by(30, 5, 1),
    ];
    let (second, third): (Vec<_>, Vec<_>) =
        reseals.into_iter().partition(|new| new.op == op(20).id);
    let pack_of = |seals: &[Reseal]| {
        let sealed = seals.iter().map(|seal| ByteBuf::from(seal.sealed.clone()));
        let (_, pack) = team::pack::make_content(sealed.collect());
        team::pack::pack_id(&pack.unwrap())
    };
    let packs = [(1, pack), (20, pack_of(&second)), (30, pack_of(&third))];
    let first = Changes {
        versions,
        ..Changes::default()
    };
    commit(&mut vault, first).await;
    for reseals in [second, third] {
        commit(
            &mut vault,
            Changes {
                reseals,
                ..Changes::default()
            },
        )
        .await;
    }
    for (by, pack) in packs {
        let sealed = vault.sealed_by_op(&op(by).id).await.unwrap();
        let places: Vec<u32> = sealed.iter().map(|(pos, _)| *pos).collect();
        assert_eq!(places, (0..sealed.len() as u32).collect::<Vec<_>>());
        let sealed = sealed.into_iter().map(|(_, sealed)| ByteBuf::from(sealed));
        let (_, again) = team::pack::make_content(sealed.collect());
        assert!(team::pack::pack_id(&again.unwrap()) == pack, "op {by}");
    }
}

#[tokio::test]
async fn what_a_void_op_brought_goes_and_what_others_sealed_stays() {
    let home = Home::new();
    let mut vault = filled(&home.vault()).await;
    let seals = later_seals(&vault, 1, 2);
    let sealed_anew = Changes {
        reseals: seals.clone(),
        ..Changes::default()
    };
    commit(&mut vault, sealed_anew).await;
    assert_eq!(
        vault
            .versions_of_ops(&[op(1).id, op(7).id])
            .await
            .unwrap()
            .len(),
        1
    );
    let void = Changes {
        op_statuses: vec![(op(1).id, OpStatus::Void)],
        // An op that brought nothing brings no error either.
        versions_removed: vec![op(1).id, op(7).id],
        packs: vec![pack(1)],
        ..Changes::default()
    };
    commit(&mut vault, void).await;
    vault.verify_full().await.unwrap();
    assert!(vault.versions_of_ops(&[op(1).id]).await.unwrap().is_empty());
    assert_eq!(vault.heads(&TEAM, &BUNDLE).await.unwrap().len(), 2);
    assert!(vault.sealed_by_op(&op(1).id).await.unwrap().is_empty());
    assert_eq!(vault.pack(&op(1).id).await.unwrap(), Some(pack(1).bytes));
    for seal in &seals {
        let kept = vault.sealed_by_op(&seal.op).await.unwrap();
        assert_eq!(kept, [(seal.pos, seal.sealed.clone())]);
    }
    // Valid after all.
    let back = Changes {
        versions: vec![version(&vault, 1)],
        packs_removed: vec![op(1).id],
        ..Changes::default()
    };
    commit(&mut vault, back).await;
    let (stands, others) = all_seals(&mut vault, 1).await;
    assert_eq!((stands, others.len()), (version(&vault, 1), 2));
    assert_eq!(vault.pack(&op(1).id).await.unwrap(), None);
    vault.verify_full().await.unwrap();
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
        assert_eq!(found, [in_other_team.clone()]);
    }
    assert_eq!(vault.heads(&TEAM, &BUNDLE).await.unwrap().len(), 5);
    let found = vault
        .heads_by_name(&OTHER_TEAM, &BUNDLE, &name)
        .await
        .unwrap();
    assert_eq!(found, [in_other_team.clone()]);
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
    let nowhere = vault::VersionPlace {
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
    let own = vault.key(&TEAM, &key(1).id).await.unwrap().unwrap();
    assert!(own.payload == payload(1));
    assert_eq!(vault.keys(&OTHER_TEAM).await.unwrap().len(), 1);
    let erase = Changes {
        keys_removed: vec![(OTHER_TEAM, key(1).id)],
        ..Changes::default()
    };
    commit(&mut vault, erase).await;
    assert_eq!(vault.keys(&TEAM).await.unwrap().len(), 3);
    assert!(vault.keys(&OTHER_TEAM).await.unwrap().is_empty());
    let twice = Changes {
        keys_removed: vec![(OTHER_TEAM, key(1).id)],
        ..Changes::default()
    };
    let refused = error(vault.commit(twice, Durability::Lazy).await);
    assert!(matches!(refused, VaultError::NotStored { table: "key" }));
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

fn data_op(id: u8, device: DeviceId, seq: u64) -> Op {
    Op {
        device,
        seq,
        kind: OpKind::Data,
        deps: Vec::new(),
        ..op(id)
    }
}

fn head(of: &Op, forked: bool) -> Frontier {
    Frontier {
        team: TEAM,
        device: of.device,
        seq: of.seq,
        op: of.id,
        forked,
    }
}

/// The ledger needs every op of a device that forked, or it could not tell the branches apart.
#[tokio::test]
async fn a_fork_is_replayed_in_full() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let honest = DeviceId::from_bytes([1; 32]);
    let chain: Vec<Op> = (0..4).map(|n| data_op(10 + n, DEVICE, n.into())).collect();
    let apart = data_op(20, DEVICE, 2);
    let mut elsewhere = data_op(30, DEVICE, 2);
    elsewhere.team = OTHER_TEAM;
    let change = Changes {
        ops: chain
            .iter()
            .cloned()
            .chain([data_op(40, honest, 0), elsewhere])
            .collect(),
        frontier: vec![head(&chain[3], false), head(&data_op(40, honest, 0), false)],
        ..Changes::default()
    };
    commit(&mut vault, change).await;
    assert!(vault.ledger_ops(&TEAM).await.unwrap().is_empty());

    let mut control = op(50);
    control.device = DEVICE;
    control.seq = 4;
    let change = Changes {
        ops: vec![apart.clone(), control.clone()],
        // Its first chain goes no further by the op apart.
        frontier: vec![head(&chain[3], true), head(&control, false)],
        ..Changes::default()
    };
    commit(&mut vault, change).await;
    let mut expected = chain.clone();
    expected.extend([apart.clone(), control.clone()]);
    assert_eq!(vault.ledger_ops(&TEAM).await.unwrap(), expected);
    let heads = vault.frontier(&TEAM).await.unwrap();
    let forked: Vec<_> = heads.iter().filter(|head| head.forked).collect();
    assert_eq!(forked, [&head(&control, true)]);

    assert_eq!(
        vault.ops_at(&TEAM, &DEVICE, 2).await.unwrap(),
        [chain[2].id, apart.id]
    );
    assert_eq!(vault.ops_at(&TEAM, &DEVICE, 5).await.unwrap(), []);
    let places = vault.op_places(&TEAM).await.unwrap();
    assert_eq!(places.len(), 7);
    assert!(places.contains(&(DEVICE, 2, apart.id)));
    let unseen = vault.data_ops_of(&TEAM, &DEVICE, 2).await.unwrap();
    assert_eq!(unseen, [chain[2].clone(), chain[3].clone(), apart]);
    assert_eq!(
        vault
            .data_ops_of(&OTHER_TEAM, &DEVICE, 0)
            .await
            .unwrap()
            .len(),
        1
    );
    vault.verify_full().await.unwrap();
}

#[tokio::test]
async fn all_ops_come_in_pages() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let in_team = |n: u8| {
        let mut op = data_op(n, DEVICE, n.into());
        op.team = if n % 3 == 0 { OTHER_TEAM } else { TEAM };
        op.status = if n % 2 == 0 {
            OpStatus::Void
        } else {
            OpStatus::Quarantined
        };
        op
    };
    let change = Changes {
        ops: (1..30).rev().map(in_team).collect(),
        ..Changes::default()
    };
    commit(&mut vault, change).await;
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        let page = vault.all_ops(&TEAM, after, 4).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        assert!(page.len() <= 4 && *last > after);
        after = *last;
        found.extend(page.into_iter().map(|(_, op)| op));
    }
    let expected: Vec<Op> = (1..30).rev().filter(|n| n % 3 != 0).map(in_team).collect();
    assert_eq!(found, expected);
}
