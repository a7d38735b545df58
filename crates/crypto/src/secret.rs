//! The types that hold secrets: wiped when dropped, silent in `Debug`, compared in constant time.
//!
//! They can't be cloned, printed or serialised. The one way out is `expose()`, and each call of it
//! outside tests has a comment that says why.

use std::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::random;

/// `N` secret bytes, usually a key. They live on the heap, so that moving the value leaves no copy
/// of them behind on the stack.
#[derive(ZeroizeOnDrop)]
pub struct SecretBytes<const N: usize>(Box<[u8; N]>);

impl<const N: usize> SecretBytes<N> {
    /// Takes `bytes` over. A copy that the caller keeps is the caller's to wipe.
    #[must_use]
    pub fn new(mut bytes: [u8; N]) -> Self {
        let secret = Self(Box::new(bytes));
        bytes.zeroize();
        secret
    }

    /// Copies `bytes`, or `None` if there aren't exactly `N`.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == N).then(|| Self::filled(|secret| secret.copy_from_slice(bytes)))
    }

    /// Random bytes from the operating system.
    ///
    /// # Panics
    /// As [`make_bytes`](crate::make_bytes).
    #[must_use]
    pub fn make() -> Self {
        Self::filled(|secret| random::fill(secret))
    }

    /// Lets `fill` write the bytes where they will stay, so that no copy is made at all.
    pub(crate) fn filled(fill: impl FnOnce(&mut [u8; N])) -> Self {
        let mut secret = Self(Box::new([0; N]));
        fill(&mut secret.0);
        secret
    }

    /// The bytes themselves. Each call says why in an `EXPOSE` comment.
    #[must_use]
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> ConstantTimeEq for SecretBytes<N> {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.as_slice().ct_eq(other.0.as_slice())
    }
}

impl<const N: usize> fmt::Debug for SecretBytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBytes<{N}>(…)")
    }
}

/// Secret bytes of any length. The length is not hidden.
#[derive(ZeroizeOnDrop)]
pub struct SecretVec(Vec<u8>);

impl SecretVec {
    /// Takes `bytes` over. Copies left by an earlier growth of the `Vec` are the caller's concern.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes themselves. Each call says why in an `EXPOSE` comment.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// For writing in place. A `Vec` that grows would leave a copy behind: never push here.
    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// Keeps only the bytes in `range`, moved to the front. The rest is wiped on drop, as it stays
    /// within the capacity.
    pub(crate) fn keep(&mut self, range: std::ops::Range<usize>) {
        let len = range.len();
        self.0.copy_within(range, 0);
        self.0.truncate(len);
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl ConstantTimeEq for SecretVec {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl fmt::Debug for SecretVec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretVec(…)")
    }
}

/// Secret text: a value, a passphrase, the words of a recovery key. The length is not hidden.
#[derive(ZeroizeOnDrop)]
pub struct SecretText(String);

impl SecretText {
    /// Takes `text` over. Copies left by an earlier growth of the `String` are the caller's concern.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Turns bytes into text without copying them.
    ///
    /// # Errors
    /// Hands the bytes back if they are not UTF-8.
    pub fn from_utf8(mut bytes: SecretVec) -> Result<Self, SecretVec> {
        String::from_utf8(std::mem::take(&mut bytes.0))
            .map(Self)
            .map_err(|error| SecretVec(error.into_bytes()))
    }

    /// The text itself. Each call says why in an `EXPOSE` comment.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Length in bytes of UTF-8.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl ConstantTimeEq for SecretText {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.as_bytes().ct_eq(other.0.as_bytes())
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

/// `==` in constant time; only whether the lengths differ may show.
macro_rules! equal_in_constant_time {
    ($name:ty $(, $($generics:tt)*)?) => {
        impl $(<$($generics)*>)? PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.ct_eq(other).into()
            }
        }

        impl $(<$($generics)*>)? Eq for $name {}
    };
}

equal_in_constant_time!(SecretBytes<N>, const N: usize);
equal_in_constant_time!(SecretVec);
equal_in_constant_time!(SecretText);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_secret() {
        assert_eq!(
            format!("{:?}", SecretBytes::new([7; 32])),
            "SecretBytes<32>(…)"
        );
        assert_eq!(format!("{:?}", SecretVec::new(vec![7, 7])), "SecretVec(…)");
        assert_eq!(
            format!("{:?}", SecretText::new("hunter2".into())),
            "SecretText(…)"
        );
    }

    #[test]
    fn from_slice_takes_exactly_n_bytes() {
        assert!(SecretBytes::<4>::from_slice(&[1, 2, 3]).is_none());
        assert!(SecretBytes::<4>::from_slice(&[1, 2, 3, 4, 5]).is_none());
        let secret = SecretBytes::<4>::from_slice(&[1, 2, 3, 4]).unwrap();
        assert_eq!(secret.expose(), &[1, 2, 3, 4]);
    }

    #[test]
    fn equality_is_of_the_bytes() {
        assert_eq!(SecretBytes::new([1; 16]), SecretBytes::new([1; 16]));
        assert_ne!(SecretBytes::new([1; 16]), SecretBytes::new([2; 16]));
        assert_ne!(SecretVec::new(vec![1]), SecretVec::new(vec![1, 1]));
        assert_ne!(SecretText::new("a".into()), SecretText::new("b".into()));
    }

    #[test]
    fn made_secrets_differ() {
        assert_ne!(SecretBytes::<32>::make(), SecretBytes::<32>::make());
    }

    #[test]
    fn bytes_that_are_not_text_come_back() {
        let text = SecretText::from_utf8(SecretVec::new("grün".into())).unwrap();
        assert_eq!(text.expose(), "grün");
        let bytes = SecretText::from_utf8(SecretVec::new(vec![0xff, 0x61])).unwrap_err();
        assert_eq!(bytes.expose(), &[0xff, 0x61]);
    }

    #[test]
    fn keep_moves_a_range_to_the_front() {
        let mut secret = SecretVec::new(vec![0, 1, 2, 3, 4, 5]);
        secret.keep(2..4);
        assert_eq!(secret.expose(), &[2, 3]);
    }
}
