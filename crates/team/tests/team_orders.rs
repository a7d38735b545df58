//! Histories of whole teams: every kind of action by people who have seen different things. The
//! same ops give one state in whatever order they come (threat 10), and once everybody has heard of
//! everything and has done what is due, all who are members read the same.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod ledger_harness;
mod team_histories;

use std::collections::BTreeMap;

use crypto::KeyId;
use ledger_harness::{Replica, add_device};
use proptest::prelude::*;
use sealfold_team as team;
use team::ids::{BundleId, EntryId, MemberId, OpId, VersionId};
use team::ledger::{Due, Duty, ExposedKey, Reason, Receipt, Standing};
use team::op::Policy;
use team::rules::Role;
use team_histories::{World, config, step};

/// Everything that a ledger says and that a vault would have kept, in a form to compare.
#[derive(Debug, PartialEq)]
struct Said {
    state_hash: [u8; 32],
    control: Vec<(OpId, Standing, Option<Reason>)>,
    data: BTreeMap<OpId, Standing>,
    versions: BTreeMap<VersionId, (BundleId, EntryId, OpId, Standing)>,
    members: Vec<(MemberId, Role, Option<KeyId>, bool)>,
    bundles: Vec<(BundleId, bool, Option<KeyId>, Vec<MemberId>)>,
    invitations: Vec<(OpId, Option<OpId>)>,
    log_key: Option<KeyId>,
    duties: Vec<Duty>,
    exposed: Vec<ExposedKey>,
    policy: Policy,
    heartbeats: usize,
}

fn said(replica: &Replica) -> Said {
    let ledger = &replica.ledger;
    let state = ledger.state();
    let member = |id: &MemberId| {
        let of = &state.members()[id];
        let seed = of.current().map(|current| current.seed);
        (*id, ledger.role(id), seed, of.is_verified())
    };
    let bundles = state.bundles().iter().map(|(id, bundle)| {
        let holders = state.holders(bundle).collect();
        (*id, bundle.archived, ledger.current_epoch(id), holders)
    });
    let invitations = state.invitations().iter();
    Said {
        state_hash: ledger.state_hash(),
        control: ledger
            .control_ops()
            .map(|(op, standing)| (op.id(), standing, ledger.reason(&op.id())))
            .collect(),
        data: replica.data.clone(),
        versions: replica
            .versions
            .iter()
            .map(|(id, kept)| (*id, (kept.bundle, kept.entry, kept.by.0, kept.by.1)))
            .collect(),
        members: state.members().keys().map(member).collect(),
        bundles: bundles.collect(),
        invitations: invitations.map(|(id, one)| (*id, one.used_by)).collect(),
        log_key: ledger.current_log_key(),
        duties: ledger.duties(),
        exposed: ledger.exposed_keys(),
        policy: state.policy().clone(),
        heartbeats: state.heartbeats().len(),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_order_gives_one_state(
        people in (0..4_usize, 0..5_usize),
        steps in prop::collection::vec(step(), 1..60),
        orders in prop::collection::vec(any::<u64>(), 2),
    ) {
        // threats 10 and 27 to 29
        let mut world = World::new(people);
        for step in &steps {
            world.act(step);
        }
        let ops = world.ops();
        let mut first: Option<Said> = None;
        for seed in &orders {
            let mut observer = world.observer();
            // In rounds of any size it is the same as one by one.
            let size = first.is_some().then(|| 1 + (*seed % 64) as usize);
            observer.deliver_shuffled(&ops, *seed, size);
            for packet in &ops {
                let receipt = observer.receive(packet).remove(0);
                prop_assert!(matches!(receipt, Receipt::Known(_)), "everything applies in the end: {receipt:?}");
            }
            let said = said(&observer);
            prop_assert_eq!(observer.restarted().state_hash(), said.state_hash);
            match &first {
                None => first = Some(said),
                Some(before) => prop_assert_eq!(before, &said),
            }
        }
    }

    #[test]
    fn who_is_a_member_in_the_end_reads_everything(
        people in (0..4_usize, 0..5_usize),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        // "Repair", and threat 36: nobody is left without a key that they have a right to.
        let mut world = World::new(people);
        for step in &steps {
            world.act(step);
        }
        world.heal();
        let mut observer = world.observer();
        observer.deliver(&world.ops());
        let everything = said(&observer);
        for actor in &world.actors {
            let ledger = &observer.ledger;
            let stands = ledger.device_stands(&actor.id()) && !ledger.chains().forked(&actor.id());
            if !stands || ledger.duties().iter().any(|duty| duty.due == Due::MemberKey && duty.by == [actor.member()]) {
                continue;
            }
            prop_assert_eq!(actor.ledger.waiting().count(), 0);
            prop_assert_eq!(&said(actor), &everything);
            for (id, bundle) in ledger.state().bundles() {
                let epoch = ledger.current_epoch(id);
                let epoch = epoch.filter(|_| ledger.has_access(&actor.member(), bundle));
                let key = epoch.map(|epoch| actor.keys.bundle_key(&epoch));
                prop_assert!(key.is_none_or(|key| key.is_some()), "the key of a bundle");
            }
        }
    }
}

#[test]
fn a_device_that_was_added_acts_as_its_member() {
    let mut world = World::new((2, 2));
    let phone = add_device(&mut world.actors[1], "phone");
    world.actors.push(phone);
    world.heal();
    let hash = world.actors[0].ledger.state_hash();
    assert!(
        world
            .actors
            .iter()
            .all(|actor| actor.ledger.state_hash() == hash)
    );
}
