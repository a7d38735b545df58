//! Losing and coming back, each actor with only what they have (protocol §2, "who holds what",
//! *stale* and *Repair*). The other rows of that table are walked in `ledger_life`, `team_walk`,
//! `team_joining` and `team_jobs`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod ledger_harness;

use std::collections::BTreeSet;

use crypto::{DeviceSecret, MemberSeed, RecoveryKey, SecretBytes};
use ledger_harness::people::Asking;
use ledger_harness::{Packet, Replica, TIME, add_device, copy, found};
use sealfold_team as team;
use team::ids::EntryId;
use team::ledger::{Due, Entering, Lost, Owed, Reviewed, Standing, ask_to_return};
use team::op::{GivenRole, Heartbeat};
use team::recovery_note::RecoveryNote;
use team::rules::Role;

/// Everyone hears of everything, each with a sign of life that carries what others are owed.
fn all_settle(people: &mut [&mut Replica]) {
    for _ in 0..3 {
        for one in 0..people.len() {
            for other in 0..people.len() {
                if one != other {
                    let seen: Vec<Packet> = people[other].seen.values().cloned().collect();
                    people[one].deliver(&seen);
                }
            }
            repair(people[one]);
        }
    }
    let hash = people[0].ledger.state_hash();
    for one in people.iter() {
        assert_eq!(one.ledger.state_hash(), hash);
        assert_eq!(one.ledger.waiting().count(), 0, "nothing waits");
        assert_eq!(one.ledger.owed(&one.keys), []);
    }
}

/// Does what is due, and hands over what is owed.
fn repair(one: &mut Replica) {
    one.rotate_all();
    for owed in one.ledger.owed(&one.keys) {
        match owed {
            Owed::Bundle(bundle, member) => {
                one.write(|ledger, keys| ledger.rewrap(keys, bundle, member, TIME));
            }
            Owed::LogKey(..) | Owed::Seed(_) => beat(one),
        }
    }
}

fn beat(one: &mut Replica) {
    let heartbeat = Heartbeat {
        audit_head: [0; 32],
        audit_count: 0,
        published: None,
        age: None,
    };
    one.write(|ledger, keys| ledger.heartbeat(keys, heartbeat, TIME));
}

#[test]
fn the_founder_needs_nothing_but_the_genesis() {
    // "Found a team": the genesis carries the wraps of seed and log key.
    let (recovery, ada) = found();
    let genesis = ada.seen[&ada.ledger.genesis()].clone();
    for device in [copy(ada.keys.device()), recovery.device()] {
        let mut fresh = Replica::joining(&ada, device);
        fresh.receive(&genesis);
        assert_eq!(fresh.keys.seeds().count(), 1);
        assert_eq!(fresh.keys.log_keys().count(), 1);
        assert_eq!(fresh.ledger.role(&ada.member()), Role::Owner);
    }
}

#[test]
fn log_keys_rotated_apart_are_all_read_and_one_is_written_under() {
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Writer);
    let (_, mut cleo) = ada.take_in("Cleo", GivenRole::Writer);
    let (_, dora) = ada.take_in("Dora", GivenRole::Writer);
    let prod = ada.make_bundle();
    for member in [ben.member(), cleo.member()] {
        ada.grant(prod, member);
    }
    ada.write(|ledger, keys| ledger.remove_member(keys, dora.member(), TIME));
    for one in [&mut ben, &mut cleo] {
        one.sync(&ada);
        assert_eq!(one.due(), [Due::LogKey]);
    }
    // Each rotates for itself, and writes under its own key.
    let rotations = [&mut ben, &mut cleo].map(|one| one.rotate_all().remove(0).id());
    let entry = EntryId::make();
    let (_, by_ben) = ben.put(prod, entry, "ben's");
    let (_, by_cleo) = cleo.put(prod, entry, "cleo's");
    all_settle(&mut [&mut ada, &mut ben, &mut cleo]);
    let current: BTreeSet<_> = [&ada, &ben, &cleo]
        .map(|one| one.ledger.current_log_key())
        .into();
    assert_eq!(current.len(), 1, "all write under the same one");
    for one in [&ada, &ben, &cleo] {
        assert!(
            rotations
                .iter()
                .all(|id| one.standing(*id) == Some(Standing::Valid))
        );
        assert_eq!(
            (one.value(by_ben), one.value(by_cleo)),
            ("ben's".to_owned(), "cleo's".to_owned())
        );
        assert!(one.due().is_empty());
    }
    // Whoever comes later reads what stands under the other one too.
    let (_, late) = cleo_invites(&mut ada, &mut cleo);
    assert_eq!(late.ledger.waiting().count(), 0);
    assert_eq!(late.ledger.state_hash(), ada.ledger.state_hash());
    // The removed read none of it.
    let mut dora = dora;
    dora.sync(&ada);
    assert!(!dora.versions.contains_key(&by_ben) && !dora.versions.contains_key(&by_cleo));
}

