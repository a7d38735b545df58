//! The same ops give the same state, in whatever order, however often and through whatever
//! partitions they come (threat 10, protocol §0).
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod ledger_harness;

use std::collections::BTreeMap;

use crypto::{DeviceSecret, KeyId, RecoveryKey};
use ledger_harness::{Kept, Packet, Replica, TIME, add_device, copy, found};
use proptest::prelude::*;
use sealfold_team as team;
use team::AuthorError;
use team::ids::{BundleId, DeviceId, EntryId, OpId, VersionId};
use team::keyring::Keyring;
use team::ledger::{Authored, Due, Ledger, Receipt, Standing};

/// Everything that a ledger says, and that a vault would have kept, in a form to compare.
#[derive(Debug, PartialEq)]
struct Said {
    state_hash: [u8; 32],
    control: Vec<(OpId, Standing)>,
    data: BTreeMap<OpId, Standing>,
    /// Where a version was resealed last is no part of the state: all its seals open.
    versions: BTreeMap<VersionId, Kept>,
    devices: Vec<(DeviceId, bool)>,
    epochs: Vec<(BundleId, bool, Option<KeyId>, Option<KeyId>)>,
    log_key: Option<KeyId>,
    due: Vec<Due>,
    waiting: Vec<OpId>,
}

fn said(replica: &Replica) -> Said {
    let ledger = &replica.ledger;
    let epochs = ledger.state().bundles().iter().map(|(id, bundle)| {
        (
            *id,
            bundle.archived,
            ledger.current_epoch(id),
            ledger.newest_epoch(id),
        )
    });
    let version = |kept: &Kept| Kept {
        sealed: None,
        ..kept.clone()
    };
    Said {
        state_hash: ledger.state_hash(),
        control: ledger
            .control_ops()
            .map(|(op, standing)| (op.id(), standing))
            .collect(),
        data: replica.data.clone(),
        versions: replica
            .versions
            .iter()
            .map(|(id, kept)| (*id, version(kept)))
            .collect(),
        devices: ledger
            .state()
            .devices()
            .keys()
            .map(|id| (*id, ledger.device_stands(id)))
            .collect(),
        epochs: epochs.collect(),
        log_key: ledger.current_log_key(),
        due: replica.due(),
        waiting: ledger.waiting().map(|(op, _)| *op).collect(),
    }
}

/// One step of a history: which device does what. Whatever it may not or can't do, it leaves.
#[derive(Debug, Clone)]
enum Step {
    Put(usize, usize, usize),
    Delete(usize, usize, usize),
    CreateBundle(usize),
    Archive(usize, usize, bool),
    StartEpoch(usize, usize),
    Rotate(usize),
    RotateLogKey(usize),
    RotateMemberKey(usize),
    Revoke(usize, usize),
    AddDevice(usize),
    /// A device that is there already, added once more by itself or another.
    AddAgain(usize, usize),
    /// One takes in what another has: all, or a part.
    Sync(usize, usize, Option<usize>),
}

/// Devices that are added on the way act too, so there may be more actors than at first.
fn step() -> impl Strategy<Value = Step> {
    let who = || 0..6_usize;
    prop_oneof![
        6 => (who(), 0..8_usize, 0..8_usize).prop_map(|(who, bundle, entry)| Step::Put(who, bundle, entry)),
        1 => (who(), 0..8_usize, 0..8_usize).prop_map(|(who, bundle, entry)| Step::Delete(who, bundle, entry)),
        1 => who().prop_map(Step::CreateBundle),
        1 => (who(), 0..8_usize, any::<bool>()).prop_map(|(who, bundle, to)| Step::Archive(who, bundle, to)),
        1 => (who(), 0..8_usize).prop_map(|(who, bundle)| Step::StartEpoch(who, bundle)),
        2 => who().prop_map(Step::Rotate),
        1 => who().prop_map(Step::RotateLogKey),
        1 => who().prop_map(Step::RotateMemberKey),
        2 => (who(), who()).prop_map(|(who, whom)| Step::Revoke(who, whom)),
        1 => who().prop_map(Step::AddDevice),
        1 => (who(), who()).prop_map(|(who, whom)| Step::AddAgain(who, whom)),
        5 => (who(), who(), proptest::option::of(0..8_usize))
            .prop_map(|(to, from, part)| Step::Sync(to, from, part)),
    ]
}

