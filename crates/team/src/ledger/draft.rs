//! The acts of a person, as ops: who may, which keys go along, what is sealed under what
//! (protocol §2, "who holds what").

use crypto::{DeviceSecret, KeyId, MemberSeed, Purpose, RecoveryKey, SecretBytes};
use serde_bytes::ByteBuf;

use super::author::{Authored, Body};
use super::introduce::statement_payload;
use super::{Due, Ledger};
use crate::caps;
use crate::entry::{self, Content, Place};
use crate::error::AuthorError;
use crate::ids::{BundleId, DeviceId, EntryId, MemberId, OpId, TeamId, VersionId};
use crate::keyring::{Keyring, Recipient};
use crate::op::{
    Action, AddDevice, ArchiveBundle, BundleWrap, CreateBundle, Delete, EpochKey, Genesis, KeySection, NewDevice,
    NewMember, NewVersion, Put, Reseal, RevokeDevice, RotateLogKey, RotateMemberKey, StartEpoch, TransportKind,
};
use crate::pack;

/// A team about to be.
pub struct Founding {
    /// Its ledger, still empty.
    pub ledger: Ledger,
    /// The founder's keyring: its seed and log key come with the genesis op.
    pub keyring: Keyring,
    /// The founding op, to be received first.
    pub genesis: Authored,
}

/// A version to be written.
#[derive(Debug)]
pub struct Draft<'a> {
    /// Which entry.
    pub entry: EntryId,
    /// The new version's id.
    pub version: VersionId,
    /// The versions it replaces.
    pub predecessors: Vec<VersionId>,
    /// What it holds.
    pub content: &'a Content,
}

/// Founds a team of one: device, seed and log key are made here, the recovery key by the caller,
/// who shows its words. `team_name` is empty for a personal vault; `time` in unix seconds.
pub fn found_team(
    recovery: &RecoveryKey,
    team_name: &str,
    member_name: &str,
    device_name: &str,
    time: u64,
) -> Result<Founding, AuthorError> {
    for name in [team_name, member_name, device_name] {
        check_name(name)?;
    }
    let device = DeviceSecret::make();
    let device_id = DeviceId::of(&device.public());
    let nonce = crypto::make_bytes();
    let team = TeamId::derive(&device_id, &nonce);
    let (seed, log_key) = (MemberSeed::make(), SecretBytes::<32>::make());
    let public = seed.exchange().public();
    let member = MemberId::derive(&team, &public);
    let recovery = recovery.device();

    let founder = NewMember {
        name: member_name.to_owned(),
        public,
        seed: seed.key_id(),
        recovery: crypto::sign(&recovery, Purpose::RecoveryStatement, &statement_payload(&team, &member)),
        device: NewDevice { name: device_name.to_owned(), keys: device.public() },
    };
    let action = Action::Genesis(Genesis { nonce, team_name: team_name.to_owned(), founder });
    let to_device = Recipient::Device(device_id, device.public().exchange);
    let recovery_public = recovery.public();
    let to_recovery = Recipient::Device(DeviceId::of(&recovery_public), recovery_public.exchange);

    let keyring = Keyring::new(team, member, device);
    let kind = TransportKind::Seed(0);
    let wraps = vec![
        keyring.wrap(kind, seed.secret(), &to_device, device_id)?,
        keyring.wrap(kind, seed.secret(), &to_recovery, device_id)?,
        keyring.wrap(TransportKind::Log, &log_key, &Recipient::Member(member, 0, public), device_id)?,
    ];

    // The genesis is its own root: its id is known once it is signed.
    let unrooted = Ledger::new(team, OpId::from_bytes([0; 32]));
    let body = Body { action, keys: KeySection { wraps, seals: Vec::new() }, pack: None };
    let genesis = unrooted.author(keyring.device(), body, &log_key, time)?;
    let op = crate::wire::SignedOp::verify(&genesis.op)?.id();
    Ok(Founding { ledger: Ledger::new(team, op), keyring, genesis })
}

