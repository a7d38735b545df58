//! Where a team's remote is, and how far it was read.

use crypto::SecretVec;
use remotes::Location;
use serde::{Deserialize, Serialize};
use team::ids::{MemberId, TeamId};
use vault::{Changes, Remote as RemoteRow};

use super::{AddRemote, ListRemotes, RemoteView, RemoveRemote, findings, push};
use crate::open::{Open, Team, WriteError};
use crate::records::{AuditEntry, decode, encode};
use crate::requests::UseCase;
use crate::services::Remembered;
use crate::session::{Caller, Session};
use crate::{Code, Fault};

/// What the vault keeps of a team's remote, sealed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct RemoteSettings {
    /// The canonical text of its location. It holds no credentials.
    pub location: String,
    /// Day of the last complete listing, by this device's own clock, in days since 1970: the
    /// cursor of incremental listings.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cursor: Option<u32>,
    /// Day of the last listing of everything.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub full: Option<u32>,
    /// How many objects were known when the covers were last seen to reach far enough.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub gathered: u64,
    /// Unix seconds of the last sync that came to its end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub synced: Option<u64>,
    /// Why the last one did not, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trouble: Option<String>,
    /// Whether this member's recovery note lies there.
    #[serde(default)]
    pub noted: bool,
    /// The newest sheets of the services for which this device signs.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub sheets: Vec<Remembered>,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl RemoteSettings {
    /// A remote that nothing is known of yet but where it is.
    pub fn at(location: impl Into<String>) -> Self {
        Self {
            location: location.into(),
            ..Self::default()
        }
    }

    /// What is known of the newest sheet of a service.
    pub fn sheet_of(&self, service: &MemberId) -> Option<&Remembered> {
        self.sheets.iter().find(|sheet| sheet.service == *service)
    }

    pub fn encode(&self) -> SecretVec {
        encode(self)
    }

    pub fn decode(payload: &SecretVec) -> Result<Self, Fault> {
        decode(payload)
    }
}

impl UseCase for AddRemote {
    async fn carry_out(self, session: &mut Session) -> Result<RemoteView, Fault> {
        let location = self.location.parse::<Location>()?.to_string();
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let team = open.teams.meant(self.team.as_deref())?;
        let id = team.id;
        if team.remote.is_some() {
            return Err(Fault::new(Code::Conflict, "The team has a remote already.")
                .next("`sealfold remote move` takes it to another place."));
        }
        open.may_write()?;
        let remote = session.couriers.connect(&location)?;
        remote.establish().await?;
        let (open, _) = session.opened()?;
        open.write_unenrolled(async |open, changes| {
            set(open, changes, &id, &location).await?;
            audit(open, changes, &caller, "remote add", &id, &location);
            Ok(())
        })
        .await?;
        view(open, &id).await
    }
}

impl UseCase for ListRemotes {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<RemoteView>, Fault> {
        let (open, _) = session.opened()?;
        let with_remote = open.teams.iter().filter(|team| team.remote.is_some());
        let ids: Vec<TeamId> = with_remote.map(|team| team.id).collect();
        let mut views = Vec::new();
        for id in ids {
            views.push(view(open, &id).await?);
        }
        Ok(views)
    }
}

impl UseCase for RemoveRemote {
    async fn carry_out(self, session: &mut Session) -> Result<RemoteView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let team = with_remote(open.teams.meant(self.team.as_deref())?)?;
        let id = team.id;
        let view = view(open, &id).await?;
        open.write_unenrolled(async |open, changes| {
            let waiting = open.vault.outbox(&id).await.map_err(Fault::from)?;
            changes.outbox_removed = waiting.iter().map(|op| (id, op.id)).collect();
            changes.remotes_removed.push(id);
            changes.objects_forgotten.push(id);
            open.teams[&id].remote = None;
            audit(open, changes, &caller, "remote rm", &id, &view.location);
            Ok(())
        })
        .await?;
        Ok(view)
    }
}

pub(super) fn with_remote(team: &Team) -> Result<&Team, Fault> {
    match team.remote {
        Some(_) => Ok(team),
        None => Err(Fault::new(Code::NotFound, "The team has no remote.")
            .next("`sealfold remote add` names one.")),
    }
}

/// Sets a team's remote: nothing is known there, and everything is to be pushed.
async fn set(
    open: &mut Open,
    changes: &mut Changes,
    id: &TeamId,
    location: &str,
) -> Result<(), WriteError> {
    let settings = RemoteSettings::at(location);
    changes.remotes.push(RemoteRow {
        team: *id,
        payload: settings.encode(),
    });
    changes.objects_forgotten.push(*id);
    push::push_everything(open, id, changes).await?;
    open.teams[id].remote = Some(settings);
    Ok(())
}

pub(super) fn audit(
    open: &Open,
    changes: &mut Changes,
    caller: &Caller,
    operation: &str,
    id: &TeamId,
    location: &str,
) {
    let entry = AuditEntry {
        operation: operation.to_owned(),
        team: Some(open.teams.label(&open.teams[id])),
        detail: Some(location.to_owned()),
        ..AuditEntry::default()
    };
    changes.audit.push(open.stamp(caller, entry).encode());
}

pub(super) async fn view(open: &mut Open, id: &TeamId) -> Result<RemoteView, Fault> {
    let to_push = open.vault.outbox(id).await?.len() as u64;
    let findings = findings::kept(open, id).await?.len() as u64;
    let team = &open.teams[id];
    let settings = team.remote.clone().unwrap_or_default();
    let kind = match settings.location.parse::<Location>()? {
        Location::Git(_) => "git",
        Location::S3(_) => "s3",
        Location::Folder(_) => "folder",
    };
    Ok(RemoteView {
        team: open.teams.label(team),
        location: settings.location,
        kind: kind.to_owned(),
        last_sync: settings.synced,
        out: team.is_out(),
        head: hex::encode(&team.ledger.state_hash()[..8]),
        trouble: settings.trouble,
        to_push,
        findings,
        services: Vec::new(),
    })
}
