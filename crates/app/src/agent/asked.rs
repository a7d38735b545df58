//! A terminal that asks for the first time, as the window sees it: what waits, and what a person says.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::no_agent;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault};

/// Says that a window is there whose person can be asked, and asks what waits for them. It is there until
/// its process ends. It keeps no vault open.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Attend {}

/// A request of a terminal that waits until a person allows or denies it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AskedView {
    /// Its number, for [`Decide`].
    pub id: u64,
    /// What the program calls itself.
    pub program: String,
    /// What the program that started it calls itself.
    pub started_by: Option<String>,
    /// Process id; 0 when unknown.
    pub pid: u32,
    /// The terminal: `pts/3`. None for what runs without one, such as an editor.
    pub terminal: Option<String>,
    /// What it wants.
    pub wants: Wants,
    /// Unix seconds at which it asked.
    pub since: u64,
}

/// What a request would do, in the words of the audit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Wants {
    /// Whether it would get values; else it would change something.
    pub values: bool,
    /// What would be done: `get`, `run`, `set`, …
    pub operation: String,
    /// In which bundle, where it names one.
    pub bundle: Option<String>,
    /// Which names it would do it to; the first ten.
    pub names: Vec<String>,
    /// To how many.
    pub count: u64,
    /// Who or what else it is about: members, recipients, the program that gets values; the first ten.
    pub about: Vec<String>,
    /// Whether a yes may last. Never to what changes keys, members or recipients: that is asked each time.
    pub may_last: bool,
}

/// What a person says to a request that waits. Only the window that attends is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Decide {
    /// Its number, of [`AskedView`].
    pub id: u64,
    /// Whether it is carried out.
    pub allow: bool,
    /// For how many minutes a yes holds for its terminal, where it may last, and a no for everything; at
    /// most until the lock. 0 for this request alone.
    pub minutes: u32,
}

impl UseCase for Attend {
    /// The agent answers it before it comes to a session.
    async fn carry_out(self, _: &mut Session) -> Result<Vec<AskedView>, Fault> {
        Err(no_agent())
    }
}

impl UseCase for Decide {
    /// The agent answers it before it comes to a session.
    async fn carry_out(self, _: &mut Session) -> Result<(), Fault> {
        Err(no_agent())
    }
}

/// What is said of a request that is not waiting any more.
pub(super) fn not_waiting() -> Fault {
    Fault::new(Code::NotFound, "This request is not waiting any more.")
        .next("Whoever made it can make it again.")
}
