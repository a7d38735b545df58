//! The control ops received so far, and what can be looked up about them without judging anything.
//!
//! Ops are numbered in the order of their arrival, in which causes come before effects. The
//! numbers are private to one core and decide nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::past::{Chain, Frontier};

use super::birth::{Birth, Rank};
use super::control::{Act, Control, Once};
use super::role::Role;
use super::verdict::{InsertError, Refusal};

/// The number of an op in its [`History`].
pub(super) type Op = usize;

/// A control op with what was found out about it when it arrived.
#[derive(Debug, Clone)]
pub(super) struct Recorded<I, M, D> {
    pub control: Control<I, M, D>,
    pub birth: Result<Birth<I, D>, Refusal>,
    /// The op that added its device, if one had to.
    pub added_by: Option<Op>,
    /// How many live ops its author had seen.
    pub seen: usize,
    /// Its index among the live ops of its chain.
    pub nth: usize,
}

/// A live op about somebody's role.
#[derive(Debug, Clone)]
pub(super) struct RoleOp {
    pub op: Op,
    pub role: Role,
    /// Whether its author had seen all earlier entries of the list that it stands in.
    pub saw_earlier: bool,
}

/// What is known about one member, by number of op, ascending.
#[derive(Debug, Clone)]
pub(super) struct About<D> {
    pub roles: Vec<RoleOp>,
    pub added: BTreeMap<D, Vec<Op>>,
    pub revoked: BTreeMap<D, Vec<Op>>,
    reach: Frontier,
}

impl<D> Default for About<D> {
    fn default() -> Self {
        let (added, revoked) = (BTreeMap::new(), BTreeMap::new());
        Self {
            roles: Vec::new(),
            added,
            revoked,
            reach: Frontier::new(),
        }
    }
}

/// All control ops. Those that were rejected at birth are kept to say so and nothing else; the
/// others are *live*, and only they are on the chains and in the lists.
#[derive(Debug, Clone)]
pub(super) struct History<I, M, D> {
    pub ops: Vec<Recorded<I, M, D>>,
    by_id: BTreeMap<I, Op>,
    chains: BTreeMap<Chain, Vec<(u64, Op)>>,
    last: BTreeMap<Chain, u64>,
    about: BTreeMap<M, About<D>>,
    ever_owner: BTreeSet<M>,
    once: BTreeMap<Once<I, M>, Vec<Op>>,
    live: Vec<Op>,
}

impl<I: Ord + Clone, M: Ord + Clone, D: Ord + Clone> History<I, M, D> {
    pub fn new() -> Self {
        Self {
            ops: Vec::new(),
            by_id: BTreeMap::new(),
            chains: BTreeMap::new(),
            last: BTreeMap::new(),
            about: BTreeMap::new(),
            ever_owner: BTreeSet::new(),
            once: BTreeMap::new(),
            live: Vec::new(),
        }
    }

    /// Whether ops may be recorded one after the other: each new, and after all of its chain.
    pub fn accepts(&self, batch: &[Control<I, M, D>]) -> Result<(), InsertError> {
        let (mut ids, mut last) = (BTreeSet::new(), BTreeMap::new());
        for Control { id, origin, .. } in batch {
            if self.by_id.contains_key(id) || !ids.insert(id) {
                return Err(InsertError::Known);
            }
            let before = last.insert(origin.chain, origin.position);
            let before = before.or_else(|| self.last.get(&origin.chain).copied());
            if before.is_some_and(|before| before >= origin.position) {
                return Err(InsertError::OutOfOrder);
            }
        }
        Ok(())
    }

    /// Records an op that [`History::accepts`] let pass.
    pub fn record(&mut self, control: Control<I, M, D>, birth: Result<Birth<I, D>, Refusal>) -> Op {
        let op = self.ops.len();
        let added_by = control
            .origin
            .device_added_by
            .as_ref()
            .and_then(|id| self.number(id));
        let seen = self.count(&control.origin.past);
        let nth = match birth {
            Ok(_) => self.enlist(op, &control),
            Err(_) => 0,
        };
        self.by_id.insert(control.id.clone(), op);
        self.last
            .insert(control.origin.chain, control.origin.position);
        self.ops.push(Recorded {
            control,
            birth,
            added_by,
            seen,
            nth,
        });
        op
    }

