//! Teams are founded and listed.

use crypto::RecoveryKey;
use serde::{Deserialize, Serialize};
use team::ids::TeamId;
use team::ledger::found_team;
use team::op::Policy;
use team::rules::Role;
use ts_rs::TS;

use crate::chosen::check_no_id;
use crate::clock::now;
use crate::names::check_name;
use crate::open::{Open, Team};
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::sync::write;
use crate::{Code, Fault, bundles, vaults};

use super::due::{self, DueView};

/// Makes a team. A personal vault that is still alone becomes it, without being made anew; else it
/// is founded beside the others.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct NewTeam {
    /// Its name.
    pub name: String,
    /// Found another one although the personal vault could become it.
    pub separate: bool,
}

/// Lists the teams of this vault.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct ListTeams {}

/// A team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TeamView {
    /// Team id, hex.
    pub id: String,
    /// Genesis op id, hex: to be kept with the recovery words.
    pub genesis: String,
    /// What it is called; `personal` for a vault of one person.
    pub name: String,
    /// This vault's member id there, hex: to be kept with the recovery words.
    pub member: String,
    /// What they are called.
    pub member_name: String,
    /// `owner`, `admin`, `writer`, `reader`, or `none` for who was removed or is not let in yet.
    pub role: String,
    /// Members now.
    pub members: u64,
    /// Bundles shared with this member.
    pub bundles: u64,
    /// Where it syncs, if anywhere.
    pub remote: Option<String>,
    /// Set while joining is to be approved: the safety words to read to the approver.
    pub asked: Option<String>,
    /// What is due: key rotations, and tokens of services.
    pub due: Vec<DueView>,
}

impl UseCase for NewTeam {
    async fn carry_out(self, session: &mut Session) -> Result<TeamView, Fault> {
        check_name(&self.name)?;
        check_no_id(&self.name)?;
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        if open.teams.named(&self.name).is_ok() {
            return Err(
                Fault::new(Code::Conflict, "There is a team of this name already.")
                    .about(&*self.name)
                    .next("`sealfold team ls` shows the teams of this vault."),
            );
        }
        let id = open
            .write(async |open, changes| {
                let home = open.teams.home();
                let id = if home.is_personal() && !self.separate {
                    let (id, policy) = (home.id, home.ledger.state().policy().clone());
                    let named = Policy {
                        name: Some(self.name.clone()),
                        ..policy
                    };
                    write(&mut open.teams[&id], changes, |team| {
                        team.ledger.set_policy(&team.keyring, named, now())
                    })?;
                    id
                } else {
                    let (team, founded) = found(open, &self.name)?;
                    changes.ops.extend(founded.ops);
                    changes.keys.extend(founded.keys);
                    changes.frontier.extend(founded.frontier);
                    let id = team.id;
                    open.teams.push(team);
                    changes.identities.push(open.teams[&id].identity());
                    id
                };
                let entry = AuditEntry {
                    operation: "team new".to_owned(),
                    team: Some(self.name.clone()),
                    ..AuditEntry::default()
                };
                changes.audit.push(open.stamp(&caller, entry).encode());
                Ok(id)
            })
            .await?;
        Ok(view(open, &id))
    }
}

/// Another team beside those of the vault, under this vault's own names.
fn found(open: &Open, name: &str) -> Result<(Team, vault::Changes), Fault> {
    let home = open.teams.home();
    let (member, device) = (
        home.member_name(&home.member),
        home.device_name(&home.device),
    );
    let recovery = RecoveryKey::make();
    let founding = found_team(&recovery, name, &member, &device, now())?;
    let (mut team, changes) = vaults::first_changes(founding)?;
    team.facts.note = Some(vaults::make_note(
        &team,
        &vaults::paper_of(open)?,
        Some(recovery),
    )?);
    Ok((team, changes))
}

impl UseCase for ListTeams {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<TeamView>, Fault> {
        let (open, _) = session.opened()?;
        let ids = open.teams.ids();
        Ok(ids.iter().map(|id| view(open, id)).collect())
    }
}

pub(super) fn view(open: &Open, id: &TeamId) -> TeamView {
    let team = &open.teams[id];
    let shared = bundles::usable(&open.teams);
    let asked = team.facts.asked.as_ref();
    let own_name = match asked {
        Some(asked) => asked.member_name.clone(),
        None => team.member_name(&team.member),
    };
    TeamView {
        id: team.id.to_string(),
        genesis: team.genesis.to_string(),
        name: open.teams.label(team),
        member: team.member.to_string(),
        member_name: own_name,
        role: role_word(team.role()).to_owned(),
        members: team.members().count() as u64,
        bundles: shared.iter().filter(|at| at.team == *id).count() as u64,
        remote: team.remote.as_ref().map(|remote| remote.location.clone()),
        asked: asked.map(|asked| asked.words.join(" ")),
        due: due::of(team),
    }
}

pub(crate) const fn role_word(role: Role) -> &'static str {
    match role {
        Role::None => "none",
        Role::Reader => "reader",
        Role::Writer => "writer",
        Role::Admin => "admin",
        Role::Owner => "owner",
    }
}
