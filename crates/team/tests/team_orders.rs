//! Histories of whole teams: every kind of action by people who have seen different things. The
//! same ops give one state in whatever order they come (threat 10), and once everybody has heard of
//! everything and has done what is due, all who are members read the same.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod ledger_harness;

use std::collections::{BTreeMap, BTreeSet};

use crypto::{DeviceSecret, KeyId, SecretBytes};
use ledger_harness::people::Asking;
use ledger_harness::{Packet, Replica, TIME, add_device, found};
use proptest::prelude::*;
use sealfold_team as team;
use team::AuthorError;
use team::ids::{BundleId, EntryId, MemberId, OpId, VersionId};
use team::keyring::Keyring;
use team::ledger::{
    Authored, Due, Duty, Entering, ExposedKey, Ledger, Owed, Reason, Receipt, Reviewed, Standing,
    ask_to_return,
};
use team::op::{GivenRole, Heartbeat, Policy};
use team::rules::Role;

/// One step of a history: who does what. What somebody can't write they leave; what they may not
/// is written all the same, and void.
#[derive(Debug, Clone)]
enum Step {
    Put(usize, usize, usize),
    Delete(usize, usize),
    CreateBundle(usize),
    Archive(usize, usize, bool),
    StartEpoch(usize, usize),
    Rotate(usize),
    RotateLogKey(usize),
    RotateMemberKey(usize),
    AddDevice(usize),
    RevokeDevice(usize, usize),
    Invite(usize, GivenRole),
    Join(usize, usize),
    SetRole(usize, usize, GivenRole),
    Remove(usize, usize),
    Return(usize, usize, GivenRole),
    Grant(usize, usize, usize, bool),
    Ungrant(usize, usize, usize),
    Review(usize, bool),
    Settle(usize, usize),
    Attest(usize, usize),
    Policy(usize, bool),
    Audit(usize),
    /// A sign of life and what is owed.
    Repair(usize),
    /// One takes in what another has: all, or a part.
    Sync(usize, usize, Option<usize>),
    /// Two or three hear of each other's.
    Meet(usize, usize),
}

