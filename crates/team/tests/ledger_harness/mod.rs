//! Several devices of one member, each with a ledger, a keyring and an archive in memory. What
//! passes between them are bytes, and the test decides which, in what order and how often.
//!
//! The file that includes this one has `team` in scope: the crate, by either of its names.
#![allow(dead_code)]

pub mod people;
mod rounds;

use std::collections::BTreeMap;

use crypto::{DeviceSecret, RecoveryKey, SecretVec};

use super::team::chains::Archive;
use super::team::entry::{self, Content, EntryKind, Metadata, Opened, Place};
use super::team::ids::{BundleId, DeviceId, EntryId, MemberId, OpId, VersionId};
use super::team::keyring::Keyring;
use super::team::ledger::{
    AppliedVersion, Arrival, Authored, Draft, Due, Effects, Founding, Ledger, Receipt, Standing,
    found_team,
};
use super::team::op::NewVersion;
use super::team::{AuthorError, EntryError, SignedOp, VerifiedOp};

/// Every test's time: the ledger must not care.
pub const TIME: u64 = 1_800_000_000;

/// An op on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    pub op: Vec<u8>,
    pub pack: Option<Vec<u8>>,
}

impl Packet {
    pub fn new(op: Vec<u8>) -> Self {
        Self { op, pack: None }
    }

    pub fn id(&self) -> OpId {
        SignedOp::verify(&self.op).unwrap().id()
    }

    pub fn arrival(&self) -> Arrival<'_> {
        Arrival {
            op: &self.op,
            pack: self.pack.as_deref(),
        }
    }
}

impl From<Authored> for Packet {
    fn from(Authored { op, pack, .. }: Authored) -> Self {
        Self { op, pack }
    }
}

/// Which ops were applied, as the vault's `op` table would say.
#[derive(Debug, Default, Clone)]
pub struct Applied(BTreeMap<(DeviceId, u64), Vec<OpId>>);

impl Archive for Applied {
    fn ids_at(&self, device: &DeviceId, seq: u64) -> Vec<OpId> {
        self.0.get(&(*device, seq)).cloned().unwrap_or_default()
    }
}

/// A version as a vault would keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub bundle: BundleId,
    pub entry: EntryId,
    pub predecessors: Vec<VersionId>,
    /// The op that brought it, and how that stands.
    pub by: (OpId, Standing),
    /// None for a removal.
    pub sealed: Option<Sealed>,
}

/// Under which key, by which device, and the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub epoch: crypto::KeyId,
    pub by: DeviceId,
    pub bytes: Vec<u8>,
}

/// One device: what it knows and what it keeps.
pub struct Replica {
    pub ledger: Ledger,
    pub keys: Keyring,
    pub archive: Applied,
    /// All that came, applied or not.
    pub seen: BTreeMap<OpId, Packet>,
    /// Applied ops in the order in which they were applied.
    pub log: Vec<VerifiedOp>,
    pub versions: BTreeMap<VersionId, Kept>,
    /// Further seals, under keys that are here and others.
    pub reseals: BTreeMap<VersionId, Vec<Sealed>>,
    pub data: BTreeMap<OpId, Standing>,
    /// What did not open, and whose op said that it would.
    pub unopened: Vec<(DeviceId, crypto::KeyId)>,
}

impl Replica {
    pub fn new(ledger: Ledger, keys: Keyring) -> Self {
        Self {
            ledger,
            keys,
            archive: Applied::default(),
            seen: BTreeMap::new(),
            log: Vec::new(),
            versions: BTreeMap::new(),
            reseals: BTreeMap::new(),
            data: BTreeMap::new(),
            unopened: Vec::new(),
        }
    }

    /// A device of the same member that trusts the same genesis and has nothing but its own keys.
    pub fn joining(other: &Replica, device: DeviceSecret) -> Self {
        let (team, genesis) = (other.ledger.team(), other.ledger.genesis());
        Self::new(
            Ledger::new(team, genesis),
            Keyring::new(team, other.member(), device),
        )
    }

