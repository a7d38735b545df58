//! What follows from valid control ops: members, devices, bundles, epochs, and who has a right to
//! which key.
//!
//! There is a state of everything, and for an op that had not seen everything a state of its past:
//! both are worked out in the same way (`fold.rs`) and answer the same questions. Every fact keeps
//! the place of the op that made it, for an op that is judged beside everything else still counts
//! only what it had seen.

use std::collections::{BTreeMap, BTreeSet};

use crypto::{DevicePublic, ExchangePublic, KeyId};

use super::right::{Cause, FirstSeen, Made, Right};
use super::{DeviceAge, Standing};
use crate::ids::{BundleId, DeviceId, EntryId, MemberId, OpId, VersionId};
use crate::op::{GivenRole, Heartbeat, Policy, Terms};

use crate::rules::Role;

/// The team, worked out.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub(super) team_name: String,
    pub(super) members: BTreeMap<MemberId, Member>,
    pub(super) devices: BTreeMap<DeviceId, Device>,
    pub(super) bundles: BTreeMap<BundleId, Bundle>,
    pub(super) invitations: BTreeMap<OpId, Invitation>,
    pub(super) policy: Policy,
    pub(super) log_keys: BTreeMap<KeyId, LogKey>,
    /// Where each log key and seed first comes up, in void ops too: an op that has seen none of
    /// these can't know it. Concurrent ops may each bring it up.
    pub(super) made_in: BTreeMap<Transported, FirstSeen>,
    /// The seeds of each generation of a member, void ones too. Concurrent ones share a number.
    pub(super) seed_numbers: BTreeMap<(MemberId, u32), BTreeSet<KeyId>>,
    /// To whom each of them was ever wrapped, by recipient key id.
    pub(super) wrapped_to: BTreeMap<Transported, BTreeSet<KeyId>>,
    /// Which older keys each log key or seed seals.
    pub(super) seals: BTreeMap<KeyId, BTreeSet<KeyId>>,
    pub(super) standings: BTreeMap<OpId, Standing>,
    /// Everyone with a role.
    pub(super) roles: BTreeMap<MemberId, Role>,
    /// The standing devices of each member, with their recipient key ids. By device: an exchange
    /// key proves nothing of who has it, so two devices may name one.
    pub(super) standing: BTreeMap<MemberId, BTreeMap<DeviceId, KeyId>>,
    pub(super) removals: BTreeMap<MemberId, Vec<Cause>>,
    /// Data ops by what reviewers said of them.
    pub(super) reviews: BTreeMap<OpId, Vec<(Verdict, BundleId, Made)>>,
    pub(super) settled: BTreeMap<(BundleId, EntryId, VersionId), Vec<Settlement>>,
    pub(super) heartbeats: BTreeMap<DeviceId, LastHeartbeat>,
    pub(super) services: BTreeMap<MemberId, KnownService>,
}

/// A member.
#[derive(Debug, Clone)]
pub struct Member {
    /// What they are called.
    pub name: String,
    /// All generations of their key, valid ones only.
    pub generations: Vec<Generation>,
    /// Seeds whose public half somebody compared with the member, and who.
    pub(super) attested: Vec<(KeyId, MemberId)>,
}

/// One generation of a member's key.
#[derive(Debug, Clone)]
pub struct Generation {
    /// From 0.
    pub number: u32,
    /// Id of the seed.
    pub seed: KeyId,
    /// Its public half.
    pub public: ExchangePublic,
    pub(super) author: DeviceAge,
    pub(super) right: Right,
}

/// A device.
#[derive(Debug, Clone)]
pub struct Device {
    /// Whose it is.
    pub member: MemberId,
    /// What it is called.
    pub name: String,
    /// Its keys.
    pub keys: DevicePublic,
    /// Whether it is the recovery key.
    pub recovery: bool,
    /// When it was first added: Unix seconds, by its author's clock.
    pub added: u64,
    /// What brought it in, or back.
    pub(super) rights: Vec<Right>,
}

