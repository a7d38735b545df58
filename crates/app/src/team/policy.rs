//! The limits of a team.

use serde::{Deserialize, Serialize};
use team::op::Policy;
use ts_rs::TS;

use super::members::audit;
use crate::Fault;
use crate::clock::now;
use crate::requests::UseCase;
use crate::session::Session;
use crate::sync::write;

/// Shows or sets the limits of a team. Owners set them.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct SetPolicy {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Days without a sign of life after which a device counts as out of touch; 0 for never.
    /// Unchanged when absent.
    pub stale_after_days: Option<u64>,
    /// Whether a bundle may be shared only with members whose keys were compared. Unchanged when
    /// absent.
    pub require_verified: Option<bool>,
}

/// The limits of a team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PolicyView {
    /// The team.
    pub team: String,
    /// 0 for never.
    pub stale_after_days: u64,
    /// As in [`SetPolicy`].
    pub require_verified: bool,
}

const DAY: u64 = 24 * 60 * 60;

impl UseCase for SetPolicy {
    async fn carry_out(self, session: &mut Session) -> Result<PolicyView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let id = open.teams.meant(self.team.as_deref())?.id;
        if self.stale_after_days.is_some() || self.require_verified.is_some() {
            open.write(async |open, changes| {
                let team = &mut open.teams[&id];
                let stands = team.ledger.state().policy();
                let stale_after = self.stale_after_days.map(|days| days.saturating_mul(DAY));
                let policy = Policy {
                    stale_after: stale_after.unwrap_or(stands.stale_after),
                    require_verified: self.require_verified.unwrap_or(stands.require_verified),
                    name: None,
                };
                write(team, changes, |team| {
                    team.ledger.set_policy(&team.keyring, policy, now())
                })?;
                audit(open, changes, &caller, &id, "team policy", String::new());
                Ok(())
            })
            .await?;
        }
        let team = &open.teams[&id];
        let policy = team.ledger.state().policy();
        Ok(PolicyView {
            team: open.teams.label(team),
            stale_after_days: policy.stale_after / DAY,
            require_verified: policy.require_verified,
        })
    }
}
