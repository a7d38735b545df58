//! An earlier version is made current again, as a new version.

use team::entry::Content;

use super::find::{Found, live_by_name, open_version};
use super::history::{find_ever, versions_in_order};
use super::write::{Written, audit, ids_of, put};
use super::{Change, Restore, Saved};
use crate::clock::now;
use crate::door::UseCase;
use crate::open::Open;
use crate::session::Session;
use crate::{Code, Fault};

impl UseCase for Restore {
    async fn carry_out(self, session: &mut Session) -> Result<Saved, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let written = open
            .write_or_rehearse(self.dry_run, async |open, changes| {
                let (found, content, change) = to_restore(open, &self).await?;
                let Found { bundle, entry, .. } = found;
                let name = content.name.clone();
                let written = Written::new(open, bundle, entry, name.clone(), change).await?;
                if change != Change::Same {
                    let before = ids_of(&found.heads, &entry);
                    put(open, changes, bundle, &[(entry, before, &content)])?;
                }
                let lineage = content.metadata.lineage;
                audit(
                    open,
                    changes,
                    &caller,
                    "restore",
                    bundle,
                    vec![name],
                    lineage,
                );
                Ok(written)
            })
            .await?;
        Ok(written.tell(open))
    }
}

async fn to_restore(open: &mut Open, wish: &Restore) -> Result<(Found, Content, Change), Fault> {
    let found = find_ever(open, &wish.entry).await?;
    let versions = versions_in_order(open, &found.bundle, &found.entry).await?;
    let numbered = || versions.iter().zip(1u64..);
    let chosen = match wish.version {
        Some(wanted) => numbered().find(|(_, number)| *number == wanted),
        None => numbered().filter(|(version, _)| !version.deleted).last(),
    };
    let missing = || {
        Fault::new(Code::NotFound, "There is no such version.")
            .next("`sealfold history` shows them.")
    };
    let (version, number) = chosen.ok_or_else(missing)?;
    let mut content = open_version(&open.team, version)?.content;
    if found.heads.len() == 1 && found.heads[0].id == version.id {
        return Ok((found, content, Change::Same));
    }
    let others = live_by_name(open, &found.bundle, &content.name).await?;
    if others.iter().any(|other| other.entry != found.entry) {
        return Err(
            Fault::new(Code::Conflict, "Another entry has this name now.")
                .about(content.name)
                .next("Rename it first."),
        );
    }
    content.written = now();
    content.metadata.lineage = Some(format!("restored from version {number}"));
    Ok((found, content, Change::Changed))
}
