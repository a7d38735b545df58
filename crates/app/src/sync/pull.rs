//! The way in: list, fetch what is not known, absorb it, and keep what is wrong as findings.

use std::collections::BTreeSet;
use std::rc::Rc;

use remotes::{ObjectName, Remote};
use team::ids::{BlobId, BundleId, TeamId};
use team::segment;

use super::absorb::{self, Absorbed, absorb};
use super::fetch::{self, Shown};
use super::findings::{self, Covered, KeptFinding};
use super::incoming::{self, Incoming};
use super::names::{self, Named, Run};
use super::requests_to_join::{self, Came};
use super::{FindingKind, TeamSync, covers, newcomer};
use crate::bundles::{self, BundleAt};
use crate::open::Open;
use crate::{Code, Fault};

/// Days before the cursor from which an incremental listing starts: clocks differ, and a push may
/// have come late.
const DAYS_BACK: u32 = 2;

/// Most packs that one sync asks for.
const MOST_PACKS: usize = 256;

/// How many of the newest segments are looked at first for a key that opens all the rest.
const NEWEST: usize = 8;

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
    let shown = list(open, id, remote, full).await?;
    let (mut segments, mut requests, mut bad) = (Vec::new(), Vec::new(), Vec::new());
    for name in shown.names {
        match names::read(id, name.as_str()) {
            Named::Segment { .. } => segments.push(name),
            Named::Request { .. } => requests.push(name),
            Named::Other => bad.push(stray(name.as_str())),
        }
    }
    bad.extend(shown.strays.iter().map(|name| stray(name)));
    let mut absorbed = Absorbed::default();
    if segments.len() > covers::MANY && remote.asks_one_by_one() {
        let mut bad_covers = Vec::new();
        let (some, unopened) = covers::pull(open, id, remote, &mut bad_covers).await?;
        absorbed = some;
        if !unopened.is_empty() {
            let newest = &mut segments;
            let some = absorb_with_newest(open, id, remote, unopened, newest, &mut bad).await?;
            absorbed.add(some);
        }
        bad.extend(bad_covers.iter().map(|name| bad_object(name)));
        segments = covers::unaccounted(open, id, segments).await?;
    }
    absorbed.add(pull_segments(open, id, remote, segments, &mut bad).await?);
    bad.extend(findings::of_members(&open.teams[id], &absorbed));
    report.received += absorbed.applied;
    name_bundles(open, id, &absorbed.bundles, report);
    pull_packs(open, id, remote, absorbed.packs, &mut bad, report).await?;
    if open.teams[id].is_member() {
        report.requests += pull_requests(open, id, remote, &requests, &mut bad).await?;
    }
    keep(open, id, &bad, full).await?;
    // Packs are in no listing: one that is missing asks for none.
    Ok(absorbed.lacks_cited)
}

/// Lists the log, all of it or the days that may have news, and gives what is not known yet. A
/// remote that shows less than before is not read any further.
pub(super) async fn list(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    full: bool,
) -> Result<Shown, Fault> {
    let cursor = open.teams[id].remote.as_ref().and_then(|of| of.cursor);
    let after = match (full, cursor) {
        (false, Some(day)) => Some(names::before_day(id, day.saturating_sub(DAYS_BACK))),
        _ => None,
    };
    let mut shown = fetch::list(remote, &names::log(id), after.clone()).await?;
    let log = names::log(id);
    let from = after.as_deref().unwrap_or(log.as_str());
    let known = open.vault.known_objects_after(id, from).await?;
    look_for_rollback(open, id, remote, after.as_deref(), &shown, &known).await?;
    let known: BTreeSet<String> = known.into_iter().collect();
    shown.names.retain(|name| !known.contains(name.as_str()));
    Ok(shown)
}

