//! How much work the rules had, for tests and measurements of what the documents promise.

use super::settle::Settled;

/// Counts since the core began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effort {
    /// Ops that had seen everything when they came, and kept the verdict of their birth.
    pub at_once: u64,
    /// Decisions made in stretches of several ops, those undone included.
    pub decisions: u64,
    /// Decisions undone again, because the reduction that asked for them failed.
    pub undone: u64,
    /// Pasts worked out from their beginning.
    pub pasts: u64,
}

impl Effort {
    pub(super) fn count(&mut self, settled: &Settled) {
        if settled.decisions.len() > 1 {
            self.decisions += (settled.decisions.len() + settled.undone) as u64;
        }
        self.undone += settled.undone as u64;
    }
}
