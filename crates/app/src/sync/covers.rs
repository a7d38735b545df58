//! Covers: objects that gather ops of many devices, so that whoever lacks thousands of small
//! segments asks for a few objects instead. Only where each object costs a request.
//!
//! A cover is believed in nothing. Its ops are received like any others; and a segment counts as
//! had only when its own bytes can be put together again from ops that are here, so that its hash
//! is the one in its name. What no cover accounts for is fetched as if there were none.

use std::collections::BTreeMap;
use std::rc::Rc;

use remotes::{ObjectName, Remote};
use team::ids::{DeviceId, TeamId};
use team::segment;
use vault::{Changes, Object, Op};

use super::absorb::{Absorbed, absorb};
use super::act::change;
use super::fetch;
use super::incoming::Incoming;
use super::names::{self, Named, Run, Span};
use super::newcomer::opens_genesis;
use crate::Fault;
use crate::open::{Open, Team};

/// From so many new segments on, covers are looked for.
pub(super) const MANY: usize = 16;
/// So many new objects make the covers due, and up to seven more, by device: not everybody looks at
/// the same moment.
const DUE: u64 = 24;
/// So many ops that no cover holds are worth one.
const WORTH: u64 = 24;
/// Ops that come again at the start of a cover: members have concurrent ops in another order.
const OVERLAP: u64 = 64;
/// Most covers that are fetched at a time.
const MOST: usize = 64;
/// Most ops asked of the vault at once.
const PAGE: u64 = 1_000;

/// Covers, each reaching further than the one before, from a place on.
fn chain(names: impl IntoIterator<Item = ObjectName>, id: &TeamId, from: u64) -> Chain {
    let mut covers: Vec<(Span, ObjectName)> = names
        .into_iter()
        .filter_map(|name| Some((names::read_cover(id, name.as_str())?.span, name)))
        .collect();
    covers.sort_by(|a, b| (a.0, a.1.as_str()).cmp(&(b.0, b.1.as_str())));
    let (mut reach, mut links) = (from, Vec::new());
    while links.len() < MOST {
        let furthest = covers
            .iter()
            .filter(|(span, _)| span.first <= reach && span.last >= reach)
            .max_by_key(|(span, _)| span.last);
        let Some((span, name)) = furthest else { break };
        let start = reach;
        reach = span.last + 1;
        links.push((start, name.clone()));
    }
    Chain { links, reach }
}

/// Covers that follow each other.
struct Chain {
    /// From which place each is needed, and its name.
    links: Vec<(u64, ObjectName)>,
    /// The first place that none of them holds.
    reach: u64,
}

impl Chain {
    /// Where a new cover begins that ends at `total`: those before it that are no longer than what
    /// is gathered go into it, so that there are ever few, and an op is written again seldom.
    fn next_start(&self, total: u64) -> u64 {
        let mut start = self.reach;
        for (link, _) in self.links.iter().rev() {
            let (length, gathered) = (start - link, total - start);
            if length > gathered || length + gathered > segment::OPS as u64 {
                break;
            }
            start = *link;
        }
        start
    }
}

/// Takes in what covers hold of that which is not here yet. Gives the ops that no key opens so far.
pub(super) async fn pull(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    bad: &mut Vec<String>,
) -> Result<(Absorbed, Vec<Rc<Incoming>>), Fault> {
    let listed = fetch::list(remote, &names::covers(id), None).await?.names;
    let own = open.vault.count_ops(id).await?;
    let chain = chain(listed, id, own.saturating_sub(OVERLAP));
    let mut names: Vec<ObjectName> = chain.links.into_iter().map(|(_, name)| name).collect();
    let (mut all, mut incoming) = (Absorbed::default(), Vec::new());
    open.progress.is_to_fetch(names.len());
    while !names.is_empty() {
        let round = fetch::get(remote, &names).await?;
        names.drain(..round.len());
        open.progress.has_fetched(round.len());
        for (name, bytes) in round {
            match bytes.and_then(|bytes| open_cover(id, &name, &bytes)) {
                Some(ops) => incoming.extend(ops),
                None => bad.push(name.to_string()),
            }
        }
        if opens_genesis(open, id, &incoming).await? {
            all.add(absorb(open, id, std::mem::take(&mut incoming), &[]).await?);
        }
    }
    bad.extend(all.bad.iter().cloned());
    Ok((all, incoming))
}

fn open_cover(id: &TeamId, name: &ObjectName, bytes: &[u8]) -> Option<Vec<Rc<Incoming>>> {
    let named = names::read_cover(id, name.as_str())?;
    if names::hash_of(bytes) != named.hash {
        return None;
    }
    let ops = segment::decode(named.span.count(), bytes)?.into_iter();
    let object = Some(name.to_string());
    Some(
        ops.map(|op| Rc::new(Incoming::new(op, None, object.clone())))
            .collect(),
    )
}

