//! An entry version opens only where it stands, and in one piece.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod ledger_harness;

use std::collections::BTreeMap;

use crypto::{SecretBytes, SecretVec};
use ledger_harness::{Replica, TIME, add_device, content, found};
use sealfold_team as team;
use team::EntryError;
use team::entry::{self, Content, EntryKind, Metadata, Place};
use team::ids::{BundleId, DeviceId, EntryId, TeamId, VersionId};

fn place(key: &SecretBytes<32>) -> Place {
    Place {
        team: TeamId::from_bytes([1; 32]),
        bundle: BundleId::from_bytes([2; 16]),
        epoch: crypto::key_id(key),
        entry: EntryId::from_bytes([3; 16]),
        version: VersionId::from_bytes([4; 16]),
        sealed_by: DeviceId::from_bytes([5; 32]),
    }
}

fn login() -> Content {
    let field =
        |name: &str, value: &str| (name.to_owned(), SecretVec::new(value.as_bytes().to_vec()));
    Content {
        name: "bank".to_owned(),
        kind: EntryKind::Login,
        fields: BTreeMap::from([
            field("password", "hunter2"),
            field("url", "https://bank.example"),
            field("username", "ada"),
        ]),
        note: "a remark".to_owned(),
        tags: vec!["money".to_owned()],
        metadata: Metadata {
            owner: Some("ada".to_owned()),
            expires: Some(TIME),
            ..Metadata::default()
        },
        written: TIME,
    }
}

#[test]
fn everything_in_a_version_comes_back() {
    let key = SecretBytes::make();
    let author = DeviceId::from_bytes([9; 32]);
    let sealed = entry::seal(&key, &place(&key), author, &login());
    let opened = entry::open(&key, &place(&key), &sealed).unwrap();
    let (content, before) = (opened.content, login());
    assert_eq!(
        (content.name, content.kind, content.note),
        (before.name, before.kind, before.note)
    );
    assert_eq!(
        (content.tags, content.metadata, content.written),
        (before.tags, before.metadata, before.written)
    );
    assert_eq!(content.fields, before.fields);
    // threat 34: the author stands inside, and is another than the one who sealed it last.
    assert_eq!(opened.author, author);
}

#[test]
fn a_version_opens_nowhere_else() {
    // threats 2, 4 and 34: another team, bundle, epoch, entry, version or sealer.
    let key = SecretBytes::make();
    let sealed = entry::seal(&key, &place(&key), DeviceId::from_bytes([5; 32]), &login());
    let changes: [fn(&mut Place); 6] = [
        |place| place.team = TeamId::from_bytes([9; 32]),
        |place| place.bundle = BundleId::from_bytes([9; 16]),
        |place| place.epoch = crypto::key_id(&SecretBytes::make()),
        |place| place.entry = EntryId::from_bytes([9; 16]),
        |place| place.version = VersionId::from_bytes([9; 16]),
        |place| place.sealed_by = DeviceId::from_bytes([9; 32]),
    ];
    for (nth, change) in changes.into_iter().enumerate() {
        let mut other = place(&key);
        change(&mut other);
        assert_eq!(
            entry::open(&key, &other, &sealed).unwrap_err(),
            EntryError,
            "{nth}"
        );
    }
    assert_eq!(
        entry::open(&SecretBytes::make(), &place(&key), &sealed).unwrap_err(),
        EntryError
    );
    assert!(entry::open(&key, &place(&key), &sealed).is_ok());
}

#[test]
fn fields_can_not_be_swapped_cut_or_changed() {
    // threats 1 and 3: one AEAD call a version, so no part of it can be moved into another field.
    let key = SecretBytes::make();
    let sealed = entry::seal(&key, &place(&key), DeviceId::from_bytes([5; 32]), &login());
    for byte in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[byte] ^= 1;
        assert_eq!(
            entry::open(&key, &place(&key), &changed).unwrap_err(),
            EntryError,
            "byte {byte}"
        );
        assert_eq!(
            entry::open(&key, &place(&key), &sealed[..byte]).unwrap_err(),
            EntryError,
            "cut to {byte}"
        );
    }
    let mut swapped = sealed.clone();
    let body = 64..sealed.len() - 16;
    swapped[body].rotate_left(16);
    assert!(entry::open(&key, &place(&key), &swapped).is_err());
}

#[test]
fn equal_values_look_unequal_and_lengths_are_padded() {
    // threat 20
    let key = SecretBytes::make();
    let seal = |value: &str| {
        entry::seal(
            &key,
            &place(&key),
            DeviceId::from_bytes([5; 32]),
            &content(value),
        )
    };
    assert_ne!(seal("equal"), seal("equal"));
    assert_eq!(seal("a").len(), seal("a longer value").len());
}

/// A put of one device under another's name: the seal names the sealer, and the op its signer.
#[test]
fn anothers_ciphertext_put_again_does_not_open() {
    // threat 34
    let (_, mut laptop) = found();
    let (bundle, entry) = (laptop.make_bundle(), EntryId::make());
    let (_, version) = laptop.put(bundle, entry, "the laptop's");
    let phone = add_device(&mut laptop, "phone");
    let stolen = laptop.versions[&version].sealed.clone().unwrap().bytes;
    let right = laptop.place(version);
    let key = phone.keys.bundle_key(&right.epoch).unwrap();
    let own = Place {
        sealed_by: phone.id(),
        ..right
    };
    assert_eq!(entry::open(key, &own, &stolen).unwrap_err(), EntryError);
    assert_eq!(
        entry::open(
            key,
            &Place {
                version: VersionId::make(),
                ..own
            },
            &stolen
        )
        .unwrap_err(),
        EntryError
    );
    assert!(entry::open(key, &right, &stolen).is_ok());
}

#[test]
fn a_version_of_one_bundle_is_none_of_another() {
    // threat 2, over whole ops: two bundles of one team, and two teams.
    let (_, mut laptop) = found();
    let bundles = [laptop.make_bundle(), laptop.make_bundle()];
    let versions = bundles.map(|bundle| laptop.put(bundle, EntryId::make(), "a value").1);
    let (_, mut elsewhere) = found();
    let other = elsewhere.make_bundle();
    let (_, foreign) = elsewhere.put(other, EntryId::make(), "a value");
    let [first, second] = versions.map(|version| (laptop.place(version), sealed(&laptop, version)));
    let third = (elsewhere.place(foreign), sealed(&elsewhere, foreign));
    for (place, _) in [&first, &second, &third] {
        for (from, bytes) in [&first, &second, &third] {
            let keys = [&laptop, &elsewhere].map(|replica| replica.keys.bundle_key(&place.epoch));
            let key = keys.into_iter().flatten().next().unwrap();
            assert_eq!(entry::open(key, place, bytes).is_ok(), place == from);
        }
    }
}

fn sealed(replica: &Replica, version: VersionId) -> Vec<u8> {
    replica.versions[&version].sealed.clone().unwrap().bytes
}
