//! What follows from valid control ops: members, devices, bundles, epochs, and which keys are due.
//!
//! Every fact keeps the place of the op that made it, so that a question about some op's own past
//! ("who had access then?") is the same look-up with a frontier.

use std::collections::{BTreeMap, BTreeSet};

use crypto::{DevicePublic, ExchangePublic, KeyId};

use super::introduce::Introduced;
use super::{DeviceAge, Ledger, Standing};
use crate::chains::Place;
use crate::ids::{BundleId, DeviceId, MemberId, OpId};
use crate::op::{Action, AddDevice, EpochKey};
use crate::past::Frontier;
use crate::rules::Role;
use crate::wire::VerifiedOp;

/// The team, worked out.
#[derive(Debug, Clone, Default)]
pub struct State {
    team_name: String,
    members: BTreeMap<MemberId, Member>,
    devices: BTreeMap<DeviceId, Device>,
    bundles: BTreeMap<BundleId, Bundle>,
    log_keys: BTreeMap<KeyId, LogKey>,
    /// Which op made each log key and seed, void ones too.
    made_in: BTreeMap<KeyId, Made>,
    /// To whom each log key and seed was ever wrapped, by recipient key id.
    wrapped_to: BTreeMap<KeyId, Vec<(KeyId, Made)>>,
    standings: BTreeMap<OpId, Standing>,
}

/// A member.
#[derive(Debug, Clone)]
pub struct Member {
    /// What they are called.
    pub name: String,
    /// All generations of their key, valid ones only.
    pub generations: Vec<Generation>,
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
    pub(super) made: Made,
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
}

/// A bundle.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// `api` of `api/prod`.
    pub project: String,
    /// `prod` of `api/prod`.
    pub environment: String,
    /// Who made it, and so has access.
    pub creator: MemberId,
    /// Unix seconds, by its author's clock.
    pub created: u64,
    /// Whether it is hidden from use.
    pub archived: bool,
    /// Its epochs by key id.
    pub epochs: BTreeMap<KeyId, Epoch>,
    pub(super) made: Made,
    /// Starts of epochs that are void. Their keys are kept, and what stands under them stands.
    pub(super) void_epochs: BTreeMap<KeyId, Made>,
}

/// One epoch of a bundle.
#[derive(Debug, Clone)]
pub struct Epoch {
    /// Who was given its key, as (member, generation).
    pub recipients: BTreeSet<(MemberId, u32)>,
    pub(super) made: Made,
}

#[derive(Debug, Clone)]
pub(super) struct LogKey {
    pub made: Made,
}

/// Where a fact comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Made {
    /// (lamport, op id): of concurrent facts the greater one is the newer.
    pub order: (u64, OpId),
    pub place: Place,
}

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

impl Made {
    pub(super) fn by(op: &VerifiedOp) -> Self {
        Self {
            order: op.order(),
            place: op.placed.place,
        }
    }

    pub(super) fn within(&self, past: &Frontier) -> bool {
        past.includes(self.place.chain, self.place.seq)
    }
}

impl Member {
    /// The generation in force among those that `seen` lets through: the highest number; of
    /// concurrent rotations the earlier-added device's (protocol §6 rule 7).
    pub(super) fn generation(&self, seen: impl Fn(&Made) -> bool) -> Option<&Generation> {
        self.generations
            .iter()
            .filter(|generation| seen(&generation.made))
            .min_by(|a, b| {
                b.number
                    .cmp(&a.number)
                    .then(a.author.cmp(&b.author))
                    .then(a.made.order.cmp(&b.made.order))
            })
    }

    /// The generation in force now.
    pub fn current(&self) -> Option<&Generation> {
        self.generation(|_| true)
    }
}