/// A laptop, a phone, a clone of the laptop's vault (threat 40), and the recovery key with a
/// machine of its own.
struct World {
    actors: Vec<Replica>,
    recovery: RecoveryKey,
    entries: Vec<EntryId>,
}

const PAPER: usize = 3;

impl World {
    fn new() -> Self {
        let (recovery, mut laptop) = found();
        let bundle = laptop.make_bundle();
        let entries: Vec<_> = (0..3).map(|_| EntryId::make()).collect();
        laptop.put(bundle, entries[0], "first");
        let phone = add_device(&mut laptop, "phone");
        let clone = laptop.twin();
        let mut paper = Replica::joining(&laptop, recovery.device());
        paper.sync(&laptop);
        Self {
            actors: vec![laptop, phone, clone, paper],
            recovery,
            entries,
        }
    }

    fn act(&mut self, step: &Step) {
        let actors = self.actors.len();
        let nth = |who: &usize| who % actors;
        let entry_of = |pick: &usize| self.entries[*pick % self.entries.len()];
        let bundle_of = |replica: &Replica, pick: &usize| {
            let bundles: Vec<_> = replica.ledger.state().bundles().keys().copied().collect();
            // A device that was added by a revoked one has learned of none.
            bundles
                .get(pick % bundles.len().max(1))
                .copied()
                .unwrap_or_else(BundleId::make)
        };
        // What a device may not or can't do it leaves.
        match step {
            Step::Put(who, bundle, entry) => {
                let entry = entry_of(entry);
                let replica = &mut self.actors[nth(who)];
                replica
                    .try_put(bundle_of(replica, bundle), entry, "a value")
                    .ok();
            }
            Step::Delete(who, bundle, entry) => {
                let entry = entry_of(entry);
                let replica = &mut self.actors[nth(who)];
                replica.delete(bundle_of(replica, bundle), entry).ok();
            }
            Step::CreateBundle(who) => {
                let bundle = BundleId::make();
                self.try_write(nth(who), |ledger, keys| {
                    ledger.create_bundle(keys, bundle, ("web", "test"), TIME)
                });
            }
            Step::Archive(who, bundle, to) => {
                let bundle = bundle_of(&self.actors[nth(who)], bundle);
                self.try_write(nth(who), |ledger, keys| {
                    ledger.archive_bundle(keys, bundle, *to, TIME)
                });
            }
            Step::StartEpoch(who, bundle) => {
                let replica = &mut self.actors[nth(who)];
                replica.try_start_epoch(bundle_of(replica, bundle)).ok();
            }
            Step::Rotate(who) => match self.actors[nth(who)].due().first() {
                Some(Due::MemberKey) => self.act(&Step::RotateMemberKey(*who)),
                Some(Due::LogKey) => self.act(&Step::RotateLogKey(*who)),
                Some(Due::Epoch(bundle)) => {
                    self.actors[nth(who)].try_start_epoch(*bundle).ok();
                }
                None => {}
            },
            Step::RotateLogKey(who) => {
                self.try_write(nth(who), |ledger, keys| ledger.rotate_log_key(keys, TIME));
            }
            Step::RotateMemberKey(who) => {
                self.try_write(nth(who), |ledger, keys| {
                    ledger.rotate_member_key(keys, keys.device(), TIME)
                });
            }
            // The paper is the observers' key as well, so it stays.
            Step::Revoke(_, whom) if nth(whom) == PAPER => {}
            Step::Revoke(who, whom) => {
                let target = self.actors[nth(whom)].id();
                self.try_write(nth(who), |ledger, keys| {
                    ledger.revoke_device(keys, keys.device(), target, TIME)
                });
            }
            Step::AddDevice(who) => {
                let device = DeviceSecret::make();
                self.try_write(nth(who), |ledger, keys| {
                    ledger.add_device(keys, keys.device(), &device, "new", TIME)
                });
                let mut new = Replica::joining(&self.actors[0], device);
                new.sync(&self.actors[nth(who)]);
                self.actors.push(new);
            }
            Step::AddAgain(who, whom) => {
                let device = copy(self.actors[nth(whom)].keys.device());
                self.try_write(nth(who), |ledger, keys| {
                    ledger.add_device(keys, keys.device(), &device, "again", TIME)
                });
            }
            Step::Sync(to, from, part) => {
                let ops: Vec<Packet> = self.actors[nth(from)].seen.values().cloned().collect();
                let part = part.map_or(ops.len(), |eighths| ops.len() * eighths / 8);
                self.actors[nth(to)].deliver(&ops[..part]);
            }
        }
    }

