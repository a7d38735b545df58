//! The agent: one process per user and vault that holds the unlocked vault for a while, so that
//! the passphrase is asked once. It answers the same door over a Unix socket.
//!
//! [`start`] makes the process, [`serve`] is its main, `Client` is the other end of the socket.
//! Inside: `wire` is what crosses the socket, `socket` its file and the lock that makes the agent
//! the only one, `address` the file's name in short, `peer` which `process` is at the other end, `connection`
//! one client, `server` the loop over them all, `lifetime` the rules by which it ends, `beside` what
//! goes on with a network meanwhile, `schedule` when that starts by itself, and [`guard`] what is
//! done for its memory. While a window is there, `doorkeeper` lets a `terminal` that asks for the first
//! time wait for a person: `leave` says for what, `book` keeps who waits and who is allowed, and `asked`
//! is what the window hears of it.
//!
//! An agent that locks ends: nothing of the vault outlives the lock, for there is no process left
//! in which it could lie (threat 51). Ending it by force loses nothing either, since every write
//! is a transaction and the next client finds a socket that nobody answers.

#[cfg(unix)]
mod address;
mod asked;
#[cfg(unix)]
mod beside;
#[cfg(unix)]
mod book;
#[cfg(unix)]
mod client;
#[cfg(unix)]
mod clock;
#[cfg(unix)]
mod connection;
#[cfg(unix)]
mod doorkeeper;
#[cfg(unix)]
mod error;
pub mod guard;
#[cfg(unix)]
mod leave;
#[cfg(unix)]
mod lifetime;
mod options;
#[cfg(unix)]
mod peer;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod schedule;
#[cfg(unix)]
mod serve;
#[cfg(unix)]
mod server;
#[cfg(unix)]
mod socket;
#[cfg(unix)]
mod start;
#[cfg(unix)]
mod terminal;
#[cfg(not(unix))]
mod unsupported;
#[cfg(unix)]
mod wire;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use asked::{AskedView, Attend, Decide, Wants};
#[cfg(unix)]
pub(crate) use client::Client;
#[cfg(unix)]
pub use serve::serve;
#[cfg(unix)]
pub use start::start;
#[cfg(not(unix))]
pub(crate) use unsupported::Client;
#[cfg(not(unix))]
pub use unsupported::{serve, start};

use crate::{Code, Fault, requests::UseCase, session::Session};

/// Seconds without a request after which an agent locks, when nothing else is said.
pub const IDLE_SECONDS: u64 = 15 * 60;

/// What the agent's process is given by the one that starts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServeOptions {
    /// Seconds after an unlock at which it locks, whatever happens; never when absent, unless the
    /// unlock says so itself.
    pub ttl_seconds: Option<u64>,
    /// Seconds without a request after which it locks; [`IDLE_SECONDS`] when absent.
    pub idle_seconds: Option<u64>,
    /// Whether it locks when nobody uses it.
    pub locks_when_idle: bool,
    /// Whether it locks when the machine has slept.
    pub locks_after_sleep: bool,
    /// Whether it may use the keychain.
    pub keychain: bool,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            ttl_seconds: None,
            idle_seconds: None,
            locks_when_idle: true,
            locks_after_sleep: true,
            keychain: true,
        }
    }
}

/// What an agent is started with: the same words on both sides of the start.
pub type StartOptions = ServeOptions;

/// Asks the agent how it is.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Status {}

/// Ends the agent, and with it the unlock. The keychain slot is not suspended; `lock` does that.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Stop {}

/// Makes the agent lock sooner. It never makes it lock later: that takes another unlock.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Tighten {
    /// Seconds without a request after which it locks at the latest; as before when absent.
    pub idle_seconds: Option<u64>,
    /// Whether it locks when the machine has slept, if it did not before.
    pub locks_after_sleep: bool,
}

/// A running agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AgentView {
    /// Process id.
    pub pid: u32,
    /// Its socket.
    pub socket: String,
    /// Unix seconds of its start.
    pub since: u64,
    /// Unix seconds at which it locks at the latest.
    pub until: Option<u64>,
    /// Seconds without a request after which it locks; never when absent.
    pub idle_seconds: Option<u64>,
    /// Whether it locks when the machine has slept. Not where the system does not tell of sleep.
    pub locks_after_sleep: bool,
    /// How its memory is guarded.
    pub guards: Guards,
}

/// What the system let the agent do for its memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Guards {
    /// Memory is locked, so that keys are not swapped out.
    pub memory_locked: Guard,
    /// Core dumps are off.
    pub core_dumps_off: Guard,
    /// No other process of this user may trace it or read its memory.
    pub tracing_off: Guard,
}

/// One thing done for the memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// It holds.
    On,
    /// The system did not let us; why.
    Off(String),
}

impl From<Result<(), String>> for Guard {
    fn from(outcome: Result<(), String>) -> Self {
        match outcome {
            Ok(()) => Guard::On,
            Err(why) => Guard::Off(why),
        }
    }
}

/// What the session of an agent knows about the process it lives in. A session without it is one
/// command's own.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) pid: u32,
    pub(crate) socket: PathBuf,
    pub(crate) since: u64,
    pub(crate) idle_seconds: Option<u64>,
    pub(crate) locks_after_sleep: bool,
    pub(crate) guards: Guards,
}

impl Running {
    /// As faces see it; `until` is the session's time limit.
    pub(crate) fn view(&self, until: Option<u64>) -> AgentView {
        AgentView {
            pid: self.pid,
            socket: self.socket.display().to_string(),
            since: self.since,
            until,
            idle_seconds: self.idle_seconds,
            locks_after_sleep: self.locks_after_sleep,
            guards: self.guards.clone(),
        }
    }
}

impl UseCase for Status {
    async fn carry_out(self, session: &mut Session) -> Result<AgentView, Fault> {
        let running = session.agent.as_ref().ok_or_else(no_agent)?;
        Ok(running.view(session.until()))
    }
}

impl UseCase for Stop {
    /// Only says whether there is one to stop: the server ends after this request.
    async fn carry_out(self, session: &mut Session) -> Result<(), Fault> {
        session.agent.as_ref().map(|_| ()).ok_or_else(no_agent)
    }
}

impl UseCase for Tighten {
    /// The server's own limits follow; this is what `agent status` says of them.
    async fn carry_out(self, session: &mut Session) -> Result<(), Fault> {
        let running = session.agent.as_mut().ok_or_else(no_agent)?;
        running.idle_seconds = sooner(running.idle_seconds, self.idle_seconds);
        running.locks_after_sleep |= self.locks_after_sleep && clock::TELLS_SLEEP;
        Ok(())
    }
}

/// The lesser of two limits, either of which may be none.
pub(crate) fn sooner<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn no_agent() -> Fault {
    Fault::new(Code::NotFound, "No agent is running.").next("`sealfold unlock` starts one.")
}
