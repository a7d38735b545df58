//! What an op cites of what its author had not cited before.
//!
//! Every head, as far as honest devices go. But whoever forks makes heads at will, removed members
//! too, and an op that cites too many is none (threat 13). The rules allow citing less: what is
//! left out is seen later, or bears on nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ledger, Standing};
use crate::caps;
use crate::chains::Place;
use crate::ids::MemberId;
use crate::op::Dep;
use crate::past::{Chain, Frontier};

/// A head that may be cited.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    dep: Dep,
    place: Place,
    /// Whose device it is.
    member: Option<MemberId>,
}

impl Ledger {
    /// What an op cites whose author has seen this: in the one order of citations.
    pub(super) fn citations(&self, seen: &Frontier) -> Vec<(Dep, Place)> {
        let mut heads = Vec::new();
        let mut beyond = Vec::new();
        let mut branches = BTreeMap::<_, usize>::new();
        // Each branch of a device that forked has a head, the author's own other ones too.
        for (chain, device, seq, op) in self.chains.heads() {
            let nth = branches.entry(device).or_default();
            *nth += 1;
            if seen.includes(chain, seq) {
                continue;
            }
            let introduced = self.introduced.get(&device);
            let first = introduced.and_then(|device| device.introductions().next());
            let head = Head {
                dep: Dep(device, seq, op),
                place: Place { chain, seq },
                member: first.map(|first| first.member),
            };
            match *nth <= caps::BRANCHES_CITED {
                true => heads.push(head),
                false => beyond.push(head),
            }
        }
        if !beyond.is_empty() {
            // Of the branches of who forks without end, those on which something is in force:
            // rotations have to see it.
            let in_force = self.branches_in_force(seen);
            heads.extend(
                beyond
                    .into_iter()
                    .filter(|head| in_force.contains(&head.place.chain)),
            );
        }
        let mut cited: Vec<_> = choose(heads, caps::CITED)
            .into_iter()
            .map(|head| (head.dep, head.place))
            .collect();
        cited.sort();
        cited
    }

    /// Chains on which valid control ops stand that are not in a past.
    fn branches_in_force(&self, seen: &Frontier) -> BTreeSet<Chain> {
        let unseen = self.control_ops().filter(|(op, standing)| {
            let Place { chain, seq } = op.placed.place;
            *standing == Standing::Valid && !seen.includes(chain, seq)
        });
        unseen.map(|(op, _)| op.placed.place.chain).collect()
    }
}

/// At most so many heads, those of members with few of them first: who has many crowds out nobody
/// but themselves.
fn choose(mut heads: Vec<Head>, most: usize) -> Vec<Head> {
    if heads.len() <= most {
        return heads;
    }
    let mut number = BTreeMap::<_, usize>::new();
    for head in &heads {
        *number.entry(head.member).or_default() += 1;
    }
    heads.sort_by_key(|head| (number[&head.member], head.dep));
    heads.truncate(most);
    heads
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{DeviceId, OpId};

    fn head(member: u8, nth: u8) -> Head {
        let dep = Dep(
            DeviceId::from_bytes([nth; 32]),
            0,
            OpId::from_bytes([member; 32]),
        );
        let place = Place {
            chain: Chain(nth.into()),
            seq: 0,
        };
        let member = Some(MemberId::from_bytes([member; 32]));
        Head { dep, place, member }
    }

    #[test]
    fn who_has_many_heads_crowds_out_nobody_else() {
        // threat 13
        let mut heads: Vec<Head> = (0..100).map(|nth| head(1, nth)).collect();
        heads.extend([head(2, 200), head(3, 201), head(3, 202)]);
        assert_eq!(choose(heads.clone(), 200), heads);
        let chosen = choose(heads, 10);
        assert_eq!(chosen.len(), 10);
        for other in [head(2, 200), head(3, 201), head(3, 202)] {
            assert!(chosen.contains(&other));
        }
    }
}
