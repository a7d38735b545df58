//! The newest sheet from the remote: what lies in the service's folder, then the sheets of the
//! highest count. On every kind of remote that is at most three requests, however long the log.

use remotes::{Environment, Fetched, Location, ObjectName, Peek, RemoteError, Surroundings};
use team::caps::PACK_BYTES;
use team::jobs::{Token, is_sheet_for};

use crate::services::{by_count, folder, hash_of};
use crate::{Code, Fault};

/// Most bytes of one sheet, its envelope included.
const SHEET: u64 = PACK_BYTES as u64 + 4096;
/// Most objects that are looked at: anybody who can push may put others before the sheets
/// (threat 13).
const MOST: usize = 256;

/// The sheets of the highest count of which one is for this token, each with the count of its name.
/// What is none is passed over, and so is the next lower count looked at.
pub(super) async fn newest(token: &Token, location: &str) -> Result<Vec<(u64, Vec<u8>)>, Fault> {
    let location = location.parse::<Location>()?;
    // What git fetches lies here; it goes with this value, before any program is started.
    let cache = tempfile::Builder::new()
        .prefix("sealfold-job-")
        .tempdir()
        .map_err(no_place)?;
    let surroundings = Surroundings {
        cache: cache.path().to_owned(),
        // The CI's own set-up for git or AWS is in it; our variables go to no other program.
        environment: std::env::vars_os().collect::<Environment>(),
    };
    let peek = Peek::connect(&location, &surroundings).map_err(unreachable)?;
    let found = look(&peek, token).await;
    cache.close().map_err(no_place)?;
    found
}

pub(super) async fn look(peek: &Peek, token: &Token) -> Result<Vec<(u64, Vec<u8>)>, Fault> {
    let folder = folder(&token.team, &token.service());
    let (mut after, mut looked_at) = (None, 0);
    loop {
        let page = peek.first(&folder, after.as_deref()).await;
        let page = page.map_err(unreachable)?;
        let listed = page.objects.iter().map(|listed| &listed.name);
        for (count, sheets) in by_count(&folder, listed) {
            looked_at += sheets.len();
            if looked_at > MOST {
                return Ok(Vec::new());
            }
            let names: Vec<ObjectName> = sheets.iter().map(|(name, _)| name.clone()).collect();
            let fetched = peek.get_many(&names, SHEET, 4 * SHEET).await;
            let pairs = fetched.map_err(unreachable)?.into_iter().zip(&sheets);
            let whole = pairs.filter_map(|(fetched, (_, hash))| match fetched {
                Fetched::Whole(bytes) if hash_of(&bytes) == *hash => Some((count, bytes)),
                _ => None,
            });
            let ours: Vec<_> = whole
                .filter(|(count, bytes)| is_sheet_for(token, *count, bytes))
                .collect();
            if !ours.is_empty() {
                return Ok(ours);
            }
        }
        match page.next {
            Some(next) if after.as_ref().is_none_or(|after| next > *after) => after = Some(next),
            _ => return Ok(Vec::new()),
        }
    }
}

fn no_place(error: std::io::Error) -> Fault {
    let message = format!("There is no place for temporary files: {}.", error.kind());
    Fault::new(Code::Io, message).next("TMPDIR names another one.")
}

fn unreachable(error: RemoteError) -> Fault {
    let fault = Fault::from(error);
    fault
        .next("See that this job may read the remote; SEALFOLD_REMOTE names another address of it.")
}
