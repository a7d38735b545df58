//! Recovery notes on a remote that no vault knows yet.

use crypto::RecoveryKey;
use remotes::Location;
use team::ids::TeamId;
use team::recovery_note::RecoveryNote;

use super::{fetch, names};
use crate::Fault;
use crate::session::Session;

/// A note that the paper opens.
pub(crate) struct Found {
    pub team: TeamId,
    pub note: RecoveryNote,
    /// As it lies there.
    pub bytes: Vec<u8>,
}

/// The notes of one team, or of all that lie at a location, which this recovery key opens.
pub(crate) async fn find_notes(
    session: &mut Session,
    location: &Location,
    team: Option<&TeamId>,
    paper: &RecoveryKey,
) -> Result<Vec<Found>, Fault> {
    let remote = session.couriers.connect(&location.to_string())?;
    let shown = fetch::list(&remote, &names::notes(team), None).await?;
    let named = |name: &remotes::ObjectName| names::read_note(name.as_str()).is_some();
    let mut wanted: Vec<_> = shown.names.into_iter().filter(named).collect();
    let mut found = Vec::new();
    while !wanted.is_empty() {
        let round = fetch::get(&remote, &wanted).await?;
        wanted.drain(..round.len());
        for (name, bytes) in round {
            let (Some((team, hash)), Some(bytes)) = (names::read_note(name.as_str()), bytes) else {
                continue;
            };
            if names::hash_of(&bytes) != hash {
                continue;
            }
            if let Some(note) = RecoveryNote::open(&bytes, &team, paper) {
                found.push(Found { team, note, bytes });
            }
        }
    }
    Ok(found)
}
