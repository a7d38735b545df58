//! Rules 5 and 6: which ops of a stretch hold, where not everyone had seen everything.
//!
//! A stretch is a run of ops that have all seen everything before the stretch (see
//! [`super::stretch`]), so what came before is settled, and none of its reductions is unseen.
//!
//! **The way.** Reductions are taken from the highest rank down. Before one is judged, everything
//! that its author had seen is settled: the reductions among it by this same rule, then the rest
//! by (lamport, id). If it then fails, what was settled for its sake is undone, for somebody who
//! has lost their say must not bring forward the reductions of accomplices. At the end the ops
//! that are no reductions and still open are judged by (lamport, id).
//!
//! **The hopeless.** What can't be saved any more is struck out before it is tried: what a
//! standing reduction voids, and what nobody is left to have authorised. Settling only ever adds
//! to what is decided, so this changes no outcome; it keeps a line of accomplices, each of whom
//! owes their role to the one before, from costing a try for every subset of them.
//!
//! **The bound.** Trying and undoing could still be made to repeat without end by people who
//! build histories for it. So of a stretch of `n` ops at most `16 (n + 64)` decisions are undone,
//! give or take the last try; from there on a reduction that fails keeps what was settled for it.
//! That number comes from the stretch alone, which comes from the set of ops alone, so everybody
//! stops at the same point. At most `16 (n + 64) + 2 n` judgings happen in all, and before each
//! at most `n` open ops are looked through.

use std::collections::BTreeMap;

use crate::past::{Chain, Frontier};

use super::control::{Act, Device};
use super::history::{History, Op};
use super::role::{Role, least};
use super::standing::Standing;
use super::view::View;

/// Why an op of a stretch is void.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// This standing reduction voids it.
    CutBy(Op),
    /// The authority for it does not hold.
    LostAuthority,
    /// No owner would remain.
    NoOwnerLeft,
    /// What it takes up serves another.
    UsedBefore,
}

/// What was decided of an op of a stretch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decision {
    pub op: Op,
    pub fault: Option<Fault>,
}

/// What settling a stretch came to.
#[derive(Debug)]
pub(super) struct Settled {
    /// Each op of the stretch once, in the order in which it was decided for good.
    pub decisions: Vec<Decision>,
    /// How many decisions were made and undone on the way.
    pub undone: usize,
}

/// Settles a stretch. `valid` tells what is valid before it, by number of op, and afterwards also
/// what is valid of it. An op alone has seen all before it: it keeps the verdict of its birth.
pub(super) fn settle<I: Ord + Clone, M: Ord + Clone, D: Device>(
    history: &History<I, M, D>,
    valid: &mut Vec<bool>,
    stretch: &[Op],
) -> Settled {
    if let [op] = *stretch {
        valid.resize(valid.len().max(op + 1), false);
        valid[op] = true;
        return Settled {
            decisions: vec![Decision { op, fault: None }],
            undone: 0,
        };
    }
    let mut settling = Settling::new(history, valid, stretch);
    for op in settling.by_turn(stretch.to_vec()) {
        if settling.is_open(op) {
            settling.decide_after_its_past(op);
        }
    }
    Settled {
        decisions: settling.trail,
        undone: settling.undone,
    }
}

/// How many decisions of a stretch of `n` ops may be undone.
pub(super) const fn patience(n: usize) -> usize {
    16 * (n + 64)
}

struct Settling<'a, I, M, D> {
    history: &'a History<I, M, D>,
    valid: &'a mut Vec<bool>,
    /// The decisions so far. Only the newest are ever undone.
    trail: Vec<Decision>,
    /// The least number in the stretch, from which on `open` and `turn` count.
    first: Op,
    /// Whether an op is of the stretch and not decided.
    open: Vec<bool>,
    /// Whose turn comes first. Reductions by rank, then the rest.
    turn: Vec<usize>,
    /// For each chain, how many of its ops are known to be decided from its start on.
    decided: BTreeMap<Chain, usize>,
    /// The standing reductions of this stretch.
    standing: Standing<M, D>,
    undone: usize,
    patience: usize,
}

