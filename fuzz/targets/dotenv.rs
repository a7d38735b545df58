//! Any bytes as a `.env` file, in every dialect: parsing and comparing come to an end, without
//! a panic, whatever is in them (threat 13).
#![no_main]

use formats::dotenv::{self, Dialect};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    for dialect in Dialect::ALL {
        let _ = dotenv::parse(input, dialect);
        let _ = dotenv::disagreements(input, dialect);
    }
});
