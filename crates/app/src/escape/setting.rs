//! What the vault remembers of an escape file: sealed, beside the other facts of its team.

use serde::{Deserialize, Serialize};
use team::ids::{BundleId, MemberId};

use crate::age::{Recipient, To, of_member};
use crate::open::Team;

/// The escape file of one bundle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Setting {
    pub bundle: BundleId,
    /// Absolute.
    pub path: String,
    pub to: Vec<Reader>,
    /// What it was written from: equal states make equal files.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub state: Option<[u8; 32]>,
    /// Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub written: Option<u64>,
    #[serde(default)]
    pub left_out: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trouble: Option<String>,
}

/// Who opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reader {
    /// A member, while they have access to the bundle, under the key that they have then.
    Member(MemberId),
    /// A key, whoever has it.
    Key(String),
}

impl From<&To> for Reader {
    fn from(to: &To) -> Self {
        match to.member {
            Some(member) => Self::Member(member),
            None => Self::Key(to.key.to_string()),
        }
    }
}

impl Setting {
    /// Those to whom it is encrypted now, and the members who were named and are not among them.
    pub fn readers(&self, team: &Team) -> (Vec<To>, Vec<MemberId>) {
        let (mut now, mut without) = (Vec::new(), Vec::new());
        for reader in &self.to {
            match reader {
                Reader::Member(member) => {
                    let bundle = team.bundle(&self.bundle);
                    let state = team.ledger.state();
                    let reads = bundle.is_some_and(|bundle| state.has_access(member, bundle));
                    match of_member(team, member).filter(|_| reads) {
                        Some(key) => now.push(To {
                            key,
                            member: Some(*member),
                        }),
                        None => without.push(*member),
                    }
                }
                // It was read when it was set; a later version may know fewer kinds.
                Reader::Key(text) => now.extend(
                    Recipient::parse(text)
                        .ok()
                        .flatten()
                        .map(|key| To { key, member: None }),
                ),
            }
        }
        (now, without)
    }
}
