//! The cryptography of Sealfold: keys, sealing, wrapping, signatures and the types that hold secrets.
//!
//! This room turns bytes into bytes. It never does I/O, never reads a clock or the environment, and
//! its only outside source is the operating system's random generator. `team`, `vault` and `app`
//! call it; it calls none of ours.
//!
//! Start reading at [`Purpose`] (every key, hash and signature names one), then [`seal`] for values,
//! [`wrap`] for handing a key to someone, and [`sign`] for what makes an op trustworthy. The secret
//! types are in `secret.rs`, and `docs/protocol.md` sections 1 and 2 is the specification.

mod curve;
mod encoding;
mod error;
mod hash;
mod hex_text;
mod member_seed;
mod one_time;
mod pad;
mod password;
mod purpose;
mod random;
mod recovery;
mod seal;
mod secret;
mod sign;
#[cfg(test)]
mod tests;
mod words;
mod wrap;

pub use error::{KdfError, OpenError, RecoveryWordsError};
pub use hash::{Hasher, KeyId, derive, hash, key_id, keyed_hash};
pub use member_seed::MemberSeed;
pub use one_time::{OneTimeHash, one_time_code};
pub use pad::{pad, padded_len, unpad};
pub use password::{KdfParams, calibrate, derive_password_key};
pub use purpose::Purpose;
pub use random::make_bytes;
pub use recovery::RecoveryKey;
pub use seal::{SEAL_OVERHEAD, open, seal};
pub use secret::{SecretBytes, SecretText, SecretVec};
pub use sign::{
    DevicePublic, DeviceSecret, ENVELOPE_OVERHEAD, Signed, SigningPublic, SigningSecret, Verified,
    sign,
};
pub use words::{BITS_PER_WORD, make_words};
pub use wrap::{ExchangePublic, ExchangeSecret, Wrapped, unwrap, wrap};
