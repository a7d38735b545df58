//! What the removed could read: keys in the hands of those who have no right to them any more, and
//! so every (secret, version) that ever stood under one (protocol §8; threat 37).
//!
//! It follows from the state alone, whatever took the right away: a removal, an ungrant, a
//! revocation, or the voiding of what once gave it. The vault knows which versions stood under
//! which key, and whether a value has changed; what of it was read, published reads say.

use std::collections::{BTreeMap, BTreeSet};

use crypto::KeyId;

use super::right::Made;
use super::state::{Bundle, Settlement};
use super::{Ledger, Standing};
use crate::ids::{BundleId, DeviceId, EntryId, MemberId, VersionId};
use crate::op::Action;

/// Somebody who has a key and no right to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lost {
    /// A member who was removed, or lost the bundle.
    Member(MemberId),
    /// A device of a member who still has the bundle.
    Device(MemberId, DeviceId),
    /// A key that no op introduced, to which a member's own device wrapped their seed.
    Unknown(MemberId, KeyId),
    /// A service that ended: whoever has its token reads every sheet that was published to it.
    Service(MemberId),
}

impl Lost {
    /// Which member's hands these are; none for a service.
    pub const fn of_member(&self) -> Option<MemberId> {
        match self {
            Lost::Service(_) => None,
            Lost::Member(member) | Lost::Device(member, _) | Lost::Unknown(member, _) => {
                Some(*member)
            }
        }
    }

    /// Whose hands these are.
    const fn member(&self) -> MemberId {
        match self {
            Lost::Member(member)
            | Lost::Device(member, _)
            | Lost::Unknown(member, _)
            | Lost::Service(member) => *member,
        }
    }

    const fn device(&self) -> Option<DeviceId> {
        match self {
            Lost::Device(_, device) => Some(*device),
            Lost::Member(_) | Lost::Unknown(..) | Lost::Service(_) => None,
        }
    }
}

/// A bundle key, and who has it without a right to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposedKey {
    /// Its bundle.
    pub bundle: BundleId,
    /// The key.
    pub key: KeyId,
    /// In whose hands it is.
    pub to: BTreeSet<Lost>,
}

/// A version, as the vault knows it.
#[derive(Debug, Clone)]
pub struct SealedVersion {
    /// Its bundle.
    pub bundle: BundleId,
    /// Its entry.
    pub entry: EntryId,
    /// Its id.
    pub version: VersionId,
    /// Every key that it was ever sealed under, by its own op and by reseals.
    pub keys: Vec<KeyId>,
    /// Device and seq of the op that brought it.
    pub by: (DeviceId, u64),
    /// Logical time of that op.
    pub lamport: u64,
    /// Unix seconds, by its author's clock.
    pub written: u64,
    /// Whether its value is still in use: a version that readers may choose holds the same, or
    /// none took its place and the entry was only removed.
    pub in_use: bool,
}

/// A version that somebody could open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposedVersion {
    /// Its bundle.
    pub bundle: BundleId,
    /// Its entry.
    pub entry: EntryId,
    /// Its id.
    pub version: VersionId,
    /// Who of those has no right to it.
    pub to: BTreeSet<Lost>,
    /// What is to be done.
    pub state: ExposureState,
}

/// What is to be done about a version that somebody could open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExposureState {
    /// Nothing: its value is in use, and all who could open it have a right to it.
    InUse,
    /// Its value is in use: it has to change.
    NeedsRotation,
    /// Its value has changed.
    Rotated,
    /// Somebody says why it need not change.
    Settled(Settlement),
}

impl Ledger {
    /// Every bundle key that somebody has without a right to it.
    pub fn exposed_keys(&self) -> Vec<ExposedKey> {
        let devices = self.devices_by_key();
        let mut exposed = Vec::new();
        for (id, bundle) in &self.state.bundles {
            for key in bundle.epochs.keys().chain(bundle.void_epochs.keys()) {
                let to: BTreeSet<Lost> = self
                    .given(bundle, key)
                    .into_iter()
                    .flat_map(|given| self.lost(bundle, given, &devices))
                    .collect();
                if !to.is_empty() {
                    exposed.push(ExposedKey {
                        bundle: *id,
                        key: *key,
                        to,
                    });
                }
            }
        }
        exposed
    }

