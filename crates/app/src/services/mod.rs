//! Services: jobs of a CI that read the values of a few bundles from the remote alone (protocol §7).
//!
//! `act` makes and ends them on the ledger, `sheets` publishes for them as a duty of the devices
//! that sign, and `names` says where a sheet lies. What a job does with its token is in
//! `crate::jobs`.

mod act;
mod names;
mod sheets;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Plaintext;

pub(crate) use act::{due_services, name_of};
pub(crate) use names::{by_count, folder, hash_of};
pub(crate) use sheets::{Publishing, Remembered, publish, unpublished};

/// Makes a service. Its first sheet is published by the next sync of a device that signs for it.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct CreateService {
    /// What it is called.
    pub name: String,
    /// Whose values it is given: `[TEAM/]PROJECT/ENV`, all of one team.
    pub bundles: Vec<String>,
    /// Seconds after which a sheet is too old for it; seven days when absent.
    pub max_age: Option<u64>,
    /// Unix seconds after which its token is worth nothing; in 90 days when absent.
    pub expires: Option<u64>,
    /// The devices that sign for it, by name or beginning of id; this one when empty.
    pub signers: Vec<String>,
}

/// A service that was made.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct CreatedService {
    /// What the job needs, and all that it needs. It is shown only now.
    pub token: Plaintext,
    /// What is known of the service.
    pub service: ServiceView,
    /// Where the job looks, if it is not told otherwise.
    pub remote: String,
    /// What is worth saying.
    pub warnings: Vec<String>,
}

/// Lists services.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct ListServices {
    /// Which team; all when absent.
    pub team: Option<String>,
    /// Those that were removed or have expired, too.
    pub all: bool,
}

/// Ends a service: its sheets stop, and what it was given is listed as exposed.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct RemoveService {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Its name, or the beginning of its id.
    pub name: String,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ServiceView {
    /// Its id, hex.
    pub id: String,
    /// The team.
    pub team: String,
    /// Its name.
    pub name: String,
    /// Whose values it is given.
    pub bundles: Vec<String>,
    /// Of these, the ones that no device that signs can read: sheets leave them out.
    pub left_out: Vec<String>,
    /// The devices that sign for it.
    pub signers: Vec<String>,
    /// Of these, the ones that do not stand any more. The token believes them until it expires.
    pub gone: Vec<String>,
    /// Who made it.
    pub creator: String,
    /// Unix seconds, by its maker's clock.
    pub created: u64,
    /// Unix seconds.
    pub expires: u64,
    /// Seconds after which a sheet is too old for it.
    pub max_age: u64,
    /// `active`, `needs_new_token`, `expired` or `removed`.
    pub state: String,
    /// Unix seconds of its newest sheet, as far as this device knows; only for those that sign.
    pub published: Option<u64>,
}
