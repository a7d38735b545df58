//! Working a state out: all control ops of a set, in (lamport, id) order, each judged and applied.

mod keys;

use std::collections::BTreeMap;

use super::introduce::Introduced;
use super::judge::{authority, device_was_in, exceeds_recovery_key};
use super::right::{Cause, Made, Right};
use super::state::{
    Bundle, Device, Epoch, Generation, Invitation, KnownService, LastHeartbeat, LogKey, Member,
    Settlement, State, Verdict,
};
use super::{DeviceAge, Standing, origin_of};
use crate::ids::{BundleId, DeviceId, MemberId, OpId, TeamId};
use crate::op::{
    Action, AddMember, AddService, Entrant, EpochKey, Genesis, Grant, Granted, NewMember, Policy,
    Review,
};
use crate::rules::{Role, Scope};
use crate::wire::VerifiedOp;
use crypto::KeyId;

/// A state that is being worked out, and what it is worked out from.
pub(super) struct Fold<'a> {
    pub team: TeamId,
    pub scope: Scope<'a, OpId, MemberId, DeviceAge>,
    pub introduced: &'a BTreeMap<DeviceId, Introduced>,
    /// Which devices each op introduces.
    pub brought: &'a BTreeMap<OpId, Vec<DeviceId>>,
    /// Which ops were allowed to their authors by what these had seen.
    pub born: &'a BTreeMap<OpId, bool>,
    pub state: &'a mut State,
}

