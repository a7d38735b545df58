//! Values made from the system's randomness.

use crypto::{SecretBytes, SecretVec};

use crate::{Code, Fault};

const LETTERS_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Characters that neither shells nor dotenv readers treat specially.
const SYMBOLS: &[u8] = b"-_.,:/+@%^";

/// A value of this many characters, each drawn evenly from the alphabet.
pub(super) fn generate(length: u32, symbols: bool) -> Result<SecretVec, Fault> {
    if !(8..=1_024).contains(&length) {
        return Err(Fault::new(
            Code::Usage,
            "A generated value has 8 to 1024 characters.",
        ));
    }
    let mut alphabet = LETTERS_AND_DIGITS.to_vec();
    if symbols {
        alphabet.extend_from_slice(SYMBOLS);
    }
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
