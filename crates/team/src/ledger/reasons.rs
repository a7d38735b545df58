//! Why an op has no effect, for people to be told; and what is due in the team, and who can do it.

use super::{Due, Ledger, Standing, origin_of};
use crate::ids::{MemberId, OpId};
use crate::rules::{Cause, Role, Verdict};

/// Why an op is void.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// What its author had seen did not allow it. This never changes.
    NotAllowed,
    /// A removal, a lower role or a revocation that it had not seen is aimed at its author or
    /// their device: this op.
    CutBy(OpId),
    /// What gave its author the right to it is void.
    LostAuthority,
    /// The team would have no owner left.
    NoOwnerLeft,
    /// Another op has used the invitation, or brought the member in.
    UsedBefore,
}

/// A rotation that is due, and who can do it: any one of these. Empty if nobody can as things are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// What. A member's seed can be rotated by that member alone.
    pub due: Due,
    /// Who.
    pub by: Vec<MemberId>,
}

impl Ledger {
    /// Why a control op is void; None if it is not here, or valid.
    pub fn reason(&self, op: &OpId) -> Option<Reason> {
        let op = self.control_op(op)?;
        if self.state.standing(&op.id) == Standing::Valid {
            return None;
        }
        if !self.born.get(&op.id).is_some_and(|born| *born) {
            return Some(Reason::NotAllowed);
        }
        if let Some(verdict) = self.core.verdict(&op.id) {
            return Some(match verdict {
                Verdict::Rejected(_) => Reason::NotAllowed,
                Verdict::Void(Cause::CutBy(cut)) => Reason::CutBy(cut),
                Verdict::Void(Cause::NoOwnerLeft) => Reason::NoOwnerLeft,
                Verdict::Void(Cause::UsedBefore) => Reason::UsedBefore,
                Verdict::Void(Cause::LostAuthority) | Verdict::Valid => Reason::LostAuthority,
            });
        }
        let author = self.core.author_at(&origin_of(op, &self.introduced));
        Some(author.cut_by.map_or(Reason::LostAuthority, Reason::CutBy))
    }

    /// Every rotation that is due in the team, and who can do it.
    pub fn duties(&self) -> Vec<Duty> {
        let state = &self.state;
        let members = || state.roles.iter().filter(|(_, role)| **role > Role::None);
        let able: Vec<MemberId> = state.recipients().map(|(member, ..)| member).collect();
        let mut duties: Vec<Duty> = members()
            .filter(|(member, _)| !able.contains(member))
            .map(|(member, _)| Duty {
                due: Due::MemberKey,
                by: vec![*member],
            })
            .collect();
        if self.current_log_key().is_none() {
            duties.push(Duty {
                due: Due::LogKey,
                by: able,
            });
        }
        for (id, bundle) in &state.bundles {
            if state.current_epoch(bundle).is_none() {
                let holders = state.bundle_recipients(bundle).map(|(member, ..)| member);
                duties.push(Duty {
                    due: Due::Epoch(*id),
                    by: holders
                        .filter(|member| state.role(member) >= Role::Writer)
                        .collect(),
                });
            }
        }
        duties
    }
}
