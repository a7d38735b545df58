//! Verdicts on acts that the rule core does not judge: keys, bundles, epochs and data.
//!
//! In words (protocol §6 rule 7, §8): such an act is void if a standing reduction that it had not
//! seen targets its author or their device, or if its author lacked the authority in the act's own
//! past, counting valid ops only. Data cut off by a reduction is not void but quarantined, for it
//! may be a colleague's honest work. What an act must be complete about (the devices that a new
//! seed is wrapped to, the members that a new log key or epoch is wrapped to; never nobody, for such
//! a key would be lost) is compared with the act's own past as well, so that the verdict never
//! depends on what arrives later, but through the reductions that stand.

use std::collections::{BTreeMap, BTreeSet};

use crypto::KeyId;

use super::state::Made;
use super::{AppliedReseal, Ledger, Standing};
use crate::ids::{BundleId, DeviceId, MemberId};
use crate::op::{Action, CreateBundle, EpochKey, Put, RotateMemberKey, StartEpoch, TransportKind};
use crate::pack::SealedVersions;
use crate::past::Frontier;
use crate::rules::Role;
use crate::wire::VerifiedOp;

/// Who was there in some op's past, by f(past): members with their roles, and standing devices.
struct Seen<'a> {
    past: &'a Frontier,
    roles: BTreeMap<MemberId, Role>,
    devices: BTreeMap<MemberId, BTreeSet<KeyId>>,
}

impl Ledger {
    pub(super) fn judge_control(&mut self, op: &VerifiedOp) -> Standing {
        let by_core = matches!(
            op.action,
            Action::Genesis(_) | Action::AddDevice(_) | Action::RevokeDevice(_)
        );
        let allowed = if by_core {
            self.core.is_valid(&op.id)
        } else {
            let author = self.core.author_at(&self.origin(op));
            let limited = self.is_recovery_key(&op.device) && !recovery_may(&op.action);
            let stands = author.device_ok && author.role > Role::None && author.cut_by.is_none();
            stands && !limited && self.allows(op, author.role)
        };
        if allowed {
            Standing::Valid
        } else {
            Standing::Void
        }
    }

    fn allows(&mut self, op: &VerifiedOp, role: Role) -> bool {
        match &op.action {
            Action::RotateMemberKey(rotate) => {
                let seen = self.seen_by(op);
                self.wraps_to_own_devices(op, rotate, &seen)
            }
            Action::RotateLogKey(rotate) => {
                let seen = self.seen_by(op);
                let right = self
                    .recipients_in(&seen)
                    .map(|(.., public)| public.recipient_key_id())
                    .collect();
                same(wraps_of(op, TransportKind::Log, &rotate.key), right)
            }
            Action::CreateBundle(create) => {
                let seen = self.seen_by(op);
                let own = self
                    .recipients_in(&seen)
                    .filter(|(member, ..)| *member == op.member);
                let own = own
                    .map(|(member, generation, _)| (member, generation))
                    .collect();
                role >= Role::Writer
                    && self.is_new(create)
                    && same(recipients_of(&create.epoch), own)
            }
            Action::ArchiveBundle(archive) => self.may_manage(op, role, &archive.bundle),
            Action::StartEpoch(start) => {
                let seen = self.seen_by(op);
                role >= Role::Writer
                    && self.had_access(&op.member, &start.bundle, &op.placed.past)
                    && same(
                        recipients_of(&start.epoch),
                        self.access_in(&start.bundle, &seen),
                    )
            }
            _ => false,
        }
    }

    pub(super) fn judge_data(&self, op: &VerifiedOp) -> Standing {
        let past = &op.placed.past;
        let bundle = match &op.action {
            Action::Put(put) if !self.epoch_was_open(put, past) => return Standing::Void,
            Action::Put(put) => put.bundle,
            Action::Delete(delete) => delete.bundle,
            _ => return Standing::Void,
        };
        let origin = self.origin(op);
        let author = self.core.author_at(&origin);
        let allowed = author.device_ok
            && author.role >= Role::Writer
            && self.had_access(&op.member, &bundle, past);
        if !allowed || self.is_recovery_key(&op.device) {
            Standing::Void
        } else if self.core.quarantined_by(&origin).is_some() {
            Standing::Quarantined
        } else {
            Standing::Valid
        }
    }

