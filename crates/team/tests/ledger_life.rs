//! The life of a team of one: who holds what, and what each can do with just that (protocol §2).
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod ledger_harness;

use crypto::DeviceSecret;
use ledger_harness::{Packet, Replica, TIME, add_device, copy, found, id};
use sealfold_team as team;
use team::AuthorError;
use team::ids::EntryId;
use team::ledger::{Due, Missing, Receipt, Standing};

#[test]
fn a_team_of_one_writes_reads_removes_and_archives() {
    let (_, mut laptop) = found();
    let (member, device) = (laptop.member(), laptop.id());
    assert!(laptop.ledger.device_stands(&device));
    assert_eq!(laptop.ledger.role(&member), team::rules::Role::Owner);
    assert!(laptop.due().is_empty());

    let bundle = laptop.make_bundle();
    let entry = EntryId::make();
    let (_, first) = laptop.put(bundle, entry, "one");
    let (_, second) = laptop.put(bundle, entry, "two");
    assert_eq!(laptop.heads(entry), [second]);
    assert_eq!(
        (laptop.value(first), laptop.value(second)),
        ("one".to_owned(), "two".to_owned())
    );

    laptop.delete(bundle, entry).unwrap();
    let [removal] = laptop.heads(entry)[..] else {
        panic!("one head")
    };
    assert!(laptop.versions[&removal].sealed.is_none());
    // Removing keeps the versions.
    assert_eq!(laptop.value(first), "one");

    for archived in [true, false, true] {
        laptop.write(|ledger, keys| ledger.archive_bundle(keys, bundle, archived, TIME));
        assert_eq!(laptop.ledger.state().bundles()[&bundle].archived, archived);
    }
}

#[test]
fn a_new_device_learns_everything_from_the_ops_alone_in_any_order() {
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let (_, version) = laptop.put(bundle, EntryId::make(), "a value");
    let device = DeviceSecret::make();
    laptop.write(|ledger, keys| ledger.add_device(keys, keys.device(), &device, "phone", TIME));

    let ops: Vec<Packet> = laptop
        .log
        .iter()
        .map(|op| laptop.seen[&op.id()].clone())
        .collect();
    let forwards: Vec<usize> = (0..ops.len()).collect();
    let backwards: Vec<usize> = forwards.iter().rev().copied().collect();
    for order in [forwards, backwards, vec![1, 0, 3, 2], vec![2, 3, 0, 1]] {
        let mut phone = Replica::joining(&laptop, copy(&device));
        phone.deliver(order.iter().map(|nth| &ops[*nth]));
        assert_eq!(
            phone.ledger.state_hash(),
            laptop.ledger.state_hash(),
            "{order:?}"
        );
        assert_eq!(phone.value(version), "a value", "{order:?}");
        assert_eq!(phone.ledger.waiting().count(), 0);
        // It writes at once, for it holds what it needs.
        let (put, answer) = phone.put(bundle, EntryId::make(), "from the phone");
        let mut other = Replica::joining(&laptop, copy(laptop.keys.device()));
        other.sync(&phone);
        // A device can't open what no op wraps to it: the founder's own seed is wrapped to it too.
        assert_eq!(other.value(answer), "from the phone");
        assert_eq!(other.standing(put.id()), Some(Standing::Valid));
    }
}

#[test]
fn a_stranger_learns_nothing_from_the_same_ops() {
    // threat 26
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    laptop.put(bundle, EntryId::make(), "a value");
    add_device(&mut laptop, "phone");
    let mut stranger = Replica::joining(&laptop, DeviceSecret::make());
    stranger.sync(&laptop);
    assert!(stranger.log.is_empty());
    assert_eq!(stranger.keys.log_keys().count(), 0);
    assert!(
        stranger
            .ledger
            .waiting()
            .all(|(_, missing)| matches!(missing, Missing::LogKey(_)))
    );
}

