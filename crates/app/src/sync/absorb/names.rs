//! The look-up hashes of what came in: an entry is found by its name without being opened.

use std::collections::{BTreeMap, BTreeSet};

use team::entry::{self, Place};
use team::ids::{BundleId, DeviceId, EntryId, TeamId};
use team::ledger::AppliedVersion;
use vault::{Changes, NameChange, NameHash, Vault, VersionPlace};

use crate::Fault;
use crate::open::{Open, Team};

/// The look-up hash of a version's name, if this member can open it.
pub(in crate::sync) fn name_of(
    vault: &Vault,
    team: &Team,
    sealed_by: &DeviceId,
    version: &AppliedVersion,
) -> Option<NameHash> {
    let (epoch, sealed) = version.sealed.as_ref()?;
    let place = Place {
        team: team.id,
        bundle: version.bundle,
        epoch: *epoch,
        entry: version.entry,
        version: version.version,
        sealed_by: *sealed_by,
    };
    name_hash(vault, team, &place, sealed)
}

fn name_hash(vault: &Vault, team: &Team, place: &Place, sealed: &[u8]) -> Option<NameHash> {
    let key = team.keyring.bundle_key(&place.epoch)?;
    // What does not open is reported when somebody asks for it; no verdict depends on it.
    let opened = entry::open(key, place, sealed).ok()?;
    Some(vault.name_hash(&place.bundle, &opened.content.name))
}

/// Versions that can be read only now, by a key or a seal of this round, get their names.
pub(super) async fn name_what_opens(
    open: &mut Open,
    id: &TeamId,
    changes: &mut Changes,
) -> Result<(), Fault> {
    let team = &open.teams[id];
    for version in &mut changes.versions {
        if let (None, Some(sealed)) = (version.name_hash, &version.sealed) {
            let place = Place {
                team: *id,
                bundle: version.bundle,
                epoch: version.key,
                entry: version.entry,
                version: version.id,
                sealed_by: version.sealed_by,
            };
            version.name_hash = name_hash(&open.vault, team, &place, sealed);
        }
    }
    let keys = changes.keys.iter();
    let mut bundles: BTreeSet<BundleId> = keys
        .filter_map(|key| BundleId::from_slice(&key.owner))
        .collect();
    let places: Vec<VersionPlace> = changes.reseals.iter().map(|reseal| reseal.place).collect();
    bundles.extend(places.iter().map(|place| place.bundle));
    for bundle in bundles {
        let mut heads = open.vault.heads(id, &bundle).await?;
        heads.retain(|head| head.name_hash.is_none() && !head.deleted);
        crate::entries::make_readable(open, &mut heads).await?;
        let team = &open.teams[id];
        for head in heads {
            // Its newest seal may be one of this round.
            let own = changes
                .reseals
                .iter()
                .filter(|new| new.place == head.place());
            let seals = own.map(|new| (new.key, new.sealed_by, &new.sealed)).chain(
                head.sealed
                    .iter()
                    .map(|sealed| (head.key, head.sealed_by, sealed)),
            );
            let mut names = seals.filter_map(|(epoch, sealed_by, sealed)| {
                let place = Place {
                    team: *id,
                    bundle,
                    epoch,
                    entry: head.entry,
                    version: head.id,
                    sealed_by,
                };
                name_hash(&open.vault, team, &place, sealed)
            });
            if let Some(name_hash) = names.next() {
                changes.names.push(NameChange {
                    op: head.op,
                    pos: head.pos,
                    name_hash,
                });
            }
        }
    }
    Ok(())
}

/// A removal has no content: it is found by the name that its entry had.
pub(super) async fn name_removals(
    open: &mut Open,
    id: &TeamId,
    changes: &mut Changes,
) -> Result<(), Fault> {
    let mut names: BTreeMap<(BundleId, EntryId), NameHash> = BTreeMap::new();
    for version in &changes.versions {
        if let Some(name) = version.name_hash {
            names.insert((version.bundle, version.entry), name);
        }
    }
    for version in &mut changes.versions {
        if !version.deleted || version.name_hash.is_some() {
            continue;
        }
        let (bundle, entry) = (version.bundle, version.entry);
        version.name_hash = match names.get(&(bundle, entry)) {
            Some(name) => Some(*name),
            None => {
                let known = open.vault.versions_of_entry(id, &bundle, &entry).await?;
                known.iter().rev().find_map(|known| known.name_hash)
            }
        };
    }
    Ok(())
}
