//! Sync, step by step: list, fetch, absorb, do what is due, push.

use std::collections::BTreeMap;
use std::sync::Arc;

use remotes::Remote;
use team::ids::TeamId;
use vault::Remote as RemoteRow;

use super::duties::{Done, do_duties};
use super::findings::{self, KeptFinding};
use super::names::{self, day_of};
use super::pull::{bad_object, pull};
use super::push::{self, Outgoing};
use super::{
    FindingKind, FindingView, ListFindings, Sync, SyncReport, TeamSync, covers, fetch, newcomer,
};
use crate::bundles;
use crate::clock::now;
use crate::open::Open;
use crate::requests::UseCase;
use crate::services::{self, Publishing};
use crate::session::Session;
use crate::{Code, Fault, vaults};

/// How long the time of the last sync may lag behind where a sync brought no news, in seconds.
const NOTED_EVERY: u64 = 10 * 60;

/// How often a sync may write and push again because of what it took in.
const ROUNDS: u32 = 4;

impl UseCase for Sync {
    async fn carry_out(self, session: &mut Session) -> Result<SyncReport, Fault> {
        let (open, _) = session.opened()?;
        let teams = match &self.team {
            Some(name) => vec![open.teams.named(name)?.id],
            None => {
                let with_remote = open.teams.iter().filter(|team| team.remote.is_some());
                with_remote.map(|team| team.id).collect()
            }
        };
        if teams.is_empty() {
            return Err(
                Fault::new(Code::NotFound, "No team of this vault has a remote.")
                    .next("`sealfold remote add` names one."),
            );
        }
        let mut reports = Vec::new();
        for team in teams {
            reports.push(Box::pin(sync_team(session, &team, self.full)).await?);
        }
        Ok(SyncReport { teams: reports })
    }
}

impl UseCase for ListFindings {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<FindingView>, Fault> {
        let (open, _) = session.opened()?;
        let mut views = Vec::new();
        for id in open.teams.ids() {
            views.extend(findings::kept(open, &id).await?);
        }
        Ok(views)
    }
}

/// Syncs one team. What goes wrong with its remote is a part of the report; a fault is one of the
/// vault's own.
pub(crate) async fn sync_team(
    session: &mut Session,
    id: &TeamId,
    full: bool,
) -> Result<TeamSync, Fault> {
    let mut report = TeamSync::default();
    session.progress.begin();
    let (open, _) = session.opened()?;
    let before = findings::own_devices(&open.teams[id]);
    let outcome = run(session, id, full, &mut report).await;
    let (open, _) = session.opened()?;
    let new = findings::new_devices(&open.teams[id], &before);
    findings::keep(open, id, &new, |_| false).await?;
    let trouble = match outcome {
        Ok(()) => None,
        Err(fault) if of_the_vault(&fault) => return Err(fault),
        Err(fault) => Some(fault),
    };
    let had_news = report.received + report.pushed + report.requests > 0;
    remember(open, id, trouble.as_ref(), had_news).await?;
    report.failure = trouble;
    report.findings = findings::kept(open, id).await?;
    let team = &open.teams[id];
    report.team = open.teams.label(team);
    report.asked = team.facts.asked.is_some();
    report.out = team.is_out();
    report.waiting = team.ledger.waiting().count() as u64;
    report.conflicts = conflicts(open, id).await?;
    Ok(report)
}

/// Whether a fault says that this vault can't go on, rather than the remote.
fn of_the_vault(fault: &Fault) -> bool {
    matches!(fault.code, Code::Unexpected | Code::Io | Code::Locked)
}

async fn run(
    session: &mut Session,
    id: &TeamId,
    full: bool,
    report: &mut TeamSync,
) -> Result<(), Fault> {
    let remote = connect(session, id)?;
    let before = remote.counts().requests();
    let (open, _) = session.opened()?;
    let synced = take_turns(open, id, &remote, full, report).await;
    report.network_requests = remote.counts().requests() - before;
    synced
}

