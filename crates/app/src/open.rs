//! An unlocked vault with its team loaded: what use cases read from and write through.

use std::collections::BTreeMap;

use crypto::{KeyId, MemberSeed};
use team::chains::Archive;
use team::ids::{BundleId, DeviceId, MemberId, OpId, TeamId, VersionId};
use team::keyring::{Keyring, Learned};
use team::ledger::{Arrival, Authored, Bundle, Effects, Ledger, Receipt, Standing as OpStanding};
use team::{AuthorError, VerifiedOp};
use vault::{
    AnchorVerdict, Changes, Durability, EnrolReason, Frontier, Key, KeyKind, Keychain,
    KeychainError, NameHash, Op, OpKind, OpStatus, Reseal, Standing, Vault, VaultError, Version,
    VersionState,
};

use crate::clock::now;
use crate::records::{AuditEntry, Identity, KeyFacts, decode_key, encode_key};
use crate::refusals::must_enrol;
use crate::session::Caller;
use crate::{Code, Fault, Home, system};

/// How often a write is tried again when other processes keep coming first.
const TRIES: u32 = 20;

/// An unlocked vault.
pub(crate) struct Open {
    pub vault: Vault,
    pub team: Team,
    pub anchor: AnchorState,
    /// Whether every row was checked against the root.
    pub fully_checked: bool,
    /// Whether something waits for [`Open::flush`].
    unflushed: bool,
}

/// This device's view of its team.
pub(crate) struct Team {
    pub id: TeamId,
    pub genesis: OpId,
    pub member: MemberId,
    pub device: DeviceId,
    pub ledger: Ledger,
    pub keyring: Keyring,
}

/// How the vault stood to the anchor in the keychain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnchorState {
    /// They agree, or the vault went on from it in its own chain.
    Same,
    /// There was none yet; the next flush writes it.
    New,
    /// No keychain can be used: local rollback goes undetected.
    Absent,
    /// The vault is older than the anchor, or another branch. It stays as it is for evidence.
    RolledBack,
}

impl AnchorState {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            AnchorState::Same => "same",
            AnchorState::New => "new",
            AnchorState::Absent => "absent",
            AnchorState::RolledBack => "rolled_back",
        }
    }
}

/// Why a write did not come about.
pub(crate) enum WriteError {
    /// Another process came first: everything is to be worked out anew.
    Moved,
    Fault(Fault),
}

impl From<VaultError> for WriteError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Moved => WriteError::Moved,
            error => WriteError::Fault(error.into()),
        }
    }
}

impl From<Fault> for WriteError {
    fn from(fault: Fault) -> Self {
        WriteError::Fault(fault)
    }
}

impl From<AuthorError> for WriteError {
    fn from(error: AuthorError) -> Self {
        WriteError::Fault(error.into())
    }
}

/// No op is asked for by id that is not at the head of a chain: a team of one has no strangers.
pub(crate) struct HeadsOnly;

impl Archive for HeadsOnly {
    fn ids_at(&self, _: &DeviceId, _: u64) -> Vec<OpId> {
        Vec::new()
    }
}

impl Team {
    /// Loads the team from the vault's rows.
    async fn load(vault: &mut Vault) -> Result<Self, Fault> {
        let missing = || {
            Fault::new(Code::Integrity, "The vault holds no team.").next("Run `sealfold doctor`.")
        };
        let identities = vault.identities().await?;
        let identity = Identity::decode(&identities.first().ok_or_else(missing)?.payload)?;
        let Identity {
            team,
            genesis,
            member,
            device,
        } = identity;
        let id = DeviceId::of(&device.public());
        let mut keyring = Keyring::new(team, member, device);
        for key in vault.keys(&team).await? {
            let (secret, facts) = decode_key(&key.payload)?;
            match key.kind {
                KeyKind::MemberSeed => {
                    keyring.add_seed(facts.generation.unwrap_or(0), MemberSeed::new(secret))
                }
                KeyKind::LogKey => keyring.add_log_key(secret),
                KeyKind::BundleKey => keyring.add_bundle_key(bundle_id(&key.owner)?, secret),
            };
        }
        let mut ledger = Ledger::new(team, genesis);
        for op in vault.ledger_ops(&team).await? {
            ledger.restore(&op.raw, &keyring)?;
        }
        let heads = vault.frontier(&team).await?;
        ledger.restored(
            heads
                .into_iter()
                .map(|head| (head.device, head.seq, head.op)),
        );
        Ok(Self {
            id: team,
            genesis,
            member,
            device: id,
            ledger,
            keyring,
        })
    }

