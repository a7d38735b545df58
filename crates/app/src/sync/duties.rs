//! What is due and owed after others acted: rotations in their order, keys that others lack, a
//! sign of life.

use std::collections::BTreeMap;

use crypto::DeviceSecret;
use team::ids::{BundleId, EntryId, OpId, TeamId, VersionId};
use team::ledger::{Authored, Due, Owed};
use team::op::Heartbeat;
use team::{AuthorError, entry};
use vault::Changes;

use crate::Fault;
use crate::bundles::BundleAt;
use crate::clock::now;
use crate::entries;
use crate::open::{Open, Team, WriteError};

/// Between two signs of life, in seconds: a day.
const BEAT: u64 = 24 * 60 * 60;

/// Writes an op and takes it in.
pub(crate) fn write(
    team: &mut Team,
    changes: &mut Changes,
    author: impl FnOnce(&Team) -> Result<Authored, AuthorError>,
) -> Result<OpId, WriteError> {
    let authored = author(team)?;
    Ok(team.apply(changes, &authored, &BTreeMap::new())?)
}

/// Does all rotations that are due for this member, in their order.
pub(crate) async fn do_what_is_due(
    open: &mut Open,
    changes: &mut Changes,
    id: &TeamId,
) -> Result<(), WriteError> {
    // Each rotation settles its own due; the number of them bounds the loop.
    let most = 2 + open.teams[id].ledger.state().bundles().len();
    for _ in 0..most {
        let team = &mut open.teams[id];
        match team.ledger.next_due(&team.keyring) {
            None => return Ok(()),
            Some(Due::MemberKey) => {
                let device = DeviceSecret::from_bytes(&team.keyring.device().to_bytes());
                write(team, changes, |team| {
                    team.ledger.rotate_member_key(&team.keyring, &device, now())
                })?;
            }
            Some(Due::LogKey) => {
                write(team, changes, |team| {
                    team.ledger.rotate_log_key(&team.keyring, now())
                })?;
            }
            Some(Due::Epoch(bundle)) => start_epoch(open, changes, id, bundle).await?,
        }
    }
    Ok(())
}

/// Current versions of a bundle, opened, in portions that fit one op and its pack each.
type Portions = Vec<Vec<(EntryId, VersionId, entry::Opened)>>;

async fn start_epoch(
    open: &mut Open,
    changes: &mut Changes,
    id: &TeamId,
    bundle: BundleId,
) -> Result<(), WriteError> {
    let at = BundleAt {
        team: *id,
        id: bundle,
    };
    let mut portions = portions(open, &at, |_| true).await?.into_iter();
    let first = portions.next().unwrap_or_default();
    let team = &mut open.teams[id];
    write(team, changes, |team| {
        team.ledger
            .start_epoch(&team.keyring, bundle, &first, now())
    })?;
    for portion in portions {
        write(team, changes, |team| {
            team.ledger.reseal(&team.keyring, bundle, &portion, now())
        })?;
    }
    Ok(())
}

/// Seals live versions that stand under another key than the bundle's current one under that:
/// what has to come before the current key alone is handed to somebody.
pub(crate) async fn reseal_older(
    open: &mut Open,
    changes: &mut Changes,
    at: &BundleAt,
) -> Result<(), WriteError> {
    let current = open.teams[&at.team].ledger.current_epoch(&at.id);
    let portions = portions(open, at, |version| Some(version.key) != current).await?;
    let team = &mut open.teams[&at.team];
    for portion in portions {
        write(team, changes, |team| {
            team.ledger.reseal(&team.keyring, at.id, &portion, now())
        })?;
    }
    Ok(())
}

async fn portions(
    open: &mut Open,
    at: &BundleAt,
    wanted: impl Fn(&vault::Version) -> bool,
) -> Result<Portions, Fault> {
    let mut heads = open.vault.heads(&at.team, &at.id).await?;
    heads.retain(|version| !version.deleted && wanted(version));
    entries::make_readable(open, &mut heads).await?;
    let keyring = &open.teams[&at.team].keyring;
    let mut portions: Portions = Vec::new();
    let mut bytes = usize::MAX;
    for version in &heads {
        // What this member can't open somebody else seals anew.
        if keyring.bundle_key(&version.key).is_none() {
            continue;
        }
        let size = version.sealed.as_ref().map_or(0, Vec::len);
        let full = portions
            .last()
            .is_none_or(|last| last.len() == team::caps::VERSIONS);
        if full || bytes.saturating_add(size) > team::caps::PACK_BYTES / 2 {
            portions.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        let opened = entries::open_version(&open.teams, version)?;
        let last = portions.last_mut().expect("one was just pushed");
        last.push((version.entry, version.id, opened));
    }
    Ok(portions)
}

/// Does what this member has to do for the team after news: rotations, keys that others lack, and a
/// sign of life once a day and after joining. Says whether anything was written.
pub(crate) async fn do_duties(
    open: &mut Open,
    changes: &mut Changes,
    id: &TeamId,
) -> Result<bool, WriteError> {
    let before = changes.ops.len();
    do_what_is_due(open, changes, id).await?;
    // Each rewrap settles one bundle for one member.
    let owed = {
        let team = &open.teams[id];
        team.ledger.owed(&team.keyring)
    };
    let mut for_any_op = false;
    for owed in owed {
        let team = &mut open.teams[id];
        match owed {
            Owed::Bundle(bundle, member) => {
                write(team, changes, |team| {
                    team.ledger.rewrap(&team.keyring, bundle, member, now())
                })?;
            }
            Owed::LogKey(..) | Owed::Seed(_) => for_any_op = true,
        }
    }
    let written = changes.ops.len() > before;
    if (for_any_op && !written) || must_beat(&open.teams[id]) {
        beat(open, changes, id)?;
    }
    Ok(changes.ops.len() > before)
}

/// Whether there is anything to do.
pub(super) fn are_due(team: &Team) -> bool {
    team.ledger.next_due(&team.keyring).is_some()
        || !team.ledger.owed(&team.keyring).is_empty()
        || must_beat(team)
}

/// Whether a sign of life is due: a team of one needs none.
fn must_beat(team: &Team) -> bool {
    let last = team.ledger.state().heartbeats().get(&team.device);
    let silent = last.is_none_or(|last| last.time + BEAT <= now());
    silent && team.members().count() > 1
}

pub(crate) fn beat(open: &mut Open, changes: &mut Changes, id: &TeamId) -> Result<(), WriteError> {
    let heartbeat = Heartbeat {
        audit_head: open.vault.audit_head(),
        audit_count: open.vault.audit_count(),
    };
    write(&mut open.teams[id], changes, |team| {
        team.ledger.heartbeat(&team.keyring, heartbeat, now())
    })?;
    Ok(())
}
