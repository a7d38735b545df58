#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

const CONTEXT: &[u8] = b"team, kind, recipient";

fn recipient() -> ExchangeSecret {
    ExchangeSecret::new(SecretBytes::new([4; 32]))
}

fn key() -> SecretBytes<32> {
    SecretBytes::new([7; 32])
}

fn refused(wrapped: &Wrapped) -> bool {
    unwrap(&recipient(), CONTEXT, wrapped, key_id(&key())) == Err(OpenError)
}

#[test]
fn what_is_wrapped_unwraps() {
    let wrapped = wrap(&recipient().public(), CONTEXT, &key()).unwrap();
    let unwrapped = unwrap(&recipient(), CONTEXT, &wrapped, key_id(&key())).unwrap();
    assert_eq!(unwrapped, key());
}

#[test]
fn one_error_for_every_cause() {
    // threat 16
    let wrapped = wrap(&recipient().public(), CONTEXT, &key()).unwrap();
    let id = key_id(&key());
    for bit in 0..WRAPPED * 8 {
        // The one bit that X25519 leaves out of the point is bound by HPKE's key schedule.
        let mut changed = *wrapped.as_bytes();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(refused(&Wrapped::from_bytes(changed)), "bit {bit}");
    }
    let other = ExchangeSecret::make();
    assert_eq!(unwrap(&other, CONTEXT, &wrapped, id), Err(OpenError));
    assert_eq!(unwrap(&recipient(), b"", &wrapped, id), Err(OpenError));
}

#[test]
fn a_wrap_of_another_key_is_refused() {
    // threat 17: well-formed, to the right recipient, in the right context; but not the key that the
    // signed op names.
    let wrapped = wrap(&recipient().public(), CONTEXT, &SecretBytes::new([8; 32])).unwrap();
    assert!(refused(&wrapped));
}

#[test]
fn equal_keys_look_unequal() {
    // threat 20
    let wrapped = || wrap(&recipient().public(), CONTEXT, &key()).unwrap();
    let (one, two) = (wrapped(), wrapped());
    assert_ne!(one.as_bytes()[..32], two.as_bytes()[..32]);
    assert_ne!(one.as_bytes()[32..], two.as_bytes()[32..]);
}

#[test]
fn unsound_recipients_are_refused() {
    // threat 24: of small order; and a second encoding of a good key.
    let mut second_encoding = *recipient().public().as_bytes();
    second_encoding[31] |= 0x80;
    for public in [[0; 32], second_encoding] {
        let public = ExchangePublic::from_bytes(public);
        assert!(!public.is_sound());
        assert_eq!(wrap(&public, CONTEXT, &key()), Err(OpenError));
    }
}

#[test]
fn an_encapsulated_key_of_small_order_is_refused() {
    // threat 24: the shared secret would be zero for everyone. HPKE aborts (RFC 9180 section 7.1.4).
    let mut bytes = *wrap(&recipient().public(), CONTEXT, &key())
        .unwrap()
        .as_bytes();
    for first in [0, 1] {
        bytes[..32].fill(0);
        bytes[0] = first;
        assert!(refused(&Wrapped::from_bytes(bytes)));
    }
}

#[test]
fn the_context_is_bound_in_full() {
    // threat 15: a context is one byte string; the same bytes, however put together, are the same.
    let wrapped = wrap(&recipient().public(), b"ab", &key()).unwrap();
    for context in [b"a".as_slice(), b"abc", b"", b"ba"] {
        let opened = unwrap(&recipient(), context, &wrapped, key_id(&key()));
        assert_eq!(opened, Err(OpenError));
    }
}

#[test]
fn sizes_and_names() {
    assert!(Wrapped::from_slice(&[0; 79]).is_none());
    assert!(Wrapped::from_slice(&[0; 81]).is_none());
    let wrapped = Wrapped::from_slice(&[1; 80]).unwrap();
    assert_eq!(wrapped.to_string(), "01".repeat(80));
    let (one, two) = (recipient().public(), ExchangeSecret::make().public());
    assert_ne!(one.recipient_key_id(), two.recipient_key_id());
}

#[test]
fn rfc_9180_a_2_1() {
    // Base mode of our suite, sequence number 0. The plaintext has 29 bytes, so this goes through the
    // same types but not through `unwrap`, which takes keys only.
    let bytes = |text: &str| hex::decode(text).unwrap();
    let secret = <Exchange as Kem>::PrivateKey::from_bytes(&bytes(
        "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb",
    ))
    .unwrap();
    let encapsulated = <Exchange as Kem>::EncappedKey::from_bytes(&bytes(
        "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
    ))
    .unwrap();
    let opened = hpke::single_shot_open::<Aead, Kdf, Exchange>(
        &OpModeR::Base,
        &secret,
        &encapsulated,
        b"Ode on a Grecian Urn",
        &bytes(
            "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
        ),
        b"Count-0",
    );
    assert_eq!(opened.unwrap(), b"Beauty is truth, truth beauty");
}

proptest! {
    #[test]
    fn unwrap_never_panics(bytes in any::<[[u8; 16]; 5]>()) {
        let wrapped = Wrapped::from_slice(bytes.as_flattened()).unwrap();
        prop_assert!(refused(&wrapped));
    }
}