/// One thing after the other; each leaves a vault that the next sync goes on from.
async fn take_turns(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    full: bool,
    report: &mut TeamSync,
) -> Result<(), Fault> {
    let today = day_of(now());
    let settings = open.teams[id].remote.clone().unwrap_or_default();
    let mut full = full || settings.full != Some(today);
    if newcomer::waits(&open.teams[id]) {
        let answered = newcomer::look_for_answer(open, id, remote, full).await?;
        mark_listed(open, id, full, today).await?;
        if !answered {
            return publish_note(open, id, remote).await;
        }
        full = true;
    }
    let full = pull_as_needed(open, id, remote, full, report).await?;
    publish_note(open, id, remote).await?;
    let mut looked_at = vec![
        FindingKind::Withheld,
        FindingKind::Fork,
        FindingKind::Equivocation,
        FindingKind::Stale,
        FindingKind::Unreadable,
        FindingKind::Altered,
    ];
    if full {
        looked_at.push(FindingKind::Rollback);
    }
    let found = findings::in_ledger(open, id).await?;
    findings::keep(open, id, &found, |kept| looked_at.contains(&kept.kind)).await?;
    // First what is written already: no duty that can't be done holds it back.
    push_all(open, id, remote, report).await?;
    let mut undone = None;
    for _ in 0..ROUNDS {
        let done = write_what_is_due(open, id).await?;
        undone = done.undone;
        if !done.wrote {
            break;
        }
        push_all(open, id, remote, report).await?;
    }
    // After the ops: a sheet tells of nothing that is not there yet.
    if services::publish(open, id, remote, false).await? == Publishing::Behind {
        pull(open, id, remote, false, report).await?;
        services::publish(open, id, remote, true).await?;
    }
    if report.received + report.pushed > 0 {
        covers::publish_when_due(open, id, remote).await?;
    }
    undone.map_or(Ok(()), Err)
}

/// Lists and takes in what is new, and everything if something cited did not come. Says whether
/// everything was listed.
async fn pull_as_needed(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    mut full: bool,
    report: &mut TeamSync,
) -> Result<bool, Fault> {
    let today = day_of(now());
    loop {
        let lacks_cited = pull(open, id, remote, full, report).await?;
        mark_listed(open, id, full, today).await?;
        if full || !lacks_cited {
            return Ok(full);
        }
        // The date in a name is only a hint: what is cited and did not come may lie anywhere.
        full = true;
    }
}

/// Takes in all that a team's remote holds, and writes nothing there.
pub(crate) async fn pull_everything(session: &mut Session, id: &TeamId) -> Result<(), Fault> {
    let remote = connect(session, id)?;
    let (open, _) = session.opened()?;
    let report = &mut TeamSync::default();
    pull_as_needed(open, id, &remote, true, report)
        .await
        .map(drop)
}

/// Lays this member's recovery note there, if it isn't yet.
async fn publish_note(open: &mut Open, id: &TeamId, remote: &Remote) -> Result<(), Fault> {
    let team = &open.teams[id];
    if team.remote.as_ref().is_none_or(|remote| remote.noted) {
        return Ok(());
    }
    let Some(note) = vaults::note_of(team)? else {
        return Ok(());
    };
    fetch::store(remote, &[(names::note(id, &note), note)]).await?;
    change(open, id, |settings| settings.noted = true).await
}

fn connect(session: &mut Session, id: &TeamId) -> Result<Arc<Remote>, Fault> {
    let (open, _) = session.opened()?;
    let settings = open.teams[id].remote.as_ref();
    let location = settings.map(|settings| settings.location.clone());
    let location = location.ok_or_else(|| {
        Fault::new(Code::NotFound, "The team has no remote.")
            .next("`sealfold remote add` names one.")
    })?;
    session.couriers.connect(&location)
}

/// Names that have several values side by side, counted without opening anything.
async fn conflicts(open: &mut Open, id: &TeamId) -> Result<u64, Fault> {
    let mut conflicts = 0;
    for at in bundles::usable(&open.teams) {
        if at.team != *id {
            continue;
        }
        let mut heads: BTreeMap<_, (bool, u32)> = BTreeMap::new();
        let count = |head: &vault::Version| {
            let name = head.name_hash.map(|hash| *hash.as_bytes());
            let own = heads.entry(name.unwrap_or(*head.entry.as_bytes()));
            let (live, number) = own.or_default();
            *live |= !head.deleted;
            *number += 1;
            Ok::<_, Fault>(())
        };
        open.vault.visit_heads(&at.team, &at.id, count).await?;
        let several = heads.values().filter(|(live, number)| *live && *number > 1);
        conflicts += several.count() as u64;
    }
    Ok(conflicts)
}

