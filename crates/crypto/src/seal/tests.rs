#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const PURPOSE: Purpose = Purpose::EntryVersion;

fn key() -> SecretBytes<32> {
    SecretBytes::new([7; 32])
}

#[test]
fn what_is_sealed_opens() {
    for len in [0, 1, 252, 253, 5000, 100_000] {
        let plaintext = vec![0x5a; len];
        let sealed = seal(&key(), PURPOSE, b"aad", &plaintext);
        assert_eq!(sealed.len(), SEAL_OVERHEAD + pad::padded_len(len));
        assert_eq!(sealed.len(), sealed.capacity(), "it never grew");
        let opened = open(&key(), PURPOSE, b"aad", &sealed).unwrap();
        assert_eq!(opened.expose(), plaintext);
    }
}

#[test]
fn one_error_for_every_cause() {
    // threat 16: every bit flipped, every cut, bytes added, another key, purpose or aad.
    let sealed = seal(&key(), PURPOSE, b"aad", b"value");
    let refused = |bytes: &[u8]| open(&key(), PURPOSE, b"aad", bytes) == Err(OpenError);
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(refused(&changed), "bit {bit}");
    }
    for len in 0..sealed.len() {
        assert!(refused(&sealed[..len]), "cut to {len}");
    }
    assert!(refused(&[sealed.as_slice(), &[0]].concat()));
    assert!(refused(&[sealed.as_slice(), &[0; 256]].concat()));

    let other = SecretBytes::new([8; 32]);
    assert_eq!(open(&other, PURPOSE, b"aad", &sealed), Err(OpenError));
    assert_eq!(open(&key(), PURPOSE, b"", &sealed), Err(OpenError));
}

#[test]
fn each_purpose_opens_only_its_own() {
    // threat 12
    let sealed = seal(&key(), PURPOSE, b"aad", b"value");
    for purpose in Purpose::ALL {
        let opens = open(&key(), *purpose, b"aad", &sealed).is_ok();
        assert_eq!(opens, *purpose == PURPOSE, "{purpose:?}");
    }
}

#[test]
fn nothing_moves_between_label_and_aad() {
    // threat 15: with plain concatenation these pairs would be one and the same.
    let derive = |label: Purpose, aad: &[u8]| MessageKeys::derive(&key(), label, aad, &[1; 32]).0;
    assert_ne!(
        derive(Purpose::SlotPassphrase, b""),
        derive(Purpose::SlotKeychain, b"")
    );
    assert_ne!(derive(Purpose::OpId, b"c"), derive(Purpose::OpId, b"/idc"));
    assert_ne!(derive(Purpose::OpId, b"ab"), derive(Purpose::OpId, b"a"));
    // The purpose's length stands before it and the aad goes in as a hash of fixed length.
    let by_hand = {
        let mut info = b"sealfold/1/seal\x00\x05op/id".to_vec();
        info.extend_from_slice(blake3::hash(b"aad").as_bytes());
        SecretBytes::<88>::filled(|okm| {
            hash::expand(Some(&[1; 32]), &key(), &[info.as_slice()], okm);
        })
    };
    assert_eq!(derive(Purpose::OpId, b"aad"), by_hand);
}

#[test]
fn equal_values_look_unequal() {
    // threats 20 and 21: a thousand seals of one value, as a restored or cloned vault would make
    // them, share neither salt nor commitment nor first block.
    let mut seen = BTreeSet::new();
    for _ in 0..1000 {
        let sealed = seal(&key(), PURPOSE, b"aad", b"value");
        for part in [&sealed[..32], &sealed[32..64], &sealed[64..96]] {
            assert!(seen.insert(part.to_vec()));
        }
    }
}

#[test]
fn lengths_are_padded() {
    // threat 20
    let len = |plaintext: &[u8]| seal(&key(), PURPOSE, b"", plaintext).len();
    assert_eq!(len(b""), len(&[1; 252]));
    assert_ne!(len(b""), len(&[1; 253]));
}

#[test]
fn a_ciphertext_right_under_two_keys_opens_under_one() {
    // threat 22: Poly1305 lets a sender build one ciphertext whose tag is right under two keys. Here
    // the tag is right under the second key, and the commitment is the first one's.
    let (first, second) = (key(), SecretBytes::new([8; 32]));
    let salt = [3; 32];
    let committed = seal_with_salt(&first, PURPOSE, b"aad", b"for the first", &salt);
    let mut forged = seal_with_salt(&second, PURPOSE, b"aad", b"for the second", &salt);
    assert!(open(&second, PURPOSE, b"aad", &forged).is_ok());
    forged[SALT..HEAD].copy_from_slice(&committed[SALT..HEAD]);
    assert_eq!(open(&second, PURPOSE, b"aad", &forged), Err(OpenError));
    assert_eq!(open(&first, PURPOSE, b"aad", &forged), Err(OpenError));
}

#[test]
fn padding_that_is_not_canonical_is_refused() {
    // Someone with the key seals a text in a bucket too large, or with a fill that is not zero.
    let keys = MessageKeys::derive(&key(), PURPOSE, b"", &[3; 32]);
    let sealed_as_is = |padded: &[u8]| {
        let mut body = padded.to_vec();
        let tag = keys
            .cipher()
            .encrypt_inout_detached(&keys.nonce(), b"", InOutBuf::from(body.as_mut_slice()))
            .unwrap();
        [&[3; 32], keys.commitment(), body.as_slice(), tag.as_slice()].concat()
    };
    let mut padded = pad::pad(b"value").expose().to_vec();
    assert!(open(&key(), PURPOSE, b"", &sealed_as_is(&padded)).is_ok());
    padded.resize(512, 0);
    assert!(open(&key(), PURPOSE, b"", &sealed_as_is(&padded)).is_err());
    padded.truncate(256);
    padded[200] = 1;
    assert!(open(&key(), PURPOSE, b"", &sealed_as_is(&padded)).is_err());
}

proptest! {
    #[test]
    fn open_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert_eq!(open(&key(), PURPOSE, b"", &bytes), Err(OpenError));
    }
}
