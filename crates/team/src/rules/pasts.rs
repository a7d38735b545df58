//! What somebody saw who had seen just a part: the rules applied to one past alone.
//!
//! An op that was written without having seen everything is judged at birth by this, once.

use std::collections::{BTreeMap, VecDeque};

use crate::past::Frontier;

use super::control::Device;
use super::effort::Effort;
use super::history::History;
use super::settle::settle;
use super::stretch;

/// How many pasts are kept. Each costs a byte an op.
const KEPT: usize = 64;

/// The pasts that were worked out last, each as what is valid in it, by number of op.
#[derive(Debug, Default)]
pub(super) struct Pasts {
    known: BTreeMap<Frontier, Vec<bool>>,
    oldest_first: VecDeque<Frontier>,
}

impl Pasts {
    /// What is valid in a past.
    pub fn valid_in<I: Ord + Clone, M: Ord + Clone, D: Device>(
        &mut self,
        history: &History<I, M, D>,
        past: &Frontier,
        effort: &mut Effort,
    ) -> &[bool] {
        let past = history.trim(past);
        if !self.known.contains_key(&past) {
            let valid = match self.one_more(history, &past) {
                Some(valid) => valid,
                None => work_out(history, &past, effort),
            };
            if self.oldest_first.len() == KEPT
                && let Some(oldest) = self.oldest_first.pop_front()
            {
                self.known.remove(&oldest);
            }
            self.oldest_first.push_back(past.clone());
            self.known.insert(past.clone(), valid);
        }
        &self.known[&past]
    }

    /// A past that ends in one op which had seen all the rest, where that rest is known: the op
    /// keeps the verdict of its birth. So a line of ops, each after the other, costs little.
    fn one_more<I: Ord + Clone, M: Ord + Clone, D: Device>(
        &self,
        history: &History<I, M, D>,
        past: &Frontier,
    ) -> Option<Vec<bool>> {
        let newest = history.newest_in(past)?;
        let recorded = &history.ops[newest];
        if recorded.seen + 1 != history.count(past) {
            return None;
        }
        let mut valid = self
            .known
            .get(&history.trim(&recorded.control.origin.past))?
            .clone();
        valid.resize(newest, false);
        valid.push(true);
        Some(valid)
    }
}

fn work_out<I: Ord + Clone, M: Ord + Clone, D: Device>(
    history: &History<I, M, D>,
    past: &Frontier,
    effort: &mut Effort,
) -> Vec<bool> {
    let ops = history.members_of(past);
    let mut stretches: Vec<_> = stretch::newest_first(history, &ops).collect();
    let mut valid = Vec::new();
    effort.pasts += 1;
    while let Some(stretch) = stretches.pop() {
        effort.count(&settle(history, &mut valid, &ops[stretch]));
    }
    valid
}
