//! The envelope around everything signed.

use std::fmt;

use super::{DevicePublic, DeviceSecret};
use crate::{OpenError, Purpose};

const KEYS: usize = 64;
const SIGNATURE: usize = 64;

/// How many bytes an envelope is longer than its payload.
pub const ENVELOPE_OVERHEAD: usize = KEYS + SIGNATURE;

/// Signs `payload` for `purpose` and gives the whole envelope. Deterministic: the same device,
/// purpose and payload give the same bytes (RFC 8032).
#[must_use]
pub fn sign(device: &DeviceSecret, purpose: Purpose, payload: &[u8]) -> Vec<u8> {
    let keys = device.public().to_bytes();
    let signature = device.signing.sign(&message(purpose, &keys, payload));
    let mut envelope = Vec::with_capacity(ENVELOPE_OVERHEAD + payload.len());
    envelope.extend_from_slice(&keys);
    envelope.extend_from_slice(&signature);
    envelope.extend_from_slice(payload);
    envelope
}

/// What the signature is over.
pub(super) fn message(purpose: Purpose, keys: &[u8; KEYS], payload: &[u8]) -> Vec<u8> {
    [
        &purpose.len16(),
        purpose.label().as_bytes(),
        keys.as_slice(),
        payload,
    ]
    .concat()
}

/// An envelope as it came in. Until [`verify_and_open`](Self::verify_and_open) says yes, nothing of it
/// can be had, neither the payload nor the signer:
///
/// ```compile_fail,E0616
/// let signed = sealfold_crypto::Signed::parse(vec![0; 200]).unwrap();
/// let payload = &signed.envelope[128..]; // private
/// ```
///
/// ```compile_fail,E0599
/// let signed = sealfold_crypto::Signed::parse(vec![0; 200]).unwrap();
/// let payload = signed.payload(); // only `Verified` has one
/// ```
///
/// With it:
///
/// ```
/// use sealfold_crypto::{DeviceSecret, Purpose, Signed, sign};
/// let device = DeviceSecret::make();
/// let signed = Signed::parse(sign(&device, Purpose::OpSignature, b"an op"))?;
/// let verified = signed.verify_and_open(Purpose::OpSignature)?;
/// assert_eq!(verified.payload(), b"an op");
/// assert_eq!(verified.signer(), device.public());
/// # Ok::<(), sealfold_crypto::OpenError>(())
/// ```
pub struct Signed {
    /// At least [`ENVELOPE_OVERHEAD`] bytes.
    envelope: Vec<u8>,
}

impl Signed {
    /// Takes an envelope in. Only its length is looked at.
    ///
    /// # Errors
    /// If there are fewer bytes than keys and a signature take.
    pub fn parse(envelope: impl Into<Vec<u8>>) -> Result<Self, OpenError> {
        let envelope = envelope.into();
        if envelope.len() < ENVELOPE_OVERHEAD {
            return Err(OpenError);
        }
        Ok(Self { envelope })
    }

    /// Checks the signature for `purpose` and gives the payload. The only way to it.
    ///
    /// # Errors
    /// [`OpenError`], the same for every cause: changed or appended bytes, another purpose, a key
    /// that is of small order or not in its one encoding.
    pub fn verify_and_open(&self, purpose: Purpose) -> Result<Verified<'_>, OpenError> {
        let (keys, rest) = self.envelope.split_first_chunk().ok_or(OpenError)?;
        let (signature, payload) = rest.split_first_chunk().ok_or(OpenError)?;
        let signer = DevicePublic::from_bytes(*keys);
        // The signing key is judged by `verify`.
        if !signer.exchange.is_sound() {
            return Err(OpenError);
        }
        signer
            .signing
            .verify(&message(purpose, keys, payload), signature)?;
        Ok(Verified {
            signer,
            payload,
            envelope: &self.envelope,
        })
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed").finish_non_exhaustive()
    }
}

/// A payload whose signature is right, with the device that signed it. Whether that device may say
/// what it says is the ledger's to judge.
///
/// Nobody else can make one:
///
/// ```compile_fail,E0451
/// let signer = sealfold_crypto::DeviceSecret::make().public();
/// let forged = sealfold_crypto::Verified { signer, payload: b"trust me", envelope: b"" };
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Verified<'a> {
    signer: DevicePublic,
    payload: &'a [u8],
    envelope: &'a [u8],
}

impl<'a> Verified<'a> {
    /// The device that signed.
    #[must_use]
    pub fn signer(&self) -> DevicePublic {
        self.signer
    }

    /// What was signed.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// The whole envelope, exactly as received: for keeping it, and for ids over it.
    #[must_use]
    pub fn envelope(&self) -> &'a [u8] {
        self.envelope
    }
}
