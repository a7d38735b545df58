//! An entry is renamed, or moved to another bundle.

use team::ids::EntryId;

use super::find::{find, live_by_name, no_entry, open_version};
use super::write::{Written, audit, delete, ids_of, put};
use super::{Change, Move, Saved};
use crate::clock::now;
use crate::names::check_name;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, bundles};

impl UseCase for Move {
    async fn carry_out(self, session: &mut Session) -> Result<Saved, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        if let Some(name) = &self.to_name {
            check_name(name)?;
        }
        let written = open
            .write_or_rehearse(self.dry_run, async |open, changes| {
                let found = find(open, &self.entry).await?;
                let chosen = found.chosen().ok_or_else(|| no_entry("", ""))?;
                let mut content = open_version(&open.teams, chosen)?.content;
                let old_name = content.name.clone();
                let name = self.to_name.clone().unwrap_or_else(|| old_name.clone());
                let bundle = match &self.to_bundle {
                    Some(name) => bundles::find_usable(&open.teams, Some(name))?,
                    None => found.bundle,
                };
                if (bundle, &name) == (found.bundle, &old_name) {
                    let same = Change::Same;
                    return Ok(Written::new(open, bundle, found.entry, name, same).await?);
                }
                if !live_by_name(open, &bundle, &name).await?.is_empty() {
                    let what = "There is an entry of this name already.";
                    let fault = Fault::new(Code::Conflict, what).about(&*name);
                    return Err(fault.next("Remove or rename it first.").into());
                }
                let old_bundle = bundles::full_name(&open.teams, &found.bundle);
                let origin = format!("from {old_bundle}/{old_name}");
                content.name.clone_from(&name);
                content.written = now();
                content.metadata.lineage = Some(format!("moved {origin}"));
                let stays = bundle == found.bundle;
                // Ids belong to a bundle, so that nobody who may not read it learns of the move.
                let entry = if stays { found.entry } else { EntryId::make() };
                let change = Change::Changed;
                let written = Written::new(open, bundle, entry, name.clone(), change).await?;
                let before = ids_of(&found.heads, &entry);
                put(open, changes, bundle, &[(entry, before, &content)])?;
                if !stays {
                    delete(open, changes, found.bundle, &[(&found, old_name)])?;
                }
                audit(
                    open,
                    changes,
                    &caller,
                    "mv",
                    bundle,
                    vec![name],
                    Some(origin),
                );
                Ok(written)
            })
            .await?;
        Ok(written.tell(open))
    }
}
