//! What can go wrong here. No message holds a name, a value, or a hint about a secret.

use thiserror::Error;

/// Something sealed, wrapped or signed did not open.
///
/// One value for every cause (wrong key, wrong purpose or context, changed bytes, wrong length), so
/// that nobody learns from the error which check failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the data could not be opened: wrong key or changed data")]
pub struct OpenError;

/// A passphrase could not be turned into a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KdfError {
    /// The parameters are weaker than any slot may be: someone lowered them.
    #[error("the key slot's Argon2id parameters are below the allowed minimum")]
    TooWeak,
    /// The parameters ask for more memory or time than is allowed: someone raised them.
    #[error("the key slot's Argon2id parameters are above the allowed maximum")]
    TooCostly,
    /// The working memory could not be had.
    #[error("there is not enough memory for the key slot's Argon2id parameters")]
    OutOfMemory,
    /// Argon2 itself refused its input.
    #[error("Argon2id refused its input")]
    Argon2(#[source] argon2::Error),
}

/// The words typed in are not a recovery key. The words themselves are never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RecoveryWordsError {
    /// Not 24 words.
    #[error("a recovery key has 24 words, not {found}")]
    Count {
        /// How many words there were.
        found: usize,
    },
    /// A word that is not in the BIP39 English list.
    #[error("word {position} is not in the word list")]
    UnknownWord {
        /// Which word, counted from 1.
        position: usize,
    },
    /// Every word is known, but together they are not a recovery key: two are swapped, or one is
    /// another word of the list.
    #[error("the words do not fit together: one is wrong, or two are swapped")]
    Checksum,
}
