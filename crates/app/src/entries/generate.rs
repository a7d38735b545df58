//! Values made from the system's randomness.

use crypto::{BITS_PER_WORD, SecretBytes, SecretVec, make_words};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, Plaintext};

const LETTERS_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Characters that neither shells nor dotenv readers treat specially.
const SYMBOLS: &[u8] = b"-_.,:/+@%^";
/// What stands between the words of a passphrase: nothing that a shell or a dotenv reader heeds.
const BETWEEN: char = '-';

/// Makes a fresh value, and keeps it nowhere. Needs no vault.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Generate {
    /// Of what.
    pub recipe: Recipe,
}

/// What a fresh value is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Recipe {
    /// Letters and digits.
    Characters {
        /// 8 to 1024.
        length: u32,
        /// Punctuation that no shell or dotenv reader treats specially is used too.
        symbols: bool,
    },
    /// Words of a list of 2048.
    Words {
        /// 4 to 64.
        count: u32,
    },
}

/// A fresh value.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Generated {
    /// The value.
    pub value: Plaintext,
    /// Whole bits of entropy in it, rounded down.
    pub bits: u32,
}

impl UseCase for Generate {
    /// Neither the vault nor the audit has anything to do with it: nothing is read.
    async fn carry_out(self, _: &mut Session) -> Result<Generated, Fault> {
        let (value, bits) = match self.recipe {
            Recipe::Characters { length, symbols } => {
                let value = generate(length, symbols)?;
                (Plaintext::from(value), bits(length, symbols))
            }
            Recipe::Words { count } => {
                let value = words(count)?;
                (value, count * BITS_PER_WORD)
            }
        };
        Ok(Generated { value, bits })
    }
}

fn words(count: u32) -> Result<Plaintext, Fault> {
    if !(4..=64).contains(&count) {
        return Err(Fault::new(
            Code::Usage,
            "A generated passphrase has 4 to 64 words.",
        ));
    }
    Ok(make_words(count as usize, BETWEEN).into())
}

/// Whole bits of entropy in a value of so many characters.
fn bits(length: u32, symbols: bool) -> u32 {
    let alphabet = alphabet(symbols).len() as f64;
    (f64::from(length) * alphabet.log2()) as u32
}

fn alphabet(symbols: bool) -> Vec<u8> {
    let mut alphabet = LETTERS_AND_DIGITS.to_vec();
    if symbols {
        alphabet.extend_from_slice(SYMBOLS);
    }
    alphabet
}

/// A value of this many characters, each drawn evenly from the alphabet.
pub(super) fn generate(length: u32, symbols: bool) -> Result<SecretVec, Fault> {
    if !(8..=1_024).contains(&length) {
        return Err(Fault::new(
            Code::Usage,
            "A generated value has 8 to 1024 characters.",
        ));
    }
    let alphabet = alphabet(symbols);
    // Bytes past the last whole multiple of the alphabet would favour its beginning.
    let usable = 256 - 256 % alphabet.len();
    let mut value = Vec::with_capacity(length as usize);
    while value.len() < length as usize {
        let random = SecretBytes::<64>::make();
        // EXPOSE: the draw becomes the new value.
        let drawn = random
            .expose()
            .iter()
            .filter(|byte| usize::from(**byte) < usable);
        value.extend(
            drawn
                .map(|byte| alphabet[usize::from(*byte) % alphabet.len()])
                .take(length as usize - value.len()),
        );
    }
    Ok(SecretVec::new(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_told_and_never_too_high() {
        // 32 × log2(62) = 190.53, 20 × log2(72) = 123.39
        assert_eq!((bits(32, false), bits(20, true)), (190, 123));
        let text = words(7).unwrap();
        assert_eq!(text.expose_text().unwrap().split(BETWEEN).count(), 7);
        assert!(words(3).is_err() && words(65).is_err());
    }

    #[test]
    fn every_character_is_as_likely() {
        // 72 does not divide 256: folded over without care, the first 40 characters would come four
        // times where the others come three times, and their share would be 160 of 256.
        let value = generate(1_024, true).unwrap();
        let more: Vec<_> = (0..63).map(|_| generate(1_024, true).unwrap()).collect();
        let all = more.iter().chain([&value]).flat_map(|value| value.expose());
        let (first, count) = all.fold((0_u32, 0_u32), |(first, count), byte| {
            let place = alphabet(true)
                .iter()
                .position(|other| other == byte)
                .unwrap();
            (first + u32::from(place < 40), count + 1)
        });
        // Of 65536 draws 40 in 72 are expected, 36409 with a deviation of 127; the biased would be 40960.
        assert!(
            (36_409 - 8 * 127..36_409 + 8 * 127).contains(&first),
            "{first} of {count}"
        );
    }

    #[test]
    fn values_have_the_length_and_alphabet_asked_for() {
        for (length, symbols) in [(8, false), (64, true), (1_024, false)] {
            let value = generate(length, symbols).unwrap();
            let text = std::str::from_utf8(value.expose()).unwrap().to_owned();
            assert_eq!(text.len(), length as usize);
            assert!(
                text.bytes()
                    .all(|b| LETTERS_AND_DIGITS.contains(&b) || symbols && SYMBOLS.contains(&b))
            );
        }
        assert_ne!(generate(32, false).unwrap(), generate(32, false).unwrap());
        assert!(generate(7, false).is_err() && generate(1_025, false).is_err());
    }
}
