//! Secrets coming in from files and going out to files and programs; and a whole bundle as the text of a
//! `.env`, edited and taken in again.

mod dotenv;
mod export;
mod import;
mod raw;
mod select;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub(crate) use dotenv::{dialect, read as read_dotenv};
pub(crate) use export::{check_variables, format, write_out};
pub(crate) use select::{Chosen, Offered, choose};

use crate::{Plaintext, entries::Change};

/// Reads a `.env` into a bundle, made if it isn't there.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Import {
    /// `project/environment`; the only one when absent.
    pub bundle: Option<String>,
    /// The file's bytes. An age file is opened with the member's own identities.
    pub data: Plaintext,
    /// Take in what an age file holds although nothing in it shows who wrote it.
    pub unverified: bool,
    /// What it was called, for the lineage: a file name, or `standard input`.
    pub source: String,
    /// `node`, `python` or `compose`; the default one when absent.
    pub dialect: Option<String>,
    /// Put `${OTHER}` in place as the dialect's reader does; literal otherwise.
    pub interpolate: bool,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ImportReport {
    /// `project/environment`.
    pub bundle: String,
    /// Whether the bundle was made.
    pub bundle_created: bool,
    /// The dialect it was read in.
    pub dialect: String,
    /// Whether it came out of an age file, which shows nobody's word.
    pub unverified: bool,
    /// Every name, in the file's order.
    pub entries: Vec<ImportedEntry>,
    /// Lines that could not be kept, and lines worth a word. Any loss makes the exit code 14.
    pub remarks: Vec<ImportRemark>,
}

/// One name of an import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ImportedEntry {
    /// Name.
    pub name: String,
    /// What happened to it.
    pub change: Change,
}

/// Something about one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ImportRemark {
    /// Line, from 1.
    pub line: u64,
    /// The name on it, when it has one.
    pub name: Option<String>,
    /// Whether something of the line was not kept.
    pub lost: bool,
    /// One sentence, without the value.
    pub sentence: String,
}

/// Which entries of a bundle.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Selection {
    /// `project/environment`; the only one when absent.
    pub bundle: Option<String>,
    /// Only names that match one of these globs; all when empty.
    pub only: Vec<String>,
    /// But none that match one of these.
    pub except: Vec<String>,
    /// `NAME=ENTRY`: give this entry's value under that name, dangerous names
    /// included, our own excepted.
    pub map: Vec<String>,
    /// Refuse where a conflict or an expired value would only be a warning, or sync found something
    /// wrong.
    pub strict: bool,
}

/// Writes a bundle out in a format.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Export {
    /// Which entries.
    pub selection: Selection,
    /// `dotenv`, `shell` or `json`.
    pub format: String,
    /// Encrypted to these: `age1…`, `ssh-ed25519 …`, `ssh-rsa …`, or names of members. In plain
    /// when empty.
    pub to: Vec<String>,
    /// Encrypted, as text instead of bytes.
    pub armored: bool,
}

/// The written form.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Exported {
    /// The bytes: an age file where recipients were named.
    pub data: Plaintext,
    /// Those who can open it, by name or key; empty for plaintext.
    pub to: Vec<String>,
    /// Names that are in it.
    pub names: Vec<String>,
    /// What is worth saying.
    pub warnings: Vec<String>,
}

/// The variables for a program about to be started.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Environment {
    /// Which entries.
    pub selection: Selection,
    /// The program's name, for the audit; its arguments are not kept.
    pub program: String,
}

/// Variables, in the order of their names.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Variables {
    /// Name and value. No value holds a NUL byte.
    pub variables: Vec<(String, Plaintext)>,
    /// What is worth saying.
    pub warnings: Vec<String>,
}

/// Writes a bundle out as the text of a `.env`, to be edited and given back to [`SaveRawEnv`]: its
/// variables in the order of their names. A vault keeps neither an order nor comments.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct RawEnv {
    /// `project/environment`; the only one when absent.
    pub bundle: Option<String>,
}

/// A bundle as the text of a `.env`.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct RawEnvText {
    /// `project/environment`.
    pub bundle: String,
    /// The text, for Node's reader and, where that can be, for all others.
    pub text: Plaintext,
    /// What state of the bundle it was made from; [`SaveRawEnv`] wants it back.
    pub made_from: String,
    /// Names that are in it.
    pub names: Vec<String>,
    /// What is not in it, and stays as it is.
    pub left_out: Vec<LeftOut>,
    /// What is worth saying.
    pub warnings: Vec<String>,
}

/// An entry that a `.env` can't hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LeftOut {
    /// Name; the id of an entry that can't be opened.
    pub name: String,
    /// Why it is left out, a part of a sentence.
    pub why: String,
}

/// Makes a bundle hold what the text of a `.env` says: a name that is new comes in, one that is gone is
/// removed, in one act or not at all. What [`RawEnvText::left_out`] names stays.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct SaveRawEnv {
    /// `project/environment`; the only one when absent.
    pub bundle: Option<String>,
    /// The text, read as Node's reader does; references stay as they are written.
    pub text: Plaintext,
    /// What it was made from, as [`RawEnvText::made_from`] says. If the bundle was changed since, nothing
    /// is done: code `conflict`.
    pub made_from: String,
    /// Only say what would happen. Lines that can't be kept are told then, and refused otherwise.
    pub dry_run: bool,
}

/// What an edited text changed, or would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RawEnvSaved {
    /// `project/environment`.
    pub bundle: String,
    /// Every name: in the order of the text, then those that are gone from it.
    pub entries: Vec<RawEnvEntry>,
    /// Lines that can't be kept, and lines worth a word.
    pub remarks: Vec<ImportRemark>,
}

/// One name of an edited text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RawEnvEntry {
    /// Name.
    pub name: String,
    /// What happened to it.
    pub change: RawEnvChange,
}

/// What an edited text does to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RawEnvChange {
    /// A new entry.
    Created,
    /// A new version.
    Changed,
    /// It is gone from the text, and so from the bundle; its versions are kept.
    Removed,
    /// Nothing.
    Same,
}
