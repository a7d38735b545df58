//! The harness of the tests that need the whole program.
//!
//! Holds: throw-away homes ([`home`]), a private Secret Service ([`secret_service`]), an S3
//! server ([`s3_server`]), a pseudo-terminal ([`terminal`]) and a shell at one ([`shell`]). Never: anything that ships; no room
//! depends on this crate, and it looks at the rooms only through the built `sealfold`. Called by
//! `tests/*.rs` and the benchmarks. Start reading at [`home::Home`].
//!
//! A harness that can't do its work panics: in a test that is the clearest failure.
#![allow(clippy::unwrap_used, clippy::expect_used)]

pub mod home;
pub mod s3_server;
#[cfg(target_os = "linux")]
pub mod secret_service;
#[cfg(unix)]
pub mod shell;
#[cfg(unix)]
pub mod terminal;
