//! The chains of ops that devices write, and what each op had seen.
//!
//! An op's past is the closure of its `prev` and `deps`. It is kept as a [`Frontier`]: for each
//! chain, the highest place seen. Most ops cite nothing new, so a chain stores a frontier only
//! where one changes; the lamport time in between grows by one a step. A device that forks gets a
//! second [`Chain`] that begins where the two part.

use std::collections::BTreeMap;

use crate::ids::{DeviceId, OpId};
use crate::past::{Chain, Frontier};

/// Which op stands at a place, for those that are not in memory: the vault's `op` table.
pub trait Archive {
    /// Ids of all applied ops of a device at a seq, void and quarantined ones too: none, one, or
    /// several after a fork. Ops that wait are not among them.
    fn ids_at(&self, device: &DeviceId, seq: u64) -> Vec<OpId>;
}

/// A place in the graph of ops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which chain.
    pub chain: Chain,
    /// Which seq on it.
    pub seq: u64,
}

/// An op that has its place, with what it had seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Where it stands.
    pub place: Place,
    /// Everything before it, its own chain included.
    pub past: Frontier,
    /// Its lamport time.
    pub lamport: u64,
}

#[derive(Debug, Clone)]
struct Branch {
    device: DeviceId,
    /// Seq of its first op: 0, or where it parts from an earlier branch.
    first: u64,
    tip: (u64, OpId),
    /// Where the past grew by more than the chain's own last op: (seq, lamport, past).
    grown: Vec<(u64, u64, Frontier)>,
    /// Known ids, by seq, of this branch; the archive knows the others.
    ids: BTreeMap<u64, OpId>,
}

/// All chains of a team.
#[derive(Debug, Clone, Default)]
pub struct Chains {
    branches: Vec<Branch>,
    by_device: BTreeMap<DeviceId, Vec<Chain>>,
}

