//! Bundles are listed, made and archived.

use std::collections::BTreeMap;

use team::ids::{BundleId, TeamId};
use team::ledger::Bundle;
use vault::Changes;

use super::find::{
    BundleAt, check_no_id_in, count_live, find_any, full_name, reads_like, team_for_new,
};
use super::{Archive, BundleView, List, New};
use crate::clock::now;
use crate::names::{self, BundleName};
use crate::open::{Open, Team, Teams, WriteError};
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, escape};

impl UseCase for List {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<BundleView>, Fault> {
        let (open, _) = session.opened()?;
        let mut wanted = Vec::new();
        for team in open.teams.iter() {
            let all = team.ledger.state().bundles().iter();
            let shown = all.filter(|(_, bundle)| self.archived || !bundle.archived);
            let at = |(id, _): (&BundleId, _)| BundleAt {
                team: team.id,
                id: *id,
            };
            wanted.extend(shown.map(at));
        }
        let mut views = Vec::new();
        for at in wanted {
            views.push(view(open, at).await?);
        }
        views.sort_by(|a, b| (&a.team, &a.name).cmp(&(&b.team, &b.name)));
        Ok(views)
    }
}

impl UseCase for New {
    async fn carry_out(self, session: &mut Session) -> Result<BundleView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let name = BundleName::parse(&self.name)?;
        if self.dry_run {
            let team = team_for_new(&open.teams, &name)?;
            check_free(&open.teams, team, &name)?;
            return Ok(BundleView {
                id: String::new(),
                team: open.teams.label(&open.teams[&team]),
                name: self.name,
                shared: true,
                members: Vec::new(),
                entries: 0,
                archived: false,
                created: now(),
                epoch: String::new(),
                escape: None,
            });
        }
        let at = open
            .write(async |open, changes| {
                let team = team_for_new(&open.teams, &name)?;
                check_free(&open.teams, team, &name)?;
                let at = create(&mut open.teams[&team], changes, &name)?;
                let entry = AuditEntry {
                    operation: "bundle new".to_owned(),
                    bundle: Some(self.name.clone()),
                    ..AuditEntry::default()
                };
                changes.audit.push(open.stamp(&caller, entry).encode());
                Ok(at)
            })
            .await?;
        view(open, at).await
    }
}

impl UseCase for Archive {
    async fn carry_out(self, session: &mut Session) -> Result<BundleView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let name = BundleName::parse(&self.name)?;
        let at = find_any(&open.teams, &name)?;
        let archived = !self.undo;
        let stands = open.teams[&at.team].bundle(&at.id);
        if stands.is_some_and(|bundle| bundle.archived != archived) && !self.dry_run {
            open.write(async |open, changes| {
                let team = &mut open.teams[&at.team];
                let ledger = &team.ledger;
                let authored = ledger.archive_bundle(&team.keyring, at.id, archived, now())?;
                team.apply(changes, &authored, &BTreeMap::new())?;
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
        let mut view = view(open, at).await?;
        view.archived = archived;
        Ok(view)
    }
}

/// Refuses a name that a bundle of the team has, whether it is shared with this member or not.
pub(crate) fn check_free(teams: &Teams, team: TeamId, name: &BundleName) -> Result<(), Fault> {
    check_no_id_in(name)?;
    let same = |bundle: &Bundle| {
        (&bundle.project, &bundle.environment) == (&name.project, &name.environment)
    };
    let bundles = teams[&team].ledger.state().bundles();
    if bundles.values().any(same) {
        return Err(
            Fault::new(Code::Conflict, "There is a bundle of this name already.")
                .about(name.to_string()),
        );
    }
    let in_use = bundles.values().filter(|bundle| !bundle.archived);
    let mut alike = in_use.filter(|bundle| reads_like(bundle, name));
    if let Some(bundle) = alike.next() {
        let other = names::join(&bundle.project, &bundle.environment);
        return Err(Fault::new(
            Code::Conflict,
            "There is a bundle whose name reads like this one.",
        )
        .about(name.to_string())
        .next(format!("Take a name that nobody confuses with {other}.")));
    }
    Ok(())
}

/// Adds the op that makes a bundle to a commit.
pub(crate) fn create(
    team: &mut Team,
    changes: &mut Changes,
    name: &BundleName,
) -> Result<BundleAt, WriteError> {
    let id = BundleId::make();
    let names = (name.project.as_str(), name.environment.as_str());
    let authored = team.ledger.create_bundle(&team.keyring, id, names, now())?;
    team.apply(changes, &authored, &BTreeMap::new())?;
    Ok(BundleAt { team: team.id, id })
}

pub(crate) async fn view(open: &mut Open, at: BundleAt) -> Result<BundleView, Fault> {
    let entries = count_live(open, &at).await?;
    let missing = || Fault::new(Code::NotFound, "There is no such bundle.");
    let team = &open.teams[&at.team];
    let bundle = team.bundle(&at.id).ok_or_else(missing)?;
    let holders = team.ledger.state().holders(bundle);
    let mut members: Vec<String> = holders.map(|member| team.member_name(&member)).collect();
    members.sort();
    let epoch = team.ledger.newest_epoch(&at.id);
    Ok(BundleView {
        id: at.id.to_string(),
        team: open.teams.label(team),
        name: full_name(&open.teams, &at),
        shared: team.has(bundle),
        members,
        entries,
        archived: bundle.archived,
        created: bundle.created,
        epoch: epoch.map(|key| key.to_string()).unwrap_or_default(),
        escape: escape::of_bundle(open, &at),
    })
}
