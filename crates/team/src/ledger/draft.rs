//! The acts of a person on bundles and entries, as ops: which keys go along, what is sealed under
//! what. Founding the team is here too.

use crypto::{DeviceSecret, KeyId, MemberSeed, Purpose, RecoveryKey, SecretBytes};
use serde_bytes::ByteBuf;

use super::author::{Authored, Body};
use super::{Ledger, introduce};
use crate::caps;
use crate::entry::{self, Content, Place};
use crate::error::AuthorError;
use crate::ids::{BundleId, DeviceId, EntryId, MemberId, OpId, TeamId, VersionId};
use crate::keyring::{Keyring, Recipient};
use crate::op::{
    Action, ArchiveBundle, BundleWrap, Content as VersionContent, CreateBundle, Delete, EpochKey,
    Genesis, KeySection, KeyWrap, NewDevice, NewMember, NewVersion, Put, Reseal, ResealVersions,
    StartEpoch, TransportKind,
};
use crate::pack;
use crate::statement::make_statement;

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
        recovery: make_statement(&recovery, Purpose::RecoveryStatement, &team, &member),
        device: NewDevice {
            name: device_name.to_owned(),
            keys: device.public(),
        },
    };
    let action = Action::Genesis(Genesis {
        nonce,
        team_name: team_name.to_owned(),
        founder,
    });
    let to_device = Recipient::Device(device_id, device.public().exchange);
    let recovery_public = recovery.public();
    let to_recovery = Recipient::Device(DeviceId::of(&recovery_public), recovery_public.exchange);

    let keyring = Keyring::new(team, member, device);
    let kind = TransportKind::Seed(0);
    let wraps = vec![
        keyring.wrap(kind, seed.secret(), &to_device, device_id)?,
        keyring.wrap(kind, seed.secret(), &to_recovery, device_id)?,
        keyring.wrap(
            TransportKind::Log,
            &log_key,
            &Recipient::Member(member, 0, public),
            device_id,
        )?,
    ];

    // The genesis is its own root: its id is known once it is signed.
    let unrooted = Ledger::new(team, OpId::from_bytes([0; 32]));
    let body = Body {
        action,
        keys: KeySection {
            wraps,
            seals: Vec::new(),
        },
        pack: None,
    };
    let genesis = unrooted.author(keyring.device(), body, &log_key, time)?;
    Ok(Founding {
        ledger: Ledger::new(team, genesis.id),
        keyring,
        genesis,
    })
}

