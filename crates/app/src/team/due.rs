//! What is due in a team, and who can do it.

use std::fmt;

use serde::{Deserialize, Serialize};
use team::ledger::{Due, Duty};
use ts_rs::TS;

use crate::open::Team;
use crate::services;

/// Something that is due. A face says it in its own words; the terminal's are its `Display`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum DueView {
    /// A member's key is to be rotated, which a sync of theirs does.
    MemberKey {
        /// Names of those whose sync can do it; nobody's can when empty.
        by: Vec<String>,
    },
    /// The team's log key is to be rotated.
    LogKey {
        /// As above.
        by: Vec<String>,
    },
    /// The key of a bundle is to be rotated.
    BundleKey {
        /// Its name; absent where it was never told.
        bundle: Option<String>,
        /// As above.
        by: Vec<String>,
    },
    /// A service needs a new token: its present one trusts a device that does not stand any more.
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
    let by = duty.by.iter().map(|by| team.member_name(by)).collect();
    match &duty.due {
        Due::MemberKey => DueView::MemberKey { by },
        Due::LogKey => DueView::LogKey { by },
        Due::Epoch(bundle) => DueView::BundleKey {
            bundle: team.bundle(bundle).map(|bundle| bundle.name().to_owned()),
            by,
        },
    }
}

impl fmt::Display for DueView {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = match self {
            Self::Token { service, device } => {
                return write!(
                    out,
                    "service {service} needs a new token: its old one believes {device}, which does not stand any more, until it expires"
                );
            }
            Self::MemberKey { by } => {
                write!(out, "a member's key")?;
                by
            }
            Self::LogKey { by } => {
                write!(out, "the team's log key")?;
                by
            }
            Self::BundleKey { bundle, by } => {
                match bundle {
                    Some(name) => write!(out, "the key of {name}"),
                    None => write!(out, "a bundle's key"),
                }?;
                by
            }
        };
        match by.as_slice() {
            [] => write!(out, " is to be rotated, and nobody can"),
            by => write!(out, " is to be rotated, by {}", by.join(" or ")),
        }
    }
}