    fn seen_by<'a>(&mut self, op: &'a VerifiedOp) -> Seen<'a> {
        let past = &op.placed.past;
        let view = self.core.at(past);
        let roles = view
            .members()
            .map(|(member, role)| (*member, role))
            .collect();
        let mut devices: BTreeMap<MemberId, BTreeSet<KeyId>> = BTreeMap::new();
        for introduced in self.introduced.values() {
            let valid = introduced
                .within(past)
                .filter(|one| one.by.is_none_or(|by| view.is_valid(&by)));
            for one in valid.filter(|one| !view.is_revoked(&one.member, &introduced.age())) {
                let key = introduced.keys.exchange.recipient_key_id();
                devices.entry(one.member).or_default().insert(key);
            }
        }
        Seen {
            past,
            roles,
            devices,
        }
    }

    /// Grace (protocol §8): a put under an epoch is valid unless its own past holds the start of a
    /// later one. Later is one that was started in knowledge of it: of concurrent epochs each may
    /// be the one to write under, depending on which is stale. A void epoch keeps what stands
    /// under it, and ends no other.
    fn epoch_was_open(&self, put: &Put, past: &Frontier) -> bool {
        let Some(bundle) = self.state.bundles().get(&put.bundle) else {
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

    /// A new seed names exactly its member's standing devices and recovery key, and follows the
    /// generation that its author had seen.
    fn wraps_to_own_devices(
        &self,
        op: &VerifiedOp,
        rotate: &RotateMemberKey,
        seen: &Seen<'_>,
    ) -> bool {
        let Some(member) = self.state.members().get(&op.member) else {
            return false;
        };
        let Some(before) = member.generation(|made| made.within(seen.past)) else {
            return false;
        };
        let Some(devices) = seen.devices.get(&op.member) else {
            return false;
        };
        let wrapped = wraps_of(op, TransportKind::Seed(rotate.generation), &rotate.seed);
        rotate.generation == before.number + 1 && same(wrapped, devices.iter().copied().collect())
    }

    /// Members with the generation in force in some past, leaving out those whose seed was stale.
    fn recipients_in<'a>(
        &'a self,
        seen: &'a Seen<'_>,
    ) -> impl Iterator<Item = (MemberId, u32, crypto::ExchangePublic)> + 'a {
        seen.roles.keys().filter_map(|id| {
            let generation = self
                .state
                .members()
                .get(id)?
                .generation(|made| made.within(seen.past))?;
            let devices = seen.devices.get(id)?;
            let fresh = self
                .state
                .only_wrapped_to(&generation.seed, devices, |made| made.within(seen.past));
            fresh.then_some((*id, generation.number, generation.public))
        })
    }

    fn access_in(&self, bundle: &BundleId, seen: &Seen<'_>) -> Vec<(MemberId, u32)> {
        self.recipients_in(seen)
            .filter(|(member, ..)| self.had_access(member, bundle, seen.past))
            .map(|(member, generation, _)| (member, generation))
            .collect()
    }

    /// Whether a member was given a bundle within some past. Their role is asked for apart.
    fn had_access(&self, member: &MemberId, bundle: &BundleId, past: &Frontier) -> bool {
        let bundle = self
            .state
            .bundles()
            .get(bundle)
            .filter(|bundle| bundle.made.within(past));
        bundle.is_some_and(|bundle| bundle.creator == *member)
    }

    fn may_manage(&self, op: &VerifiedOp, role: Role, bundle: &BundleId) -> bool {
        let bundle = self
            .state
            .bundles()
            .get(bundle)
            .filter(|bundle| bundle.made.within(&op.placed.past));
        bundle.is_some_and(|bundle| {
            role >= Role::Admin || role >= Role::Writer && bundle.creator == op.member
        })
    }

    fn is_new(&self, create: &CreateBundle) -> bool {
        !self.state.bundles().contains_key(&create.bundle)
    }

    fn is_recovery_key(&self, device: &DeviceId) -> bool {
        self.introduced
            .get(device)
            .is_some_and(|introduced| !introduced.age().ordinary)
    }
}

/// The recovery key may add and revoke its own member's devices and rotate the seed (protocol §2).
fn recovery_may(action: &Action) -> bool {
    matches!(
        action,
        Action::AddDevice(_) | Action::RevokeDevice(_) | Action::RotateMemberKey(_)
    )
}

fn wraps_of(op: &VerifiedOp, kind: TransportKind, key: &KeyId) -> Vec<KeyId> {
    op.keys
        .wraps
        .iter()
        .filter(|wrap| wrap.kind == kind && wrap.key == *key)
        .map(|wrap| wrap.to)
        .collect()
}

fn recipients_of(epoch: &EpochKey) -> Vec<(MemberId, u32)> {
    epoch.wraps.iter().map(|wrap| (wrap.0, wrap.1)).collect()
}

/// Whether a key goes to just those who have a right to it, each once, and to somebody at all.
fn same<T: Ord>(mut given: Vec<T>, mut right: Vec<T>) -> bool {
    given.sort();
    right.sort();
    given == right && !right.is_empty()
}

/// What a valid epoch start resealed.
pub(super) fn applied_reseals(
    op: &VerifiedOp,
    start: &StartEpoch,
    sealed: SealedVersions,
) -> Vec<AppliedReseal> {
    start
        .reseals
        .iter()
        .zip(sealed)
        .map(|(reseal, sealed)| AppliedReseal {
            entry: reseal.0,
            version: reseal.1,
            sealed_by: op.device,
            sealed: (start.epoch.key, sealed.into_vec()),
        })
        .collect()
}
