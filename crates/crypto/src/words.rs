//! Passphrases of words that a person can type and remember.

use bip39::Language;

use crate::{SecretBytes, SecretText};

/// Entropy of one word, in bits: the list has 2048 of them.
pub const BITS_PER_WORD: u32 = 11;
/// No word of the list is longer.
const WORD_MAX: usize = 8;

/// `count` words of BIP39's English list, each drawn evenly and by itself, lower-case, with `between`
/// between them. They are no recovery words: there is no checksum in them.
#[must_use]
pub fn make_words(count: usize, between: char) -> SecretText {
    let list = Language::English.word_list();
    // Room for all, so that the text never moves and leaves a copy behind.
    let mut text = String::with_capacity(count * (WORD_MAX + between.len_utf8()));
    for nth in 0..count {
        if nth > 0 {
            text.push(between);
        }
        let random = SecretBytes::<2>::make();
        // EXPOSE: the draw becomes a word. Eleven of sixteen bits: every word is as likely.
        let place = u16::from_be_bytes(*random.expose()) % (1 << BITS_PER_WORD);
        text.push_str(list[usize::from(place)]);
    }
    SecretText::new(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn words_are_of_the_list_and_all_of_them_come() {
        let list = Language::English.word_list();
        assert_eq!(list.len(), 1 << BITS_PER_WORD);
        assert!(list.iter().all(|word| word.len() <= WORD_MAX));
        let text = make_words(40_000, '-');
        let drawn: BTreeSet<&str> = text.expose().split('-').collect();
        // One that is missing after so many draws is missing by mistake: 2048 × e^-19.5 is 7 in a million.
        assert_eq!(drawn, list.iter().copied().collect());
    }

    #[test]
    fn no_two_are_the_same() {
        let words = make_words(6, ' ');
        assert_eq!(words.expose().split(' ').count(), 6);
        assert_ne!(words, make_words(6, ' '));
    }
}
