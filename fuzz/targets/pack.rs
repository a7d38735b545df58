//! Any bytes as a pack of sealed versions whose hash an op cites: a member can have put anything
//! beside the log (threat 13).
#![no_main]

use libfuzzer_sys::fuzz_target;
use team::pack::{pack_id, read_pack};

fuzz_target!(|input: &[u8]| {
    for versions in [1, 23, 24, input.len()] {
        let _ = read_pack(&pack_id(input), input, versions);
    }
});
