//! Bundles: the units of sharing, one per project and environment.

mod act;
mod find;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub(crate) use act::{check_free, create, view};
pub(crate) use find::{
    BundleAt, count_entries, find_any, find_usable, full_name, team_for_new, usable,
};

/// Lists the bundles.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct List {
    /// Archived ones too.
    pub archived: bool,
}

/// One bundle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct BundleView {
    /// Bundle id, hex.
    pub id: String,
    /// The team it belongs to.
    pub team: String,
    /// `project/environment`, with the team before it where that alone would not find it.
    pub name: String,
    /// Whether it is shared with this member; who only knows of a bundle can't read it.
    pub shared: bool,
    /// Names of those who can read it, this member among them.
    pub members: Vec<String>,
    /// Number of entries.
    pub entries: u64,
    /// Whether it is archived.
    pub archived: bool,
    /// Unix seconds, by its author's clock.
    pub created: u64,
    /// Id of the key that new versions are sealed under, hex.
    pub epoch: String,
    /// The escape file that is kept of it here, if one is.
    pub escape: Option<crate::escape::EscapeView>,
}

/// Makes a bundle.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct New {
    /// `project/environment`.
    pub name: String,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// Archives a bundle: it is hidden and can't be written; nothing is deleted.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Archive {
    /// `project/environment`.
    pub name: String,
    /// Bring it back instead.
    pub undo: bool,
    /// Only say what would happen.
    pub dry_run: bool,
}
