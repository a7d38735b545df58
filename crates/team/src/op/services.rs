//! Acts about services: jobs that are given the values of a few bundles (protocol §7).

use crypto::ExchangePublic;
use serde::{Deserialize, Serialize};

use crate::ids::{BundleId, DeviceId, MemberId};

/// Makes a service known: to whom its sheets are sealed, what they hold, and who signs them. Its
/// id is a member id over `public`, but it is no member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddService {
    /// What it is called.
    pub name: String,
    /// What its sheets are sealed to.
    pub public: ExchangePublic,
    /// The bundles whose values it is given; ascending.
    pub bundles: Vec<BundleId>,
    /// What its token says.
    pub terms: Terms,
}

/// What holds for a service as long as its token does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The devices that may sign its sheets; ascending. An id commits to its Ed25519 key.
    pub signers: Vec<DeviceId>,
    /// No sheet below this count is taken.
    pub min_count: u64,
    /// Seconds after which a sheet is too old.
    pub max_age: u64,
    /// Unix seconds after which the token is worth nothing.
    pub expires: u64,
}

/// Ends a service: its sheets stop. Another token is another service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveService {
    /// Which one.
    pub service: MemberId,
}
