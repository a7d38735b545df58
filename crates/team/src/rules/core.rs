//! The door of the rules: ops go in, verdicts come out.

use std::collections::BTreeMap;

use crate::past::Frontier;

use super::birth::{self, Birth};
use super::control::{Act, Control, Device, Origin};
use super::effort::Effort;
use super::history::{History, Op};
use super::pasts::Pasts;
use super::role::Role;
use super::settle::{Decision, Fault, settle};
use super::standing::Standing;
use super::stretch;
use super::verdict::{AuthorAt, Cause, Changes, InsertError, Refusal, Verdict};
use super::view::View;

mod scope;

use scope::Held;
pub use scope::Scope;

/// The membership rules over the control ops of one team: op ids `I`, members `M`, devices `D`.
///
/// What it says depends on the set of ops alone, not on the order in which they came.
#[derive(Debug, Clone)]
pub struct Core<I, M, D> {
    genesis: I,
    history: History<I, M, D>,
    pasts: Pasts,
    /// By number of op.
    valid: Vec<bool>,
    /// Of the live ops that are not valid.
    faults: BTreeMap<Op, Fault>,
    standing: Standing<M, D>,
    /// Whether there are live ops that are not settled yet.
    unsettled: bool,
    effort: Effort,
}

/// The ops whose verdict was touched, and whether they were valid before; None for new ones.
type Touched = BTreeMap<Op, Option<bool>>;

impl<I: Ord + Clone, M: Ord + Clone, D: Device> Core<I, M, D> {
    /// The rules of the team that this op founds. It is pinned: no other op can found the team.
    pub fn new(genesis: I) -> Self {
        Self {
            genesis,
            history: History::new(),
            pasts: Pasts::default(),
            valid: Vec::new(),
            faults: BTreeMap::new(),
            standing: Standing::new(),
            unsettled: false,
            effort: Effort::default(),
        }
    }

    /// Takes in an op, all of whose past must be here.
    ///
    /// An op that has seen everything costs the same however many there are. Another one costs a
    /// settling of the stretch of ops back to the last point that everyone has seen, see
    /// [`super`]; of several such, [`Core::extend`] does it once.
    ///
    /// # Errors
    /// The op is known, or does not continue its chain. Nothing is changed then.
    pub fn insert(&mut self, control: Control<I, M, D>) -> Result<Changes<I>, InsertError> {
        self.extend([control])
    }

    /// Takes in ops, causes before effects.
    ///
    /// # Errors
    /// One of them is known, or does not continue its chain. Nothing is changed then.
    pub fn extend(
        &mut self,
        controls: impl IntoIterator<Item = Control<I, M, D>>,
    ) -> Result<Changes<I>, InsertError> {
        let controls: Vec<_> = controls.into_iter().collect();
        self.history.accepts(&controls)?;
        let mut touched = Touched::new();
        for control in controls {
            self.take(control, &mut touched);
        }
        self.settle_new(&mut touched);
        Ok(self.changes(&touched))
    }

    /// What the rules say of an op; None if it is not here.
    pub fn verdict(&self, id: &I) -> Option<Verdict<I>> {
        self.history.number(id).map(|op| self.verdict_on(op))
    }

    /// Whether an op is here and has its effect.
    pub fn is_valid(&self, id: &I) -> bool {
        self.history.number(id).is_some_and(|op| self.valid[op])
    }

    /// All ops with their verdicts, in the order of ids. This is the whole state: roles and
    /// revoked devices follow from it.
    pub fn verdicts(&self) -> impl Iterator<Item = (&I, Verdict<I>)> {
        self.history.ids().map(|(id, op)| (id, self.verdict_on(op)))
    }

    /// An op that is here.
    pub fn control(&self, id: &I) -> Option<&Control<I, M, D>> {
        self.history
            .number(id)
            .map(|op| &self.history.ops[op].control)
    }

