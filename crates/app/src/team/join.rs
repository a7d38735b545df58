//! An invitation is answered: keys for the new team are made, and the request goes to its remote.

use crypto::RecoveryKey;
use serde::{Deserialize, Serialize};
use team::invitation::Invitation;
use team::join::ask_to_join;
use team::keyring::Learned;
use team::ledger::Ledger;
use team::rules::Role;
use ts_rs::TS;
use vault::Remote as RemoteRow;

use super::found::role_word;
use super::hint;
use crate::Plaintext;
use crate::chosen::check_no_id;
use crate::clock::now;
use crate::names::check_name;
use crate::open::{Open, Team};
use crate::records::{Asked, AuditEntry};
use crate::requests::UseCase;
use crate::session::Session;
use crate::sync::{RemoteSettings, sync_team};
use crate::{Code, Fault, vaults};

/// Answers an invitation.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Join {
    /// The text that was sent.
    pub invitation: Plaintext,
    /// How to be called in the team; this vault's own member name when absent.
    pub name: Option<String>,
    /// How this machine is called there; as in this vault when absent.
    pub device_name: Option<String>,
    /// Where the team's remote is from here, if it is not what the invitation says (a folder under
    /// another path).
    pub location: Option<String>,
    /// The recovery words of this vault, if they are to be the team's too, so that they open an
    /// empty machine. Without them the team gets a recovery key of its own, sealed in this vault to
    /// those words.
    pub recovery_words: Option<Plaintext>,
}

/// Joining was asked for.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Joining {
    /// Team id, hex.
    pub team: String,
    /// The role that the invitation is for.
    pub role: String,
    /// What to read to the approver, ten words.
    pub words: String,
    /// Device that invites, hex: its fingerprint.
    pub inviter: String,
    /// Where the request went.
    pub remote: String,
    /// Why it is not there yet, if it isn't; the next sync tries again.
    pub failure: Option<crate::Fault>,
}

impl UseCase for Join {
    async fn carry_out(self, session: &mut Session) -> Result<Joining, Fault> {
        // EXPOSE: the code in it goes into its own type at once.
        let text = self.invitation.expose_text().unwrap_or_default();
        let invitation = Invitation::from_text(text).map_err(|_| {
            Fault::new(Code::Usage, "This is no whole invitation.")
                .next("Ask for the text again, and give all of it.")
        })?;
        if invitation.expires < now() {
            return Err(Fault::new(Code::NotAllowed, "The invitation has expired.")
                .next("Ask for another one."));
        }
        let location = hint::place(self.location.as_deref(), &invitation.hint)?;
        let paper = match &self.recovery_words {
            Some(words) => Some(vaults::recovery_key(words)?),
            None => None,
        };
        if let Some(words) = self.recovery_words {
            vaults::verify_recovery(session, words).await?;
        }
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        if open.teams.holds(&invitation.team) {
            return Err(Fault::new(
                Code::Conflict,
                "This vault is in that team already, or has asked to join.",
            )
            .next("`sealfold team ls` shows it; `sealfold sync` goes on."));
        }
        let (own_name, own_device) = {
            let home = open.teams.home();
            (
                home.member_name(&home.member),
                home.device_name(&home.device),
            )
        };
        let name = self.name.unwrap_or(own_name);
        let device_name = self.device_name.unwrap_or(own_device);
        check_name(&name)?;
        check_name(&device_name)?;
        check_no_id(&name)?;
        check_no_id(&device_name)?;
        let id = invitation.team;
        open.write(async |open, changes| {
            let team = ask(
                open,
                &invitation,
                paper.as_ref(),
                (&name, &device_name),
                &location,
            )?;
            let seeds = team
                .keyring
                .seeds()
                .map(|(seed, generation)| Learned::Seed(seed, generation));
            changes.keys = seeds.filter_map(|seed| team.stored_key(seed)).collect();
            let settings = team.remote.clone().unwrap_or_default();
            changes.remotes.push(RemoteRow {
                team: id,
                payload: settings.encode(),
            });
            open.teams.push(team);
            changes.identities.push(open.teams[&id].identity());
            let entry = AuditEntry {
                operation: "join".to_owned(),
                detail: Some(format!("asked as {name} at {location}")),
                ..AuditEntry::default()
            };
            changes.audit.push(open.stamp(&caller, entry).encode());
            Ok(())
        })
        .await?;
        let report = sync_team(session, &id, false).await?;
        let (open, _) = session.opened()?;
        let asked = open.teams[&id].facts.asked.as_ref();
        let words = asked.map(|asked| asked.words.join(" "));
        let published = asked.is_none_or(|asked| asked.published);
        Ok(Joining {
            team: id.to_string(),
            role: role_word(Role::from(invitation.role)).to_owned(),
            words: words.unwrap_or_default(),
            inviter: invitation.inviter.to_string(),
            remote: location,
            failure: report.failure.filter(|_| !published),
        })
    }
}

/// This vault's place in the team to be: keys, the request, and where it goes.
fn ask(
    open: &Open,
    invitation: &Invitation,
    paper: Option<&RecoveryKey>,
    (name, device_name): (&str, &str),
    location: &str,
) -> Result<Team, Fault> {
    let own = RecoveryKey::make();
    let joining = ask_to_join(invitation, paper.unwrap_or(&own), name, device_name)?;
    let ledger = Ledger::new(invitation.team, invitation.genesis);
    let mut team = Team::new(ledger, joining.keyring);
    team.facts.note = Some(match paper {
        Some(paper) => vaults::make_note(&team, &paper.device().exchange.public(), None)?,
        None => vaults::make_note(&team, &vaults::paper_of(open)?, Some(own))?,
    });
    team.facts.asked = Some(Asked {
        at: now(),
        member_name: name.to_owned(),
        invitation: invitation.public.recipient_key_id().to_string(),
        role: invitation.role,
        words: joining
            .words
            .iter()
            .map(|word| (*word).to_owned())
            .collect(),
        request: joining.request,
        published: false,
        answered: false,
    });
    team.remote = Some(RemoteSettings::at(location));
    Ok(team)
}