    /// The stored form of a key that the keyring holds.
    fn stored_key(&self, learned: Learned) -> Option<Key> {
        let facts = KeyFacts {
            created: now(),
            generation: None,
        };
        let (id, kind, owner, payload) = match learned {
            Learned::Seed(id, generation) => {
                let (_, seed) = self.keyring.seed(&id)?;
                let facts = KeyFacts {
                    generation: Some(generation),
                    ..facts
                };
                (
                    id,
                    KeyKind::MemberSeed,
                    self.member.as_bytes().to_vec(),
                    encode_key(seed.secret(), &facts),
                )
            }
            Learned::Log(id) => {
                let key = self.keyring.log_key(&id)?;
                (
                    id,
                    KeyKind::LogKey,
                    self.id.as_bytes().to_vec(),
                    encode_key(key, &facts),
                )
            }
            Learned::Bundle(id, bundle) => {
                let key = self.keyring.bundle_key(&id)?;
                (
                    id,
                    KeyKind::BundleKey,
                    bundle.as_bytes().to_vec(),
                    encode_key(key, &facts),
                )
            }
        };
        Some(Key {
            id,
            team: self.id,
            kind,
            owner,
            payload,
        })
    }

    /// Takes an op that was written here through the ledger, like anybody's, and adds what it
    /// changes to a commit. `names` gives the look-up hash of each version that the op brings.
    pub(crate) fn apply(
        &mut self,
        changes: &mut Changes,
        authored: &Authored,
        names: &BTreeMap<VersionId, NameHash>,
    ) -> Result<OpId, Fault> {
        let arrival = Arrival {
            op: &authored.op,
            pack: authored.pack.as_deref(),
        };
        let mut receipts = self
            .ledger
            .receive(arrival, &mut self.keyring, &HeadsOnly)
            .into_iter();
        match receipts.next() {
            Some(Receipt::Applied(op, effects)) if effects.standing == Some(OpStanding::Valid) => {
                let id = op.id();
                self.store(changes, &op, effects, authored, names);
                Ok(id)
            }
            Some(Receipt::Rejected(rejection)) => Err(rejection.into()),
            _ => Err(Fault::new(
                Code::NotAllowed,
                "The team's rules do not allow this.",
            )),
        }
    }

    fn store(
        &self,
        changes: &mut Changes,
        op: &VerifiedOp,
        effects: Effects,
        authored: &Authored,
        names: &BTreeMap<VersionId, NameHash>,
    ) {
        let kind = if op.action().is_data() {
            OpKind::Data
        } else {
            OpKind::Control
        };
        let status = |standing| match standing {
            OpStanding::Valid => OpStatus::Applied,
            OpStanding::Void => OpStatus::Void,
            OpStanding::Quarantined => OpStatus::Quarantined,
        };
        changes.ops.push(Op {
            id: op.id(),
            team: self.id,
            device: op.device(),
            seq: op.seq(),
            kind,
            status: status(effects.standing.unwrap_or(OpStanding::Void)),
            deps: op.deps().iter().map(|dep| dep.2).collect(),
            raw: authored.op.clone(),
        });
        changes.frontier.retain(|head| head.device != op.device());
        changes.frontier.push(Frontier {
            team: self.id,
            device: op.device(),
            seq: op.seq(),
            op: op.id(),
        });
        changes.op_statuses.extend(
            effects
                .changed
                .iter()
                .map(|(op, standing)| (*op, status(*standing))),
        );
        changes.keys.extend(
            effects
                .learned
                .iter()
                .filter_map(|learned| self.stored_key(*learned)),
        );
        for (version, pos) in effects.versions.into_iter().zip(0..) {
            changes.version_states.extend(
                version
                    .predecessors
                    .iter()
                    .map(|id| (*id, VersionState::Superseded)),
            );
            let (key, sealed) = match version.sealed {
                Some((key, sealed)) => (key, Some(sealed)),
                None => (KeyId::from_bytes([0; 16]), None),
            };
            changes.versions.push(Version {
                id: version.version,
                entry: version.entry,
                bundle: version.bundle,
                op: op.id(),
                pos,
                author: op.device(),
                key,
                lamport: op.lamport(),
                state: VersionState::Head,
                deleted: sealed.is_none(),
                name_hash: names.get(&version.version).copied(),
                sealed,
            });
        }
        changes.reseals.extend(
            effects
                .reseals
                .into_iter()
                .zip(0..)
                .map(|(reseal, pos)| Reseal {
                    version: reseal.version,
                    op: op.id(),
                    pos,
                    author: reseal.sealed_by,
                    key: reseal.sealed.0,
                    sealed: reseal.sealed.1,
                }),
        );
    }

