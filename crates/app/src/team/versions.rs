//! The versions of bundles, as the ledger has to know them to say who could open which, and what a
//! person is told of each.

use std::collections::{BTreeMap, BTreeSet};

use team::ids::{BundleId, EntryId, TeamId, VersionId};
use team::ledger::SealedVersion;
use vault::{Version, VersionState};

use crate::bundles::BundleAt;
use crate::open::Open;
use crate::{Fault, entries};

/// What a person is told of a version.
pub(super) struct Known {
    pub name: String,
    pub number: u64,
    pub owner: Option<String>,
}

/// All versions of some bundles of a team.
pub(super) async fn versions_of(
    open: &mut Open,
    id: &TeamId,
    bundles: &BTreeSet<BundleId>,
) -> Result<(Vec<SealedVersion>, BTreeMap<(EntryId, VersionId), Known>), Fault> {
    let mut sealed = Vec::new();
    let mut known = BTreeMap::new();
    for bundle in bundles {
        let at = BundleAt {
            team: *id,
            id: *bundle,
        };
        let counts = open.vault.version_counts(id, bundle).await?;
        for entry in counts.into_keys() {
            add_versions(open, &at, &entry, &mut sealed, &mut known).await?;
        }
    }
    Ok((sealed, known))
}

/// The versions of one entry: under which keys they stood, and whether their values are in use.
async fn add_versions(
    open: &mut Open,
    at: &BundleAt,
    entry: &EntryId,
    sealed: &mut Vec<SealedVersion>,
    known: &mut BTreeMap<(EntryId, VersionId), Known>,
) -> Result<(), Fault> {
    let stored = open
        .vault
        .versions_of_entry(&at.team, &at.id, entry)
        .await?;
    let places: Vec<_> = stored.iter().map(Version::place).collect();
    let seals = open.vault.seals(&places).await?;
    let readable = entries::versions_in_order(open, at, entry).await?;
    let content = |version: &Version| {
        let opened = entries::open_version(&open.teams, version);
        opened.ok().map(|opened| opened.content)
    };
    let live = |version: &&Version| !version.deleted && version.state != VersionState::Quarantined;
    let mut current: Vec<&Version> = readable
        .iter()
        .filter(live)
        .filter(|version| version.state == VersionState::Head)
        .collect();
    if current.is_empty() {
        // Only removed: the last value may well be in use.
        current = readable.iter().rfind(live).into_iter().collect();
    }
    let in_use: Vec<_> = current
        .iter()
        .filter_map(|version| content(version))
        .collect();
    for (version, number) in readable.iter().zip(1..) {
        if version.deleted {
            continue;
        }
        let own = stored.iter().filter(|of| of.id == version.id);
        let resealed = seals.iter().filter(|seal| seal.version == version.id);
        let keys = own.map(|of| of.key).chain(resealed.map(|seal| seal.key));
        let opened = content(version);
        let op = open.vault.op(&version.op).await?;
        let by = op.map(|op| (op.device, op.seq));
        sealed.push(SealedVersion {
            bundle: at.id,
            entry: *entry,
            version: version.id,
            keys: keys.collect(),
            by: by.unwrap_or((version.sealed_by, 0)),
            lamport: version.lamport,
            written: opened.as_ref().map_or(0, |content| content.written),
            in_use: match &opened {
                Some(content) => in_use.iter().any(|now| now.fields == content.fields),
                None => current.iter().any(|head| head.id == version.id),
            },
        });
        let told = Known {
            name: opened
                .as_ref()
                .map(|of| of.name.clone())
                .unwrap_or_default(),
            number,
            owner: opened.and_then(|of| of.metadata.owner),
        };
        known.insert((*entry, version.id), told);
    }
    Ok(())
}
