//! `wrap` and `unwrap`: handing a key to whoever holds an X25519 secret (`docs/protocol.md` section 1).
//!
//! HPKE (RFC 9180) in Base mode with X25519, HKDF-SHA256 and ChaCha20-Poly1305. Base mode doesn't
//! authenticate the sender: the signature of the op that carries the wrap does, and the context names
//! its author.

use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable,
    aead::{AeadTag, ChaCha20Poly1305},
    inout::InOutBuf,
    kdf::HkdfSha256,
    kem::X25519HkdfSha256,
};

use crate::{KeyId, OpenError, Purpose, SecretBytes, curve, hash, hex_text::show_as_hex, key_id};

type Aead = ChaCha20Poly1305;
type Kdf = HkdfSha256;
type Exchange = X25519HkdfSha256;

/// Bytes of HPKE's encapsulated key, which is an X25519 public key.
const ENCAPSULATED: usize = 32;
/// Bytes of a wrapped key.
const WRAPPED: usize = ENCAPSULATED + 32 + 16;

/// An X25519 secret key, which opens what is wrapped to its public half.
#[derive(Debug)]
pub struct ExchangeSecret {
    secret: SecretBytes<32>,
    public: ExchangePublic,
}

impl ExchangeSecret {
    /// The key of these 32 bytes; they are clamped at use (RFC 7748 section 5).
    #[must_use]
    pub fn new(secret: SecretBytes<32>) -> Self {
        // EXPOSE: the public half is computed from it; dalek wipes its own copy.
        let exposed = x25519_dalek::StaticSecret::from(*secret.expose());
        let public = ExchangePublic(x25519_dalek::PublicKey::from(&exposed).to_bytes());
        Self { secret, public }
    }

    /// A random key.
    #[must_use]
    pub fn make() -> Self {
        Self::new(SecretBytes::make())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> ExchangePublic {
        self.public
    }

    /// The 32 bytes that the key was made of, for keeping it sealed, or as an age identity.
    #[must_use]
    pub fn secret(&self) -> &SecretBytes<32> {
        &self.secret
    }
}

/// An X25519 public key, as received: [`is_sound`](Self::is_sound) tells whether it is a good one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExchangePublic([u8; 32]);

impl ExchangePublic {
    /// The key with these bytes, unjudged.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether this is the one encoding of a key that is not of small order. [`wrap`] refuses others.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        curve::is_sound_x25519(&self.0)
    }

    /// The short name under which wraps for this key are found: the first 16 bytes of its hash.
    #[must_use]
    pub fn recipient_key_id(&self) -> KeyId {
        let hash = hash(Purpose::RecipientKeyId, &self.0);
        KeyId::from_bytes(*hash.first_chunk().expect("a hash has 32 bytes"))
    }
}

show_as_hex!(ExchangePublic);

/// A wrapped key: HPKE's encapsulated key, 32 bytes, and the ciphertext with its tag, 48 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wrapped([u8; WRAPPED]);

impl Wrapped {
    /// The wrap with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; WRAPPED]) -> Self {
        Self(bytes)
    }

    /// The wrap with these bytes, or `None` if there aren't exactly 80.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 80 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; WRAPPED] {
        &self.0
    }
}

show_as_hex!(Wrapped);

/// Wraps `key` to `recipient`, bound to `context`, which must be an encoding that can be read in one
/// way only.
///
/// # Errors
/// If the recipient's key is not [sound](ExchangePublic::is_sound).
///
/// # Panics
/// As [`make_bytes`](crate::make_bytes).
pub fn wrap(
    recipient: &ExchangePublic,
    context: &[u8],
    key: &SecretBytes<32>,
) -> Result<Wrapped, OpenError> {
    if !recipient.is_sound() {
        return Err(OpenError);
    }
    let public = <Exchange as Kem>::PublicKey::from_bytes(&recipient.0).map_err(|_| OpenError)?;
    let mut wrapped = [0; WRAPPED];
    // EXPOSE: the key goes into HPKE; only its ciphertext is written out.
    let plaintext = key.expose();
    let (encapsulated, ciphertext) = wrapped.split_at_mut(ENCAPSULATED);
    let (ciphertext, tag) = ciphertext.split_at_mut(plaintext.len());
    let buffer = InOutBuf::new(plaintext, ciphertext).map_err(|_| OpenError)?;
    let (made, made_tag) = hpke::single_shot_seal_inout_detached::<Aead, Kdf, Exchange>(
        &OpModeS::Base,
        &public,
        &info(context),
        buffer,
        context,
    )
    .map_err(|_| OpenError)?;
    made.write_exact(encapsulated);
    made_tag.write_exact(tag);
    Ok(Wrapped(wrapped))
}

/// Unwraps a key that was wrapped to `recipient` with the same `context`, and holds it against
/// `expect`, the key id that the signed op names.
///
/// # Errors
/// [`OpenError`], the same for every cause.
pub fn unwrap(
    recipient: &ExchangeSecret,
    context: &[u8],
    wrapped: &Wrapped,
    expect: KeyId,
) -> Result<SecretBytes<32>, OpenError> {
    let key = hpke_open(recipient, &info(context), context, wrapped)?;
    if key_id(&key) == expect {
        Ok(key)
    } else {
        Err(OpenError)
    }
}

/// HPKE's `Open` (RFC 9180 section 6.1) of one key.
fn hpke_open(
    recipient: &ExchangeSecret,
    info: &[u8],
    aad: &[u8],
    wrapped: &Wrapped,
) -> Result<SecretBytes<32>, OpenError> {
    let (encapsulated, ciphertext) = wrapped.0.split_at(ENCAPSULATED);
    let (ciphertext, tag) = ciphertext.split_at(32);
    // EXPOSE: HPKE takes the secret in and wipes its own copy.
    let secret = <Exchange as Kem>::PrivateKey::from_bytes(recipient.secret.expose())
        .map_err(|_| OpenError)?;
    let encapsulated =
        <Exchange as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| OpenError)?;
    let tag = AeadTag::<Aead>::from_bytes(tag).map_err(|_| OpenError)?;
    let mut opened = Err(OpenError);
    let key = SecretBytes::filled(|key| {
        let Ok(buffer) = InOutBuf::new(ciphertext, key) else {
            return;
        };
        opened = hpke::single_shot_open_inout_detached::<Aead, Kdf, Exchange>(
            &OpModeR::Base,
            &secret,
            &encapsulated,
            info,
            buffer,
            aad,
            &tag,
        )
        .map_err(|_| OpenError);
    });
    opened.map(|()| key)
}

/// HPKE's info: the format's name and the hash of the context.
fn info(context: &[u8]) -> Vec<u8> {
    [
        b"sealfold/1/wrap".as_slice(),
        blake3::hash(context).as_bytes(),
    ]
    .concat()
}

#[cfg(test)]
mod tests;
