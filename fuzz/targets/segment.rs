//! Any bytes as a segment of a team's log, or as a cover of segments: whoever may write to the
//! remote can put anything under any name (threat 13). What is taken for one is the one encoding of
//! what was read, and each op in it is read as it would be.
#![no_main]

use libfuzzer_sys::fuzz_target;
use team::SignedOp;
use team::segment::{decode, encode};

fuzz_target!(|input: &[u8]| {
    for count in [0, 1, 2, 23, 24, 256, 10_000, 10_001, input.len() as u64] {
        if let Some(ops) = decode(count, input) {
            assert_eq!(encode(&ops), input);
            for op in &ops {
                let _ = SignedOp::verify(op);
            }
        }
    }
});
