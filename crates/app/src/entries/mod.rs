//! Entries: listed, revealed, set, moved, removed, restored. One entry's value leaves here in
//! `reveal` only; `transfer` gives out whole bundles.

mod code;
mod find;
mod generate;
mod history;
mod list;
mod relocate;
mod remove;
mod restore;
mod reveal;
mod search;
mod set;
#[cfg(test)]
mod tests;
mod write;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Plaintext;

pub(crate) use code::check as check_one_time;
pub use code::{OneTimeCode, RevealCode};
pub(crate) use find::{
    Found, chosen_first, live, live_by_name, make_openable, make_readable, no_entry, open_named,
    open_version, unreadable,
};
pub use generate::{Generate, Generated, Recipe};
pub(crate) use history::versions_in_order;
pub(crate) use list::{Listed, Live, glob, live_entries};
pub(crate) use reveal::{Taken, expiry_warning, take_field};
pub(crate) use write::{Written, audit, copy, delete, ids_of, put};

/// Kinds of entries, as every face spells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An environment variable: field `value`.
    Variable,
    /// A login: fields `username`, `password`, `url`.
    Login,
    /// A key: fields `private`, `public`, `passphrase`.
    Key,
    /// A certificate: fields `certificate`, `private`, `chain`.
    Certificate,
    /// A file: fields `content`, `filename`.
    File,
    /// A note: field `text`.
    Note,
    /// A one-time password: field `secret` (base32 or an `otpauth://` address).
    OneTimePassword,
}

impl Kind {
    /// How it is spelt.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Variable => "variable",
            Kind::Login => "login",
            Kind::Key => "key",
            Kind::Certificate => "certificate",
            Kind::File => "file",
            Kind::Note => "note",
            Kind::OneTimePassword => "one-time-password",
        }
    }
}

/// Lists entries, without their values. Nothing in the answer is a secret value.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct List {
    /// `project/environment`; all bundles when absent.
    pub bundle: Option<String>,
    /// Only names that match this glob.
    pub pattern: Option<String>,
    /// Only this kind.
    pub kind: Option<Kind>,
    /// Only with this tag.
    pub tag: Option<String>,
}

/// One entry as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EntryView {
    /// Entry id, hex.
    pub id: String,
    /// `project/environment`.
    pub bundle: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: Kind,
    /// Names of its fields; values never.
    pub fields: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Everything else that is no value.
    pub metadata: Metadata,
    /// Whether there is a remark, which `note` reveals.
    pub has_note: bool,
    /// Unix seconds of the current version, by its author's clock.
    pub updated: u64,
    /// Versions so far.
    pub versions: u64,
    /// Whether several versions, or several entries of this name, stand side by side.
    pub conflict: bool,
    /// The device that sealed its content, where that does not open: its name is its id then, and
    /// nothing else is known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
}

/// What is known about a secret beside its value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Metadata {
    /// What it is for.
    pub purpose: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Unix seconds after which it should not be used.
    pub expires: Option<u64>,
    /// Days between rotations.
    pub rotate_every_days: Option<u32>,
    /// Where it came from: imported, moved, restored.
    pub lineage: Option<String>,
    /// A remark. As secret as a value: lists leave it out, and `note` reveals it like a field.
    pub note: Option<String>,
}

/// Finds entries by words of what is known about them: names, bundles, tags, kinds, purposes and owners;
/// never values or notes. The best come first.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Find {
    /// Words, of which every one has to be found.
    pub query: String,
    /// At most so many; 50 when absent.
    pub limit: Option<u64>,
}

/// Reveals one field of one entry. The audit row is committed before the value is released.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Reveal {
    /// Which entry.
    pub entry: EntryRef,
    /// Which field; the kind's own first one when absent. A one-time password has one more, `code`: the
    /// present code, which is worked out of its secret.
    pub field: Option<String>,
    /// Which version, counted from 1 (oldest) as `history` does; the current one when absent.
    pub version: Option<u64>,
    /// For the audit: `get`, `read`, `copy`.
    pub operation: String,
}

/// How an entry is named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EntryRef {
    /// By bundle and name; without a bundle, the only one there is.
    Named {
        /// `project/environment`.
        bundle: Option<String>,
        /// Name.
        name: String,
    },
    /// By reference: `sealfold://[TEAM/]project/environment/NAME[#field]`.
    Reference(String),
}