/// A bundle.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// `api` of `api/prod`.
    pub project: String,
    /// `prod` of `api/prod`.
    pub environment: String,
    /// Who made it.
    pub creator: MemberId,
    /// Unix seconds, by its author's clock.
    pub created: u64,
    /// Whether it is hidden from use.
    pub archived: bool,
    /// Its epochs by key id.
    pub epochs: BTreeMap<KeyId, Epoch>,
    pub(super) made: Made,
    /// Starts of epochs that are void. Their keys are kept, and what stands under them stands.
    pub(super) void_epochs: BTreeMap<KeyId, Epoch>,
    /// Who was given the bundle: its creator first, then by grants.
    pub(super) access: BTreeMap<MemberId, Vec<Right>>,
    /// To whom each of its keys was ever wrapped, by void ops too: whoever was given a key has it.
    pub(super) given: BTreeMap<KeyId, Vec<(MemberId, u32, Made)>>,
    pub(super) ungrants: BTreeMap<MemberId, Vec<Cause>>,
}

/// One epoch of a bundle.
#[derive(Debug, Clone)]
pub struct Epoch {
    /// Who was given its key by valid ops, as (member, generation).
    pub recipients: BTreeSet<(MemberId, u32)>,
    /// Who made its key, and with which device.
    pub maker: (MemberId, DeviceId),
    pub(super) made: Made,
}

/// A valid invitation.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Who invites.
    pub by: MemberId,
    /// What a request is sealed to.
    pub public: ExchangePublic,
    /// The role that it is for.
    pub role: GivenRole,
    /// Unix seconds after which no honest approver uses it.
    pub expires: u64,
    /// The valid op that used it.
    pub used_by: Option<OpId>,
}

/// Why an exposed version needs no rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Who says so.
    pub by: MemberId,
    /// Why.
    pub reason: String,
    pub(super) made: Made,
}

/// A service: what an op made known of it, and what ended it.
#[derive(Debug, Clone)]
pub struct KnownService {
    /// What it is called.
    pub name: String,
    /// What its sheets are sealed to.
    pub public: ExchangePublic,
    /// The bundles whose values it is given.
    pub bundles: Vec<BundleId>,
    /// What its token says.
    pub terms: Terms,
    /// Who made it.
    pub creator: MemberId,
    /// Unix seconds, by its author's clock.
    pub created: u64,
    /// Whether what made it is void by now: no sheets are published, but some may have been.
    pub void: bool,
    pub(super) made: Made,
    /// Its removals.
    pub(super) ends: Vec<Made>,
}

impl KnownService {
    /// Whether it was removed, or is void.
    pub fn is_removed(&self) -> bool {
        self.void || !self.ends.is_empty()
    }
}

/// The last sign of life of a device.
#[derive(Debug, Clone)]
pub struct LastHeartbeat {
    /// What it said.
    pub heartbeat: Heartbeat,
    /// When, in Unix seconds by its own clock.
    pub time: u64,
    pub(super) made: Made,
}

#[derive(Debug, Clone)]
pub(super) struct LogKey {
    pub made: Made,
}

/// What a reviewer says of a quarantined op.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Adopt,
    Drop,
}

/// A log key, or a seed with the member whose it is: nobody else can say anything about it.
pub(super) type Transported = (KeyId, Option<MemberId>);

/// A rotation that is due, in the order in which they are to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The member's own seed.
    MemberKey,
    /// The log key.
    LogKey,
    /// The key of a bundle.
    Epoch(BundleId),
}

impl Member {
    /// The generation in force among those that `seen` lets through: the highest number; of
    /// concurrent rotations the earlier-added device's (protocol §6 rule 7).
    fn generation(&self, seen: impl Fn(&Made) -> bool) -> Option<&Generation> {
        self.generations
            .iter()
            .filter(|generation| seen(&generation.right.made))
            .min_by(|a, b| {
                b.number
                    .cmp(&a.number)
                    .then(a.author.cmp(&b.author))
                    .then(a.right.made.order.cmp(&b.right.made.order))
            })
    }

    /// The generation in force now.
    pub fn current(&self) -> Option<&Generation> {
        self.generation(|_| true)
    }

