//! The reductions that stand, by whom they are aimed at.

use std::collections::BTreeMap;

use crate::past::Frontier;

use super::control::{Act, Device, Origin};
use super::history::{History, Op};

/// Standing reductions in the order in which they were settled. The newest can be taken back.
#[derive(Debug, Clone)]
pub(super) struct Standing<M, D> {
    order: Vec<Op>,
    aimed: BTreeMap<M, Aimed<D>>,
}

/// What is aimed at one member and at their devices.
#[derive(Debug, Clone)]
struct Aimed<D> {
    member: Vec<Aim>,
    devices: BTreeMap<D, Vec<Aim>>,
}

/// A standing reduction in the list of its target.
#[derive(Debug, Clone)]
struct Aim {
    cut: Cut,
    /// Where this cut and those before it in its list stand: a past that covers this has seen
    /// them all, which is the usual case and spares walking the list.
    reach: Frontier,
}

/// A standing reduction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cut {
    /// Its index in the order of settling.
    pub nth: usize,
    /// Which op it is.
    pub op: Op,
}

impl<M: Ord + Clone, D: Device> Standing<M, D> {
    pub fn new() -> Self {
        Self {
            order: Vec::new(),
            aimed: BTreeMap::new(),
        }
    }

    /// All of them, in the order of settling.
    pub fn order(&self) -> &[Op] {
        &self.order
    }

    /// A reduction stands from now on.
    pub fn push<I: Ord + Clone>(&mut self, history: &History<I, M, D>, op: Op) {
        let cut = Cut {
            nth: self.order.len(),
            op,
        };
        self.order.push(op);
        let list = self.aims(history, op);
        let mut reach = list
            .last()
            .map_or_else(Frontier::new, |aim| aim.reach.clone());
        let origin = &history.ops[op].control.origin;
        reach.insert(origin.chain, origin.position);
        list.push(Aim { cut, reach });
    }

    /// The reduction that was settled last stands no longer.
    pub fn pop<I: Ord + Clone>(&mut self, history: &History<I, M, D>) {
        if let Some(op) = self.order.pop() {
            self.aims(history, op).pop();
        }
    }

    /// The reductions aimed at an author or at their device, where neither had seen the other.
    pub fn concurrent_with<I: Ord + Clone>(
        &self,
        history: &History<I, M, D>,
        origin: &Origin<I, M, D>,
    ) -> impl Iterator<Item = Cut> {
        let aimed = self.aimed.get(&origin.author);
        let device = aimed.and_then(|aimed| aimed.devices.get(&origin.device));
        [aimed.map(|aimed| &aimed.member), device]
            .into_iter()
            .flatten()
            .filter(|aims| {
                aims.last()
                    .is_some_and(|last| !origin.past.covers(&last.reach))
            })
            .flatten()
            .map(|aim| aim.cut)
            .filter(|cut| {
                let by = &history.ops[cut.op].control.origin;
                !origin.has_seen(by) && !by.has_seen(origin)
            })
    }

    /// The first-settled reduction that voids what an author who had not seen it did (rule 6 (i)).
    /// A member's own revocations do so only if they came from an earlier device.
    pub fn cutting<I: Ord + Clone>(
        &self,
        history: &History<I, M, D>,
        origin: &Origin<I, M, D>,
    ) -> Option<Cut> {
        self.concurrent_with(history, origin)
            .filter(|cut| {
                let by = &history.ops[cut.op].control.origin;
                by.author != origin.author || by.device < origin.device
            })
            .min()
    }

    fn aims<I: Ord + Clone>(&mut self, history: &History<I, M, D>, op: Op) -> &mut Vec<Aim> {
        let control = &history.ops[op].control;
        let aimed = self
            .aimed
            .entry(control.about().clone())
            .or_insert_with(|| Aimed {
                member: Vec::new(),
                devices: BTreeMap::new(),
            });
        match &control.act {
            Act::RevokeDevice { device, .. } => aimed.devices.entry(device.clone()).or_default(),
            Act::Genesis | Act::SetRole { .. } | Act::AddDevice { .. } => &mut aimed.member,
        }
    }
}
