//! What the app puts into the vault's sealed payloads: identities, keys with their metadata, audit
//! rows. Each is DAG-CBOR; secrets are borrowed in and wiped after.

use crypto::{DeviceSecret, SecretBytes, SecretVec};
use serde::{Deserialize, Serialize};
use team::ids::{MemberId, OpId, TeamId};

use crate::{Code, Fault};

fn encode<T: Serialize>(value: &T) -> SecretVec {
    SecretVec::new(serde_ipld_dagcbor::to_vec(value).expect("our own types hold nothing that DAG-CBOR lacks"))
}

fn decode<'a, T: Deserialize<'a>>(payload: &'a SecretVec) -> Result<T, Fault> {
    // EXPOSE: decoded into a borrowed form whose secrets go into secret types at once.
    serde_ipld_dagcbor::from_slice(payload.expose()).map_err(|_| unreadable())
}

fn unreadable() -> Fault {
    Fault::new(Code::Integrity, "A record in the vault can't be read.").next("Run `sealfold doctor`.")
}

/// This device's place in one team.
pub(crate) struct Identity {
    pub team: TeamId,
    pub genesis: OpId,
    pub member: MemberId,
    pub device: DeviceSecret,
}

#[derive(Serialize, Deserialize)]
struct IdentityRecord<'a> {
    team: TeamId,
    genesis: OpId,
    member: MemberId,
    #[serde(borrow)]
    device: &'a serde_bytes::Bytes,
}

impl Identity {
    pub fn encode(&self) -> SecretVec {
        let device = self.device.to_bytes();
        encode(&IdentityRecord {
            team: self.team,
            genesis: self.genesis,
            member: self.member,
            // EXPOSE: into a payload that the vault seals.
            device: serde_bytes::Bytes::new(device.expose()),
        })
    }

    pub fn decode(payload: &SecretVec) -> Result<Self, Fault> {
        let record: IdentityRecord<'_> = decode(payload)?;
        let device = SecretBytes::from_slice(record.device).ok_or_else(unreadable)?;
        Ok(Self {
            team: record.team,
            genesis: record.genesis,
            member: record.member,
            device: DeviceSecret::from_bytes(&device),
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

#[derive(Serialize, Deserialize)]
struct KeyRecord<'a> {
    #[serde(borrow)]
    secret: &'a serde_bytes::Bytes,
    facts: KeyFacts,
}

pub(crate) fn encode_key(secret: &SecretBytes<32>, facts: KeyFacts) -> SecretVec {
    // EXPOSE: into a payload that the vault seals.
    encode(&KeyRecord { secret: serde_bytes::Bytes::new(secret.expose()), facts })
}

pub(crate) fn decode_key(payload: &SecretVec) -> Result<(SecretBytes<32>, KeyFacts), Fault> {
    let record: KeyRecord<'_> = decode(payload)?;
    let secret = SecretBytes::from_slice(record.secret).ok_or_else(unreadable)?;
    Ok((secret, record.facts))
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
}

impl AuditEntry {
    pub fn encode(&self) -> SecretVec {
        encode(self)
    }

    pub fn decode(payload: &SecretVec) -> Result<Self, Fault> {
        decode(payload)
    }
}
