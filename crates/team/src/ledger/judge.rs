//! Verdicts on acts that the rule core does not judge alone: people's keys, bundles, epochs, data.
//!
//! An op is judged twice, like everything (protocol §6). **At birth**, once and for ever, by the
//! state of its own past: had its author the right to it, and is what must be complete (the
//! recipients of a new key) complete? Then **beside everything else**: it is void if a standing
//! reduction that it had not seen targets its author or their device, or if its author's authority
//! does not come from ops in its past that are valid. Data cut off by a reduction is not void but
//! quarantined, for it may be a colleague's honest work.

use std::collections::BTreeMap;

use crypto::{ExchangePublic, KeyId};

use super::introduce::Introduced;
use super::right::Made;
use super::state::{State, Verdict};
use super::{AppliedReseal, Ledger, Standing, origin_of};
use crate::caps;
use crate::ids::{BundleId, DeviceId, MemberId, OpId, TeamId};
use crate::op::{
    Action, AddMember, AddService, Entrant, EpochKey, Grant, Granted, Invite, Put, Reseal,
    Returning, RotateMemberKey, TransportKind, Ungrant,
};
use crate::pack::SealedVersions;
use crate::past::Frontier;
use crate::rules::Role;
use crate::wire::VerifiedOp;

impl Ledger {
    /// Judges the birth of a control op, whose past is here.
    pub(super) fn judge_birth(&mut self, op: &VerifiedOp) -> bool {
        if matches!(op.action, Action::Genesis(_)) {
            return true;
        }
        let past = &op.placed.past;
        let sees_all = self.marks.are_within(past);
        if sees_all && self.unfolded {
            self.rebuild();
        }
        let seen = (!sees_all).then(|| self.work_out(past));
        let Self {
            team,
            core,
            introduced,
            state,
            seen: states,
            ..
        } = self;
        let seen = match &seen {
            Some(past) => states.state(past),
            None => &*state,
        };
        let scope = core.within(past);
        let author = scope.author_at(&origin_of(op, introduced));
        let birth = Birth {
            team: *team,
            op,
            role: author.role,
            seen,
        };
        author.device_ok
            && author.role > Role::None
            && !exceeds_recovery_key(op, introduced)
            && device_was_in(op, seen)
            && birth.is_right()
    }

    /// How a data op stands, and the reduction that quarantines it or would.
    pub(super) fn judge_data(&self, op: &VerifiedOp) -> (Standing, Option<OpId>) {
        let past = &op.placed.past;
        let bundle = match &op.action {
            Action::Put(put) if !self.epoch_was_open(put, past) => return (Standing::Void, None),
            Action::Put(put) => put.bundle,
            Action::Delete(delete) => delete.bundle,
            _ => return (Standing::Void, None),
        };
        let origin = origin_of(op, &self.introduced);
        let author = self.core.author_at(&origin);
        let allowed = author.device_ok
            && author.role >= Role::Writer
            && had_access(&self.state, &op.member, &bundle, past)
            && device_was_in(op, &self.state);
        if !allowed || exceeds_recovery_key(op, &self.introduced) {
            return (Standing::Void, None);
        }
        let Some(cut) = self.core.quarantined_by(&origin) else {
            return (Standing::Valid, None);
        };
        let reviews = self.state.reviews.get(&op.id).into_iter().flatten();
        let mut reviews = reviews.filter(|(_, of, made)| *of == bundle && self.has_seen(made, op));
        let is = |wanted| move |(verdict, ..): &(Verdict, BundleId, Made)| *verdict == wanted;
        // Adopting wins, whichever came first.
        let standing = if reviews.clone().any(|review| is(Verdict::Adopt)(review)) {
            Standing::Valid
        } else if reviews.any(|review| is(Verdict::Drop)(review)) {
            Standing::Void
        } else {
            Standing::Quarantined
        };
        (standing, Some(*cut))
    }

    /// Whether the op that made a fact had seen this one.
    fn has_seen(&self, made: &Made, op: &VerifiedOp) -> bool {
        let (past, _) = self.chains.past_of(made.place);
        past.includes(op.placed.place.chain, op.placed.place.seq)
    }

    /// Grace (protocol §8): a put under an epoch is valid unless its own past holds the start of a
    /// later one. Later is one that was started in knowledge of it: of concurrent epochs each may
    /// be the one to write under, depending on which is stale. A void epoch keeps what stands
    /// under it, and ends no other.
    fn epoch_was_open(&self, put: &Put, past: &Frontier) -> bool {
        let Some(bundle) = self.state.bundles.get(&put.bundle) else {
            return false;
        };
        let Some(made) = bundle.started(&put.epoch).filter(|made| made.within(past)) else {
            return false;
        };
        let later = |other: &Made| made.within(&self.chains.past_of(other.place).0);
        !bundle
            .epochs
            .values()
            .any(|other| other.made.within(past) && later(&other.made))
    }
}

