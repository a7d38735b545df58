//! Facts and their places: what was given by which op, and which ops took it away.

use std::collections::BTreeMap;

use crate::chains::Place;
use crate::ids::OpId;
use crate::past::{Chain, Frontier};
use crate::wire::VerifiedOp;

/// Where a fact comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Made {
    /// (lamport, op id): of concurrent facts the greater one is the newer.
    pub order: (u64, OpId),
    pub place: Place,
}

/// A removal or ungrant, with what its author had seen.
#[derive(Debug, Clone)]
pub(super) struct Cause {
    pub made: Made,
}

/// Something that lasts until it is taken away by an op that it had not known: so giving it again
/// must follow every taking away (protocol §6 rule 3).
#[derive(Debug, Clone)]
pub(super) struct Right {
    pub made: Made,
    /// What ended it.
    pub ends: Vec<Made>,
}

impl Made {
    pub(super) fn by(op: &VerifiedOp) -> Self {
        Self {
            order: op.order(),
            place: op.placed.place,
        }
    }

    pub(super) fn within(&self, past: &Frontier) -> bool {
        past.includes(self.place.chain, self.place.seq)
    }
}

/// Ops none of which had seen another: the first on each chain says it for all after it.
#[derive(Debug, Clone, Default)]
pub(super) struct FirstSeen(BTreeMap<Chain, Made>);

impl FirstSeen {
    /// Takes an op in, if none that is here is in its past.
    pub(super) fn note(&mut self, op: &VerifiedOp) {
        if !self.within(&op.placed.past) {
            self.0.insert(op.placed.place.chain, Made::by(op));
        }
    }

    /// Whether this op is one of them.
    pub(super) fn holds(&self, op: &VerifiedOp) -> bool {
        let own = self.0.get(&op.placed.place.chain);
        own.is_some_and(|made| made.order.1 == op.id)
    }

    /// Whether one of them is in a past. There may be as many as there are branches, and the past
    /// of who makes branches without end is short: the shorter of the two is walked.
    pub(super) fn within(&self, past: &Frontier) -> bool {
        if self.0.len() <= past.len() {
            return self.0.values().any(|made| made.within(past));
        }
        let mut seen = past.iter();
        seen.any(|(chain, seq)| {
            let first = self.0.get(&chain);
            first.is_some_and(|made| made.place.seq <= seq)
        })
    }
}

impl Right {
    /// Given by an op that knew `past`; what takes it away and is not known there ends it.
    pub(super) fn new(made: Made, past: &Frontier, causes: &[Cause]) -> Self {
        let unknown = causes.iter().filter(|cause| !cause.made.within(past));
        Self {
            made,
            ends: unknown.map(|cause| cause.made).collect(),
        }
    }

    /// Whether it is given and not taken away, by what `seen` lets through.
    pub(super) fn holds(&self, seen: impl Fn(&Made) -> bool) -> bool {
        seen(&self.made) && !self.ends.iter().any(seen)
    }
}