    fn enlist(&mut self, op: Op, control: &Control<I, M, D>) -> usize {
        self.live.push(op);
        for once in &control.once {
            self.once.entry(once.clone()).or_default().push(op);
        }
        let origin = &control.origin;
        let about = self.about.entry(control.about().clone()).or_default();
        match &control.act {
            Act::AddDevice { device, .. } => {
                about.added.entry(device.clone()).or_default().push(op)
            }
            Act::RevokeDevice { device, .. } => {
                about.revoked.entry(device.clone()).or_default().push(op);
            }
            Act::Genesis | Act::SetRole { .. } => {}
        }
        if let Some(role) = control.role() {
            let saw_earlier = origin.past.covers(&about.reach);
            about.roles.push(RoleOp {
                op,
                role,
                saw_earlier,
            });
            about.reach.insert(origin.chain, origin.position);
            if role == Role::Owner {
                self.ever_owner.insert(control.about().clone());
            }
        }
        let chain = self.chains.entry(origin.chain).or_default();
        chain.push((origin.position, op));
        chain.len() - 1
    }

    /// The number of an op.
    pub fn number(&self, id: &I) -> Option<Op> {
        self.by_id.get(id).copied()
    }

    /// All ops by id, in the order of ids.
    pub fn ids(&self) -> impl Iterator<Item = (&I, Op)> {
        self.by_id.iter().map(|(id, op)| (id, *op))
    }

    /// All live ops, ascending: causes before effects.
    pub fn live(&self) -> &[Op] {
        &self.live
    }

    /// The live ops of a chain up to a position, with their own positions, ascending.
    pub fn prefix(&self, chain: Chain, position: u64) -> &[(u64, Op)] {
        let ops = self.chains.get(&chain).map_or(&[][..], Vec::as_slice);
        &ops[..ops.partition_point(|(stands_at, _)| *stands_at <= position)]
    }

    /// How many live ops are in a past.
    pub fn count(&self, past: &Frontier) -> usize {
        past.iter()
            .map(|(chain, position)| self.prefix(chain, position).len())
            .sum()
    }

    /// The same past, named by live ops alone: equal for all pasts that hold the same of them.
    pub fn trim(&self, past: &Frontier) -> Frontier {
        past.iter()
            .filter_map(|(chain, position)| {
                self.prefix(chain, position)
                    .last()
                    .map(|(last, _)| (chain, *last))
            })
            .collect()
    }

    /// The live ops in a past, ascending: causes before effects.
    pub fn members_of(&self, past: &Frontier) -> Vec<Op> {
        let mut ops: Vec<Op> = past
            .iter()
            .flat_map(|(chain, position)| self.prefix(chain, position).iter().map(|(_, op)| *op))
            .collect();
        ops.sort_unstable();
        ops
    }

    /// The live op in a past that came last.
    pub fn newest_in(&self, past: &Frontier) -> Option<Op> {
        past.iter()
            .filter_map(|(chain, position)| self.prefix(chain, position).last())
            .map(|(_, op)| *op)
            .max()
    }

    /// Whether an op is in a past.
    pub fn is_in(&self, op: Op, past: &Frontier) -> bool {
        let origin = &self.ops[op].control.origin;
        past.includes(origin.chain, origin.position)
    }

    /// What is known about a member.
    pub fn about(&self, member: &M) -> Option<&About<D>> {
        self.about.get(member)
    }

    /// Everyone whom an op was ever about.
    pub fn everyone(&self) -> impl Iterator<Item = (&M, &About<D>)> {
        self.about.iter()
    }

    /// The live ops that take up what serves only once.
    pub fn users(&self, once: &Once<I, M>) -> &[Op] {
        self.once.get(once).map_or(&[], Vec::as_slice)
    }

    /// Everyone who was ever to be an owner.
    pub fn ever_owner(&self) -> impl Iterator<Item = &M> {
        self.ever_owner.iter()
    }

    /// The rank of a live op, if it is a reduction.
    pub fn rank(&self, op: Op) -> Option<&Rank<I, D>> {
        match &self.ops[op].birth {
            Ok(Birth::Reduction(rank)) => Some(rank),
            _ => None,
        }
    }
}
