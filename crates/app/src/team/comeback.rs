//! A former member comes back: a text goes to an admin, and words are compared. Devices that are not
//! named stay out, and nothing that was shared with them is shared by itself again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use team::AuthorError;
use team::ids::DeviceId;
use team::keyring::Learned;
use team::ledger::{Device, Entering, ask_to_return};
use team::op::Returning;
use team::rules::Role;
use team::words;
use ts_rs::TS;

use super::MemberView;
use super::members::{audit, role, view};
use crate::chosen::{Candidate, choose};
use crate::clock::now;
use crate::open::{Team, not_allowed};
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault};

/// Asks to come back into a team that this vault's member was removed from: the text is sent to an
/// admin.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct AskToReturn {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Names, or beginnings of ids, of other devices that return. This one does; the rest stay out.
    pub devices: Vec<String>,
}

/// What a former member asks with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Return {
    /// The team.
    pub team: String,
    /// The text to send. No secret.
    pub text: String,
    /// The words to read to the approver.
    pub words: String,
    /// The devices that return.
    pub devices: Vec<String>,
}

/// Takes a former member back in. Bundles have to be shared with them again.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct TakeBack {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// The text that they sent.
    pub text: String,
    /// `reader`, `writer`, `admin` or `owner`.
    pub role: String,
    /// The words as they read them; absent to take them in unverified, which admins and owners
    /// can't be.
    pub words: Option<String>,
}

impl UseCase for AskToReturn {
    async fn carry_out(self, session: &mut Session) -> Result<Return, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        open.write(async |open, changes| {
            let id = open.teams.meant(self.team.as_deref())?.id;
            let team = &mut open.teams[&id];
            must_be_out(team)?;
            let devices = returning_devices(team, &self.devices)?;
            let names = devices.iter().map(|device| team.device_name(device));
            let names: Vec<String> = names.collect();
            let mut named = devices;
            named.extend(own_recovery_keys(team));
            let (returning, generation, seed) = ask_to_return(&team.ledger, &team.keyring, named);
            let learned: Learned = team.keyring.add_seed(generation, seed);
            changes.keys.extend(team.stored_key(learned));
            let words = returning.words(team.id, team.genesis).join(" ");
            let detail = format!("with {}", names.join(", "));
            audit(open, changes, &caller, &id, "join again", detail);
            Ok(Return {
                team: open.teams.label(&open.teams[&id]),
                text: returning.to_text(),
                words,
                devices: names,
            })
        })
        .await
    }
}

fn must_be_out(team: &Team) -> Result<(), Fault> {
    let known = team.ledger.state().members().contains_key(&team.member);
    match (team.facts.asked.is_some(), known, team.role()) {
        (false, true, Role::None) => Ok(()),
        (false, true, _) => Err(Fault::new(
            Code::Conflict,
            "As far as this vault knows, you are in the team.",
        )
        .next("Run `sealfold sync` first.")),
        _ => Err(Fault::new(Code::NotFound, "You were never in that team.")
            .next("`sealfold join` answers an invitation.")),
    }
}

/// This device, and those of the member's others that are named.
fn returning_devices(team: &Team, wished: &[String]) -> Result<Vec<DeviceId>, Fault> {
    if !team.ledger.state().devices().contains_key(&team.device) {
        // What added it came beside the removal, and is void: nobody could approve its return.
        return Err(Fault::new(
            Code::NotAllowed,
            "The team does not know this device: it was added while you were removed.",
        )
        .next("Ask from a device of yours that the team knows, or for an invitation that you answer in a vault of its own."));
    }
    let all = team.ledger.state().devices().iter();
    let own = all.filter(|(_, device)| device.member == team.member && !device.recovery);
    let candidate = |(id, device): (&DeviceId, &Device)| Candidate {
        it: *id,
        id: id.to_string(),
        name: device.name.clone(),
        first: true,
    };
    let own: Vec<_> = own.map(candidate).collect();
    let mut devices = vec![team.device];
    for wish in wished {
        let nothing = Fault::new(Code::NotFound, "There is no such device of yours.")
            .about(&**wish)
            .next("`sealfold device ls` shows them.");
        let meant = choose(wish, &own).map_err(|unclear| unclear.fault(wish, nothing))?;
        devices.push(meant);
    }
    Ok(devices)
}

/// Without them a lost device could lock its owner out. One that was revoked stays so.
fn own_recovery_keys(team: &Team) -> Vec<DeviceId> {
    let devices = team.ledger.state().devices().iter();
    let own = devices.filter(|(_, device)| device.recovery && device.member == team.member);
    own.map(|(id, _)| *id).collect()
}

impl UseCase for TakeBack {
    async fn carry_out(self, session: &mut Session) -> Result<MemberView, Fault> {
        let role = role(&self.role)?;
        let returning = Returning::from_text(&self.text).map_err(|_| {
            Fault::new(Code::Usage, "This is no whole text of a former member.")
                .next("Ask for the text again, and give all of it.")
        })?;
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let (id, member) = open
            .write(async |open, changes| {
                let team = open.teams.meant(self.team.as_deref())?;
                let (id, member) = (team.id, returning.member);
                let known = team.ledger.state().members().contains_key(&member);
                if !known {
                    return Err(Fault::new(
                        Code::NotFound,
                        "Whoever asks was never in this team.",
                    )
                    .next("`sealfold invite` them; or name another team with `--team`.")
                    .into());
                }
                let compared = match self.words.as_deref() {
                    None if Role::from(role) >= Role::Admin => {
                        return Err(Fault::new(
                            Code::NotAllowed,
                            "The words must be compared first.",
                        )
                        .next("Let them read their words to you, and give them with `--words`.")
                        .into());
                    }
                    None => false,
                    Some(typed) if words::are_equal(&returning.words(id, team.genesis), typed) => {
                        true
                    }
                    Some(_) => {
                        return Err(Fault::new(
                            Code::Integrity,
                            "These are not the words that belong to this text.",
                        )
                        .next("Read them to each other once more. If they stay different, somebody else asks in their name: do not approve.")
                        .into());
                    }
                };
                let entering = Entering {
                    returning: returning.clone(),
                    role,
                    compared,
                };
                let team = &mut open.teams[&id];
                let authored = team.ledger.take_back(&team.keyring, &entering, now());
                let authored = authored.map_err(|error| match error {
                    AuthorError::NotAllowed => not_allowed(),
                    error => error.into(),
                })?;
                team.apply(changes, &authored, &BTreeMap::new())?;
                let name = open.teams[&id].member_name(&member);
                let detail = match compared {
                    true => format!("{name} comes back, words compared"),
                    false => format!("{name} comes back, words not compared"),
                };
                audit(open, changes, &caller, &id, "approve", detail);
                Ok((id, member))
            })
            .await?;
        Ok(view(open, &id, &member))
    }
}
