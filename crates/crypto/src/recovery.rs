//! The recovery key: 256 random bits on paper, as 24 words.

use bip39::{Language, Mnemonic};
use zeroize::Zeroizing;

use crate::{
    DeviceSecret, ExchangeSecret, Purpose, RecoveryWordsError, SecretBytes, SecretText,
    SigningSecret, derive,
};

/// How many words stand for 256 bits and their checksum.
const WORDS: usize = 24;
/// No word of the list is longer.
const WORD_MAX: usize = 8;

/// What gets a person back in when all else is lost (`docs/protocol.md` section 2). The words are
/// BIP39's English ones used as plain entropy: neither its seed derivation nor its passphrase.
#[derive(Debug)]
pub struct RecoveryKey(SecretBytes<32>);

impl RecoveryKey {
    /// A new random key.
    #[must_use]
    pub fn make() -> Self {
        Self(SecretBytes::make())
    }

    /// The 24 words, lower-case, with one space between.
    #[must_use]
    pub fn to_words(&self) -> SecretText {
        // EXPOSE: turned into the words that the person writes down.
        let mnemonic = Mnemonic::from_entropy_in(Language::English, self.0.expose())
            .expect("32 bytes is a length that BIP39 has");
        join(mnemonic.words(), WORDS * (WORD_MAX + 1))
    }

    /// Reads the words as a person types them: case and white space don't matter.
    ///
    /// # Errors
    /// Says what is wrong without repeating a word.
    pub fn from_words(words: &str) -> Result<Self, RecoveryWordsError> {
        let found = words.split_whitespace().count();
        if found != WORDS {
            return Err(RecoveryWordsError::Count { found });
        }
        let typed = join(words.split_whitespace(), words.len());
        // EXPOSE: looked up in the word list; the mnemonic wipes itself.
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, typed.expose());
        let mnemonic = mnemonic.map_err(|error| match error {
            bip39::Error::UnknownWord(index) => RecoveryWordsError::UnknownWord {
                position: index + 1,
            },
            _ => RecoveryWordsError::Checksum,
        })?;
        let (entropy, len) = mnemonic.to_entropy_array();
        let entropy = Zeroizing::new(entropy);
        let key = SecretBytes::from_slice(&entropy[..len]).expect("24 words are 32 bytes");
        Ok(Self(key))
    }

    /// The keys with which it signs and is wrapped to: it counts as its member's first device.
    #[must_use]
    pub fn device(&self) -> DeviceSecret {
        DeviceSecret {
            signing: SigningSecret::new(&derive(&self.0, Purpose::RecoverySigning)),
            exchange: ExchangeSecret::new(derive(&self.0, Purpose::RecoveryExchange)),
        }
    }

    /// The secret that opens the vault's recovery slot.
    #[must_use]
    pub fn slot_secret(&self) -> SecretBytes<32> {
        derive(&self.0, Purpose::RecoverySlot)
    }
}

/// Joins `words`, lower-case, in a text that has room for `capacity` bytes and so never moves.
fn join<'a>(words: impl Iterator<Item = &'a str>, capacity: usize) -> SecretText {
    let mut text = String::with_capacity(capacity);
    for word in words {
        if !text.is_empty() {
            text.push(' ');
        }
        text.extend(word.chars().map(|letter| letter.to_ascii_lowercase()));
    }
    SecretText::new(text)
}

#[cfg(test)]
mod tests;
