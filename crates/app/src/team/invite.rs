//! Somebody is invited, their request is looked at, and they are let in.

use formats::confusable::read_alike;
use serde::{Deserialize, Serialize};
use team::ids::{MemberId, TeamId};
use team::ledger::{Approval, ApproveError};
use team::rules::Role;
use team::words;
use ts_rs::TS;

use super::MemberView;
use super::members::{audit, role, view};
use crate::Plaintext;
use crate::chosen::{Candidate, check_no_id, choose};
use crate::clock::now;
use crate::names::check_name;
use crate::open::{Open, Team, not_allowed};
use crate::requests::UseCase;
use crate::session::Session;
use crate::sync::{Kept, invited, invited_row, requests, write};
use crate::{Code, Fault};

/// Invites somebody. The answer's text is sent to them by a way that both trust.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Invite {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// `reader`, `writer`, `admin` or `owner`.
    pub role: String,
    /// For whom, for the audit and `requests`.
    pub name: Option<String>,
    /// Days for which it is good; 7 when absent.
    pub days: Option<u32>,
}

/// An invitation.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Invited {
    /// The text to send. A secret until it is used.
    pub text: Plaintext,
    /// The team.
    pub team: String,
    /// The role.
    pub role: String,
    /// Unix seconds.
    pub expires: u64,
    /// Where the newcomer will look.
    pub remote: String,
}

/// Lists requests to join, of all teams in which this member may approve.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct ListRequests {
    /// Which team; all when absent.
    pub team: Option<String>,
}

/// A request to join.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RequestView {
    /// Its id, hex.
    pub id: String,
    /// The team.
    pub team: String,
    /// How the newcomer wants to be called. Anybody can claim any name: compare the words.
    pub name: String,
    /// What they call their device.
    pub device_name: String,
    /// The role that the invitation is for.
    pub role: String,
    /// Who invited.
    pub invited_by: String,
    /// Unix seconds at which the invitation ends.
    pub expires: u64,
    /// The safety words that the newcomer must read.
    pub words: String,
    /// Whether the words have to be compared before approving.
    pub must_compare: bool,
    /// A member whose other name a person can't tell from this one, with the beginning of the id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub looks_like: Option<String>,
    /// For whom the invitation was, where it was made in this vault and for somebody by name.
    pub invited: Option<String>,
}

/// Lets somebody in.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Approve {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// The request's name, or the beginning of its id.
    pub request: String,
    /// The words as the newcomer read them; compared here. Absent: not compared, which makes an
    /// unverified member, and is refused where comparing is required.
    pub words: Option<String>,
}

/// Days for which an invitation is good when nothing else is asked.
const DAYS: u32 = 7;

impl UseCase for Invite {
    async fn carry_out(self, session: &mut Session) -> Result<Invited, Fault> {
        let role = role(&self.role)?;
        if let Some(name) = &self.name {
            check_name(name)?;
            check_no_id(name)?;
        }
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let days = u64::from(self.days.unwrap_or(DAYS).clamp(1, 365));
        let expires = now() + days * 24 * 60 * 60;
        let (id, op) = open
            .write(async |open, changes| {
                let team = open.teams.meant(self.team.as_deref())?;
                let id = team.id;
                must_have_remote(team)?;
                if team.role() < Role::Admin || Role::from(role) > team.role() {
                    return Err(not_allowed().into());
                }
                let alike = self.name.as_deref().and_then(|name| reads_like(team, name));
                if let Some(other) = alike {
                    return Err(Fault::new(
                        Code::Conflict,
                        "There is a member whose name reads like this one.",
                    )
                    .about(self.name.clone().unwrap_or_default())
                    .next(format!("Take a name that nobody confuses with {other}."))
                    .into());
                }
                let op = write(&mut open.teams[&id], changes, |team| {
                    team.ledger.invite(&team.keyring, role, expires, now())
                })?;
                if let Some(name) = &self.name {
                    changes.evidence.push(invited_row(&id, &op, name));
                }
                let whom = self.name.as_deref().unwrap_or("somebody");
                let detail = format!("{whom} as {}", self.role);
                audit(open, changes, &caller, &id, "invite", detail);
                Ok((id, op))
            })
            .await?;
        let team = &open.teams[&id];
        let remote = team.remote.as_ref().map(|remote| remote.location.clone());
        let remote = remote.unwrap_or_default();
        let invitation = team.ledger.invitation(&team.keyring, &op, &remote);
        let invitation = invitation.ok_or_else(not_allowed)?;
        Ok(Invited {
            text: invitation.to_text().into(),
            team: open.teams.label(team),
            role: self.role,
            expires,
            remote,
        })
    }
}

/// A member with another name that a person can't tell from this one (threat 38): the name, and the
/// beginning of the id.
fn reads_like(team: &Team, name: &str) -> Option<String> {
    let mut members = team.ledger.state().members().keys();
    let alike = members
        .find(|id| team.ledger.role(id) > Role::None && read_alike(&team.member_name(id), name))?;
    let id = alike.to_string();
    Some(format!("{} (id:{})", team.member_name(alike), &id[..8]))
}

/// The newcomer has to be told where the team's ops are.
fn must_have_remote(team: &Team) -> Result<(), Fault> {
    match team.remote {
        Some(_) => Ok(()),
        None => Err(Fault::new(
            Code::Usage,
            "The team has no remote yet, so nobody could find it.",
        )
        .next("`sealfold remote add git|s3|folder` names one.")),
    }
}

