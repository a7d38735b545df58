//! A team as this device sees it: the ledger and the keyring, loaded from the vault's rows and
//! taken forward op by op.

use std::collections::BTreeMap;

use crypto::MemberSeed;
use team::Rejection;
use team::chains::Archive;
use team::ids::{BundleId, DeviceId, MemberId, OpId, TeamId, VersionId};
use team::keyring::{Keyring, Learned};
use team::ledger::{Arrival, Authored, Bundle, Ledger, Receipt, Standing};
use team::rules::Role;
use vault::{Changes, Identity as IdentityRow, Key, KeyKind, NameHash, Vault};

use crate::clock::now;
use crate::records::{AuditEntry, Identity, IdentityFacts, KeyFacts, decode_key, encode_key};
use crate::session::Caller;
use crate::sync::RemoteSettings;
use crate::{Code, Fault, system};

/// What a personal vault is called where a team has to be named.
pub(crate) const PERSONAL: &str = "personal";

/// This device's view of one team.
pub(crate) struct Team {
    pub id: TeamId,
    pub genesis: OpId,
    pub member: MemberId,
    pub device: DeviceId,
    pub ledger: Ledger,
    pub keyring: Keyring,
    /// What is known beside the keys: since when, and whether joining was asked for.
    pub facts: IdentityFacts,
    /// Where its ops are exchanged, if anywhere.
    pub remote: Option<RemoteSettings>,
}

/// No op is asked for by id that is not at the head of a chain: what is written here follows heads.
pub(crate) struct HeadsOnly;

impl Archive for HeadsOnly {
    fn ids_at(&self, _: &DeviceId, _: u64) -> Vec<OpId> {
        Vec::new()
    }
}

impl Team {
    /// Loads a team from the vault's rows. A rejection says that the stored ops do not add up:
    /// then nothing of the team may be shown or signed.
    pub(crate) async fn load(
        vault: &mut Vault,
        identity: Identity,
    ) -> Result<Result<Self, Rejection>, Fault> {
        let Identity {
            team,
            genesis,
            member,
            device,
            facts,
        } = identity;
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
            if let Err(rejection) = ledger.restore(&op.raw, &keyring) {
                return Ok(Err(rejection));
            }
        }
        let heads = vault.frontier(&team).await?;
        ledger.restored(
            heads
                .into_iter()
                .map(|head| (head.device, head.seq, head.op)),
        );
        let remote = vault.remote(&team).await?;
        let remote = remote.map(|row| RemoteSettings::decode(&row.payload));
        Ok(Ok(Self {
            facts,
            remote: remote.transpose()?,
            ..Self::new(ledger, keyring)
        }))
    }

    /// A team of which no op is applied yet.
    pub(crate) fn new(ledger: Ledger, keyring: Keyring) -> Self {
        Self {
            id: ledger.team(),
            genesis: ledger.genesis(),
            member: keyring.member(),
            device: DeviceId::of(&keyring.device().public()),
            ledger,
            keyring,
            facts: IdentityFacts::default(),
            remote: None,
        }
    }

    /// What people call it.
    pub(crate) fn name(&self) -> String {
        match self.ledger.state().team_name() {
            "" if self.facts.asked.is_some() => self.id.to_string()[..8].to_owned(),
            "" => PERSONAL.to_owned(),
            name => name.to_owned(),
        }
    }

    /// This device's member's role.
    pub(crate) fn role(&self) -> Role {
        self.ledger.role(&self.member)
    }

    pub(crate) fn is_member(&self) -> bool {
        self.role() > Role::None
    }

    /// Whether this device may act in the team.
    pub(crate) fn is_let_in(&self) -> bool {
        self.is_member() && self.ledger.device_stands(&self.device)
    }

    /// Whether this member was removed, or this device revoked: not whether they wait to be let in.
    pub(crate) fn is_out(&self) -> bool {
        self.facts.asked.is_none() && !self.is_let_in()
    }

    /// Members now.
    pub(crate) fn members(&self) -> impl Iterator<Item = MemberId> + '_ {
        let all = self.ledger.state().members().keys().copied();
        all.filter(|member| self.ledger.role(member) > Role::None)
    }

    /// Whether it is still a vault of one person: nobody else came in, it has no name, and nothing
    /// is exchanged.
    pub(crate) fn is_personal(&self) -> bool {
        let state = self.ledger.state();
        state.team_name().is_empty() && state.members().len() == 1 && self.remote.is_none()
    }

    /// A member's name; a part of the id where there is none.
    pub(crate) fn member_name(&self, member: &MemberId) -> String {
        match self.ledger.state().members().get(member) {
            Some(known) if !known.name.is_empty() => known.name.clone(),
            _ => member.to_string()[..8].to_owned(),
        }
    }

    /// A device's name; a part of the id where there is none.
    pub(crate) fn device_name(&self, device: &DeviceId) -> String {
        match self.ledger.state().devices().get(device) {
            Some(known) if !known.name.is_empty() => known.name.clone(),
            _ => device.to_string()[..8].to_owned(),
        }
    }

    /// Fills in who, when and where.
    pub(crate) fn stamp(&self, caller: &Caller, entry: AuditEntry) -> AuditEntry {
        AuditEntry {
            at: now(),
            host: system::host_name(),
            user: system::user_name(),
            process: format!("{} {}", caller.pid, caller.program),
            device: self.device.to_string(),
            ..entry
        }
    }

    /// The stored form of this device's place in the team.
    pub(crate) fn identity(&self) -> IdentityRow {
        let device = self.keyring.device().to_bytes();
        let identity = Identity {
            team: self.id,
            genesis: self.genesis,
            member: self.member,
            device: crypto::DeviceSecret::from_bytes(&device),
            facts: self.facts.clone(),
        };
        IdentityRow {
            team: self.id,
            payload: identity.encode(),
        }
    }

    /// The stored form of a key that the keyring holds.
    pub(crate) fn stored_key(&self, learned: Learned) -> Option<Key> {
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
    /// changes to a commit; where there is a remote, it is to be pushed. `names` gives the look-up
    /// hash of each version that the op brings.
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
                self.store(changes, &op, effects, arrival, |version| {
                    names.get(&version.version).copied()
                });
                if self.remote.is_some() {
                    changes.outbox.push((self.id, id));
                }
                Ok(id)
            }
            Some(Receipt::Rejected { rejection, .. }) => Err(rejection.into()),
            _ => Err(not_allowed()),
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

    /// Whether this device's member was given a bundle and still has it.
    pub(crate) fn has(&self, bundle: &Bundle) -> bool {
        self.ledger.has_access(&self.member, bundle)
    }
}

pub(crate) fn not_allowed() -> Fault {
    Fault::new(Code::NotAllowed, "The team's rules do not allow this.")
        .next("`sealfold members` shows who has which role.")
}

fn bundle_id(owner: &[u8]) -> Result<BundleId, Fault> {
    BundleId::from_slice(owner)
        .ok_or_else(|| Fault::new(Code::Integrity, "A key in the vault has no owner."))
}
