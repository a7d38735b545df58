//! What the app puts into the vault's sealed payloads: identities, keys with their metadata, audit
//! rows. Keys are written straight into the buffer that is sealed: an encoder would leave copies.

use crypto::{DeviceSecret, SecretBytes, SecretVec};
use serde::{Deserialize, Serialize};
use team::ids::{MemberId, OpId, TeamId};
use team::op::GivenRole;

use crate::audit::Reads;
use crate::{Code, Fault};

pub(crate) fn encode<T: Serialize>(value: &T) -> SecretVec {
    SecretVec::new(
        serde_ipld_dagcbor::to_vec(value).expect("our own types hold nothing that DAG-CBOR lacks"),
    )
}

pub(crate) fn decode<'a, T: Deserialize<'a>>(payload: &'a SecretVec) -> Result<T, Fault> {
    // EXPOSE: decoded into a borrowed form whose secrets go into secret types at once.
    serde_ipld_dagcbor::from_slice(payload.expose()).map_err(|_| unreadable())
}

fn unreadable() -> Fault {
    Fault::new(Code::Integrity, "A record in the vault can't be read.")
        .next("Run `sealfold doctor`.")
}

/// This device's place in one team.
pub(crate) struct Identity {
    pub team: TeamId,
    pub genesis: OpId,
    pub member: MemberId,
    pub device: DeviceSecret,
    pub facts: IdentityFacts,
}

/// What is known of a team beside its keys.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct IdentityFacts {
    /// Its place among the vault's teams: 0 for the one founded with the vault.
    pub order: u32,
    /// Set from asking to join until the first sync as a member.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub asked: Option<Asked>,
    /// Words of a new device that were typed wrong, in a row.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub wrong_words: u32,
    /// Escape files that are kept of its bundles, on this machine.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub escapes: Vec<crate::escape::Setting>,
    /// What the recovery key on paper needs to find its place in this team (protocol §7), where that
    /// was sealed by whom the team had not let in yet, or holds a recovery key of the team's own.
    #[serde(with = "serde_bytes", skip_serializing_if = "Option::is_none", default)]
    pub note: Option<Vec<u8>>,
}

// serde hands it by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A request to join that waits for approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// Unix seconds.
    pub at: u64,
    /// The name that was asked under.
    pub member_name: String,
    /// Key id of the invitation, hex.
    pub invitation: String,
    /// The role that the invitation is for.
    pub role: GivenRole,
    /// What is read to the approver.
    pub words: Vec<String>,
    /// The request, as it goes to the remote.
    #[serde(with = "serde_bytes")]
    pub request: Vec<u8>,
    /// Whether it is there.
    pub published: bool,
    /// Whether a key has come since.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub answered: bool,
}

impl Identity {
    /// Team, genesis, member, device keys: 32 + 32 + 32 + 64 bytes, then the facts, in one buffer
    /// that is wiped.
    pub fn encode(&self) -> SecretVec {
        let device = self.device.to_bytes();
        let facts = encode(&self.facts);
        let mut payload = Vec::with_capacity(160 + facts.len());
        payload.extend_from_slice(self.team.as_bytes());
        payload.extend_from_slice(self.genesis.as_bytes());
        payload.extend_from_slice(self.member.as_bytes());
        // EXPOSE: into a payload that the vault seals.
        payload.extend_from_slice(device.expose());
        // EXPOSE: the facts are no secret; they only share the payload.
        payload.extend_from_slice(facts.expose());
        SecretVec::new(payload)
    }

    pub fn decode(payload: &SecretVec) -> Result<Self, Fault> {
        // EXPOSE: the device keys go into their own type at once.
        let (bytes, facts) = payload
            .expose()
            .split_first_chunk::<160>()
            .ok_or_else(unreadable)?;
        let id =
            |from: usize| <[u8; 32]>::try_from(&bytes[from..from + 32]).expect("32 of 160 bytes");
        let device = SecretBytes::from_slice(&bytes[96..]).ok_or_else(unreadable)?;
        Ok(Self {
            team: TeamId::from_bytes(id(0)),
            genesis: OpId::from_bytes(id(32)),
            member: MemberId::from_bytes(id(64)),
            device: DeviceSecret::from_bytes(&device),
            facts: serde_ipld_dagcbor::from_slice(facts).map_err(|_| unreadable())?,
        })
    }
}

/// A key with what is known about it (protocol §2).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeyFacts {
    /// Unix seconds at which this vault got it.
    pub created: u64,
    /// Of a member seed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub generation: Option<u32>,
}

/// 32 bytes of key, then the facts, in one buffer that is wiped.
pub(crate) fn encode_key(secret: &SecretBytes<32>, facts: &KeyFacts) -> SecretVec {
    let facts = encode(facts);
    let mut payload = Vec::with_capacity(32 + facts.len());
    // EXPOSE: into a payload that the vault seals.
    payload.extend_from_slice(secret.expose());
    // EXPOSE: the facts are no secret; they only share the payload.
    payload.extend_from_slice(facts.expose());
    SecretVec::new(payload)
}

pub(crate) fn decode_key(payload: &SecretVec) -> Result<(SecretBytes<32>, KeyFacts), Fault> {
    // EXPOSE: the key goes into its own type at once.
    let (secret, facts) = payload
        .expose()
        .split_at_checked(32)
        .ok_or_else(unreadable)?;
    let facts = serde_ipld_dagcbor::from_slice(facts).map_err(|_| unreadable())?;
    Ok((
        SecretBytes::from_slice(secret).ok_or_else(unreadable)?,
        facts,
    ))
}

/// One audit row, as it is sealed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct AuditEntry {
    pub at: u64,
    pub host: String,
    pub user: String,
    pub process: String,
    pub device: String,
    pub operation: String,
    /// Where there is more than one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub team: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bundle: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub names: Vec<String>,
    #[serde(default)]
    pub count: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<Code>,
    /// What was released, where others are in the team.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub reads: Vec<Reads>,
}

impl AuditEntry {
    pub fn encode(&self) -> SecretVec {
        encode(self)
    }

    pub fn decode(payload: &SecretVec) -> Result<Self, Fault> {
        decode(payload)
    }
}
