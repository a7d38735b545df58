//! Acts that follow a removal or serve those who look after the team: review of quarantined data,
//! settled exposures, published reads.

use crypto::{KeyId, Wrapped};
use serde::{Deserialize, Serialize};

use crate::ids::{BundleId, EntryId, MemberId, OpId, VersionId};

/// Quarantined data ops of one bundle that somebody has looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Their bundle.
    pub bundle: BundleId,
    /// Which ops; ascending.
    pub ops: Vec<OpId>,
}

/// Says why an exposed version needs no rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettleExposure {
    /// Its bundle.
    pub bundle: BundleId,
    /// Its entry.
    pub entry: EntryId,
    /// The version.
    pub version: VersionId,
    /// Why.
    pub reason: String,
}

/// Reads of one device, sealed under a key of their own that goes to owners and admins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// Id of that key.
    pub key: KeyId,
    /// One an owner or admin.
    pub wraps: Vec<AuditWrap>,
    /// The reads.
    #[serde(with = "serde_bytes")]
    pub sealed: Vec<u8>,
}

/// The key of published reads for one owner or admin: (member, generation, wrap).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditWrap(pub MemberId, pub u32, pub Wrapped);