    fn try_write(
        &mut self,
        who: usize,
        act: impl FnOnce(&Ledger, &Keyring) -> Result<Authored, AuthorError>,
    ) {
        self.actors[who].try_write(act).ok();
    }

    /// All ops that were ever written, in the order of ids.
    fn ops(&self) -> Vec<Packet> {
        let all = self.actors.iter().flat_map(|replica| &replica.seen);
        BTreeMap::from_iter(all.map(|(id, packet)| (*id, packet)))
            .into_values()
            .cloned()
            .collect()
    }

    /// The paper is given every seed, so it can read all, whoever was revoked.
    fn observer(&self) -> Replica {
        Replica::joining(&self.actors[0], self.recovery.device())
    }
}

/// What an op says that it had seen.
fn cited(op: &team::VerifiedOp) -> (u64, u64, Vec<team::op::Dep>) {
    (op.seq(), op.lamport(), op.deps().to_vec())
}

proptest! {
    // A fifth of the usual number, for each case is a whole history; PROPTEST_CASES asks for more.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 5, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_delivery_gives_one_state(
        steps in prop::collection::vec(step(), 1..40),
        orders in prop::collection::vec(any::<u64>(), 3),
    ) {
        // threat 10
        let mut world = World::new();
        for step in &steps {
            world.act(step);
        }
        let ops = world.ops();
        let mut first: Option<(Replica, Said)> = None;
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
            match &first {
                None => first = Some((observer, said)),
                Some((_, before)) => prop_assert_eq!(before, &said),
            }
        }
        let (mut observer, said_before) = first.unwrap();

        // A ledger that was restored from what a vault keeps goes on as if it had never stopped.
        let restarted = observer.restarted();
        prop_assert_eq!(restarted.state_hash(), said_before.state_hash);
        let device = DeviceSecret::make();
        let next = |ledger: &Ledger| {
            ledger.add_device(&observer.keys, observer.keys.device(), &device, "next", TIME).unwrap()
        };
        let (own, restored) = (Packet::from(next(&observer.ledger)), Packet::from(next(&restarted)));
        let mut reader = world.observer();
        reader.deliver(&ops);
        let mut applied = [own.clone(), restored].map(|packet| match reader.receive(&packet).remove(0) {
            Receipt::Applied(op, _) => cited(&op),
            other => panic!("{other:?}"),
        }).into_iter();
        prop_assert_eq!(applied.next(), applied.next());

        // And what comes later is taken in the same way.
        observer.ledger = restarted;
        observer.receive(&own);
        let mut through = world.observer();
        through.deliver(ops.iter().chain([&own]));
        prop_assert_eq!(said(&observer), said(&through));
    }
}
