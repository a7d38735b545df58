//! All versions of an entry.

use std::collections::BTreeMap;

use crypto::SecretVec;
use team::ids::{DeviceId, EntryId};
use vault::{Version, VersionState};

use super::find::{
    Found, chosen_first, find, make_readable, no_entry, open_version, other_name, rank,
};
use super::{EntryRef, History, HistoryView, VersionView};
use crate::bundles::BundleAt;
use crate::open::{Open, Team};
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, bundles, counted};

impl UseCase for History {
    async fn carry_out(self, session: &mut Session) -> Result<HistoryView, Fault> {
        let (open, _) = session.opened()?;
        let found = find_ever(open, &self.entry).await?;
        let versions = versions_in_order(open, &found.bundle, &found.entry).await?;
        let mut views = Vec::with_capacity(versions.len());
        let (mut name, mut before) = (None, BTreeMap::new());
        for (version, number) in versions.iter().zip(1..) {
            let current = version.state == VersionState::Head;
            let op = open.vault.op(&version.op).await?;
            // Who signed, not who the content says it is from (threat 34).
            let author = op.as_ref().map_or(version.sealed_by, |op| op.device);
            let mut view = VersionView {
                number,
                id: version.id.to_string(),
                at: 0,
                device: device_name(&open.teams[&version.team], &author),
                name: None,
                removal: version.deleted,
                quarantined: version.state == VersionState::Quarantined,
                locked: false,
                unreadable: false,
                current,
                changed_fields: Vec::new(),
                lineage: None,
            };
            if version.deleted {
                view.at = op
                    .and_then(|op| team::time_of(&op.raw, &open.teams[&version.team].keyring))
                    .unwrap_or(0);
            } else if is_locked(open, version) {
                // From before the bundle was shared with this member.
                view.locked = true;
            } else if let Ok(opened) = open_version(&open.teams, version) {
                view.at = opened.content.written;
                view.name = Some(opened.content.name.clone());
                view.lineage = opened.content.metadata.lineage.clone();
                view.changed_fields = changed(&before, &opened.content.fields);
                name = view.name.clone();
                before = opened.content.fields;
            } else {
                view.unreadable = true;
            }
            views.push(view);
        }
        Ok(HistoryView {
            id: found.entry.to_string(),
            bundle: bundles::full_name(&open.teams, &found.bundle),
            name: name.unwrap_or_default(),
            versions: views,
        })
    }
}

fn is_locked(open: &Open, version: &Version) -> bool {
    let keyring = &open.teams[&version.team].keyring;
    keyring.bundle_key(&version.key).is_none()
}

fn device_name(team: &Team, device: &DeviceId) -> String {
    let device = team.ledger.state().devices().get(device);
    device.map(|device| device.name.clone()).unwrap_or_default()
}

/// Names of the fields that came, went or have another value.
fn changed(
    before: &BTreeMap<String, SecretVec>,
    after: &BTreeMap<String, SecretVec>,
) -> Vec<String> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .cloned()
        .collect()
}

/// The versions of an entry, the oldest first.
pub(crate) async fn versions_in_order(
    open: &mut Open,
    bundle: &BundleAt,
    entry: &EntryId,
) -> Result<Vec<Version>, Fault> {
    let vault = &mut open.vault;
    let mut versions = vault
        .versions_of_entry(&bundle.team, &bundle.id, entry)
        .await?;
    make_readable(open, &mut versions).await?;
    versions.sort_by_key(rank);
    Ok(versions)
}

/// An entry that has fewer versions than were asked for.
pub(crate) fn no_version(wanted: u64, versions: &[Version]) -> Fault {
    let there = counted(versions.len() as u64, "version", "versions");
    Fault::new(
        Code::NotFound,
        format!("There is no version {wanted}: the entry has {there}."),
    )
    .next("`sealfold history` shows them.")
}

/// Finds an entry that is there or was.
pub(crate) async fn find_ever(open: &mut Open, entry: &EntryRef) -> Result<Found, Fault> {
    let (bundle, name) = match (find(open, entry).await, entry) {
        (Err(fault), EntryRef::Named { bundle, name }) if fault.code == Code::NotFound => {
            (bundle, name)
        }
        (outcome, _) => return outcome,
    };
    let bundle = bundles::find_usable(&open.teams, bundle.as_deref())?;
    let hash = open.vault.name_hash(&bundle.id, name);
    let vault = &mut open.vault;
    let mut removed = vault.heads_by_name(&bundle.team, &bundle.id, &hash).await?;
    chosen_first(&mut removed);
    let Some(first) = removed.first() else {
        return Err(no_entry(name, &bundles::full_name(&open.teams, &bundle)));
    };
    for head in &removed {
        must_have_been_called(open, head, name).await?;
    }
    Ok(Found {
        bundle,
        entry: first.entry,
        field: None,
        heads: removed,
    })
}

/// A removal holds no name that is sealed: what it ended has to bear the one it was found by
/// (threat 46).
async fn must_have_been_called(
    open: &mut Open,
    removal: &Version,
    name: &str,
) -> Result<(), Fault> {
    let bundle = BundleAt {
        team: removal.team,
        id: removal.bundle,
    };
    for version in versions_in_order(open, &bundle, &removal.entry).await? {
        let opened = open_version(&open.teams, &version);
        if opened.is_ok_and(|opened| opened.content.name == name) {
            return Ok(());
        }
    }
    Err(other_name())
}
