//! Data of devices that are gone, puts under epochs that have ended, and what a key may not do.

use super::forge::{Forged, standing};
use super::harness::{Packet, Replica, TIME, add_device, content, copy, found};
use crate::ids::{BundleId, EntryId, VersionId};
use crate::ledger::{Draft, Due, Receipt, Standing};
use crate::op::{Action, Reseal};

/// A laptop, a phone that knows all of it, a bundle and an entry.
fn scene() -> (Replica, Replica, BundleId, EntryId) {
    let (_, mut laptop) = found();
    let (bundle, entry) = (laptop.make_bundle(), EntryId::make());
    laptop.put(bundle, entry, "before");
    let phone = add_device(&mut laptop, "phone");
    (laptop, phone, bundle, entry)
}

fn revoke(by: &mut Replica, whom: &Replica) -> Packet {
    let whom = whom.id();
    by.write(|ledger, keys| ledger.revoke_device(keys, keys.device(), whom, TIME))
}

fn draft_put(replica: &Replica, bundle: BundleId, entry: EntryId) -> Forged {
    Forged::draft(replica, |ledger, keys| {
        let content = content("forged");
        let version = VersionId::make();
        ledger.put(
            keys,
            bundle,
            &[Draft {
                entry,
                version,
                predecessors: Vec::new(),
                content: &content,
            }],
            TIME,
        )
    })
}

#[test]
fn data_that_the_revocation_had_not_seen_is_quarantined_whatever_came_first() {
    // threat 28
    let (mut laptop, mut phone, bundle, entry) = scene();
    let (seen, _) = phone.put(bundle, entry, "seen");
    laptop.sync(&phone);
    let (late, version) = phone.put(bundle, entry, "unseen");
    let removed = phone.delete(bundle, entry).unwrap();
    let revocation = revoke(&mut laptop, &phone);

    // The revocation first, and the data first.
    let mut after = laptop.twin();
    after.deliver([&late, &removed]);
    let mut before = Replica::joining(&laptop, copy(laptop.keys.device()));
    before.sync(&phone);
    assert_eq!(before.standing(late.id()), Some(Standing::Valid));
    before.receive(&revocation);
    for replica in [&after, &before] {
        assert_eq!(replica.standing(seen.id()), Some(Standing::Valid));
        assert_eq!(replica.standing(late.id()), Some(Standing::Quarantined));
        assert_eq!(replica.standing(removed.id()), Some(Standing::Quarantined));
        // Kept for review, and shown to nobody as the value.
        assert_eq!(
            replica.versions[&version].by,
            (late.id(), Standing::Quarantined)
        );
        assert!(!replica.heads(entry).contains(&version));
        assert_eq!(replica.ledger.state_hash(), before.ledger.state_hash());
    }
}

#[test]
fn an_earlier_devices_data_is_quarantined_too_though_its_control_ops_are_not_cut() {
    // Rule 7 is wider than rule 6 (i): a later device can't stop the control ops of an earlier one.
    let (mut laptop, mut phone, bundle, entry) = scene();
    let (put, _) = laptop.put(bundle, entry, "unseen");
    let archive = laptop.write(|ledger, keys| ledger.archive_bundle(keys, bundle, true, TIME));
    revoke(&mut phone, &laptop);
    phone.deliver([&put, &archive]);
    assert_eq!(phone.standing(put.id()), Some(Standing::Quarantined));
    assert_eq!(phone.standing(archive.id()), Some(Standing::Valid));
}

#[test]
fn control_ops_of_a_revoked_device_are_void_whatever_came_first() {
    // threat 28
    let (mut laptop, mut phone, bundle, _) = scene();
    let ops = [
        phone.write(|ledger, keys| ledger.archive_bundle(keys, bundle, true, TIME)),
        phone.write(|ledger, keys| {
            ledger.create_bundle(keys, BundleId::make(), ("web", "test"), TIME)
        }),
        phone.start_epoch(bundle),
        phone.write(|ledger, keys| ledger.rotate_member_key(keys, keys.device(), TIME)),
    ];
    // Enough of its own, so that the revocation is last in the order of (lamport, id), or first.
    for own_ops in [0, 9] {
        for _ in 0..own_ops {
            laptop.write(|ledger, keys| ledger.archive_bundle(keys, bundle, false, TIME));
        }
        let mut ahead = laptop.twin();
        let packet = Packet::from(
            ahead
                .ledger
                .revoke_device(&ahead.keys, ahead.keys.device(), phone.id(), TIME)
                .unwrap(),
        );
        let mut before = laptop.twin();
        before.deliver(&ops);
        assert!(
            ops.iter()
                .all(|op| before.standing(op.id()) == Some(Standing::Valid))
        );
        let receipts = before.receive(&packet);
        let Receipt::Applied(_, effects) = &receipts[0] else {
            panic!("{receipts:?}")
        };
        let told: Vec<_> = effects
            .changed
            .iter()
            .map(|(op, standing)| (*op, *standing))
            .collect();
        assert_eq!(told.len(), ops.len(), "what changed is told");
        ahead.receive(&packet);
        ahead.deliver(&ops);
        for replica in [&before, &ahead] {
            assert!(
                ops.iter()
                    .all(|op| replica.standing(op.id()) == Some(Standing::Void))
            );
            assert!(!replica.ledger.state().bundles()[&bundle].archived);
        }
        assert_eq!(before.ledger.state_hash(), ahead.ledger.state_hash());
    }
}

