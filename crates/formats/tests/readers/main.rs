//! Our readers and writers against the real ones.
//!
//! The real ones live in the folder that `SEALFOLD_TEST_TOOLS` names: `python/` is a virtual
//! environment with requirements.txt, `node/node_modules` what package-lock.json says, and
//! `compose-reader` the program in compose/, where there is Go. Without the variable these tests
//! say so and pass. Compose is also held to recorded results, which need nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    missing_docs
)]

mod corpus;
mod dialects;
mod dotenv_export;
mod fixtures;
#[cfg(unix)]
mod interactive;
mod shells;
mod sourced;
mod tools;
