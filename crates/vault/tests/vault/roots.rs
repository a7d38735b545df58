//! Whatever is committed, the sums that were kept row by row are those of all rows.

use proptest::prelude::*;
use team::ids::{OpId, VersionId};
use vault::{Changes, Check, Durability, OpStatus, VersionState};

use crate::fixture::{Home, changes, empty, key, open, version};

/// One random commit, from what was stored before.
#[derive(Clone, Debug)]
struct Step {
    fresh: bool,
    status: Option<u8>,
    state: Option<u8>,
    key: Option<u8>,
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
        any::<bool>(),
        proptest::bool::weighted(0.1),
    )
        .prop_map(|(fresh, status, state, key, erase, many)| Step {
            fresh,
            status,
            state,
            key,
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
            change
                .version_states
                .push((VersionId::from_bytes([id; 16]), state));
        }
        if let Some(id) = pick(step.key, &keys) {
            change.keys.push(key(id));
        }
        if step.erase && !step.fresh && keys.len() > 1 {
            change.keys.clear();
            change.keys_removed.push(key(keys.remove(0)).id);
        }
        if step.many {
            // More than one INSERT's worth.
            change.versions.extend((0..700_u16).map(|i| {
                let mut many = version(&vault, n);
                let mut id = [0xee; 16];
                id[0] = n;
                id[1..3].copy_from_slice(&i.to_be_bytes());
                many.id = VersionId::from_bytes(id);
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
            many
        })
        .collect();
    let states = versions
        .iter()
        .map(|v| (v.id, VersionState::Superseded))
        .collect();
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
    assert_eq!(
        vault.heads(&crate::fixture::BUNDLE).await.unwrap().len(),
        3000
    );
    let hide = Changes {
        version_states: states,
        ..Changes::default()
    };
    vault.commit(hide, Durability::Durable).await.unwrap();
    assert_eq!(vault.heads(&crate::fixture::BUNDLE).await.unwrap().len(), 0);
    vault.verify_full().await.unwrap();
}
