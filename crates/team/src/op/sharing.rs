//! Acts about who is given a bundle.

use crypto::{KeyId, Wrapped};
use serde::{Deserialize, Serialize};

use super::{Content, Reseal};
use crate::ids::{BundleId, MemberId};

/// Gives a bundle to members: to all of them, or it is void.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Which bundle.
    pub bundle: BundleId,
    /// To whom; members ascending.
    pub to: Vec<Granted>,
    /// They have the bundle already and lack these keys: changes no access.
    pub rewrap: bool,
}

/// What one member is given: (member, generation of theirs, keys). The newest bundle key comes
/// first, then older ones if they are given the history as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted(pub MemberId, pub u32, pub Vec<GrantedKey>);

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