/// Of these segments, those that are not known word for word from ops that are here. The others
/// are remembered like any that were fetched.
pub(super) async fn unaccounted(
    open: &mut Open,
    id: &TeamId,
    names: Vec<ObjectName>,
) -> Result<Vec<ObjectName>, Fault> {
    let mut by_device: BTreeMap<DeviceId, Vec<(Run, String, ObjectName)>> = BTreeMap::new();
    let mut rest = Vec::new();
    for name in names {
        match names::read(id, name.as_str()) {
            Named::Segment { run, hash } if has_all(&open.teams[id], &run) => {
                let of_device = by_device.entry(run.device).or_default();
                of_device.push((run, hash, name));
            }
            _ => rest.push(name),
        }
    }
    let mut accounted = Vec::new();
    for (device, segments) in by_device {
        let first = segments.iter().map(|(run, ..)| run.first).min();
        let ops = open.vault.ops_from(id, &device, first.unwrap_or(0)).await?;
        let mut by_seq: BTreeMap<u64, Vec<&Op>> = BTreeMap::new();
        for op in &ops {
            by_seq.entry(op.seq).or_default().push(op);
        }
        for (run, hash, name) in segments {
            match put_together(&by_seq, &run) {
                Some(bytes) if names::hash_of(&bytes) == hash => accounted.push(name),
                _ => rest.push(name),
            }
        }
    }
    if !accounted.is_empty() {
        open.write_unenrolled(async |_, changes: &mut Changes| {
            let object = |name: &ObjectName| Object {
                team: *id,
                name: name.to_string(),
            };
            changes.objects = accounted.iter().map(object).collect();
            Ok(())
        })
        .await?;
    }
    Ok(rest)
}

fn has_all(team: &Team, run: &Run) -> bool {
    let head = team.ledger.chains().head(&run.device);
    head.is_some_and(|(place, _)| run.last <= place.seq)
}

/// The bytes of a segment, if each of its places has one op.
fn put_together(ops: &BTreeMap<u64, Vec<&Op>>, run: &Run) -> Option<Vec<u8>> {
    let mut raw = Vec::new();
    for seq in run.first..=run.last {
        match ops.get(&seq)?.as_slice() {
            [only] => raw.push(only.raw.as_slice()),
            _ => return None,
        }
    }
    Some(segment::encode(&raw))
}

/// Publishes a cover when there are many new objects that none accounts for: any member, of
/// whatever they have, from where the covers that are there end.
pub(super) async fn publish_when_due(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
) -> Result<(), Fault> {
    let team = &open.teams[id];
    if !remote.asks_one_by_one() || !team.is_let_in() {
        return Ok(());
    }
    let settings = team.remote.as_ref();
    let gathered = settings.map_or(0, |settings| settings.gathered);
    let due = gathered + DUE + u64::from(team.device.as_bytes()[0] % 8);
    let objects = open.vault.count_objects(id).await?;
    if objects < due {
        return Ok(());
    }
    let listed = fetch::list(remote, &names::covers(id), None).await?.names;
    let chain = chain(listed, id, 0);
    let total = open.vault.count_ops(id).await?;
    if total >= chain.reach + WORTH {
        let start = chain.next_start(total).saturating_sub(OVERLAP);
        publish(open, id, remote, start).await?;
    }
    change(open, id, |settings| settings.gathered = objects).await
}

async fn publish(open: &mut Open, id: &TeamId, remote: &Remote, start: u64) -> Result<(), Fault> {
    let (mut first, mut next) = (start, start);
    let (mut ops, mut bytes): (Vec<Vec<u8>>, usize) = (Vec::new(), 0);
    loop {
        let page = open.vault.ops_in_order(id, next, PAGE).await?;
        let last = page.is_empty();
        for op in page {
            if ops.len() == segment::OPS || bytes + op.raw.len() > segment::BYTES {
                store(open, id, remote, first, &ops).await?;
                (first, bytes) = (next, 0);
                ops.clear();
            }
            next += 1;
            bytes += op.raw.len();
            ops.push(op.raw);
        }
        if last {
            break;
        }
    }
    if !ops.is_empty() {
        store(open, id, remote, first, &ops).await?;
    }
    Ok(())
}

async fn store(
    open: &Open,
    id: &TeamId,
    remote: &Remote,
    first: u64,
    ops: &[Vec<u8>],
) -> Result<(), Fault> {
    let span = Span {
        first,
        last: first + ops.len() as u64 - 1,
    };
    let bytes = segment::encode(ops);
    let name = names::cover(id, span, &open.teams[id].device, &bytes);
    // Who put something else there has hidden a cover, and nothing more.
    fetch::store(remote, &[(name, bytes)]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(spans: &[(u64, u64)]) -> Vec<ObjectName> {
        let id = TeamId::from_bytes([7; 32]);
        let device = DeviceId::from_bytes([1; 32]);
        let span = |(first, last): &(u64, u64)| Span {
            first: *first,
            last: *last,
        };
        let names = spans
            .iter()
            .map(|it| names::cover(&id, span(it), &device, b""));
        names.collect()
    }

    fn chained(spans: &[(u64, u64)], from: u64) -> Chain {
        chain(covers(spans), &TeamId::from_bytes([7; 32]), from)
    }

    #[test]
    fn the_furthest_cover_is_taken_from_each_place_on() {
        let spans = [(0, 9), (0, 99), (50, 119), (90, 149), (200, 300)];
        let chain = chained(&spans, 0);
        let starts: Vec<u64> = chain.links.iter().map(|(start, _)| *start).collect();
        assert_eq!((starts, chain.reach), (vec![0, 100], 150));
        assert_eq!(chained(&spans, 120).links.len(), 1);
        assert_eq!(chained(&spans, 160).links.len(), 0);
    }

    #[test]
    fn there_are_ever_few_covers_and_ops_are_seldom_written_again() {
        let (mut spans, mut written): (Vec<(u64, u64)>, u64) = (Vec::new(), 0);
        for total in (30..=60_000).step_by(30) {
            let chain = chained(&spans, 0);
            let start = chain.next_start(total);
            assert_eq!(chain.reach, total - 30);
            assert!(chain.links.len() <= 20, "{} at {total}", chain.links.len());
            written += total - start;
            // What goes into the new one is never chosen again.
            spans.retain(|(first, _)| *first < start);
            spans.push((start, total - 1));
        }
        assert!(written <= 10 * 60_000, "{written}");
    }
}
