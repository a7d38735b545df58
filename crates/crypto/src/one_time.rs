//! Codes of one-time passwords (RFC 4226, RFC 6238): what other services ask for beside a password.
//! Nothing of Sealfold rests on them, nor on SHA-1.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::{SecretText, SecretVec};

/// The hash under the HMAC, as the service chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OneTimeHash {
    /// HMAC-SHA1, which nearly all services use.
    Sha1,
    /// HMAC-SHA256.
    Sha256,
    /// HMAC-SHA512.
    Sha512,
}

/// The code of `secret` for a counter, which for RFC 6238 is the number of whole periods since 1970:
/// 1 to 9 decimal digits, with zeros in front (RFC 4226 section 5.3).
///
/// # Panics
/// If `digits` is 0 or beyond 9.
#[must_use]
pub fn one_time_code(
    secret: &SecretVec,
    hash: OneTimeHash,
    counter: u64,
    digits: u32,
) -> SecretText {
    assert!(
        (1..=9).contains(&digits),
        "31 bits have at most 9 whole digits"
    );
    let number = match hash {
        OneTimeHash::Sha1 => truncated::<Hmac<Sha1>>(secret, counter),
        OneTimeHash::Sha256 => truncated::<Hmac<Sha256>>(secret, counter),
        OneTimeHash::Sha512 => truncated::<Hmac<Sha512>>(secret, counter),
    };
    let code = number % 10_u32.pow(digits);
    SecretText::new(format!("{code:0width$}", width = digits as usize))
}

/// Four bytes from where the last one says, without the sign.
fn truncated<M: Mac + KeyInit>(secret: &SecretVec, counter: u64) -> u32 {
    // EXPOSE: the secret goes into the MAC and nowhere else.
    let mut mac =
        <M as KeyInit>::new_from_slice(secret.expose()).expect("HMAC takes keys of any length");
    mac.update(&counter.to_be_bytes());
    let tag = mac.finalize().into_bytes();
    let from = usize::from(tag[tag.len() - 1] & 0x0f);
    // The shortest of the three has 20 bytes, and this reaches to the 19th at most.
    let four = tag[from..from + 4].try_into().expect("four bytes");
    u32::from_be_bytes(four) & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// RFC 6238, appendix B, with the seeds that its reference code uses.
    const VECTORS: &str = include_str!("../../../tests/vectors/crypto/one_time.json");

    #[test]
    fn codes_are_those_of_the_rfcs() {
        let vectors: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
        let vectors = vectors.as_array().unwrap();
        assert_eq!(vectors.len(), 28);
        for vector in vectors {
            let text = |name: &str| vector[name].as_str().unwrap();
            let hash = match text("hash") {
                "SHA1" => OneTimeHash::Sha1,
                "SHA256" => OneTimeHash::Sha256,
                "SHA512" => OneTimeHash::Sha512,
                other => panic!("{other}"),
            };
            let secret = SecretVec::new(text("secret").as_bytes().to_vec());
            let (counter, code) = (vector["counter"].as_u64().unwrap(), text("code"));
            let digits = u32::try_from(code.len()).unwrap();
            assert_eq!(
                one_time_code(&secret, hash, counter, digits).expose(),
                code,
                "{vector}"
            );
        }
    }
}
