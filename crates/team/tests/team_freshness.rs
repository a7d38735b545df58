//! What a remote may show, and what is found out by it (protocol §9): every finding names the
//! device and the seq, and leaves the state as it was.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod ledger_harness;

use std::collections::BTreeMap;

use ledger_harness::{Packet, Replica, TIME, add_device, copy, found};
use sealfold_team as team;
use team::AuthorError;
use team::ids::{DeviceId, EntryId, OpId};
use team::ledger::{Finding, Ledger, Shown, rolled_back};
use team::op::{GivenRole, Heartbeat, Policy};

/// A remote's listing: for each device, up to which seq it has files.
struct Listing(BTreeMap<DeviceId, u64>);

impl Shown for Listing {
    fn covers(&self, device: &DeviceId, seq: u64) -> bool {
        self.0.get(device).is_some_and(|highest| seq <= *highest)
    }
}

fn heads(ledger: &Ledger) -> Vec<(DeviceId, u64, OpId)> {
    let heads = ledger.chains().heads();
    heads
        .map(|(_, device, seq, op)| (device, seq, op))
        .collect()
}

fn listing(ledger: &Ledger) -> Listing {
    Listing(
        heads(ledger)
            .into_iter()
            .map(|(device, seq, _)| (device, seq))
            .collect(),
    )
}

fn findings(replica: &Replica) -> Vec<Finding> {
    replica
        .ledger
        .contradictions(&replica.id(), &replica.archive)
}

fn beat(replica: &mut Replica, time: u64) -> Packet {
    let heartbeat = Heartbeat {
        audit_head: [0; 32],
        audit_count: 0,
        published: None,
        age: None,
    };
    replica.write(|ledger, keys| ledger.heartbeat(keys, heartbeat, time))
}

#[test]
fn a_remote_that_was_rolled_back_is_named_by_device_and_seq() {
    // threat 5
    let (_, mut ada) = found();
    let (_, ben) = ada.take_in("Ben", GivenRole::Writer);
    ada.sync(&ben);
    let old = listing(&ada.ledger);
    beat(&mut ada, TIME);
    let known = heads(&ada.ledger);
    let (seq, op) = known
        .iter()
        .find(|head| head.0 == ada.id())
        .map(|head| (head.1, head.2))
        .unwrap();
    let lost = Finding::Rollback {
        device: ada.id(),
        seq,
        known: op,
    };
    assert_eq!(rolled_back(known.clone(), &old), [lost]);
    assert_eq!(rolled_back(known, &listing(&ada.ledger)), []);
}

#[test]
fn what_is_cited_and_withheld_is_named_and_nothing_is_built_on_it() {
    // threats 8 and 9
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Admin);
    let (_, cleo) = ada.take_in("Cleo", GivenRole::Writer);
    ben.sync(&ada);
    let removal = ada.write(|ledger, keys| ledger.remove_member(keys, cleo.member(), TIME));
    let after = ada.rotate_all();
    let before = ben.ledger.state_hash();

    // The removal is withheld, what follows is shown: it waits, and says for what.
    ben.deliver(&after);
    assert_eq!(ben.ledger.state_hash(), before);
    let (_, seq, _) = *heads(&ada.ledger)
        .iter()
        .find(|head| head.0 == ada.id())
        .unwrap();
    let withheld = Finding::Withheld {
        device: ada.id(),
        seq: seq - 1,
        op: removal.id(),
        by: after[0].id(),
    };
    assert_eq!(findings(&ben), [withheld]);
    ben.receive(&removal);
    assert_eq!(findings(&ben), []);
    assert_eq!(ben.ledger.state_hash(), ada.ledger.state_hash());
}

