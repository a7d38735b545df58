//! Versions that were sealed anew, held against what was written first.
//!
//! Whoever has a bundle may seal its versions under a newer key, and could put another content there
//! (threat 34). Who holds both keys compares: what differs is kept for others to whom its op is
//! passed on, and is not what readers here are shown.

use std::collections::BTreeSet;

use team::entry::Opened;
use team::ids::{DeviceId, TeamId, VersionId};
use vault::{Changes, Reseal, Version};

use crate::Fault;
use crate::entries::open_version;
use crate::open::{Open, Teams};

/// Puts aside the seals of a commit whose content is not the version's own, and says whose they are.
pub(super) async fn put_aside_altered(
    open: &mut Open,
    id: &TeamId,
    changes: &mut Changes,
) -> Result<BTreeSet<(DeviceId, VersionId)>, Fault> {
    let mut altered = BTreeSet::new();
    for index in 0..changes.reseals.len() {
        let place = changes.reseals[index].place;
        let mut versions = open
            .vault
            .versions_of_entry(id, &place.bundle, &place.entry)
            .await?;
        versions.extend(changes.versions.iter().cloned());
        versions.retain(|version| version.place() == place && !version.deleted);
        // Two that share an id are told apart by nothing.
        let [version] = versions.as_slice() else {
            continue;
        };
        let Some(first) = first_seal(open, version).await? else {
            continue;
        };
        let reseal = &mut changes.reseals[index];
        let keyring = &open.teams[id].keyring;
        if keyring.bundle_key(&reseal.key).is_none() {
            continue;
        }
        let new = open_version(&open.teams, &sealed_anew(version, reseal));
        if !new.is_ok_and(|new| is_same(&new, &first)) {
            reseal.aside = true;
            altered.insert((reseal.sealed_by, version.id));
        }
    }
    Ok(altered)
}

fn is_same(new: &Opened, first: &Opened) -> bool {
    (new.author, &new.content) == (first.author, &first.content)
}

fn sealed_anew(version: &Version, reseal: &Reseal) -> Version {
    Version {
        key: reseal.key,
        sealed_by: reseal.sealed_by,
        sealed: Some(reseal.sealed.clone()),
        ..version.clone()
    }
}

/// What the version's own author sealed; else the earliest seal that opens here.
async fn first_seal(open: &mut Open, version: &Version) -> Result<Option<Opened>, Fault> {
    let seals = open.vault.seals(&[version.place()]).await?;
    let opens = |teams: &Teams, version: &Version| open_version(teams, version).ok();
    let earlier = seals.iter().rev().map(|seal| Version {
        key: seal.key,
        sealed_by: seal.sealed_by,
        sealed: Some(seal.sealed.clone()),
        ..version.clone()
    });
    let mut all: Vec<(bool, Version)> = seals
        .iter()
        .rev()
        .map(|seal| seal.op == version.op)
        .zip(earlier)
        .collect();
    all.push((version.resealed.is_none(), version.clone()));
    all.sort_by_key(|(own, _)| !own);
    Ok(all
        .iter()
        .find_map(|(_, version)| opens(&open.teams, version)))
}
