//! What one side of a comparison holds, opened.

use std::collections::BTreeMap;

use crypto::SecretVec;
use team::entry::EntryKind;
use team::ids::VersionId;

use super::DiffSide;
use crate::bundles::BundleAt;
use crate::entries::{Listed, live_entries};
use crate::open::Open;
use crate::{Fault, Plaintext, bundles, counted, transfer};

/// The entries of one side by their names.
pub(super) struct Opened {
    /// What it is called.
    pub name: String,
    /// Which bundle it is; a file is none.
    pub bundle: Option<BundleAt>,
    pub entries: BTreeMap<String, Held>,
    pub warnings: Vec<String>,
}

/// One entry of a side.
pub(super) struct Held {
    pub kind: EntryKind,
    pub fields: BTreeMap<String, SecretVec>,
    /// Unix seconds.
    pub updated: Option<u64>,
    pub version: Option<VersionId>,
    /// Whether other values stand beside it.
    pub conflict: bool,
}

impl Held {
    /// The value that a file could hold.
    fn first_field(&self) -> Option<&SecretVec> {
        self.fields.get(self.kind.fields()[0])
    }

    /// Whether kind and fields are the same; a file's are compared by the first field alone. Values
    /// are compared in constant time.
    pub fn is_same(&self, other: &Self) -> bool {
        if self.version.is_none() || other.version.is_none() {
            return self.first_field() == other.first_field();
        }
        self.kind == other.kind && self.fields == other.fields
    }

    /// Its fields on their way out.
    pub fn into_values(self) -> Vec<(String, Plaintext)> {
        let fields = self.fields.into_iter();
        fields
            .map(|(name, value)| (name, Plaintext::from(value)))
            .collect()
    }
}

impl Opened {
    /// Opens a side.
    pub async fn of(open: &mut Open, side: &DiffSide) -> Result<Self, Fault> {
        match side {
            DiffSide::Bundle(name) => {
                let at = bundles::find_usable(&open.teams, Some(name))?;
                Self::of_bundle(open, &at).await
            }
            DiffSide::Dotenv {
                data,
                source,
                dialect,
            } => Self::of_file(data, source, dialect.as_deref()),
        }
    }

    /// Opens a bundle: of each name what readers choose.
    pub async fn of_bundle(open: &mut Open, at: &BundleAt) -> Result<Self, Fault> {
        let name = bundles::full_name(&open.teams, at);
        let Listed { live, unreadable } = live_entries(open, at).await?;
        let mut warnings = Vec::new();
        if !unreadable.is_empty() {
            let count = counted(unreadable.len() as u64, "entry", "entries");
            warnings.push(format!(
                "{name}: {count} can't be opened and so not compared; `sealfold ls -b {name}` shows which"
            ));
        }
        let mut entries = BTreeMap::new();
        for one in live {
            let content = one.opened.content;
            if one.conflict {
                warnings.push(format!(
                    "{} in {name} has several values side by side; the newest is compared",
                    content.name
                ));
            }
            let held = Held {
                kind: content.kind,
                fields: content.fields,
                updated: Some(content.written),
                version: Some(one.version),
                conflict: one.conflict,
            };
            entries.insert(content.name, held);
        }
        Ok(Self {
            name,
            bundle: Some(*at),
            entries,
            warnings,
        })
    }

    fn of_file(data: &Plaintext, source: &str, dialect: Option<&str>) -> Result<Self, Fault> {
        let dialect = transfer::dialect(dialect)?;
        let (incoming, remarks) = transfer::read_dotenv(data, dialect, false)?;
        let lost = remarks.iter().filter(|remark| remark.lost);
        let warnings = lost.map(|remark| {
            let (line, sentence) = (remark.line, &remark.sentence);
            format!("line {line} of {source}: {sentence}")
        });
        let kind = EntryKind::Variable;
        let held = |value| Held {
            kind,
            fields: BTreeMap::from([(kind.fields()[0].to_owned(), value)]),
            updated: None,
            version: None,
            conflict: false,
        };
        let entries = incoming.into_iter().map(|one| (one.name, held(one.value)));
        Ok(Self {
            name: source.to_owned(),
            bundle: None,
            warnings: warnings.collect(),
            entries: entries.collect(),
        })
    }

    /// Leaves out what the other side, a file, could not hold.
    pub fn keep_what_fits(&mut self, file: &Self) {
        self.entries.retain(|name, held| {
            held.kind == EntryKind::Variable || file.entries.contains_key(name)
        });
    }
}