    /// Of these versions, those that somebody without a right to them could open, or was given in a
    /// sheet. `now` in Unix seconds, for services that expire.
    pub fn exposed_versions(
        &self,
        versions: impl IntoIterator<Item = SealedVersion>,
        now: u64,
    ) -> Vec<ExposedVersion> {
        let keys = self.exposed_keys().into_iter();
        let keys: BTreeMap<_, _> = keys.map(|key| ((key.bundle, key.key), key.to)).collect();
        let exposed = versions.into_iter().filter_map(|version| {
            let under = version.keys.iter();
            let to: BTreeSet<Lost> = under
                .filter_map(|key| keys.get(&(version.bundle, *key)))
                .flatten()
                .copied()
                .chain(self.ended_services_with(&version, now))
                .collect();
            (!to.is_empty()).then(|| self.exposed(&version, to))
        });
        exposed.collect()
    }

    /// The bundle keys that a member was ever given, whatever they have a right to now: what could
    /// be read by them.
    pub fn keys_of(&self, member: &MemberId) -> BTreeSet<(BundleId, KeyId)> {
        let bundles = self.state.bundles.iter();
        bundles
            .flat_map(|(id, bundle)| {
                let keys = bundle.epochs.keys().chain(bundle.void_epochs.keys());
                let theirs = move |key: &&KeyId| {
                    let given = self.given(bundle, key);
                    given.iter().any(|given| given.member() == *member)
                };
                keys.filter(theirs).map(move |key| (*id, *key))
            })
            .collect()
    }

    /// Of these versions, those that a member's keys could open: what is exposed as
    /// [`Self::exposed_versions`] says, the rest with nobody who lost it.
    pub fn versions_opened_by(
        &self,
        member: &MemberId,
        versions: impl IntoIterator<Item = SealedVersion>,
        now: u64,
    ) -> Vec<ExposedVersion> {
        let keys = self.keys_of(member);
        let theirs = |version: &SealedVersion| {
            let mut under = version.keys.iter();
            under.any(|key| keys.contains(&(version.bundle, *key)))
        };
        let versions: Vec<_> = versions.into_iter().filter(theirs).collect();
        let rightful = |version: &SealedVersion| ExposedVersion {
            bundle: version.bundle,
            entry: version.entry,
            version: version.version,
            to: BTreeSet::new(),
            state: if version.in_use {
                ExposureState::InUse
            } else {
                ExposureState::Rotated
            },
        };
        let of = |one: &ExposedVersion| (one.bundle, one.entry, one.version);
        let all = versions.iter().map(rightful).map(|one| (of(&one), one));
        let mut all: BTreeMap<_, _> = all.collect();
        let exposed = self.exposed_versions(versions, now);
        all.extend(exposed.into_iter().map(|one| (of(&one), one)));
        all.into_values().collect()
    }

    fn exposed(&self, version: &SealedVersion, to: BTreeSet<Lost>) -> ExposedVersion {
        let SealedVersion {
            bundle,
            entry,
            version,
            in_use,
            ..
        } = *version;
        let settled = self.state.settled.get(&(bundle, entry, version));
        let counts = settled.into_iter().flatten();
        let counts = counts.filter(|settlement| self.settles(settlement, &bundle, &to));
        // They come in any order: the greatest (lamport, id) stands.
        let state = match counts.max_by_key(|settlement| settlement.made.order) {
            _ if !in_use => ExposureState::Rotated,
            Some(settlement) => ExposureState::Settled(settlement.clone()),
            None => ExposureState::NeedsRotation,
        };
        ExposedVersion {
            bundle,
            entry,
            version,
            to,
            state,
        }
    }

