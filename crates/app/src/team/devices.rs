//! Devices are listed and revoked.

use crypto::{DeviceSecret, RecoveryKey};
use team::ids::{DeviceId, MemberId, TeamId};
use team::ledger::Device;
use team::rules::Role;

use super::members::audit;
use super::{DeviceView, ListDevices, RevokeDevice, Revoked};
use crate::chosen::{Candidate, choose};
use crate::clock::now;
use crate::open::{Open, Team};
use crate::requests::UseCase;
use crate::session::Session;
use crate::sync::{rotate_after, seen_new_devices, write};
use crate::{Code, Fault, vaults};

impl UseCase for ListDevices {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<DeviceView>, Fault> {
        let (open, _) = session.opened()?;
        let id = open.teams.meant(self.team.as_deref())?.id;
        // Whoever lists their devices has seen those that were added.
        seen_new_devices(open, &id).await?;
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
