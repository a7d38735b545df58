//! The keys of one device in one team, and how it takes new ones from key sections.

mod take;

use std::collections::BTreeMap;

use crypto::{DeviceSecret, ExchangePublic, KeyId, MemberSeed, Purpose, SecretBytes, Wrapped};
use serde::Serialize;

use crate::cbor;
use crate::error::AuthorError;
use crate::ids::{BundleId, DeviceId, MemberId, TeamId};
use crate::op::{BundleWrap, KeyWrap, PredecessorSeal, TransportKind};

/// Keys by their ids. Nothing here decides anything: a key opens or it doesn't.
pub struct Keyring {
    team: TeamId,
    member: MemberId,
    device: DeviceSecret,
    seeds: BTreeMap<KeyId, (u32, MemberSeed)>,
    /// Which seed opens what is wrapped to a recipient key: to look a wrap up costs no curve.
    by_recipient: BTreeMap<KeyId, KeyId>,
    log: BTreeMap<KeyId, SecretBytes<32>>,
    bundles: BTreeMap<KeyId, (BundleId, SecretBytes<32>)>,
}

/// A key that was not here before, to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Learned {
    /// A generation of the member's seed.
    Seed(KeyId, u32),
    /// A log key.
    Log(KeyId),
    /// A key of a bundle.
    Bundle(KeyId, BundleId),
}

/// What came out of a key section.
#[derive(Debug, Default)]
pub struct Taken {
    /// Keys that were not here before.
    pub learned: Vec<Learned>,
    /// Ids of keys that are wrapped or sealed to us, as it says, but that do not open.
    pub unopened: Vec<KeyId>,
}

/// Secrets that go to members and are none of the keys of the hierarchy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretKind {
    /// The secret half of an invitation.
    Invitation,
    /// The code of an invitation.
    InvitationCode,
    /// The key of published reads.
    Audit,
}

impl SecretKind {
    const fn label(self) -> &'static str {
        match self {
            SecretKind::Invitation => "invitation",
            SecretKind::InvitationCode => "invitation_code",
            SecretKind::Audit => "audit",
        }
    }
}

/// A wrap names us and does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadWrap;

/// What a wrap is bound to (protocol §1).
#[derive(Serialize)]
struct WrapContext<'a> {
    team: &'a TeamId,
    kind: &'static str,
    bundle: Option<BundleId>,
    key: KeyId,
    member: Option<(MemberId, u32)>,
    device: Option<DeviceId>,
    to: ExchangePublic,
    author: DeviceId,
}

/// What a predecessor seal is bound to (protocol §4).
#[derive(Serialize)]
struct PredecessorAad<'a> {
    team: &'a TeamId,
    kind: TransportKind,
    member: Option<MemberId>,
    under: KeyId,
    key: KeyId,
}

/// Where a wrap goes.
#[derive(Debug, Clone, Copy)]
pub enum Recipient {
    /// To a generation of a member: log keys and bundle keys.
    Member(MemberId, u32, ExchangePublic),
    /// To a device or the recovery key: seeds.
    Device(DeviceId, ExchangePublic),
}

impl Keyring {
    /// The keyring of a device that has nothing but its own keys.
    pub fn new(team: TeamId, member: MemberId, device: DeviceSecret) -> Self {
        Self {
            team,
            member,
            device,
            seeds: BTreeMap::new(),
            by_recipient: BTreeMap::new(),
            log: BTreeMap::new(),
            bundles: BTreeMap::new(),
        }
    }

    /// The same keys in the hands of another device of the member.
    pub fn handed_to(self, device: DeviceSecret) -> Self {
        Self { device, ..self }
    }

    /// The device whose keys these are.
    pub fn device(&self) -> &DeviceSecret {
        &self.device
    }

    /// The member whose keys these are.
    pub fn member(&self) -> MemberId {
        self.member
    }

    /// Puts a seed in.
    pub fn add_seed(&mut self, generation: u32, seed: MemberSeed) -> Learned {
        let id = seed.key_id();
        let recipient = seed.exchange().public().recipient_key_id();
        self.by_recipient.insert(recipient, id);
        self.seeds.insert(id, (generation, seed));
        Learned::Seed(id, generation)
    }

    /// Puts a log key in.
    pub fn add_log_key(&mut self, key: SecretBytes<32>) -> Learned {
        let id = crypto::key_id(&key);
        self.log.insert(id, key);
        Learned::Log(id)
    }

    /// Puts a bundle key in.
    pub fn add_bundle_key(&mut self, bundle: BundleId, key: SecretBytes<32>) -> Learned {
        let id = crypto::key_id(&key);
        self.bundles.insert(id, (bundle, key));
        Learned::Bundle(id, bundle)
    }

    /// A log key.
    pub fn log_key(&self, id: &KeyId) -> Option<&SecretBytes<32>> {
        self.log.get(id)
    }

    /// A bundle key.
    pub fn bundle_key(&self, id: &KeyId) -> Option<&SecretBytes<32>> {
        self.bundles.get(id).map(|(_, key)| key)
    }

    /// A seed and its generation.
    pub fn seed(&self, id: &KeyId) -> Option<(u32, &MemberSeed)> {
        self.seeds
            .get(id)
            .map(|(generation, seed)| (*generation, seed))
    }

