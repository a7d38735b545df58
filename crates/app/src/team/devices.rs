//! Devices are listed and revoked.

use crypto::{DeviceSecret, RecoveryKey};
use serde::{Deserialize, Serialize};
use team::ids::{DeviceId, MemberId, TeamId};
use team::ledger::Device;
use team::rules::Role;
use ts_rs::TS;

use super::members::audit;
use crate::Plaintext;
use crate::chosen::{Candidate, choose};
use crate::clock::now;
use crate::open::{Open, Team};
use crate::requests::UseCase;
use crate::session::Session;
use crate::sync::{rotate_after, seen_new_devices, write};
use crate::{Code, Fault, vaults};

/// Lists devices.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct ListDevices {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Of all members; else only one's own.
    pub all: bool,
    /// A person looks at them, and so sees those that were added: what was noted of them is settled. A
    /// list that is loaded by itself is seen by nobody.
    pub seen: bool,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DeviceView {
    /// Device id, hex.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub member: String,
    /// Whether it is this one.
    pub this: bool,
    /// Whether it is the recovery key.
    pub recovery: bool,
    /// Whether it stands; revoked ones don't.
    pub stands: bool,
    /// Whether it is one's own and was added before this one: then only the recovery words stop what
    /// it signs without having seen that it is revoked.
    pub earlier: bool,
    /// Unix seconds, by its author's clock.
    pub added: u64,
    /// Unix seconds of its last sign of life, by its own clock.
    pub last_seen: Option<u64>,
}

/// Revokes a device: keys that it had are rotated at once.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct RevokeDevice {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Name, or the beginning of the id.
    pub device: String,
    /// Leave those that it added. Else they are revoked with it: whoever had it may have them.
    pub alone: bool,
    /// The recovery words, to sign with them: an earlier device of one's own outranks this one.
    pub words: Option<Plaintext>,
    /// Revoke an earlier device without them: what it signs without having seen this still counts.
    pub without_words: bool,
}

/// What a revocation comes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Revoked {
    /// The device.
    #[serde(flatten)]
    pub device: DeviceView,
    /// Devices that it had added, and those that they had: revoked too, unless that was not wanted.
    pub added_by_it: Vec<DeviceView>,
}

impl UseCase for ListDevices {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<DeviceView>, Fault> {
        let (open, _) = session.opened()?;
        let id = open.teams.meant(self.team.as_deref())?.id;
        if self.seen {
            seen_new_devices(open, &id).await?;
        }
        let team = &open.teams[&id];
        let devices = team.ledger.state().devices().iter();
        let shown = devices.filter(|(_, device)| self.all || device.member == team.member);
        let ids: Vec<DeviceId> = shown.map(|(id, _)| *id).collect();
        let mut views: Vec<_> = ids.iter().filter_map(|of| view(open, &id, of)).collect();
        views.sort_by(|a, b| (&a.member, a.added, &a.id).cmp(&(&b.member, b.added, &b.id)));
        Ok(views)
    }
}

pub(super) fn view(open: &Open, id: &TeamId, device: &DeviceId) -> Option<DeviceView> {
    let team = &open.teams[id];
    let state = team.ledger.state();
    let known = state.devices().get(device)?;
    Some(DeviceView {
        id: device.to_string(),
        name: known.name.clone(),
        member: team.member_name(&known.member),
        this: *device == team.device,
        recovery: known.recovery,
        stands: team.ledger.device_stands(device),
        earlier: known.member == team.member
            && !known.recovery
            && team.ledger.is_earlier_device(device, &team.device),
        added: known.added,
        last_seen: state.heartbeats().get(device).map(|beat| beat.time),
    })
}

/// The device that a person calls so, among those that stand.
pub(crate) fn named_device(team: &Team, text: &str) -> Result<DeviceId, Fault> {
    let devices = team.ledger.state().devices().iter();
    let standing = devices.filter(|(id, device)| !device.recovery && team.ledger.device_stands(id));
    let candidate = |(id, device): (&DeviceId, &Device)| Candidate {
        it: *id,
        id: id.to_string(),
        name: device.name.clone(),
        first: true,
    };
    let candidates: Vec<_> = standing.map(candidate).collect();
    let nothing = Fault::new(Code::NotFound, "There is no such device.")
        .about(text)
        .next("`sealfold device ls --all` shows them.");
    choose(text, &candidates).map_err(|unclear| unclear.fault(text, nothing))
}

/// What signs when the recovery words are given: it outranks every other device of its member.
fn by_paper(team: &Team, owner: MemberId, paper: &RecoveryKey) -> Result<DeviceSecret, Fault> {
    if owner != team.member {
        return Err(Fault::new(
            Code::Usage,
            "Recovery words revoke devices of their own member only.",
        )
        .next("Leave them out: your role decides."));
    }
    let signer = vaults::recovery_of(team, paper)?.device();
    match team.ledger.device_stands(&DeviceId::of(&signer.public())) {
        true => Ok(signer),
        false => Err(Fault::new(
            Code::WrongKey,
            "These recovery words are not those of this member.",
        )
        .next("Use those of the vault in which the member joined or founded the team.")),
    }
}

fn needs_words() -> Fault {
    Fault::new(
        Code::NotAllowed,
        "This device is earlier than the one that you are at, and outranks it: what it signs without having seen that it is revoked would still count.",
    )
    .next("Give the recovery words with `--words-file FILE`, which outrank it; `--without-words` revokes it all the same.")
}

impl UseCase for RevokeDevice {
    async fn carry_out(self, session: &mut Session) -> Result<Revoked, Fault> {
        let paper = match &self.words {
            Some(words) => Some(vaults::recovery_key(words)?),
            None => None,
        };
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let (id, device, added) = open
            .write(async |open, changes| {
                let team = open.teams.meant(self.team.as_deref())?;
                let (id, device) = (team.id, named_device(team, &self.device)?);
                if device == team.device {
                    return Err(Fault::new(
                        Code::NotAllowed,
                        "This is the device that you are at.",
                    )
                    .next("Revoke it from another one, or with the recovery words.")
                    .into());
                }
                let owner = team.ledger.state().devices()[&device].member;
                if owner != team.member && team.role() < Role::Admin {
                    return Err(crate::open::not_allowed().into());
                }
                let recovery = match &paper {
                    Some(paper) => Some(by_paper(team, owner, paper)?),
                    None => None,
                };
                let outranks =
                    owner == team.member && team.ledger.is_earlier_device(&device, &team.device);
                if outranks && recovery.is_none() && !self.without_words {
                    return Err(needs_words().into());
                }
                // This device may have been added by the one that is lost: it goes on.
                let mut added = team.ledger.added_with(&device);
                added.retain(|other| *other != team.device);
                let mut revoked = vec![device];
                if !self.alone {
                    revoked.extend(&added);
                }
                for device in revoked {
                    write(&mut open.teams[&id], changes, |team| {
                        let signer = recovery.as_ref().unwrap_or(team.keyring.device());
                        let of = (owner, device);
                        team.ledger
                            .revoke_device_of(&team.keyring, signer, of, now())
                    })?;
                }
                let detail = self.device.clone();
                audit(open, changes, &caller, &id, "device revoke", detail);
                Ok((id, device, added))
            })
            .await?;
        rotate_after(open, &id).await;
        let missing = || Fault::new(Code::NotFound, "There is no such device.");
        Ok(Revoked {
            device: view(open, &id, &device).ok_or_else(missing)?,
            added_by_it: added.iter().filter_map(|it| view(open, &id, it)).collect(),
        })
    }
}
