//! Entries are removed: a tombstone follows their versions, which stay.

use team::ids::EntryId;

use super::find::{Found, find, no_entry, open_version};
use super::write::{audit, delete};
use super::{EntryRef, EntryView, Remove};
use crate::door::UseCase;
use crate::open::Open;
use crate::session::Session;
use crate::{Fault, bundles};

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
        let found = find(open, &entry).await?;
        let chosen = found.chosen().ok_or_else(|| no_entry(name, ""))?;
        let opened = open_version(&open.team, chosen)?;
        let full_name = bundles::full_name(&open.team, &found.bundle);
        let versions = open
            .vault
            .versions_of_entry(&open.team.id, &found.bundle, &found.entry);
        let versions = versions.await?.len() as u64;
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