/// Keeps what is wrong with objects. One that is known by now was what its name says in the end.
async fn keep(open: &mut Open, id: &TeamId, bad: &[KeptFinding], full: bool) -> Result<(), Fault> {
    let log = names::log(id);
    let known = open.vault.known_objects(id, log.as_str()).await?;
    let known: BTreeSet<String> = known.into_iter().collect();
    let looked_for = |kept: &KeptFinding| match kept.kind {
        FindingKind::BadObject | FindingKind::Stray if full => true,
        // Packs are asked for by every sync.
        FindingKind::BadObject => {
            let object = kept.object.as_ref();
            object.is_some_and(|name| known.contains(name) || !name.starts_with(log.as_str()))
        }
        _ => false,
    };
    findings::keep(open, id, bad, looked_for).await
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

/// A remote that shows less than before is not read any further. A name alone shows nothing: where
/// others than those that are known have to stand in for what is gone, they are opened first.
async fn look_for_rollback(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    after: Option<&str>,
    shown: &Shown,
    known: &[String],
) -> Result<(), Fault> {
    let old: BTreeSet<&str> = known.iter().map(String::as_str).collect();
    let is_old = |name: &&ObjectName| old.contains(name.as_str());
    let (old, new): (Vec<_>, Vec<_>) = shown.names.iter().partition(is_old);
    let mut covered = Covered::by(id, old.into_iter().map(ObjectName::as_str));
    let mut lost = findings::missing(open, id, after, &covered, known).await?;
    if !lost.is_empty() {
        let mut new: Vec<ObjectName> = new.into_iter().cloned().collect();
        while !new.is_empty() {
            let round = fetch::get(remote, &new).await?;
            new.drain(..round.len());
            let opened = open_segments(id, round).objects;
            covered.add(id, opened.iter().map(String::as_str));
        }
        lost = findings::missing(open, id, after, &covered, known).await?;
    }
    if lost.is_empty() {
        return Ok(());
    }
    findings::keep(open, id, &lost, |_| false).await?;
    Err(rolled_back())
}

async fn pull_segments(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    mut names: Vec<ObjectName>,
    bad: &mut Vec<KeptFinding>,
) -> Result<Absorbed, Fault> {
    let mut all = absorb_waiting(open, id).await?;
    let (mut incoming, mut objects) = (Vec::new(), Vec::new());
    open.progress.is_to_fetch(names.len());
    while !names.is_empty() {
        let round = fetch::get(remote, &names).await?;
        names.drain(..round.len());
        open.progress.has_fetched(round.len());
        let opened = open_segments(id, round);
        bad.extend(opened.bad.iter().map(|name| bad_object(name)));
        incoming.extend(opened.ops);
        objects.extend(opened.objects);
        // The oldest log key may be learned from the newest ops: until then nothing has a place.
        if !names.is_empty() && !newcomer::opens_genesis(open, id, &incoming).await? {
            continue;
        }
        let ops = std::mem::take(&mut incoming);
        let some = absorb(open, id, ops, &std::mem::take(&mut objects)).await?;
        bad.extend(some.bad.iter().map(|name| bad_object(name)));
        all.add(some);
    }
    Ok(all)
}

/// What covers brought to a newcomer may stand under a key that only a later op seals, and the
/// newest ops are in no cover yet. Fetches their segments, the newest first, until the team's first
/// op opens, and takes everything in together.
async fn absorb_with_newest(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    mut incoming: Vec<Rc<Incoming>>,
    segments: &mut Vec<ObjectName>,
    bad: &mut Vec<KeptFinding>,
) -> Result<Absorbed, Fault> {
    let (mut objects, mut at_once) = (Vec::new(), NEWEST);
    while !segments.is_empty() && !newcomer::opens_genesis(open, id, &incoming).await? {
        let mut newest = segments.split_off(segments.len().saturating_sub(at_once));
        at_once *= 2;
        while !newest.is_empty() {
            let round = fetch::get(remote, &newest).await?;
            newest.drain(..round.len());
            let opened = open_segments(id, round);
            bad.extend(opened.bad.iter().map(|name| bad_object(name)));
            incoming.extend(opened.ops);
            objects.extend(opened.objects);
        }
    }
    let absorbed = absorb(open, id, incoming, &objects).await?;
    bad.extend(absorbed.bad.iter().map(|name| bad_object(name)));
    Ok(absorbed)
}

/// What waits from earlier syncs is tried again, though nothing new came: a vault that was opened
/// since has only the stored ops, and a finding about what they lack must not pass for resolved
/// (threats 7, 8, 9).
async fn absorb_waiting(open: &mut Open, id: &TeamId) -> Result<Absorbed, Fault> {
    let joining = open.teams[id].facts.asked.is_some();
    if joining || !open.vault.has_waiting(id).await? {
        return Ok(Absorbed::default());
    }
    absorb::retry(open, id).await
}

/// What a round of fetching brought.
#[derive(Default)]
pub(super) struct Opened {
    pub ops: Vec<Rc<Incoming>>,
    /// The objects that keep what their name promises.
    pub objects: Vec<String>,
    /// Those that do not.
    pub bad: Vec<String>,
}

/// Holds segments against their names: the hash, the device and the places (threats 1, 2, 12).
pub(super) fn open_segments(id: &TeamId, round: Vec<(ObjectName, Option<Vec<u8>>)>) -> Opened {
    let mut opened = Opened::default();
    let mut segments = Vec::new();
    for (name, bytes) in round {
        let name = name.to_string();
        match bytes.and_then(|bytes| open_segment(id, &name, &bytes)) {
            Some((run, ops)) => segments.push((name, run, ops)),
            None => opened.bad.push(name),
        }
    }
    let all: Vec<Rc<Incoming>> = segments
        .iter()
        .flat_map(|(_, _, ops)| ops.iter().cloned())
        .collect();
    incoming::verify(&all);
    for (name, run, ops) in segments {
        let in_place = ops.iter().zip(run.first..).all(|(op, seq)| {
            let signed = op.signed();
            signed
                .as_ref()
                .is_some_and(|op| (op.device(), op.seq()) == (run.device, seq))
        });
        if in_place {
            opened.ops.extend(ops);
            opened.objects.push(name);
        } else {
            opened.bad.push(name);
        }
    }
    opened
}

fn open_segment(id: &TeamId, name: &str, bytes: &[u8]) -> Option<(Run, Vec<Rc<Incoming>>)> {
    let Named::Segment { run, hash } = names::read(id, name) else {
        return None;
    };
    if names::hash_of(bytes) != hash {
        return None;
    }
    let ops = segment::decode(run.count(), bytes)?.into_iter();
    let ops = ops.map(|op| Rc::new(Incoming::new(op, None, Some(name.to_owned()))));
    Some((run, ops.collect()))
}

/// Fetches the packs that ops wait for, and hands those ops in again. Only some hundred of them in
/// one sync, from anywhere among them: somebody may cite any number that never come (threat 13).
async fn pull_packs(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    packs: BTreeSet<BlobId>,
    bad: &mut Vec<KeptFinding>,
    report: &mut TeamSync,
) -> Result<(), Fault> {
    let (mut wanted, mut tried) = (packs, BTreeSet::new());
    loop {
        let from = BlobId::from_bytes(crypto::make_bytes());
        let in_turn = wanted.range(from..).chain(wanted.range(..from));
        let room = MOST_PACKS.saturating_sub(tried.len());
        let some: Vec<BlobId> = in_turn.take(room).copied().collect();
        if some.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = some.iter().map(|pack| names::blob(id, pack)).collect();
        tried.extend(some);
        // What was applied may be followed by what waits for other packs.
        wanted = take_packs(open, id, remote, names, bad, report).await?;
        wanted.retain(|pack| !tried.contains(pack));
    }
}

/// Fetches packs, and gives those that ops wait for in the end.
async fn take_packs(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    mut names: Vec<ObjectName>,
    bad: &mut Vec<KeptFinding>,
    report: &mut TeamSync,
) -> Result<BTreeSet<BlobId>, Fault> {
    let mut wanted = BTreeSet::new();
    while !names.is_empty() {
        let round = fetch::get_packs(remote, &names).await?;
        names.drain(..round.len());
        for (name, bytes) in round {
            let Some(bytes) = bytes else { continue };
            // Under whatever name it lay: its hash says which one it is.
            let pack = team::pack::pack_id(&bytes);
            if names::blob(id, &pack) != name {
                bad.push(bad_object(name.as_str()));
            }
            let waiting = open.teams[id].ledger.waiting_for_pack(&pack);
            let waiting: Vec<Vec<u8>> = waiting.map(<[u8]>::to_vec).collect();
            // Many ops may cite one pack: so many at a time as a round holds.
            for ops in waiting.chunks(fetch::at_once(bytes.len())) {
                let incoming = ops.iter().map(|op| {
                    let pack = Some(bytes.clone());
                    Rc::new(Incoming::new(op.clone(), pack, None))
                });
                let absorbed = absorb(open, id, incoming.collect(), &[]).await?;
                report.received += absorbed.applied;
                name_bundles(open, id, &absorbed.bundles, report);
                wanted = absorbed.packs;
            }
        }
    }
    Ok(wanted)
}

async fn pull_requests(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    names: &[ObjectName],
    bad: &mut Vec<KeptFinding>,
) -> Result<u64, Fault> {
    let mut came = Vec::new();
    let mut left = names;
    while !left.is_empty() {
        let round = fetch::get_requests(remote, left).await?;
        left = &left[round.len()..];
        for (name, bytes) in round {
            let Named::Request { hash, .. } = names::read(id, name.as_str()) else {
                continue;
            };
            match bytes.filter(|bytes| names::hash_of(bytes) == hash) {
                Some(bytes) => came.push(Came {
                    object: name.to_string(),
                    hash,
                    bytes,
                }),
                None => bad.push(bad_object(name.as_str())),
            }
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