    /// A team whose genesis is still to be applied.
    pub(crate) fn new(ledger: Ledger, keyring: Keyring) -> Self {
        let device = DeviceId::of(&keyring.device().public());
        Self {
            id: ledger.team(),
            genesis: ledger.genesis(),
            member: keyring.member(),
            device,
            ledger,
            keyring,
        }
    }

    /// Puts all keys into the hands of another device of the member.
    pub(crate) fn hand_to(&mut self, device: crypto::DeviceSecret) {
        self.device = DeviceId::of(&device.public());
        let empty = Keyring::new(self.id, self.member, crypto::DeviceSecret::make());
        self.keyring = std::mem::replace(&mut self.keyring, empty).handed_to(device);
    }

    /// A bundle by id; every id here came out of the ledger.
    pub(crate) fn bundle(&self, id: &BundleId) -> Option<&Bundle> {
        self.ledger.state().bundles().get(id)
    }
}

fn bundle_id(owner: &[u8]) -> Result<BundleId, Fault> {
    BundleId::from_slice(owner)
        .ok_or_else(|| Fault::new(Code::Integrity, "A key in the vault has no owner."))
}

impl Open {
    /// Loads the team of an unlocked vault.
    pub(crate) async fn load(mut vault: Vault, fully_checked: bool) -> Result<Self, Fault> {
        let team = Team::load(&mut vault).await?;
        Ok(Self {
            vault,
            team,
            anchor: AnchorState::Absent,
            fully_checked,
            unflushed: false,
        })
    }

    /// Takes in what other processes wrote since the last request.
    pub(crate) async fn catch_up(&mut self) -> Result<(), Fault> {
        if self.vault.refresh().await? {
            self.reload().await?;
        }
        Ok(())
    }

    async fn reload(&mut self) -> Result<(), Fault> {
        self.team = Team::load(&mut self.vault).await?;
        Ok(())
    }

    /// Compares the vault with its anchor, and says what a person should know.
    pub(crate) async fn check_anchor(
        &mut self,
        keychain: Option<&Keychain>,
    ) -> Result<Vec<String>, Fault> {
        let unprotected = |why: &str| {
            format!("{why}: an older copy of the vault file put in its place would go undetected")
        };
        let Some(keychain) = keychain else {
            self.anchor = AnchorState::Absent;
            return Ok(Vec::new());
        };
        let anchor = match keychain.anchor(&self.vault.id()).await {
            Ok(Some(anchor)) => anchor,
            Ok(None) => {
                self.anchor = AnchorState::New;
                self.unflushed = true;
                return Ok(Vec::new());
            }
            Err(KeychainError::Absent(_) | KeychainError::Unsupported) => {
                self.anchor = AnchorState::Absent;
                return Ok(Vec::new());
            }
            Err(error) => {
                self.anchor = AnchorState::Absent;
                return Ok(vec![unprotected(&error.to_string())]);
            }
        };
        match self.vault.compare_anchor(&anchor).await? {
            AnchorVerdict::Same => self.anchor = AnchorState::Same,
            AnchorVerdict::Healed { .. } => {
                self.anchor = AnchorState::Same;
                self.unflushed = true;
            }
            AnchorVerdict::RolledBack {
                anchor_counter,
                found_counter,
            } => {
                self.mark_rolled_back().await?;
                let lost = anchor_counter - found_counter;
                return Ok(vec![format!(
                    "ROLLBACK: this vault file is older than the one last used here, by {lost} commits. It reads, but will not write until `sealfold recovery use` enrols this device anew"
                )]);
            }
            AnchorVerdict::Forked => {
                self.mark_rolled_back().await?;
                return Ok(vec![
                    "ROLLBACK: this vault file is a copy that went its own way from the one last used here. It reads, but will not write until `sealfold recovery use` enrols this device anew".to_owned(),
                ]);
            }
        }
        Ok(Vec::new())
    }

    async fn mark_rolled_back(&mut self) -> Result<(), Fault> {
        self.anchor = AnchorState::RolledBack;
        if self.vault.standing() == Standing::Enrolled {
            let standing = Some(Standing::MustEnrol {
                why: EnrolReason::RolledBack,
            });
            self.vault
                .commit(
                    Changes {
                        standing,
                        ..Changes::default()
                    },
                    Durability::Durable,
                )
                .await?;
        }
        Ok(())
    }

