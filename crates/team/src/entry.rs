//! An entry version: the content of one secret at one time, sealed in one piece.
//!
//! All of it is one AEAD call whose associated data names team, bundle, epoch, entry, version and
//! author, so that nothing in it can be swapped with anything elsewhere (threats 2, 3, 34).

mod encoding;

use std::collections::BTreeMap;

use crypto::{KeyId, Purpose, SecretBytes, SecretVec};
use serde::{Deserialize, Serialize};

use crate::error::EntryError;
use crate::ids::{BundleId, DeviceId, EntryId, TeamId, VersionId};

/// What a secret is, and so which fields it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// An environment variable: `value`.
    Variable,
    /// `username`, `password`, `url`.
    Login,
    /// `private`, `public`, `passphrase`.
    Key,
    /// `certificate`, `private`, `chain`.
    Certificate,
    /// `content`, `filename`.
    File,
    /// `text`.
    Note,
    /// `secret`.
    OneTimePassword,
}

impl EntryKind {
    /// Fields that an entry of this kind has; the first is the one meant when none is named.
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            EntryKind::Variable => &["value"],
            EntryKind::Login => &["password", "username", "url"],
            EntryKind::Key => &["private", "public", "passphrase"],
            EntryKind::Certificate => &["certificate", "private", "chain"],
            EntryKind::File => &["content", "filename"],
            EntryKind::Note => &["text"],
            EntryKind::OneTimePassword => &["secret"],
        }
    }
}

/// What is known about a secret beside its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub purpose: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub owner: Option<String>,
    /// Unix seconds after which it should not be used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires: Option<u64>,
    /// Days between rotations.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rotate_days: Option<u32>,
    /// Where it came from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lineage: Option<String>,
}

/// The content of one version.
#[derive(Debug, PartialEq)]
pub struct Content {
    /// What the entry is called in its bundle.
    pub name: String,
    /// Its kind.
    pub kind: EntryKind,
    /// Field names and values.
    pub fields: BTreeMap<String, SecretVec>,
    /// A remark; as secret as a value.
    pub note: String,
    /// Tags.
    pub tags: Vec<String>,
    /// The rest.
    pub metadata: Metadata,
    /// Unix seconds by its author's clock.
    pub written: u64,
}

/// Where a version stands: what its seal is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Serialize))]
pub struct Place {
    /// The team.
    pub team: TeamId,
    /// The bundle.
    pub bundle: BundleId,
    /// The bundle key it is sealed under.
    pub epoch: KeyId,
    /// The entry.
    pub entry: EntryId,
    /// The version.
    pub version: VersionId,
    /// The device that sealed it.
    pub sealed_by: DeviceId,
}

/// A version that was opened.
#[derive(Debug)]
pub struct Opened {
    /// What it holds.
    pub content: Content,
    /// The device that wrote it; the one that sealed it last may be another (a reseal).
    pub author: DeviceId,
}

/// Seals a version written by `author` under a bundle key.
pub fn seal(key: &SecretBytes<32>, place: &Place, author: DeviceId, content: &Content) -> Vec<u8> {
    let plaintext = encoding::encode(content, &author);
    crypto::seal(
        key,
        Purpose::EntryVersion,
        &encoding::encode_place(place),
        &plaintext,
    )
}

/// Opens a version. One error for every cause.
pub fn open(key: &SecretBytes<32>, place: &Place, sealed: &[u8]) -> Result<Opened, EntryError> {
    let plaintext = crypto::open(
        key,
        Purpose::EntryVersion,
        &encoding::encode_place(place),
        sealed,
    )
    .map_err(|_| EntryError)?;
    // EXPOSE: decoded here; every value goes straight into a secret of its own.
    decode(plaintext.expose())
}

/// The plaintext of a version, for what else carries one.
pub(crate) fn encode(content: &Content, author: DeviceId) -> zeroize::Zeroizing<Vec<u8>> {
    encoding::encode(content, &author)
}

/// Decodes the plaintext of a version. Public for the fuzz target only.
#[doc(hidden)]
pub fn decode(plaintext: &[u8]) -> Result<Opened, EntryError> {
    encoding::decode(plaintext).ok_or(EntryError)
}
