#![allow(clippy::unwrap_used)]

use super::*;
use crate::{Signed, sign};

fn words() -> SecretText {
    RecoveryKey(SecretBytes::new([0x7f; 32])).to_words()
}

#[test]
fn words_come_back_as_the_same_key() {
    let key = RecoveryKey::make();
    let back = RecoveryKey::from_words(key.to_words().expose()).unwrap();
    assert_eq!(key.0, back.0);
    assert_eq!(key.device().public(), back.device().public());
    assert_eq!(key.slot_secret(), back.slot_secret());
}

#[test]
fn case_and_white_space_do_not_matter() {
    let typed = format!(
        "\n {} \t",
        words().expose().to_uppercase().replace(' ', "  \r\n")
    );
    assert_eq!(
        RecoveryKey::from_words(&typed).unwrap().0,
        SecretBytes::new([0x7f; 32])
    );
}

#[test]
fn says_what_is_wrong_and_never_the_words() {
    let words = words();
    let list: Vec<_> = words.expose().split(' ').collect();

    let short = list[..23].join(" ");
    let error = RecoveryKey::from_words(&short).unwrap_err();
    assert_eq!(error, RecoveryWordsError::Count { found: 23 });

    for typo in ["winnr", "winnerwinner", "ｗｉｎ", "winnér"] {
        let mut typed = list.clone();
        typed[1] = typo;
        let error = RecoveryKey::from_words(&typed.join(" ")).unwrap_err();
        assert_eq!(error, RecoveryWordsError::UnknownWord { position: 2 });
        assert!(!format!("{error} {error:?}").contains(typo));
    }

    let mut swapped = list.clone();
    swapped.swap(1, 2);
    let error = RecoveryKey::from_words(&swapped.join(" ")).unwrap_err();
    assert_eq!(error, RecoveryWordsError::Checksum);

    assert_eq!(
        RecoveryKey::from_words("").unwrap_err(),
        RecoveryWordsError::Count { found: 0 }
    );
}

#[test]
fn no_word_of_the_list_is_longer_than_allowed_for() {
    let longest = Language::English.word_list().iter().map(|word| word.len());
    assert_eq!(longest.max(), Some(WORD_MAX));
}

#[test]
fn it_signs_like_a_device() {
    let device = RecoveryKey::make().device();
    let signed = Signed::parse(sign(&device, Purpose::RecoveryStatement, b"both")).unwrap();
    assert!(signed.verify_and_open(Purpose::RecoveryStatement).is_ok());
}

#[test]
fn what_is_derived_is_independent() {
    let key = RecoveryKey(SecretBytes::new([3; 32]));
    let device = key.device().to_bytes();
    assert_ne!(&device.expose()[..32], &device.expose()[32..]);
    assert_ne!(&device.expose()[32..], key.slot_secret().expose());
    assert_ne!(key.0, key.slot_secret());
    assert_eq!(format!("{key:?}"), "RecoveryKey(SecretBytes<32>(…))");
}

#[test]
fn bip39_english_of_256_bits() {
    for (entropy, words) in [
        (
            "00".repeat(32),
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art",
        ),
        (
            "7f".repeat(32),
            "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title",
        ),
        (
            "80".repeat(32),
            "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless",
        ),
        (
            "ff".repeat(32),
            "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo vote",
        ),
        (
            "68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c".into(),
            "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length",
        ),
        (
            "f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f".into(),
            "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol group space point ten exist slush involve unfold",
        ),
    ] {
        let key = RecoveryKey::from_words(words).unwrap();
        assert_eq!(hex::encode(key.0.expose()), entropy);
        assert_eq!(key.to_words().expose(), words);
    }
}
