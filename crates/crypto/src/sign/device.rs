//! The keys of a device: Ed25519 for signing, X25519 for being wrapped to.

use std::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::{
    ExchangePublic, ExchangeSecret, OpenError, Purpose, SecretBytes, curve, hash,
    hex_text::show_as_hex,
};

/// An Ed25519 secret key (RFC 8032). Boxed, so that moving it leaves no copy on the stack.
pub struct SigningSecret(Box<SigningKey>);

impl SigningSecret {
    /// The key of these 32 bytes, RFC 8032's seed.
    #[must_use]
    pub fn new(seed: &SecretBytes<32>) -> Self {
        // EXPOSE: the signing key is made from it, and wipes itself when dropped.
        Self(Box::new(SigningKey::from_bytes(seed.expose())))
    }

    /// A random key.
    #[must_use]
    pub fn make() -> Self {
        Self::new(&SecretBytes::make())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> SigningPublic {
        SigningPublic(self.0.verifying_key().to_bytes())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

/// An Ed25519 public key, as received: unsound ones verify nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SigningPublic([u8; 32]);

impl SigningPublic {
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

    /// Whether this is the one encoding of a point that is not of small order.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.sound_key().is_ok()
    }

    /// Checks `signature` over `message`, strictly: the key and the signature's R are points not of
    /// small order, and the key, R and S each stand in their one encoding.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), OpenError> {
        self.sound_key()?
            .verify_strict(message, &Signature::from_bytes(signature))
            .map_err(|_| OpenError)
    }

    fn sound_key(&self) -> Result<VerifyingKey, OpenError> {
        // `from_bytes` alone would take y ≥ p. The other double encodings, x = 0 with the sign set,
        // are the two points of order 1 and 2, which are weak.
        if !curve::is_below_p(&self.0) {
            return Err(OpenError);
        }
        let key = VerifyingKey::from_bytes(&self.0).map_err(|_| OpenError)?;
        if key.is_weak() {
            return Err(OpenError);
        }
        Ok(key)
    }
}

show_as_hex!(SigningPublic);

/// Both secret keys of a device.
#[derive(Debug)]
pub struct DeviceSecret {
    /// Signs what the device says.
    pub signing: SigningSecret,
    /// Unwraps what is wrapped to the device.
    pub exchange: ExchangeSecret,
}

impl DeviceSecret {
    /// A new device with random keys.
    #[must_use]
    pub fn make() -> Self {
        Self {
            signing: SigningSecret::make(),
            exchange: ExchangeSecret::make(),
        }
    }

    /// The device that [`to_bytes`](Self::to_bytes) was called on.
    #[must_use]
    pub fn from_bytes(bytes: &SecretBytes<64>) -> Self {
        // EXPOSE: each half is copied straight into the key that it is.
        let (signing, exchange) = bytes.expose().split_at(32);
        let half = |bytes| SecretBytes::from_slice(bytes).expect("each half has 32 bytes");
        Self {
            signing: SigningSecret::new(&half(signing)),
            exchange: ExchangeSecret::new(half(exchange)),
        }
    }

    /// Ed25519 seed 32 ‖ X25519 secret 32, for keeping them sealed.
    #[must_use]
    pub fn to_bytes(&self) -> SecretBytes<64> {
        SecretBytes::filled(|bytes| {
            bytes[..32].copy_from_slice(self.signing.0.as_bytes());
            // EXPOSE: copied straight into the secret that is handed out.
            bytes[32..].copy_from_slice(self.exchange.secret().expose());
        })
    }

    /// Both public halves.
    #[must_use]
    pub fn public(&self) -> DevicePublic {
        DevicePublic {
            signing: self.signing.public(),
            exchange: self.exchange.public(),
        }
    }
}

/// Both public keys of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DevicePublic {
    /// Verifies what the device signs.
    pub signing: SigningPublic,
    /// What is wrapped to the device is wrapped to this.
    pub exchange: ExchangePublic,
}

impl DevicePublic {
    /// Ed25519 key 32 ‖ X25519 key 32.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(self.signing.as_bytes());
        bytes[32..].copy_from_slice(self.exchange.as_bytes());
        bytes
    }

    /// The keys with these bytes, unjudged.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 64]) -> Self {
        let (signing, exchange) = bytes.split_at(32);
        let half = |bytes: &[u8]| bytes.try_into().expect("each half has 32 bytes");
        Self {
            signing: SigningPublic::from_bytes(half(signing)),
            exchange: ExchangePublic::from_bytes(half(exchange)),
        }
    }

    /// Whether both keys are sound: not of small order, and each in its one encoding.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.signing.is_sound() && self.exchange.is_sound()
    }

    /// The device id: the hash of both keys, so that none can be claimed without them (threat 33).
    #[must_use]
    pub fn device_id(&self) -> [u8; 32] {
        hash(Purpose::DeviceId, &self.to_bytes())
    }
}
