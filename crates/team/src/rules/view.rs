//! Reading a set of valid ops: who has which role, and which devices are revoked (rule 3).

use crate::past::Frontier;

use super::control::{Control, Device, Once, Origin};
use super::history::{History, Op};
use super::role::{Role, may};
use super::verdict::Refusal;

/// What the valid ops of a set say: of all ops, or of those in somebody's past.
#[derive(Debug)]
pub struct View<'a, I, M, D> {
    history: &'a History<I, M, D>,
    /// By number of op; what lies beyond the end is not valid.
    valid: &'a [bool],
    /// Only ops in this past count.
    past: Option<&'a Frontier>,
    /// Only ops numbered below this count. Saves looking at what can't be in the past.
    below: Op,
}

impl<I, M, D> Clone for View<'_, I, M, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I, M, D> Copy for View<'_, I, M, D> {}

/// The op that gave a member their role: what seniority is counted from (rule 4).
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    pub role: Role,
    pub by: Op,
}

impl<'a, I: Ord + Clone, M: Ord + Clone, D: Device> View<'a, I, M, D> {
    /// All that is valid.
    pub(super) fn of_all(history: &'a History<I, M, D>, valid: &'a [bool]) -> Self {
        Self {
            history,
            valid,
            past: None,
            below: valid.len(),
        }
    }

    /// What is valid and in the past of an op.
    pub(super) fn before(history: &'a History<I, M, D>, valid: &'a [bool], op: Op) -> Self {
        let past = &history.ops[op].control.origin.past;
        Self {
            history,
            valid,
            past: Some(past),
            below: op,
        }
    }

    /// What is valid and in a past.
    pub(super) fn within(
        history: &'a History<I, M, D>,
        valid: &'a [bool],
        past: &'a Frontier,
    ) -> Self {
        let newest = history.newest_in(past);
        Self {
            history,
            valid,
            past: Some(past),
            below: newest.map_or(0, |op| op + 1),
        }
    }

    /// The role of a member: the least that the causally latest valid ops about them give.
    pub fn role(&self, member: &M) -> Role {
        self.given(member).map_or(Role::None, |given| given.role)
    }

    /// Everyone who has a role, with it, in the order of members.
    pub fn members(&self) -> impl Iterator<Item = (&'a M, Role)> {
        let view = *self;
        view.history
            .everyone()
            .map(move |(member, _)| (member, view.role(member)))
            .filter(|(_, role)| *role > Role::None)
    }

    /// Whether a device is revoked.
    pub fn is_revoked(&self, member: &M, device: &D) -> bool {
        let about = self.history.about(member);
        about
            .and_then(|about| about.revoked.get(device))
            .is_some_and(|ops| ops.iter().any(|op| self.holds(*op)))
    }

    /// All revoked devices with their members, in order.
    pub fn revoked(&self) -> impl Iterator<Item = (&'a M, &'a D)> {
        let view = *self;
        view.history.everyone().flat_map(move |(member, about)| {
            about
                .revoked
                .iter()
                .filter(move |(_, ops)| ops.iter().any(|op| view.holds(*op)))
                .map(move |(device, _)| (member, device))
        })
    }

    /// Whether the device that signed may do so: its addition holds, and no revocation of it.
    pub fn device_ok(&self, origin: &Origin<I, M, D>) -> bool {
        self.check_device(origin).is_ok()
    }

    /// Whether an op counts here: it is known, valid, and in the set.
    pub fn is_valid(&self, id: &I) -> bool {
        self.history.number(id).is_some_and(|op| self.holds(op))
    }

    /// Whether something that serves only once has served a valid op.
    pub(super) fn is_used(&self, once: &[Once<I, M>]) -> bool {
        let mut users = once.iter().flat_map(|once| self.history.users(once));
        users.any(|op| self.holds(*op))
    }

    /// Whether a device was added by a valid op of its own, other than with its member.
    pub(super) fn is_added(&self, member: &M, device: &D) -> bool {
        let about = self.history.about(member);
        about
            .and_then(|about| about.added.get(device))
            .is_some_and(|ops| ops.iter().any(|op| self.holds(*op)))
    }

    /// Why the device that signed may not.
    pub(super) fn check_device(&self, origin: &Origin<I, M, D>) -> Result<(), Refusal> {
        if let Some(id) = &origin.device_added_by {
            let adds = self.history.number(id).is_some_and(|op| {
                let Some(about) = self.history.about(&origin.author) else {
                    return false;
                };
                // By an op of its own, or with its member, who entered or came back by this one.
                let added = about.added.get(&origin.device);
                let brought = about.roles.iter().any(|entry| entry.op == op);
                self.holds(op) && (brought || added.is_some_and(|ops| ops.contains(&op)))
            });
            if !adds {
                return Err(Refusal::DeviceNotAdded);
            }
        }
        match self.is_revoked(&origin.author, &origin.device) {
            true => Err(Refusal::DeviceRevoked),
            false => Ok(()),
        }
    }

    /// Whether the author of an op has the authority for it, and the role that gives it.
    pub(super) fn check_authority(&self, control: &Control<I, M, D>) -> Result<Given, Refusal> {
        let origin = &control.origin;
        self.check_device(origin)?;
        let given = self.given(&origin.author).ok_or(Refusal::NotAuthorised)?;
        let target = self.role(control.about());
        match may(origin, given.role, &control.act, target) {
            true => Ok(given),
            false => Err(Refusal::NotAuthorised),
        }
    }

    /// Whether anyone but this member is an owner.
    pub(super) fn has_other_owner(&self, member: &M) -> bool {
        self.history
            .ever_owner()
            .any(|other| other != member && self.role(other) == Role::Owner)
    }

    /// The role of a member and the op that gave it. Of several that give the same, the earliest
    /// by (lamport, id).
    fn given(&self, member: &M) -> Option<Given> {
        let roles = &self.history.about(member)?.roles;
        let roles = &roles[..roles.partition_point(|entry| entry.op < self.below)];
        let mut latest: Vec<Op> = Vec::new();
        let mut least: Option<Given> = None;
        for entry in roles.iter().rev().filter(|entry| self.holds(entry.op)) {
            if latest.iter().any(|later| self.saw(*later, entry.op)) {
                continue;
            }
            let given = Given {
                role: entry.role,
                by: entry.op,
            };
            if least.is_none_or(|least| self.seniority(given) < self.seniority(least)) {
                least = Some(given);
            }
            if entry.saw_earlier {
                break;
            }
            latest.push(entry.op);
        }
        least
    }

    fn seniority(&self, given: Given) -> (Role, u64, &'a I) {
        let control = &self.history.ops[given.by].control;
        (given.role, control.lamport, &control.id)
    }

    fn saw(&self, later: Op, earlier: Op) -> bool {
        self.history
            .is_in(earlier, &self.history.ops[later].control.origin.past)
    }

    fn holds(&self, op: Op) -> bool {
        op < self.below
            && self.valid.get(op).is_some_and(|valid| *valid)
            && self.past.is_none_or(|past| self.history.is_in(op, past))
    }
}