/// An op beside what its author had seen.
struct Birth<'a> {
    team: TeamId,
    op: &'a VerifiedOp,
    role: Role,
    seen: &'a State,
}

impl Birth<'_> {
    /// What the rule core asks of a membership op comes on top of this.
    fn is_right(&self) -> bool {
        let (op, seen) = (self.op, self.seen);
        match &op.action {
            Action::Genesis(_) | Action::Put(_) | Action::Delete(_) => false,
            Action::AddDevice(_) | Action::RevokeDevice(_) => true,
            Action::AddMember(add) => self.may_enter(add),
            Action::SetRole(set) => seen.role(&set.member) > Role::None,
            Action::RemoveMember(remove) => seen.role(&remove.member) > Role::None,
            Action::RotateMemberKey(rotate) => self.wraps_to_own_devices(rotate),
            Action::RotateLogKey(rotate) => {
                let right = seen
                    .recipients()
                    .map(|(.., public)| public.recipient_key_id());
                same(
                    wraps_of(op, TransportKind::Log, &rotate.key),
                    right.collect(),
                )
            }
            Action::CreateBundle(create) => {
                !seen.bundles.contains_key(&create.bundle)
                    && goes_to(&create.epoch, seen.recipient(&op.member).into_iter())
                    && authority(op, self.role, seen)
            }
            Action::StartEpoch(start) => {
                let Some(bundle) = seen.bundles.get(&start.bundle) else {
                    return false;
                };
                goes_to(&start.epoch, seen.bundle_recipients(bundle))
                    && authority(op, self.role, seen)
            }
            Action::Reseal(reseal) => {
                let bundle = seen.bundles.get(&reseal.bundle);
                bundle.is_some_and(|bundle| bundle.epochs.contains_key(&reseal.epoch))
                    && authority(op, self.role, seen)
            }
            Action::Invite(invite) => self.may_invite(invite) && authority(op, self.role, seen),
            Action::Grant(grant) => self.may_grant(grant) && authority(op, self.role, seen),
            Action::Ungrant(ungrant) => self.may_ungrant(ungrant) && authority(op, self.role, seen),
            Action::AddService(add) => self.may_add_service(add) && authority(op, self.role, seen),
            Action::Attest(attest) => {
                let current = seen.members.get(&attest.member).and_then(|of| of.current());
                attest.member != op.member
                    && current.is_some_and(|current| current.seed == attest.seed)
            }
            Action::Audit(audit) => same(
                audit.wraps.iter().map(|wrap| (wrap.0, wrap.1)).collect(),
                numbered(seen.approvers()),
            ),
            Action::ArchiveBundle(_)
            | Action::RemoveService(_)
            | Action::Adopt(_)
            | Action::Drop(_)
            | Action::SettleExposure(_)
            | Action::Policy(_)
            | Action::Heartbeat(_) => authority(op, self.role, seen),
        }
    }

    /// Somebody new comes by an invitation for just this role; a former member names the devices
    /// that return. For owners and admins the words must have been compared (protocol §7).
    fn may_enter(&self, add: &AddMember) -> bool {
        let seen = self.seen;
        let role = Role::from(add.role);
        if role >= Role::Admin && !add.compared {
            return false;
        }
        match &add.entrant {
            Entrant::New(new) => {
                let invitation = seen.invitations.get(&new.invitation);
                invitation.is_some_and(|invitation| invitation.role == add.role)
                    && self.is_new_key(&new.member.public)
            }
            Entrant::Back(back) => self.may_return(back),
        }
    }

    fn may_return(&self, back: &Returning) -> bool {
        let seen = self.seen;
        let Some(member) = seen.members.get(&back.member) else {
            return false;
        };
        let Some(states) = back.states() else {
            return false;
        };
        let theirs = |id: &DeviceId| {
            let device = seen.devices.get(id);
            device.is_some_and(|device| device.member == back.member)
        };
        let signer = back
            .signer()
            .is_some_and(|signer| back.devices.contains(&signer));
        let highest = member.generations.iter().map(|before| before.number).max();
        let highest = highest.unwrap_or(0);
        let newer = member
            .generations
            .iter()
            .all(|before| states.generation > before.number && states.seed != before.seed);
        seen.role(&back.member) == Role::None
            && (states.team, states.member) == (self.team, back.member)
            && signer
            && newer
            && self.is_new_key(&states.public)
            && states.generation <= highest.saturating_add(caps::GENERATIONS_AT_ONCE)
            && back.devices.iter().all(theirs)
    }

    fn may_invite(&self, invite: &Invite) -> bool {
        let given = invite.wraps.iter().map(|wrap| (wrap.0, wrap.1)).collect();
        Role::from(invite.role) <= self.role && same(given, numbered(self.seen.approvers()))
    }

    /// The newest key first, none of another bundle, to the member's current generation. Who is
    /// given the bundle anew must not have it yet, and must be verified where the policy says so;
    /// who is only handed keys must have it.
    fn may_grant(&self, grant: &Grant) -> bool {
        let seen = self.seen;
        let Some(bundle) = seen.bundles.get(&grant.bundle) else {
            return false;
        };
        let newest = seen.current_epoch(bundle);
        grant.to.iter().all(|Granted(member, generation, keys)| {
            let current = seen.recipient(member).map(|to| to.1);
            let known = keys.iter().all(|key| bundle.epochs.contains_key(&key.0));
            if current != Some(*generation) || !known {
                return false;
            }
            let has = seen.has_access(member, bundle);
            if grant.rewrap {
                return has;
            }
            let verified = || seen.members.get(member).is_some_and(|of| of.is_verified());
            let first = keys.first().map(|key| key.0);
            first == newest && !has && (!seen.policy.require_verified || verified())
        })
    }

    fn may_ungrant(&self, ungrant: &Ungrant) -> bool {
        let bundle = self.seen.bundles.get(&ungrant.bundle);
        ungrant.member != self.op.member
            && bundle.is_some_and(|bundle| bundle.was_given(&ungrant.member, |_| true))
    }

    /// Whether nobody has had this public key. What is wrapped to it would pass for theirs who names
    /// it: a log key that a removed member has would be no staler than before.
    fn is_new_key(&self, public: &ExchangePublic) -> bool {
        let mut known = self.seen.members.values().flat_map(|of| &of.generations);
        !known.any(|known| known.public == *public)
    }

    /// A service is known once, and signed for by devices of members who have all its bundles.
    fn may_add_service(&self, add: &AddService) -> bool {
        let seen = self.seen;
        let id = MemberId::derive(&self.team, &add.public);
        let has_all = |member: &MemberId| {
            let mut bundles = add.bundles.iter().map(|id| seen.bundles.get(id));
            bundles.all(|bundle| bundle.is_some_and(|bundle| seen.has_access(member, bundle)))
        };
        let may_sign = |id: &DeviceId| {
            let device = seen.devices.get(id);
            device.is_some_and(|device| {
                let standing = seen.standing.get(&device.member);
                let stands = standing.is_some_and(|all| all.contains_key(id));
                stands && !device.recovery && has_all(&device.member)
            })
        };
        !seen.services.contains_key(&id)
            && self.is_new_key(&add.public)
            && add.public.is_sound()
            && add.terms.signers.iter().all(may_sign)
    }

    /// A new seed names exactly its member's standing devices and recovery key, and follows the
    /// generation that its author had seen.
    fn wraps_to_own_devices(&self, rotate: &RotateMemberKey) -> bool {
        let member = &self.op.member;
        let Some(before) = self.seen.members.get(member).and_then(|of| of.current()) else {
            return false;
        };
        let Some(devices) = self.seen.standing.get(member) else {
            return false;
        };
        let kind = TransportKind::Seed(rotate.generation);
        let wrapped = wraps_of(self.op, kind, &rotate.seed);
        let mut known = self.seen.members[member].generations.iter();
        before.number.checked_add(1) == Some(rotate.generation)
            // What was attested is a seed: it stands for no other public key.
            && !known.any(|known| known.seed == rotate.seed)
            && self.is_new_key(&rotate.public)
            && same(wrapped, devices.values().copied().collect())
    }
}

