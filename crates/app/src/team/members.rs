//! Members are listed, get other roles, are verified and removed.

use serde::{Deserialize, Serialize};
use team::ids::{MemberId, TeamId};
use team::op::GivenRole;
use team::rules::Role;
use ts_rs::TS;

use super::ExposedView;
use super::exposed;
use super::found::role_word;
use crate::age;
use crate::chosen::{Candidate, choose};
use crate::clock::now;
use crate::names;
use crate::open::{Open, Team, not_allowed};
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::{Caller, Session};
use crate::sync::{rotate_after, write};
use crate::{Code, Fault};

/// Lists members.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct ListMembers {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Former ones too.
    pub former: bool,
}

/// A member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct MemberView {
    /// Member id, hex.
    pub id: String,
    /// The team.
    pub team: String,
    /// Name.
    pub name: String,
    /// Role, `none` for a former member.
    pub role: String,
    /// Whether it is this vault's member.
    pub own: bool,
    /// Whether somebody compared their current key with them.
    pub verified: bool,
    /// Bundles shared with them.
    pub bundles: Vec<String>,
    /// Devices that stand.
    pub devices: u64,
    /// Unix seconds of the last sign of life, by their clock.
    pub last_seen: Option<u64>,
    /// What age files for them are encrypted to, `age1…`: nothing until their devices said it, and
    /// for former members.
    pub age_recipient: Option<String>,
}

/// Changes a member's role.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct SetRole {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Name, or the beginning of the id.
    pub member: String,
    /// `reader`, `writer`, `admin` or `owner`.
    pub role: String,
}

/// Removes a member: new keys are made at once, and what they could read is listed.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct RemoveMember {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Name, or the beginning of the id.
    pub member: String,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// What a removal comes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Removed {
    /// Who was removed.
    pub member: MemberView,
    /// What they could read and is still in use.
    pub exposed: Vec<ExposedView>,
}

/// Says that a member's key was compared with them (their words, or their fingerprint).
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Verify {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Name, or the beginning of the id.
    pub member: String,
    /// The fingerprint as the member read it; absent to be shown it.
    pub words: Option<String>,
}

/// A member's fingerprint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Fingerprint {
    /// Who.
    pub member: String,
    /// Hex digits in groups of four, the same for everyone who has their right key.
    pub words: String,
    /// Whether it counts as compared now.
    pub verified: bool,
}

/// A role as a person writes it.
pub(super) fn role(text: &str) -> Result<GivenRole, Fault> {
    match text {
        "reader" => Ok(GivenRole::Reader),
        "writer" => Ok(GivenRole::Writer),
        "admin" => Ok(GivenRole::Admin),
        "owner" => Ok(GivenRole::Owner),
        _ => Err(Fault::new(Code::Usage, "There is no such role.")
            .about(text)
            .next("Roles: reader, writer, admin, owner.")),
    }
}

/// The member that a person calls so. Members now come before former ones of the same name.
pub(crate) fn named(team: &Team, text: &str) -> Result<MemberId, Fault> {
    let members = team.ledger.state().members();
    let candidate = |id: &MemberId| Candidate {
        it: *id,
        id: id.to_string(),
        name: team.member_name(id),
        first: team.ledger.role(id) > Role::None,
    };
    let candidates: Vec<_> = members.keys().map(candidate).collect();
    let nothing = Fault::new(Code::NotFound, "There is no such member.")
        .about(text)
        .next("`sealfold members` shows them.");
    choose(text, &candidates).map_err(|unclear| unclear.fault(text, nothing))
}

/// A member as faces show them.
pub(super) fn view(open: &Open, id: &TeamId, member: &MemberId) -> MemberView {
    let team = &open.teams[id];
    let state = team.ledger.state();
    let bundles = state.bundles().values();
    let shared = bundles.filter(|bundle| team.ledger.has_access(member, bundle));
    let devices = state.devices().iter();
    let own = devices.filter(|(_, device)| device.member == *member);
    let standing: Vec<_> = own
        .filter(|(id, device)| !device.recovery && team.ledger.device_stands(id))
        .collect();
    let beats = standing
        .iter()
        .filter_map(|(id, _)| state.heartbeats().get(id));
    MemberView {
        id: member.to_string(),
        team: open.teams.label(team),
        name: team.member_name(member),
        role: role_word(team.ledger.role(member)).to_owned(),
        own: *member == team.member,
        verified: *member == team.member
            || state
                .members()
                .get(member)
                .is_some_and(|of| of.is_verified()),
        bundles: shared
            .map(|bundle| names::join(&bundle.project, &bundle.environment))
            .collect(),
        devices: standing.len() as u64,
        last_seen: beats.map(|beat| beat.time).max(),
        age_recipient: age::of_member(team, member).map(|key| key.to_string()),
    }
}

/// Adds an audit row about a member to a commit.
pub(super) fn audit(
    open: &Open,
    changes: &mut vault::Changes,
    caller: &Caller,
    id: &TeamId,
    operation: &str,
    detail: String,
) {
    let entry = AuditEntry {
        operation: operation.to_owned(),
        team: Some(open.teams.label(&open.teams[id])),
        detail: Some(detail),
        ..AuditEntry::default()
    };
    changes.audit.push(open.stamp(caller, entry).encode());
}

