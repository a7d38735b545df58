//! Published vectors of the parts: RFC 8032, RFC 7748 and Wycheproof. Those of RFC 9180, RFC 9106
//! and BIP39 stand with the code that they concern.

use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use wycheproof::{TestResult, aead, eddsa, hkdf as wycheproof_hkdf, xdh};

use crate::{ExchangePublic, ExchangeSecret, OpenError, SecretBytes, SigningPublic, SigningSecret};

#[test]
fn rfc_8032_7_1() {
    // TEST 1 and TEST 2: seed, public key, message, signature.
    for (seed, public, message, signature) in [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ] {
        let seed = SecretBytes::from_slice(&hex::decode(seed).unwrap()).unwrap();
        let message = hex::decode(message).unwrap();
        let secret = SigningSecret::new(&seed);
        assert_eq!(secret.public().to_string(), public);
        let signed = secret.sign(&message);
        assert_eq!(hex::encode(signed), signature);
        assert_eq!(secret.public().verify(&message, &signed), Ok(()));
    }
}

#[test]
fn wycheproof_ed25519() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut ran = 0;
    for group in set.test_groups {
        let public = SigningPublic::from_bytes(group.key.pk[..].try_into().unwrap());
        for test in group.tests {
            let verified = <&[u8; 64]>::try_from(&test.sig[..])
                .map_err(|_| OpenError)
                .and_then(|signature| public.verify(&test.msg, signature));
            assert_eq!(
                verified.is_ok(),
                test.result == TestResult::Valid,
                "{} {}",
                test.tc_id,
                test.comment
            );
            ran += 1;
        }
    }
    assert!(ran > 100);
}

#[test]
fn wycheproof_x25519() {
    // "Acceptable" are twists, second encodings and points of small order. What gives zero must be
    // refused, and so must what has another encoding.
    let set = xdh::TestSet::load(xdh::TestName::X25519).unwrap();
    let (mut ran, mut small) = (0, 0);
    for group in set.test_groups {
        for test in group.tests {
            let public = ExchangePublic::from_bytes(test.public_key[..].try_into().unwrap());
            let secret: [u8; 32] = test.private_key[..].try_into().unwrap();
            let shared = x25519_dalek::x25519(secret, *public.as_bytes());
            assert_eq!(shared[..], test.shared_secret[..], "{}", test.tc_id);
            if shared == [0; 32] {
                assert!(!public.is_sound(), "{} {}", test.tc_id, test.comment);
                small += 1;
            }
            if test.flags.contains(&xdh::TestFlag::NonCanonicalPublic) {
                assert!(!public.is_sound(), "{} {}", test.tc_id, test.comment);
            }
            if test.result == TestResult::Valid {
                assert!(public.is_sound(), "{} {}", test.tc_id, test.comment);
            }
            ran += 1;
        }
    }
    assert!(ran > 400 && small > 10);
}

#[test]
fn rfc_7748_6_1() {
    // Alice's pair: the public half is the base point's multiple.
    let secret =
        hex::decode("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a").unwrap();
    let secret = ExchangeSecret::new(SecretBytes::from_slice(&secret).unwrap());
    assert_eq!(
        secret.public().to_string(),
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
    );
}

#[test]
fn wycheproof_xchacha20_poly1305() {
    let set = aead::TestSet::load(aead::TestName::XChaCha20Poly1305).unwrap();
    let mut ran = 0;
    for group in set.test_groups {
        for test in group.tests {
            // Other nonce lengths can't even be written down with our types.
            let Ok(nonce) = XNonce::try_from(&test.nonce[..]) else {
                assert_ne!(test.result, TestResult::Valid, "{}", test.tc_id);
                continue;
            };
            let cipher = XChaCha20Poly1305::new_from_slice(&test.key).unwrap();
            let mut text = test.ct.to_vec();
            let tag = (&test.tag[..]).try_into().unwrap();
            let opened =
                cipher.decrypt_inout_detached(&nonce, &test.aad, text.as_mut_slice().into(), &tag);
            assert_eq!(
                opened.is_ok(),
                test.result == TestResult::Valid,
                "{}",
                test.tc_id
            );
            if opened.is_ok() {
                assert_eq!(text, test.pt[..], "{}", test.tc_id);
            }
            ran += 1;
        }
    }
    assert!(ran > 200);
}

#[test]
fn wycheproof_hkdf_sha256() {
    let set = wycheproof_hkdf::TestSet::load(wycheproof_hkdf::TestName::HkdfSha256).unwrap();
    let mut ran = 0;
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let mut okm = vec![0; test.size];
        let expanded =
            Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut okm);
        assert_eq!(
            expanded.is_ok(),
            test.result == TestResult::Valid,
            "{}",
            test.tc_id
        );
        if expanded.is_ok() {
            assert_eq!(okm, test.okm[..], "{}", test.tc_id);
        }
        ran += 1;
    }
    assert!(ran > 50);
}