/// Rotations, keys that others lack, a sign of life. What the rules or this device's state do not
/// allow is left to others, and shown as a finding or as due.
async fn write_what_is_due(open: &mut Open, id: &TeamId) -> Result<Done, Fault> {
    let team = &open.teams[id];
    // The question first: a sync without news writes nothing.
    if open.may_write().is_err() || !team.is_member() {
        return Ok(Done::default());
    }
    if !super::duties::are_due(open, id).await? {
        return Ok(Done::default());
    }
    let done = open.write(async |open, changes| do_duties(open, changes, id).await);
    let others_may = |fault: &Fault| fault.code == Code::NotAllowed;
    match done.await {
        Err(fault) if others_may(&fault) => Ok(Done::default()),
        done => done.map(|done| Done {
            undone: done.undone.filter(|fault| !others_may(fault)),
            ..done
        }),
    }
}

async fn push_all(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    report: &mut TeamSync,
) -> Result<(), Fault> {
    if open.teams[id].facts.asked.is_some() {
        return Ok(());
    }
    loop {
        let outgoing = push::plan(open, id).await?;
        if outgoing.is_empty() {
            return Ok(());
        }
        send(open, id, remote, &outgoing).await?;
        push::settle(open, id, &outgoing).await?;
        report.pushed += outgoing.ops.len() as u64;
        open.progress.has_sent(outgoing.ops.len());
    }
}

/// Creates what goes out. A pack arrives before the op that cites it.
pub(super) async fn send(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    outgoing: &Outgoing,
) -> Result<(), Fault> {
    fetch::store(remote, &outgoing.blobs).await?;
    let taken = fetch::store(remote, &outgoing.segments).await?;
    let bad: Vec<KeptFinding> = taken.iter().map(|name| bad_object(name.as_str())).collect();
    if bad.is_empty() {
        return Ok(());
    }
    findings::keep(open, id, &bad, |_| false).await?;
    Err(Fault::new(
        Code::Integrity,
        "The remote holds something else under the names of what was pushed.",
    )
    .next("Ask who keeps it; `sealfold remote move` names another place."))
}

/// How far the remote was read.
async fn mark_listed(open: &mut Open, id: &TeamId, full: bool, today: u32) -> Result<(), Fault> {
    let settings = open.teams[id].remote.clone().unwrap_or_default();
    if settings.cursor == Some(today) && (!full || settings.full == Some(today)) {
        return Ok(());
    }
    change(open, id, |settings| {
        settings.cursor = Some(today);
        if full {
            settings.full = Some(today);
        }
    })
    .await
}

/// How this sync ended. That all is as it was is not worth a commit each time.
async fn remember(
    open: &mut Open,
    id: &TeamId,
    trouble: Option<&Fault>,
    had_news: bool,
) -> Result<(), Fault> {
    let settings = open.teams[id].remote.clone().unwrap_or_default();
    let message = trouble.map(|fault| fault.message.clone());
    let is_recent = settings.synced.is_some_and(|at| now() < at + NOTED_EVERY);
    if settings.trouble == message && (message.is_some() || (is_recent && !had_news)) {
        return Ok(());
    }
    change(open, id, |settings| {
        settings.trouble.clone_from(&message);
        if message.is_none() {
            settings.synced = Some(now());
        }
    })
    .await
}

pub(super) async fn change(
    open: &mut Open,
    id: &TeamId,
    change: impl Fn(&mut super::RemoteSettings),
) -> Result<(), Fault> {
    open.write_unenrolled(async |open, changes| {
        let team = &mut open.teams[id];
        if let Some(settings) = &mut team.remote {
            change(settings);
            changes.remotes.push(RemoteRow {
                team: *id,
                payload: settings.encode(),
            });
        }
        Ok(())
    })
    .await
}
