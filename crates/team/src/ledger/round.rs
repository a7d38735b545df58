//! Taking in many ops at once. Whatever bears on others makes the state to be worked out anew, from
//! all control ops; within a round that is done once, at its end, and not once for each such op.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ledger, Standing};
use crate::ids::OpId;

/// A round in work.
#[derive(Clone, Default)]
pub(super) struct Round {
    /// How each control op stood by what was told of it, from the first op on that disturbed others.
    told: Option<BTreeMap<OpId, Standing>>,
    /// Control ops of which nothing was told.
    untold: BTreeSet<OpId>,
    /// Data ops that were judged while the state lacked something.
    data: Vec<OpId>,
}

impl Round {
    /// Before an op disturbs others: this is how they stand.
    pub fn is_disturbed(&mut self, standings: &BTreeMap<OpId, Standing>) {
        self.told.get_or_insert_with(|| standings.clone());
    }

    /// How a control op stands, or that it is not known yet.
    pub fn tell(&mut self, op: OpId, standing: Option<Standing>) {
        match (standing, &mut self.told) {
            (None, _) => drop(self.untold.insert(op)),
            (Some(standing), Some(told)) => drop(told.insert(op, standing)),
            (Some(_), None) => {}
        }
    }

    /// A data op was judged by a state that lacks something.
    pub fn has_guessed(&mut self, op: OpId) {
        self.data.push(op);
    }
}

/// What the end of a round showed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Control ops that were applied before, or had been told of in the round, and whose verdict
    /// changed.
    pub changed: Vec<(OpId, Standing)>,
    /// Control ops of the round whose effects named no standing, with what they stand as.
    pub settled: Vec<(OpId, Standing)>,
    /// Data ops of the round to judge again: [`Ledger::judge_again`].
    pub data: Vec<OpId>,
}

impl Ledger {
    /// Begins a round: until [`Self::end_round`], ops that make the state to be worked out anew, and
    /// control ops after them, may be received without a standing, and data ops with a standing
    /// that may not last.
    pub fn begin_round(&mut self) {
        if self.unfolded {
            self.rebuild();
        }
        self.round = Some(Round::default());
    }

    /// Ends a round: works the state out, once, and says what came of it.
    pub fn end_round(&mut self) -> Settled {
        if self.unfolded {
            self.rebuild();
        }
        let Some(Round { told, untold, data }) = self.round.take() else {
            return Settled::default();
        };
        let Some(told) = told else {
            return Settled::default();
        };
        let standings = &self.state.standings;
        let changed = standings.iter().filter(|(op, standing)| {
            let before = told.get(op);
            before.is_some_and(|before| before != *standing)
        });
        Settled {
            changed: changed.map(|(op, standing)| (*op, *standing)).collect(),
            settled: untold
                .iter()
                .map(|op| (*op, self.state.standing(op)))
                .collect(),
            data,
        }
    }
}
