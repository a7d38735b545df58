//! The way in: list, fetch what is not known, absorb it, and keep what is wrong as findings.

use std::collections::BTreeSet;

use remotes::{ObjectName, Remote};
use team::ids::{BlobId, BundleId, TeamId};
use team::ledger::Missing;

use super::absorb::{Absorbed, Incoming, absorb};
use super::fetch::{self, Shown};
use super::findings::{self, Covered, KeptFinding};
use super::names::{self, Named};
use super::requests_to_join::{self, Came};
use super::{FindingKind, TeamSync, segment};
use crate::bundles::{self, BundleAt};
use crate::open::Open;
use crate::{Code, Fault};

/// Days before the cursor from which an incremental listing starts: clocks differ, and a push may
/// have come late.
const DAYS_BACK: u32 = 2;

/// Why a sync stops in the middle.
fn rolled_back() -> Fault {
    Fault::new(
        Code::Integrity,
        "ROLLBACK: the remote has lost what was there before. Nothing was taken in or pushed.",
    )
    .next("Ask who keeps it. `sealfold remote move` to the same place puts back what it lost.")
}

/// Lists, fetches what is new, and absorbs it. Says whether something that is cited did not come.
pub(super) async fn pull(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    full: bool,
    report: &mut TeamSync,
) -> Result<bool, Fault> {
    let cursor = open.teams[id].remote.as_ref().and_then(|of| of.cursor);
    let after = match (full, cursor) {
        (false, Some(day)) => Some(names::before_day(id, day.saturating_sub(DAYS_BACK))),
        _ => None,
    };
    let shown = fetch::list(remote, &names::log(id), after.clone()).await?;
    look_for_rollback(open, id, after.as_deref(), &shown).await?;

    let log = names::log(id);
    let known = open.vault.known_objects(id, log.as_str()).await?;
    let known: BTreeSet<String> = known.into_iter().collect();
    let (mut segments, mut requests, mut bad) = (Vec::new(), Vec::new(), Vec::new());
    for name in shown.names {
        if known.contains(name.as_str()) {
            continue;
        }
        match names::read(id, name.as_str()) {
            Named::Segment { .. } => segments.push(name),
            Named::Request { .. } => requests.push(name),
            Named::Other => bad.push(stray(name.as_str())),
        }
    }
    bad.extend(shown.strays.iter().map(|name| stray(name)));
    let absorbed = pull_segments(open, id, remote, segments, &mut bad).await?;
    report.received += absorbed.applied;
    name_bundles(open, id, &absorbed.bundles, report);
    let lacks_packs = pull_packs(open, id, remote, absorbed.packs, report).await?;
    if open.teams[id].is_member() {
        report.requests += pull_requests(open, id, remote, &requests).await?;
    }
    let looked_at = match full {
        true => vec![FindingKind::BadObject, FindingKind::Stray],
        false => Vec::new(),
    };
    findings::keep(open, id, &bad, &looked_at).await?;
    Ok(absorbed.lacks_cited || lacks_packs)
}

fn stray(name: &str) -> KeptFinding {
    KeptFinding::of_object(
        FindingKind::Stray,
        name,
        "Something lies among the team's objects that is none of them.",
    )
}

pub(super) fn bad_object(name: &str) -> KeptFinding {
    KeptFinding::of_object(
        FindingKind::BadObject,
        name,
        "An object on the remote is not what its name says, or holds ops that do not hold.",
    )
}

/// A remote that shows less than before is not read any further.
async fn look_for_rollback(
    open: &mut Open,
    id: &TeamId,
    after: Option<&str>,
    shown: &Shown,
) -> Result<(), Fault> {
    let covered = Covered::by(id, shown.names.iter().map(ObjectName::as_str));
    let lost = findings::missing(open, id, after, &covered).await?;
    if lost.is_empty() {
        return Ok(());
    }
    findings::keep(open, id, &lost, &[]).await?;
    Err(rolled_back())
}