fn check_name(name: &str) -> Result<(), AuthorError> {
    if name.len() <= caps::NAME_BYTES { Ok(()) } else { Err(AuthorError::TooLarge) }
}

impl Ledger {
    /// Makes a bundle whose only member is the author.
    pub fn create_bundle(
        &self,
        keyring: &Keyring,
        bundle: BundleId,
        (project, environment): (&str, &str),
        time: u64,
    ) -> Result<Authored, AuthorError> {
        check_name(project)?;
        check_name(environment)?;
        self.check_recipient(keyring)?;
        let key = SecretBytes::make();
        let own = self.recipients().filter(|(member, ..)| *member == keyring.member());
        let wraps = self.wrap_bundle_key(keyring, bundle, &key, own)?;
        let epoch = EpochKey { key: crypto::key_id(&key), wraps };
        let (project, environment) = (project.to_owned(), environment.to_owned());
        self.write(keyring, Action::CreateBundle(CreateBundle { bundle, project, environment, epoch }), None, time)
    }

    /// Archives a bundle, or brings it back.
    pub fn archive_bundle(
        &self,
        keyring: &Keyring,
        bundle: BundleId,
        archived: bool,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.write(keyring, Action::ArchiveBundle(ArchiveBundle { bundle, archived }), None, time)
    }

