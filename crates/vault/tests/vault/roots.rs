//! Whatever is committed, the sums that were kept row by row are those of all rows.

use proptest::prelude::*;
use team::ids::{OpId, VersionId};
use vault::{Changes, Check, Durability, KeyKind, OpStatus, StateChange, VersionState};

use crate::fixture::{
    BUNDLE, Home, TEAM, changes, empty, key, object, open, pack, reseal, version, waiting,
};

/// One random commit, from what was stored before.
#[derive(Clone, Debug)]
struct Step {
    fresh: bool,
    status: Option<u8>,
    state: Option<u8>,
    key: Option<u8>,
    reseal: Option<u8>,
    supersede: Option<u8>,
    other: Option<u8>,
    erase: bool,
    many: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let some = || proptest::option::of(any::<u8>());
    (
        any::<bool>(),
        some(),
        some(),
        some(),
        (some(), some(), some()),
        any::<bool>(),
        proptest::bool::weighted(0.1),
    )
        .prop_map(|(fresh, status, state, key, others, erase, many)| Step {
            fresh,
            status,
            state,
            key,
            reseal: others.0,
            supersede: others.1,
            other: others.2,
            erase,
            many,
        })
}

async fn run(steps: Vec<Step>) {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let mut stored: Vec<u8> = Vec::new();
    let mut keys: Vec<u8> = Vec::new();
    for (n, step) in (0_u8..).zip(steps) {
        let mut change = Changes::default();
        if step.fresh {
            change = changes(&vault, n);
            keys.push(n);
        }
        let pick = |choice: Option<u8>, from: &[u8]| {
            choice
                .filter(|_| !from.is_empty())
                .map(|choice| from[choice as usize % from.len()])
        };
        if let Some(id) = pick(step.status, &stored) {
            change
                .op_statuses
                .push((OpId::from_bytes([id; 32]), OpStatus::Quarantined));
        }
        if let Some(id) = pick(step.state, &stored) {
            let state = if n % 2 == 0 {
                VersionState::Superseded
            } else {
                VersionState::Head
            };
            change.version_states.push(StateChange {
                op: OpId::from_bytes([id; 32]),
                pos: 0,
                state,
            });
        }
        if let Some(id) = pick(step.reseal, &stored) {
            // Every other one is older than what stands there.
            let mut new = reseal(&vault, id);
            new.op = OpId::from_bytes([n ^ 0xc0; 32]);
            new.lamport = if n % 2 == 0 { 200 + u64::from(n) } else { 1 };
            change.reseals.push(new);
        }
        if let Some(id) = pick(step.supersede, &stored) {
            change.superseded.push(version(&vault, id).place());
        }
        if let Some(id) = pick(step.other, &stored) {
            if n % 2 == 0 {
                change.packs_removed.push(pack(id).op);
                change.waiting_removed.push(waiting(id).op);
                change
                    .outbox_removed
                    .push((TEAM, OpId::from_bytes([id; 32])));
                change.remotes_removed.push(TEAM);
                change.objects_forgotten.push(TEAM);
            } else {
                change.packs.push(pack(id));
                change.waiting.push(waiting(id));
                change.outbox.push((TEAM, OpId::from_bytes([id; 32])));
                change.objects.push(object(id));
            }
            if id % 3 == 0 {
                change.versions_removed.push(OpId::from_bytes([id; 32]));
                stored.retain(|stored| *stored != id);
            }
        }
        if let Some(id) = pick(step.key, &keys) {
            change.keys.push(key(id));
        }
        if step.erase && !step.fresh && keys.len() > 1 {
            change.keys.clear();
            change
                .keys_removed
                .push((TEAM, KeyKind::BundleKey, key(keys.remove(0)).id));
        }
        if step.many {
            // More than one INSERT's worth.
            change.versions.extend((0..700_u16).map(|i| {
                let mut many = version(&vault, n);
                let mut id = [0xee; 16];
                id[0] = n;
                id[1..3].copy_from_slice(&i.to_be_bytes());
                many.id = VersionId::from_bytes(id);
                many.pos = u32::from(i) + 1;
                many
            }));
        }
        if step.fresh {
            stored.push(n);
        }
        vault.commit(change, Durability::Lazy).await.unwrap();
        vault.verify_full().await.unwrap();
    }
    vault.lock().await.unwrap();
    open(&home.vault(), Check::Full).await.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]
    #[test]
    fn kept_sums_are_recomputed_sums(steps in proptest::collection::vec(step(), 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps));
    }
}

#[tokio::test]
async fn thousands_of_versions_are_hidden_in_one_commit() {
    let home = Home::new();
    let mut vault = empty(&home.vault()).await;
    let versions: Vec<_> = (0..3000_u16)
        .map(|i| {
            let mut many = version(&vault, 1);
            let mut id = [0; 16];
            id[..2].copy_from_slice(&i.to_be_bytes());
            many.id = VersionId::from_bytes(id);
            many.pos = i.into();
            many
        })
        .collect();
    let hide = Changes {
        version_states: versions
            .iter()
            .map(|version| StateChange {
                op: version.op,
                pos: version.pos,
                state: VersionState::Superseded,
            })
            .collect(),
        ..Changes::default()
    };
    let places = versions.iter().map(|version| version.place()).collect();
    let supersede = Changes {
        superseded: places,
        ..Changes::default()
    };
    let show = Changes {
        version_states: hide
            .version_states
            .iter()
            .map(|change| StateChange {
                state: VersionState::Head,
                ..*change
            })
            .collect(),
        ..Changes::default()
    };
    vault
        .commit(
            Changes {
                versions,
                ..Changes::default()
            },
            Durability::Durable,
        )
        .await
        .unwrap();
    for (change, heads) in [(hide, 0), (show, 3000), (supersede, 0)] {
        vault.commit(change, Durability::Durable).await.unwrap();
        assert_eq!(vault.heads(&TEAM, &BUNDLE).await.unwrap().len(), heads);
    }
    vault.verify_full().await.unwrap();
}