#[test]
fn views_that_were_forked_are_found_out_at_the_first_citation() {
    // threat 7
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Admin);
    let (_, mut cleo) = ada.take_in("Cleo", GivenRole::Writer);
    ada.sync(&ben);
    ben.sync(&ada);
    let mut twin = Replica::joining(&ada, copy(ada.keys.device()));
    twin.sync(&ada);
    let (to_ben, to_cleo) = (beat(&mut ada, TIME), beat(&mut twin, TIME + 1));
    ben.receive(&to_ben);
    cleo.receive(&to_cleo);
    let citing = beat(&mut cleo, TIME);
    let before = ben.ledger.state_hash();
    ben.receive(&citing);
    assert_eq!(ben.ledger.state_hash(), before);
    let (_, seq, known) = *heads(&ben.ledger)
        .iter()
        .find(|head| head.0 == ada.id())
        .unwrap();
    let fork = Finding::Fork {
        device: ada.id(),
        seq,
        cited: to_cleo.id(),
        known: vec![known],
        by: citing.id(),
    };
    assert_eq!(findings(&ben), [fork]);

    // With the other side at hand it is a device that wrote two ops at one place.
    ben.receive(&to_cleo);
    let mut ops = vec![to_ben.id(), to_cleo.id()];
    ops.sort();
    let both = |own| Finding::Equivocation {
        device: ada.id(),
        seq,
        ops: ops.clone(),
        own,
    };
    assert_eq!(findings(&ben), [both(false)]);
    assert_eq!(ben.ledger.waiting().count(), 0);
}

#[test]
fn a_copied_device_finds_its_double_and_signs_nothing_any_more() {
    // threat 40
    let (recovery, mut ada) = found();
    let mut phone = add_device(&mut ada, "phone");
    let bundle = ada.make_bundle();
    let mut twin = Replica::joining(&ada, copy(ada.keys.device()));
    twin.sync(&ada);
    beat(&mut twin, TIME + 1);
    // At its first write after hearing of the other.
    beat(&mut ada, TIME);
    ada.sync(&twin);
    assert!(matches!(
        findings(&ada)[..],
        [Finding::Equivocation { own: true, .. }]
    ));
    let refused = ada.try_put(bundle, EntryId::make(), "a value");
    assert_eq!(refused.unwrap_err(), AuthorError::Copied);
    for act in [
        ada.ledger.rotate_log_key(&ada.keys, TIME),
        ada.ledger
            .rotate_member_key(&ada.keys, ada.keys.device(), TIME),
    ] {
        assert_eq!(act.unwrap_err(), AuthorError::Copied);
    }
    // Another device, or the recovery key, revokes it: then there is nothing left to tell.
    phone.sync(&ada);
    let lost = ada.id();
    let paper = recovery.device();
    assert!(
        ada.ledger
            .revoke_device(&ada.keys, &paper, lost, TIME)
            .is_ok()
    );
    phone.write(|ledger, keys| ledger.revoke_device(keys, keys.device(), lost, TIME));
    assert_eq!(findings(&phone), []);
}

#[test]
fn a_frozen_view_is_told_by_who_is_silent() {
    // threat 6
    let (_, mut ada) = found();
    let policy = Policy {
        stale_after: 3_600,
        require_verified: false,
        name: None,
    };
    ada.write(|ledger, keys| ledger.set_policy(keys, policy.clone(), TIME));
    let late = TIME + 4_000;
    // Never in a team of one.
    assert_eq!(ada.ledger.stale_devices(&ada.id(), late), []);

    let (_, mut ben) = ada.take_in("Ben", GivenRole::Writer);
    assert_eq!(ada.ledger.stale_devices(&ada.id(), TIME + 3_600), []);
    let silent = |since| Finding::Stale {
        device: ben.id(),
        member: ben.member(),
        since,
    };
    assert_eq!(ada.ledger.stale_devices(&ada.id(), late), [silent(TIME)]);
    let later = [silent(TIME + 3_000)];
    let heard = beat(&mut ben, TIME + 3_000);
    ada.receive(&heard);
    assert_eq!(ada.ledger.stale_devices(&ada.id(), late), []);
    assert_eq!(ada.ledger.stale_devices(&ada.id(), TIME + 8_000), later);
}