fn cleo_invites(ada: &mut Replica, cleo: &mut Replica) -> (RecoveryKey, Replica) {
    let new = ada.take_in("Eve", GivenRole::Reader);
    cleo.sync(ada);
    new
}

#[test]
fn a_sole_owners_stolen_laptop_can_write_what_it_likes() {
    // threats 27, 36: it keeps writing and cites nothing of what the recovery key did.
    let (recovery, mut thief) = found();
    let (_, mut ben) = thief.take_in("Ben", GivenRole::Writer);
    let (prod, secret) = (thief.make_bundle(), EntryId::make());
    thief.put(prod, secret, "one");
    thief.grant(prod, ben.member());
    ben.sync(&thief);
    let stolen = thief.id();

    // The owner, on an empty machine with the paper, before anything of the thief's has come.
    let mut desk = recover(&recovery, &ben, &thief);
    // The thief: a device of its own, new keys, an accomplice, the owner's role away from the
    // owner, the recovery key itself.
    let (paper, member) = (recovery.device(), thief.member());
    let mut written = Vec::new();
    written.push(thief.write(|ledger, keys| {
        let paper = ledger_harness::id(&paper);
        ledger.revoke_device(keys, keys.device(), paper, TIME)
    }));
    let (late, _) = thief.put(prod, secret, "by the thief");
    let before = thief.log.len();
    let mut box_of_thief = add_device(&mut thief, "box");
    thief.write(|ledger, keys| ledger.rotate_member_key(keys, keys.device(), TIME));
    box_of_thief.sync(&thief);
    box_of_thief.rotate_all();
    let (_, mallory) = box_of_thief.take_in("Mallory", GivenRole::Owner);
    box_of_thief.grant(prod, mallory.member());
    let ben_is = ben.member();
    box_of_thief.write(|ledger, keys| ledger.remove_member(keys, ben_is, TIME));
    thief.sync(&box_of_thief);
    written.extend(
        thief.log[before..]
            .iter()
            .map(|op| thief.seen[&op.id()].clone()),
    );

    // Whatever comes first, and the thief's first of all, the owner stays, and so does Ben.
    let mut first = Replica::joining(&desk, copy(desk.keys.device()));
    first.deliver(&written);
    first.receive(&late);
    first.sync(&desk);
    for one in [&mut desk, &mut ben] {
        one.deliver(&written);
        one.receive(&late);
    }
    ben.sync(&desk);
    for one in [&desk, &ben, &first] {
        for op in &written {
            // What stands under the thief's own log key may still wait for it.
            assert_ne!(one.standing(op.id()), Some(Standing::Valid));
        }
        assert_eq!(one.standing(late.id()), Some(Standing::Quarantined));
        assert_eq!(one.ledger.role(&member), Role::Owner);
        assert_eq!(one.ledger.role(&ben_is), Role::Writer);
        assert_eq!(one.ledger.role(&mallory.member()), Role::None);
        assert!(one.ledger.device_stands(&desk.id()));
        assert!(!one.ledger.device_stands(&stolen));
        assert!(!one.ledger.device_stands(&box_of_thief.id()));
    }
    // The team goes on under keys that none of them has.
    all_settle(&mut [&mut desk, &mut ben]);
    for op in &written {
        assert_eq!(
            desk.standing(op.id()),
            Some(Standing::Void),
            "all is read by all"
        );
    }
    let (_, new) = desk.put(prod, secret, "two");
    ben.sync(&desk);
    assert_eq!(ben.value(new), "two");
    for one in [&mut thief, &mut box_of_thief] {
        one.sync(&desk);
        assert!(!one.versions.contains_key(&new));
    }
}

/// What the paper does on an empty machine with the ops that somebody has: the three ops of
/// protocol §2, in this order. Gives the new device.
fn recover(recovery: &RecoveryKey, ops_of: &Replica, lost: &Replica) -> Replica {
    let mut paper = Replica::joining(lost, recovery.device());
    paper.sync(ops_of);
    let (signer, device) = (recovery.device(), DeviceSecret::make());
    let lost = lost.id();
    paper.write(|ledger, keys| ledger.revoke_device(keys, &signer, lost, TIME));
    paper.write(|ledger, keys| ledger.rotate_member_key(keys, &signer, TIME));
    paper.write(|ledger, keys| ledger.add_device(keys, &signer, &device, "desk", TIME));
    let mut desk = Replica::joining(&paper, device);
    desk.sync(&paper);
    desk.rotate_all();
    desk
}