/// What an author of this role may do with what they were given in the op's own past, by the valid
/// ops of a state. Rule 6 (ii) for acts that the rule core does not know.
pub(super) fn authority(op: &VerifiedOp, role: Role, state: &State) -> bool {
    let past = &op.placed.past;
    let holds = |bundle: &BundleId| had_access(state, &op.member, bundle, past);
    let created = |bundle: &BundleId| {
        let bundle = state.bundles.get(bundle);
        bundle.is_some_and(|bundle| bundle.made.within(past) && bundle.creator == op.member)
    };
    let exists = |bundle: &BundleId| {
        let bundle = state.bundles.get(bundle);
        bundle.is_some_and(|bundle| bundle.made.within(past))
    };
    let may_give = |bundle: &BundleId| {
        let may = role >= Role::Admin || role >= Role::Writer && created(bundle);
        may && holds(bundle)
    };
    match &op.action {
        Action::CreateBundle(_) => role >= Role::Writer,
        Action::ArchiveBundle(archive) => {
            role >= Role::Admin && exists(&archive.bundle)
                || role >= Role::Writer && created(&archive.bundle)
        }
        Action::StartEpoch(start) => role >= Role::Writer && holds(&start.bundle),
        Action::Reseal(reseal) => role >= Role::Writer && holds(&reseal.bundle),
        // Whoever can be handed a key may hand it on to those who have the bundle.
        Action::Grant(grant) if grant.rewrap => holds(&grant.bundle),
        Action::Grant(grant) => may_give(&grant.bundle),
        // Whoever may give each of its bundles to a member.
        Action::AddService(add) => add.bundles.iter().all(may_give),
        Action::RemoveService(remove) => {
            let service = state.services.get(&remove.service);
            service.is_some_and(|service| {
                let own = service.creator == op.member;
                service.made.within(past) && (role >= Role::Admin || own)
            })
        }
        Action::Ungrant(ungrant) => {
            role >= Role::Admin && exists(&ungrant.bundle)
                || role >= Role::Writer && created(&ungrant.bundle) && holds(&ungrant.bundle)
        }
        Action::Adopt(review) | Action::Drop(review) => {
            role >= Role::Writer && holds(&review.bundle)
        }
        Action::SettleExposure(settle) => {
            role >= Role::Admin || role >= Role::Writer && created(&settle.bundle)
        }
        Action::Invite(_) => role >= Role::Admin,
        Action::Policy(_) => role == Role::Owner,
        Action::RotateMemberKey(_)
        | Action::RotateLogKey(_)
        | Action::Attest(_)
        | Action::Audit(_)
        | Action::Heartbeat(_) => role > Role::None,
        Action::Genesis(_)
        | Action::AddMember(_)
        | Action::SetRole(_)
        | Action::RemoveMember(_)
        | Action::AddDevice(_)
        | Action::RevokeDevice(_)
        | Action::Put(_)
        | Action::Delete(_) => false,
    }
}

