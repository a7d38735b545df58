//! Keys that others have a right to and lack (protocol §2, Repair): log keys and seeds go along in
//! the key section of any op, bundle keys in a `grant` marked `rewrap`.

use std::collections::{BTreeMap, BTreeSet};

use crypto::{ExchangePublic, KeyId};

use super::Ledger;
use super::author::Authored;
use super::state::Bundle;
use crate::error::AuthorError;
use crate::ids::{BundleId, DeviceId, MemberId};
use crate::keyring::{Keyring, Recipient};
use crate::op::{Action, Grant, Granted, GrantedKey, KeyWrap, TransportKind};

/// What this member should hand to others in their next ops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owed {
    /// A log key to a member: any op carries it.
    LogKey(KeyId, MemberId),
    /// One's own seed to a device of one's own: any op carries it.
    Seed(DeviceId),
    /// Keys of a bundle to a member who has it: [`Ledger::rewrap`].
    Bundle(BundleId, MemberId),
}

impl Ledger {
    /// What this member should hand to others, as far as they can.
    pub fn owed(&self, keyring: &Keyring) -> Vec<Owed> {
        let log_keys = self.owed_log_keys(keyring).into_iter();
        let mut owed: Vec<Owed> = log_keys.map(|(key, to)| Owed::LogKey(key, to.0)).collect();
        owed.extend(self.owed_seeds(keyring).into_iter().map(Owed::Seed));
        for (id, bundle) in &self.state.bundles {
            let lacking = |holder: &MemberId| !self.lacking(keyring, bundle, holder).is_empty();
            let holders = self.state.holders(bundle).filter(lacking);
            owed.extend(holders.map(|holder| Owed::Bundle(*id, holder)));
        }
        owed
    }

    /// Hands a member the keys of a bundle that they have a right to and lack.
    pub fn rewrap(
        &self,
        keyring: &Keyring,
        bundle: BundleId,
        member: MemberId,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let known = self
            .state
            .bundles
            .get(&bundle)
            .ok_or(AuthorError::NoSuchBundle)?;
        let own = self.state.has_access(&keyring.member(), known);
        if !own || !self.state.has_access(&member, known) {
            return Err(AuthorError::NotAllowed);
        }
        let keys = self.lacking(keyring, known, &member);
        self.hand_over(keyring, bundle, &[(member, keys)], true, time)
    }

    /// A grant of these keys to members' current generations.
    pub(super) fn hand_over(
        &self,
        keyring: &Keyring,
        bundle: BundleId,
        to: &[(MemberId, Vec<KeyId>)],
        rewrap: bool,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let author = DeviceId::of(&keyring.device().public());
        let granted = |(member, keys): &(MemberId, Vec<KeyId>)| {
            let to = self.state.recipient(member);
            let to = to.ok_or(AuthorError::BadRecipient)?;
            let wrap = |key: &KeyId| {
                let secret = keyring.bundle_key(key).ok_or(AuthorError::NoBundleKey)?;
                let wrapped = keyring.wrap_bundle_key(bundle, secret, to, author)?.2;
                Ok(GrantedKey(*key, wrapped))
            };
            let keys = keys.iter().map(wrap).collect::<Result<_, AuthorError>>()?;
            Ok(Granted(*member, to.1, keys))
        };
        let to = to.iter().map(granted);
        let mut to = to.collect::<Result<Vec<_>, AuthorError>>()?;
        to.sort_unstable_by_key(|to| to.0);
        let grant = Grant { bundle, to, rewrap };
        self.write(keyring, Action::Grant(grant), None, time)
    }

    /// Log keys and seeds for those who lack them.
    pub(super) fn owed_wraps(&self, keyring: &Keyring) -> Result<Vec<KeyWrap>, AuthorError> {
        let author = DeviceId::of(&keyring.device().public());
        let mut wraps = Vec::new();
        for (key, (member, generation, public)) in self.owed_log_keys(keyring) {
            let secret = keyring.log_key(&key).ok_or(AuthorError::NoLogKey)?;
            let to = Recipient::Member(member, generation, public);
            wraps.push(keyring.wrap(TransportKind::Log, secret, &to, author)?);
        }
        for device in self.owed_seeds(keyring) {
            let (generation, seed) = self.own_seed(keyring)?;
            let to = Recipient::Device(device, self.state.devices[&device].keys.exchange);
            let kind = TransportKind::Seed(generation);
            wraps.push(keyring.wrap(kind, seed.secret(), &to, author)?);
        }
        Ok(wraps)
    }