async fn pull_segments(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    mut names: Vec<ObjectName>,
    bad: &mut Vec<KeptFinding>,
) -> Result<Absorbed, Fault> {
    let mut all = Absorbed::default();
    let (mut incoming, mut objects) = (Vec::new(), Vec::new());
    loop {
        let round = fetch::get(remote, &names).await?;
        names.drain(..round.len());
        for (name, bytes) in round {
            match bytes.and_then(|bytes| open_segment(id, &name, &bytes)) {
                Some(ops) => {
                    incoming.extend(ops);
                    objects.push(name.to_string());
                }
                None => bad.push(bad_object(name.as_str())),
            }
        }
        let last = names.is_empty();
        // Who is not let in yet can't tell what a part of the log is worth.
        if !last && open.teams[id].facts.asked.is_some() {
            continue;
        }
        if !incoming.is_empty() {
            let some = absorb(open, id, std::mem::take(&mut incoming), &objects).await?;
            bad.extend(some.bad.iter().map(|name| bad_object(name)));
            all.applied += some.applied;
            all.bundles.extend(some.bundles);
            (all.packs, all.lacks_cited) = (some.packs, some.lacks_cited);
            objects.clear();
        }
        if last {
            return Ok(all);
        }
    }
}

fn open_segment(id: &TeamId, name: &ObjectName, bytes: &[u8]) -> Option<Vec<Incoming>> {
    let Named::Segment { run, hash } = names::read(id, name.as_str()) else {
        return None;
    };
    if names::hash_of(bytes) != hash {
        return None;
    }
    let ops = segment::decode(&run, bytes)?.into_iter();
    Some(
        ops.map(|op| Incoming {
            op,
            pack: None,
            object: Some(name.to_string()),
        })
        .collect(),
    )
}

/// Fetches the packs that ops wait for, and hands those ops in again. Says whether one is missing.
async fn pull_packs(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    packs: BTreeSet<BlobId>,
    report: &mut TeamSync,
) -> Result<bool, Fault> {
    let mut wanted = packs;
    let mut missing = false;
    while let Some(pack) = wanted.pop_first() {
        let name = names::blob(id, &pack);
        let got = fetch::get_packs(remote, std::slice::from_ref(&name)).await?;
        let bytes = got.into_iter().next().and_then(|(_, bytes)| bytes);
        let Some(bytes) = bytes.filter(|bytes| team::pack::pack_id(bytes) == pack) else {
            missing = true;
            continue;
        };
        let waits: BTreeSet<_> = {
            let waiting = open.teams[id].ledger.waiting();
            let for_it =
                |missing: &Missing| matches!(missing, Missing::Pack(blob) if *blob == pack);
            waiting
                .filter(|(_, missing)| for_it(missing))
                .map(|(op, _)| *op)
                .collect()
        };
        let rows = open.vault.waiting_ops(id).await?;
        let with_pack = rows.into_iter().filter(|row| waits.contains(&row.op));
        let incoming: Vec<Incoming> = with_pack
            .map(|row| Incoming {
                op: row.raw,
                pack: Some(bytes.clone()),
                object: None,
            })
            .collect();
        if incoming.is_empty() {
            continue;
        }
        let absorbed = absorb(open, id, incoming, &[]).await?;
        report.received += absorbed.applied;
        name_bundles(open, id, &absorbed.bundles, report);
        wanted.extend(absorbed.packs.into_iter().filter(|other| *other > pack));
    }
    Ok(missing)
}

async fn pull_requests(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    names: &[ObjectName],
) -> Result<u64, Fault> {
    let mut came = Vec::new();
    for (name, bytes) in fetch::get(remote, names).await? {
        if let (Named::Request { hash, .. }, Some(bytes)) = (names::read(id, name.as_str()), bytes)
            && names::hash_of(&bytes) == hash
        {
            came.push(Came {
                object: name.to_string(),
                hash,
                bytes,
            });
        }
    }
    requests_to_join::keep(open, id, &came).await
}

fn name_bundles(open: &Open, id: &TeamId, changed: &BTreeSet<BundleId>, report: &mut TeamSync) {
    let team = &open.teams[id];
    let readable = changed
        .iter()
        .filter(|id| team.bundle(id).is_some_and(|bundle| team.has(bundle)));
    let names = readable.map(|bundle| {
        let at = BundleAt {
            team: *id,
            id: *bundle,
        };
        bundles::full_name(&open.teams, &at)
    });
    report.changed_bundles.extend(names);
    report.changed_bundles.sort();
    report.changed_bundles.dedup();
}