    /// Ids of all seeds that are here, with their generations.
    pub fn seeds(&self) -> impl Iterator<Item = (KeyId, u32)> + '_ {
        self.seeds
            .iter()
            .map(|(id, (generation, _))| (*id, *generation))
    }

    /// Ids of all log keys that are here.
    pub fn log_keys(&self) -> impl Iterator<Item = &KeyId> {
        self.log.keys()
    }

    /// Opens something wrapped to a generation of this member.
    fn unwrap_as(
        &self,
        kind: &'static str,
        bundle: Option<BundleId>,
        (key, generation, wrapped): (KeyId, u32, &Wrapped),
        author: DeviceId,
    ) -> Option<SecretBytes<32>> {
        self.seeds.values().find_map(|(_, seed)| {
            let to = seed.exchange();
            let recipient = Recipient::Member(self.member, generation, to.public());
            let context = self.context(kind, bundle, key, &recipient, author);
            crypto::unwrap(&to, &context, wrapped, key).ok()
        })
    }

    /// Opens a secret that [`Keyring::wrap_secret`] wrapped to this member.
    pub(crate) fn unwrap_secret(
        &self,
        kind: SecretKind,
        wrapped: (KeyId, u32, &Wrapped),
        author: DeviceId,
    ) -> Option<SecretBytes<32>> {
        self.unwrap_as(kind.label(), None, wrapped, author)
    }

    /// Wraps a secret that is none of the keys of the hierarchy to a member's generation.
    pub(crate) fn wrap_secret(
        &self,
        kind: SecretKind,
        secret: &SecretBytes<32>,
        (member, generation, to): (MemberId, u32, ExchangePublic),
        author: DeviceId,
    ) -> Result<Wrapped, AuthorError> {
        let recipient = Recipient::Member(member, generation, to);
        let id = crypto::key_id(secret);
        let context = self.context(kind.label(), None, id, &recipient, author);
        crypto::wrap(&to, &context, secret).map_err(|_| AuthorError::BadRecipient)
    }

    /// Wraps a log key or a seed for an op's key section.
    pub fn wrap(
        &self,
        kind: TransportKind,
        key: &SecretBytes<32>,
        recipient: &Recipient,
        author: DeviceId,
    ) -> Result<KeyWrap, AuthorError> {
        let id = crypto::key_id(key);
        let to = recipient.public();
        let context = self.context(kind.label(), None, id, recipient, author);
        let wrapped = crypto::wrap(&to, &context, key).map_err(|_| AuthorError::BadRecipient)?;
        Ok(KeyWrap {
            kind,
            key: id,
            to: to.recipient_key_id(),
            wrapped,
        })
    }

    /// Wraps a bundle key to a member's generation.
    pub fn wrap_bundle_key(
        &self,
        bundle: BundleId,
        key: &SecretBytes<32>,
        (member, generation, to): (MemberId, u32, ExchangePublic),
        author: DeviceId,
    ) -> Result<BundleWrap, AuthorError> {
        let recipient = Recipient::Member(member, generation, to);
        let context = self.context(
            "bundle",
            Some(bundle),
            crypto::key_id(key),
            &recipient,
            author,
        );
        let wrapped = crypto::wrap(&to, &context, key).map_err(|_| AuthorError::BadRecipient)?;
        Ok(BundleWrap(member, generation, wrapped))
    }

    /// Seals an older seed under a newer one.
    pub fn seal_seed(
        &self,
        (generation, old): (u32, &MemberSeed),
        under: &MemberSeed,
    ) -> PredecessorSeal {
        let kind = TransportKind::Seed(generation);
        let aad = self.predecessor_aad(kind, under.key_id(), old.key_id());
        // EXPOSE: an older seed is sealed under the newer one.
        let sealed = crypto::seal(
            &under.sealing_key(),
            Purpose::MemberSeed,
            &aad,
            old.secret().expose(),
        );
        PredecessorSeal {
            kind,
            under: under.key_id(),
            key: old.key_id(),
            sealed,
        }
    }

    /// Seals an older log key under a newer one.
    pub fn seal_log_key(&self, old: &SecretBytes<32>, under: &SecretBytes<32>) -> PredecessorSeal {
        let (key, under_id) = (crypto::key_id(old), crypto::key_id(under));
        let aad = self.predecessor_aad(TransportKind::Log, under_id, key);
        // EXPOSE: an older log key is sealed under the newer one.
        let sealed = crypto::seal(under, Purpose::LogKey, &aad, old.expose());
        PredecessorSeal {
            kind: TransportKind::Log,
            under: under_id,
            key,
            sealed,
        }
    }

    fn context(
        &self,
        kind: &'static str,
        bundle: Option<BundleId>,
        key: KeyId,
        recipient: &Recipient,
        author: DeviceId,
    ) -> Vec<u8> {
        let (member, device) = match *recipient {
            Recipient::Member(member, generation, _) => (Some((member, generation)), None),
            Recipient::Device(device, _) => (None, Some(device)),
        };
        let to = recipient.public();
        cbor::encode(&WrapContext {
            team: &self.team,
            kind,
            bundle,
            key,
            member,
            device,
            to,
            author,
        })
    }

    fn predecessor_aad(&self, kind: TransportKind, under: KeyId, key: KeyId) -> Vec<u8> {
        let member = matches!(kind, TransportKind::Seed(_)).then_some(self.member);
        cbor::encode(&PredecessorAad {
            team: &self.team,
            kind,
            member,
            under,
            key,
        })
    }
}

impl Recipient {
    fn public(&self) -> ExchangePublic {
        match *self {
            Recipient::Member(_, _, public) | Recipient::Device(_, public) => public,
        }
    }
}

impl TransportKind {
    const fn label(self) -> &'static str {
        match self {
            TransportKind::Log => "log",
            TransportKind::Seed(_) => "seed",
        }
    }
}

#[cfg(test)]
mod tests;
