//! How far a sync has come: for whoever waits, counted by those who do the work.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Fault;
use crate::agent::Client;
use crate::requests::{Ask, UseCase};
use crate::session::Session;

/// Asks how far the sync that goes on has come.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct AskProgress {}

/// Ends the sync that goes on in the agent, between two requests to the remote; whoever asked for it is
/// told. What was done so far is kept. Where none goes on, there is nothing to do.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct StopSync {}

/// How far it has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProgressView {
    /// Objects that were fetched.
    pub fetched: u64,
    /// Objects that are to be fetched, as far as is known.
    pub of: u64,
    /// Ops that were taken in.
    pub received: u64,
    /// Ops that were sent.
    pub sent: u64,
}

/// The counters. Clones of the handle are the same.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    fetched: AtomicU64,
    of: AtomicU64,
    received: AtomicU64,
    sent: AtomicU64,
}

impl Progress {
    /// A sync begins.
    pub fn begin(&self) {
        for counter in [&self.fetched, &self.of, &self.received, &self.sent] {
            counter.store(0, Ordering::Relaxed);
        }
    }

    /// So many more objects are to be fetched.
    pub fn is_to_fetch(&self, objects: usize) {
        add(&self.of, objects as u64);
    }

    pub fn has_fetched(&self, objects: usize) {
        add(&self.fetched, objects as u64);
    }

    pub fn has_received(&self, ops: u64) {
        add(&self.received, ops);
    }

    pub fn has_sent(&self, ops: usize) {
        add(&self.sent, ops as u64);
    }

    pub fn read(&self) -> ProgressView {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ProgressView {
            fetched: of(&self.fetched),
            of: of(&self.of),
            received: of(&self.received),
            sent: of(&self.sent),
        }
    }
}

fn add(counter: &AtomicU64, more: u64) {
    counter.fetch_add(more, Ordering::Relaxed);
}

impl UseCase for AskProgress {
    async fn carry_out(self, session: &mut Session) -> Result<ProgressView, Fault> {
        Ok(session.progress.read())
    }
}

impl UseCase for StopSync {
    /// The agent does it before it comes to a session; elsewhere a sync is over when its answer is there.
    async fn carry_out(self, _: &mut Session) -> Result<(), Fault> {
        Ok(())
    }
}

/// A look from outside at the sync that a door was asked for, from any thread.
#[derive(Clone)]
pub struct Watch(Looks);

#[derive(Clone)]
enum Looks {
    Here(Arc<Progress>),
    Agent(PathBuf),
    /// A job reads one sheet: there is nothing to look at.
    Nothing,
}

impl Watch {
    pub(crate) fn nothing() -> Self {
        Self(Looks::Nothing)
    }

    pub(crate) fn here(progress: &Arc<Progress>) -> Self {
        Self(Looks::Here(Arc::clone(progress)))
    }

    pub(crate) fn agent(socket: PathBuf) -> Self {
        Self(Looks::Agent(socket))
    }

    /// How far it has come; nothing where nobody can tell.
    pub fn look(&self) -> Option<ProgressView> {
        match &self.0 {
            Looks::Nothing => None,
            Looks::Here(progress) => Some(progress.read()),
            Looks::Agent(socket) => {
                let mut agent = Client::connect(socket).ok()??;
                AskProgress::answer(agent.ask(&AskProgress {}.into_request()).ok()?)
            }
        }
    }
}

impl Watch {
    /// Whether the sync goes on in another process, which an interrupt does not reach.
    pub fn is_elsewhere(&self) -> bool {
        matches!(self.0, Looks::Agent(_))
    }

    /// Has the sync stopped that goes on in another process; whoever asked for it is told.
    pub fn stop(&self) {
        if let Looks::Agent(socket) = &self.0
            && let Ok(Some(mut agent)) = Client::connect(socket)
        {
            // One that has ended has stopped.
            let _ = agent.ask(&StopSync {}.into_request());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sync_begins_at_nothing() {
        let progress = Arc::new(Progress::default());
        let watch = Watch::here(&progress);
        progress.is_to_fetch(7);
        progress.has_fetched(3);
        progress.has_received(20);
        progress.has_sent(1);
        let seen = ProgressView {
            fetched: 3,
            of: 7,
            received: 20,
            sent: 1,
        };
        assert_eq!(watch.look(), Some(seen));
        progress.begin();
        assert_eq!(watch.look(), Some(ProgressView::default()));
    }
}
