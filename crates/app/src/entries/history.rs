//! All versions of an entry.

use std::collections::BTreeMap;

use crypto::SecretVec;
use team::ids::{BundleId, EntryId};
use vault::{Version, VersionState};

use super::find::{Found, chosen_first, find, no_entry, open_version, other_name};
use super::{EntryRef, History, HistoryView, VersionView};
use crate::door::UseCase;
use crate::open::Open;
use crate::session::Session;
use crate::{Code, Fault, bundles};

impl UseCase for History {
    async fn carry_out(self, session: &mut Session) -> Result<HistoryView, Fault> {
        let (open, _) = session.opened()?;
        let found = find_ever(open, &self.entry).await?;
        let versions = versions_in_order(open, &found.bundle, &found.entry).await?;
        let mut views = Vec::with_capacity(versions.len());
        let (mut name, mut before) = (None, BTreeMap::new());
        for (version, number) in versions.iter().zip(1..) {
            let device = open.team.ledger.state().devices().get(&version.sealed_by);
            let device = device.map(|device| device.name.clone()).unwrap_or_default();
            let current = version.state == VersionState::Head;
            let mut view = VersionView {
                number,
                id: version.id.to_string(),
                at: 0,
                device,
                name: None,
                removal: version.deleted,
                current,
                changed_fields: Vec::new(),
                lineage: None,
            };
            if version.deleted {
                let op = open.vault.op(&version.op).await?;
                view.at = op
                    .and_then(|op| team::time_of(&op.raw, &open.team.keyring))
                    .unwrap_or(0);
            } else {
                let opened = open_version(&open.team, version)?;
                view.at = opened.content.written;
                view.name = Some(opened.content.name.clone());
                view.lineage = opened.content.metadata.lineage.clone();
                view.changed_fields = changed(&before, &opened.content.fields);
                name = view.name.clone();
                before = opened.content.fields;
            }
            views.push(view);
        }
        Ok(HistoryView {
            id: found.entry.to_string(),
            bundle: bundles::full_name(&open.team, &found.bundle),
            name: name.unwrap_or_default(),
            versions: views,
        })
    }
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
    bundle: &BundleId,
    entry: &EntryId,
) -> Result<Vec<Version>, Fault> {
    let found = open.vault.versions_of_entry(&open.team.id, bundle, entry);
    let mut versions = found.await?;
    chosen_first(&mut versions);
    versions.reverse();
    Ok(versions)
}

/// Finds an entry that is there or was.
pub(crate) async fn find_ever(open: &mut Open, entry: &EntryRef) -> Result<Found, Fault> {
    let (bundle, name) = match (find(open, entry).await, entry) {
        (Err(fault), EntryRef::Named { bundle, name }) if fault.code == Code::NotFound => {
            (bundle, name)
        }
        (outcome, _) => return outcome,
    };
    let bundle = bundles::find_usable(&open.team, bundle.as_deref())?;
    let hash = open.vault.name_hash(&bundle, name);
    let mut removed = open
        .vault
        .heads_by_name(&open.team.id, &bundle, &hash)
        .await?;
    chosen_first(&mut removed);
    let Some(first) = removed.first() else {
        return Err(no_entry(name, &bundles::full_name(&open.team, &bundle)));
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
    for version in versions_in_order(open, &removal.bundle, &removal.entry).await? {
        if !version.deleted && open_version(&open.team, &version)?.content.name == name {
            return Ok(());
        }
    }
    Err(other_name())
}
