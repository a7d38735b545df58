//! A branch of a Git repository, through the user's own `git`, so that their SSH and credential
//! set-up works.
//!
//! Nothing is ever checked out: a private bare repository holds the branch's newest commit, and
//! plumbing reads and writes it. What a hostile repository may carry (hooks, filters, submodules,
//! links) is bytes in trees here, and nothing more (threat 64).

mod call;
mod fetched;
mod import;
mod peek;
mod repository;
mod transport;
mod tree;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use crate::counts::Counter;
use crate::steps::reached;
use crate::{
    Creation, Fetched, GitLocation, Listing, ObjectName, Prefix, RemoteError, Surroundings,
};
pub(crate) use peek::GitPeek;
use repository::Repository;
use transport::{Pushed, Wire};
use tree::Slot;

/// Most that gathers in the cache before it is begun anew, in bytes on disk (threat 13).
const MAX_CACHE: u64 = 12 << 30;
/// How often a push is tried while others push too.
const ATTEMPTS: u32 = 40;
/// Longest pause between two attempts.
const MAX_PAUSE: Duration = Duration::from_millis(1500);

#[derive(Debug)]
pub(crate) struct Git {
    wire: Wire,
    repository: Repository,
    state: Mutex<State>,
}

/// What was seen of the branch by this process.
#[derive(Debug, Default)]
struct State {
    /// The commit that answers are about; none while there is no branch.
    head: Option<Oid>,
    /// Whether the remote was asked.
    asked: bool,
}

/// The id of a Git object, checked: hexadecimal, of SHA-1's or SHA-256's length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Oid(String);

impl Oid {
    pub fn new(text: &str) -> Option<Self> {
        let plain = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
        let valid = matches!(text.len(), 40 | 64) && text.bytes().all(plain);
        valid.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Git {
    pub fn new(location: &GitLocation, surroundings: &Surroundings, counter: Arc<Counter>) -> Self {
        let (wire, repository) = reach(location, surroundings, counter);
        Self {
            wire,
            repository,
            state: Mutex::default(),
        }
    }

    pub async fn list(&self, prefix: &Prefix, after: Option<&str>) -> Result<Listing, RemoteError> {
        let mut state = self.state.lock().await;
        self.refresh(&mut state).await?;
        match &state.head {
            Some(head) => self.repository.list(head, prefix, after).await,
            None => Ok(Listing::default()),
        }
    }

    pub async fn get_many(
        &self,
        names: &[ObjectName],
        each: u64,
        all: u64,
    ) -> Result<Vec<Fetched>, RemoteError> {
        let state = self.asked().await?;
        match &state.head {
            Some(head) => self.repository.read(head, names, each, all).await,
            None => Ok(vec![Fetched::Absent; names.len()]),
        }
    }

    pub async fn create_many(
        &self,
        objects: &[(ObjectName, Vec<u8>)],
    ) -> Result<Vec<Creation>, RemoteError> {
        let mut state = self.asked().await?;
        let mut attempt = 0;
        loop {
            let plan = self.plan(state.head.as_ref(), objects).await?;
            if plan.new.is_empty() {
                return Ok(plan.creations);
            }
            let lock = self.repository.lock().await?;
            self.repository.prepare(state.head.as_ref()).await?;
            let commit = self
                .repository
                .commit(state.head.as_ref(), &plan.new)
                .await?;
            reached();
            let pushed = self.wire.push(&commit).await?;
            reached();
            if let Pushed::Accepted = pushed {
                self.repository.keep(&commit).await?;
                state.head = Some(commit);
                return Ok(plan.creations);
            }
            drop(lock);
            let before = state.head.clone();
            self.refresh(&mut state).await?;
            attempt += 1;
            match pushed {
                // The server says no, and not because someone else was faster.
                Pushed::Rejected(cause) if state.head == before && attempt > 3 => {
                    return Err(RemoteError::Refused { source: cause });
                }
                _ if attempt >= ATTEMPTS => return Err(RemoteError::Contended),
                _ => pause(attempt).await?,
            }
        }
    }

    /// What has to be written so that the objects are there, and what becomes of each.
    async fn plan<'a>(
        &self,
        head: Option<&Oid>,
        objects: &'a [(ObjectName, Vec<u8>)],
    ) -> Result<Plan<'a>, RemoteError> {
        let mut there: HashMap<ObjectName, Fetched> = HashMap::new();
        if let Some(head) = head {
            let slots = self.repository.slots(head, objects).await?;
            let mut files = Vec::new();
            for ((name, _), slot) in objects.iter().zip(slots) {
                match slot {
                    Slot::Free => {}
                    Slot::File => files.push(name.clone()),
                    Slot::Blocked => drop(there.insert(name.clone(), Fetched::NotAFile)),
                }
            }
            // None longer than the longest of ours could be the same as one of ours.
            let longest = objects.iter().map(|(_, bytes)| bytes.len()).max();
            let each = longest.unwrap_or(0) as u64;
            let found = self.repository.read(head, &files, each, u64::MAX).await?;
            there.extend(files.into_iter().zip(found));
        }
        let mut plan = Plan {
            new: Vec::new(),
            creations: Vec::with_capacity(objects.len()),
        };
        for (name, bytes) in objects {
            let creation = match there.get(name) {
                None => {
                    plan.new.push((name, bytes));
                    there.insert(name.clone(), Fetched::Whole(bytes.clone()));
                    Creation::Created
                }
                Some(Fetched::Whole(found)) if found == bytes => Creation::SameAlready,
                Some(_) => Creation::DifferentAlready,
            };
            plan.creations.push(creation);
        }
        Ok(plan)
    }

