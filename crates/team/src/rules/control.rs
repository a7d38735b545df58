//! What the rules are told of an op: who wrote it, what they had seen, what it does.

use crate::past::{Chain, Frontier};

use super::role::Role;

/// The devices of a member, ordered by age: the one that was added earlier is the smaller.
///
/// Within one op the recovery key counts as added first, so it is the smallest of its member.
pub trait Device: Clone + Ord {
    /// Whether this is its member's recovery key. Such a key manages its own member's devices and
    /// nothing else, and only itself or another member who is an owner may revoke it.
    fn is_recovery_key(&self) -> bool {
        false
    }
}

/// Who wrote an op, and what they had seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin<I, M, D> {
    /// The member who wrote it.
    pub author: M,
    /// The device that signed it.
    pub device: D,
    /// The [`Act::AddDevice`] that brought the device: without it the op has no authority, so that
    /// the ops of a device fall with its addition. None for a device that came with its member.
    pub device_added_by: Option<I>,
    /// The chain that it continues.
    pub chain: Chain,
    /// Where it stands on that chain. Other kinds of ops live there too, so there may be gaps.
    pub position: u64,
    /// All that its author had seen, closed under causes: what stands before it on its own chain
    /// included, itself not.
    pub past: Frontier,
}

impl<I, M, D> Origin<I, M, D> {
    /// Whether the author of this one had seen that one.
    pub fn has_seen(&self, other: &Origin<I, M, D>) -> bool {
        self.past.includes(other.chain, other.position)
    }
}

/// An op that concerns who is a member, with which role and which devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control<I, M, D> {
    /// Its id. The order of ids breaks ties.
    pub id: I,
    /// Who wrote it, and what they had seen.
    pub origin: Origin<I, M, D>,
    /// Its logical time: one more than any in its past.
    pub lamport: u64,
    /// What it does.
    pub act: Act<M, D>,
    /// What it takes up that serves only once.
    pub once: Vec<Once<I, M>>,
}

/// What serves one op only. Of two that take it up, the one that is settled first stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Once<I, M> {
    /// The invitation that this op made.
    Invitation(I),
    /// A member's entry, with the keys that they bring.
    Entry(M),
}

/// What a control op does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act<M, D> {
    /// Founds the team: its author is the first owner.
    Genesis,
    /// Adds a member, changes their role, or, with [`Role::None`], removes them.
    SetRole {
        /// About whom.
        member: M,
        /// What they are from then on.
        role: Role,
    },
    /// Adds a device of the author's own.
    AddDevice {
        /// Whose device: the author, or the op is refused.
        member: M,
        /// Which device.
        device: D,
    },
    /// Ends a device for ever.
    RevokeDevice {
        /// Whose device.
        member: M,
        /// Which device.
        device: D,
    },
}

impl<I, M, D> Control<I, M, D> {
    /// The member whom the op is about.
    pub(super) fn about(&self) -> &M {
        match &self.act {
            Act::Genesis => &self.origin.author,
            Act::SetRole { member, .. }
            | Act::AddDevice { member, .. }
            | Act::RevokeDevice { member, .. } => member,
        }
    }

    /// The role that the op gives to the member whom it is about, if it is about roles.
    pub(super) fn role(&self) -> Option<Role> {
        match self.act {
            Act::Genesis => Some(Role::Owner),
            Act::SetRole { role, .. } => Some(role),
            Act::AddDevice { .. } | Act::RevokeDevice { .. } => None,
        }
    }
}