    /// Whether somebody compared the key of the current generation with the member. A changed key
    /// never inherits it.
    pub fn is_verified(&self) -> bool {
        let current = self.current();
        current.is_some_and(|current| self.attested.iter().any(|(seed, _)| *seed == current.seed))
    }
}

impl Bundle {
    /// `project/environment`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.project, self.environment)
    }

    /// Where the epoch of this key was started, validly or not.
    pub(super) fn started(&self, key: &KeyId) -> Option<&Made> {
        let epoch = self.epochs.get(key).or_else(|| self.void_epochs.get(key));
        epoch.map(|epoch| &epoch.made)
    }

    /// Whether a member was given the bundle, by what `seen` lets through. Their role is asked for
    /// apart.
    pub(super) fn was_given(&self, member: &MemberId, seen: impl Fn(&Made) -> bool) -> bool {
        let rights = self.access.get(member).into_iter().flatten();
        seen(&self.made) && rights.into_iter().any(|right| right.holds(&seen))
    }
}

impl State {
    /// What the team is called; empty for a personal vault.
    pub fn team_name(&self) -> &str {
        &self.team_name
    }

    /// Everyone who ever was a member by a valid op.
    pub fn members(&self) -> &BTreeMap<MemberId, Member> {
        &self.members
    }

    /// Every device by a valid op, revoked ones too.
    pub fn devices(&self) -> &BTreeMap<DeviceId, Device> {
        &self.devices
    }

    /// Every bundle, archived ones too.
    pub fn bundles(&self) -> &BTreeMap<BundleId, Bundle> {
        &self.bundles
    }

    /// Every invitation, used and expired ones too.
    pub fn invitations(&self) -> &BTreeMap<OpId, Invitation> {
        &self.invitations
    }

    /// The team's own limits.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The last sign of life of each device.
    pub fn heartbeats(&self) -> &BTreeMap<DeviceId, LastHeartbeat> {
        &self.heartbeats
    }

    /// Every service, those that ended too.
    pub fn services(&self) -> &BTreeMap<MemberId, KnownService> {
        &self.services
    }

    /// The role of a member.
    pub fn role(&self, member: &MemberId) -> Role {
        self.roles.get(member).copied().unwrap_or(Role::None)
    }

    /// How an op stands; data ops are not here.
    pub(super) fn standing(&self, op: &OpId) -> Standing {
        self.standings.get(op).copied().unwrap_or(Standing::Void)
    }

    pub(super) fn changes_since(
        &self,
        before: &BTreeMap<OpId, Standing>,
        but: &OpId,
    ) -> Vec<(OpId, Standing)> {
        let changed =
            |(op, standing): &(&OpId, &Standing)| *op != but && before.get(op) != Some(*standing);
        self.standings
            .iter()
            .filter(changed)
            .map(|(op, standing)| (*op, *standing))
            .collect()
    }

    /// Whether a generation is not the current one any more, was ever wrapped to a device that has
    /// no right to it, or is of somebody who was removed since (protocol §2).
    pub(super) fn seed_is_stale(&self, id: &MemberId, generation: &Generation) -> bool {
        let current = self.members.get(id).and_then(Member::current);
        let in_force = current.is_some_and(|current| current.seed == generation.seed)
            && self.role(id) > Role::None
            && generation.right.holds(|_| true);
        !in_force || {
            let devices = self.standing.get(id).into_iter().flatten();
            let keys: BTreeSet<&KeyId> = devices.map(|(_, key)| key).collect();
            let right = |to: &KeyId| keys.contains(to);
            !self.only_wrapped_to((generation.seed, Some(*id)), right)
        }
    }

    /// Whether a key was wrapped only to recipients with a right to it.
    fn only_wrapped_to(&self, key: Transported, right: impl Fn(&KeyId) -> bool) -> bool {
        let mut wrapped = self.wrapped_to.get(&key).into_iter().flatten();
        wrapped.all(right)
    }

    /// The current generation of a member who can be given keys.
    pub(super) fn recipient(&self, id: &MemberId) -> Option<(MemberId, u32, ExchangePublic)> {
        let current = self.members.get(id)?.current()?;
        (!self.seed_is_stale(id, current)).then_some((*id, current.number, current.public))
    }

