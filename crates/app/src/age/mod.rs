//! The way out: files that stock `age` opens, and files of others that come in.
//!
//! The crate `age` is of another generation of the same primitives than ours, so only bytes and
//! strings cross into this folder. Its plugins are off: no recipient's name starts a program
//! (threat 62). Our own formats never use it, and what it opens is nobody's word: an age file says
//! to whom it goes, and not from whom it comes (protocol §10).
//!
//! `recipient.rs` reads what a person names, `named.rs` finds members behind names, `identity.rs`
//! holds what opens, `file.rs` writes and opens, and `hand_out.rs` gives a member what stock `age`
//! needs to read what was sent to them.

mod file;
mod hand_out;
mod identity;
mod named;
mod recipient;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Plaintext;
use crate::vaults::Key;

pub use file::is_age_file;
pub(crate) use file::{Form, copy_opened, copy_sealed, open, seal};
pub(crate) use identity::Identities;
pub(crate) use named::{To, of_member, resolve, shown};
pub(crate) use recipient::Recipient;

/// Gives a member their own age identities, as a file for stock `age -d -i`. Whoever has it reads
/// what was and will be encrypted to them, so it is guarded like the vault itself.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct HandOutIdentity {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Asked for even of an unlocked vault: a passphrase or the recovery words.
    pub key: Key,
}

/// An age identity file.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct IdentityFile {
    /// Its text: an identity for each generation of the member's seed, the current one first.
    pub text: Plaintext,
    /// The recipient of the current one.
    pub recipient: String,
}