impl UseCase for ListRequests {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<RequestView>, Fault> {
        let (open, _) = session.opened()?;
        let ids = match &self.team {
            Some(name) => vec![open.teams.named(name)?.id],
            None => open.teams.joined().map(|team| team.id).collect(),
        };
        let mut views = Vec::new();
        for id in ids {
            let kept = requests(open, &id).await?;
            let invited = invited(open, &id).await?;
            for one in &kept {
                let name = invited.get(&one.invitation).map(String::as_str);
                views.extend(request_view(open, &id, one, &kept, name));
            }
        }
        Ok(views)
    }
}

/// How many different requests answer the invitation of this one.
fn rivals(one: &Kept, all: &[Kept]) -> usize {
    let same = |other: &&Kept| other.invitation == one.invitation;
    all.iter().filter(same).count()
}

/// Why the words of a newcomer have to be compared, as far as their name says it.
fn doubt(team: &Team, asks: &str, invited: Option<&str>) -> Option<Fault> {
    // Whoever has any invitation can ask as anybody (threat 30).
    let another = || invited.filter(|invited| invited.to_lowercase() != asks.to_lowercase());
    let (sentence, about) = match (reads_like(team, asks), another()) {
        (Some(other), _) => ("The name reads like that of a member", other),
        (None, Some(other)) => ("The invitation was for somebody else", other.to_owned()),
        (None, None) => return None,
    };
    let sentence = format!("{sentence}: the safety words must be compared.");
    let fault = Fault::new(Code::NotAllowed, sentence).about(about);
    Some(fault.next("Have the newcomer read the words to you."))
}

fn request_view(
    open: &Open,
    id: &TeamId,
    one: &Kept,
    all: &[Kept],
    asked_for: Option<&str>,
) -> Option<RequestView> {
    let team = &open.teams[id];
    let invitation = team.ledger.state().invitations().get(&one.invitation)?;
    let role = Role::from(invitation.role);
    let asks = one.request.member();
    Some(RequestView {
        id: one.id.clone(),
        team: open.teams.label(team),
        name: asks.name.clone(),
        device_name: asks.device.name.clone(),
        role: super::found::role_word(role).to_owned(),
        invited_by: team.member_name(&invitation.by),
        expires: invitation.expires,
        words: one.request.words().join(" "),
        must_compare: role >= Role::Admin
            || rivals(one, all) > 1
            || !team.ledger.is_confined(&one.invitation)
            || doubt(team, &asks.name, asked_for).is_some(),
        looks_like: reads_like(team, &asks.name),
        invited: asked_for.map(str::to_owned),
    })
}

impl UseCase for Approve {
    async fn carry_out(self, session: &mut Session) -> Result<MemberView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let (id, member) = open
            .write(async |open, changes| {
                let id = open.teams.meant(self.team.as_deref())?.id;
                let kept = requests(open, &id).await?;
                let one = chosen(&kept, &self.request)?;
                let asks = one.request.member();
                for name in [&asks.name, &asks.device.name] {
                    check_name(name)?;
                    check_no_id(name)?;
                }
                let compared = compare(one, self.words.as_deref())?;
                let invited = invited(open, &id).await?;
                let invited = invited.get(&one.invitation).map(String::as_str);
                let doubt = doubt(&open.teams[&id], &asks.name, invited);
                if let Some(fault) = doubt.filter(|_| !compared) {
                    return Err(fault.into());
                }
                let team = &mut open.teams[&id];
                let approval = Approval {
                    invitation: one.invitation,
                    request: &one.request,
                    requests: rivals(one, &kept),
                    compared,
                };
                let authored = team.ledger.approve(&team.keyring, approval, now());
                let authored = authored.map_err(refusal)?;
                team.apply(changes, &authored, &std::collections::BTreeMap::new())?;
                let member = MemberId::derive(&id, &one.request.member().public);
                let name = one.request.member().name.clone();
                let detail = match compared {
                    true => format!("{name}, words compared"),
                    false => format!("{name}, words not compared"),
                };
                audit(open, changes, &caller, &id, "approve", detail);
                Ok((id, member))
            })
            .await?;
        Ok(view(open, &id, &member))
    }
}

fn chosen<'a>(kept: &'a [Kept], text: &str) -> Result<&'a Kept, Fault> {
    let candidate = |one: &'a Kept| Candidate {
        it: one,
        id: one.id.clone(),
        name: one.request.member().name.clone(),
        first: true,
    };
    let candidates: Vec<_> = kept.iter().map(candidate).collect();
    let nothing = Fault::new(Code::NotFound, "Nobody of this name asks to join.")
        .about(text)
        .next("`sealfold sync` fetches requests; `sealfold requests` shows them.");
    choose(text, &candidates).map_err(|unclear| unclear.fault(text, nothing))
}

/// Whether words were compared.
fn compare(one: &Kept, typed: Option<&str>) -> Result<bool, Fault> {
    match typed {
        None => Ok(false),
        Some(typed) if words::are_equal(one.request.words(), typed) => Ok(true),
        Some(_) => Err(Fault::new(Code::Integrity, "The safety words are not those of this request.")
            .next("Read them to each other once more. If they stay different, somebody else asks in their name: do not approve.")),
    }
}

fn refusal(error: ApproveError) -> Fault {
    match error {
        ApproveError::NoInvitation => Fault::new(Code::NotFound, "There is no such invitation."),
        ApproveError::Expired => Fault::new(Code::NotAllowed, "The invitation has expired.")
            .next("Invite them once more."),
        ApproveError::Used => {
            Fault::new(Code::Conflict, "Somebody has come in by this invitation.")
                .next("Invite them once more.")
        }
        ApproveError::NotCompared => {
            Fault::new(Code::NotAllowed, "The safety words must be compared first.")
                .next("Let them read their words to you, and give them with `--words`.")
        }
        ApproveError::Author(error) => error.into(),
    }
}