pub(super) fn check_name(name: &str) -> Result<(), AuthorError> {
    if name.len() <= caps::NAME_BYTES {
        Ok(())
    } else {
        Err(AuthorError::TooLarge)
    }
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
        let own = self.state.recipient(&keyring.member()).into_iter();
        let wraps = self.wrap_bundle_key(keyring, bundle, &key, own)?;
        let epoch = EpochKey {
            key: crypto::key_id(&key),
            wraps,
        };
        let (project, environment) = (project.to_owned(), environment.to_owned());
        self.write(
            keyring,
            Action::CreateBundle(CreateBundle {
                bundle,
                project,
                environment,
                epoch,
            }),
            None,
            time,
        )
    }

    /// Archives a bundle, or brings it back.
    pub fn archive_bundle(
        &self,
        keyring: &Keyring,
        bundle: BundleId,
        archived: bool,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.write(
            keyring,
            Action::ArchiveBundle(ArchiveBundle { bundle, archived }),
            None,
            time,
        )
    }

    /// Puts new versions of entries into a bundle, at most [`caps::VERSIONS`] of them.
    pub fn put(
        &self,
        keyring: &Keyring,
        bundle: BundleId,
        drafts: &[Draft<'_>],
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let epoch = self
            .current_epoch(&bundle)
            .ok_or_else(|| self.no_epoch(&bundle))?;
        let author = DeviceId::of(&keyring.device().public());
        let sealer = self.sealer(keyring, bundle, epoch, author)?;
        let sealed = drafts
            .iter()
            .map(|draft| sealer.seal(draft.entry, draft.version, author, draft.content));
        let (content, pack) = pack::make_content(sealed.collect());
        let new =
            |draft: &Draft<'_>| NewVersion(draft.entry, draft.version, draft.predecessors.clone());
        let put = Put {
            bundle,
            epoch,
            versions: drafts.iter().map(new).collect(),
            content,
        };
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
        self.write(
            keyring,
            Action::Delete(Delete { bundle, removals }),
            None,
            time,
        )
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
        let state = self
            .state()
            .bundles()
            .get(&bundle)
            .ok_or(AuthorError::NoSuchBundle)?;
        self.check_recipient(keyring)?;
        let follows = state.epochs.keys().copied().collect();
        let key = SecretBytes::make();
        let recipients = self.state.bundle_recipients(state);
        let wraps = self.wrap_bundle_key(keyring, bundle, &key, recipients)?;
        let epoch = EpochKey {
            key: crypto::key_id(&key),
            wraps,
        };
        let sealer = Sealer {
            team: self.team,
            bundle,
            epoch: epoch.key,
            sealed_by: DeviceId::of(&keyring.device().public()),
            key: &key,
        };
        let (reseals, content, pack) = sealer.reseal(live);
        let start = StartEpoch {
            bundle,
            epoch,
            follows,
            reseals,
            content,
        };
        self.write(keyring, Action::StartEpoch(start), pack, time)
    }

    /// An op under the current log key, with the keys that others are owed.
    pub(super) fn write(
        &self,
        keyring: &Keyring,
        action: Action,
        pack: Option<Vec<u8>>,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.write_with(keyring, action, KeySection::default(), pack, time)
    }

    /// The same, with keys of its own.
    pub(super) fn write_with(
        &self,
        keyring: &Keyring,
        action: Action,
        keys: KeySection,
        pack: Option<Vec<u8>>,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.check_enrolled(keyring.device())?;
        let current = self.current_log_key().ok_or(AuthorError::NoLogKey)?;
        let log_key = keyring.log_key(&current).ok_or(AuthorError::NoLogKey)?;
        let mut owed = self.owed_wraps(keyring)?;
        // What has no room goes along with later ops.
        owed.truncate(caps::REPAIRED.min(caps::KEYS.saturating_sub(keys.wraps.len())));
        let body = |owed: Vec<KeyWrap>| {
            let mut keys = keys.clone();
            keys.wraps.extend(owed);
            Body {
                action: action.clone(),
                keys,
                pack: pack.clone(),
            }
        };
        let signer = keyring.device();
        match self.author(signer, body(owed), log_key, time) {
            Err(AuthorError::TooLarge) => self.author(signer, body(Vec::new()), log_key, time),
            authored => authored,
        }
    }

    /// Seals live versions anew under the bundle's current key: what an epoch's start had no room
    /// for, and what a granter does first with versions that stand under another epoch.
    pub fn reseal(
        &self,
        keyring: &Keyring,
        bundle: BundleId,
        live: &[(EntryId, VersionId, entry::Opened)],
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let epoch = self
            .current_epoch(&bundle)
            .ok_or_else(|| self.no_epoch(&bundle))?;
        let author = DeviceId::of(&keyring.device().public());
        let sealer = self.sealer(keyring, bundle, epoch, author)?;
        let (reseals, content, pack) = sealer.reseal(live);
        let action = Action::Reseal(ResealVersions {
            bundle,
            epoch,
            reseals,
            content,
        });
        self.write(keyring, action, pack, time)
    }

    /// Whether a device may sign. The recovery key keeps no state, so a fork of its chain is none
    /// of its faults; any other device that was copied stops (protocol §9).
    pub(super) fn check_enrolled(&self, signer: &DeviceSecret) -> Result<(), AuthorError> {
        let device = DeviceId::of(&signer.public());
        if !self.device_stands(&device) {
            return Err(AuthorError::NotEnrolled);
        }
        let recovery = |known: &introduce::Introduced| known.is_recovery_key();
        if self.chains.forked(&device) && !self.introduced.get(&device).is_some_and(recovery) {
            return Err(AuthorError::Copied);
        }
        Ok(())
    }

    /// A key that the author can't open would be lost to them: what is due comes in its order, the
    /// seed first, and a device that was not given the newest seed waits for it.
    pub(super) fn check_recipient(&self, keyring: &Keyring) -> Result<(), AuthorError> {
        let current = self.state.recipient(&keyring.member());
        if current.is_some() && self.own_seed(keyring).is_ok() {
            Ok(())
        } else {
            Err(AuthorError::NoLogKey)
        }
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
        Ok(Sealer {
            team: self.team,
            bundle,
            epoch,
            sealed_by,
            key,
        })
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
    fn reseal(
        &self,
        live: &[(EntryId, VersionId, entry::Opened)],
    ) -> (Vec<Reseal>, VersionContent, Option<Vec<u8>>) {
        let sealed = live.iter().map(|(entry, version, opened)| {
            self.seal(*entry, *version, opened.author, &opened.content)
        });
        let (content, pack) = pack::make_content(sealed.collect());
        let named = live
            .iter()
            .map(|(entry, version, _)| Reseal(*entry, *version));
        (named.collect(), content, pack)
    }

    fn seal(
        &self,
        entry: EntryId,
        version: VersionId,
        author: DeviceId,
        content: &Content,
    ) -> ByteBuf {
        let Sealer {
            team,
            bundle,
            epoch,
            sealed_by,
            key,
        } = *self;
        let place = Place {
            team,
            bundle,
            epoch,
            entry,
            version,
            sealed_by,
        };
        ByteBuf::from(entry::seal(key, &place, author, content))
    }
}
