//! What authors had seen who had not seen everything: states of pasts. Many ops may share a past,
//! and a line of ops written apart goes on from one to the next, so the states worked out last are
//! kept: whoever sends thousands of backdated ops makes nobody work each of their pasts out anew
//! (threat 13).

use std::collections::{BTreeMap, VecDeque};

use super::Ledger;
use super::fold::Fold;
use super::state::State;
use crate::ids::OpId;
use crate::past::{Chain, Frontier};
use crate::wire::VerifiedOp;

/// How many states are kept. Each may be as large as the state of everything.
const KEPT: usize = 16;

/// The control ops that may bear on others, by chain and place, with their (lamport, id).
#[derive(Debug, Clone, Default)]
pub(super) struct Marks(BTreeMap<Chain, BTreeMap<u64, (u64, OpId)>>);

impl Marks {
    pub fn add(&mut self, op: &VerifiedOp) {
        let place = op.placed.place;
        let chain = self.0.entry(place.chain).or_default();
        chain.insert(place.seq, op.order());
    }

    /// Whether all of them are in a past.
    pub fn are_within(&self, past: &Frontier) -> bool {
        self.0.iter().all(|(chain, marks)| {
            let last = marks.last_key_value();
            last.is_none_or(|(seq, _)| past.includes(*chain, *seq))
        })
    }

    /// A past by its last mark on each chain: pasts with the same marks are one.
    fn trim(&self, past: &Frontier) -> Frontier {
        let last = |(chain, seq)| {
            let (seq, _) = self.0.get(&chain)?.range(..=seq).next_back()?;
            Some((chain, *seq))
        };
        past.iter().filter_map(last).collect()
    }

    /// The marks of a past, in (lamport, id) order.
    fn within(&self, past: &Frontier) -> Vec<(u64, OpId)> {
        let of_chain = |(chain, seq)| {
            let marks = self.0.get(&chain).into_iter();
            marks.flat_map(move |marks| marks.range(..=seq).map(|(_, order)| *order))
        };
        let mut all: Vec<_> = past.iter().flat_map(of_chain).collect();
        all.sort_unstable();
        all
    }

    /// The last mark of a past in (lamport, id) order.
    fn newest(&self, trimmed: &Frontier) -> Option<(u64, OpId)> {
        let order = |(chain, seq)| self.0.get(&chain)?.get(&seq).copied();
        trimmed.iter().filter_map(order).max()
    }
}

/// The states of pasts that were worked out last, by trimmed past.
#[derive(Clone, Default)]
pub(super) struct Seen {
    known: BTreeMap<Frontier, State>,
    oldest_first: VecDeque<Frontier>,
}

impl Seen {
    fn keep(&mut self, past: Frontier, state: State) {
        if self.oldest_first.len() == KEPT
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.oldest_first.push_back(past.clone());
        self.known.insert(past, state);
    }

    /// The state of a past that [`Ledger::work_out`] named.
    pub fn state(&self, trimmed: &Frontier) -> &State {
        &self.known[trimmed]
    }
}

impl Ledger {
    /// Works out what somebody with this past had seen, and names it.
    pub(super) fn work_out(&mut self, past: &Frontier) -> Frontier {
        let trimmed = self.marks.trim(past);
        if self.seen.known.contains_key(&trimmed) {
            return trimmed;
        }
        let (mut state, ops) = match self.one_less(&trimmed) {
            Some((state, newest)) => (state.clone(), vec![newest]),
            None => (State::default(), self.marks.within(&trimmed)),
        };
        #[cfg(test)]
        {
            self.judged += ops.len();
        }
        let fold = Fold {
            team: self.team,
            scope: self.core.within(past),
            introduced: &self.introduced,
            brought: &self.brought,
            born: &self.born,
            state: &mut state,
        };
        fold.apply_all(ops.iter().map(|order| &self.control[order]));
        self.seen.keep(trimmed.clone(), state);
        trimmed
    }

    /// The state of a past without its newest op, if that had seen all the rest and the state is
    /// here: as in the rule core, the op changes no verdict then but brings its own.
    fn one_less(&self, trimmed: &Frontier) -> Option<(&State, (u64, OpId))> {
        let newest = self.marks.newest(trimmed)?;
        let placed = &self.control[&newest].placed;
        let before = self.marks.trim(&placed.past);
        let mut with = before.clone();
        with.insert(placed.place.chain, placed.place.seq);
        let state = self.seen.known.get(&before)?;
        (with == *trimmed).then_some((state, newest))
    }
}
