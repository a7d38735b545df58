//! Random histories of whole teams: every kind of action by people who have seen different things.
//!
//! The file that includes this one has `team` and `ledger_harness` in scope.
#![allow(dead_code)]

use std::collections::{BTreeMap, BTreeSet};

use crypto::{DeviceSecret, KeyId, RecoveryKey, SecretBytes};
use proptest::prelude::*;

use super::ledger_harness::people::Asking;
use super::ledger_harness::{Packet, Replica, TIME, found};
use super::team::AuthorError;
use super::team::ids::{BundleId, EntryId, MemberId};
use super::team::jobs::{Terms, make_service};
use super::team::keyring::Keyring;
use super::team::ledger::{
    Authored, Due, Entering, Ledger, Owed, Reviewed, Standing, ask_to_return,
};
use super::team::op::{GivenRole, Heartbeat, Policy};

/// One step of a history: who does what. What somebody can't write they leave; what they may not
/// is written all the same, and void.
#[derive(Debug, Clone)]
pub enum Step {
    Put(usize, usize, usize),
    Delete(usize, usize),
    CreateBundle(usize),
    Archive(usize, usize, bool),
    StartEpoch(usize, usize),
    Reseal(usize, usize),
    Rotate(usize),
    RotateLogKey(usize),
    RotateMemberKey(usize),
    AddDevice(usize),
    /// Somebody's device goes on twice: what both write is a fork.
    Copy(usize),
    /// What the paper signs: another device, the end of one, or a new seed.
    Paper(usize, usize, Paper),
    NewPaper(usize),
    RevokeDevice(usize, usize),
    Invite(usize, GivenRole),
    Join(usize, usize),
    SetRole(usize, usize, GivenRole),
    Remove(usize, usize),
    Return(usize, usize, GivenRole),
    Grant(usize, usize, usize, bool),
    Ungrant(usize, usize, usize),
    AddService(usize, usize, usize),
    RemoveService(usize, usize),
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

/// What a recovery key does.
#[derive(Debug, Clone, Copy)]
pub enum Paper {
    Adds,
    Revokes,
    Rotates,
}

fn role() -> impl Strategy<Value = GivenRole> {
    prop_oneof![
        1 => Just(GivenRole::Reader),
        2 => Just(GivenRole::Writer),
        3 => Just(GivenRole::Admin),
        1 => Just(GivenRole::Owner),
    ]
}

pub fn step() -> impl Strategy<Value = Step> {
    let who = || 0..8_usize;
    let what = || 0..4_usize;
    let paper = prop::sample::select(vec![Paper::Adds, Paper::Revokes, Paper::Rotates]);
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
        1 => who().prop_map(Step::Copy),
        2 => (who(), who(), paper).prop_map(|(a, b, c)| Step::Paper(a, b, c)),
        1 => who().prop_map(Step::NewPaper),
        1 => (who(), what()).prop_map(|(a, b)| Step::Reseal(a, b)),
        2 => (who(), who()).prop_map(|(a, b)| Step::RevokeDevice(a, b)),
        1 => (who(), role()).prop_map(|(a, b)| Step::Invite(a, b)),
        2 => (who(), what()).prop_map(|(a, b)| Step::Join(a, b)),
        3 => (who(), who(), role()).prop_map(|(a, b, c)| Step::SetRole(a, b, c)),
        3 => (who(), who()).prop_map(|(a, b)| Step::Remove(a, b)),
        1 => (who(), who(), role()).prop_map(|(a, b, c)| Step::Return(a, b, c)),
        3 => (who(), what(), who(), any::<bool>()).prop_map(|(a, b, c, d)| Step::Grant(a, b, c, d)),
        2 => (who(), what(), who()).prop_map(|(a, b, c)| Step::Ungrant(a, b, c)),
        1 => (who(), what(), who()).prop_map(|(a, b, c)| Step::AddService(a, b, c)),
        1 => (who(), what()).prop_map(|(a, b)| Step::RemoveService(a, b)),
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

/// Most devices that act.
const ACTORS: usize = 10;

pub struct World {
    pub actors: Vec<Replica>,
    /// The recovery keys on paper, the newest last.
    pub papers: Vec<(MemberId, RecoveryKey)>,
    invitations: Vec<String>,
    entries: Vec<EntryId>,
}

impl World {
    /// An owner, further admins and some others, writers and readers in turn, who share a bundle.
    pub fn new((admins, others): (usize, usize)) -> Self {
        let (paper, mut ada) = found();
        let mut papers = vec![(ada.member(), paper)];
        let bundle = ada.make_bundle();
        let entries: Vec<_> = (0..4).map(|_| EntryId::make()).collect();
        ada.put(bundle, entries[0], "first");
        let mut actors = Vec::new();
        let admins = [GivenRole::Admin; 3].into_iter().take(admins);
        let in_turn = [GivenRole::Writer, GivenRole::Reader].into_iter().cycle();
        for role in admins.chain(in_turn.take(others)) {
            let (paper, new) = ada.take_in("somebody", role);
            ada.grant(bundle, new.member());
            papers.push((new.member(), paper));
            actors.push(new);
        }
        actors.insert(0, ada);
        let mut world = Self {
            actors,
            papers,
            invitations: Vec::new(),
            entries,
        };
        world.hear_everything();
        world
    }

    pub fn act(&mut self, step: &Step) {
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
            Step::Reseal(who, of) => {
                let of = bundle(who, of);
                let live = self.actors[nth(who)].live(of);
                self.write(nth(who), |l, k| l.reseal(k, of, &live, TIME));
            }
            Step::Rotate(who) => self.do_what_is_due(nth(who)),
            Step::RotateLogKey(who) => self.write(nth(who), |l, k| l.rotate_log_key(k, TIME)),
            Step::RotateMemberKey(who) => {
                self.write(nth(who), |l, k| l.rotate_member_key(k, k.device(), TIME));
            }
            Step::AddDevice(who) if count < ACTORS => {
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
            Step::Copy(who) if count < ACTORS => {
                let actor = &self.actors[nth(who)];
                let mut twin = actor.ledger_of_its_own();
                twin.sync(actor);
                self.actors.push(twin);
            }
            Step::AddDevice(_) | Step::Copy(_) => {}
            Step::Paper(who, whom, act) => self.by_paper(nth(who), nth(whom), *act),
            Step::NewPaper(who) => {
                let (new, of) = (RecoveryKey::make(), member(who));
                if let Some(signer) = self.paper_of(&of).map(RecoveryKey::device) {
                    let actor = &mut self.actors[nth(who)];
                    let added = actor.try_write(|l, k| l.add_recovery_key(k, &signer, &new, TIME));
                    if added.is_ok() {
                        self.papers.push((of, new));
                    }
                }
            }
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
            Step::AddService(who, of, signer) => {
                let (of, signer) = (bundle(who, of), self.actors[nth(signer)].id());
                self.write(nth(who), |l, k| {
                    let terms = Terms {
                        signers: vec![signer],
                        min_count: 1,
                        max_age: 60,
                        expires: TIME + 60,
                    };
                    let ids = (l.team(), l.genesis());
                    let (_, service) = make_service(ids, "remote", vec![of], terms);
                    l.add_service(k, "ci", &service, TIME)
                });
            }
            Step::RemoveService(who, pick) => {
                let services = self.actors[nth(who)].ledger.state().services();
                let Some(id) = services.keys().nth(*pick).copied() else {
                    return;
                };
                self.write(nth(who), |l, k| l.remove_service(k, id, TIME));
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
                    name: None,
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

    /// The newest recovery key of a member.
    fn paper_of(&self, member: &MemberId) -> Option<&RecoveryKey> {
        let mut papers = self.papers.iter().rev();
        papers.find(|(of, _)| of == member).map(|(_, paper)| paper)
    }

    /// The recovery key acts on what this device has heard.
    fn by_paper(&mut self, who: usize, whom: usize, act: Paper) {
        let paper = self.paper_of(&self.actors[who].member());
        let Some(signer) = paper.map(RecoveryKey::device) else {
            return;
        };
        match act {
            Paper::Adds if self.actors.len() < ACTORS => {
                let (device, actor) = (DeviceSecret::make(), &mut self.actors[who]);
                let added =
                    actor.try_write(|l, k| l.add_device(k, &signer, &device, "found again", TIME));
                if added.is_ok() {
                    let mut new = Replica::joining(actor, device);
                    new.sync(actor);
                    self.actors.push(new);
                }
            }
            Paper::Adds => {}
            Paper::Revokes => {
                let device = self.actors[whom].id();
                self.write(who, |l, k| l.revoke_device(k, &signer, device, TIME));
            }
            Paper::Rotates => self.write(who, |l, k| l.rotate_member_key(k, &signer, TIME)),
        }
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
        if approver.try_approve(&asking, true).is_ok() && self.actors.len() < ACTORS {
            let (paper, mut new) = asking.replica();
            new.sync(&self.actors[who]);
            self.papers.push((new.member(), paper));
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
            published: None,
            age: None,
        };
        actor.try_write(|l, k| l.heartbeat(k, beat, TIME)).ok();
    }

    pub fn hear_everything(&mut self) {
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
    pub fn heal(&mut self) {
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
    pub fn ops(&self) -> Vec<Packet> {
        let all = self.actors.iter().flat_map(|replica| &replica.seen);
        let all: BTreeMap<_, _> = all.map(|(id, packet)| (*id, packet)).collect();
        all.into_values().cloned().collect()
    }

    /// Somebody outside, who was told every log key.
    pub fn observer(&self) -> Replica {
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

/// Each case is a whole history; PROPTEST_CASES asks for more.
pub fn config() -> ProptestConfig {
    ProptestConfig {
        cases: ProptestConfig::default().cases / 16,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