impl Bundle {
    /// `project/environment`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.project, self.environment)
    }

    /// Where the epoch of this key was started, validly or not.
    pub(super) fn started(&self, key: &KeyId) -> Option<&Made> {
        self.epochs
            .get(key)
            .map(|epoch| &epoch.made)
            .or_else(|| self.void_epochs.get(key))
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

    /// How an op stands; data ops are not here.
    pub(super) fn standing(&self, op: &OpId) -> Standing {
        self.standings.get(op).copied().unwrap_or(Standing::Void)
    }

    pub(super) fn standings(&self) -> &BTreeMap<OpId, Standing> {
        &self.standings
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

    pub(super) fn log_keys(&self) -> &BTreeMap<KeyId, LogKey> {
        &self.log_keys
    }

    fn note_made(&mut self, op: &VerifiedOp) {
        let keys = match &op.action {
            Action::Genesis(genesis) => vec![genesis.founder.seed, op.log_key],
            Action::RotateMemberKey(rotate) => vec![rotate.seed],
            Action::RotateLogKey(rotate) => vec![rotate.key],
            _ => Vec::new(),
        };
        for key in keys {
            self.made_in.entry(key).or_insert(Made::by(op));
        }
    }

    /// Who was given a key once has it, so wraps count even where the op is void by now. But only
    /// from authors who could have the key: it was made in the op's past or in the op itself.
    /// Whoever was no member by what they had seen can't make a key stale by naming it (threat 17).
    fn note_wraps(&mut self, op: &VerifiedOp) {
        for wrap in &op.keys.wraps {
            let made = self.made_in.get(&wrap.key);
            if made.is_some_and(|made| made.order.1 == op.id || made.within(&op.placed.past)) {
                self.wrapped_to
                    .entry(wrap.key)
                    .or_default()
                    .push((wrap.to, Made::by(op)));
            }
        }
    }

    /// Whether a key was wrapped only to recipients out of `right`, as far as `seen` lets through.
    pub(super) fn only_wrapped_to(
        &self,
        key: &KeyId,
        right: &BTreeSet<KeyId>,
        seen: impl Fn(&Made) -> bool,
    ) -> bool {
        let wrapped = self.wrapped_to.get(key).into_iter().flatten();
        wrapped
            .filter(|(_, made)| seen(made))
            .all(|(to, _)| right.contains(to))
    }

    fn add_epoch(&mut self, bundle: BundleId, epoch: &EpochKey, made: Made) {
        let recipients = epoch.wraps.iter().map(|wrap| (wrap.0, wrap.1)).collect();
        if let Some(bundle) = self.bundles.get_mut(&bundle) {
            bundle
                .epochs
                .entry(epoch.key)
                .or_insert(Epoch { recipients, made });
        }
    }
}

impl Ledger {
    /// Works the state out from all control ops, in an order that does not depend on arrival.
    pub(super) fn rebuild(&mut self) {
        self.state = State::default();
        let control = std::mem::take(&mut self.control);
        for op in control.values() {
            self.apply_last(op);
        }
        self.control = control;
    }

    /// Applies an op that no other one follows yet.
    pub(super) fn apply_last(&mut self, op: &VerifiedOp) {
        let standing = self.judge_control(op);
        self.state.standings.insert(op.id, standing);
        let author = self.core.author_at(&self.origin(op));
        if standing == Standing::Valid || (author.device_ok && author.role > Role::None) {
            self.state.note_made(op);
            self.state.note_wraps(op);
        }
        let made = Made::by(op);
        if standing != Standing::Valid {
            if let Action::StartEpoch(start) = &op.action
                && let Some(bundle) = self.state.bundles.get_mut(&start.bundle)
            {
                bundle.void_epochs.entry(start.epoch.key).or_insert(made);
            }
            return;
        }
        let author = self.introduced[&op.device].age();
        match &op.action {
            Action::Genesis(genesis) => {
                let founder = &genesis.founder;
                self.state.team_name.clone_from(&genesis.team_name);
                let first = Generation {
                    number: 0,
                    seed: founder.seed,
                    public: founder.public,
                    author,
                    made,
                };
                self.state.members.insert(
                    op.member,
                    Member {
                        name: founder.name.clone(),
                        generations: vec![first],
                    },
                );
                for (id, introduced) in &self.introduced {
                    if introduced.introductions().any(|one| one.by.is_none()) {
                        let recovery = *id != op.device;
                        let name = if recovery {
                            String::new()
                        } else {
                            founder.device.name.clone()
                        };
                        let device = Device {
                            member: op.member,
                            name,
                            keys: introduced.keys,
                            recovery,
                        };
                        self.state.devices.insert(*id, device);
                    }
                }
                self.state.log_keys.insert(op.log_key, LogKey { made });
            }
            Action::AddDevice(add) => self.apply_add_device(op, add),
            Action::RevokeDevice(_) => {}
            Action::RotateMemberKey(rotate) => {
                let new = Generation {
                    number: rotate.generation,
                    seed: rotate.seed,
                    public: rotate.public,
                    author,
                    made,
                };
                if let Some(member) = self.state.members.get_mut(&op.member) {
                    member.generations.push(new);
                }
            }
            Action::RotateLogKey(rotate) => {
                self.state
                    .log_keys
                    .entry(rotate.key)
                    .or_insert(LogKey { made });
            }
            Action::CreateBundle(create) => {
                let bundle = Bundle {
                    project: create.project.clone(),
                    environment: create.environment.clone(),
                    creator: op.member,
                    created: op.time,
                    archived: false,
                    epochs: BTreeMap::new(),
                    made,
                    void_epochs: BTreeMap::new(),
                };
                self.state.bundles.insert(create.bundle, bundle);
                self.state.add_epoch(create.bundle, &create.epoch, made);
            }
            Action::ArchiveBundle(archive) => {
                // Ops come in (lamport, id) order: of concurrent wishes the greater stands.
                if let Some(bundle) = self.state.bundles.get_mut(&archive.bundle) {
                    bundle.archived = archive.archived;
                }
            }
            Action::StartEpoch(start) => self.state.add_epoch(start.bundle, &start.epoch, made),
            Action::Put(_) | Action::Delete(_) => {}
        }
    }

    fn apply_add_device(&mut self, op: &VerifiedOp, add: &AddDevice) {
        let brought =
            |introduced: &Introduced| introduced.introductions().any(|one| one.by == Some(op.id));
        if let Some((id, introduced)) = self
            .introduced
            .iter()
            .find(|(_, introduced)| brought(introduced))
        {
            let (name, keys, recovery) = (add.name.clone(), introduced.keys, add.recovery);
            self.state.devices.entry(*id).or_insert(Device {
                member: op.member,
                name,
                keys,
                recovery,
            });
        }
    }

    /// Whether a generation of a member's seed was ever wrapped to a device that has no right to
    /// it now, or is no longer the current one (protocol §2).
    pub(super) fn seed_is_stale(&self, member: &MemberId, generation: &Generation) -> bool {
        let current = self.state.members.get(member).and_then(Member::current);
        if current.is_none_or(|current| current.seed != generation.seed)
            || self.role(member) == Role::None
        {
            return true;
        }
        let standing: BTreeSet<KeyId> = self
            .introduced
            .iter()
            .filter(|(id, introduced)| introduced.is_of(member) && self.device_stands(id))
            .map(|(_, introduced)| introduced.keys.exchange.recipient_key_id())
            .collect();
        !self
            .state
            .only_wrapped_to(&generation.seed, &standing, |_| true)
    }

    /// Members who can be given keys: with a role and a generation that is not stale.
    pub(super) fn recipients(&self) -> impl Iterator<Item = (MemberId, u32, ExchangePublic)> + '_ {
        self.state.members.iter().filter_map(|(id, member)| {
            let current = member.current()?;
            (!self.seed_is_stale(id, current)).then_some((*id, current.number, current.public))
        })
    }

    fn log_key_is_stale(&self, key: &KeyId) -> bool {
        let right: BTreeSet<KeyId> = self
            .recipients()
            .map(|(.., public)| public.recipient_key_id())
            .collect();
        !self.state.only_wrapped_to(key, &right, |_| true)
    }

    fn epoch_is_stale(&self, bundle: &Bundle, epoch: &Epoch) -> bool {
        let right: BTreeSet<(MemberId, u32)> = self
            .recipients()
            .filter(|(member, ..)| self.has_access(member, bundle))
            .map(|(member, generation, _)| (member, generation))
            .collect();
        !epoch.recipients.is_subset(&right)
    }

    /// Whether a member may read a bundle now.
    pub fn has_access(&self, member: &MemberId, bundle: &Bundle) -> bool {
        bundle.creator == *member && self.role(member) > Role::None
    }

    /// The log key to write under: the newest that is not stale.
    pub fn current_log_key(&self) -> Option<KeyId> {
        self.newest_log_key(|key| !self.log_key_is_stale(key))
    }

    /// The newest log key that `which` lets through.
    pub(super) fn newest_log_key(&self, which: impl Fn(&KeyId) -> bool) -> Option<KeyId> {
        let keys = self.state.log_keys.iter().filter(|(key, _)| which(key));
        keys.max_by_key(|(_, log_key)| log_key.made)
            .map(|(key, _)| *key)
    }

    /// The key of a bundle to write under: the newest epoch that is not stale.
    pub fn current_epoch(&self, bundle: &BundleId) -> Option<KeyId> {
        let bundle = self.state.bundles.get(bundle)?;
        let epochs = bundle
            .epochs
            .iter()
            .filter(|(_, epoch)| !self.epoch_is_stale(bundle, epoch));
        epochs
            .max_by_key(|(_, epoch)| epoch.made)
            .map(|(key, _)| *key)
    }

    /// The newest epoch of a bundle, stale or not: what its live versions stand under.
    pub fn newest_epoch(&self, bundle: &BundleId) -> Option<KeyId> {
        let epochs = self.state.bundles.get(bundle)?.epochs.iter();
        epochs
            .max_by_key(|(_, epoch)| epoch.made)
            .map(|(key, _)| *key)
    }

    /// The rotations that this member has to do before writing on, in their order.
    pub fn due(&self, member: &MemberId) -> Vec<Due> {
        let mut due = Vec::new();
        let current = self.state.members.get(member).and_then(Member::current);
        if current.is_some_and(|generation| self.seed_is_stale(member, generation)) {
            due.push(Due::MemberKey);
        }
        if self.current_log_key().is_none() {
            due.push(Due::LogKey);
        }
        let stale = |id: &&BundleId| self.current_epoch(id).is_none();
        let own = self
            .state
            .bundles
            .iter()
            .filter(|(_, bundle)| self.has_access(member, bundle))
            .map(|(id, _)| id);
        due.extend(own.filter(stale).map(|id| Due::Epoch(*id)));
        due
    }
}
