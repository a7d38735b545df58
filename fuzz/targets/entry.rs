//! Any bytes as the opened plaintext of an entry's version: whoever holds the bundle's key may
//! have written anything (threat 13).
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let _ = team::entry::decode(input);
});