impl Fold<'_> {
    /// Applies ops that follow those applied before.
    pub fn apply_all<'b>(mut self, ops: impl Iterator<Item = &'b VerifiedOp>) {
        let mut members_changed = false;
        for op in ops {
            self.apply(op);
            members_changed |= op.action.is_membership();
        }
        if members_changed {
            self.note_who_stands();
        }
    }

    /// How an op stands by this scope.
    fn judge(&self, op: &VerifiedOp) -> bool {
        if !self.born.get(&op.id).is_some_and(|born| *born) {
            return false;
        }
        if op.action.is_membership() {
            return self.scope.view().is_valid(&op.id);
        }
        let author = self.scope.author_at(&origin_of(op, self.introduced));
        author.device_ok
            && author.role > Role::None
            && author.cut_by.is_none()
            && !exceeds_recovery_key(op, self.introduced)
            && device_was_in(op, self.state)
            && authority(op, author.role, self.state)
    }

    fn apply(&mut self, op: &VerifiedOp) {
        let valid = self.judge(op);
        let standing = if valid {
            Standing::Valid
        } else {
            Standing::Void
        };
        self.state.standings.insert(op.id, standing);
        let could = valid || {
            let author = self.scope.author_at(&origin_of(op, self.introduced));
            author.device_ok && author.role > Role::None
        };
        self.note_keys_made(op);
        self.note_wraps(op, could);
        let made = Made::by(op);
        if valid {
            self.apply_valid(op, made);
            return;
        }
        match &op.action {
            Action::StartEpoch(start) => {
                if let Some(bundle) = self.state.bundles.get_mut(&start.bundle) {
                    let epoch = Epoch::of(op, &start.epoch);
                    bundle.void_epochs.entry(start.epoch.key).or_insert(epoch);
                }
            }
            // Once allowed to its author, who may have published sheets.
            Action::AddService(add) if self.born.get(&op.id).is_some_and(|born| *born) => {
                self.add_service(op, add, true);
            }
            _ => {}
        }
    }

    fn apply_valid(&mut self, op: &VerifiedOp, made: Made) {
        match &op.action {
            Action::Genesis(genesis) => self.found(op, genesis, made),
            Action::AddMember(add) => self.add_member(op, add, made),
            Action::RemoveMember(remove) => self.remove_member(remove.member, made),
            Action::AddDevice(add) => self.add_devices(op, op.member, &add.name, made),
            Action::RotateMemberKey(rotate) => {
                let generation = Generation {
                    number: rotate.generation,
                    seed: rotate.seed,
                    public: rotate.public,
                    author: self.introduced[&op.device].age(),
                    right: self.member_right(op, &op.member, made),
                };
                if let Some(member) = self.state.members.get_mut(&op.member) {
                    member.generations.push(generation);
                }
            }
            Action::RotateLogKey(rotate) => self.add_log_key(rotate.key, made),
            Action::CreateBundle(create) => {
                let right = self.member_right(op, &op.member, made);
                let bundle = Bundle {
                    project: create.project.clone(),
                    environment: create.environment.clone(),
                    creator: op.member,
                    created: op.time,
                    archived: false,
                    epochs: BTreeMap::new(),
                    made,
                    void_epochs: BTreeMap::new(),
                    access: BTreeMap::from([(op.member, vec![right])]),
                    given: BTreeMap::new(),
                    ungrants: BTreeMap::new(),
                };
                self.state.bundles.insert(create.bundle, bundle);
                self.start_epoch(op, create.bundle, &create.epoch);
            }
            Action::ArchiveBundle(archive) => {
                // Ops come in (lamport, id) order: of concurrent wishes the greater stands.
                if let Some(bundle) = self.state.bundles.get_mut(&archive.bundle) {
                    bundle.archived = archive.archived;
                }
            }
            Action::StartEpoch(start) => self.start_epoch(op, start.bundle, &start.epoch),
            Action::Grant(grant) => self.grant(op, grant, made),
            Action::Ungrant(ungrant) => {
                if let Some(bundle) = self.state.bundles.get_mut(&ungrant.bundle) {
                    let rights = bundle.access.get_mut(&ungrant.member).into_iter().flatten();
                    rights.for_each(|right| right.ends.push(made));
                    let all = bundle.ungrants.entry(ungrant.member).or_default();
                    all.push(Cause { made });
                }
            }
            Action::AddService(add) => self.add_service(op, add, false),
            Action::RemoveService(remove) => {
                if let Some(service) = self.state.services.get_mut(&remove.service) {
                    service.ends.push(made);
                }
            }
            Action::Invite(invite) => {
                let invitation = Invitation {
                    by: op.member,
                    public: invite.public,
                    role: invite.role,
                    expires: invite.expires,
                    used_by: None,
                };
                self.state.invitations.insert(op.id, invitation);
            }
            Action::Attest(attest) => self.attest(attest.member, attest.seed, op.member),
            Action::Policy(policy) => {
                if let Some(name) = &policy.name {
                    self.state.team_name.clone_from(name);
                }
                self.state.policy = Policy::clone(policy);
            }
            Action::Adopt(review) => self.review(review, Verdict::Adopt, made),
            Action::Drop(review) => self.review(review, Verdict::Drop, made),
            Action::SettleExposure(settle) => {
                let settlement = Settlement {
                    by: op.member,
                    reason: settle.reason.clone(),
                    made,
                };
                let version = (settle.bundle, settle.entry, settle.version);
                let settled = self.state.settled.entry(version).or_default();
                settled.push(settlement);
            }
            Action::Heartbeat(heartbeat) => {
                let last = LastHeartbeat {
                    heartbeat: heartbeat.clone(),
                    time: op.time,
                    made,
                };
                let known = self.state.heartbeats.entry(op.device);
                let known = known.or_insert_with(|| last.clone());
                if known.made < made {
                    *known = last;
                }
            }
            Action::SetRole(_)
            | Action::RevokeDevice(_)
            | Action::Reseal(_)
            | Action::Audit(_)
            | Action::Put(_)
            | Action::Delete(_) => {}
        }
    }

    fn found(&mut self, op: &VerifiedOp, genesis: &Genesis, made: Made) {
        self.state.team_name.clone_from(&genesis.team_name);
        self.add_newcomer(op, op.member, &genesis.founder, made);
        self.add_log_key(op.log_key, made);
    }

    fn add_member(&mut self, op: &VerifiedOp, add: &AddMember, made: Made) {
        let (member, seed) = match &add.entrant {
            Entrant::New(new) => {
                let Some(member) = self.brought_member(op) else {
                    return;
                };
                self.add_newcomer(op, member, &new.member, made);
                if let Some(invitation) = self.state.invitations.get_mut(&new.invitation) {
                    invitation.used_by = Some(op.id);
                }
                (member, new.member.seed)
            }
            Entrant::Back(back) => {
                self.add_devices(op, back.member, "", made);
                let Some(states) = back.states() else { return };
                let generation = Generation {
                    number: states.generation,
                    seed: states.seed,
                    public: states.public,
                    author: self.introduced[&op.device].age(),
                    right: self.member_right(op, &back.member, made),
                };
                if let Some(member) = self.state.members.get_mut(&back.member) {
                    member.generations.push(generation);
                }
                // The device that asked made the seed, so it has it.
                let signer = back.signer().and_then(|id| self.introduced.get(&id));
                if let Some(signer) = signer {
                    self.note_holder(states.seed, back.member, &signer.keys);
                }
                (back.member, states.seed)
            }
        };
        if add.compared {
            self.attest(member, seed, op.member);
        }
    }

    fn add_newcomer(&mut self, op: &VerifiedOp, id: MemberId, new: &NewMember, made: Made) {
        let generation = Generation {
            number: 0,
            seed: new.seed,
            public: new.public,
            author: self.introduced[&op.device].age(),
            right: self.member_right(op, &id, made),
        };
        let member = self.state.members.entry(id).or_insert_with(|| Member {
            name: new.name.clone(),
            generations: Vec::new(),
            attested: Vec::new(),
        });
        member.generations.push(generation);
        self.add_devices(op, id, &new.device.name, made);
        self.note_holder(new.seed, id, &new.device.keys);
    }

    /// The devices that an op brings in, or back.
    fn add_devices(&mut self, op: &VerifiedOp, member: MemberId, name: &str, made: Made) {
        let right = self.member_right(op, &member, made);
        for id in self.brought.get(&op.id).into_iter().flatten() {
            let Some(introduced) = self.introduced.get(id) else {
                continue;
            };
            let recovery = introduced.is_recovery_key();
            let device = self.state.devices.entry(*id).or_insert_with(|| Device {
                member,
                name: if recovery {
                    String::new()
                } else {
                    name.to_owned()
                },
                keys: introduced.keys,
                recovery,
                added: op.time,
                rights: Vec::new(),
            });
            if device.member == member {
                device.rights.push(right.clone());
            }
        }
    }

    fn remove_member(&mut self, member: MemberId, made: Made) {
        let state = &mut *self.state;
        let removed = state.members.get_mut(&member).into_iter();
        let generations = removed.flat_map(|member| &mut member.generations);
        generations.for_each(|generation| generation.right.ends.push(made));
        for device in state.devices.values_mut() {
            if device.member == member {
                device
                    .rights
                    .iter_mut()
                    .for_each(|right| right.ends.push(made));
            }
        }
        for bundle in state.bundles.values_mut() {
            let rights = bundle.access.get_mut(&member).into_iter().flatten();
            rights.for_each(|right| right.ends.push(made));
        }
        state
            .removals
            .entry(member)
            .or_default()
            .push(Cause { made });
    }

    fn add_log_key(&mut self, key: KeyId, made: Made) {
        self.state.log_keys.entry(key).or_insert(LogKey { made });
    }

    fn start_epoch(&mut self, op: &VerifiedOp, bundle: BundleId, epoch: &EpochKey) {
        let Some(bundle) = self.state.bundles.get_mut(&bundle) else {
            return;
        };
        let new = Epoch::of(op, epoch);
        let given = bundle.given.entry(epoch.key).or_default();
        let to = new.recipients.iter();
        given.extend(to.map(|(member, generation)| (*member, *generation, new.made)));
        bundle.epochs.entry(epoch.key).or_insert(new);
    }

    fn grant(&mut self, op: &VerifiedOp, grant: &Grant, made: Made) {
        let Some(bundle) = self.state.bundles.get_mut(&grant.bundle) else {
            return;
        };
        for Granted(member, generation, keys) in &grant.to {
            for key in keys {
                if let Some(epoch) = bundle.epochs.get_mut(&key.0) {
                    epoch.recipients.insert((*member, *generation));
                }
            }
            if !grant.rewrap {
                let removals = self.state.removals.get(member).into_iter();
                let taken = removals.chain(bundle.ungrants.get(member));
                let causes: Vec<Cause> = taken.flatten().cloned().collect();
                let right = Right::new(made, &op.placed.past, &causes);
                bundle.access.entry(*member).or_default().push(right);
            }
        }
    }

    /// Of several ops that make one service known the earliest stands; a void one gives way.
    fn add_service(&mut self, op: &VerifiedOp, add: &AddService, void: bool) {
        let id = MemberId::derive(&self.team, &add.public);
        let services = &mut self.state.services;
        if services.get(&id).is_some_and(|known| void || !known.void) {
            return;
        }
        let service = KnownService {
            name: add.name.clone(),
            public: add.public,
            bundles: add.bundles.clone(),
            terms: add.terms.clone(),
            creator: op.member,
            created: op.time,
            void,
            made: Made::by(op),
            ends: Vec::new(),
        };
        services.insert(id, service);
    }

    fn attest(&mut self, member: MemberId, seed: KeyId, by: MemberId) {
        if let Some(member) = self.state.members.get_mut(&member) {
            member.attested.push((seed, by));
        }
    }

    fn review(&mut self, review: &Review, verdict: Verdict, made: Made) {
        for op in &review.ops {
            let reviews = self.state.reviews.entry(*op).or_default();
            reviews.push((verdict, review.bundle, made));
        }
    }

    /// Something that this op gives a member: every removal of theirs that it did not know ends it.
    fn member_right(&self, op: &VerifiedOp, member: &MemberId, made: Made) -> Right {
        let removals = self.state.removals.get(member);
        Right::new(made, &op.placed.past, removals.map_or(&[], Vec::as_slice))
    }

    fn brought_member(&self, op: &VerifiedOp) -> Option<MemberId> {
        let device = self.brought.get(&op.id)?.first()?;
        let mut introductions = self.introduced.get(device)?.introductions();
        let own = introductions.find(|one| one.by == Some(op.id))?;
        Some(own.member)
    }

    /// Roles and standing devices, after ops that bear on them.
    fn note_who_stands(&mut self) {
        let view = self.scope.view();
        self.state.roles = view
            .members()
            .map(|(member, role)| (*member, role))
            .collect();
        self.state.standing.clear();
        for (id, device) in &self.state.devices {
            let Some(introduced) = self.introduced.get(id) else {
                continue;
            };
            let stands = self.state.role(&device.member) > Role::None
                && device.rights.iter().any(|right| right.holds(|_| true))
                && !view.is_revoked(&device.member, &introduced.age());
            if stands {
                let key = device.keys.exchange.recipient_key_id();
                let devices = self.state.standing.entry(device.member).or_default();
                devices.insert(*id, key);
            }
        }
    }
}

impl Epoch {
    fn of(op: &VerifiedOp, epoch: &EpochKey) -> Self {
        Self {
            recipients: epoch.wraps.iter().map(|wrap| (wrap.0, wrap.1)).collect(),
            maker: (op.member, op.device),
            made: Made::by(op),
        }
    }
}
