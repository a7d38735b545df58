//! Bundles are listed, made and archived.

use std::collections::BTreeMap;

use team::ids::BundleId;
use vault::Changes;

use super::find::{count_live, find_any};
use super::{Archive, BundleView, List, New};
use crate::clock::now;
use crate::names::{self, BundleName};
use crate::open::{Open, Team, WriteError};
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault};

impl UseCase for List {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<BundleView>, Fault> {
        let (open, _) = session.opened()?;
        let all = open.team.ledger.state().bundles().iter();
        let wanted: Vec<BundleId> = all
            .filter(|(_, bundle)| self.archived || !bundle.archived)
            .map(|(id, _)| *id)
            .collect();
        let mut views = Vec::new();
        for id in wanted {
            views.push(view(open, id).await?);
        }
        views.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(views)
    }
}

impl UseCase for New {
    async fn carry_out(self, session: &mut Session) -> Result<BundleView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let name = BundleName::parse(&self.name)?;
        let dry_run = self.dry_run;
        if dry_run {
            check_free(&open.team, &name)?;
            return Ok(BundleView {
                id: String::new(),
                name: self.name,
                entries: 0,
                archived: false,
                created: now(),
                epoch: String::new(),
            });
        }
        let id = open
            .write(async |open, changes| {
                check_free(&open.team, &name)?;
                let id = create(&mut open.team, changes, &name)?;
                let entry = AuditEntry {
                    operation: "bundle new".to_owned(),
                    bundle: Some(self.name.clone()),
                    ..AuditEntry::default()
                };
                changes.audit.push(open.stamp(&caller, entry).encode());
                Ok(id)
            })
            .await?;
        view(open, id).await
    }
}

impl UseCase for Archive {
    async fn carry_out(self, session: &mut Session) -> Result<BundleView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let name = BundleName::parse(&self.name)?;
        let id = find_any(&open.team, &name)?;
        let archived = !self.undo;
        if open
            .team
            .bundle(&id)
            .is_some_and(|bundle| bundle.archived != archived)
            && !self.dry_run
        {
            open.write(async |open, changes| {
                let authored =
                    open.team
                        .ledger
                        .archive_bundle(&open.team.keyring, id, archived, now())?;
                open.team.apply(changes, &authored, &BTreeMap::new())?;
                let entry = AuditEntry {
                    operation: "bundle archive".to_owned(),
                    bundle: Some(self.name.clone()),
                    ..AuditEntry::default()
                };
                changes.audit.push(open.stamp(&caller, entry).encode());
                Ok(())
            })
            .await?;
        }
        let mut view = view(open, id).await?;
        view.archived = archived;
        Ok(view)
    }
}

fn check_free(team: &Team, name: &BundleName) -> Result<(), Fault> {
    match find_any(team, name) {
        Err(_) => Ok(()),
        Ok(_) => Err(
            Fault::new(Code::Conflict, "There is a bundle of this name already.")
                .about(names::join(&name.project, &name.environment)),
        ),
    }
}

/// Adds the op that makes a bundle to a commit.
pub(crate) fn create(
    team: &mut Team,
    changes: &mut Changes,
    name: &BundleName,
) -> Result<BundleId, WriteError> {
    let id = BundleId::make();
    let names = (name.project.as_str(), name.environment.as_str());
    let authored = team.ledger.create_bundle(&team.keyring, id, names, now())?;
    team.apply(changes, &authored, &BTreeMap::new())?;
    Ok(id)
}

async fn view(open: &mut Open, id: BundleId) -> Result<BundleView, Fault> {
    let entries = count_live(open, &id).await?;
    let missing = || Fault::new(Code::NotFound, "There is no such bundle.");
    let bundle = open.team.bundle(&id).ok_or_else(missing)?;
    Ok(BundleView {
        id: id.to_string(),
        name: names::join(&bundle.project, &bundle.environment),
        entries,
        archived: bundle.archived,
        created: bundle.created,
        epoch: open
            .team
            .ledger
            .newest_epoch(&id)
            .map(|key| key.to_string())
            .unwrap_or_default(),
    })
}
