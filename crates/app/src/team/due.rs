//! What is due in a team, and who can do it.

use std::fmt;

use serde::{Deserialize, Serialize};
use team::ledger::{Due, Duty};
use ts_rs::TS;

use crate::open::Team;
use crate::services;

/// Something that is due. A face says it in its own words; the terminal's are its `Display`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DueView {
    /// What.
    pub what: DueWhat,
    /// Names of those who can do it; nobody can when empty.
    pub by: Vec<String>,
}

/// What is due.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum DueWhat {
    /// A member's key is to be rotated.
    MemberKey,
    /// The team's log key is to be rotated.
    LogKey,
    /// The key of a bundle is to be rotated; its name is absent where it was never told.
    BundleKey {
        /// Its name.
        bundle: Option<String>,
    },
    /// A service needs a new token: its old one believes a device that does not stand any more.
    Token {
        /// Name of the service.
        service: String,
        /// Name of the device.
        device: String,
    },
}

/// All that is due.
pub(super) fn of(team: &Team) -> Vec<DueView> {
    let rotations = team.ledger.duties().into_iter();
    let mut due: Vec<DueView> = rotations.map(|duty| rotation(team, &duty)).collect();
    due.extend(services::due_services(team));
    due
}

fn rotation(team: &Team, duty: &Duty) -> DueView {
    let what = match &duty.due {
        Due::MemberKey => DueWhat::MemberKey,
        Due::LogKey => DueWhat::LogKey,
        Due::Epoch(bundle) => DueWhat::BundleKey {
            bundle: team.bundle(bundle).map(|bundle| bundle.name().to_owned()),
        },
    };
    DueView {
        what,
        by: duty.by.iter().map(|by| team.member_name(by)).collect(),
    }
}

impl fmt::Display for DueView {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            DueWhat::Token { service, device } => {
                return write!(
                    out,
                    "service {service} needs a new token: its old one believes {device}, which does not stand any more, until it expires"
                );
            }
            DueWhat::MemberKey => write!(out, "a member's key"),
            DueWhat::LogKey => write!(out, "the team's log key"),
            DueWhat::BundleKey { bundle: None } => write!(out, "a bundle's key"),
            DueWhat::BundleKey { bundle: Some(name) } => write!(out, "the key of {name}"),
        }?;
        match self.by.as_slice() {
            [] => write!(out, " is to be rotated, and nobody can"),
            by => write!(out, " is to be rotated, by {}", by.join(" or ")),
        }
    }
}
