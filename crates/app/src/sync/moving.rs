//! A team moves to another remote: everything is brought there first, and only then is it the
//! team's remote. What is interrupted is begun again, and finds what is there already.

use std::collections::{BTreeMap, BTreeSet};

use remotes::{Location, ObjectName, Remote};
use team::ids::TeamId;
use vault::{Changes, Object, Op, Remote as RemoteRow};

use super::act::{send, sync_team};
use super::names::{self, Named, Run};
use super::push::{self, pack_up};
use super::remote::{audit, view, with_remote};
use super::{FindingKind, MoveRemote, RemoteSettings, RemoteView, fetch, findings};
use crate::Fault;
use crate::open::{Open, WriteError};
use crate::requests::UseCase;
use crate::services::{self, Remembered};
use crate::session::Session;

/// Most ops asked of the vault at once.
const PAGE: u32 = 1_000;

impl UseCase for MoveRemote {
    async fn carry_out(self, session: &mut Session) -> Result<RemoteView, Fault> {
        let location = self.location.parse::<Location>()?.to_string();
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let id = with_remote(open.teams.meant(self.team.as_deref())?)?.id;
        let settings = open.teams[&id].remote.as_ref();
        let same = settings.is_some_and(|settings| settings.location == location);
        // What others left at the old place comes along.
        if !self.without_old {
            let report = sync_team(session, &id, true).await?;
            if let Some(fault) = report.failure.filter(|_| !same) {
                return Err(fault.next("`--without-old` goes all the same; what only the old place has is then left behind."));
            }
        }
        let remote = session.couriers.connect(&location)?;
        remote.establish().await?;
        let (open, _) = session.opened()?;
        let there = bring(open, &id, &remote).await?;
        open.write_unenrolled(async |open, changes| {
            switch(open, changes, &id, &location, &there).await?;
            audit(open, changes, &caller, "remote move", &id, &location);
            Ok(())
        })
        .await?;
        // What was lost there was just put back.
        findings::keep(open, &id, &[], |kept| kept.kind == FindingKind::Rollback).await?;
        let report = sync_team(session, &id, true).await?;
        if let Some(fault) = report.failure {
            return Err(fault);
        }
        let (open, _) = session.opened()?;
        let services = services::unpublished(&open.teams[&id]);
        Ok(RemoteView {
            services,
            ..view(open, &id).await?
        })
    }
}

/// What lies at the new place, and how far the vault's ops are among it.
struct There {
    segments: Vec<String>,
    /// Place in the order of arrival of the last op that was brought.
    arrival: u64,
}

/// Brings every op and its pack to a remote, but for what is there already.
async fn bring(open: &mut Open, id: &TeamId, remote: &Remote) -> Result<There, Fault> {
    let mut there = There {
        segments: Vec::new(),
        arrival: 0,
    };
    let segments = segments_at(id, remote).await?;
    let blobs = fetch::list(remote, &names::blobs(id), None).await?.names;
    loop {
        let portion = portion(open, id, there.arrival).await?;
        if portion.is_empty() {
            return Ok(there);
        }
        let ops = portion.iter().map(|(_, op)| op.clone());
        let mut outgoing = pack_up(open, id, ops).await?;
        there.arrival = portion[outgoing.ops.len() - 1].0;
        outgoing.blobs.retain(|(name, _)| !blobs.contains(name));
        outgoing.segments.retain(|(name, _)| {
            let known = promised(id, name).and_then(|promise| segments.get(&promise));
            there.segments.push(known.unwrap_or(name).to_string());
            known.is_none()
        });
        send(open, id, remote, &outgoing).await?;
    }
}

/// What a segment's name promises, whatever its day: the run and the hash.
fn promised(id: &TeamId, name: &ObjectName) -> Option<(Run, String)> {
    match names::read(id, name.as_str()) {
        Named::Segment { run, hash } => Some((run, hash)),
        _ => None,
    }
}

/// The segments that are there, by what they promise.
async fn segments_at(
    id: &TeamId,
    remote: &Remote,
) -> Result<BTreeMap<(Run, String), ObjectName>, Fault> {
    let listed = fetch::list(remote, &names::log(id), None).await?.names;
    let segments = listed
        .into_iter()
        .filter_map(|name| Some((promised(id, &name)?, name)));
    Ok(segments.collect())
}

/// The next ops in the order of arrival: as many as one round of pushing takes.
async fn portion(open: &mut Open, id: &TeamId, after: u64) -> Result<Vec<(u64, Op)>, Fault> {
    let (mut portion, mut bytes) = (Vec::new(), 0);
    let mut after = after;
    while bytes <= push::ROUND {
        let page = open.vault.all_ops(id, after, PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        bytes += page.iter().map(|(_, op)| op.raw.len()).sum::<usize>();
        portion.extend(page);
    }
    Ok(portion)
}

/// From now on the team's remote is this one. What was written since goes there with the next push.
async fn switch(
    open: &mut Open,
    changes: &mut Changes,
    id: &TeamId,
    location: &str,
    there: &There,
) -> Result<(), WriteError> {
    let before = open.teams[id].remote.as_ref();
    let sheets = before.map(|settings| settings.sheets.as_slice());
    let settings = RemoteSettings {
        // They lie at the old place; the next ones are counted on from there.
        sheets: sheets
            .unwrap_or_default()
            .iter()
            .map(Remembered::elsewhere)
            .collect(),
        ..RemoteSettings::at(location)
    };
    changes.remotes.push(RemoteRow {
        team: *id,
        payload: settings.encode(),
    });
    changes.objects_forgotten.push(*id);
    changes.objects = there
        .segments
        .iter()
        .map(|name| Object {
            team: *id,
            name: name.clone(),
        })
        .collect();
    let mut since = BTreeSet::new();
    let mut after = there.arrival;
    loop {
        let page = open.vault.all_ops(id, after, PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        since.extend(page.iter().map(|(_, op)| op.id));
    }
    changes.outbox = since.iter().map(|op| (*id, *op)).collect();
    let waiting = open.vault.outbox(id).await?.into_iter();
    let waiting = waiting.filter(|op| !since.contains(&op.id));
    changes.outbox_removed = waiting.map(|op| (*id, op.id)).collect();
    let team = &mut open.teams[id];
    team.remote = Some(settings);
    if let Some(asked) = &mut team.facts.asked {
        asked.published = asked.request.is_empty();
        changes.identities.push(team.identity());
    }
    Ok(())
}
