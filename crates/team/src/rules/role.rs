//! The roles, and which of them an act needs (rule 2).

use super::control::{Act, Device, Origin};

/// What a member may do, from least to most. Merging takes the least, so the order is a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Not a member: never added, or removed.
    None,
    /// Reads what is granted.
    Reader,
    /// Writes what is granted, and creates bundles.
    Writer,
    /// Manages members up to admin, grants and rotation.
    Admin,
    /// Manages everyone and the team's policy.
    Owner,
}

/// Whether an author of this role may do this to a member of that role (rule 2).
pub(super) fn may<I, M: Eq, D: Device>(
    origin: &Origin<I, M, D>,
    role: Role,
    act: &Act<M, D>,
    target: Role,
) -> bool {
    let manages = role == Role::Owner || (role == Role::Admin && target <= Role::Admin);
    match act {
        Act::Genesis => false,
        Act::SetRole {
            member,
            role: given,
        } => {
            *member != origin.author
                && !origin.device.is_recovery_key()
                && manages
                && *given <= role
        }
        Act::AddDevice { member, .. } => *member == origin.author && role > Role::None,
        Act::RevokeDevice { member, device } if *member == origin.author => {
            role > Role::None && (!device.is_recovery_key() || *device == origin.device)
        }
        Act::RevokeDevice { device, .. } => {
            !origin.device.is_recovery_key()
                && manages
                && (!device.is_recovery_key() || role == Role::Owner)
        }
    }
}

/// The least role with which anybody may do this: below it there is no need to look further.
pub(super) fn least<I, M: Eq, D>(origin: &Origin<I, M, D>, act: &Act<M, D>) -> Role {
    match act {
        Act::SetRole {
            role: Role::Owner, ..
        } => Role::Owner,
        Act::SetRole { .. } => Role::Admin,
        Act::Genesis | Act::AddDevice { .. } => Role::Reader,
        Act::RevokeDevice { member, .. } if *member == origin.author => Role::Reader,
        Act::RevokeDevice { .. } => Role::Admin,
    }
}
