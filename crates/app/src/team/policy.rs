//! The limits of a team.

use team::op::Policy;

use super::members::audit;
use super::{PolicyView, SetPolicy};
use crate::Fault;
use crate::clock::now;
use crate::requests::UseCase;
use crate::session::Session;
use crate::sync::write;

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
