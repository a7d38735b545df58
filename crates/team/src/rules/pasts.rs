//! What somebody saw who had seen just a part: the rules applied to one past alone.
//!
//! An op that was written without having seen everything is judged at birth by this, once.

use std::collections::{BTreeMap, VecDeque};

use crate::past::Frontier;

use super::control::Device;
use super::effort::Effort;
use super::history::{History, Op};
use super::settle::{Decision, settle};
use super::stretch;

/// How many pasts are kept. Each costs a byte an op.
const KEPT: usize = 64;

/// The pasts that were worked out last.
#[derive(Debug, Clone, Default)]
pub(super) struct Pasts {
    known: BTreeMap<Frontier, WorkedOut>,
    oldest_first: VecDeque<Frontier>,
}

/// What the rules say to somebody who has seen one past and no more.
#[derive(Debug, Clone, Default)]
pub(super) struct WorkedOut {
    /// What is valid in it, by number of op.
    pub valid: Vec<bool>,
    /// The reductions that stand in it, in the order in which they were settled.
    pub order: Vec<Op>,
}

impl Pasts {
    /// What holds in a past.
    pub fn worked_out<I: Ord + Clone, M: Ord + Clone, D: Device>(
        &mut self,
        history: &History<I, M, D>,
        past: &Frontier,
        effort: &mut Effort,
    ) -> &WorkedOut {
        let past = history.trim(past);
        if !self.known.contains_key(&past) {
            let worked_out = match self.one_more(history, &past) {
                Some(worked_out) => worked_out,
                None => work_out(history, &past, effort),
            };
            if self.oldest_first.len() == KEPT
                && let Some(oldest) = self.oldest_first.pop_front()
            {
                self.known.remove(&oldest);
            }
            self.oldest_first.push_back(past.clone());
            self.known.insert(past.clone(), worked_out);
        }
        &self.known[&past]
    }

    /// A past that ends in one op which had seen all the rest, where that rest is known: the op
    /// keeps the verdict of its birth. So a line of ops, each after the other, costs little.
    fn one_more<I: Ord + Clone, M: Ord + Clone, D: Device>(
        &self,
        history: &History<I, M, D>,
        past: &Frontier,
    ) -> Option<WorkedOut> {
        let newest = history.newest_in(past)?;
        let recorded = &history.ops[newest];
        if recorded.seen + 1 != history.count(past) {
            return None;
        }
        let mut worked_out = self
            .known
            .get(&history.trim(&recorded.control.origin.past))?
            .clone();
        worked_out.valid.resize(newest, false);
        worked_out.valid.push(true);
        if history.rank(newest).is_some() {
            worked_out.order.push(newest);
        }
        Some(worked_out)
    }
}

fn work_out<I: Ord + Clone, M: Ord + Clone, D: Device>(
    history: &History<I, M, D>,
    past: &Frontier,
    effort: &mut Effort,
) -> WorkedOut {
    let ops = history.members_of(past);
    let mut stretches: Vec<_> = stretch::newest_first(history, &ops).collect();
    let mut worked_out = WorkedOut::default();
    effort.pasts += 1;
    while let Some(stretch) = stretches.pop() {
        let settled = settle(history, &mut worked_out.valid, &ops[stretch]);
        effort.count(&settled);
        let stands =
            |decision: &&Decision| decision.fault.is_none() && history.rank(decision.op).is_some();
        let standing = settled.decisions.iter().filter(stands);
        worked_out
            .order
            .extend(standing.map(|decision| decision.op));
    }
    worked_out
}
