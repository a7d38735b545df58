//! Environments side by side: two of them compared, all of a project in one table, and values promoted
//! from one to another. What is compared is compared here, so that a face learns what is the same
//! without learning a value.

mod diff;
mod matrix;
mod promote;
mod side;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Plaintext;
use crate::entries::{Change, Kind};

/// Compares two bundles, or a bundle with a `.env`.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Diff {
    /// The one side.
    pub a: DiffSide,
    /// The other.
    pub b: DiffSide,
    /// Show the values of what is not the same.
    pub reveal: bool,
}

/// What is compared.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DiffSide {
    /// A bundle, `project/environment`.
    Bundle(String),
    /// A `.env`. It holds variables only, so of a bundle only variables, and what else has a name that
    /// stands in the file, are compared with it, by their first fields.
    Dotenv {
        /// The file's bytes.
        data: Plaintext,
        /// What it is called: a file name, or `standard input`.
        source: String,
        /// `node`, `python` or `compose`; the default one when absent.
        dialect: Option<String>,
    },
}

impl Diff {
    /// The bundle that is compared; the first, if both are.
    pub(crate) fn bundle(&self) -> Option<&str> {
        [&self.a, &self.b].into_iter().find_map(|side| match side {
            DiffSide::Bundle(name) => Some(name.as_str()),
            DiffSide::Dotenv { .. } => None,
        })
    }
}

/// Two sides, compared.
#[derive(Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DiffView {
    /// What the one side is called.
    pub a: String,
    /// What the other is called.
    pub b: String,
    /// Every name, in the order of names.
    pub rows: Vec<DiffRow>,
    /// What is worth saying: conflicts, what could not be compared.
    pub warnings: Vec<String>,
}

/// One name on two sides.
#[derive(Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DiffRow {
    /// Name.
    pub name: String,
    /// Kind; that of the first side which has it.
    pub kind: Kind,
    /// How the sides stand to each other.
    pub state: DiffState,
    /// Unix seconds of the current version on the one side; a file has none.
    pub a_updated: Option<u64>,
    /// And on the other.
    pub b_updated: Option<u64>,
    /// Fields with their values, where they were to be shown and are not the same.
    pub a_values: Vec<(String, Plaintext)>,
    /// And on the other side.
    pub b_values: Vec<(String, Plaintext)>,
}

/// How two sides of a name stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DiffState {
    /// Only on the other side.
    MissingA,
    /// Only on the one side.
    MissingB,
    /// Kind and fields are the same.
    Same,
    /// They are not.
    Different,
}

/// All environments of a project in one table: what is where, and what is the same, without a value.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Matrix {
    /// Which team; the only one that has such a project when absent.
    pub team: Option<String>,
    /// The project.
    pub project: String,
}

/// The environments of a project, compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MatrixView {
    /// The team.
    pub team: String,
    /// The project.
    pub project: String,
    /// The columns: bundles that are shared with this member, in the order of their names.
    pub environments: Vec<EnvironmentView>,
    /// Names of environments that are not shared with this member: what they hold is not known.
    pub not_shared: Vec<String>,
    /// The rows: every name, in the order of names.
    pub rows: Vec<MatrixRow>,
    /// What is worth saying.
    pub warnings: Vec<String>,
}

/// One column of a matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EnvironmentView {
    /// `project/environment`, as other requests take it.
    pub bundle: String,
    /// The environment alone.
    pub environment: String,
}

/// One name in all environments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MatrixRow {
    /// Name.
    pub name: String,
    /// One for each column; none where the environment has no entry of the name.
    pub cells: Vec<Option<MatrixCell>>,
}

/// One name in one environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MatrixCell {
    /// Cells of one row with the same number hold the same kind and fields. From 1, in the order of
    /// the columns; a number says nothing beyond its row.
    pub group: u32,
    /// Kind.
    pub kind: Kind,
    /// Unix seconds of the current version.
    pub updated: u64,
    /// Whether several versions stand side by side; the newest is compared.
    pub conflict: bool,
}

/// Copies entries from one environment to another, as new versions there.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Promote {
    /// From which bundle, `project/environment`.
    pub from: String,
    /// To which.
    pub to: String,
    /// Which entries; all must be there, else nothing is written.
    pub names: Vec<String>,
    /// All that there are, instead.
    pub all: bool,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// What was promoted, or would be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Promoted {
    /// From which bundle, by its full name.
    pub from: String,
    /// The bundle that is written, by its full name.
    pub to: String,
    /// Every entry, in the order of names.
    pub entries: Vec<PromotedEntry>,
    /// What is worth saying.
    pub warnings: Vec<String>,
}

/// One entry that was promoted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PromotedEntry {
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: Kind,
    /// What happened to it in the environment that is written.
    pub change: Change,
}