    /// The state, after the remote was asked at least once.
    async fn asked(&self) -> Result<MutexGuard<'_, State>, RemoteError> {
        let mut state = self.state.lock().await;
        if !state.asked {
            self.refresh(&mut state).await?;
        }
        Ok(state)
    }

    /// Asks for the branch's head, and fetches it if it is not here: no news costs one question.
    /// A head that does not follow from the one known before is taken as it is: what is there
    /// now is what is told; the caller finds what is missing.
    async fn refresh(&self, state: &mut State) -> Result<(), RemoteError> {
        let mut head = self.wire.ls_remote().await?;
        if let Some(theirs) = &head {
            let _lock = self.repository.lock().await?;
            self.repository.prepare(Some(theirs)).await?;
            // What was kept is whole; an object that is merely there may be half a fetch.
            if self.repository.kept().await?.as_ref() != Some(theirs) {
                // Only what is fetched can make it grow: no news costs no walk through it.
                if self.repository.start_over_beyond(MAX_CACHE).await? {
                    self.repository.prepare(Some(theirs)).await?;
                }
                self.wire.fetch(self.repository.folder()).await?;
                self.repository.tidy().await?;
                // The branch may have moved on since it was asked for.
                head = self.repository.kept().await?;
            }
        }
        state.head = head;
        state.asked = true;
        Ok(())
    }
}

struct Plan<'a> {
    new: Vec<(&'a ObjectName, &'a Vec<u8>)>,
    creations: Vec<Creation>,
}

/// The way to a remote repository, and what this machine keeps of it.
fn reach(
    location: &GitLocation,
    surroundings: &Surroundings,
    counter: Arc<Counter>,
) -> (Wire, Repository) {
    let environment = Arc::new(surroundings.environment.clone());
    let folder = cache_folder(location, surroundings);
    let wire = Wire::new(location, &folder, Arc::clone(&environment), counter);
    (wire, Repository::new(folder, environment))
}

/// A folder of its own per location. It is only a cache, so that it does no harm when a later
/// program computes another name.
fn cache_folder(location: &GitLocation, surroundings: &Surroundings) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    location.to_string().hash(&mut hasher);
    let name = format!("git-{:016x}", hasher.finish());
    surroundings.cache.join(name)
}

/// A random pause that grows, so that many writers do not meet again.
async fn pause(attempt: u32) -> Result<(), RemoteError> {
    let longest = MAX_PAUSE.min(Duration::from_millis(40) * attempt);
    let share = getrandom::u32().map_err(std::io::Error::other)?;
    let pause = longest.mul_f64(f64::from(share) / f64::from(u32::MAX));
    tokio::time::sleep(pause).await;
    Ok(())
}