#[test]
fn a_newcomers_paper_serves_before_they_have_written_anything() {
    // "Enrol again after a loss", by the note that lies beside the ops.
    let (_, mut ada) = found();
    let (_, text) = ada.invite(GivenRole::Writer);
    let asking = Asking::by(&text, "Ben");
    ada.try_approve(&asking, true).unwrap();
    let (team, paper) = (ada.ledger.team(), RecoveryKey::make());
    let seed = asking.joining.keyring.seed(&asking.joining.seed).unwrap().1;
    let words = asking.recovery.to_words();
    let note = RecoveryNote {
        genesis: ada.ledger.genesis(),
        member: asking.joining.keyring.member(),
        generation: 0,
        seed: MemberSeed::new(SecretBytes::new(*seed.secret().expose())),
        own: Some(RecoveryKey::from_words(words.expose()).unwrap()),
    };
    let on_remote = note.seal(&team, &paper.device().exchange.public()).unwrap();
    // The laptop is lost with its vault. What is left: the paper, and the remote.
    let (_, lost) = asking.replica();
    drop(note);

    let note = RecoveryNote::open(&on_remote, &team, &paper).unwrap();
    let own = note.own.unwrap();
    let mut reader = Replica::joining(&lost, own.device());
    reader.sync(&ada);
    assert_eq!(reader.keys.seeds().count(), 0, "the ops alone give nothing");
    reader.keys.add_seed(note.generation, note.seed);
    reader.sync(&ada);
    assert_eq!(reader.ledger.role(&note.member), Role::Writer);

    let mut desk = {
        let (signer, device) = (own.device(), DeviceSecret::make());
        let lost = lost.id();
        reader.write(|ledger, keys| ledger.revoke_device(keys, &signer, lost, TIME));
        reader.write(|ledger, keys| ledger.rotate_member_key(keys, &signer, TIME));
        reader.write(|ledger, keys| ledger.add_device(keys, &signer, &device, "desk", TIME));
        let mut desk = Replica::joining(&reader, device);
        desk.sync(&reader);
        desk
    };
    ada.sync(&reader);
    all_settle(&mut [&mut ada, &mut desk]);
    let (prod, secret) = (ada.make_bundle(), EntryId::make());
    let (_, version) = ada.put(prod, secret, "one");
    ada.grant(prod, desk.member());
    desk.sync(&ada);
    assert_eq!(desk.value(version), "one");
    assert!(!ada.ledger.device_stands(&lost.id()));
}

#[test]
fn who_is_taken_back_reads_nothing_by_themselves() {
    let (_, mut ada) = found();
    let (recovery, mut ben) = ada.take_in("Ben", GivenRole::Writer);
    let mut phone = add_device(&mut ben, "phone");
    let tablet = add_device(&mut ben, "tablet");
    let (prod, secret) = (ada.make_bundle(), EntryId::make());
    let (_, before) = ada.put(prod, secret, "one");
    ada.grant(prod, ben.member());
    all_settle(&mut [&mut ada, &mut ben, &mut phone]);
    ada.write(|ledger, keys| ledger.remove_member(keys, ben.member(), TIME));
    ada.rotate_all();
    let (_, during) = ada.put(prod, secret, "two");
    ben.sync(&ada);

    let paper = ledger_harness::id(&recovery.device());
    let named = vec![phone.id(), paper];
    let (returning, generation, seed) = ask_to_return(&ben.ledger, &ben.keys, named);
    ben.keys.add_seed(generation, seed);
    let entering = Entering {
        returning,
        role: GivenRole::Writer,
        compared: true,
    };
    ada.write(|ledger, keys| ledger.take_back(keys, &entering, TIME));
    all_settle(&mut [&mut ada, &mut ben, &mut phone]);
    for one in [&ada, &ben, &phone] {
        assert!(one.ledger.device_stands(&phone.id()) && one.ledger.device_stands(&paper));
        assert!(!one.ledger.device_stands(&tablet.id()));
        let prod = &one.ledger.state().bundles()[&prod];
        assert!(!one.ledger.has_access(&ben.member(), prod), "grants ended");
    }
    // What he had he has still; what came since he has not.
    assert_eq!(ben.value(before), "one");
    assert!(ben.open(during).is_err() && phone.open(during).is_err());
    assert!(ben.try_put(prod, secret, "three").is_err());
    ada.grant(prod, ben.member());
    all_settle(&mut [&mut ada, &mut ben, &mut phone]);
    assert_eq!(ben.value(during), "two");
    assert_eq!(
        phone.value(during),
        "two",
        "his phone was handed the new seed"
    );
    phone.put(prod, secret, "three");
    // His paper works again: the words recover the new seed from the ops alone.
    let desk = recover(&recovery, &phone, &ben);
    assert!(desk.ledger.device_stands(&desk.id()));
    assert_eq!(desk.value(during), "two");
}

