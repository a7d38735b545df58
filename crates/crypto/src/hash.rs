//! Hashes and derivations, each bound to a [`Purpose`].

use hkdf::Hkdf;
use sha2::Sha256;

use crate::{Purpose, SecretBytes, hex_text::show_as_hex};

/// BLAKE3-256 of `len16(label) ‖ label ‖ message`.
#[must_use]
pub fn hash(purpose: Purpose, message: &[u8]) -> [u8; 32] {
    let mut hasher = Hasher::new(purpose);
    hasher.update(message);
    hasher.finish()
}

/// [`hash`] for a message that comes in pieces. Where the pieces begin and end leaves no trace:
/// whoever needs that puts lengths in.
pub struct Hasher(blake3::Hasher);

impl Hasher {
    /// Begins a hash for `purpose`.
    #[must_use]
    pub fn new(purpose: Purpose) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&purpose.len16());
        hasher.update(purpose.label().as_bytes());
        Self(hasher)
    }

    /// Adds the next piece of the message.
    pub fn update(&mut self, piece: &[u8]) -> &mut Self {
        self.0.update(piece);
        self
    }

    /// The hash of all pieces.
    #[must_use]
    pub fn finish(&self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// Keyed BLAKE3-256: a MAC, or an index that tells nothing without the key. The purpose stands in the
/// key, which comes from [`derive()`].
#[must_use]
pub fn keyed_hash(key: &SecretBytes<32>, message: &[u8]) -> [u8; 32] {
    // EXPOSE: the key goes into the hash and nowhere else.
    blake3::keyed_hash(key.expose(), message).into()
}

/// The subkey of `key` for `purpose`: HKDF-SHA256 (RFC 5869) without a salt, info =
/// `"sealfold/1/derive" ‖ len16(label) ‖ label`.
#[must_use]
pub fn derive(key: &SecretBytes<32>, purpose: Purpose) -> SecretBytes<32> {
    let info: [&[u8]; 3] = [
        b"sealfold/1/derive",
        &purpose.len16(),
        purpose.label().as_bytes(),
    ];
    SecretBytes::filled(|out| expand(None, key, &info, out))
}

/// The public name of a secret key: HKDF-SHA256 without a salt, info = `"sealfold/1/key-id"`, first
/// 16 bytes. It tells nothing about the key but which one it is.
#[must_use]
pub fn key_id(key: &SecretBytes<32>) -> KeyId {
    let mut id = [0; 16];
    expand(None, key, &[b"sealfold/1/key-id"], &mut id);
    KeyId(id)
}

/// HKDF-SHA256 from `key` into `okm`, which is at most a few hundred bytes.
pub(crate) fn expand(salt: Option<&[u8]>, key: &SecretBytes<32>, info: &[&[u8]], okm: &mut [u8]) {
    // EXPOSE: the key goes into the derivation and nowhere else.
    Hkdf::<Sha256>::new(salt, key.expose())
        .expand_multi_info(info, okm)
        .expect("HKDF-SHA256 gives up to 8160 bytes");
}

/// The name of a key: of a secret one by [`key_id`], of a public one by
/// [`ExchangePublic::recipient_key_id`](crate::ExchangePublic::recipient_key_id). 16 bytes, not
/// secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 16]);

impl KeyId {
    /// The id with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes of the id.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

show_as_hex!(KeyId);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn pieces_give_the_same_hash_as_the_whole() {
        let mut hasher = Hasher::new(Purpose::OpId);
        hasher.update(b"one ").update(b"").update(b"op");
        assert_eq!(hasher.finish(), hash(Purpose::OpId, b"one op"));
    }

    #[test]
    fn every_purpose_has_its_own_hash_and_its_own_key() {
        let key = SecretBytes::new([1; 32]);
        let hashes: BTreeSet<_> = Purpose::ALL.iter().map(|p| hash(*p, b"same")).collect();
        let keys: BTreeSet<_> = Purpose::ALL
            .iter()
            .map(|p| *derive(&key, *p).expose())
            .collect();
        assert_eq!(hashes.len(), Purpose::ALL.len());
        assert_eq!(keys.len(), Purpose::ALL.len());
    }

    #[test]
    fn the_label_is_framed() {
        // threat 15: the same bytes after another split of label and message.
        let unframed = blake3::hash(b"op/idmessage");
        assert_ne!(hash(Purpose::OpId, b"message"), *unframed.as_bytes());
        let framed = blake3::hash(b"\x00\x05op/idmessage");
        assert_eq!(hash(Purpose::OpId, b"message"), *framed.as_bytes());
    }

    #[test]
    fn key_ids_show_as_hex() {
        let id = KeyId::from_bytes([0xab; 16]);
        assert_eq!(id.to_string(), "ab".repeat(16));
        assert_eq!(format!("{id:?}"), format!("KeyId({})", "ab".repeat(16)));
    }
}
