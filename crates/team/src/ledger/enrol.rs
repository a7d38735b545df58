//! Devices and the keys that they share, as ops: adding and revoking, and the rotations that
//! follow (protocol §2, "who holds what").

use crypto::{DevicePublic, DeviceSecret, MemberSeed, Purpose, RecoveryKey, SecretBytes};

use super::author::{Authored, Body};
use super::draft::check_name;
use super::{Due, Ledger};
use crate::error::AuthorError;
use crate::ids::{DeviceId, MemberId};
use crate::keyring::{Keyring, Recipient};
use crate::link::{DeviceLink, LinkedDevice};
use crate::op::{
    Action, AddDevice, KeySection, RevokeDevice, RotateLogKey, RotateMemberKey, TransportKind,
};
use crate::statement::make_statement;

impl Ledger {
    /// What a new device of one's own needs to know; `hint` says where the team's ops are.
    pub fn device_link(&self, keyring: &Keyring, hint: &str) -> DeviceLink {
        DeviceLink {
            hint: hint.to_owned(),
            team: self.team,
            genesis: self.genesis,
            member: keyring.member(),
        }
    }

    /// Adds a device that has answered a link, once its words were typed here.
    pub fn link_device(
        &self,
        keyring: &Keyring,
        device: &LinkedDevice,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let add = AddDevice {
            name: device.name.clone(),
            statement: device.statement.clone(),
            recovery: false,
        };
        self.bring_in(keyring, keyring.device(), (&device.keys, add), time)
    }

    /// Adds a device of one's own whose keys are here: signed by the keyring's device or by the
    /// recovery key.
    pub fn add_device(
        &self,
        keyring: &Keyring,
        signer: &DeviceSecret,
        new: &DeviceSecret,
        name: &str,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        check_name(name)?;
        let add = AddDevice {
            name: name.to_owned(),
            statement: self.statement(keyring, new, Purpose::DeviceStatement),
            recovery: false,
        };
        self.bring_in(keyring, signer, (&new.public(), add), time)
    }

    /// Brings in a new recovery key; the old one signs, and is revoked by an op of its own.
    pub fn add_recovery_key(
        &self,
        keyring: &Keyring,
        signer: &DeviceSecret,
        new: &RecoveryKey,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let new = new.device();
        let add = AddDevice {
            name: String::new(),
            statement: self.statement(keyring, &new, Purpose::RecoveryStatement),
            recovery: true,
        };
        self.bring_in(keyring, signer, (&new.public(), add), time)
    }

    fn statement(&self, keyring: &Keyring, new: &DeviceSecret, purpose: Purpose) -> Vec<u8> {
        make_statement(new, purpose, &self.team, &keyring.member())
    }

    /// `add_device` with the seed wrapped to the new one.
    fn bring_in(
        &self,
        keyring: &Keyring,
        signer: &DeviceSecret,
        (new, add): (&DevicePublic, AddDevice),
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.check_enrolled(signer)?;
        let (number, seed) = self.own_seed(keyring)?;
        let recipient = Recipient::Device(DeviceId::of(new), new.exchange);
        let author = DeviceId::of(&signer.public());
        let wrap = keyring.wrap(
            TransportKind::Seed(number),
            seed.secret(),
            &recipient,
            author,
        )?;
        let keys = KeySection {
            wraps: vec![wrap],
            seals: Vec::new(),
        };
        let body = Body {
            action: Action::AddDevice(add),
            keys,
            pack: None,
        };
        let log_key = self.newest_held_log_key(keyring)?;
        self.author(signer, body, log_key, time)
    }

    /// Revokes a device of one's own.
    pub fn revoke_device(
        &self,
        keyring: &Keyring,
        signer: &DeviceSecret,
        device: DeviceId,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.revoke_device_of(keyring, signer, (keyring.member(), device), time)
    }

    /// Revokes a device of any member.
    pub fn revoke_device_of(
        &self,
        keyring: &Keyring,
        signer: &DeviceSecret,
        (member, device): (MemberId, DeviceId),
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.check_enrolled(signer)?;
        let body = Body {
            action: Action::RevokeDevice(RevokeDevice { device, member }),
            keys: KeySection::default(),
            pack: None,
        };
        let log_key = self.newest_held_log_key(keyring)?;
        self.author(signer, body, log_key, time)
    }

