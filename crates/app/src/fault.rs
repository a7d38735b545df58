//! What went wrong, as every face is told it: a stable code, a sentence, and the next step.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The one classification of failures that faces react to. The terminal turns it into an exit
/// code, the window into a sentence. Names and numbers are permanent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// A defect of ours, or of the system, that no other code names.
    Unexpected,
    /// The request makes no sense as it stands.
    Usage,
    /// The person said no, or nobody was there to ask.
    Aborted,
    /// A named thing does not exist.
    NotFound,
    /// The vault is locked.
    Locked,
    /// The passphrase, recovery words or keychain secret open nothing.
    WrongKey,
    /// A signature, MAC, root, chain or anchor does not hold.
    Integrity,
    /// The work was done, and something in it wants attention.
    Findings,
    /// Two writers changed the same thing, or a name is taken.
    Conflict,
    /// Not allowed to this person, device or caller.
    NotAllowed,
    /// A remote can't be reached or is stale.
    Remote,
    /// The disk, the keychain or another part of the system refused.
    Io,
}

impl Code {
    /// The exit code of the terminal face, as `docs/cli.md` promises.
    pub const fn exit_code(self) -> u8 {
        match self {
            Code::Unexpected => 1,
            Code::Usage => 2,
            Code::Aborted => 3,
            Code::NotFound => 10,
            Code::Locked => 11,
            Code::WrongKey => 12,
            Code::Integrity => 13,
            Code::Findings => 14,
            Code::Conflict => 15,
            Code::NotAllowed => 16,
            Code::Remote => 17,
            Code::Io => 18,
        }
    }
}

/// A refusal or failure: what happened, and what to do next.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Fault {
    /// The class, permanent.
    pub code: Code,
    /// One sentence that says what happened. Safe to log: it holds no name and no value.
    pub message: String,
    /// What it happened to, for the person's eyes only: a name, a path. Never logged.
    pub subject: Option<String>,
    /// What to do next, when there is something to do.
    pub next: Option<String>,
}

impl Fault {
    /// A fault with a sentence that is safe to log.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            subject: None,
            next: None,
        }
    }

    /// Names what it happened to.
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Says what to do next.
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}

/// An inner room's error, which is written as a part of a sentence, as a sentence of its own.
pub(crate) fn sentence(error: &dyn fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => text,
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Leaves the subject out: a fault that ends in a log must not carry a name there.
impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({:?}: {})", self.code, self.message)
    }
}

impl std::error::Error for Fault {}
