//! Any bytes as an op from the log: as they come; signed, so that the decoder behind the signature
//! is reached too; and as what a seal held. A member's device can sign and seal anything (threats
//! 13 and 16).
#![no_main]

use std::sync::LazyLock;

use crypto::{DeviceSecret, Purpose, SecretBytes, sign};
use libfuzzer_sys::fuzz_target;
use team::SignedOp;

/// The same in every run, so that an input found once is found again.
static DEVICE: LazyLock<DeviceSecret> =
    LazyLock::new(|| DeviceSecret::from_bytes(&SecretBytes::new([7; 64])));

fuzz_target!(|input: &[u8]| {
    let _ = SignedOp::verify(input);
    let _ = SignedOp::verify(&sign(&DEVICE, Purpose::OpSignature, input));
    let _ = team::decode_body(input);
});
