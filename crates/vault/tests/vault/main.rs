//! The vault from outside: what it stores, and what it withstands. One binary, so that SQLite
//! is linked once. Crash tests are inside the crate, beside the steps that they name.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

// As the other rooms call it.
extern crate sealfold_vault as vault;

mod anchors;
mod backups;
mod disk;
mod fixture;
#[cfg(target_os = "linux")]
mod keychain;
mod ops;
mod processes;
mod released;
mod remotes;
mod residue;
mod roots;
mod seals;
mod slots;
mod storage;
mod tampering;
mod teams;
