//! What every change of entries ends in: an op that puts or removes versions, an audit row, and
//! what is told of it.

use crypto::SecretVec;
use std::collections::BTreeMap;
use team::entry::Content;
use team::ids::{EntryId, VersionId};
use team::ledger::Draft;
use team::op::NewVersion;
use vault::{Changes, Version};

use super::find::Found;
use super::{Change, Saved};
use crate::bundles::BundleAt;
use crate::clock::now;
use crate::open::{Open, WriteError};
use crate::records::AuditEntry;
use crate::session::Caller;
use crate::{Code, Fault, bundles};

/// Adds the op that puts versions to a commit, as several ops where one can't hold them.
pub(crate) fn put(
    open: &mut Open,
    changes: &mut Changes,
    bundle: BundleAt,
    versions: &[(EntryId, Vec<VersionId>, &Content)],
) -> Result<(), WriteError> {
    let mut rest = versions;
    while !rest.is_empty() {
        let (now_put, later) = rest.split_at(fitting(rest)?);
        rest = later;
        let drafts: Vec<Draft<'_>> = now_put
            .iter()
            .map(|(entry, predecessors, content)| Draft {
                entry: *entry,
                version: VersionId::make(),
                predecessors: predecessors.clone(),
                content,
            })
            .collect();
        let hash = |draft: &Draft<'_>| {
            (
                draft.version,
                open.vault.name_hash(&bundle.id, &draft.content.name),
            )
        };
        let names = drafts.iter().map(hash).collect();
        let team = &mut open.teams[&bundle.team];
        let authored = team.ledger.put(&team.keyring, bundle.id, &drafts, now())?;
        team.apply(changes, &authored, &names)?;
    }
    Ok(())
}

/// How many versions from the front fit one op and its pack.
fn fitting(versions: &[(EntryId, Vec<VersionId>, &Content)]) -> Result<usize, Fault> {
    // Names, tags and encoding come on top of the fields; a quarter is ample, and padding adds at
    // most an eighth.
    let most = team::caps::PACK_BYTES / 2;
    let mut bytes = 0;
    for (count, (_, _, content)) in versions.iter().enumerate() {
        let size =
            content.fields.values().map(SecretVec::len).sum::<usize>() + content.note.len() + 1_024;
        if size > most {
            return Err(Fault::new(
                Code::Usage,
                "A value is larger than 32 MiB, which a vault can't hold.",
            )
            .about(&*content.name));
        }
        bytes += size;
        if count == team::caps::VERSIONS || bytes > most {
            return Ok(count);
        }
    }
    Ok(versions.len())
}

/// Adds the op that removes entries to a commit. The tombstone keeps the name's hash, so that the
/// entry can be found and restored.
pub(crate) fn delete(
    open: &mut Open,
    changes: &mut Changes,
    bundle: BundleAt,
    found: &[(&Found, String)],
) -> Result<(), WriteError> {
    for some in found.chunks(team::caps::VERSIONS) {
        let mut names = BTreeMap::new();
        let mut removals = Vec::with_capacity(some.len());
        for (found, name) in some {
            let version = VersionId::make();
            names.insert(version, open.vault.name_hash(&bundle.id, name));
            removals.push(NewVersion(
                found.entry,
                version,
                ids_of(&found.heads, &found.entry),
            ));
        }
        let team = &mut open.teams[&bundle.team];
        let ledger = &team.ledger;
        let authored = ledger.delete(&team.keyring, bundle.id, removals, now())?;
        team.apply(changes, &authored, &names)?;
    }
    Ok(())
}

/// Adds an audit row to a commit.
pub(crate) fn audit(
    open: &Open,
    changes: &mut Changes,
    caller: &Caller,
    operation: &str,
    bundle: BundleAt,
    mut names: Vec<String>,
    detail: Option<String>,
) {
    let count = names.len() as u64;
    names.truncate(crate::audit::MOST_NAMES);
    let team = (open.teams.len() > 1).then(|| open.teams.label(&open.teams[&bundle.team]));
    let bundle = Some(bundles::full_name(&open.teams, &bundle));
    let entry = AuditEntry {
        operation: operation.to_owned(),
        team,
        bundle,
        names,
        count,
        detail,
        ..AuditEntry::default()
    };
    changes.audit.push(open.stamp(caller, entry).encode());
}

/// A change of one entry, worked out and part of a commit.
pub(crate) struct Written {
    pub bundle: BundleAt,
    pub entry: EntryId,
    pub name: String,
    /// Number of the version that is then current.
    pub version: u64,
    pub change: Change,
}

impl Written {
    /// Counts the entry's versions, before the commit that may add one.
    pub async fn new(
        open: &mut Open,
        bundle: BundleAt,
        entry: EntryId,
        name: String,
        change: Change,
    ) -> Result<Self, Fault> {
        let before = open
            .vault
            .versions_of_entry(&bundle.team, &bundle.id, &entry)
            .await?
            .len() as u64;
        let version = match change {
            Change::Same => before,
            Change::Created | Change::Changed => before + 1,
        };
        Ok(Self {
            bundle,
            entry,
            name,
            version,
            change,
        })
    }

    /// What a face is told.
    pub fn tell(self, open: &Open) -> Saved {
        Saved {
            id: self.entry.to_string(),
            bundle: bundles::full_name(&open.teams, &self.bundle),
            name: self.name,
            version: self.version,
            change: self.change,
            warnings: Vec::new(),
        }
    }
}

/// Versions of one entry that a new version of it follows.
pub(crate) fn ids_of(heads: &[Version], entry: &EntryId) -> Vec<VersionId> {
    let own = heads.iter().filter(|head| head.entry == *entry);
    own.map(|head| head.id).collect()
}

/// A second copy of a value, because a write that another process came before is done anew.
pub(crate) fn copy(value: &SecretVec) -> SecretVec {
    // EXPOSE: from one secret into another.
    SecretVec::new(value.expose().to_vec())
}