#[test]
fn two_devices_of_one_member_see_each_other_and_siblings_are_kept() {
    let (_, mut laptop) = found();
    let (bundle, entry) = (laptop.make_bundle(), EntryId::make());
    laptop.put(bundle, entry, "before");
    let mut phone = add_device(&mut laptop, "phone");
    // Apart from each other.
    let (_, here) = laptop.put(bundle, entry, "laptop's");
    let (_, there) = phone.put(bundle, entry, "phone's");
    laptop.sync(&phone);
    phone.sync(&laptop);
    let mut siblings = vec![here, there];
    siblings.sort();
    for replica in [&laptop, &phone] {
        assert_eq!(replica.heads(entry), siblings);
        assert_eq!(
            (replica.value(here), replica.value(there)),
            ("laptop's".to_owned(), "phone's".to_owned())
        );
    }
    let (_, merged) = phone.put(bundle, entry, "both");
    laptop.sync(&phone);
    assert_eq!(laptop.heads(entry), [merged]);
}

/// The lost laptop's vault, and the recovery key on an empty machine.
struct Recovered {
    thief: Replica,
    paper: Replica,
    desk: Replica,
    version: team::ids::VersionId,
    bundle: team::ids::BundleId,
    entry: EntryId,
}

fn recover() -> Recovered {
    let (recovery, mut laptop) = found();
    let (bundle, entry) = (laptop.make_bundle(), EntryId::make());
    let (_, version) = laptop.put(bundle, entry, "old value");
    // All that the empty machine has: 24 words, team id and genesis id, and the ops.
    let mut paper = Replica::joining(&laptop, recovery.device());
    paper.sync(&laptop);
    assert_eq!(paper.value(version), "old value");

    let (signer, lost) = (recovery.device(), laptop.id());
    paper.write(|ledger, keys| ledger.revoke_device(keys, &signer, lost, TIME));
    assert_eq!(
        paper.due(),
        [Due::MemberKey, Due::LogKey, Due::Epoch(bundle)]
    );
    paper.write(|ledger, keys| ledger.rotate_member_key(keys, &signer, TIME));
    let device = DeviceSecret::make();
    paper.write(|ledger, keys| ledger.add_device(keys, &signer, &device, "desk", TIME));
    let mut desk = Replica::joining(&paper, device);
    desk.sync(&paper);
    Recovered {
        thief: laptop,
        paper,
        desk,
        version,
        bundle,
        entry,
    }
}

#[test]
fn the_recovery_key_alone_recovers_on_an_empty_machine() {
    let Recovered {
        thief,
        mut paper,
        mut desk,
        version,
        bundle,
        entry,
    } = recover();
    assert!(!desk.ledger.device_stands(&thief.id()));
    assert!(desk.ledger.device_stands(&desk.id()));
    assert_eq!(desk.value(version), "old value");
    assert_eq!(desk.due(), [Due::LogKey, Due::Epoch(bundle)]);
    // threat 36: nothing is written under a stale key.
    assert_eq!(
        desk.try_put(bundle, entry, "too early").unwrap_err(),
        AuthorError::NoBundleKey
    );
    let early = desk.try_write(|ledger, keys| ledger.archive_bundle(keys, bundle, true, TIME));
    assert_eq!(early.unwrap_err(), AuthorError::NoLogKey);

    assert_eq!(desk.rotate_all().len(), 2);
    assert!(desk.due().is_empty());
    let (_, new) = desk.put(bundle, entry, "new value");
    assert_eq!(desk.heads(entry), [new]);
    // The paper sees it too, and is no recipient of log or bundle keys but by its seed.
    paper.sync(&desk);
    assert_eq!(paper.value(new), "new value");
    assert_eq!(paper.ledger.state_hash(), desk.ledger.state_hash());
}

