//! Judging acts that the rules do not know themselves (grants, epochs, data), beside all ops or in
//! one past alone.

use super::super::history::{History, Op};
use super::super::standing::Standing;
use super::{AuthorAt, Device, Origin, Role, View};

/// What holds in a set of ops, settled.
#[derive(Debug)]
pub struct Scope<'a, I, M, D> {
    pub(super) history: &'a History<I, M, D>,
    pub(super) valid: &'a [bool],
    pub(super) standing: Held<'a, M, D>,
}

/// The standing reductions: the core's own, or those of one past.
#[derive(Debug)]
pub(super) enum Held<'a, M, D> {
    Borrowed(&'a Standing<M, D>),
    Owned(Standing<M, D>),
}

impl<'a, I: Ord + Clone, M: Ord + Clone, D: Device> Scope<'a, I, M, D> {
    /// Roles and devices.
    pub fn view(&self) -> View<'a, I, M, D> {
        View::of_all(self.history, self.valid)
    }

    /// What the author of an act on a bundle (a grant, an epoch, …) may do, in the act's own past
    /// but counting only what is valid in this set (rules 6 (i) and (ii)).
    pub fn author_at(&self, origin: &Origin<I, M, D>) -> AuthorAt<I> {
        let view = View::within(self.history, self.valid, &origin.past);
        AuthorAt {
            role: view.role(&origin.author),
            device_ok: view.device_ok(origin),
            cut_by: self.cutting(origin).map(|op| self.id(op).clone()),
        }
    }

    /// The standing removal or revocation that puts an author's data into quarantine: aimed at
    /// them or at their device, where neither had seen the other (rule 7). A demotion below
    /// writer counts as a removal, since it too takes away the right to write.
    pub fn quarantined_by(&self, origin: &Origin<I, M, D>) -> Option<&'a I> {
        let op = self.quarantining(origin)?;
        Some(self.id(op))
    }

    pub(super) fn quarantining(&self, origin: &Origin<I, M, D>) -> Option<Op> {
        self.standing()
            .concurrent_with(self.history, origin)
            .filter(|cut| {
                self.history.ops[cut.op]
                    .control
                    .role()
                    .is_none_or(|role| role < Role::Writer)
            })
            .min()
            .map(|cut| cut.op)
    }

    /// What voids an act of this origin. A standing reduction that had seen the act confirms it
    /// against those that are settled after.
    fn cutting(&self, origin: &Origin<I, M, D>) -> Option<Op> {
        let standing = self.standing();
        let cut = standing.cutting(self.history, origin)?;
        let mut earlier = standing.order()[..cut.nth].iter();
        let confirmed = earlier.any(|op| self.history.ops[*op].control.origin.has_seen(origin));
        (!confirmed).then_some(cut.op)
    }

    fn standing(&self) -> &Standing<M, D> {
        match &self.standing {
            Held::Borrowed(standing) => standing,
            Held::Owned(standing) => standing,
        }
    }

    fn id(&self, op: Op) -> &'a I {
        &self.history.ops[op].control.id
    }
}
