//! The root: 32 bytes that cover every row of every table outside the header, and cost one
//! row's hash to keep current (docs/protocol.md §3).
//!
//! For each table it keeps the sum mod 2^256 of its rows' keyed hashes, which doesn't depend on
//! their order; the root is the keyed hash of all sums. The sums are stored sealed: whoever
//! reads them before and after a commit learns the keyed hashes of single rows, and among a few
//! hundred of those other sets of rows with the same sum can be searched for.

use crypto::{Purpose, hash};

use crate::VaultError;
use crate::frame::Frame;
use crate::keys::VaultKeys;

/// The tables that the root covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    Identity,
    Key,
    Op,
    Frontier,
    Version,
    Seal,
    Pack,
    Waiting,
    Remote,
    Object,
    Outbox,
    Evidence,
    Audit,
    RootHistory,
}

impl Table {
    /// In the order of the sums. Append only.
    pub(crate) const ALL: [Self; 14] = [
        Self::Identity,
        Self::Key,
        Self::Op,
        Self::Frontier,
        Self::Version,
        Self::Seal,
        Self::Pack,
        Self::Waiting,
        Self::Remote,
        Self::Object,
        Self::Outbox,
        Self::Evidence,
        Self::Audit,
        Self::RootHistory,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Key => "key",
            Self::Op => "op",
            Self::Frontier => "frontier",
            Self::Version => "version",
            Self::Seal => "seal",
            Self::Pack => "pack",
            Self::Waiting => "waiting",
            Self::Remote => "remote",
            Self::Object => "object",
            Self::Outbox => "outbox",
            Self::Evidence => "evidence",
            Self::Audit => "audit",
            Self::RootHistory => "root_history",
        }
    }
}

/// An unkeyed hash of a row: its table's name and all its columns. It needs no key, so that a
/// whole file is read and hashed while Argon2 still works on the passphrase.
#[derive(Clone, Copy)]
pub(crate) struct RowDigest([u8; 32]);

impl RowDigest {
    pub(crate) fn of(row: &Frame) -> Self {
        Self(hash(Purpose::RowDigest, row.as_slice()))
    }
}

/// One sum for each table.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Sums([U256; Table::ALL.len()]);

impl Sums {
    /// Size of the encoding in bytes.
    const SIZE: usize = Table::ALL.len() * 32;

    /// The sums of empty tables.
    pub(crate) fn empty() -> Self {
        Self([U256::ZERO; Table::ALL.len()])
    }

    pub(crate) fn add(&mut self, keys: &VaultKeys, table: Table, row: RowDigest) {
        let sum = &mut self.0[table as usize];
        *sum = sum.plus(U256::from_bytes(&keys.root_hash(&row.0)));
    }

    pub(crate) fn subtract(&mut self, keys: &VaultKeys, table: Table, row: RowDigest) {
        let sum = &mut self.0[table as usize];
        *sum = sum.minus(U256::from_bytes(&keys.root_hash(&row.0)));
    }

    /// The first table whose sum differs.
    pub(crate) fn first_difference(&self, other: &Self) -> Option<Table> {
        Table::ALL
            .into_iter()
            .find(|table| self.0[*table as usize] != other.0[*table as usize])
    }

    pub(crate) fn root(&self, keys: &VaultKeys) -> [u8; 32] {
        keys.root_hash(&self.to_bytes())
    }

    pub(crate) fn to_bytes(&self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        for (chunk, sum) in bytes.chunks_exact_mut(32).zip(&self.0) {
            chunk.copy_from_slice(&sum.to_bytes());
        }
        bytes
    }

    /// The sums of this encoding.
    ///
    /// # Errors
    /// [`VaultError::HeaderChanged`] if its length is another one.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, VaultError> {
        let bytes: &[u8; Self::SIZE] = bytes.try_into().map_err(|_| VaultError::HeaderChanged)?;
        let mut sums = Self::empty();
        for (sum, chunk) in sums.0.iter_mut().zip(bytes.chunks_exact(32)) {
            *sum = U256::from_bytes(chunk.try_into().expect("chunks are of 32 bytes"));
        }
        Ok(sums)
    }
}

/// A number mod 2^256, least significant limb first.
#[derive(Clone, Copy, PartialEq, Eq)]
struct U256([u64; 4]);

impl U256 {
    const ZERO: Self = Self([0; 4]);

    fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut limbs = [0; 4];
        for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
            *limb = u64::from_le_bytes(chunk.try_into().expect("chunks are of 8 bytes"));
        }
        Self(limbs)
    }

    fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.0) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
        bytes
    }

    fn plus(self, other: Self) -> Self {
        let mut carry = false;
        Self(std::array::from_fn(|i| {
            let (limb, high) = self.0[i].overflowing_add(other.0[i]);
            let (limb, low) = limb.overflowing_add(u64::from(carry));
            carry = high || low;
            limb
        }))
    }

    fn minus(self, other: Self) -> Self {
        let mut borrow = false;
        Self(std::array::from_fn(|i| {
            let (limb, high) = self.0[i].overflowing_sub(other.0[i]);
            let (limb, low) = limb.overflowing_sub(u64::from(borrow));
            borrow = high || low;
            limb
        }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn carries_cross_limbs() {
        let one = U256([1, 0, 0, 0]);
        let most = U256([u64::MAX; 4]);
        assert!(most.plus(one) == U256::ZERO);
        assert!(U256::ZERO.minus(one) == most);
        assert!(U256([u64::MAX, u64::MAX, 0, 0]).plus(one) == U256([0, 0, 1, 0]));
        assert!(U256([0, 0, 1, 0]).minus(one) == U256([u64::MAX, u64::MAX, 0, 0]));
    }

    proptest! {
        #[test]
        fn minus_undoes_plus(a: [u64; 4], b: [u64; 4]) {
            let (a, b) = (U256(a), U256(b));
            prop_assert!(a.plus(b).minus(b) == a);
            prop_assert!(a.plus(b) == b.plus(a));
            prop_assert!(U256::from_bytes(&a.to_bytes()) == a);
        }
    }

    #[test]
    fn each_table_has_its_place() {
        for (place, table) in Table::ALL.into_iter().enumerate() {
            assert_eq!(place, table as usize);
        }
    }
}