#[test]
fn in_knowledge_of_its_revocation_a_device_can_do_nothing() {
    // threat 26
    let (mut laptop, phone, bundle, entry) = scene();
    revoke(&mut laptop, &phone);
    let (head, op) = laptop.ledger.chains().head(&laptop.id()).unwrap();
    let lamport = laptop.log.last().unwrap().lamport() + 1;
    let mut forged = [
        draft_put(&phone, bundle, entry),
        Forged::draft(&phone, |ledger, keys| {
            ledger.archive_bundle(keys, bundle, true, TIME)
        }),
    ];
    for (nth, forged) in forged.iter_mut().enumerate() {
        forged.inner.deps = vec![crate::op::Dep(laptop.id(), head.seq, op)];
        forged.inner.lamport = lamport;
        forged.inner.time = nth as u64;
    }
    for forged in forged {
        assert_eq!(
            standing(&mut laptop, &forged.packet(&phone.keys)),
            Standing::Void
        );
    }
    assert!(
        laptop.ledger.chains().forked(&phone.id()),
        "both stood at seq 0"
    );
}

#[test]
fn a_put_stands_under_an_epoch_that_had_not_ended_for_its_author() {
    // Grace (protocol §8), and threat 36.
    let (mut laptop, mut phone, bundle, entry) = scene();
    let old = laptop.ledger.current_epoch(&bundle).unwrap();
    // Apart from each other: the phone has not seen the new epoch.
    laptop.start_epoch(bundle);
    let (put, version) = phone.put(bundle, entry, "in time");
    laptop.receive(&put);
    assert_eq!(laptop.standing(put.id()), Some(Standing::Valid));
    assert_eq!(laptop.value(version), "in time");
    // Whoever has seen it may not.
    phone.sync(&laptop);
    let mut late = draft_put(&phone, bundle, entry);
    let Action::Put(action) = &mut late.inner.action else {
        panic!("it is one")
    };
    assert_ne!(action.epoch, old);
    action.epoch = old;
    let late = late.packet(&phone.keys);
    for replica in [&mut laptop, &mut phone] {
        assert_eq!(standing(replica, &late), Standing::Void);
    }
    // Nor under a key that nobody has announced.
    let mut unknown = draft_put(&laptop, bundle, entry);
    let Action::Put(action) = &mut unknown.inner.action else {
        panic!("it is one")
    };
    action.epoch = crypto::key_id(&crypto::SecretBytes::make());
    assert_eq!(
        standing(&mut phone, &unknown.packet(&laptop.keys)),
        Standing::Void
    );
}

#[test]
fn of_concurrent_epochs_each_may_be_written_under() {
    let (mut laptop, mut phone, bundle, entry) = scene();
    laptop.start_epoch(bundle);
    phone.start_epoch(bundle);
    laptop.sync(&phone);
    phone.sync(&laptop);
    assert_eq!(
        laptop.ledger.current_epoch(&bundle),
        phone.ledger.current_epoch(&bundle)
    );
    for epoch in laptop.ledger.state().bundles()[&bundle]
        .epochs
        .keys()
        .copied()
        .collect::<Vec<_>>()
    {
        let mut forged = draft_put(&laptop, bundle, entry);
        let Action::Put(put) = &mut forged.inner.action else {
            panic!("it is one")
        };
        let ended = laptop.ledger.state().bundles()[&bundle].epochs.len() == 3
            && epoch == first_epoch(&laptop, bundle);
        put.epoch = epoch;
        let packet = forged.packet(&laptop.keys);
        let mut reader = laptop.twin();
        let expected = if ended {
            Standing::Void
        } else {
            Standing::Valid
        };
        assert_eq!(standing(&mut reader, &packet), expected);
    }
}

fn first_epoch(replica: &Replica, bundle: BundleId) -> crypto::KeyId {
    let create = replica.log.iter().find_map(|op| match op.action() {
        Action::CreateBundle(create) if create.bundle == bundle => Some(create.epoch.key),
        _ => None,
    });
    create.unwrap()
}