    /// Puts new versions of entries into a bundle, at most [`caps::VERSIONS`] of them.
    pub fn put(
        &self,
        keyring: &Keyring,
        bundle: BundleId,
        drafts: &[Draft<'_>],
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let epoch = self.current_epoch(&bundle).ok_or_else(|| self.no_epoch(&bundle))?;
        let author = DeviceId::of(&keyring.device().public());
        let sealer = self.sealer(keyring, bundle, epoch, author)?;
        let sealed = drafts.iter().map(|draft| sealer.seal(draft.entry, draft.version, author, draft.content));
        let (content, pack) = pack::make_content(sealed.collect());
        let new = |draft: &Draft<'_>| NewVersion(draft.entry, draft.version, draft.predecessors.clone());
        let put = Put { bundle, epoch, versions: drafts.iter().map(new).collect(), content };
        self.write(keyring, Action::Put(put), pack, time)
    }

    /// Removes entries of a bundle: each gets a version without content.
    pub fn delete(
        &self,
        keyring: &Keyring,
        bundle: BundleId,
        removals: Vec<NewVersion>,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.write(keyring, Action::Delete(Delete { bundle, removals }), None, time)
    }

    /// Starts a new epoch of a bundle; `live` are its current versions, opened: they are sealed
    /// anew under the new key.
    pub fn start_epoch(
        &self,
        keyring: &Keyring,
        bundle: BundleId,
        live: &[(EntryId, VersionId, entry::Opened)],
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let state = self.state().bundles().get(&bundle).ok_or(AuthorError::NoSuchBundle)?;
        self.check_recipient(keyring)?;
        let follows = state.epochs.keys().copied().collect();
        let key = SecretBytes::make();
        let recipients = self.recipients().filter(|(member, ..)| self.has_access(member, state));
        let wraps = self.wrap_bundle_key(keyring, bundle, &key, recipients)?;
        let epoch = EpochKey { key: crypto::key_id(&key), wraps };
        let sealed_by = DeviceId::of(&keyring.device().public());
        let sealer = Sealer { team: self.team, bundle, epoch: epoch.key, sealed_by, key: &key };
        let sealed = live.iter().map(|(entry, version, opened)| {
            sealer.seal(*entry, *version, opened.author, &opened.content)
        });
        let (content, pack) = pack::make_content(sealed.collect());
        let reseals = live.iter().map(|(entry, version, _)| Reseal(*entry, *version)).collect();
        let start = StartEpoch { bundle, epoch, follows, reseals, content };
        self.write(keyring, Action::StartEpoch(start), pack, time)
    }

    /// Adds a device of one's own: signed by the keyring's device or by the recovery key, with
    /// the seed wrapped to the new one, and the new one's statement.
    pub fn add_device(
        &self,
        keyring: &Keyring,
        signer: &DeviceSecret,
        new: &DeviceSecret,
        name: &str,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.bring_in(keyring, signer, (new, Purpose::DeviceStatement), name, time)
    }

    /// Brings in a new recovery key; the old one signs, and is revoked by an op of its own.
    pub fn add_recovery_key(
        &self,
        keyring: &Keyring,
        signer: &DeviceSecret,
        new: &RecoveryKey,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.bring_in(keyring, signer, (&new.device(), Purpose::RecoveryStatement), "", time)
    }

    fn bring_in(
        &self,
        keyring: &Keyring,
        signer: &DeviceSecret,
        (new, purpose): (&DeviceSecret, Purpose),
        name: &str,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        check_name(name)?;
        let member = keyring.member();
        let statement = crypto::sign(new, purpose, &statement_payload(&self.team, &member));
        let add = AddDevice { name: name.to_owned(), statement, recovery: purpose == Purpose::RecoveryStatement };
        self.check_enrolled(signer)?;
        let (number, seed) = self.own_seed(keyring)?;
        let public = new.public();
        let recipient = Recipient::Device(DeviceId::of(&public), public.exchange);
        let author = DeviceId::of(&signer.public());
        let wrap = keyring.wrap(TransportKind::Seed(number), seed.secret(), &recipient, author)?;
        let keys = KeySection { wraps: vec![wrap], seals: Vec::new() };
        let log_key = self.newest_held_log_key(keyring)?;
        self.author(signer, Body { action: Action::AddDevice(add), keys, pack: None }, log_key, time)
    }

    /// Revokes a device of one's own.
    pub fn revoke_device(
        &self,
        keyring: &Keyring,
        signer: &DeviceSecret,
        device: DeviceId,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.check_enrolled(signer)?;
        let action = Action::RevokeDevice(RevokeDevice { device, member: keyring.member() });
        let log_key = self.newest_held_log_key(keyring)?;
        self.author(signer, Body { action, keys: KeySection::default(), pack: None }, log_key, time)
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
        let (generation, seed) = (number + 1, MemberSeed::make());
        let author = DeviceId::of(&signer.public());
        let own = self.introduced.iter().filter(|(id, device)| {
            device.is_of(&keyring.member()) && self.device_stands(id)
        });
        let wraps = own
            .map(|(id, device)| {
                let recipient = Recipient::Device(*id, device.keys.exchange);
                keyring.wrap(TransportKind::Seed(generation), seed.secret(), &recipient, author)
            })
            .collect::<Result<_, _>>()?;
        let keys = KeySection { wraps, seals: vec![keyring.seal_seed((number, old), &seed)] };
        let rotate = RotateMemberKey { generation, seed: seed.key_id(), public: seed.exchange().public() };
        let log_key = self.newest_held_log_key(keyring)?;
        let body = Body { action: Action::RotateMemberKey(rotate), keys, pack: None };
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
            .recipients()
            .map(|(member, generation, public)| {
                keyring.wrap(TransportKind::Log, &new, &Recipient::Member(member, generation, public), author)
            })
            .collect::<Result<_, _>>()?;
        let seals = self.state().log_keys().keys().filter_map(|old| keyring.log_key(old));
        let seals = seals.map(|old| keyring.seal_log_key(old, &new)).collect();
        let action = Action::RotateLogKey(RotateLogKey { key: id });
        self.author(keyring.device(), Body { action, keys: KeySection { wraps, seals }, pack: None }, &new, time)
    }

    /// The next rotation that is due, if one is.
    pub fn next_due(&self, keyring: &Keyring) -> Option<Due> {
        self.due(&keyring.member()).first().copied()
    }

    fn write(
        &self,
        keyring: &Keyring,
        action: Action,
        pack: Option<Vec<u8>>,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.check_enrolled(keyring.device())?;
        let current = self.current_log_key().ok_or(AuthorError::NoLogKey)?;
        let log_key = keyring.log_key(&current).ok_or(AuthorError::NoLogKey)?;
        self.author(keyring.device(), Body { action, keys: KeySection::default(), pack }, log_key, time)
    }

    fn check_enrolled(&self, signer: &DeviceSecret) -> Result<(), AuthorError> {
        let stands = self.device_stands(&DeviceId::of(&signer.public()));
        if stands { Ok(()) } else { Err(AuthorError::NotEnrolled) }
    }

    /// A key that the author can't open would be lost to them: what is due comes in its order, the
    /// seed first, and a device that was not given the newest seed waits for it.
    fn check_recipient(&self, keyring: &Keyring) -> Result<(), AuthorError> {
        let current = self.recipients().any(|(member, ..)| member == keyring.member());
        if current && self.own_seed(keyring).is_ok() { Ok(()) } else { Err(AuthorError::NoLogKey) }
    }

    /// The member's current seed, with the generation that the team knows it by.
    fn own_seed<'a>(&self, keyring: &'a Keyring) -> Result<(u32, &'a MemberSeed), AuthorError> {
        let member = self.state().members().get(&keyring.member()).ok_or(AuthorError::NotEnrolled)?;
        let current = member.current().ok_or(AuthorError::NotEnrolled)?;
        let (_, seed) = keyring.seed(&current.seed).ok_or(AuthorError::NotEnrolled)?;
        Ok((current.number, seed))
    }