/// A reduction that is being tried, and how many decisions there were before.
struct Try {
    op: Op,
    mark: usize,
}

impl<'a, I: Ord + Clone, M: Ord + Clone, D: Device> Settling<'a, I, M, D> {
    fn new(history: &'a History<I, M, D>, valid: &'a mut Vec<bool>, stretch: &[Op]) -> Self {
        let first = stretch.iter().copied().min().unwrap_or(0);
        let numbers = stretch.iter().max().map_or(0, |last| last + 1);
        valid.resize(valid.len().max(numbers), false);
        let (mut open, mut turn) = (vec![false; numbers - first], vec![0; numbers - first]);
        let mut decided = BTreeMap::new();
        for &op in stretch {
            open[op - first] = true;
            valid[op] = false;
            let start = decided
                .entry(history.ops[op].control.origin.chain)
                .or_insert(usize::MAX);
            *start = history.ops[op].nth.min(*start);
        }
        let mut order = stretch.to_vec();
        order.sort_by_key(|op| {
            let control = &history.ops[*op].control;
            let rank = history.rank(*op);
            (rank.is_none(), rank, control.lamport, &control.id)
        });
        for (nth, op) in order.into_iter().enumerate() {
            turn[op - first] = nth;
        }
        Self {
            history,
            valid,
            trail: Vec::with_capacity(stretch.len()),
            first,
            open,
            turn,
            decided,
            standing: Standing::new(),
            undone: 0,
            patience: patience(stretch.len()),
        }
    }

    fn is_open(&self, op: Op) -> bool {
        op.checked_sub(self.first)
            .and_then(|slot| self.open.get(slot))
            .is_some_and(|open| *open)
    }

    fn by_turn(&self, mut ops: Vec<Op>) -> Vec<Op> {
        ops.sort_unstable_by_key(|op| self.turn[*op - self.first]);
        ops
    }

    /// Decides an op, and first what it had seen if it is a reduction. Tries nest as deep as
    /// reductions see each other, so they are kept in a list and not on the call stack.
    fn decide_after_its_past(&mut self, op: Op) {
        let mut tries: Vec<Try> = self.begin(op).into_iter().collect();
        while let Some(&Try { op, mark }) = tries.last() {
            if let Some(deeper) = self.settle_past(op) {
                tries.extend(self.begin(deeper));
                continue;
            }
            let fault = self.judge(op);
            if fault.is_some() && self.undone < self.patience {
                self.undo_to(mark);
            }
            self.decide(op, fault);
            tries.pop();
        }
    }

    /// Begins to try an op, unless it is decided at once.
    fn begin(&mut self, op: Op) -> Option<Try> {
        if self.history.rank(op).is_none() || !self.has_open_past(op) {
            let fault = self.judge(op);
            self.decide(op, fault);
            return None;
        }
        self.strike_hopeless(op);
        self.is_open(op).then_some(Try {
            op,
            mark: self.trail.len(),
        })
    }

    /// Decides what is open in an op's past, by turn, up to the next reduction that has to be
    /// tried by itself, which it returns.
    fn settle_past(&mut self, op: Op) -> Option<Op> {
        let pending = self.open_past(op);
        for op in self.by_turn(pending) {
            if self.history.rank(op).is_some() && self.has_open_past(op) {
                return Some(op);
            }
            let fault = self.judge(op);
            self.decide(op, fault);
        }
        None
    }

    /// Strikes out what is certain to fail of an op and its open past, as things stand.
    fn strike_hopeless(&mut self, op: Op) {
        let mut pending = self.open_past(op);
        pending.sort_unstable();
        pending.push(op);
        for op in pending {
            let fault = match self
                .standing
                .cutting(self.history, &self.history.ops[op].control.origin)
            {
                Some(cut) => Fault::CutBy(cut.op),
                None if self.may_be_authorised(op) => continue,
                None => Fault::LostAuthority,
            };
            self.decide(op, Some(fault));
        }
    }