    /// The same device once more, with all that it has.
    pub fn twin(&self) -> Self {
        let mut twin = Self::joining(self, copy(self.keys.device()));
        twin.sync(self);
        twin
    }

    pub fn id(&self) -> DeviceId {
        id(self.keys.device())
    }

    pub fn member(&self) -> MemberId {
        self.keys.member()
    }

    /// Takes an op in, and keeps what a vault would keep of it and of those it had held up.
    pub fn receive(&mut self, packet: &Packet) -> Vec<Receipt> {
        if let Ok(signed) = SignedOp::verify(&packet.op) {
            self.seen.insert(signed.id(), packet.clone());
        }
        let receipts = self
            .ledger
            .receive(packet.arrival(), &mut self.keys, &self.archive);
        if self.keep_all(&receipts) {
            self.judge_data_again();
        }
        receipts
    }

    /// Keeps what a vault would keep of what was applied. True when data has to be judged again.
    fn keep_all(&mut self, receipts: &[Receipt]) -> bool {
        let mut again = false;
        for receipt in receipts {
            let Receipt::Applied(op, effects) = receipt else {
                continue;
            };
            self.archive
                .0
                .entry((op.device(), op.seq()))
                .or_default()
                .push(op.id());
            self.log.push(VerifiedOp::clone(op));
            self.unopened
                .extend(effects.unopened.iter().map(|key| (op.device(), *key)));
            if op.action().is_data() {
                self.keep(op.id(), op.device(), effects);
            }
            self.keep_reseals_of(effects);
            again |= effects.rejudge_data;
        }
        again
    }

    fn keep_reseals_of(&mut self, effects: &Effects) {
        for reseal in &effects.reseals {
            let (epoch, bytes) = reseal.sealed.clone();
            let by = reseal.sealed_by;
            let sealed = Sealed { epoch, by, bytes };
            let all = self.reseals.entry(reseal.version).or_default();
            all.push(sealed.clone());
            // Whoever lost the bundle keeps what they can open.
            let here = self.keys.bundle_key(&epoch).is_some();
            if let Some(kept) = self.versions.get_mut(&reseal.version).filter(|_| here) {
                all.extend(kept.sealed.replace(sealed));
            }
        }
    }

    fn keep(&mut self, op: OpId, device: DeviceId, effects: &Effects) {
        let standing = effects.standing.expect("data ops have one");
        self.data.insert(op, standing);
        self.versions.retain(|_, kept| kept.by.0 != op);
        for version in &effects.versions {
            let AppliedVersion {
                bundle,
                entry,
                version,
                predecessors,
                sealed,
            } = version;
            let sealed = sealed.clone().map(|(epoch, bytes)| Sealed {
                epoch,
                by: device,
                bytes,
            });
            let kept = Kept {
                bundle: *bundle,
                entry: *entry,
                predecessors: predecessors.clone(),
                by: (op, standing),
                sealed,
            };
            self.versions.insert(*version, kept);
        }
    }

    /// As a vault does when effects say so: only what stands otherwise than before is touched.
    fn judge_data_again(&mut self) {
        let all: Vec<OpId> = self.data.keys().copied().collect();
        self.judge_again(&all);
    }

    fn judge_again(&mut self, ops: &[OpId]) {
        for op in ops.iter().copied() {
            let (packet, before) = (&self.seen[&op], self.data[&op]);
            let effects = self
                .ledger
                .judge_again(packet.arrival(), &self.keys, &self.archive)
                .expect("it was applied");
            if effects.standing != Some(before) {
                let device = SignedOp::verify(&packet.op).unwrap().device();
                self.keep(op, device, &effects);
            }
        }
    }