    /// A new generation of one's own seed, wrapped to all of one's standing devices.
    pub fn rotate_member_key(
        &self,
        keyring: &Keyring,
        signer: &DeviceSecret,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.check_enrolled(signer)?;
        let (number, old) = self.own_seed(keyring)?;
        let next = number.checked_add(1).ok_or(AuthorError::TooLarge)?;
        let (generation, seed) = (next, MemberSeed::make());
        let author = DeviceId::of(&signer.public());
        let own = self
            .state
            .standing
            .get(&keyring.member())
            .into_iter()
            .flatten();
        let wraps = own
            .map(|(id, _)| {
                let recipient = Recipient::Device(*id, self.state.devices[id].keys.exchange);
                keyring.wrap(
                    TransportKind::Seed(generation),
                    seed.secret(),
                    &recipient,
                    author,
                )
            })
            .collect::<Result<_, _>>()?;
        let keys = KeySection {
            wraps,
            seals: vec![keyring.seal_seed((number, old), &seed)],
        };
        let rotate = RotateMemberKey {
            generation,
            seed: seed.key_id(),
            public: seed.exchange().public(),
        };
        let log_key = self.newest_held_log_key(keyring)?;
        let body = Body {
            action: Action::RotateMemberKey(rotate),
            keys,
            pack: None,
        };
        self.author(signer, body, log_key, time)
    }

    /// A new log key, wrapped to all members with a current generation. The op itself stands
    /// under the new key, which the keyring takes from it like everyone's.
    pub fn rotate_log_key(&self, keyring: &Keyring, time: u64) -> Result<Authored, AuthorError> {
        self.check_enrolled(keyring.device())?;
        let new = SecretBytes::make();
        let id = crypto::key_id(&new);
        let author = DeviceId::of(&keyring.device().public());
        self.check_recipient(keyring)?;
        let wraps = self
            .state
            .recipients()
            .map(|(member, generation, public)| {
                keyring.wrap(
                    TransportKind::Log,
                    &new,
                    &Recipient::Member(member, generation, public),
                    author,
                )
            })
            .collect::<Result<_, _>>()?;
        // Those that a sealed one seals come along with it.
        let known = self.state.used_log_keys();
        let seals = self.unsealed(&known).filter_map(|old| keyring.log_key(old));
        let seals = seals.map(|old| keyring.seal_log_key(old, &new)).collect();
        let action = Action::RotateLogKey(RotateLogKey { key: id });
        self.author(
            keyring.device(),
            Body {
                action,
                keys: KeySection { wraps, seals },
                pack: None,
            },
            &new,
            time,
        )
    }

    /// The devices that stand because a device added them, or one that it added: whoever had that one
    /// may have these. The recovery key apart, which its words answer for.
    pub fn added_with(&self, device: &DeviceId) -> Vec<DeviceId> {
        let mut found = vec![*device];
        let mut next = 0;
        while let Some(by) = found.get(next).copied() {
            next += 1;
            for op in self.control.values().filter(|op| op.device == by) {
                let Action::AddDevice(_) = &op.action else {
                    continue;
                };
                for added in self.brought.get(&op.id).into_iter().flatten() {
                    if !found.contains(added) {
                        found.push(*added);
                    }
                }
            }
        }
        let stands = |other: &DeviceId| {
            let known = self.state.devices.get(other);
            other != device
                && known.is_some_and(|known| !known.recovery)
                && self.device_stands(other)
        };
        found.into_iter().filter(stands).collect()
    }

    /// The next rotation that is due, if one is.
    pub fn next_due(&self, keyring: &Keyring) -> Option<Due> {
        self.due(&keyring.member()).first().copied()
    }

    /// The member's current seed, with the generation that the team knows it by.
    pub(super) fn own_seed<'a>(
        &self,
        keyring: &'a Keyring,
    ) -> Result<(u32, &'a MemberSeed), AuthorError> {
        let member = self
            .state()
            .members()
            .get(&keyring.member())
            .ok_or(AuthorError::NotEnrolled)?;
        let current = member.current().ok_or(AuthorError::NotEnrolled)?;
        let (_, seed) = keyring
            .seed(&current.seed)
            .ok_or(AuthorError::NotEnrolled)?;
        Ok((current.number, seed))
    }

    /// Rotations and revocations may stand under the newest log key that one holds, stale or not.
    fn newest_held_log_key<'a>(
        &self,
        keyring: &'a Keyring,
    ) -> Result<&'a SecretBytes<32>, AuthorError> {
        let newest = self
            .state
            .newest_log_key(|key| keyring.log_key(key).is_some());
        newest
            .and_then(|key| keyring.log_key(&key))
            .ok_or(AuthorError::NoLogKey)
    }
}