impl UseCase for ListMembers {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<MemberView>, Fault> {
        let (open, _) = session.opened()?;
        let team = open.teams.meant(self.team.as_deref())?;
        let shown = team.ledger.state().members().keys();
        let members: Vec<MemberId> = shown
            .copied()
            .filter(|member| self.former || team.ledger.role(member) > Role::None)
            .collect();
        let id = team.id;
        let mut views: Vec<_> = members.iter().map(|it| view(open, &id, it)).collect();
        views.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(views)
    }
}

impl UseCase for SetRole {
    async fn carry_out(self, session: &mut Session) -> Result<MemberView, Fault> {
        let role = role(&self.role)?;
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let (id, member) = open
            .write(async |open, changes| {
                let team = open.teams.meant(self.team.as_deref())?;
                let (id, member) = (team.id, named(team, &self.member)?);
                if team.ledger.role(&member) == Role::from(role) {
                    return Ok((id, member));
                }
                not_oneself(team, &member)?;
                write(&mut open.teams[&id], changes, |team| {
                    team.ledger.set_role(&team.keyring, member, role, now())
                })?;
                let detail = format!("{} is now {}", self.member, self.role);
                audit(open, changes, &caller, &id, "role", detail);
                Ok((id, member))
            })
            .await?;
        rotate_after(open, &id).await;
        Ok(view(open, &id, &member))
    }
}

/// Nobody changes their own role: who leaves asks another.
fn not_oneself(team: &Team, member: &MemberId) -> Result<(), Fault> {
    if *member == team.member {
        return Err(
            not_allowed().next("Nobody changes their own role: ask another owner or admin.")
        );
    }
    Ok(())
}

impl UseCase for RemoveMember {
    async fn carry_out(self, session: &mut Session) -> Result<Removed, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let (id, member) = open
            .write_or_rehearse(self.dry_run, async |open, changes| {
                let team = open.teams.meant(self.team.as_deref())?;
                let (id, member) = (team.id, named(team, &self.member)?);
                not_oneself(team, &member)?;
                if team.ledger.role(&member) == Role::None {
                    return Err(Fault::new(Code::NotFound, "They are no member any more.")
                        .about(&*self.member)
                        .into());
                }
                write(&mut open.teams[&id], changes, |team| {
                    team.ledger.remove_member(&team.keyring, member, now())
                })?;
                audit(open, changes, &caller, &id, "remove", self.member.clone());
                Ok((id, member))
            })
            .await?;
        // New keys at once: until then nobody writes what they had.
        if !self.dry_run {
            rotate_after(open, &id).await;
        }
        let mut exposed = exposed::of_member(open, &id, &member).await?;
        if self.dry_run {
            exposed.iter_mut().for_each(ExposedView::lose);
        }
        exposed.retain(ExposedView::is_due);
        let member = view(open, &id, &member);
        Ok(Removed { member, exposed })
    }
}

impl UseCase for Verify {
    async fn carry_out(self, session: &mut Session) -> Result<Fingerprint, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let team = open.teams.meant(self.team.as_deref())?;
        let (id, member) = (team.id, named(team, &self.member)?);
        let Some(fingerprint) = fingerprint(team, &member) else {
            return Err(Fault::new(Code::NotFound, "They have no key that stands."));
        };
        if let Some(read) = &self.words {
            let hex = |text: &str| -> String {
                let digits = text.chars().filter(|c| !c.is_whitespace());
                digits.flat_map(char::to_lowercase).collect()
            };
            if hex(read) != hex(&fingerprint) {
                return Err(Fault::new(Code::Integrity, "What they read is not the fingerprint of the key that is here.")
                    .next("Read it to each other once more. If it stays so, somebody stands between you: do not share with them."));
            }
            open.write(async |open, changes| {
                write(&mut open.teams[&id], changes, |team| {
                    team.ledger.attest(&team.keyring, member, now())
                })?;
                audit(open, changes, &caller, &id, "verify", self.member.clone());
                Ok(())
            })
            .await?;
        }
        let team = &open.teams[&id];
        let known = team.ledger.state().members().get(&member);
        Ok(Fingerprint {
            member: team.member_name(&member),
            words: fingerprint,
            verified: known.is_some_and(|known| known.is_verified()),
        })
    }
}

/// A hash of team, member and current public key, in groups that can be read aloud (protocol §7).
fn fingerprint(team: &Team, member: &MemberId) -> Option<String> {
    let known = team.ledger.state().members().get(member)?;
    let current = known.current()?;
    let mut bytes = team.id.as_bytes().to_vec();
    bytes.extend_from_slice(member.as_bytes());
    bytes.extend_from_slice(current.public.as_bytes());
    let hash = crypto::hash(crypto::Purpose::RecipientKeyId, &bytes);
    let hex = hex::encode(&hash[..16]);
    let groups: Vec<&str> = (0..8).map(|at| &hex[at * 4..at * 4 + 4]).collect();
    Some(groups.join(" "))
}
