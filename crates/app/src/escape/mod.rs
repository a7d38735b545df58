//! The escape file of a bundle: its current values as a `.env` file that stock `age -d` opens, for
//! the day on which Sealfold can't be had. Off until somebody turns it on, on one machine.
//!
//! The setting stands sealed in the vault (`setting.rs`), and `act.rs` turns it on and off. After
//! each request that may have brought news, `follow.rs` writes the file anew if the bundle's values
//! or its readers changed: a member who lost access loses the next file too.

mod act;
mod follow;
mod setting;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub(crate) use act::{all, of_bundle};
pub(crate) use follow::follow;
pub(crate) use setting::Setting;

/// Keeps an escape file of a bundle from now on, in the place of the one it had.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct TurnOn {
    /// `project/environment`; the only one when absent.
    pub bundle: Option<String>,
    /// Who opens it: `age1…`, `ssh-ed25519 …`, `ssh-rsa …`, or names of members, who follow their
    /// membership.
    pub to: Vec<String>,
    /// Where it lies: an absolute path.
    pub path: String,
    /// Whether a file that is there may be replaced.
    pub replace: bool,
}

/// Keeps no escape file of a bundle any more.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct TurnOff {
    /// `project/environment`; the only one when absent.
    pub bundle: Option<String>,
    /// Leave the file where it is, as it is.
    pub keep: bool,
}

/// Lists all escape files that are kept here.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct ListEscapes {}

/// The escape file of a bundle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EscapeView {
    /// The bundle.
    pub bundle: String,
    /// Where it lies.
    pub path: String,
    /// Who opens it as it is now, by name or key.
    pub to: Vec<String>,
    /// Members who were named and can't be encrypted to now: out of the bundle, or with a key that
    /// is about to change.
    pub without: Vec<String>,
    /// Unix seconds at which it was written last.
    pub written: Option<u64>,
    /// Entries that are not in it: no variables, or what no `.env` file can hold.
    pub left_out: u64,
    /// Why it is not up to date, if it isn't: a sentence.
    pub trouble: Option<String>,
}
