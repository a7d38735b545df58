//! Signed envelopes, whose payload can't be reached before the signature was checked.
//!
//! An envelope is `Ed25519 key 32 ‖ X25519 key 32 ‖ signature 64 ‖ payload`. The signature is over
//! `len16(label) ‖ label ‖ both keys ‖ payload`, so each signed thing certifies both keys of the
//! device that made it, and the device id commits to them.

mod device;
mod envelope;

pub use device::{DevicePublic, DeviceSecret, SigningPublic, SigningSecret};
pub use envelope::{ENVELOPE_OVERHEAD, Signed, Verified, sign};

#[cfg(test)]
mod tests;
