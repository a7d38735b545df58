//! The one encoding of an entry version: DAG-CBOR like everything else, but written here.
//!
//! The general encoder sorts the keys of a map through buffers that nobody wipes. A version holds
//! values, so it is written straight into one buffer of the right size, which is wiped.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crypto::SecretVec;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Content, EntryKind, Metadata, Opened, Place};
use crate::cbor;
use crate::ids::DeviceId;

/// [`Content`] as it is decoded, borrowing the secrets from where they lie.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Encoded<'a> {
    /// The author stands inside as well as in the associated data.
    by: DeviceId,
    at: u64,
    #[serde(borrow)]
    name: &'a str,
    kind: EntryKind,
    /// The decoder can't borrow keys of a map; names of fields may be copied.
    #[serde(borrow)]
    fields: BTreeMap<Cow<'a, str>, &'a serde_bytes::Bytes>,
    #[serde(default)]
    note: &'a str,
    #[serde(default, borrow)]
    tags: Vec<&'a str>,
    #[serde(default)]
    meta: Metadata,
}

/// The content of these bytes, if they are the one encoding of it.
pub(super) fn decode(plaintext: &[u8]) -> Option<Opened> {
    let encoded: Encoded<'_> = cbor::decode_loosely(plaintext).ok()?;
    let value = |(name, value): (Cow<'_, str>, &serde_bytes::Bytes)| {
        (name.into_owned(), SecretVec::new(value.to_vec()))
    };
    let content = Content {
        name: encoded.name.to_owned(),
        kind: encoded.kind,
        fields: encoded.fields.into_iter().map(value).collect(),
        note: encoded.note.to_owned(),
        tags: encoded.tags.into_iter().map(str::to_owned).collect(),
        metadata: encoded.meta,
        written: encoded.at,
    };
    (encode(&content, &encoded.by).as_slice() == plaintext).then_some(Opened {
        content,
        author: encoded.by,
    })
}

/// Keys of each map stand in DAG-CBOR's order: the shorter first, then by their bytes.
pub(super) fn encode(content: &Content, author: &DeviceId) -> Zeroizing<Vec<u8>> {
    let Content {
        name,
        kind,
        fields,
        note,
        tags,
        metadata,
        written,
    } = content;
    let mut out = Writer(Zeroizing::new(Vec::with_capacity(upper_bound(content))));
    let optional = [
        *metadata != Metadata::default(),
        !note.is_empty(),
        !tags.is_empty(),
    ];
    out.map(5 + optional.iter().filter(|there| **there).count());
    out.text("at").number(*written);
    out.text("by").bytes(author.as_bytes());
    out.text("kind").text(kind.word());
    if optional[0] {
        out.text("meta").metadata(metadata);
    }
    out.text("name").text(name);
    if optional[1] {
        out.text("note").text(note);
    }
    if optional[2] {
        out.text("tags").list(tags.len());
        for tag in tags {
            out.text(tag);
        }
    }
    out.text("fields").map(fields.len());
    let mut fields: Vec<(&String, &SecretVec)> = fields.iter().collect();
    fields.sort_by(|(a, _), (b, _)| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    for (name, value) in fields {
        // EXPOSE: into the plaintext that is about to be sealed, and is wiped.
        out.text(name).bytes(value.expose());
    }
    out.0
}

/// The associated data of a version's seal: its place as a map.
pub(super) fn encode_place(place: &Place) -> Vec<u8> {
    let Place {
        team,
        bundle,
        epoch,
        entry,
        version,
        sealed_by,
    } = place;
    let mut out = Writer(Zeroizing::new(Vec::with_capacity(256)));
    out.map(6);
    out.text("team").bytes(team.as_bytes());
    out.text("entry").bytes(entry.as_bytes());
    out.text("epoch").bytes(epoch.as_bytes());
    out.text("bundle").bytes(bundle.as_bytes());
    out.text("version").bytes(version.as_bytes());
    out.text("sealed_by").bytes(sealed_by.as_bytes());
    std::mem::take(&mut *out.0)
}

/// Every item has at most 9 bytes of head; so the buffer never moves and leaves nothing behind.
fn upper_bound(content: &Content) -> usize {
    let texts = content.tags.iter().map(String::len).sum::<usize>()
        + content.name.len()
        + content.note.len();
    let values: usize = content
        .fields
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    let metadata = &content.metadata;
    let kept: usize = [&metadata.purpose, &metadata.owner, &metadata.lineage]
        .into_iter()
        .flatten()
        .map(String::len)
        .sum();
    256 + texts + values + kept + 18 * (content.tags.len() + content.fields.len())
}

impl EntryKind {
    const fn word(self) -> &'static str {
        match self {
            EntryKind::Variable => "variable",
            EntryKind::Login => "login",
            EntryKind::Key => "key",
            EntryKind::Certificate => "certificate",
            EntryKind::File => "file",
            EntryKind::Note => "note",
            EntryKind::OneTimePassword => "one_time_password",
        }
    }
}

struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    /// Major type and argument in the shortest form (RFC 8949 §4.2.1).
    fn head(&mut self, major: u8, argument: u64) -> &mut Self {
        let major = major << 5;
        let bytes = argument.to_be_bytes();
        match argument {
            0..=23 => self.0.push(major | bytes[7]),
            24..=0xff => self.0.extend_from_slice(&[major | 24, bytes[7]]),
            0x100..=0xffff => {
                self.0.push(major | 25);
                self.0.extend_from_slice(&bytes[6..]);
            }
            0x1_0000..=0xffff_ffff => {
                self.0.push(major | 26);
                self.0.extend_from_slice(&bytes[4..]);
            }
            _ => {
                self.0.push(major | 27);
                self.0.extend_from_slice(&bytes);
            }
        }
        self
    }

    fn number(&mut self, number: u64) {
        self.head(0, number);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.head(2, bytes.len() as u64).0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.head(3, text.len() as u64)
            .0
            .extend_from_slice(text.as_bytes());
        self
    }

    fn list(&mut self, items: usize) {
        self.head(4, items as u64);
    }

    fn map(&mut self, pairs: usize) {
        self.head(5, pairs as u64);
    }

    fn metadata(&mut self, metadata: &Metadata) {
        let Metadata {
            purpose,
            owner,
            expires,
            rotate_days,
            lineage,
        } = metadata;
        let texts = [purpose, owner, lineage].into_iter().flatten().count();
        self.map(texts + usize::from(expires.is_some()) + usize::from(rotate_days.is_some()));
        if let Some(owner) = owner {
            self.text("owner").text(owner);
        }
        if let Some(expires) = expires {
            self.text("expires").number(*expires);
        }
        if let Some(lineage) = lineage {
            self.text("lineage").text(lineage);
        }
        if let Some(purpose) = purpose {
            self.text("purpose").text(purpose);
        }
        if let Some(days) = rotate_days {
            self.text("rotate_days").number(u64::from(*days));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_place_is_encoded_as_everything_else() {
        use crate::ids::{BundleId, EntryId, TeamId, VersionId};
        let place = Place {
            team: TeamId::from_bytes([1; 32]),
            bundle: BundleId::from_bytes([2; 16]),
            epoch: crypto::KeyId::from_bytes([3; 16]),
            entry: EntryId::from_bytes([4; 16]),
            version: VersionId::from_bytes([5; 16]),
            sealed_by: DeviceId::from_bytes([6; 32]),
        };
        assert_eq!(encode_place(&place), cbor::encode(&place));
    }

    fn full() -> Content {
        let value = |text: &str| SecretVec::new(text.as_bytes().to_vec());
        Content {
            name: "DATABASE_URL".to_owned(),
            kind: EntryKind::OneTimePassword,
            fields: BTreeMap::from([
                ("secret".to_owned(), value(&"x".repeat(70_000))),
                ("b".to_owned(), value("")),
                ("aa".to_owned(), value("1")),
            ]),
            note: "n".repeat(300),
            tags: vec!["z".to_owned(), "a".to_owned()],
            metadata: Metadata {
                purpose: Some("p".to_owned()),
                owner: Some("o".repeat(24)),
                expires: Some(u64::MAX),
                rotate_days: Some(90),
                lineage: Some(String::new()),
            },
            written: 1_700_000_000,
        }
    }

    #[test]
    fn it_is_what_the_general_encoder_would_write() {
        let author = DeviceId::from_bytes([7; 32]);
        for strip in 0..8u8 {
            let mut content = full();
            if strip & 1 != 0 {
                content.note.clear();
            }
            if strip & 2 != 0 {
                content.tags.clear();
            }
            if strip & 4 != 0 {
                content.metadata = Metadata::default();
            }
            let bytes = encode(&content, &author);
            assert!(bytes.len() <= upper_bound(&content));
            let general: ipld_core::ipld::Ipld = serde_ipld_dagcbor::from_slice(&bytes).unwrap();
            assert_eq!(serde_ipld_dagcbor::to_vec(&general).unwrap(), *bytes);
            let opened = decode(&bytes).unwrap();
            assert_eq!(encode(&opened.content, &opened.author), bytes);
        }
    }

    #[test]
    fn what_is_not_the_one_encoding_is_refused() {
        // threat 14: an empty note is left out, never written
        let mut content = full();
        content.note.clear();
        let author = DeviceId::from_bytes([7; 32]);
        let good = encode(&content, &author).to_vec();
        assert!(decode(&good).is_some());
        let mut trailing = good.clone();
        trailing.push(0);
        assert!(decode(&trailing).is_none());
        assert!((0..good.len().min(400)).all(|length| decode(&good[..length]).is_none()));
    }
}