fn role() -> impl Strategy<Value = GivenRole> {
    prop_oneof![
        1 => Just(GivenRole::Reader),
        2 => Just(GivenRole::Writer),
        3 => Just(GivenRole::Admin),
        1 => Just(GivenRole::Owner),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 0..8_usize;
    let what = || 0..4_usize;
    prop_oneof![
        4 => (who(), what(), what()).prop_map(|(a, b, c)| Step::Put(a, b, c)),
        1 => (who(), what()).prop_map(|(a, b)| Step::Delete(a, b)),
        1 => who().prop_map(Step::CreateBundle),
        1 => (who(), what(), any::<bool>()).prop_map(|(a, b, c)| Step::Archive(a, b, c)),
        1 => (who(), what()).prop_map(|(a, b)| Step::StartEpoch(a, b)),
        4 => who().prop_map(Step::Rotate),
        1 => who().prop_map(Step::RotateLogKey),
        1 => who().prop_map(Step::RotateMemberKey),
        1 => who().prop_map(Step::AddDevice),
        2 => (who(), who()).prop_map(|(a, b)| Step::RevokeDevice(a, b)),
        1 => (who(), role()).prop_map(|(a, b)| Step::Invite(a, b)),
        2 => (who(), what()).prop_map(|(a, b)| Step::Join(a, b)),
        3 => (who(), who(), role()).prop_map(|(a, b, c)| Step::SetRole(a, b, c)),
        3 => (who(), who()).prop_map(|(a, b)| Step::Remove(a, b)),
        1 => (who(), who(), role()).prop_map(|(a, b, c)| Step::Return(a, b, c)),
        3 => (who(), what(), who(), any::<bool>()).prop_map(|(a, b, c, d)| Step::Grant(a, b, c, d)),
        2 => (who(), what(), who()).prop_map(|(a, b, c)| Step::Ungrant(a, b, c)),
        1 => (who(), any::<bool>()).prop_map(|(a, b)| Step::Review(a, b)),
        1 => (who(), what()).prop_map(|(a, b)| Step::Settle(a, b)),
        1 => (who(), who()).prop_map(|(a, b)| Step::Attest(a, b)),
        1 => (who(), any::<bool>()).prop_map(|(a, b)| Step::Policy(a, b)),
        1 => who().prop_map(Step::Audit),
        2 => who().prop_map(Step::Repair),
        6 => (who(), who(), prop::option::of(0..8_usize)).prop_map(|(a, b, c)| Step::Sync(a, b, c)),
        4 => (who(), who()).prop_map(|(a, b)| Step::Meet(a, b)),
    ]
}

struct World {
    actors: Vec<Replica>,
    invitations: Vec<String>,
    entries: Vec<EntryId>,
}

impl World {
    /// An owner, two admins, a writer and a reader, who share a bundle.
    fn new() -> Self {
        let (_, mut ada) = found();
        let bundle = ada.make_bundle();
        let entries: Vec<_> = (0..4).map(|_| EntryId::make()).collect();
        ada.put(bundle, entries[0], "first");
        let mut actors = Vec::new();
        for role in [
            GivenRole::Admin,
            GivenRole::Admin,
            GivenRole::Writer,
            GivenRole::Reader,
        ] {
            let (_, new) = ada.take_in("somebody", role);
            ada.grant(bundle, new.member());
            actors.push(new);
        }
        actors.insert(0, ada);
        let mut world = Self {
            actors,
            invitations: Vec::new(),
            entries,
        };
        world.hear_everything();
        world
    }

    fn act(&mut self, step: &Step) {
        let count = self.actors.len();
        let nth = |who: &usize| who % count;
        let member = |who: &usize| self.actors[nth(who)].member();
        let bundle = |who: &usize, pick: &usize| {
            let bundles = self.actors[nth(who)].ledger.state().bundles();
            let ids: Vec<_> = bundles.keys().copied().collect();
            ids.get(pick % ids.len().max(1))
                .copied()
                .unwrap_or_else(BundleId::make)
        };
        match step {
            Step::Put(who, of, entry) => {
                let (of, entry) = (bundle(who, of), self.entries[*entry]);
                self.actors[nth(who)].try_put(of, entry, "a value").ok();
            }
            Step::Delete(who, entry) => {
                let (of, entry) = (bundle(who, &0), self.entries[*entry]);
                self.actors[nth(who)].delete(of, entry).ok();
            }
            Step::CreateBundle(who) => self.write(nth(who), |ledger, keys| {
                ledger.create_bundle(keys, BundleId::make(), ("web", "test"), TIME)
            }),
            Step::Archive(who, of, to) => {
                let of = bundle(who, of);
                self.write(nth(who), |l, k| l.archive_bundle(k, of, *to, TIME));
            }
            Step::StartEpoch(who, of) => {
                let of = bundle(who, of);
                self.actors[nth(who)].try_start_epoch(of).ok();
            }
            Step::Rotate(who) => self.do_what_is_due(nth(who)),
            Step::RotateLogKey(who) => self.write(nth(who), |l, k| l.rotate_log_key(k, TIME)),
            Step::RotateMemberKey(who) => {
                self.write(nth(who), |l, k| l.rotate_member_key(k, k.device(), TIME));
            }
            Step::AddDevice(who) if count < 9 => {
                let actor = &mut self.actors[nth(who)];
                let device = DeviceSecret::make();
                let added =
                    actor.try_write(|l, k| l.add_device(k, k.device(), &device, "another", TIME));
                if added.is_ok() {
                    let mut new = Replica::joining(actor, device);
                    new.sync(actor);
                    self.actors.push(new);
                }
            }
            Step::AddDevice(_) => {}
            Step::RevokeDevice(who, whom) => {
                let target = (member(whom), self.actors[nth(whom)].id());
                self.write(nth(who), |l, k| {
                    l.revoke_device_of(k, k.device(), target, TIME)
                });
            }
            Step::Invite(who, role) => {
                let actor = &mut self.actors[nth(who)];
                let invite = actor.try_write(|l, k| l.invite(k, *role, TIME + 1_000, TIME));
                let invitation = invite
                    .ok()
                    .and_then(|op| actor.ledger.invitation(&actor.keys, &op.id(), "remote"));
                let texts = invitation.map(|one| one.to_text().expose().to_owned());
                self.invitations.extend(texts);
            }
            Step::Join(who, pick) => self.join(nth(who), *pick),
            Step::SetRole(who, whom, role) => {
                let whom = member(whom);
                self.write(nth(who), |l, k| l.set_role(k, whom, *role, TIME));
            }
            Step::Remove(who, whom) => {
                let whom = member(whom);
                self.write(nth(who), |l, k| l.remove_member(k, whom, TIME));
            }
            Step::Return(who, whom, role) => {
                let back = &mut self.actors[nth(whom)];
                let (returning, generation, seed) =
                    ask_to_return(&back.ledger, &back.keys, Vec::new());
                back.keys.add_seed(generation, seed);
                let entering = Entering {
                    returning,
                    role: *role,
                    compared: true,
                };
                self.write(nth(who), |l, k| l.take_back(k, &entering, TIME));
            }
            Step::Grant(who, of, whom, history) => {
                let (of, whom) = (bundle(who, of), member(whom));
                self.write(nth(who), |l, k| l.grant(k, of, whom, *history, TIME));
            }
            Step::Ungrant(who, of, whom) => {
                let (of, whom) = (bundle(who, of), member(whom));
                self.write(nth(who), |l, k| l.ungrant(k, of, whom, TIME));
            }
            Step::Review(who, adopt) => {
                let actor = &mut self.actors[nth(who)];
                let kept = actor.versions.values();
                let late = kept.filter(|kept| kept.by.1 == Standing::Quarantined);
                let Some((of, op)) = late.map(|kept| (kept.bundle, kept.by.0)).next() else {
                    return;
                };
                let verdict = if *adopt {
                    Reviewed::Adopt
                } else {
                    Reviewed::Drop
                };
                self.write(nth(who), |l, k| l.review(k, of, vec![op], verdict, TIME));
            }
            Step::Settle(who, pick) => {
                let versions = &self.actors[nth(who)].versions;
                let Some((id, kept)) = versions.iter().nth(*pick) else {
                    return;
                };
                let version = (kept.bundle, kept.entry, *id);
                self.write(nth(who), |l, k| {
                    l.settle_exposure(k, version, "a test key", TIME)
                });
            }
            Step::Attest(who, whom) => {
                let whom = member(whom);
                self.write(nth(who), |l, k| l.attest(k, whom, TIME));
            }
            Step::Policy(who, verified) => {
                let policy = Policy {
                    stale_after: 60,
                    require_verified: *verified,
                };
                self.write(nth(who), |l, k| l.set_policy(k, policy, TIME));
            }
            Step::Audit(who) => self.write(nth(who), |l, k| l.publish_audit(k, b"reads", TIME)),
            Step::Repair(who) => self.repair(nth(who)),
            Step::Sync(to, from, part) => {
                let ops: Vec<Packet> = self.actors[nth(from)].seen.values().cloned().collect();
                let part = part.map_or(ops.len(), |eighths| ops.len() * eighths / 8);
                self.actors[nth(to)].deliver(&ops[..part]);
            }
            Step::Meet(one, other) => {
                for (to, from) in [(one, other), (other, one)] {
                    self.act(&Step::Sync(*to, *from, None));
                }
            }
        }
    }

    fn write(
        &mut self,
        who: usize,
        act: impl FnOnce(&Ledger, &Keyring) -> Result<Authored, AuthorError>,
    ) {
        self.actors[who].try_write(act).ok();
    }

    fn join(&mut self, who: usize, pick: usize) {
        let Some(text) = self.invitations.get(pick % self.invitations.len().max(1)) else {
            return;
        };
        let asking = Asking::by(text, "Newcomer");
        let approver = &mut self.actors[who];
        let invite = &asking.invitation.invite;
        if approver
            .ledger
            .invitation_secrets(&approver.keys, invite)
            .is_none()
        {
            return;
        }
        if approver.try_approve(&asking, true).is_ok() && self.actors.len() < 9 {
            let (_, mut new) = asking.replica();
            new.sync(&self.actors[who]);
            self.actors.push(new);
        }
    }

    /// The first rotation that is due to somebody. False if there is none that they can do.
    fn do_what_is_due(&mut self, who: usize) {
        let actor = &mut self.actors[who];
        match actor.due().first() {
            Some(Due::MemberKey) => {
                self.write(who, |l, k| l.rotate_member_key(k, k.device(), TIME));
            }
            Some(Due::LogKey) => self.write(who, |l, k| l.rotate_log_key(k, TIME)),
            Some(Due::Epoch(bundle)) => {
                let bundle = *bundle;
                actor.try_start_epoch(bundle).ok();
            }
            None => {}
        }
    }

    fn repair(&mut self, who: usize) {
        let actor = &mut self.actors[who];
        for owed in actor.ledger.owed(&actor.keys) {
            if let Owed::Bundle(bundle, to) = owed {
                actor.try_write(|l, k| l.rewrap(k, bundle, to, TIME)).ok();
            }
        }
        let beat = Heartbeat {
            audit_head: [0; 32],
            audit_count: 0,
        };
        actor.try_write(|l, k| l.heartbeat(k, beat, TIME)).ok();
    }

    fn hear_everything(&mut self) {
        let ops = self.ops();
        for actor in &mut self.actors {
            let news: Vec<_> = ops
                .iter()
                .filter(|packet| !actor.seen.contains_key(&packet.id()))
                .cloned()
                .collect();
            actor.deliver(&news);
        }
    }

    /// Everybody hears of everything and does what is due, until nothing is.
    fn heal(&mut self) {
        for _ in 0..12 {
            self.hear_everything();
            let before = self.ops().len();
            for who in 0..self.actors.len() {
                for _ in 0..6 {
                    self.do_what_is_due(who);
                }
                let actor = &self.actors[who];
                if !actor.ledger.owed(&actor.keys).is_empty() {
                    self.repair(who);
                }
                self.hear_everything();
            }
            if self.ops().len() == before {
                return;
            }
        }
        panic!(
            "there is no end of what is due: {:?}",
            self.actors[0].ledger.duties()
        );
    }

    /// All ops that were ever written, in the order of ids.
    fn ops(&self) -> Vec<Packet> {
        let all = self.actors.iter().flat_map(|replica| &replica.seen);
        let all: BTreeMap<_, _> = all.map(|(id, packet)| (*id, packet)).collect();
        all.into_values().cloned().collect()
    }

    /// Somebody outside, who was told every log key.
    fn observer(&self) -> Replica {
        let ada = &self.actors[0].ledger;
        let mut keys = Keyring::new(
            ada.team(),
            MemberId::from_bytes([9; 32]),
            DeviceSecret::make(),
        );
        for actor in &self.actors {
            let all: BTreeSet<KeyId> = actor.keys.log_keys().copied().collect();
            for id in all {
                let key = actor.keys.log_key(&id).unwrap();
                keys.add_log_key(SecretBytes::new(*key.expose()));
            }
        }
        Replica::new(Ledger::new(ada.team(), ada.genesis()), keys)
    }
}

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

/// The ops in another order, some of them twice.
fn shuffled(ops: &[Packet], seed: u64) -> Vec<Packet> {
    let mut state = seed;
    let mut below = |bound: usize| {
        // SplitMix64: any order will do, if the seed brings it back.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % bound
    };
    let mut rest = ops.to_vec();
    let mut order = Vec::new();
    while !rest.is_empty() {
        order.push(rest.remove(below(rest.len())));
        if below(4) == 0 {
            order.push(order[below(order.len())].clone());
        }
    }
    order
}

fn config() -> ProptestConfig {
    ProptestConfig {
        // Each case is a whole history; PROPTEST_CASES asks for more.
        cases: ProptestConfig::default().cases / 16,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_order_gives_one_state(
        steps in prop::collection::vec(step(), 1..60),
        orders in prop::collection::vec(any::<u64>(), 2),
    ) {
        // threats 10 and 27 to 29
        let mut world = World::new();
        for step in &steps {
            world.act(step);
        }
        let ops = world.ops();
        let mut first: Option<Said> = None;
        for seed in &orders {
            let mut observer = world.observer();
            observer.deliver(&shuffled(&ops, *seed));
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
        steps in prop::collection::vec(step(), 1..40),
    ) {
        // "Repair", and threat 36: nobody is left without a key that they have a right to.
        let mut world = World::new();
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
                if ledger.has_access(&actor.member(), bundle) {
                    if let Some(epoch) = epoch {
                        prop_assert!(actor.keys.bundle_key(&epoch).is_some(), "the key of a bundle");
                    }
                }
            }
        }
    }
}

#[test]
fn a_device_that_was_added_acts_as_its_member() {
    let mut world = World::new();
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
