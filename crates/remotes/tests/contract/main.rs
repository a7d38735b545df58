//! One suite that every kind of remote passes, and what is hostile about each kind.
//!
//! Git needs `git`; Git over ssh needs `sshd`; S3 needs the server in the folder that
//! `SEALFOLD_TEST_TOOLS` names. `cargo xtask test` installs them; without them a test says that
//! it was skipped.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]
#![allow(clippy::print_stderr)]

// As the rest of the workspace calls it.
extern crate sealfold_remotes as remotes;

mod folder;
mod git;
mod memory;
mod peek;
mod places;
mod processes;
mod proxy;
mod s3;
#[cfg(unix)]
mod sshd;
mod suite;

use remotes::{ObjectName, Prefix};

fn name(text: &str) -> ObjectName {
    ObjectName::new(text).unwrap()
}

fn prefix(text: &str) -> Prefix {
    Prefix::new(text).unwrap()
}