/// Whether a member was given a bundle within some past. Their role is asked for apart.
fn had_access(state: &State, member: &MemberId, bundle: &BundleId, past: &Frontier) -> bool {
    let bundle = state.bundles.get(bundle);
    bundle.is_some_and(|bundle| bundle.was_given(member, |made| made.within(past)))
}

/// Whether the membership of an op's device had not ended in the op's own past: a removal ends it,
/// and only those named when the member came back are theirs again.
pub(super) fn device_was_in(op: &VerifiedOp, state: &State) -> bool {
    let within = |made: &Made| made.within(&op.placed.past);
    let device = state.devices.get(&op.device);
    device.is_some_and(|device| {
        device.member == op.member && device.rights.iter().any(|right| right.holds(within))
    })
}

/// Whether the recovery key signed what it may not: it adds and revokes its own member's devices
/// and rotates the seed, and nothing else (protocol §2).
pub(super) fn exceeds_recovery_key(
    op: &VerifiedOp,
    introduced: &BTreeMap<DeviceId, Introduced>,
) -> bool {
    let may = matches!(
        op.action,
        Action::AddDevice(_) | Action::RevokeDevice(_) | Action::RotateMemberKey(_)
    );
    let device = introduced.get(&op.device);
    !may && device.is_some_and(|device| device.is_recovery_key())
}

fn wraps_of(op: &VerifiedOp, kind: TransportKind, key: &KeyId) -> Vec<KeyId> {
    op.keys
        .wraps
        .iter()
        .filter(|wrap| wrap.kind == kind && wrap.key == *key)
        .map(|wrap| wrap.to)
        .collect()
}

fn numbered(
    recipients: impl Iterator<Item = (MemberId, u32, ExchangePublic)>,
) -> Vec<(MemberId, u32)> {
    let number = |(member, generation, _)| (member, generation);
    recipients.map(number).collect()
}

fn goes_to(epoch: &EpochKey, right: impl Iterator<Item = (MemberId, u32, ExchangePublic)>) -> bool {
    let given = epoch.wraps.iter().map(|wrap| (wrap.0, wrap.1)).collect();
    same(given, numbered(right))
}

/// Whether a key goes to just those who have a right to it, each once, and to somebody at all.
fn same<T: Ord>(mut given: Vec<T>, mut right: Vec<T>) -> bool {
    given.sort();
    right.sort();
    given == right && !right.is_empty()
}

/// What an op resealed, if it does so.
pub(super) fn applied_reseals(op: &VerifiedOp, sealed: SealedVersions) -> Vec<AppliedReseal> {
    let (epoch, reseals): (_, &[Reseal]) = match &op.action {
        Action::StartEpoch(start) => (start.epoch.key, &start.reseals),
        Action::Reseal(reseal) => (reseal.epoch, &reseal.reseals),
        _ => return Vec::new(),
    };
    let pairs = reseals.iter().zip(sealed);
    pairs
        .map(|(reseal, sealed)| AppliedReseal {
            entry: reseal.0,
            version: reseal.1,
            sealed_by: op.device,
            sealed: (epoch, sealed.into_vec()),
        })
        .collect()
}