    /// Roles and devices by all ops.
    pub fn now(&self) -> View<'_, I, M, D> {
        View::of_all(&self.history, &self.valid)
    }

    /// Roles and devices for somebody who has seen just this past: what an op with this past is
    /// judged by at birth, and what lists in it must equal.
    pub fn at(&mut self, past: &Frontier) -> View<'_, I, M, D> {
        let valid = match self.is_everything(past) {
            true => &self.valid,
            false => {
                &self
                    .pasts
                    .worked_out(&self.history, past, &mut self.effort)
                    .valid
            }
        };
        View::of_all(&self.history, valid)
    }

    /// All that there is, to judge acts in that the rules don't know.
    pub fn whole(&self) -> Scope<'_, I, M, D> {
        Scope {
            history: &self.history,
            valid: &self.valid,
            standing: Held::Borrowed(&self.standing),
        }
    }

    /// The same for somebody who has seen just this past.
    pub fn within(&mut self, past: &Frontier) -> Scope<'_, I, M, D> {
        if self.is_everything(past) {
            return self.whole();
        }
        let worked_out = self.pasts.worked_out(&self.history, past, &mut self.effort);
        let mut standing = Standing::new();
        for op in &worked_out.order {
            standing.push(&self.history, *op);
        }
        Scope {
            history: &self.history,
            valid: &worked_out.valid,
            standing: Held::Owned(standing),
        }
    }

    /// [`Scope::author_at`] by all ops.
    pub fn author_at(&self, origin: &Origin<I, M, D>) -> AuthorAt<I> {
        self.whole().author_at(origin)
    }

    /// [`Scope::quarantined_by`] by all ops.
    pub fn quarantined_by(&self, origin: &Origin<I, M, D>) -> Option<&I> {
        let op = self.whole().quarantining(origin)?;
        Some(self.id(op))
    }

    /// The reductions that stand, in the order in which they were settled.
    pub fn standing(&self) -> impl Iterator<Item = &Control<I, M, D>> {
        self.standing
            .order()
            .iter()
            .map(|op| &self.history.ops[*op].control)
    }

    /// How much work there was so far.
    pub fn effort(&self) -> Effort {
        self.effort
    }

    /// Judges the birth of an op and records it. One that has seen everything is settled by that.
    fn take(&mut self, control: Control<I, M, D>, touched: &mut Touched) {
        let seen_all = self.is_everything(&control.origin.past);
        if seen_all {
            self.settle_new(touched);
        }
        let birth = self.birth(&control, seen_all);
        let (live, reduces) = (birth.is_ok(), matches!(birth, Ok(Birth::Reduction(_))));
        let op = self.history.record(control, birth);
        touched.insert(op, None);
        self.valid.push(live && seen_all);
        if live && !seen_all {
            self.unsettled = true;
        } else if live {
            self.effort.at_once += 1;
            if reduces {
                self.standing.push(&self.history, op);
            }
        }
    }

    fn birth(
        &mut self,
        control: &Control<I, M, D>,
        seen_all: bool,
    ) -> Result<Birth<I, D>, Refusal> {
        if control.act == Act::Genesis && control.id == self.genesis {
            return Ok(Birth::Genesis);
        }
        let valid = match seen_all {
            true => &self.valid,
            false => {
                &self
                    .pasts
                    .worked_out(&self.history, &control.origin.past, &mut self.effort)
                    .valid
            }
        };
        birth::judge(&self.history, View::of_all(&self.history, valid), control)
    }

    /// Settles what is new, and with it what it may change: all back to the last point that
    /// everyone after it has seen.
    fn settle_new(&mut self, touched: &mut Touched) {
        if !std::mem::take(&mut self.unsettled) {
            return;
        }
        // The newest stretch is enough: the first op of a stretch has seen all before it, and when
        // it came, what was not settled by then was.
        let live = self.history.live();
        let Some(newest) = stretch::newest_first(&self.history, live).next() else {
            return;
        };
        let first = live[newest.start];
        while self.standing.order().last().is_some_and(|op| *op >= first) {
            self.standing.pop(&self.history);
        }
        let before = self.valid.clone();
        let settled = settle(&self.history, &mut self.valid, &live[newest]);
        self.effort.count(&settled);
        for Decision { op, fault } in settled.decisions {
            touched.entry(op).or_insert(Some(before[op]));
            match fault {
                Some(fault) => _ = self.faults.insert(op, fault),
                None => {
                    self.faults.remove(&op);
                    if self.history.rank(op).is_some() {
                        self.standing.push(&self.history, op);
                    }
                }
            }
        }
    }

    fn changes(&self, touched: &Touched) -> Changes<I> {
        let mut changes = Changes::default();
        for (&op, &before) in touched {
            let list = match self.valid[op] {
                now if before == Some(now) => continue,
                true => &mut changes.valid,
                false => &mut changes.void,
            };
            list.push(self.id(op).clone());
        }
        changes
    }

    fn verdict_on(&self, op: Op) -> Verdict<I> {
        match (&self.history.ops[op].birth, self.faults.get(&op)) {
            (Err(refusal), _) => Verdict::Rejected(*refusal),
            (Ok(_), None) => Verdict::Valid,
            (Ok(_), Some(Fault::CutBy(cut))) => Verdict::Void(Cause::CutBy(self.id(*cut).clone())),
            (Ok(_), Some(Fault::LostAuthority)) => Verdict::Void(Cause::LostAuthority),
            (Ok(_), Some(Fault::NoOwnerLeft)) => Verdict::Void(Cause::NoOwnerLeft),
            (Ok(_), Some(Fault::UsedBefore)) => Verdict::Void(Cause::UsedBefore),
        }
    }

    fn is_everything(&self, past: &Frontier) -> bool {
        self.history.count(past) == self.history.live().len()
    }

    fn id(&self, op: Op) -> &I {
        &self.history.ops[op].control.id
    }
}
