//! The audit: who did what and when, chained so that a cut or an edit shows.

mod act;
mod reads;
mod trace;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub(crate) use reads::{ReadTimes, Reads, are_awaited, to_publish};
pub(crate) use trace::trace;

/// Names that one audit row keeps; the count tells how many there were.
pub(crate) const MOST_NAMES: usize = 100;

/// Lists audit rows, newest first.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct List {
    /// Unix seconds; only rows from then on.
    pub since: Option<u64>,
    /// Unix seconds; only rows before.
    pub until: Option<u64>,
    /// Only this operation: `get`, `run`, `export`, `set`, …
    pub operation: Option<String>,
    /// Only rows about this bundle, `project/environment`.
    pub bundle: Option<String>,
    /// Only rows about this name.
    pub name: Option<String>,
    /// Only what failed.
    pub failed: bool,
    /// At most this many; 100 when absent.
    pub limit: Option<u64>,
}

/// One audit row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AuditView {
    /// Place in the chain, from 1.
    pub index: u64,
    /// Unix seconds.
    pub at: u64,
    /// Host name.
    pub host: String,
    /// User name on that host.
    pub user: String,
    /// The process that asked: its id and program.
    pub process: String,
    /// Device id, hex.
    pub device: String,
    /// What was done.
    pub operation: String,
    /// On which bundle, when on one.
    pub bundle: Option<String>,
    /// On which names; the first hundred.
    pub names: Vec<String>,
    /// How many.
    pub count: u64,
    /// The program that was started, the format, the file: what helps to trace it.
    pub detail: Option<String>,
    /// The fault's code when it failed.
    pub failure: Option<crate::Code>,
}

/// Checks the whole chain.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Verify {}

/// What the check of the chain found. A broken chain is a fault with code `integrity`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Verdict {
    /// Rows checked.
    pub rows: u64,
    /// The head, hex.
    pub head: String,
    /// Whether the keychain's anchor holds the same head: `same`, `absent`, `unreadable`.
    pub anchor: String,
}

/// Records what a face did that the door did not see.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Record {
    /// `run`, `copy`, …
    pub operation: String,
    /// `project/environment`, when about one.
    pub bundle: Option<String>,
    /// More words for the one who traces it; never a value.
    pub detail: Option<String>,
    /// The code of what failed.
    pub failure: Option<crate::Code>,
}
