//! A job of a CI: `SEALFOLD_TOKEN` stands in for the vault.

use app::{Door, Fault, Plaintext};

use crate::commands::Command;
use crate::context::Context;
use crate::exit::Failure;

/// Where the token of a service is.
const TOKEN: &str = "SEALFOLD_TOKEN";
/// Where this job finds the remote, if not where the token says.
const REMOTE: &str = "SEALFOLD_REMOTE";

/// What works with a token, and what says only how the program is used.
const ALLOWED: &[&str] = &["run", "read", "export", "completions", "docs"];

/// Refuses, where there is a token, what it is not good for: half of a command that works on a
/// vault of this machine and half on the token's sheet would be a trap.
pub fn allow(command: &Command, context: &Context) -> Result<(), Failure> {
    match context.has_token && !ALLOWED.contains(&command.name()) {
        true => Err(Door::not_for_jobs().into()),
        false => Ok(()),
    }
}

/// Whether there is a token; an empty one counts as none.
pub fn has_token() -> bool {
    std::env::var_os(TOKEN).is_some_and(|token| !token.is_empty())
}

/// The door that the token opens.
pub fn door() -> Result<Door, Fault> {
    let token = std::env::var_os(TOKEN).unwrap_or_default();
    let token = Plaintext::new(token.into_encoded_bytes());
    let remote = std::env::var(REMOTE)
        .ok()
        .filter(|remote| !remote.is_empty());
    Door::for_job(&token, remote)
}
