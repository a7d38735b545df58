//! `seal` and `open`: authenticated encryption that commits to its key (`docs/protocol.md` section 1).
//!
//! A sealed text is `salt 32 ‖ commitment 32 ‖ XChaCha20-Poly1305 of the padded text, tag last`. The
//! encryption key, the commitment and the nonce come together out of HKDF-SHA256 over the key, the
//! salt, the purpose and the aad. So there is no nonce state that a restored or cloned vault could
//! repeat, and a sealed text opens under no second key, purpose or aad.

use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305, aead::inout::InOutBuf};
use subtle::ConstantTimeEq;

use crate::{OpenError, Purpose, SecretBytes, SecretVec, hash, pad, random};

const SALT: usize = 32;
const COMMITMENT: usize = 32;
const TAG: usize = 16;
/// Where the ciphertext begins.
const HEAD: usize = SALT + COMMITMENT;

/// How many bytes a sealed text is longer than the padded one: see [`padded_len`](crate::padded_len).
pub const SEAL_OVERHEAD: usize = HEAD + TAG;

/// Seals `plaintext` under `key` for `purpose`, bound to `aad`, with a fresh random salt. `aad` must
/// be an encoding that can be read in one way only.
///
/// # Panics
/// If `plaintext` has 4 GiB or more, see [`pad`](crate::pad); and as
/// [`make_bytes`](crate::make_bytes).
#[must_use]
pub fn seal(key: &SecretBytes<32>, purpose: Purpose, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    seal_with_salt(key, purpose, aad, plaintext, &random::make_bytes())
}

/// [`seal`] with a salt that is given: for vectors only, as a salt must never come twice.
pub(crate) fn seal_with_salt(
    key: &SecretBytes<32>,
    purpose: Purpose,
    aad: &[u8],
    plaintext: &[u8],
    salt: &[u8; SALT],
) -> Vec<u8> {
    let keys = MessageKeys::derive(key, purpose, aad, salt);
    // The exact capacity: a `Vec` that grows would leave a copy of the plaintext behind.
    let mut sealed = Vec::with_capacity(SEAL_OVERHEAD + pad::padded_len(plaintext.len()));
    sealed.extend_from_slice(salt);
    sealed.extend_from_slice(keys.commitment());
    pad::extend_padded(&mut sealed, plaintext);
    let tag = keys
        .cipher()
        .encrypt_inout_detached(&keys.nonce(), aad, InOutBuf::from(&mut sealed[HEAD..]))
        .expect("plaintexts are far below XChaCha20-Poly1305's limit of 256 GiB");
    sealed.extend_from_slice(&tag);
    sealed
}

/// Opens what [`seal`] made with the same key, purpose and aad.
///
/// # Errors
/// [`OpenError`], the same for every cause.
pub fn open(
    key: &SecretBytes<32>,
    purpose: Purpose,
    aad: &[u8],
    sealed: &[u8],
) -> Result<SecretVec, OpenError> {
    let (salt, rest) = sealed.split_first_chunk::<SALT>().ok_or(OpenError)?;
    let (commitment, rest) = rest.split_first_chunk::<COMMITMENT>().ok_or(OpenError)?;
    let (ciphertext, tag) = rest.split_last_chunk::<TAG>().ok_or(OpenError)?;

    let keys = MessageKeys::derive(key, purpose, aad, salt);
    if !bool::from(keys.commitment().ct_eq(commitment)) {
        return Err(OpenError);
    }
    let mut padded = SecretVec::new(ciphertext.to_vec());
    keys.cipher()
        .decrypt_inout_detached(
            &keys.nonce(),
            aad,
            InOutBuf::from(padded.as_mut_slice()),
            tag.into(),
        )
        .map_err(|_| OpenError)?;
    pad::unpad(padded)
}

/// What one message is sealed with: encryption key 32 ‖ commitment 32 ‖ nonce 24.
struct MessageKeys(SecretBytes<88>);

impl MessageKeys {
    fn derive(key: &SecretBytes<32>, purpose: Purpose, aad: &[u8], salt: &[u8; SALT]) -> Self {
        let aad_hash = blake3::hash(aad);
        let info: [&[u8]; 4] = [
            b"sealfold/1/seal",
            &purpose.len16(),
            purpose.label().as_bytes(),
            aad_hash.as_bytes(),
        ];
        Self(SecretBytes::filled(|okm| {
            hash::expand(Some(salt), key, &info, okm);
        }))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        // EXPOSE: the cipher takes the key in and wipes it when dropped.
        let key: &[u8; 32] = self.0.expose()[..32].try_into().expect("32 bytes");
        XChaCha20Poly1305::new(key.into())
    }

    fn commitment(&self) -> &[u8] {
        // EXPOSE: the commitment is written into the sealed text, in plain.
        &self.0.expose()[32..64]
    }

    fn nonce(&self) -> chacha20poly1305::XNonce {
        // EXPOSE: a nonce is not secret.
        let nonce: &[u8; 24] = self.0.expose()[64..].try_into().expect("24 bytes");
        (*nonce).into()
    }
}

#[cfg(test)]
mod tests;
