//! Acts about who is given a bundle.

use crypto::{KeyId, Wrapped};
use serde::{Deserialize, Serialize};

use super::{Content, Reseal};
use crate::ids::{BundleId, MemberId};

/// Gives a bundle to a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Which bundle.
    pub bundle: BundleId,
    /// To whom.
    pub member: MemberId,
    /// To which generation of theirs.
    pub generation: u32,
    /// The newest bundle key, then older ones if they are given the history as well.
    pub keys: Vec<GrantedKey>,
    /// The member has the bundle already and lacks these keys: changes no access.
    pub rewrap: bool,
}

/// A bundle key wrapped to the member: (key id, wrap).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedKey(pub KeyId, pub Wrapped);

/// Takes a bundle from a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ungrant {
    /// Which bundle.
    pub bundle: BundleId,
    /// From whom.
    pub member: MemberId,
}

/// Live versions sealed anew under an epoch that stands: what a `start_epoch` had no room for, and
/// what a granter does with versions that stand under another epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResealVersions {
    /// Of which bundle.
    pub bundle: BundleId,
    /// Under which key.
    pub epoch: KeyId,
    /// Which versions.
    pub reseals: Vec<Reseal>,
    /// Their sealed bytes, in the same order.
    pub content: Content,
}
