//! Linking a device of one's own: what the old one shows, and what the new one answers.
//!
//! Neither holds a secret. The new device shows possession of its keys by its statement, and its
//! words are typed on the old one, so that nobody's device can be put in its place (threat 31).

use crypto::{DevicePublic, DeviceSecret, Purpose};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::caps;
use crate::carried::{from_text, to_text};
use crate::cbor;
use crate::ids::{DeviceId, MemberId, OpId, TeamId};
use crate::keyring::Keyring;
use crate::statement::{make_statement, verify_statement};
use crate::words::derive_words;

/// What the text of a [`DeviceLink`] begins with.
pub const LINK_PREFIX: &str = "sealfold-device-1-";
/// What the text of a new device's answer begins with.
pub const ANSWER_PREFIX: &str = "sealfold-device-answer-1-";
/// Keeps these words apart from any other hash.
const WORDS_DOMAIN: &[u8; 32] = b"sealfold/1/safety-words/device\0\0";

/// What the old device shows: which team, and whose device the new one is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceLink {
    /// Where the team's ops are.
    pub hint: String,
    /// Which team.
    pub team: TeamId,
    /// Its genesis: the new device trusts no other.
    pub genesis: OpId,
    /// Whose device it will be.
    pub member: MemberId,
}

/// A device that has answered a link, with nothing yet but its own keys.
pub struct Linking {
    /// Its keyring.
    pub keyring: Keyring,
    /// The text for the old device.
    pub answer: String,
    /// What is typed on the old device.
    pub words: Vec<&'static str>,
}

/// A new device's answer, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedDevice {
    pub(crate) name: String,
    pub(crate) statement: Vec<u8>,
    pub(crate) keys: DevicePublic,
    words: Vec<&'static str>,
}

/// The text is none of ours, not whole, or for another member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is no whole link of a device for this team")]
pub struct LinkError;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    name: String,
    #[serde(with = "serde_bytes")]
    statement: Vec<u8>,
}

#[derive(Serialize)]
struct Compared<'a> {
    team: &'a TeamId,
    genesis: &'a OpId,
    member: &'a MemberId,
    device: &'a DevicePublic,
}

impl DeviceLink {
    /// The text to carry to the new device.
    pub fn to_text(&self) -> String {
        to_text(LINK_PREFIX, self)
    }

    /// Reads it; white space around it does not matter.
    pub fn from_text(text: &str) -> Result<Self, LinkError> {
        from_text(LINK_PREFIX, text).ok_or(LinkError)
    }

    /// Makes the new device's keys and its answer. `name` is for people.
    pub fn answer(&self, name: &str) -> Result<Linking, LinkError> {
        if name.len() > caps::NAME_BYTES {
            return Err(LinkError);
        }
        let device = DeviceSecret::make();
        let answer = Answer {
            name: name.to_owned(),
            statement: make_statement(&device, Purpose::DeviceStatement, &self.team, &self.member),
        };
        Ok(Linking {
            words: self.words(&device.public()),
            answer: to_text(ANSWER_PREFIX, &answer),
            keyring: Keyring::new(self.team, self.member, device),
        })
    }

    /// Reads a new device's answer to this link, on the old device.
    pub fn open_answer(&self, text: &str) -> Result<LinkedDevice, LinkError> {
        let Answer { name, statement } = from_text(ANSWER_PREFIX, text).ok_or(LinkError)?;
        let purpose = Purpose::DeviceStatement;
        let keys = verify_statement(&statement, purpose, &self.team, &self.member);
        let keys = keys.filter(DevicePublic::is_sound).ok_or(LinkError)?;
        if name.len() > caps::NAME_BYTES {
            return Err(LinkError);
        }
        Ok(LinkedDevice {
            name,
            statement,
            keys,
            words: self.words(&keys),
        })
    }

    fn words(&self, device: &DevicePublic) -> Vec<&'static str> {
        let Self {
            team,
            genesis,
            member,
            ..
        } = self;
        let compared = Compared {
            team,
            genesis,
            member,
            device,
        };
        derive_words(WORDS_DOMAIN, &cbor::encode(&compared))
    }
}

impl LinkedDevice {
    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its id.
    pub fn device(&self) -> DeviceId {
        DeviceId::of(&self.keys)
    }

    /// Whether these are the words that the new device shows, as somebody typed them.
    pub fn shows(&self, typed: &str) -> bool {
        crate::words::are_equal(&self.words, typed)
    }
}