#[test]
fn a_revoked_device_opens_nothing_new() {
    // threat 36, protocol §8
    let Recovered {
        mut thief,
        mut desk,
        version,
        bundle,
        entry,
        ..
    } = recover();
    desk.rotate_all();
    let (_, new) = desk.put(bundle, entry, "new value");
    let before = thief.keys.log_keys().count();
    thief.sync(&desk);
    assert_eq!(thief.keys.log_keys().count(), before, "no new log key");
    assert!(
        !thief.versions.contains_key(&new),
        "the op itself does not open"
    );
    let epoch = desk.versions[&new].sealed.as_ref().unwrap().epoch;
    assert!(thief.keys.bundle_key(&epoch).is_none());
    // What it had, it has: that is what an exposure list is for.
    assert_eq!(thief.value(version), "old value");
    // It knows that it was revoked, for that op stands under a key that it holds, and stops.
    assert_eq!(
        thief.try_put(bundle, entry, "mine").unwrap_err(),
        AuthorError::NoBundleKey
    );
    for refused in [
        thief.try_write(|ledger, keys| ledger.rotate_member_key(keys, keys.device(), TIME)),
        thief.try_write(|ledger, keys| ledger.rotate_log_key(keys, TIME)),
        thief.try_write(|ledger, keys| {
            ledger.add_device(keys, keys.device(), &DeviceSecret::make(), "", TIME)
        }),
        thief.try_write(|ledger, keys| ledger.archive_bundle(keys, bundle, true, TIME)),
    ] {
        assert_eq!(refused.unwrap_err(), AuthorError::NotEnrolled);
    }
}

#[test]
fn revoking_one_of_two_devices_makes_every_key_due_in_order() {
    let (_, mut laptop) = found();
    let bundles = [laptop.make_bundle(), laptop.make_bundle()];
    let phone = add_device(&mut laptop, "phone");
    assert!(laptop.due().is_empty());
    let lost = phone.id();
    laptop.write(|ledger, keys| ledger.revoke_device(keys, keys.device(), lost, TIME));
    let mut epochs = bundles.map(Due::Epoch).to_vec();
    epochs.sort_by_key(|due| {
        if let Due::Epoch(bundle) = due {
            *bundle
        } else {
            unreachable!()
        }
    });
    assert_eq!(
        laptop.due(),
        [vec![Due::MemberKey, Due::LogKey], epochs].concat()
    );
    assert!(
        bundles
            .iter()
            .all(|bundle| laptop.ledger.current_epoch(bundle).is_none())
    );
    assert!(
        bundles
            .iter()
            .all(|bundle| laptop.ledger.newest_epoch(bundle).is_some())
    );
    assert_eq!(laptop.rotate_all().len(), 4);
    assert!(laptop.due().is_empty());
    assert!(
        bundles
            .iter()
            .all(|bundle| laptop.ledger.current_epoch(bundle).is_some())
    );
}

#[test]
fn a_reseal_keeps_version_and_author_and_makes_no_sibling() {
    let Recovered {
        thief,
        mut desk,
        version,
        bundle,
        entry,
        ..
    } = recover();
    desk.rotate_all();
    assert_eq!(desk.heads(entry), [version]);
    let sealed = desk.versions[&version].sealed.as_ref().unwrap();
    assert_eq!(Some(sealed.epoch), desk.ledger.current_epoch(&bundle));
    assert_eq!(sealed.by, desk.id());
    let opened = desk.open(version).unwrap();
    assert_eq!(opened.author, thief.id());
    assert_eq!(desk.value(version), "old value");
}

