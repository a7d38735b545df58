//! Requests to join: taken from the remote, opened with the secrets of the invitation that they
//! answer, and kept until it is used.

use std::collections::BTreeSet;

use crypto::KeyId;
use serde::{Deserialize, Serialize};
use team::ids::{OpId, TeamId};
use team::join::{Request, invitation_of};
use vault::{Changes, Evidence, Object};

use super::findings::KeptRecord;
use crate::Fault;
use crate::open::{Open, Team};
use crate::records::{decode, encode};

/// Most requests that are kept for one team (threat 13).
const MOST: usize = 500;

/// A request as the vault keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptRequest {
    /// Hash of its bytes, hex.
    pub id: String,
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// A request that this member can open.
pub(crate) struct Kept {
    pub id: String,
    pub invitation: OpId,
    pub request: Request,
}

/// The open invitation with this key.
fn invitation(team: &Team, key: &KeyId) -> Option<OpId> {
    let mut invitations = team.ledger.state().invitations().iter();
    let of_key = |(_, one): &(&OpId, &team::ledger::Invitation)| {
        one.used_by.is_none() && one.public.recipient_key_id() == *key
    };
    invitations.find(of_key).map(|(op, _)| *op)
}

/// A request as it came.
pub(super) struct Came {
    /// Name of the object.
    pub object: String,
    /// Hash of its bytes, hex.
    pub hash: String,
    pub bytes: Vec<u8>,
}

/// Keeps what answers an open invitation, and remembers what was dealt with. A request for an
/// invitation that is not here yet is looked at again. Says how many are new.
pub(super) async fn keep(open: &mut Open, id: &TeamId, came: &[Came]) -> Result<u64, Fault> {
    let known = stored(open, id).await?;
    let team = &open.teams[id];
    let answers = |bytes: &[u8]| {
        let key = invitation_of(bytes)?;
        let op = invitation(team, &key)?;
        let secrets = team.ledger.invitation_secrets(&team.keyring, &op)?;
        Request::open(bytes, (team.id, team.genesis), &secrets).ok()
    };
    let new: Vec<KeptRequest> = came
        .iter()
        .filter(|one| !known.contains(&one.hash) && answers(&one.bytes).is_some())
        .take(MOST.saturating_sub(known.len()))
        .map(|one| KeptRequest {
            id: one.hash.clone(),
            bytes: one.bytes.clone(),
        })
        .collect();
    let invited: BTreeSet<KeyId> = {
        let invitations = team.ledger.state().invitations().values();
        invitations
            .map(|one| one.public.recipient_key_id())
            .collect()
    };
    let dealt_with = came
        .iter()
        .filter(|one| invitation_of(&one.bytes).is_none_or(|key| invited.contains(&key)));
    let objects: Vec<Object> = dealt_with
        .map(|one| Object {
            team: *id,
            name: one.object.clone(),
        })
        .collect();
    if new.is_empty() && objects.is_empty() {
        return Ok(0);
    }
    open.write_unenrolled(async |_, changes: &mut Changes| {
        changes.objects.clone_from(&objects);
        let rows = new.iter().cloned().map(KeptRecord::Request);
        changes.evidence = rows
            .map(|record| Evidence::new(*id, encode(&record)))
            .collect();
        Ok(())
    })
    .await?;
    Ok(new.len() as u64)
}

async fn stored(open: &mut Open, id: &TeamId) -> Result<Vec<String>, Fault> {
    let mut ids = Vec::new();
    for row in open.vault.evidence(id).await? {
        if let KeptRecord::Request(request) = decode(&row.payload)? {
            ids.push(request.id);
        }
    }
    Ok(ids)
}

/// The requests of a team that answer an open invitation, and that this member can open.
pub(crate) async fn requests(open: &mut Open, id: &TeamId) -> Result<Vec<Kept>, Fault> {
    let mut found = Vec::new();
    for row in open.vault.evidence(id).await? {
        let KeptRecord::Request(kept) = decode(&row.payload)? else {
            continue;
        };
        let team = &open.teams[id];
        let opened = invitation_of(&kept.bytes)
            .and_then(|key| invitation(team, &key))
            .and_then(|op| {
                let secrets = team.ledger.invitation_secrets(&team.keyring, &op)?;
                let ids = (team.id, team.genesis);
                let request = Request::open(&kept.bytes, ids, &secrets).ok()?;
                Some((op, request))
            });
        if let Some((invitation, request)) = opened {
            found.push(Kept {
                id: kept.id,
                invitation,
                request,
            });
        }
    }
    found.sort_by(|a, b| (&a.request.member().name, &a.id).cmp(&(&b.request.member().name, &b.id)));
    Ok(found)
}
