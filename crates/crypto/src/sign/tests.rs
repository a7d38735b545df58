#![allow(clippy::unwrap_used)]

use ed25519_dalek::{Signature, Verifier, VerifyingKey};

use super::{envelope::message, *};
use crate::{ExchangePublic, OpenError, Purpose, SecretBytes};

const PURPOSE: Purpose = Purpose::OpSignature;

fn device() -> DeviceSecret {
    DeviceSecret::from_bytes(&SecretBytes::new([9; 64]))
}

/// An envelope of these parts, whether they fit together or not.
fn envelope(keys: &[u8; 64], signature: &[u8; 64], payload: &[u8]) -> Vec<u8> {
    [keys.as_slice(), signature, payload].concat()
}

fn refused(envelope: &[u8]) -> bool {
    match Signed::parse(envelope) {
        Ok(signed) => signed.verify_and_open(PURPOSE).err() == Some(OpenError),
        Err(OpenError) => true,
    }
}

#[test]
fn what_is_signed_opens() {
    for payload in [b"".as_slice(), b"an op"] {
        let bytes = sign(&device(), PURPOSE, payload);
        assert_eq!(bytes.len(), ENVELOPE_OVERHEAD + payload.len());
        let signed = Signed::parse(bytes.clone()).unwrap();
        let verified = signed.verify_and_open(PURPOSE).unwrap();
        assert_eq!(verified.payload(), payload);
        assert_eq!(verified.signer(), device().public());
        assert_eq!(verified.envelope(), bytes);
    }
}

#[test]
fn any_other_bytes_are_refused() {
    // threats 16 and 24: every bit flipped, every cut, data appended.
    let bytes = sign(&device(), PURPOSE, b"an op");
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(refused(&changed), "bit {bit}");
    }
    for len in 0..bytes.len() {
        assert!(refused(&bytes[..len]), "cut to {len}");
    }
    assert!(refused(&[bytes.as_slice(), &[0]].concat()));
}

#[test]
fn a_signature_is_for_one_purpose() {
    // threat 12
    let signed = Signed::parse(sign(&device(), PURPOSE, b"an op")).unwrap();
    for purpose in Purpose::ALL {
        let opens = signed.verify_and_open(*purpose).is_ok();
        assert_eq!(opens, *purpose == PURPOSE, "{purpose:?}");
    }
}

#[test]
fn nothing_moves_between_label_keys_and_payload() {
    // threat 15
    let keys = device().public().to_bytes();
    let expected = [b"\x00\x0cop/signature", keys.as_slice(), b"an op"].concat();
    assert_eq!(message(PURPOSE, &keys, b"an op"), expected);
}

#[test]
fn a_small_order_key_signs_nothing() {
    // threat 24: the neutral element as key and as R, with S = 0, is a "signature" of every message.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&neutral);

    let keys = DevicePublic {
        signing: SigningPublic::from_bytes(neutral),
        exchange: device().public().exchange,
    };
    let lenient = VerifyingKey::from_bytes(&neutral).unwrap().verify(
        &message(PURPOSE, &keys.to_bytes(), b"anything"),
        &Signature::from_bytes(&signature),
    );
    assert!(lenient.is_ok(), "the lenient check takes it");
    assert!(!keys.signing.is_sound());
    assert!(refused(&envelope(
        &keys.to_bytes(),
        &signature,
        b"anything"
    )));
}

#[test]
fn a_small_order_nonce_is_refused() {
    // threat 24: a signature whose R is the neutral element and whose S is k·a holds in the lenient
    // check, and gives the secret away. Built from the secret scalar.
    use sha2::{Digest, Sha512};
    let signing = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let keys = device().public().to_bytes();
    let message = message(PURPOSE, &keys, b"an op");
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let digest = Sha512::new()
        .chain_update(neutral)
        .chain_update(&keys[..32])
        .chain_update(&message)
        .finalize();
    let k = scalar_from_wide(&digest);
    let s = k * signing.to_scalar();
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&neutral);
    signature[32..].copy_from_slice(&s.to_bytes());

    let lenient = signing
        .verifying_key()
        .verify(&message, &Signature::from_bytes(&signature));
    assert!(lenient.is_ok(), "the lenient check takes it");
    assert!(refused(&envelope(&keys, &signature, b"an op")));
}

/// The 64 bytes as a number modulo the group order.
fn scalar_from_wide(bytes: &[u8]) -> curve25519_dalek::Scalar {
    curve25519_dalek::Scalar::from_bytes_mod_order_wide(bytes.try_into().unwrap())
}

#[test]
fn s_has_one_form() {
    // threat 24: S + L signs as well as S in a check that forgets RFC 8032 section 5.1.7, step 1.
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut bytes = sign(&device(), PURPOSE, b"an op");
    let mut carry = 0;
    for (byte, add) in bytes[96..128].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert!(refused(&bytes));
}

#[test]
fn a_key_has_one_encoding() {
    // threats 24 and 33: y and y + p are one point; the second would give a device a second id.
    let mut taken_by_dalek = 0;
    for low in 0xed..=0xff {
        for top in [0x7f, 0xff] {
            let mut encoded = [0xff; 32];
            encoded[0] = low;
            encoded[31] = top;
            assert!(!SigningPublic::from_bytes(encoded).is_sound());
            if VerifyingKey::from_bytes(&encoded).is_ok_and(|key| !key.is_weak()) {
                taken_by_dalek += 1;
            }
        }
    }
    assert!(taken_by_dalek > 0, "the check of our own does something");
    assert!(device().public().is_sound());
}

#[test]
fn the_exchange_key_is_judged_too() {
    // threat 24: rightly signed, but everything wrapped to this key could be read by all.
    let signing = SigningSecret::new(&SecretBytes::new([9; 32]));
    let mut with_top_bit = *device().public().exchange.as_bytes();
    with_top_bit[31] |= 0x80;
    for exchange in [[0; 32], with_top_bit] {
        let keys = DevicePublic {
            signing: signing.public(),
            exchange: ExchangePublic::from_bytes(exchange),
        }
        .to_bytes();
        let signature = signing.sign(&message(PURPOSE, &keys, b"an op"));
        assert!(refused(&envelope(&keys, &signature, b"an op")));
    }
}

#[test]
fn the_device_id_commits_to_both_keys() {
    // threat 33
    let public = device().public();
    let other = DeviceSecret::make().public();
    let id = public.device_id();
    assert_eq!(id, public.device_id());
    let other_signing = DevicePublic {
        signing: other.signing,
        ..public
    };
    let other_exchange = DevicePublic {
        exchange: other.exchange,
        ..public
    };
    assert_ne!(id, other_signing.device_id());
    assert_ne!(id, other_exchange.device_id());
}

#[test]
fn keys_come_back_from_their_bytes() {
    let device = DeviceSecret::make();
    let back = DeviceSecret::from_bytes(&device.to_bytes());
    assert_eq!(device.public(), back.public());
    assert_eq!(device.to_bytes(), back.to_bytes());
    let public = device.public();
    assert_eq!(DevicePublic::from_bytes(public.to_bytes()), public);
}

#[test]
fn debug_shows_no_secret_and_no_unverified_payload() {
    assert_eq!(
        format!("{:?}", device()),
        format!(
            "DeviceSecret {{ signing: SigningSecret(…), exchange: ExchangeSecret {{ \
             secret: SecretBytes<32>(…), public: {:?} }} }}",
            device().public().exchange
        )
    );
    let signed = Signed::parse(sign(&device(), PURPOSE, b"an op")).unwrap();
    assert_eq!(format!("{signed:?}"), "Signed { .. }");
}
