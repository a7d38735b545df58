//! Who has what.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use team::ids::MemberId;
use team::rules::Role;
use ts_rs::TS;

use super::found::role_word;
use super::members::named;
use super::{ExposedView, exposed};
use crate::Fault;
use crate::bundles::{self, BundleAt};
use crate::names::BundleName;
use crate::open::Open;
use crate::requests::UseCase;
use crate::session::Session;

/// Who has a bundle.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct AccessWho {
    /// `[TEAM/]PROJECT/ENV`; all bundles when absent.
    pub bundle: Option<String>,
    /// Which team, without a bundle.
    pub team: Option<String>,
}

/// Every version of a secret that a member's keys could open.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct AccessWhat {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Name, or the beginning of the id.
    pub member: String,
}

/// One member's access to one bundle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AccessView {
    /// The bundle.
    pub bundle: String,
    /// The member.
    pub member: String,
    /// The member's id, hex.
    pub member_id: String,
    /// Their role.
    pub role: String,
    /// Whether they may read it now. A former holder keeps keys of earlier epochs.
    pub now: bool,
    /// Whether they may write it now.
    pub writes: bool,
    /// How many of its keys they were ever given.
    pub keys: u64,
}

impl UseCase for AccessWho {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<AccessView>, Fault> {
        let (open, _) = session.opened()?;
        let wanted = match &self.bundle {
            Some(name) => vec![bundles::find_any(&open.teams, &BundleName::parse(name)?)?],
            None => {
                let team = open.teams.meant(self.team.as_deref())?;
                let bundles = team.ledger.state().bundles().keys();
                bundles
                    .map(|id| BundleAt {
                        team: team.id,
                        id: *id,
                    })
                    .collect()
            }
        };
        let mut views = Vec::new();
        for at in wanted {
            let team = &open.teams[&at.team];
            let members: Vec<MemberId> = team.ledger.state().members().keys().copied().collect();
            views.extend(members.iter().filter_map(|member| view(open, &at, member)));
        }
        Ok(views)
    }
}

impl UseCase for AccessWhat {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<ExposedView>, Fault> {
        let (open, _) = session.opened()?;
        let team = open.teams.meant(self.team.as_deref())?;
        let (id, member) = (team.id, named(team, &self.member)?);
        exposed::of_member(open, &id, &member).await
    }
}

/// A member's access to a bundle; none for who neither has it nor ever had one of its keys.
fn view(open: &Open, at: &BundleAt, member: &MemberId) -> Option<AccessView> {
    let team = &open.teams[&at.team];
    let bundle = team.bundle(&at.id)?;
    let now = team.ledger.has_access(member, bundle);
    let keys: BTreeSet<_> = team.ledger.keys_of(member);
    let keys = keys.iter().filter(|(of, _)| *of == at.id).count() as u64;
    let role = team.ledger.role(member);
    (now || keys > 0).then(|| AccessView {
        bundle: bundles::full_name(&open.teams, at),
        member: team.member_name(member),
        member_id: member.to_string(),
        role: role_word(role).to_owned(),
        now,
        writes: now && role >= Role::Writer,
        keys,
    })
}
