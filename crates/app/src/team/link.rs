//! Another device of one's own: words are carried both ways between the two.

use crypto::DeviceSecret;
use formats::confusable::read_alike;
use serde::{Deserialize, Serialize};
use team::ids::TeamId;
use team::keyring::Keyring;
use team::ledger::Ledger;
use team::link::{DeviceLink, LinkError};
use team::op::GivenRole;
use ts_rs::TS;
use vault::Remote as RemoteRow;

use super::members::audit;
use super::{DeviceView, devices, hint};
use crate::chosen::check_no_id;
use crate::clock::now;
use crate::names::check_name;
use crate::open::{Open, Team};
use crate::records::{Asked, AuditEntry};
use crate::requests::UseCase;
use crate::session::Session;
use crate::sync::{RemoteSettings, write};
use crate::{Code, Fault, notes};

/// Begins adding another device of one's own: the text is carried to it.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct LinkDevice {
    /// Which team; the only one when absent.
    pub team: Option<String>,
}

/// What the new device needs to know. No secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DeviceLinkView {
    /// The text to carry to the new device.
    pub text: String,
    /// Where the new device will look.
    pub remote: String,
}

/// On the new device, in its own vault: answers a link.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct AnswerLink {
    /// The text from the other device.
    pub link: String,
    /// How this machine is called there; as in this vault when absent.
    pub device_name: Option<String>,
    /// Where the team's remote is from here, if it is not what the link says.
    pub location: Option<String>,
}

/// The new device's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LinkAnswer {
    /// The text to carry back. No secret.
    pub answer: String,
    /// The words to type on the other device.
    pub words: String,
    /// Team id, hex.
    pub team: String,
}

/// On the old device: adds the one that answered. After ten wrong tries the vault locks.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct AddDevice {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// The text from the new device.
    pub answer: String,
    /// The words that it shows.
    pub words: String,
}

/// Wrong words after which the vault locks: ten words are 110 bits, so this is for a person's
/// attention, not against guessing.
const TRIES: u32 = 10;

impl From<LinkError> for Fault {
    fn from(_: LinkError) -> Self {
        Fault::new(
            Code::Usage,
            "This is no whole text of a device for this team.",
        )
        .next("Copy all of it, from the device that shows it.")
    }
}

fn link(open: &Open, team: Option<&str>) -> Result<(TeamId, DeviceLink, String), Fault> {
    let team = open.teams.meant(team)?;
    let remote = team.remote.as_ref().ok_or_else(|| {
        Fault::new(
            Code::Usage,
            "The team has no remote yet, so another device could not find it.",
        )
        .next("`sealfold remote add git|s3|folder` names one.")
    })?;
    let link = team.ledger.device_link(&team.keyring, &remote.location);
    Ok((team.id, link, remote.location.clone()))
}

impl UseCase for LinkDevice {
    async fn carry_out(self, session: &mut Session) -> Result<DeviceLinkView, Fault> {
        let (open, _) = session.opened()?;
        let (_, link, remote) = link(open, self.team.as_deref())?;
        Ok(DeviceLinkView {
            text: link.to_text(),
            remote,
        })
    }
}

