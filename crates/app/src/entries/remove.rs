//! Entries are removed: a tombstone follows their versions, which stay.

use team::ids::EntryId;
use vault::Version;

use super::find::{Found, find, no_entry, open_version};
use super::list::{Listed, live_entries, view_unreadable};
use super::write::{audit, delete};
use super::{EntryRef, EntryView, Remove};
use crate::open::Open;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, bundles};

impl UseCase for Remove {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<EntryView>, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let mut names = self.names.clone();
        names.sort();
        names.dedup();
        open.write_or_rehearse(self.dry_run, async |open, changes| {
            let (found, views) = to_remove(open, self.bundle.as_deref(), &names).await?;
            let Some(bundle) = found.first().map(|(found, _)| found.bundle) else {
                return Ok(views);
            };
            let found: Vec<(&Found, String)> = found
                .iter()
                .map(|(found, name)| (found, name.clone()))
                .collect();
            delete(open, changes, bundle, &found)?;
            audit(open, changes, &caller, "rm", bundle, names.clone(), None);
            Ok(views)
        })
        .await
    }
}

async fn to_remove(
    open: &mut Open,
    bundle: Option<&str>,
    names: &[String],
) -> Result<(Vec<(Found, String)>, Vec<EntryView>), Fault> {
    let (mut all, mut views) = (Vec::new(), Vec::new());
    for name in names {
        let entry = EntryRef::Named {
            bundle: bundle.map(str::to_owned),
            name: name.clone(),
        };
        let found = match find(open, &entry).await {
            Err(fault) if fault.code == Code::NotFound => {
                let Some((found, view)) = unreadable_by_id(open, bundle, name).await? else {
                    return Err(fault);
                };
                views.push(view);
                all.push((found, name.clone()));
                continue;
            }
            found => found?,
        };
        let chosen = found.chosen().ok_or_else(|| no_entry(name, ""))?;
        let opened = open_version(&open.teams, chosen)?;
        let full_name = bundles::full_name(&open.teams, &found.bundle);
        let versions = open
            .vault
            .versions_of_entry(&found.bundle.team, &found.bundle.id, &found.entry)
            .await?
            .len() as u64;
        views.push(super::list::view(
            &full_name,
            &chosen.entry,
            &opened,
            versions,
            found.conflict(),
        ));
        // Entries that got the same name apart go together: the name is what was asked for.
        let mut entries: Vec<EntryId> = found.heads.iter().map(|head| head.entry).collect();
        entries.sort();
        entries.dedup();
        for entry in entries {
            let heads = found
                .heads
                .iter()
                .filter(|head| head.entry == entry)
                .cloned()
                .collect();
            all.push((
                Found {
                    bundle: found.bundle,
                    entry,
                    field: None,
                    heads,
                },
                name.clone(),
            ));
        }
    }
    Ok((all, views))
}

/// An entry whose content does not open, by its id: it has no name that could be known.
async fn unreadable_by_id(
    open: &mut Open,
    bundle: Option<&str>,
    id: &str,
) -> Result<Option<(Found, EntryView)>, Fault> {
    let bundle = bundles::find_usable(&open.teams, bundle)?;
    let Listed { unreadable, .. } = live_entries(open, &bundle).await?;
    let of_id = |head: &Version| head.entry.to_string() == id;
    let heads: Vec<Version> = unreadable.into_iter().filter(of_id).collect();
    let Some(head) = heads.first() else {
        return Ok(None);
    };
    let counts = open.vault.version_counts(&bundle.team, &bundle.id).await?;
    let versions = counts.get(&head.entry).copied().unwrap_or(1);
    let name = bundles::full_name(&open.teams, &bundle);
    let view = view_unreadable(&open.teams, &name, head, versions);
    let found = Found {
        bundle,
        entry: head.entry,
        field: None,
        heads,
    };
    Ok(Some((found, view)))
}