    /// Whether a settlement is about this loss: by none of those who have the key, and in knowledge
    /// of all that took their right away. Nobody settles beforehand what they are about to take
    /// along.
    fn settles(&self, settlement: &Settlement, bundle: &BundleId, to: &BTreeSet<Lost>) -> bool {
        let (known, _) = self.chains.past_of(settlement.made.place);
        let ungrants = self.state.bundles.get(bundle).map(|of| &of.ungrants);
        to.iter().all(|lost| {
            if let Lost::Service(service) = lost {
                return self.knew_of_end(service, &known);
            }
            let member = lost.member();
            let removals = self.state.removals.get(&member);
            let ungrants = ungrants.and_then(|of| of.get(&member));
            let mut causes = removals.into_iter().chain(ungrants).flatten();
            let mut revocations = self.control_ops().filter(|(op, standing)| {
                let of_device = |device| match &op.action {
                    Action::RevokeDevice(revoke) => revoke.device == device,
                    _ => false,
                };
                *standing == Standing::Valid && lost.device().is_some_and(of_device)
            });
            member != settlement.by
                && causes.all(|cause| cause.made.within(&known))
                && revocations.all(|(op, _)| Made::by(op).within(&known))
        })
    }

    /// Into whose hands a bundle key was given.
    fn given(&self, bundle: &Bundle, key: &KeyId) -> Vec<Given> {
        let wrapped = bundle.given.get(key).into_iter().flatten();
        let mut given: Vec<Given> = wrapped
            .map(|(member, generation, _)| Given::Generation(*member, *generation))
            .collect();
        let valid = bundle.epochs.get(key);
        if let Some(void) = bundle.void_epochs.get(key).filter(|_| valid.is_none()) {
            let to = void.recipients.iter();
            given.extend(to.map(|(member, generation)| Given::Generation(*member, *generation)));
        }
        let made = valid.or_else(|| bundle.void_epochs.get(key));
        given.extend(made.map(|epoch| Given::Maker(epoch.maker.0, epoch.maker.1)));
        given
    }

    /// Which of those who got a key this way have no right to it.
    fn lost(
        &self,
        bundle: &Bundle,
        given: Given,
        devices: &BTreeMap<KeyId, DeviceId>,
    ) -> Vec<Lost> {
        let member = given.member();
        if !self.state.has_access(&member, bundle) {
            return vec![Lost::Member(member)];
        }
        match given {
            Given::Maker(_, device) if self.device_stands(&device) => Vec::new(),
            Given::Maker(_, device) => vec![Lost::Device(member, device)],
            Given::Generation(_, number) => {
                let standing = self.state.standing.get(&member);
                let stands =
                    |to: &KeyId| standing.is_some_and(|all| all.values().any(|key| key == to));
                let holders = self.seed_holders(&member, number).into_iter();
                let lost = holders.filter(|to| !stands(to));
                lost.map(|to| match devices.get(&to) {
                    Some(device) => Lost::Device(member, *device),
                    None => Lost::Unknown(member, to),
                })
                .collect()
            }
        }
    }

    /// The device keys that a member's seeds of this number were wrapped to, or seeds that seal one.
    fn seed_holders(&self, member: &MemberId, number: u32) -> BTreeSet<KeyId> {
        let state = &self.state;
        let own = |key: &KeyId| (*key, Some(*member));
        let numbered = state.seed_numbers.get(&(*member, number));
        let mut reaching: Vec<KeyId> = numbered.into_iter().flatten().copied().collect();
        let (mut seen, mut holders) = (BTreeSet::new(), BTreeSet::new());
        while let Some(seed) = reaching.pop() {
            if !seen.insert(seed) {
                continue;
            }
            holders.extend(state.wrapped_to.get(&own(&seed)).into_iter().flatten());
            let seals = state.seals.iter();
            let above = seals.filter(|(under, sealed)| {
                sealed.contains(&seed) && state.made_in.contains_key(&own(under))
            });
            reaching.extend(above.map(|(under, _)| *under));
        }
        holders
    }

    fn devices_by_key(&self) -> BTreeMap<KeyId, DeviceId> {
        let devices = self.introduced.iter();
        devices
            .map(|(id, device)| (device.keys.exchange.recipient_key_id(), *id))
            .collect()
    }
}

/// How somebody came by a bundle key.
#[derive(Debug, Clone, Copy)]
enum Given {
    /// It was wrapped to a generation of theirs.
    Generation(MemberId, u32),
    /// They made it, with this device.
    Maker(MemberId, DeviceId),
}

impl Given {
    const fn member(&self) -> MemberId {
        match self {
            Given::Generation(member, _) | Given::Maker(member, _) => *member,
        }
    }
}