#[test]
fn a_restored_backup_enrols_anew_and_loses_nothing() {
    // The copy is older than the remote. It never signs as the device that it was (threats 21,
    // 45): the recovery key puts a new one in its place.
    let (recovery, mut laptop) = found();
    let (prod, secret) = (laptop.make_bundle(), EntryId::make());
    laptop.put(prod, secret, "one");
    let backup = laptop.twin();
    let (after, version) = laptop.put(prod, secret, "written after the backup");

    // What the backup's place signs before it has synced has not seen the later writes.
    let mut restored = recover(&recovery, &backup, &backup);
    restored.sync(&laptop);
    assert_eq!(restored.standing(after.id()), Some(Standing::Quarantined));
    let adopt = vec![after.id()];
    restored.write(|ledger, keys| ledger.review(keys, prod, adopt, Reviewed::Adopt, TIME));
    assert_eq!(restored.value(version), "written after the backup");
    assert_eq!(restored.standing(after.id()), Some(Standing::Valid));
    // Synced first, nothing needs a review.
    let later = recover(&recovery, &laptop, &laptop);
    assert_eq!(later.standing(after.id()), Some(Standing::Valid));
    assert_eq!(later.value(version), "written after the backup");
    // No place in any chain was taken twice by a device.
    for one in [&later, &restored] {
        let found = one.ledger.contradictions(&one.id(), &one.archive);
        assert_eq!(found, []);
    }
}

#[test]
fn what_a_voided_newcomer_had_is_replaced_and_listed() {
    // threats 27, 37: Ben lets Mallory in and shares with her, while Ada, who has not heard of it,
    // makes him a writer.
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Admin);
    let (_, mut cleo) = ada.take_in("Cleo", GivenRole::Writer);
    let (prod, secret) = (ada.make_bundle(), EntryId::make());
    ada.put(prod, secret, "one");
    for member in [ben.member(), cleo.member()] {
        ada.grant(prod, member);
    }
    all_settle(&mut [&mut ada, &mut ben, &mut cleo]);

    let (_, mut mallory) = ben.take_in("Mallory", GivenRole::Writer);
    ben.grant(prod, mallory.member());
    mallory.sync(&ben);
    let (written, _) = mallory.put(prod, secret, "by mallory");
    let ben_is = ben.member();
    ada.write(|ledger, keys| ledger.set_role(keys, ben_is, GivenRole::Writer, TIME));
    let (_, second) = ada.put(prod, secret, "two");
    assert!(ada.due().is_empty(), "Ben keeps what he has");
    // With her adding void she has no right to what she was given, so all of it is stale.
    ada.sync(&ben);
    assert_eq!(ada.ledger.role(&mallory.member()), Role::None);
    assert_eq!(ada.due(), [Due::LogKey, Due::Epoch(prod)]);
    assert!(ada.try_put(prod, secret, "too early").is_err());
    let hers: BTreeSet<_> = ada
        .ledger
        .exposed_keys()
        .into_iter()
        .filter(|one| one.to.contains(&Lost::Member(mallory.member())))
        .map(|one| one.bundle)
        .collect();
    assert_eq!(hers, [prod].into());
    // Nobody who was given a key is in the new ones.
    all_settle(&mut [&mut ada, &mut cleo, &mut ben]);
    let (_, third) = ada.put(prod, secret, "three");
    cleo.sync(&ada);
    mallory.sync(&ada);
    assert_eq!(cleo.value(third), "three");
    assert!(
        !mallory.versions.contains_key(&third),
        "under a new log key"
    );
    // Under the old keys she reads what was written before anybody knew: that is what is listed.
    assert_eq!(mallory.value(second), "two");
    // What she wrote as a member is no write of one.
    assert!(mallory.try_put(prod, secret, "once more").is_err());
    for one in [&mut ada, &mut cleo] {
        one.receive(&written);
        assert_ne!(one.standing(written.id()), Some(Standing::Valid));
        assert_eq!(one.heads(secret), [third]);
    }
}
