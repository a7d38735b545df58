//! Safety words: what two people read to each other so that nobody stands between them.
//!
//! Ten words of BIP39's English list, 110 bits of a hash. They are a fingerprint, no secret.

use bip39::Language;
use crypto::SecretBytes;

/// How many words there are.
pub const WORDS: usize = 10;
const BITS: usize = 11;

/// The words over a message: the same for everyone who has the same message.
pub(crate) fn derive_words(domain: &[u8; 32], message: &[u8]) -> Vec<&'static str> {
    let hash = crypto::keyed_hash(&SecretBytes::new(*domain), message);
    let list = Language::English.word_list();
    let bit = |at: usize| usize::from(hash[at / 8] >> (7 - at % 8) & 1);
    let number = |word: usize| (0..BITS).fold(0, |sum, at| sum << 1 | bit(word * BITS + at));
    (0..WORDS).map(|word| list[number(word)]).collect()
}

/// Whether typed words are these, whatever the case and the white space between them.
pub fn are_equal(words: &[&str], typed: &str) -> bool {
    let typed = typed.to_lowercase();
    words.iter().copied().eq(typed.split_whitespace())
}