    /// Whether anything is left that may give the author of an op their role and device.
    fn may_be_authorised(&self, op: Op) -> bool {
        let recorded = &self.history.ops[op];
        let origin = &recorded.control.origin;
        let may_hold = |op: Op| self.is_open(op) || self.valid[op];
        let needed = least(origin, &recorded.control.act);
        let roles = self
            .history
            .about(&origin.author)
            .map_or(&[][..], |about| &about.roles);
        let before = roles.partition_point(|entry| entry.op < op);
        recorded.added_by.is_none_or(may_hold)
            && roles[..before].iter().rev().any(|entry| {
                entry.role >= needed
                    && may_hold(entry.op)
                    && self.history.is_in(entry.op, &origin.past)
            })
    }

    /// Rule 6: whether an op holds beside what is decided.
    fn judge(&mut self, op: Op) -> Option<Fault> {
        let control = &self.history.ops[op].control;
        if let Some(cut) = self.standing.cutting(self.history, &control.origin) {
            return Some(Fault::CutBy(cut.op));
        }
        if View::before(self.history, self.valid, op)
            .check_authority(control)
            .is_err()
        {
            return Some(Fault::LostAuthority);
        }
        if View::of_all(self.history, self.valid).is_used(&control.once) {
            return Some(Fault::UsedBefore);
        }
        match &control.act {
            Act::SetRole { member, role } if *role < Role::Owner => {
                self.valid[op] = true;
                let after = View::of_all(self.history, self.valid);
                let owned = after.role(member) == Role::Owner || after.has_other_owner(member);
                self.valid[op] = false;
                (!owned).then_some(Fault::NoOwnerLeft)
            }
            _ => None,
        }
    }

    fn decide(&mut self, op: Op, fault: Option<Fault>) {
        self.trail.push(Decision { op, fault });
        self.open[op - self.first] = false;
        if fault.is_none() {
            self.valid[op] = true;
            if self.history.rank(op).is_some() {
                self.standing.push(self.history, op);
            }
        }
    }

    fn undo_to(&mut self, mark: usize) {
        self.undone += self.trail.len() - mark;
        for Decision { op, fault } in self.trail.drain(mark..).rev() {
            self.open[op - self.first] = true;
            if fault.is_none() {
                self.valid[op] = false;
                if self.history.rank(op).is_some() {
                    self.standing.pop(self.history);
                }
            }
            let recorded = &self.history.ops[op];
            if let Some(decided) = self.decided.get_mut(&recorded.control.origin.chain) {
                *decided = recorded.nth.min(*decided);
            }
        }
    }

    /// What is open in an op's past.
    fn open_past(&mut self, op: Op) -> Vec<Op> {
        let history = self.history;
        let mut found = Vec::new();
        for (chain, position) in history.ops[op].control.origin.past.iter() {
            let rest = self.undecided(chain, position);
            found.extend(
                rest.iter()
                    .map(|(_, op)| *op)
                    .filter(|op| self.is_open(*op)),
            );
        }
        found
    }

    fn has_open_past(&mut self, op: Op) -> bool {
        let history = self.history;
        let past: &Frontier = &history.ops[op].control.origin.past;
        past.iter()
            .any(|(chain, position)| !self.undecided(chain, position).is_empty())
    }

    /// A chain up to a position, without the decided ops at its start: empty, or begins with an
    /// open op.
    fn undecided(&mut self, chain: Chain, position: u64) -> &'a [(u64, Op)] {
        let ops = self.history.prefix(chain, position);
        let Some(decided) = self.decided.get_mut(&chain) else {
            return &[];
        };
        while ops
            .get(*decided)
            .is_some_and(|(_, op)| !self.open[*op - self.first])
        {
            *decided += 1;
        }
        ops.get(*decided..).unwrap_or(&[])
    }
}
