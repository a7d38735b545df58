//! Requests to join: taken from the remote, opened with the secrets of the invitation that they
//! answer, and kept until it is used.

use std::collections::{BTreeMap, BTreeSet};

use crypto::KeyId;
use serde::{Deserialize, Serialize};
use team::ids::{OpId, TeamId};
use team::join::{Request, invitation_of};
use vault::{Changes, Evidence, EvidenceId, Object};

use super::findings::KeptRecord;
use crate::Fault;
use crate::clock::now;
use crate::open::{Open, Team};
use crate::records::{decode, encode};

/// Most requests that are kept for one team (threat 13).
const MOST: usize = 500;
/// Most that are kept for one invitation: whoever has one can make as many as they like.
const MOST_OF_ONE: usize = 8;

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
    let now = now();
    let of_key = |(_, one): &(&OpId, &team::ledger::Invitation)| {
        one.used_by.is_none() && one.expires > now && one.public.recipient_key_id() == *key
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

/// Keeps what answers an open invitation, remembers what was dealt with, and lets go of what no
/// invitation waits for any more. A request for an invitation that is not here yet, or for which
/// there was no room, is looked at again. Says how many are new.
pub(super) async fn keep(open: &mut Open, id: &TeamId, came: &[Came]) -> Result<u64, Fault> {
    let mut kept = Stored::load(open, id).await?;
    let team = &open.teams[id];
    let invitations = team.ledger.state().invitations().values();
    let invited: BTreeSet<KeyId> = invitations
        .map(|one| one.public.recipient_key_id())
        .collect();
    let (mut new, mut objects) = (Vec::new(), Vec::new());
    for one in came {
        let key = invitation_of(&one.bytes);
        let answered = key.as_ref().and_then(|key| answers(team, key, &one.bytes));
        let dealt_with = match (key, answered) {
            // Nobody's request, or for an invitation that may still come.
            (key, None) => key.is_none_or(|key| invited.contains(&key)),
            (_, Some(_)) if kept.hashes.contains(&one.hash) => true,
            (_, Some(invitation)) => {
                let has_room = kept.takes(invitation);
                if has_room {
                    new.push(KeptRequest {
                        id: one.hash.clone(),
                        bytes: one.bytes.clone(),
                    });
                }
                has_room
            }
        };
        if dealt_with {
            objects.push(Object {
                team: *id,
                name: one.object.clone(),
            });
        }
    }
    if new.is_empty() && objects.is_empty() && kept.done.is_empty() {
        return Ok(0);
    }
    open.write_unenrolled(async |_, changes: &mut Changes| {
        changes.objects.clone_from(&objects);
        let rows = new.iter().cloned().map(KeptRecord::Request);
        changes.evidence = rows
            .map(|record| Evidence::new(*id, encode(&record)))
            .collect();
        changes.evidence_removed = kept.done.iter().map(|row| (*id, *row)).collect();
        Ok(())
    })
    .await?;
    Ok(new.len() as u64)
}

/// The invitation that a request answers, if it is open and the request holds.
fn answers(team: &Team, key: &KeyId, bytes: &[u8]) -> Option<OpId> {
    let op = invitation(team, key)?;
    let secrets = team.ledger.invitation_secrets(&team.keyring, &op)?;
    Request::open(bytes, (team.id, team.genesis), &secrets).ok()?;
    Some(op)
}

/// What is kept already.
#[derive(Default)]
struct Stored {
    hashes: BTreeSet<String>,
    of_each: BTreeMap<OpId, usize>,
    /// Rows whose invitation was used, or has ended.
    done: Vec<EvidenceId>,
}

impl Stored {
    async fn load(open: &mut Open, id: &TeamId) -> Result<Self, Fault> {
        let rows = open.vault.evidence(id).await?;
        let team = &open.teams[id];
        let mut stored = Self::default();
        for row in rows {
            let KeptRecord::Request(request) = decode(&row.payload)? else {
                continue;
            };
            let open_one = invitation_of(&request.bytes).and_then(|key| invitation(team, &key));
            match open_one {
                Some(op) => *stored.of_each.entry(op).or_default() += 1,
                None => stored.done.push(row.id),
            }
            stored.hashes.insert(request.id);
        }
        Ok(stored)
    }

    /// Whether there is room for one more, which is then counted.
    fn takes(&mut self, invitation: OpId) -> bool {
        let all: usize = self.of_each.values().sum();
        let count = self.of_each.entry(invitation).or_default();
        let has_room = *count < MOST_OF_ONE && all < MOST;
        *count += usize::from(has_room);
        has_room
    }
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