#[test]
fn the_newest_epoch_may_be_stale_while_an_older_one_is_not() {
    // The phone starts an epoch for a generation that the laptop has just replaced: the laptop's
    // own older epoch is the one to write under, though the phone's is later in the order.
    let (mut laptop, mut phone, bundle, entry) = scene();
    laptop.write(|ledger, keys| ledger.rotate_member_key(keys, keys.device(), TIME));
    laptop.rotate_all();
    let current = laptop.ledger.current_epoch(&bundle).unwrap();
    for _ in 0..9 {
        phone.write(|ledger, keys| ledger.archive_bundle(keys, bundle, false, TIME));
    }
    phone.start_epoch(bundle);
    laptop.sync(&phone);
    assert_ne!(laptop.ledger.newest_epoch(&bundle), Some(current));
    assert_eq!(laptop.ledger.current_epoch(&bundle), Some(current));
    assert!(laptop.due().is_empty());
    let (put, _) = laptop.put(bundle, entry, "under the older");
    assert_eq!(laptop.standing(put.id()), Some(Standing::Valid));
    phone.sync(&laptop);
    assert_eq!(phone.standing(put.id()), Some(Standing::Valid));
}

#[test]
fn what_stands_under_an_epoch_that_is_void_afterwards_stands() {
    // Protocol §8: its key is kept, and the next writer rotates.
    let (mut laptop, mut phone, bundle, entry) = scene();
    let mut tablet = add_device(&mut laptop, "tablet");
    phone.sync(&laptop);
    let start = phone.start_epoch(bundle);
    tablet.sync(&phone);
    let (put, version) = tablet.put(bundle, entry, "under the phone's key");
    // The laptop had seen neither.
    revoke(&mut laptop, &phone);
    laptop.deliver([&start, &put]);
    assert_eq!(laptop.standing(start.id()), Some(Standing::Void));
    assert_eq!(laptop.standing(put.id()), Some(Standing::Valid));
    assert_eq!(laptop.value(version), "under the phone's key");
    assert_eq!(
        laptop.due(),
        [Due::MemberKey, Due::LogKey, Due::Epoch(bundle)]
    );
    tablet.sync(&laptop);
    assert_eq!(tablet.standing(put.id()), Some(Standing::Valid));
    assert_eq!(tablet.ledger.state_hash(), laptop.ledger.state_hash());
}

#[test]
fn the_recovery_key_writes_no_data_and_no_bundles() {
    let (recovery, mut laptop) = found();
    let (bundle, entry) = (laptop.make_bundle(), EntryId::make());
    let mut paper = Replica::joining(&laptop, recovery.device());
    paper.sync(&laptop);
    let forged = [
        draft_put(&paper, bundle, entry),
        Forged::draft(&paper, |ledger, keys| {
            ledger.archive_bundle(keys, bundle, true, TIME)
        }),
        Forged::draft(&paper, |ledger, keys| {
            ledger.create_bundle(keys, BundleId::make(), ("a", "b"), TIME)
        }),
        Forged::draft(&paper, |ledger, keys| {
            ledger.start_epoch(keys, bundle, &[], TIME)
        }),
        Forged::draft(&paper, |ledger, keys| {
            let removal = crate::op::NewVersion(entry, VersionId::make(), Vec::new());
            ledger.delete(keys, bundle, vec![removal], TIME)
        }),
    ];
    for forged in forged {
        assert_eq!(
            standing(&mut laptop, &forged.packet(&paper.keys)),
            Standing::Void
        );
    }
}

#[test]
fn a_bundle_is_made_once() {
    let (mut laptop, mut phone, bundle, _) = scene();
    let before = laptop.ledger.state().bundles()[&bundle].epochs.clone();
    let again =
        phone.write(|ledger, keys| ledger.create_bundle(keys, bundle, ("other", "name"), TIME));
    laptop.receive(&again);
    assert_eq!(laptop.standing(again.id()), Some(Standing::Void));
    let after = &laptop.ledger.state().bundles()[&bundle];
    assert_eq!(
        (after.name(), after.epochs.len()),
        ("api/prod".to_owned(), before.len())
    );
}

#[test]
fn a_reseal_says_who_sealed_it_and_brings_no_version() {
    let (mut laptop, mut phone, bundle, entry) = scene();
    let [version] = laptop.heads(entry)[..] else {
        panic!("one head")
    };
    let start = phone.start_epoch(bundle);
    let receipts = laptop.receive(&start);
    let Receipt::Applied(_, effects) = &receipts[0] else {
        panic!("{receipts:?}")
    };
    let [reseal] = &effects.reseals[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(
        (reseal.entry, reseal.version, reseal.sealed_by),
        (entry, version, phone.id())
    );
    assert!(effects.versions.is_empty());
    assert_eq!(laptop.heads(entry), [version]);
    assert_eq!(laptop.open(version).unwrap().author, laptop.id());
    // One that is void reseals nothing.
    let mut forged = Forged::draft(&laptop, |ledger, keys| {
        ledger.start_epoch(keys, bundle, &laptop.live(bundle), TIME)
    });
    let Action::StartEpoch(start) = &mut forged.inner.action else {
        panic!("it is one")
    };
    assert_eq!(start.reseals, [Reseal(entry, version)]);
    start.epoch.wraps.clear();
    let receipts = phone.receive(&forged.packet(&laptop.keys));
    let Receipt::Applied(_, effects) = &receipts[0] else {
        panic!("{receipts:?}")
    };
    assert_eq!(
        (effects.standing, effects.reseals.len()),
        (Some(Standing::Void), 0)
    );
}
