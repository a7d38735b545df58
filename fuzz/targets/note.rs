//! Any bytes as a recovery note: as it lies on the remote, and as what was sealed to the paper by
//! whoever knows its public key (threat 13).
#![no_main]

use std::sync::LazyLock;

use crypto::RecoveryKey;
use libfuzzer_sys::fuzz_target;
use team::ids::TeamId;
use team::recovery_note::{RecoveryNote, decode};

const TEAM: TeamId = TeamId::from_bytes([1; 32]);

/// The same paper in every run, so that an input found once is found again.
static PAPER: LazyLock<RecoveryKey> = LazyLock::new(|| {
    let words = format!("{}art", "abandon ".repeat(23));
    RecoveryKey::from_words(&words).expect("the words of 256 zero bits")
});

fuzz_target!(|input: &[u8]| {
    let _ = RecoveryNote::open(input, &TEAM, &PAPER);
    let _ = decode(input);
});
