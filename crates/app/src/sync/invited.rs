//! For whom invitations were made: kept in the vault that made them, so that nobody who holds one for
//! themselves comes in under another's name unnoticed.

use std::collections::BTreeMap;

use team::ids::{OpId, TeamId};
use vault::Evidence;

use super::findings::KeptRecord;
use crate::Fault;
use crate::open::Open;
use crate::records::{decode, encode};

/// The row that says for whom an invitation is.
pub(crate) fn invited_row(team: &TeamId, invitation: &OpId, name: &str) -> Evidence {
    let record = KeptRecord::Invited {
        invitation: invitation.to_string(),
        name: name.to_owned(),
    };
    Evidence::new(*team, encode(&record))
}

/// Names of those for whom invitations were made here, by invitation.
pub(crate) async fn invited(
    open: &mut Open,
    team: &TeamId,
) -> Result<BTreeMap<OpId, String>, Fault> {
    let mut invited = BTreeMap::new();
    for row in open.vault.evidence(team).await? {
        if let KeptRecord::Invited { invitation, name } = decode(&row.payload)?
            && let Some(id) = hex::decode(invitation)
                .ok()
                .and_then(|id| OpId::from_slice(&id))
        {
            invited.insert(id, name);
        }
    }
    Ok(invited)
}
