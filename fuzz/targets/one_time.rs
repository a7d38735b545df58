//! Any text as the secret of a one-time password: it is read or refused, without a panic (threat 13).
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let _ = formats::otpauth::parse(input);
});
