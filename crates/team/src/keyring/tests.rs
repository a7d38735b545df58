//! What only the inside of a keyring can forge.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::op::KeySection;

fn keyring() -> Keyring {
    let (team, member) = (TeamId::from_bytes([1; 32]), MemberId::from_bytes([2; 32]));
    Keyring::new(team, member, DeviceSecret::make())
}

#[test]
fn an_older_key_comes_out_of_its_seal_under_its_own_name_only() {
    // Threats 17 and 22: whoever holds the newer key may seal anything under any name.
    let (old, other, new) = (
        SecretBytes::make(),
        SecretBytes::make(),
        SecretBytes::make(),
    );
    let author = DeviceId::from_bytes([3; 32]);
    let right = keyring().seal_log_key(&old, &new);
    let (under, key) = (crypto::key_id(&new), crypto::key_id(&other));
    let aad = keyring().predecessor_aad(TransportKind::Log, under, key);
    let renamed = PredecessorSeal {
        key,
        sealed: crypto::seal(&new, Purpose::LogKey, &aad, old.expose()),
        ..right.clone()
    };
    let short = PredecessorSeal {
        sealed: crypto::seal(&new, Purpose::LogKey, &aad, &old.expose()[..31]),
        ..renamed.clone()
    };
    for (seal, opens) in [(right, true), (renamed, false), (short, false)] {
        let mut keyring = keyring();
        keyring.add_log_key(SecretBytes::new(*new.expose()));
        let section = KeySection {
            wraps: Vec::new(),
            seals: vec![seal.clone()],
        };
        let taken = keyring.take_from(&section, author, true);
        assert_eq!(taken.learned.len(), usize::from(opens));
        assert_eq!(taken.unopened, if opens { vec![] } else { vec![seal.key] });
        assert_eq!(keyring.log_key(&crypto::key_id(&old)).is_some(), opens);
        assert!(keyring.log_key(&key).is_none());
    }
}

#[test]
fn a_chain_of_older_keys_opens_in_any_order() {
    let keys: Vec<SecretBytes<32>> = (0..6).map(|_| SecretBytes::make()).collect();
    let author = DeviceId::from_bytes([3; 32]);
    let seals: Vec<_> = keys
        .windows(2)
        .map(|pair| keyring().seal_log_key(&pair[0], &pair[1]))
        .collect();
    let newest = || SecretBytes::new(*keys[5].expose());
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]] {
        let seals = order
            .iter()
            .map(|nth: &usize| seals[*nth].clone())
            .collect();
        let mut keyring = keyring();
        keyring.add_log_key(newest());
        let taken = keyring.take_from(
            &KeySection {
                wraps: Vec::new(),
                seals,
            },
            author,
            true,
        );
        assert_eq!((taken.learned.len(), taken.unopened.len()), (5, 0));
        assert_eq!(keyring.log_keys().count(), 6);
    }
}

#[test]
fn a_wrap_is_bound_to_whom_by_whom_and_for_what() {
    // Threats 2 and 17: each part of its context, changed alone.
    let (seed, key) = (MemberSeed::make(), SecretBytes::make());
    let (author, bundle) = (DeviceId::from_bytes([3; 32]), BundleId::from_bytes([4; 16]));
    let to = seed.exchange().public();
    let wrap = keyring()
        .wrap_bundle_key(bundle, &key, (keyring().member(), 1, to), author)
        .unwrap();
    let id = crypto::key_id(&key);
    let take = |team: u8, bundle: BundleId, wrap: &BundleWrap, author: DeviceId| {
        let team = TeamId::from_bytes([team; 32]);
        let mut keyring = Keyring::new(team, wrap.0, DeviceSecret::make());
        keyring.add_seed(
            1,
            MemberSeed::new(SecretBytes::new(*seed.secret().expose())),
        );
        keyring
            .take_bundle_key(bundle, id, std::slice::from_ref(wrap), author)
            .ok()
            .flatten()
    };
    assert_eq!(
        take(1, bundle, &wrap, author),
        Some(Learned::Bundle(id, bundle))
    );
    assert_eq!(take(9, bundle, &wrap, author), None);
    assert_eq!(take(1, BundleId::from_bytes([9; 16]), &wrap, author), None);
    assert_eq!(take(1, bundle, &wrap, DeviceId::from_bytes([9; 32])), None);
    let other_generation = BundleWrap(wrap.0, 2, wrap.2);
    assert_eq!(take(1, bundle, &other_generation, author), None);
    let other_member = BundleWrap(MemberId::from_bytes([9; 32]), 1, wrap.2);
    assert_eq!(take(1, bundle, &other_member, author), None);
}

#[test]
fn a_key_that_came_as_another_bundles_is_learned_for_its_own() {
    // threat 2
    let (seed, key) = (MemberSeed::make(), SecretBytes::make());
    let author = DeviceId::from_bytes([3; 32]);
    let to = seed.exchange().public();
    let mut keyring = keyring();
    let wrap = |bundle| {
        let to = (keyring.member(), 1, to);
        keyring.wrap_bundle_key(bundle, &key, to, author).unwrap()
    };
    let (first, own) = (BundleId::from_bytes([4; 16]), BundleId::from_bytes([5; 16]));
    let (as_first, as_own) = (wrap(first), wrap(own));
    let id = crypto::key_id(&key);
    keyring.add_seed(1, seed);
    let mut take = |bundle, wrap| {
        let taken = keyring.take_bundle_key(bundle, id, std::slice::from_ref(wrap), author);
        taken.unwrap()
    };
    assert_eq!(take(first, &as_first), Some(Learned::Bundle(id, first)));
    assert_eq!(take(own, &as_own), Some(Learned::Bundle(id, own)));
    assert_eq!(take(own, &as_own), None);
}
