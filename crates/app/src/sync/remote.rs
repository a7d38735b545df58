//! Where a team's remote is, and how far it was read.

use crypto::SecretVec;
use serde::{Deserialize, Serialize};

use crate::Fault;
use crate::records::{decode, encode};

/// What the vault keeps of a team's remote, sealed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct RemoteSettings {
    /// The canonical text of its location. It holds no credentials.
    pub location: String,
    /// Day of the last complete listing, by this device's own clock, in days since 1970: the
    /// cursor of incremental listings.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cursor: Option<u32>,
    /// Day of the last listing of everything.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub full: Option<u32>,
    /// Unix seconds of the last sync that came to its end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub synced: Option<u64>,
    /// Why the last one did not, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trouble: Option<String>,
}

impl RemoteSettings {
    pub fn encode(&self) -> SecretVec {
        encode(self)
    }

    pub fn decode(payload: &SecretVec) -> Result<Self, Fault> {
        decode(payload)
    }
}
