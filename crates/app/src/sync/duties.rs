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
use crate::audit;
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

/// Does all rotations that are due for this member, in their order. One that can't be done holds up
/// nothing, least of all the act because of which it is due: it stays due, and the reason is given
/// back.
pub(crate) async fn do_what_is_due(
    open: &mut Open,
    changes: &mut Changes,
    id: &TeamId,
) -> Result<Option<Fault>, WriteError> {
    let mut undone: Vec<Due> = Vec::new();
    let mut why = None;
    let head = own_head(&open.teams[id]);
    // Each rotation settles its own due; the number of them bounds the loop.
    let most = 2 + open.teams[id].ledger.state().bundles().len();
    for _ in 0..most {
        let team = &open.teams[id];
        let mut due = team.ledger.due(&team.member).into_iter();
        let Some(next) = due.find(|due| !undone.contains(due)) else {
            break;
        };
        match rotate(open, changes, id, next).await {
            Err(WriteError::Fault(fault)) if in_step(&open.teams[id], changes, head) => {
                undone.push(next);
                why = why.or(Some(fault));
            }
            outcome => outcome?,
        }
    }
    Ok(why)
}

/// The op that this device's next one follows.
fn own_head(team: &Team) -> Option<OpId> {
    let head = team.ledger.chains().head(&team.device);
    head.map(|(_, op)| op)
}

/// Whether the ledger's next op follows one that this commit, or one before it, stores: not so where
/// the ledger took in an op that came to nothing. `before` was the head when the work began.
fn in_step(team: &Team, changes: &Changes, before: Option<OpId>) -> bool {
    let head = own_head(team);
    head == before || changes.ops.iter().any(|op| Some(op.id) == head)
}

/// Rotates what an act has made due, in a commit after the act's own: no removal depends on
/// whether all that the removed had can be sealed anew (threat 36). What can't be done now, the next sync
/// tries again and tells of.
pub(crate) async fn rotate_after(open: &mut Open, id: &TeamId) {
    let rotated = open.write(async |open, changes| do_what_is_due(open, changes, id).await);
    drop(rotated.await);
}

async fn rotate(
    open: &mut Open,
    changes: &mut Changes,
    id: &TeamId,
    due: Due,
) -> Result<(), WriteError> {
    let team = &mut open.teams[id];
    match due {
        Due::MemberKey => {
            let device = DeviceSecret::from_bytes(&team.keyring.device().to_bytes());
            write(team, changes, |team| {
                team.ledger.rotate_member_key(&team.keyring, &device, now())
            })?;
        }
        Due::LogKey => {
            write(team, changes, |team| {
                team.ledger.rotate_log_key(&team.keyring, now())
            })?;
        }
        Due::Epoch(bundle) => start_epoch(open, changes, id, bundle).await?,
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
    entries::make_openable(open, &mut heads).await?;
    let mut portions: Portions = Vec::new();
    let mut bytes = usize::MAX;
    for version in &heads {
        // What this member has no key for somebody else seals anew. Noise that a member wrote
        // stays behind under its old key, and holds up no rotation.
        let Ok(opened) = entries::open_version(&open.teams, version) else {
            continue;
        };
        let size = version.sealed.as_ref().map_or(0, Vec::len);
        let full = portions
            .last()
            .is_none_or(|last| last.len() == team::caps::VERSIONS);
        if full || bytes.saturating_add(size) > team::caps::PACK_BYTES / 2 {
            portions.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        let last = portions.last_mut().expect("one was just pushed");
        last.push((version.entry, version.id, opened));
    }
    Ok(portions)
}

/// What came of the duties.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Whether anything was written.
    pub wrote: bool,
    /// Why some of it could not be done, if so.
    pub undone: Option<Fault>,
}

/// Does what this member has to do for the team after news: rotations, keys that others lack, and a
/// sign of life once a day and after joining. What can't be done holds up nothing else.
pub(crate) async fn do_duties(
    open: &mut Open,
    changes: &mut Changes,
    id: &TeamId,
) -> Result<Done, WriteError> {
    let (before, head) = (changes.ops.len(), own_head(&open.teams[id]));
    let mut undone = do_what_is_due(open, changes, id).await?;
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
                let rewrapped = write(team, changes, |team| {
                    team.ledger.rewrap(&team.keyring, bundle, member, now())
                });
                match rewrapped {
                    Err(WriteError::Fault(fault)) if in_step(&open.teams[id], changes, head) => {
                        undone = undone.or(Some(fault));
                    }
                    rewrapped => drop(rewrapped?),
                }
            }
            Owed::LogKey(..) | Owed::Seed(_) => for_any_op = true,
        }
    }
    let written = changes.ops.len() > before;
    let beats = (for_any_op && !written) || must_beat(&open.teams[id]);
    if beats || audit::are_awaited(open, id).await? {
        match beat(open, changes, id).await {
            Err(WriteError::Fault(fault)) if in_step(&open.teams[id], changes, head) => {
                undone = undone.or(Some(fault));
            }
            beat => beat?,
        }
    }
    let wrote = changes.ops.len() > before;
    Ok(Done { wrote, undone })
}

/// Whether there is anything to do.
pub(super) async fn are_due(open: &mut Open, id: &TeamId) -> Result<bool, Fault> {
    let team = &open.teams[id];
    let due = team.ledger.next_due(&team.keyring).is_some()
        || !team.ledger.owed(&team.keyring).is_empty()
        || must_beat(team);
    Ok(due || audit::are_awaited(open, id).await?)
}

/// Whether a sign of life is due, or what the last one said is not true any more: a team of one
/// needs none.
fn must_beat(team: &Team) -> bool {
    let last = team.ledger.state().heartbeats().get(&team.device);
    let outdated = last.is_none_or(|last| {
        last.time.saturating_add(BEAT) <= now()
            || last.time > now().saturating_add(BEAT)
            || last.heartbeat.age != team.ledger.own_age_recipient(&team.keyring)
    });
    outdated && team.members().count() > 1
}

/// A sign of life, and before it all reads that were not published yet.
pub(super) async fn beat(
    open: &mut Open,
    changes: &mut Changes,
    id: &TeamId,
) -> Result<(), WriteError> {
    let audit_count = open.vault.audit_count();
    for reads in audit::to_publish(open, id).await? {
        write(&mut open.teams[id], changes, |team| {
            team.ledger.publish_audit(&team.keyring, &reads, now())
        })?;
    }
    let heartbeat = Heartbeat {
        audit_head: open.vault.audit_head(),
        audit_count,
        published: Some(audit_count),
        age: {
            let team = &open.teams[id];
            team.ledger.own_age_recipient(&team.keyring)
        },
    };
    write(&mut open.teams[id], changes, |team| {
        team.ledger.heartbeat(&team.keyring, heartbeat, now())
    })?;
    Ok(())
}