#[test]
fn a_pack_carries_what_is_too_large_for_an_op() {
    let (_, mut laptop) = found();
    let (bundle, entry) = (laptop.make_bundle(), EntryId::make());
    let large = "x".repeat(100_000);
    let (put, version) = laptop.put(bundle, entry, &large);
    assert!(put.pack.is_some() && put.op.len() < 2_000);
    assert_eq!(laptop.value(version), large);

    // The op waits for its pack. Another pack in its place is refused (threats 1 and 2), and says
    // nothing against the op.
    let mut paper = add_device(&mut laptop, "phone");
    assert_eq!(paper.value(version), large);
    let mut late = Replica::joining(&laptop, copy(paper.keys.device()));
    let others: Vec<Packet> = laptop
        .seen
        .values()
        .filter(|packet| packet.pack.is_none())
        .cloned()
        .collect();
    late.deliver(&others);
    let alone = Packet::new(put.op.clone());
    assert!(matches!(
        late.receive(&alone)[0],
        Receipt::Waiting {
            missing: Missing::Pack(_),
            ..
        }
    ));
    let mut changed = put.clone();
    changed.pack.as_mut().unwrap()[500] ^= 1;
    let before = late.ledger.state_hash();
    assert!(matches!(
        late.receive(&changed)[0],
        Receipt::Waiting {
            missing: Missing::Pack(_),
            ..
        }
    ));
    assert_eq!(late.ledger.state_hash(), before);
    late.receive(&put);
    assert_eq!(late.value(version), large);
    assert_eq!(late.ledger.waiting().count(), 0);
    paper.receive(&put);
}

#[test]
fn a_new_recovery_key_takes_the_place_of_the_old_one() {
    let (old, mut laptop) = found();
    let new = crypto::RecoveryKey::make();
    // Only the recovery key brings in another one: a stolen laptop could outrank its owner's paper.
    let by_laptop =
        laptop.write(|ledger, keys| ledger.add_recovery_key(keys, keys.device(), &new, TIME));
    assert_eq!(laptop.standing(by_laptop.id()), Some(Standing::Void));
    assert!(!laptop.ledger.device_stands(&id(&new.device())));

    let (signer, old_id) = (old.device(), id(&old.device()));
    let by_laptop =
        laptop.write(|ledger, keys| ledger.revoke_device(keys, keys.device(), old_id, TIME));
    assert_eq!(laptop.standing(by_laptop.id()), Some(Standing::Void));

    laptop.write(|ledger, keys| ledger.add_recovery_key(keys, &signer, &new, TIME));
    laptop.write(|ledger, keys| ledger.revoke_device(keys, &signer, old_id, TIME));
    assert!(laptop.ledger.device_stands(&id(&new.device())));
    assert!(!laptop.ledger.device_stands(&old_id));
    laptop.rotate_all();
    let mut paper = Replica::joining(&laptop, new.device());
    paper.sync(&laptop);
    assert_eq!(paper.ledger.state_hash(), laptop.ledger.state_hash());
    let mut old_paper = Replica::joining(&laptop, old.device());
    old_paper.sync(&laptop);
    assert!(old_paper.log.len() < laptop.log.len());
}

#[test]
fn a_restored_ledger_goes_on_as_if_it_had_never_stopped() {
    let (_, mut laptop) = found();
    let (bundle, entry) = (laptop.make_bundle(), EntryId::make());
    let mut phone = add_device(&mut laptop, "phone");
    for round in 0..3 {
        for _ in 0..round {
            laptop.put(bundle, entry, "laptop's");
        }
        phone.sync(&laptop);
        phone.put(bundle, entry, "phone's");
        phone.put(bundle, entry, "phone's second");
        laptop.sync(&phone);
        laptop.put(bundle, entry, "laptop's");
    }
    for replica in [&mut laptop, &mut phone] {
        let restarted = replica.restarted();
        assert_eq!(restarted.state_hash(), replica.ledger.state_hash());
        let next = restarted
            .archive_bundle(&replica.keys, bundle, true, TIME)
            .unwrap();
        let own = replica
            .ledger
            .archive_bundle(&replica.keys, bundle, true, TIME)
            .unwrap();
        let cited = |op: Vec<u8>| {
            let mut reader = replica.twin();
            let [Receipt::Applied(op, effects)] = &reader.receive(&Packet::new(op))[..] else {
                panic!("it applies")
            };
            assert_eq!(effects.standing, Some(Standing::Valid));
            (op.seq(), op.lamport(), op.deps().to_vec())
        };
        assert_eq!(cited(next.op), cited(own.op));
    }
}