impl UseCase for AnswerLink {
    async fn carry_out(self, session: &mut Session) -> Result<LinkAnswer, Fault> {
        let link = DeviceLink::from_text(&self.link)?;
        let location = hint::place(self.location.as_deref(), &link.hint)?;
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        // One whose device was left behind, by a restored backup or a revocation, begins anew.
        let left_behind = open.teams.get(&link.team).is_some_and(|known| {
            (known.genesis, known.member) == (link.genesis, link.member) && !known.is_let_in()
        });
        if open.teams.holds(&link.team) && !left_behind {
            return Err(Fault::new(
                Code::Conflict,
                "This vault is in that team already, or has asked to join.",
            )
            .next("`sealfold team ls` shows it."));
        }
        // Whoever was in before reads the log with the keys that are here; who only asked has none.
        let was_in = left_behind && {
            let asked = open.teams[&link.team].facts.asked.as_ref();
            asked.is_none_or(|asked| asked.answered)
        };
        let home = open.teams.home();
        let name = self
            .device_name
            .unwrap_or_else(|| home.device_name(&home.device));
        let member_name = home.member_name(&home.member);
        check_name(&name)?;
        check_no_id(&name)?;
        open.write(async |open, changes| {
            let linking = link.answer(&name).map_err(Fault::from)?;
            if open.teams.get(&link.team).is_none() {
                let ledger = Ledger::new(link.team, link.genesis);
                let keyring = Keyring::new(link.team, link.member, DeviceSecret::make());
                open.teams.push(Team::new(ledger, keyring));
            }
            let team = &mut open.teams[&link.team];
            let device = linking.keyring.device().to_bytes();
            team.hand_to(DeviceSecret::from_bytes(&device));
            let words = linking.words.join(" ");
            team.facts.asked = Some(Asked {
                at: now(),
                member_name: member_name.clone(),
                invitation: String::new(),
                // What it is allowed to is its member's role.
                role: GivenRole::Reader,
                words: linking
                    .words
                    .iter()
                    .map(|word| (*word).to_owned())
                    .collect(),
                request: Vec::new(),
                // There is nothing to publish: the answer is carried by hand.
                published: true,
                answered: was_in,
            });
            let settings = RemoteSettings::at(&location);
            changes.remotes.push(RemoteRow {
                team: link.team,
                payload: settings.encode(),
            });
            team.remote = Some(settings);
            changes.identities.push(open.teams[&link.team].identity());
            let entry = AuditEntry {
                operation: "device link".to_owned(),
                detail: Some(location.clone()),
                ..AuditEntry::default()
            };
            changes.audit.push(open.stamp(&caller, entry).encode());
            Ok(LinkAnswer {
                answer: linking.answer,
                words,
                team: link.team.to_string(),
            })
        })
        .await
    }
}

/// Counts a wrong try, in the vault: who types them one command at a time has no more of them. The
/// last one locks, and suspends the keychain slot: words that ten times were not those of the device
/// are somebody else's (threat 31).
async fn count_wrong_words(session: &mut Session, id: &TeamId) -> Result<Fault, Fault> {
    let (open, _) = session.opened()?;
    let count = open.write(async |open, changes| {
        let team = &mut open.teams[id];
        team.facts.wrong_words = (team.facts.wrong_words + 1) % TRIES;
        changes.identities.push(team.identity());
        Ok(team.facts.wrong_words)
    });
    let is_last = count.await? == 0;
    let fault = Fault::new(
        Code::Integrity,
        "These are not the words of the device that answered.",
    );
    if !is_last {
        return Ok(fault.next("Read them once more from the new device. If they stay different, somebody else answered."));
    }
    session.lock().await;
    notes::suspend_keychain(&session.home)?;
    Ok(fault.next(format!(
        "They were wrong {TRIES} times, and the vault is locked. Somebody else may have answered: begin anew with `sealfold device link`."
    )))
}

/// Refuses the name of a device that a person can't tell from another of this member's (threat 38).
fn check_readable(team: &Team, name: &str) -> Result<(), Fault> {
    let devices = team.ledger.state().devices().iter();
    let mut own = devices.filter(|(id, device)| {
        device.member == team.member && !device.recovery && team.ledger.device_stands(id)
    });
    match own.find(|(_, device)| read_alike(&device.name, name)) {
        None => Ok(()),
        Some((_, other)) => Err(Fault::new(
            Code::Conflict,
            "You have a device whose name reads like this one.",
        )
        .about(name)
        .next(format!(
            "`sealfold device answer --name` on the new device, with a name that nobody confuses with {}.",
            other.name
        ))),
    }
}

impl UseCase for AddDevice {
    async fn carry_out(self, session: &mut Session) -> Result<DeviceView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let (id, link, _) = link(open, self.team.as_deref())?;
        let linked = link.open_answer(&self.answer)?;
        if !linked.shows(&self.words) {
            return Err(count_wrong_words(session, &id).await?);
        }
        check_name(linked.name())?;
        check_no_id(linked.name())?;
        let (open, _) = session.opened()?;
        check_readable(&open.teams[&id], linked.name())?;
        open.write(async |open, changes| {
            let team = &mut open.teams[&id];
            if std::mem::take(&mut team.facts.wrong_words) > 0 {
                changes.identities.push(team.identity());
            }
            write(&mut open.teams[&id], changes, |team| {
                team.ledger.link_device(&team.keyring, &linked, now())
            })?;
            let detail = linked.name().to_owned();
            audit(open, changes, &caller, &id, "device add", detail);
            Ok(())
        })
        .await?;
        let added = linked.device();
        devices::view(open, &id, &added)
            .ok_or_else(|| Fault::new(Code::NotFound, "There is no such device."))
    }
}
