//! What a malicious remote, a stolen device or a broken client may hand in (threats.md, A and B):
//! ops are forged here from the inside, signed and sealed with real keys.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use crate as team;

mod data;
mod decoding;
mod devices;
mod encodings;
mod flooding;
mod forge;
#[path = "../../tests/ledger_harness/mod.rs"]
mod harness;
mod keys;
#[path = "../../tests/rules_notation/mod.rs"]
mod notation;
mod roles;
mod scenarios;
mod services;
mod types;