    pub fn deliver<'a>(&mut self, packets: impl IntoIterator<Item = &'a Packet>) {
        for packet in packets {
            self.receive(packet);
        }
    }

    /// Everything that another device has ever had.
    pub fn sync(&mut self, other: &Replica) {
        self.deliver(other.seen.values());
    }

    /// Writes an op and takes it in like anybody's.
    pub fn write(
        &mut self,
        act: impl FnOnce(&Ledger, &Keyring) -> Result<Authored, AuthorError>,
    ) -> Packet {
        self.try_write(act).expect("it may be written")
    }

    pub fn try_write(
        &mut self,
        act: impl FnOnce(&Ledger, &Keyring) -> Result<Authored, AuthorError>,
    ) -> Result<Packet, AuthorError> {
        let packet = Packet::from(act(&self.ledger, &self.keys)?);
        let receipts = self.receive(&packet);
        assert!(
            matches!(receipts[0], Receipt::Applied(..)),
            "what is written here applies here: {receipts:?}"
        );
        Ok(packet)
    }

    /// How an op stands, whatever its kind. None if it was not applied.
    pub fn standing(&self, op: OpId) -> Option<Standing> {
        let control = self
            .ledger
            .control_ops()
            .find(|(control, _)| control.id() == op);
        control
            .map(|(_, standing)| standing)
            .or_else(|| self.data.get(&op).copied())
    }

    pub fn make_bundle(&mut self) -> BundleId {
        let bundle = BundleId::make();
        self.write(|ledger, keys| ledger.create_bundle(keys, bundle, ("api", "prod"), TIME));
        bundle
    }

    /// A new version of an entry, over all versions of it that are at its head here.
    pub fn put(&mut self, bundle: BundleId, entry: EntryId, value: &str) -> (Packet, VersionId) {
        self.try_put(bundle, entry, value)
            .expect("it may be written")
    }

    pub fn try_put(
        &mut self,
        bundle: BundleId,
        entry: EntryId,
        value: &str,
    ) -> Result<(Packet, VersionId), AuthorError> {
        let (version, content, predecessors) =
            (VersionId::make(), content(value), self.heads(entry));
        let draft = Draft {
            entry,
            version,
            predecessors,
            content: &content,
        };
        let packet = self.try_write(|ledger, keys| ledger.put(keys, bundle, &[draft], TIME))?;
        Ok((packet, version))
    }

    pub fn delete(&mut self, bundle: BundleId, entry: EntryId) -> Result<Packet, AuthorError> {
        let removal = NewVersion(entry, VersionId::make(), self.heads(entry));
        self.try_write(|ledger, keys| ledger.delete(keys, bundle, vec![removal], TIME))
    }

    /// The versions of an entry that none other replaces: more than one are siblings.
    pub fn heads(&self, entry: EntryId) -> Vec<VersionId> {
        let own = || {
            self.versions
                .iter()
                .filter(|(_, kept)| kept.entry == entry && kept.by.1 == Standing::Valid)
        };
        let replaced = |id: &VersionId| own().any(|(_, kept)| kept.predecessors.contains(id));
        own()
            .map(|(id, _)| *id)
            .filter(|id| !replaced(id))
            .collect()
    }

    /// Opens a version by whichever of its seals there is a key for.
    pub fn open(&self, version: VersionId) -> Result<Opened, EntryError> {
        let kept = &self.versions[&version];
        let resealed = self.reseals.get(&version).into_iter().flatten().rev();
        let mut openable = kept
            .sealed
            .iter()
            .chain(resealed)
            .filter_map(|sealed| Some((self.keys.bundle_key(&sealed.epoch)?, sealed)));
        let (key, sealed) = openable.next().ok_or(EntryError)?;
        entry::open(key, &self.place_of(kept, version, sealed), &sealed.bytes)
    }

    pub fn place(&self, version: VersionId) -> Place {
        let kept = &self.versions[&version];
        let sealed = kept.sealed.as_ref().expect("it has content");
        self.place_of(kept, version, sealed)
    }

    fn place_of(&self, kept: &Kept, version: VersionId, sealed: &Sealed) -> Place {
        Place {
            team: self.ledger.team(),
            bundle: kept.bundle,
            epoch: sealed.epoch,
            entry: kept.entry,
            version,
            sealed_by: sealed.by,
        }
    }

    pub fn value(&self, version: VersionId) -> String {
        let opened = self.open(version).expect("it opens here");
        String::from_utf8(opened.content.fields["value"].expose().to_vec()).unwrap()
    }

    pub fn due(&self) -> Vec<Due> {
        self.ledger.due(&self.member())
    }

    /// All rotations that are due, in their order.
    pub fn rotate_all(&mut self) -> Vec<Packet> {
        let mut written = Vec::new();
        while let Some(due) = self.ledger.next_due(&self.keys) {
            written.push(match due {
                Due::MemberKey => {
                    self.write(|ledger, keys| ledger.rotate_member_key(keys, keys.device(), TIME))
                }
                Due::LogKey => self.write(|ledger, keys| ledger.rotate_log_key(keys, TIME)),
                Due::Epoch(bundle) => self.start_epoch(bundle),
            });
            assert!(written.len() < 100, "each rotation settles its own due");
        }
        written
    }

    pub fn start_epoch(&mut self, bundle: BundleId) -> Packet {
        self.try_start_epoch(bundle).expect("it may be written")
    }

    pub fn try_start_epoch(&mut self, bundle: BundleId) -> Result<Packet, AuthorError> {
        let live = self.live(bundle);
        self.try_write(|ledger, keys| ledger.start_epoch(keys, bundle, &live, TIME))
    }

    /// What an epoch seals anew.
    pub fn live(&self, bundle: BundleId) -> Vec<(EntryId, VersionId, Opened)> {
        let of_bundle = self
            .versions
            .iter()
            .filter(|(_, kept)| kept.bundle == bundle);
        let opened =
            of_bundle.filter_map(|(id, kept)| Some((kept.entry, *id, self.open(*id).ok()?)));
        opened
            .filter(|(entry, id, _)| self.heads(*entry).contains(id))
            .collect()
    }

    /// The same device after its program was started anew: a ledger restored from what a vault
    /// gives, and the same keys.
    pub fn restarted(&self) -> Ledger {
        let mut ledger = Ledger::new(self.ledger.team(), self.ledger.genesis());
        for op in &self.log {
            let needed = !op.action().is_data()
                || !op.deps().is_empty()
                || self.ledger.chains().forked(&op.device());
            if needed {
                ledger.restore(&self.seen[&op.id()].op, &self.keys).unwrap();
            }
        }
        ledger.restored(
            self.ledger
                .chains()
                .heads()
                .map(|(_, device, seq, op)| (device, seq, op)),
        );
        ledger
    }
}