    /// Members who can be given keys: with a role and a generation that is not stale.
    pub(super) fn recipients(&self) -> impl Iterator<Item = (MemberId, u32, ExchangePublic)> + '_ {
        self.roles.keys().filter_map(|id| self.recipient(id))
    }

    /// Of these, owners and admins.
    pub(super) fn approvers(&self) -> impl Iterator<Item = (MemberId, u32, ExchangePublic)> + '_ {
        self.recipients()
            .filter(|(id, ..)| self.role(id) >= Role::Admin)
    }

    /// Whether a member may read a bundle.
    pub fn has_access(&self, member: &MemberId, bundle: &Bundle) -> bool {
        self.role(member) > Role::None && bundle.was_given(member, |_| true)
    }

    /// Everyone who may read a bundle.
    pub fn holders<'a>(&'a self, bundle: &'a Bundle) -> impl Iterator<Item = MemberId> + 'a {
        let holds = |member: &&MemberId| self.has_access(member, bundle);
        bundle.access.keys().filter(holds).copied()
    }

    /// Those with access to a bundle who can be given its keys.
    pub(super) fn bundle_recipients<'a>(
        &'a self,
        bundle: &'a Bundle,
    ) -> impl Iterator<Item = (MemberId, u32, ExchangePublic)> + 'a {
        self.holders(bundle).filter_map(|id| self.recipient(&id))
    }

    /// The log key to write under: the newest that is not stale.
    pub(super) fn current_log_key(&self) -> Option<KeyId> {
        let right: BTreeSet<KeyId> = self
            .recipients()
            .map(|(.., public)| public.recipient_key_id())
            .collect();
        self.newest_log_key(|key| self.only_wrapped_to((*key, None), |to| right.contains(to)))
    }

    /// Every log key that an applied op brought or stands under, of void ops too: whoever is to
    /// read everything needs them all.
    pub(super) fn used_log_keys(&self) -> BTreeSet<KeyId> {
        let log_keys = self.made_in.keys().filter(|(_, owner)| owner.is_none());
        log_keys.map(|(key, _)| *key).collect()
    }

    /// The newest log key that `which` lets through.
    pub(super) fn newest_log_key(&self, which: impl Fn(&KeyId) -> bool) -> Option<KeyId> {
        let keys = self.log_keys.iter().filter(|(key, _)| which(key));
        keys.max_by_key(|(_, log_key)| log_key.made)
            .map(|(key, _)| *key)
    }

    /// The key of a bundle to write under: the newest epoch that is not stale.
    pub(super) fn current_epoch(&self, bundle: &Bundle) -> Option<KeyId> {
        let right: BTreeSet<(MemberId, u32)> = self
            .bundle_recipients(bundle)
            .map(|(member, generation, _)| (member, generation))
            .collect();
        let fresh = |(key, _): &(&KeyId, &Epoch)| {
            let given = bundle.given.get(*key).into_iter().flatten();
            given
                .into_iter()
                .all(|(member, generation, _)| right.contains(&(*member, *generation)))
        };
        let epochs = bundle.epochs.iter().filter(fresh);
        epochs
            .max_by_key(|(_, epoch)| epoch.made)
            .map(|(key, _)| *key)
    }

    /// The rotations that this member has to do before writing on, in their order.
    pub(super) fn due(&self, member: &MemberId) -> Vec<Due> {
        let mut due = Vec::new();
        if self.role(member) == Role::None {
            return due;
        }
        if self.members.contains_key(member) && self.recipient(member).is_none() {
            due.push(Due::MemberKey);
        }
        if self.current_log_key().is_none() {
            due.push(Due::LogKey);
        }
        if self.role(member) < Role::Writer {
            return due;
        }
        let own = self.bundles.iter().filter(|(_, bundle)| {
            self.has_access(member, bundle) && self.current_epoch(bundle).is_none()
        });
        due.extend(own.map(|(id, _)| Due::Epoch(*id)));
        due
    }
}
