//! Seals of versions: all are kept, and packs are made of them again.

use proptest::prelude::*;
use serde_bytes::ByteBuf;
use team::ids::OpId;
use vault::{Changes, Check, OpStatus, Reseal, Seal, Vault, Version};

use crate::fixture::{
    BUNDLE, DEVICE, Home, TEAM, commit, empty, filled, later_seals, op, open, pack, reseal, version,
};

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

/// A seal that came before its version stands in both tables, and in its op once.
#[tokio::test]
async fn a_seal_may_come_before_its_version() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let seal = later_seals(&vault, 1, 1).remove(0);
    for versions in [vec![], vec![version(&vault, 1)], vec![]] {
        let change = Changes {
            versions,
            reseals: vec![seal.clone()],
            ..Changes::default()
        };
        commit(&mut vault, change).await;
        let kept = vault.sealed_by_op(&seal.op).await.unwrap();
        assert_eq!(kept, [(seal.pos, seal.sealed.clone())]);
    }
    assert_eq!(all_seals(&mut vault, 1).await.0.key, seal.key);
    vault.verify_full().await.unwrap();
}