/// A team of one, just founded: its recovery key and its first device.
pub fn found() -> (RecoveryKey, Replica) {
    let recovery = RecoveryKey::make();
    let Founding {
        ledger,
        keyring,
        genesis,
    } = found_team(&recovery, "", "Ada", "laptop", TIME).unwrap();
    let mut laptop = Replica::new(ledger, keyring);
    let receipts = laptop.receive(&Packet::from(genesis));
    assert!(
        matches!(receipts[..], [Receipt::Applied(..)]),
        "{receipts:?}"
    );
    (recovery, laptop)
}

/// Adds a device and brings it up to date from the ops alone.
pub fn add_device(to: &mut Replica, name: &str) -> Replica {
    let device = DeviceSecret::make();
    to.write(|ledger, keys| ledger.add_device(keys, keys.device(), &device, name, TIME));
    let mut new = Replica::joining(to, device);
    new.sync(to);
    new
}

pub fn id(device: &DeviceSecret) -> DeviceId {
    DeviceId::of(&device.public())
}

pub fn copy(device: &DeviceSecret) -> DeviceSecret {
    DeviceSecret::from_bytes(&device.to_bytes())
}

pub fn content(value: &str) -> Content {
    Content {
        name: "DATABASE_URL".to_owned(),
        kind: EntryKind::Variable,
        fields: BTreeMap::from([(
            "value".to_owned(),
            SecretVec::new(value.as_bytes().to_vec()),
        )]),
        note: String::new(),
        tags: Vec::new(),
        metadata: Metadata::default(),
        written: TIME,
    }
}