    /// The log keys that reach a member who has these, by the seals of one under another.
    fn reached(&self, have: impl Iterator<Item = KeyId>) -> BTreeSet<KeyId> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<KeyId> = have.collect();
        while let Some(key) = next.pop() {
            if reached.insert(key) {
                next.extend(self.state.seals.get(&key).into_iter().flatten());
            }
        }
        reached
    }

    /// Of these log keys, those that no other of them brings along.
    pub(super) fn unsealed<'a>(
        &self,
        keys: &'a BTreeSet<KeyId>,
    ) -> impl Iterator<Item = &'a KeyId> {
        let brought: BTreeSet<KeyId> = keys
            .iter()
            .flat_map(|key| self.state.seals.get(key).into_iter().flatten())
            .copied()
            .collect();
        keys.iter().filter(move |key| !brought.contains(key))
    }

    fn owed_log_keys(&self, keyring: &Keyring) -> Vec<(KeyId, (MemberId, u32, ExchangePublic))> {
        let known = self.state.used_log_keys();
        let mut owed = Vec::new();
        for to in self.state.recipients() {
            let known_member = &self.state.members[&to.0];
            let seeds = known_member.current().map(|current| current.seed);
            // A generation that was made apart from the current one, on another machine that the same paper
            // recovered, is sealed by none: who has only the current one lacks what was wrapped to that.
            let seeds = self.reached(seeds.into_iter());
            let own: Vec<KeyId> = known_member
                .generations
                .iter()
                .filter(|generation| seeds.contains(&generation.seed))
                .filter(|generation| generation.right.holds(|_| true))
                .map(|generation| generation.public.recipient_key_id())
                .collect();
            let wrapped = |key: &&KeyId| {
                let wrapped = self.state.wrapped_to.get(&(**key, None));
                wrapped.is_some_and(|wrapped| own.iter().any(|id| wrapped.contains(id)))
            };
            let has = self.reached(known.iter().filter(wrapped).copied());
            let lacks: BTreeSet<KeyId> = known.difference(&has).copied().collect();
            let unsealed = self.unsealed(&lacks);
            let held = unsealed.filter(|key| keyring.log_key(key).is_some());
            owed.extend(held.map(|key| (*key, to)));
        }
        owed
    }

    /// One's own standing devices that were not given one's current seed.
    fn owed_seeds(&self, keyring: &Keyring) -> Vec<DeviceId> {
        let own = self.state.recipient(&keyring.member());
        let (Some(_), Ok((_, seed))) = (own, self.own_seed(keyring)) else {
            return Vec::new();
        };
        let wrapped = self
            .state
            .wrapped_to
            .get(&(seed.key_id(), Some(keyring.member())));
        let given = |key: &KeyId| wrapped.is_some_and(|wrapped| wrapped.contains(key));
        let none = BTreeMap::new();
        let standing = self.state.standing.get(&keyring.member()).unwrap_or(&none);
        let lacking = standing.iter().filter(|(_, key)| !given(key));
        lacking.map(|(device, _)| *device).collect()
    }

    /// Keys of epochs that were started later than a member's grant, or apart from it, and that
    /// nobody wrapped to them. Earlier ones are theirs only if the granter gave the history.
    fn lacking(&self, keyring: &Keyring, bundle: &Bundle, member: &MemberId) -> Vec<KeyId> {
        let holds = self.state.has_access(&keyring.member(), bundle);
        if !holds || *member == keyring.member() || self.state.recipient(member).is_none() {
            return Vec::new();
        }
        let rights = bundle.access.get(member).into_iter().flatten();
        let rights = rights.filter(|right| right.holds(|_| true));
        let known: Vec<_> = rights
            .map(|right| self.chains.past_of(right.made.place).0)
            .collect();
        let mut epochs: Vec<_> = bundle.epochs.iter().collect();
        epochs.sort_by_key(|(_, epoch)| std::cmp::Reverse(epoch.made));
        let lacks = |key: &KeyId| {
            let mut given = bundle.given.get(key).into_iter().flatten();
            !given.any(|(to, ..)| to == member) && keyring.bundle_key(key).is_some()
        };
        epochs
            .into_iter()
            .filter(|(_, epoch)| known.iter().any(|past| !epoch.made.within(past)))
            .map(|(key, _)| *key)
            .filter(lacks)
            .collect()
    }
}
