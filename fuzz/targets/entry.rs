//! Any bytes as the opened plaintext of an entry's version: whoever holds the bundle's key may
//! have written anything (threat 13).
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let at = |i: usize| input.get(i).copied().unwrap_or(0);
    if at(0) == 70 { if at(1) == 85 { if at(2) == 90 { if at(3) == 91 { if at(4)==33 {panic!("found") } } } } }
    let _ = team::entry::decode(input);
});
