//! What an op had seen, as one number a chain.
//!
//! A past is closed under causes, so on every chain it is a prefix, and the highest position of
//! that prefix says it all. Comparing two pasts then costs the number of chains, not of ops.

/// One branch of one device's ops. A device that forks begins a new chain where the two part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chain(pub u32);

/// A set of ops that is closed under causes: for each chain, the highest position in it.
///
/// A chain of which nothing is in the set has no part here, so equal sets are equal values.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Frontier(Vec<(Chain, u64)>);

impl Frontier {
    /// The empty past: that of a genesis.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The highest position of this chain that is in the past, itself included.
    pub fn position(&self, chain: Chain) -> Option<u64> {
        self.find(chain).ok().map(|index| self.0[index].1)
    }

    /// Whether the op at this position of this chain is in the past.
    pub fn includes(&self, chain: Chain, position: u64) -> bool {
        self.position(chain)
            .is_some_and(|highest| position <= highest)
    }

    /// Whether all of another past is in this one.
    pub fn covers(&self, other: &Frontier) -> bool {
        other
            .iter()
            .all(|(chain, position)| self.includes(chain, position))
    }

    /// Takes in a position of a chain, and all before it.
    pub fn insert(&mut self, chain: Chain, position: u64) {
        match self.find(chain) {
            Ok(index) => self.0[index].1 = self.0[index].1.max(position),
            Err(index) => self.0.insert(index, (chain, position)),
        }
    }

    /// Takes in all of another past: the union of the two.
    pub fn join(&mut self, other: &Frontier) {
        for (chain, position) in other.iter() {
            self.insert(chain, position);
        }
    }

    /// Keeps only what another past holds too: the intersection of the two.
    pub fn meet(&mut self, other: &Frontier) {
        self.0
            .retain_mut(|(chain, position)| match other.position(*chain) {
                Some(highest) => {
                    *position = highest.min(*position);
                    true
                }
                None => false,
            });
    }

    /// Each chain with its highest position, in the order of the chains.
    pub fn iter(&self) -> impl Iterator<Item = (Chain, u64)> + '_ {
        self.0.iter().copied()
    }

    /// On how many chains it holds something.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn find(&self, chain: Chain) -> Result<usize, usize> {
        self.0.binary_search_by_key(&chain, |(chain, _)| *chain)
    }
}

impl FromIterator<(Chain, u64)> for Frontier {
    fn from_iter<T: IntoIterator<Item = (Chain, u64)>>(positions: T) -> Self {
        let mut frontier = Self::new();
        for (chain, position) in positions {
            frontier.insert(chain, position);
        }
        frontier
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frontier(positions: &[(u32, u64)]) -> Frontier {
        positions
            .iter()
            .map(|&(chain, position)| (Chain(chain), position))
            .collect()
    }

    #[test]
    fn a_past_holds_every_position_up_to_its_highest() {
        let past = frontier(&[(3, 7), (1, 0)]);
        assert!(past.includes(Chain(3), 0) && past.includes(Chain(3), 7));
        assert!(!past.includes(Chain(3), 8));
        assert!(past.includes(Chain(1), 0));
        assert!(!past.includes(Chain(2), 0));
    }

    #[test]
    fn inserting_never_goes_backwards() {
        let mut past = frontier(&[(1, 5)]);
        past.insert(Chain(1), 3);
        assert_eq!(past.position(Chain(1)), Some(5));
    }

    #[test]
    fn join_is_the_union_and_meet_the_intersection() {
        let (left, right) = (
            frontier(&[(1, 5), (2, 1), (4, 4)]),
            frontier(&[(1, 3), (2, 9), (3, 0)]),
        );
        let mut union = left.clone();
        union.join(&right);
        assert_eq!(union, frontier(&[(1, 5), (2, 9), (3, 0), (4, 4)]));
        assert!(union.covers(&left) && union.covers(&right) && !left.covers(&right));
        let mut both = left.clone();
        both.meet(&right);
        assert_eq!(both, frontier(&[(1, 3), (2, 1)]));
        assert!(left.covers(&both) && right.covers(&both));
    }
}
