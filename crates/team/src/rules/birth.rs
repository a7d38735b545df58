//! What an op is from its own past alone: rejected or not, a reduction or not, and of which rank
//! (rules 2 and 4). Judged once, when it arrives, and never again.

use std::cmp::Reverse;

use super::control::{Act, Control, Device};
use super::history::History;
use super::role::Role;
use super::verdict::Refusal;
use super::view::View;

/// What an op is that was not rejected.
#[derive(Debug, Clone)]
pub(super) enum Birth<I, D> {
    /// The pinned genesis: valid whatever comes.
    Genesis,
    /// It takes something away from somebody.
    Reduction(Rank<I, D>),
    /// It takes away nothing.
    Other,
}

/// The order in which reductions are settled: the least comes first and is the *highest* rank.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank<I, D> {
    /// The author's role.
    role: Reverse<Role>,
    /// (lamport, id) of the op that gave it.
    given: (u64, I),
    /// The author's device, by age.
    device: D,
    /// (lamport, id) of the reduction itself.
    own: (u64, I),
}

/// Judges an op by what its author saw: `view` is what was valid for somebody who had seen its
/// past and no more.
pub(super) fn judge<I: Ord + Clone, M: Ord + Clone, D: Device>(
    history: &History<I, M, D>,
    view: View<'_, I, M, D>,
    control: &Control<I, M, D>,
) -> Result<Birth<I, D>, Refusal> {
    if control.act == Act::Genesis {
        return Err(Refusal::NotTheGenesis);
    }
    let given = view.check_authority(control)?;
    if view.is_used(&control.once) {
        return Err(Refusal::UsedBefore);
    }
    let reduces = match &control.act {
        Act::Genesis => false,
        Act::SetRole { member, role } => {
            let before = view.role(member);
            if *role == before {
                return Err(Refusal::ChangesNothing);
            }
            // An owner is left in any case: whoever lowers one is another.
            *role < before
        }
        Act::AddDevice { member, device } => {
            let known = *device == control.origin.device
                || view.is_added(member, device)
                || view.is_revoked(member, device);
            if known {
                return Err(Refusal::ChangesNothing);
            }
            false
        }
        Act::RevokeDevice { member, device } => {
            if view.is_revoked(member, device) {
                return Err(Refusal::ChangesNothing);
            }
            true
        }
    };
    if !reduces {
        return Ok(Birth::Other);
    }
    let giver = &history.ops[given.by].control;
    Ok(Birth::Reduction(Rank {
        role: Reverse(given.role),
        given: (giver.lamport, giver.id.clone()),
        device: control.origin.device.clone(),
        own: (control.lamport, control.id.clone()),
    }))
}
