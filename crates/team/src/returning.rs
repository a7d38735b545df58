//! What a former member's device asks with to come back, as a text, and the words to compare.

use serde::Serialize;

use crate::carried::{from_text, to_text};
use crate::cbor;
use crate::error::Malformed;
use crate::ids::{OpId, TeamId};
use crate::op::Returning;
use crate::words::derive_words;

/// What the text begins with.
pub const PREFIX: &str = "sealfold-return-1-";
/// Keeps these words apart from any other hash.
const WORDS_DOMAIN: &[u8; 32] = b"sealfold/1/safety-words/return\0\0";

#[derive(Serialize)]
struct Compared<'a> {
    team: TeamId,
    genesis: OpId,
    returning: &'a Returning,
}

impl Returning {
    /// The text to send to an approver. It holds no secret.
    pub fn to_text(&self) -> String {
        to_text(PREFIX, self)
    }

    /// Reads it; white space around it does not matter.
    pub fn from_text(text: &str) -> Result<Self, Malformed> {
        let returning: Self = from_text(PREFIX, text).ok_or(Malformed::Encoding)?;
        match returning.states() {
            Some(states) if states.member == returning.member => Ok(returning),
            _ => Err(Malformed::Inconsistent),
        }
    }

    /// What both read to each other.
    pub fn words(&self, team: TeamId, genesis: OpId) -> Vec<&'static str> {
        let compared = Compared {
            team,
            genesis,
            returning: self,
        };
        derive_words(WORDS_DOMAIN, &cbor::encode(&compared))
    }
}
