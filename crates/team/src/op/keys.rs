//! The key section: how log keys and member seeds reach those who have a right to them.
//!
//! It is signed with the rest and readable without any log key, so that nobody needs a key to get
//! that key. A key taken from here may only open; it proves nothing (protocol §4).

use crypto::{KeyId, Wrapped};
use serde::{Deserialize, Serialize};

/// The wraps and predecessor seals that an op carries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySection {
    /// Keys wrapped to recipients.
    pub wraps: Vec<KeyWrap>,
    /// Older keys sealed under newer ones.
    pub seals: Vec<PredecessorSeal>,
}

/// Which of the two kinds of transported keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransportKind {
    /// A log key, wrapped to a member's seed.
    Log,
    /// A member seed of this generation, wrapped to a device or the recovery key.
    Seed(u32),
}

/// One key wrapped to one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyWrap {
    /// What is wrapped.
    pub kind: TransportKind,
    /// Id of the wrapped key.
    pub key: KeyId,
    /// Id of the recipient's X25519 key.
    pub to: KeyId,
    /// The wrap.
    pub wrapped: Wrapped,
}

/// An older key sealed under the one that follows it. For seeds the generation is the older one's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PredecessorSeal {
    /// Which kind; of a seed, the older one's generation.
    pub kind: TransportKind,
    /// The newer key.
    pub under: KeyId,
    /// The older key.
    pub key: KeyId,
    /// The older key's 32 bytes, sealed.
    #[serde(with = "serde_bytes")]
    pub sealed: Vec<u8>,
}