    /// Rotations and revocations may stand under the newest log key that one holds, stale or not.
    fn newest_held_log_key<'a>(&self, keyring: &'a Keyring) -> Result<&'a SecretBytes<32>, AuthorError> {
        let newest = self.newest_log_key(|key| keyring.log_key(key).is_some());
        newest.and_then(|key| keyring.log_key(&key)).ok_or(AuthorError::NoLogKey)
    }

    fn no_epoch(&self, bundle: &BundleId) -> AuthorError {
        match self.state().bundles().contains_key(bundle) {
            true => AuthorError::NoBundleKey,
            false => AuthorError::NoSuchBundle,
        }
    }

    fn wrap_bundle_key(
        &self,
        keyring: &Keyring,
        bundle: BundleId,
        key: &SecretBytes<32>,
        recipients: impl Iterator<Item = (MemberId, u32, crypto::ExchangePublic)>,
    ) -> Result<Vec<BundleWrap>, AuthorError> {
        let author = DeviceId::of(&keyring.device().public());
        let wrap = |recipient| keyring.wrap_bundle_key(bundle, key, recipient, author);
        recipients.map(wrap).collect()
    }

    fn sealer<'a>(
        &self,
        keyring: &'a Keyring,
        bundle: BundleId,
        epoch: KeyId,
        sealed_by: DeviceId,
    ) -> Result<Sealer<'a>, AuthorError> {
        let key = keyring.bundle_key(&epoch).ok_or(AuthorError::NoBundleKey)?;
        Ok(Sealer { team: self.team, bundle, epoch, sealed_by, key })
    }
}

/// Seals versions of one bundle under one epoch.
struct Sealer<'a> {
    team: TeamId,
    bundle: BundleId,
    epoch: KeyId,
    sealed_by: DeviceId,
    key: &'a SecretBytes<32>,
}

impl Sealer<'_> {
    fn seal(&self, entry: EntryId, version: VersionId, author: DeviceId, content: &Content) -> ByteBuf {
        let Sealer { team, bundle, epoch, sealed_by, key } = *self;
        let place = Place { team, bundle, epoch, entry, version, sealed_by };
        ByteBuf::from(entry::seal(key, &place, author, content))
    }
}