/// A value, with what a face needs to show or write it.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Revealed {
    /// Entry id, hex.
    pub id: String,
    /// `project/environment`.
    pub bundle: String,
    /// Name.
    pub name: String,
    /// The field that was revealed.
    pub field: String,
    /// Version number, from 1.
    pub version: u64,
    /// The value.
    pub value: Plaintext,
    /// Of the code of a one-time password: Unix seconds at which the next one follows.
    #[serde(default)]
    pub until: Option<u64>,
    /// What is worth saying: a conflict, an expiry passed.
    pub warnings: Vec<String>,
}

/// A value to be written.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NewValue {
    /// These bytes.
    Given(Plaintext),
    /// Made here from the system's randomness: this many characters of letters and digits, with
    /// punctuation if asked.
    Generate {
        /// 8 to 1024.
        length: u32,
        /// Punctuation that no shell or dotenv reader treats specially is used too.
        symbols: bool,
    },
}

/// Sets an entry: makes it, or adds a version. What is absent stays as it was.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Set {
    /// `project/environment`; the only one when absent.
    pub bundle: Option<String>,
    /// Name.
    pub name: String,
    /// Kind; `variable` for a new entry, and unchanged for one that exists, when absent.
    pub kind: Option<Kind>,
    /// Fields to write. An empty field name means the kind's own first field.
    pub fields: Vec<(String, NewValue)>,
    /// Fields to drop.
    pub without_fields: Vec<String>,
    /// Tags in place of the present ones.
    pub tags: Option<Vec<String>>,
    /// Metadata to write; an absent part stays, an empty text clears it.
    pub metadata: Metadata,
    /// The number of the version that is current, if the entry is to be written only while that is so:
    /// else the code is `conflict`.
    #[serde(default)]
    pub expected_version: Option<u64>,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// An entry was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Saved {
    /// Entry id, hex.
    pub id: String,
    /// `project/environment`.
    pub bundle: String,
    /// Name.
    pub name: String,
    /// Number of the version now current.
    pub version: u64,
    /// What happened.
    pub change: Change,
    /// What is worth saying.
    pub warnings: Vec<String>,
}

/// What a write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A new entry.
    Created,
    /// A new version.
    Changed,
    /// Nothing: it was so already.
    Same,
}

/// Renames an entry, or moves it to another bundle (where it gets a new id, and its lineage
/// says whence).
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Move {
    /// Which entry.
    pub entry: EntryRef,
    /// The new name; unchanged when absent.
    pub to_name: Option<String>,
    /// The new bundle; unchanged when absent.
    pub to_bundle: Option<String>,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// Removes entries. Their versions are kept, and `restore` brings them back.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Remove {
    /// `project/environment`; the only one when absent.
    pub bundle: Option<String>,
    /// Names; all must exist, else nothing is removed.
    pub names: Vec<String>,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// Lists the versions of an entry, removed ones too.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct History {
    /// Which entry.
    pub entry: EntryRef,
}

/// An entry with all its versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct HistoryView {
    /// Entry id, hex.
    pub id: String,
    /// `project/environment`.
    pub bundle: String,
    /// Its name now, or its last one.
    pub name: String,
    /// Oldest first.
    pub versions: Vec<VersionView>,
}

/// One version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct VersionView {
    /// From 1, oldest first.
    pub number: u64,
    /// Version id, hex.
    pub id: String,
    /// Unix seconds, by the author's clock.
    pub at: u64,
    /// Name of the author's device.
    pub device: String,
    /// The name the entry had.
    pub name: Option<String>,
    /// Whether this version removes the entry.
    pub removal: bool,
    /// Whether it waits for a review: its author was removed and had not seen it.
    pub quarantined: bool,
    /// Whether it is from before the bundle was shared with this member, and can't be read.
    pub locked: bool,
    /// Whether its content does not open, though its key is here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unreadable: bool,
    /// Whether it is current (more than one is, in a conflict).
    pub current: bool,
    /// Fields whose value differs from the version before.
    pub changed_fields: Vec<String>,
    /// Where it came from.
    pub lineage: Option<String>,
}

/// Makes an earlier version current again, as a new version.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Restore {
    /// Which entry; a removed one too.
    pub entry: EntryRef,
    /// Which version; the newest that is no removal when absent.
    pub version: Option<u64>,
    /// Only say what would happen.
    pub dry_run: bool,
}
