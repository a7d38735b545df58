//! The team as this device sees it: the ledger and the keyring, loaded from the vault's rows and
//! taken forward op by op.

use std::collections::BTreeMap;

use crypto::{KeyId, MemberSeed};
use team::VerifiedOp;
use team::chains::Archive;
use team::ids::{BundleId, DeviceId, MemberId, OpId, TeamId, VersionId};
use team::keyring::{Keyring, Learned};
use team::ledger::{Arrival, Authored, Bundle, Effects, Ledger, Receipt, Standing};
use team::op::Action;
use vault::{
    Changes, Frontier, Key, KeyKind, NameHash, Op, OpKind, OpStatus, Reseal, Vault, Version,
    VersionPlace, VersionState,
};

use crate::clock::now;
use crate::records::{Identity, KeyFacts, decode_key, encode_key};
use crate::{Code, Fault};

/// This device's view of its team.
pub(crate) struct Team {
    pub id: TeamId,
    pub genesis: OpId,
    pub member: MemberId,
    pub device: DeviceId,
    pub ledger: Ledger,
    pub keyring: Keyring,
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
    pub(crate) async fn load(vault: &mut Vault) -> Result<Self, Fault> {
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
            Some(Receipt::Applied(op, effects)) if effects.standing == Some(Standing::Valid) => {
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
            Standing::Valid => OpStatus::Applied,
            Standing::Void => OpStatus::Void,
            Standing::Quarantined => OpStatus::Quarantined,
        };
        changes.ops.push(Op {
            id: op.id(),
            team: self.id,
            device: op.device(),
            seq: op.seq(),
            kind,
            status: status(effects.standing.unwrap_or(Standing::Void)),
            deps: op.deps().iter().map(|dep| dep.2).collect(),
            raw: authored.op.clone(),
        });
        changes.frontier.retain(|head| head.device != op.device());
        changes.frontier.push(Frontier {
            team: self.id,
            device: op.device(),
            seq: op.seq(),
            op: op.id(),
            forked: self.ledger.chains().forked(&op.device()),
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
            let place = |id: &VersionId| VersionPlace {
                team: self.id,
                bundle: version.bundle,
                entry: version.entry,
                version: *id,
            };
            changes
                .superseded
                .extend(version.predecessors.iter().map(place));
            let (key, sealed) = match version.sealed {
                Some((key, sealed)) => (key, Some(sealed)),
                None => (KeyId::from_bytes([0; 16]), None),
            };
            changes.versions.push(Version {
                id: version.version,
                team: self.id,
                entry: version.entry,
                bundle: version.bundle,
                op: op.id(),
                pos,
                lamport: op.lamport(),
                state: VersionState::Head,
                deleted: sealed.is_none(),
                name_hash: names.get(&version.version).copied(),
                resealed: None,
                sealed_by: op.device(),
                key,
                sealed,
            });
        }
        let bundle = match op.action() {
            Action::StartEpoch(start) => Some(start.bundle),
            Action::Reseal(reseal) => Some(reseal.bundle),
            _ => None,
        };
        changes.reseals.extend(
            effects
                .reseals
                .into_iter()
                .zip(0..)
                .filter_map(|(reseal, pos)| {
                    let place = VersionPlace {
                        team: self.id,
                        bundle: bundle?,
                        entry: reseal.entry,
                        version: reseal.version,
                    };
                    Some((place, reseal, pos))
                })
                .map(|(place, reseal, pos)| Reseal {
                    place,
                    op: op.id(),
                    pos,
                    lamport: op.lamport(),
                    sealed_by: reseal.sealed_by,
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
