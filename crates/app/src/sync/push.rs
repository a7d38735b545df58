//! The way out: what the outbox names becomes segments, and the packs that it cites become blobs.

use std::collections::BTreeMap;

use remotes::ObjectName;
use team::ids::{DeviceId, OpId, TeamId};
use team::pack::pack_id;
use team::segment;
use vault::{Changes, Object, Op};

use super::names::{self, Run, day_of};
use super::rejudge::pack_of;
use crate::Fault;
use crate::clock::now;
use crate::open::Open;

/// Most bytes that one round of pushing holds in memory.
pub(super) const ROUND: usize = 64 << 20;

/// What one round pushes. A pack goes before the segment with the op that cites it.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    pub blobs: Vec<(ObjectName, Vec<u8>)>,
    pub segments: Vec<(ObjectName, Vec<u8>)>,
    pub ops: Vec<OpId>,
}

impl Outgoing {
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }
}

/// Reads the next portion of the outbox from the vault: only what was committed is ever pushed.
pub(super) async fn plan(open: &mut Open, id: &TeamId) -> Result<Outgoing, Fault> {
    let waiting = open.vault.outbox(id).await?;
    pack_up(open, id, waiting).await
}

/// Segments of ops, and the packs that they cite: as many of the first as one round holds.
pub(super) async fn pack_up(
    open: &mut Open,
    id: &TeamId,
    ops: impl IntoIterator<Item = Op>,
) -> Result<Outgoing, Fault> {
    let mut outgoing = Outgoing::default();
    let day = day_of(now());
    let mut by_device: BTreeMap<DeviceId, Vec<Op>> = BTreeMap::new();
    let mut bytes = 0;
    for op in ops {
        if bytes > ROUND {
            break;
        }
        bytes += op.raw.len();
        if let Some(pack) = pack_of(&mut open.vault, &op.id).await? {
            bytes += pack.len();
            let name = names::blob(id, &pack_id(&pack));
            outgoing.blobs.push((name, pack));
        }
        outgoing.ops.push(op.id);
        by_device.entry(op.device).or_default().push(op);
    }
    for (device, ops) in by_device {
        for run in runs(&ops) {
            let (first, last) = (run[0].seq, run[run.len() - 1].seq);
            let raw: Vec<&[u8]> = run.iter().map(|op| op.raw.as_slice()).collect();
            let bytes = segment::encode(&raw);
            let run = Run {
                device,
                first,
                last,
            };
            outgoing.segments.push((run.name(id, day, &bytes), bytes));
        }
    }
    Ok(outgoing)
}

/// Runs of neighbours that fit a segment. Ops of one device come in the order of arrival: of a
/// device that forked, one branch after another.
fn runs(ops: &[Op]) -> Vec<&[Op]> {
    let (mut runs, mut start, mut bytes) = (Vec::new(), 0, 0);
    for at in 0..ops.len() {
        let follows = at > start && ops[at].seq == ops[at - 1].seq + 1;
        let fits = bytes + ops[at].raw.len() < segment::BYTES && at - start < segment::OPS;
        if at > start && !(follows && fits) {
            runs.push(&ops[start..at]);
            (start, bytes) = (at, 0);
        }
        bytes += ops[at].raw.len();
    }
    if start < ops.len() {
        runs.push(&ops[start..]);
    }
    runs
}

/// Writes down what was pushed.
pub(super) async fn settle(open: &mut Open, id: &TeamId, outgoing: &Outgoing) -> Result<(), Fault> {
    open.write_unenrolled(async |_, changes: &mut Changes| {
        let ops = outgoing.ops.iter();
        changes.outbox_removed = ops.map(|op| (*id, *op)).collect();
        let names = outgoing.segments.iter().map(|(name, _)| name);
        changes.objects = names
            .map(|name| Object {
                team: *id,
                name: name.to_string(),
            })
            .collect();
        Ok(())
    })
    .await
}

/// Names every op of a team for pushing: its remote is new.
pub(super) async fn push_everything(
    open: &mut Open,
    id: &TeamId,
    changes: &mut Changes,
) -> Result<(), Fault> {
    let mut after = 0;
    loop {
        let page = open.vault.all_ops(id, after, 1_000).await?;
        let Some((last, _)) = page.last() else {
            return Ok(());
        };
        after = *last;
        changes
            .outbox
            .extend(page.iter().map(|(_, op)| (*id, op.id)));
    }
}