impl Chains {
    /// The head of every chain: device, seq and op id. A device that forked has several.
    pub fn heads(&self) -> impl Iterator<Item = (Chain, DeviceId, u64, OpId)> + '_ {
        self.branches
            .iter()
            .zip(0..)
            .map(|(branch, index)| (Chain(index), branch.device, branch.tip.0, branch.tip.1))
    }

    /// The head of a device's first chain.
    pub fn head(&self, device: &DeviceId) -> Option<(Place, OpId)> {
        let chain = *self.by_device.get(device)?.first()?;
        let (seq, op) = self.branch(chain).tip;
        Some((Place { chain, seq }, op))
    }

    /// Whether a device has written two ops at one seq.
    pub fn forked(&self, device: &DeviceId) -> bool {
        self.by_device
            .get(device)
            .is_some_and(|chains| chains.len() > 1)
    }

    /// Where a device's chain parts: the seqs at which it wrote more than one op.
    pub fn partings(&self, device: &DeviceId) -> Vec<u64> {
        let chains = self.by_device.get(device).into_iter().flatten();
        let mut seqs: Vec<u64> = chains
            .skip(1)
            .map(|chain| self.branch(*chain).first)
            .collect();
        seqs.sort_unstable();
        seqs.dedup();
        seqs
    }

    /// Where an op of a device at a seq stands, if it is known.
    pub fn find(
        &self,
        device: &DeviceId,
        seq: u64,
        op: &OpId,
        archive: &dyn Archive,
    ) -> Option<Place> {
        if let Some(place) = self.find_held(device, seq, op) {
            return Some(place);
        }
        // Ops that are not in memory are on the device's first chain: later ones keep their ids.
        let known = self.needs_archive(device, seq, op) && archive.ids_at(device, seq).contains(op);
        let first = *self.by_device.get(device)?.first()?;
        known.then_some(Place { chain: first, seq })
    }

    /// Whether only the archive can tell if this op stands at this place.
    pub fn needs_archive(&self, device: &DeviceId, seq: u64, op: &OpId) -> bool {
        let first = self.by_device.get(device).and_then(|chains| chains.first());
        first.is_some_and(|first| {
            let branch = self.branch(*first);
            seq <= branch.tip.0
                && !branch.ids.contains_key(&seq)
                && self.find_held(device, seq, op).is_none()
        })
    }

    /// A place on a device's first chain, if that goes so far.
    pub fn place_at(&self, device: &DeviceId, seq: u64) -> Option<Place> {
        let chain = *self.by_device.get(device)?.first()?;
        let branch = self.branch(chain);
        (branch.first..=branch.tip.0)
            .contains(&seq)
            .then_some(Place { chain, seq })
    }

    /// Where an op of a device at a seq stands, if its id is held in memory.
    pub fn find_held(&self, device: &DeviceId, seq: u64, op: &OpId) -> Option<Place> {
        let mut chains = self.by_device.get(device)?.iter();
        let held = |chain: &&Chain| {
            let branch = self.branch(**chain);
            branch.ids.get(&seq) == Some(op) || branch.tip == (seq, *op)
        };
        chains.find(held).map(|chain| Place { chain: *chain, seq })
    }

    /// Whether this op is known to stand at another seq of this device: whoever cites it here
    /// does not tell the truth. Looks at heads and at what is held in memory.
    pub fn stands_elsewhere(&self, device: &DeviceId, seq: u64, op: &OpId) -> bool {
        let mut chains = self.by_device.get(device).into_iter().flatten();
        chains.any(|chain| {
            let Branch { tip, ids, .. } = self.branch(*chain);
            (tip.1 == *op && tip.0 != seq) || ids.iter().any(|(at, id)| id == op && *at != seq)
        })
    }

    /// Whether any op of this device stands at this seq.
    pub fn reaches(&self, device: &DeviceId, seq: u64) -> bool {
        self.by_device
            .get(device)
            .is_some_and(|chains| chains.iter().any(|c| self.branch(*c).tip.0 >= seq))
    }

    /// What the op at a place had seen, itself excluded, and its lamport time.
    pub fn past_of(&self, place: Place) -> (Frontier, u64) {
        let branch = self.branch(place.chain);
        let index = branch.grown.partition_point(|(seq, ..)| *seq <= place.seq);
        let (seq, lamport, past) = &branch.grown[index - 1];
        let mut past = past.clone();
        if place.seq > *seq {
            past.insert(place.chain, place.seq - 1);
        }
        (past, lamport + (place.seq - seq))
    }

    /// What somebody has seen who has seen the op at this place: its past and itself.
    pub fn seen_with(&self, place: Place) -> (Frontier, u64) {
        let (mut past, lamport) = self.past_of(place);
        past.insert(place.chain, place.seq);
        (past, lamport)
    }

    /// Works out the place of a new op, without placing it yet. `prev` and `deps` are known.
    pub fn plan(&self, device: &DeviceId, prev: Option<Place>, deps: &[Place]) -> Placed {
        let (mut past, mut lamport) = match prev {
            Some(prev) => {
                let (past, lamport) = self.seen_with(prev);
                (past, lamport + 1)
            }
            None => (Frontier::default(), 0),
        };
        for dep in deps {
            let (seen, seen_lamport) = self.seen_with(*dep);
            past.join(&seen);
            lamport = lamport.max(seen_lamport + 1);
        }
        let seq = prev.map_or(0, |prev| prev.seq + 1);
        let continued = prev.map(|prev| prev.chain).filter(|chain| {
            let branch = self.branch(*chain);
            branch.device == *device && branch.tip.0 + 1 == seq
        });
        let chain = continued.unwrap_or(Chain(self.branches.len() as u32));
        Placed {
            place: Place { chain, seq },
            past,
            lamport,
        }
    }

    /// Places an op that was planned last.
    pub fn place(&mut self, device: DeviceId, op: OpId, placed: &Placed, keep_id: bool) {
        let Place { chain, seq } = placed.place;
        if chain.0 as usize == self.branches.len() {
            self.branches.push(Branch {
                device,
                first: seq,
                tip: (seq, op),
                grown: Vec::new(),
                ids: BTreeMap::new(),
            });
            self.by_device.entry(device).or_default().push(chain);
        }
        let usual = {
            let branch = self.branch(chain);
            seq > branch.first && {
                let (mut expected, lamport) = self.past_of(Place {
                    chain,
                    seq: seq - 1,
                });
                expected.insert(chain, seq - 1);
                expected == placed.past && lamport + 1 == placed.lamport
            }
        };
        let first = self.by_device[&device][0] == chain;
        let branch = &mut self.branches[chain.0 as usize];
        if !usual {
            branch
                .grown
                .push((seq, placed.lamport, placed.past.clone()));
        }
        if keep_id || !first {
            branch.ids.insert(seq, op);
        }
        branch.tip = (seq, op);
    }

    /// The head of a device's first chain jumps ahead over ops that are not held in memory and
    /// that cite nothing. Only for ops that this vault has applied before. Gives the op's place.
    pub fn skip_to(&mut self, device: &DeviceId, seq: u64, op: OpId) -> Option<Place> {
        let chain = *self.by_device.get(device)?.first()?;
        let branch = &mut self.branches[chain.0 as usize];
        if branch.tip.0 <= seq {
            branch.tip = (seq, op);
        }
        Some(Place { chain, seq })
    }

    fn branch(&self, chain: Chain) -> &Branch {
        &self.branches[chain.0 as usize]
    }
}
