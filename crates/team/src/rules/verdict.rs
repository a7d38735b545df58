//! What the rules say of an op, and why, so that people can be told.

use super::role::Role;

/// What the rules say of a control op.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict<I> {
    /// It has its effect.
    Valid,
    /// It never had one: what its author had seen did not allow it. This never changes.
    Rejected(Refusal),
    /// It was allowed to its author, but does not hold beside ops that they had not seen. What
    /// arrives later may change this, both ways.
    Void(Cause<I>),
}

impl<I> Verdict<I> {
    /// Whether the op has its effect.
    pub fn is_valid(&self) -> bool {
        matches!(self, Self::Valid)
    }
}

/// Why an op is rejected for ever (rule 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Refusal {
    /// The author's role does not allow it.
    #[error("the author's role does not allow this")]
    NotAuthorised,
    /// The author's device had been revoked, and the author had seen it.
    #[error("the author's device had been revoked")]
    DeviceRevoked,
    /// The op that is said to have added the author's device does not do so, or is void.
    #[error("the author's device had not been added")]
    DeviceNotAdded,
    /// The role is held already, or the device added or revoked already.
    #[error("the op changes nothing")]
    ChangesNothing,
    /// The invitation had been used, or the member had entered, by an op that the author had seen.
    #[error("the invitation had been used, or the member had entered already")]
    UsedBefore,
    /// It claims to found the team, but is not the pinned genesis.
    #[error("the op is not the genesis of this team")]
    NotTheGenesis,
}

/// Why an op that was allowed to its author is void (rule 6).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause<I> {
    /// A standing reduction, unseen by the author, is aimed at them or at their device.
    CutBy(I),
    /// Of what gave the author the right to it, not enough holds.
    LostAuthority,
    /// The team would have no owner.
    NoOwnerLeft,
    /// Another op has used the invitation, or brought the member in.
    UsedBefore,
}

/// Which verdicts are new, or other than before, since an insertion. Each id stands in one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes<I> {
    /// Now valid: new, or void before.
    pub valid: Vec<I>,
    /// Now without effect: new, or valid before.
    pub void: Vec<I>,
}

impl<I> Default for Changes<I> {
    fn default() -> Self {
        Self {
            valid: Vec::new(),
            void: Vec::new(),
        }
    }
}

/// What the author of an act on a bundle may do, in the act's own past (rule 7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorAt<I> {
    /// The author's role, by the valid ops that they had seen.
    pub role: Role,
    /// Whether their device was added validly and not revoked, by the valid ops that they had seen.
    pub device_ok: bool,
    /// The standing reduction, unseen by them, that is aimed at them or their device: the act is
    /// void because of it.
    pub cut_by: Option<I>,
}

/// The caller broke the terms on which ops are handed in. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InsertError {
    /// An op of this id is here already.
    #[error("the op is known already")]
    Known,
    /// An op at this position, or a later one of its chain, is here already.
    #[error("the op does not continue its chain")]
    OutOfOrder,
}
