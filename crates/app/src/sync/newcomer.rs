//! Until somebody lets this device in: the log is sealed to others, so it is not fetched before an
//! op brings a key.

use std::rc::Rc;

use remotes::{ObjectName, Remote};
use team::ids::TeamId;
use vault::{Changes, Object};

use super::absorb::keep_keys;
use super::fetch;
use super::incoming::{Incoming, in_order};
use super::names::{self, Named, day_of};
use super::pull::{list, open_segments};
use crate::Fault;
use crate::clock::now;
use crate::open::{Open, Team};

/// Whether nothing has come yet that is meant for this device.
pub(super) fn waits(team: &Team) -> bool {
    team.facts
        .asked
        .as_ref()
        .is_some_and(|asked| !asked.answered)
}

/// Puts the request to join where approvers look, if it isn't there yet, and looks whether a key
/// has come: among the ops that are new since the last look. Says so.
pub(super) async fn look_for_answer(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    full: bool,
) -> Result<bool, Fault> {
    let shown = list(open, id, remote, full).await?;
    let is_segment =
        |name: &ObjectName| matches!(names::read(id, name.as_str()), Named::Segment { .. });
    let mut new: Vec<ObjectName> = shown.names.into_iter().filter(is_segment).collect();
    let asked = open.teams[id].facts.asked.as_ref();
    if asked.is_some_and(|asked| !asked.published) {
        // Nobody can have answered what nobody has seen.
        remember(open, id, &new).await?;
        return publish(open, id, remote).await.map(|()| false);
    }
    while !new.is_empty() {
        let round = fetch::get(remote, &new).await?;
        let looked_at: Vec<ObjectName> = new.drain(..round.len()).collect();
        let mut ops = open_segments(id, round).ops;
        let learned = in_order(&mut open.teams[id], &mut ops);
        if !learned.is_empty() {
            keep_keys(open, id, &learned).await?;
            answered(open, id).await?;
            return Ok(true);
        }
        remember(open, id, &looked_at).await?;
    }
    Ok(false)
}

/// Whether the team's first op can be opened, if it is among these and was not taken in yet.
pub(super) async fn opens_genesis(
    open: &mut Open,
    id: &TeamId,
    ops: &[Rc<Incoming>],
) -> Result<bool, Fault> {
    let team = &mut open.teams[id];
    if team.ledger.chains().heads().next().is_some() {
        return Ok(true);
    }
    let mut ops = ops.to_vec();
    let learned = in_order(team, &mut ops);
    let genesis = team.genesis;
    let opened = ops.iter().any(|op| {
        let signed = op.signed();
        signed
            .as_ref()
            .is_some_and(|op| op.id() == genesis && op.lamport().is_some())
    });
    if !learned.is_empty() {
        keep_keys(open, id, &learned).await?;
    }
    Ok(opened)
}

/// What was looked at is not looked at again while this device waits.
async fn remember(open: &mut Open, id: &TeamId, names: &[ObjectName]) -> Result<(), Fault> {
    if names.is_empty() {
        return Ok(());
    }
    open.write_unenrolled(async |_, changes: &mut Changes| {
        let object = |name: &ObjectName| Object {
            team: *id,
            name: name.to_string(),
        };
        changes.objects = names.iter().map(object).collect();
        Ok(())
    })
    .await
}

/// A key has come: from now on the whole log is worth fetching, also what was looked at before.
async fn answered(open: &mut Open, id: &TeamId) -> Result<(), Fault> {
    open.write_unenrolled(async |open, changes| {
        let team = &mut open.teams[id];
        if let Some(asked) = &mut team.facts.asked {
            asked.answered = true;
        }
        changes.identities.push(team.identity());
        changes.objects_forgotten.push(*id);
        Ok(())
    })
    .await
}

async fn publish(open: &mut Open, id: &TeamId, remote: &Remote) -> Result<(), Fault> {
    let Some(asked) = open.teams[id].facts.asked.clone() else {
        return Ok(());
    };
    let name = names::request(id, day_of(now()), &asked.invitation, &asked.request);
    fetch::store(remote, &[(name, asked.request)]).await?;
    open.write_unenrolled(async |open, changes| {
        let team = &mut open.teams[id];
        if let Some(asked) = &mut team.facts.asked {
            asked.published = true;
        }
        changes.identities.push(team.identity());
        Ok(())
    })
    .await
}