    /// Writes failed attempts to unlock into the audit.
    pub(crate) async fn take_in_failed_unlocks(
        &mut self,
        home: &Home,
        caller: &Caller,
    ) -> Result<(), Fault> {
        let times = system::failed_unlocks(home);
        if times.is_empty() {
            return Ok(());
        }
        let entry = |at| {
            let entry = AuditEntry {
                operation: "unlock".to_owned(),
                failure: Some(Code::WrongKey),
                ..AuditEntry::default()
            };
            AuditEntry {
                at,
                ..self.stamp(caller, entry)
            }
            .encode()
        };
        let audit = times.into_iter().map(entry).collect();
        self.vault
            .commit(
                Changes {
                    audit,
                    ..Changes::default()
                },
                Durability::Durable,
            )
            .await?;
        self.unflushed = true;
        system::forget_failed_unlocks(home);
        Ok(())
    }

    /// Fills in who, when and where.
    pub(crate) fn stamp(&self, caller: &Caller, entry: AuditEntry) -> AuditEntry {
        AuditEntry {
            at: now(),
            host: system::host_name(),
            user: system::user_name(),
            process: format!("{} {}", caller.pid, caller.program),
            device: self.team.device.to_string(),
            ..entry
        }
    }

    /// Commits an audit row for a read, before the value is released. It survives the end of the
    /// process at once, and a power cut after the next flush.
    pub(crate) async fn record(&mut self, caller: &Caller, entry: AuditEntry) -> Result<(), Fault> {
        for _ in 0..TRIES {
            let audit = vec![self.stamp(caller, entry.clone()).encode()];
            match self
                .vault
                .commit(
                    Changes {
                        audit,
                        ..Changes::default()
                    },
                    Durability::Lazy,
                )
                .await
            {
                Err(VaultError::Moved) => self.catch_up().await?,
                Err(error) => return Err(error.into()),
                Ok(_) => {
                    self.unflushed = true;
                    return Ok(());
                }
            }
        }
        Err(VaultError::Busy.into())
    }

    /// Does a write: `work` fills a commit, which is stored whole or not at all. When another
    /// process came first it is worked out anew on the new state.
    pub(crate) async fn write<T>(
        &mut self,
        mut work: impl AsyncFnMut(&mut Open, &mut Changes) -> Result<T, WriteError>,
    ) -> Result<T, Fault> {
        if self.vault.standing() != Standing::Enrolled {
            return Err(must_enrol());
        }
        self.write_unenrolled(&mut work).await
    }

    /// As [`Open::write`], also for a vault that is about to be enrolled or changes only its own
    /// slots.
    pub(crate) async fn write_unenrolled<T>(
        &mut self,
        mut work: impl AsyncFnMut(&mut Open, &mut Changes) -> Result<T, WriteError>,
    ) -> Result<T, Fault> {
        if !self.fully_checked {
            self.vault.verify_rows().await?;
            self.fully_checked = true;
        }
        for _ in 0..TRIES {
            let mut changes = Changes::default();
            let outcome = match work(self, &mut changes).await {
                Ok(value) => self
                    .vault
                    .commit(changes, Durability::Durable)
                    .await
                    .map(|_| value)
                    .map_err(WriteError::from),
                Err(error) => Err(error),
            };
            match outcome {
                Ok(value) => {
                    self.unflushed = true;
                    return Ok(value);
                }
                // The ledger may have gone on with ops that were not stored.
                Err(WriteError::Moved) => {
                    self.vault.refresh().await?;
                    self.reload().await?;
                }
                Err(WriteError::Fault(fault)) => {
                    self.reload().await?;
                    return Err(fault);
                }
            }
        }
        Err(VaultError::Busy.into())
    }

    /// Makes safe what was committed lazily, and moves the anchor on: database first, then anchor.
    pub(crate) async fn flush(&mut self, keychain: Option<&Keychain>) -> Result<(), Fault> {
        if !self.unflushed {
            return Ok(());
        }
        self.vault.sync().await?;
        if let (Some(keychain), AnchorState::Same | AnchorState::New) = (keychain, self.anchor) {
            let anchor = self.vault.anchor().await?;
            match keychain.set_anchor(&anchor).await {
                Ok(()) => self.anchor = AnchorState::Same,
                Err(error) => tracing::warn!(%error, "the anchor could not be stored"),
            }
        }
        self.unflushed = false;
        Ok(())
    }

    /// The device was enrolled anew: the vault's present state is what the anchor shall hold.
    pub(crate) fn trust_present_state(&mut self, keychain: Option<&Keychain>) {
        self.anchor = if keychain.is_some() {
            AnchorState::New
        } else {
            AnchorState::Absent
        };
        self.unflushed = true;
    }
}
