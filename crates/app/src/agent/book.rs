//! Who waits to be allowed, and who is: the rules alone, without a socket or a timer. Moments are the
//! time since the machine was booted, as [`Reading::boot`] counts it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::asked::not_waiting;
use super::clock::Reading;
use super::connection::just_locked;
use super::terminal::{Asker, Terminal};
use super::{AskedView, Decide, Wants};
use crate::audit::Record;
use crate::{Code, Fault, counted};

/// How long a window is taken to be there after it has attended.
const ATTENDS: Duration = Duration::from_secs(3);
/// How long a request waits.
const WAITS: Duration = Duration::from_secs(60);
/// How many may wait at once: well under the number of connections, so that a lock always gets through.
const MOST: usize = 16;

/// What one agent knows of windows and terminals. It is gone with the agent, which a lock ends.
#[derive(Debug, Default)]
pub(super) struct Book {
    window: Option<Window>,
    waiting: BTreeMap<u64, Waiting>,
    /// Until when a terminal may ask; until the lock when nothing is said.
    allowed: HashMap<Terminal, Option<Duration>>,
    /// The process that unlocked the vault last, and its terminal.
    unlocked_by: Option<(u32, Terminal)>,
    last: u64,
    closed: bool,
}

/// The window that attends.
#[derive(Clone, Copy, Debug)]
struct Window {
    pid: u32,
    seen: Duration,
}

#[derive(Debug)]
struct Waiting {
    terminal: Terminal,
    view: AskedView,
    since: Duration,
    decided: Option<bool>,
}

/// How it stands with a request that was made to wait.
#[derive(Debug, PartialEq)]
pub(super) enum Standing {
    Waits,
    Allowed,
    /// A person said no, which is in the audit already.
    Denied(Fault),
    /// Nobody said anything.
    Unanswered(Fault),
}

impl Book {
    /// A window says that it is there. One at a time: while it attends, no other program can say yes in
    /// its place.
    pub fn attend(&mut self, pid: u32, now: Reading) -> Result<Vec<AskedView>, Fault> {
        if pid == 0 || self.window(now).is_some_and(|window| window.pid != pid) {
            return Err(another_window());
        }
        self.window = Some(Window {
            pid,
            seen: now.boot,
        });
        // It was the window that unlocked: that says nothing of the terminal it was started from.
        if let Some((_, terminal)) = self.unlocked_by.take_if(|(by, _)| *by == pid) {
            self.allowed.remove(&terminal);
        }
        let open = |waiting: &&Waiting| waiting.decided.is_none();
        let waiting = self.waiting.values().filter(open);
        Ok(waiting.map(|waiting| waiting.view.clone()).collect())
    }

    /// The window that attends, if one does.
    fn window(&self, now: Reading) -> Option<Window> {
        let attends = |window: &Window| now.boot < window.seen + ATTENDS;
        self.window.filter(attends)
    }

    /// Whether a person has to be asked before a request of this process is carried out.
    pub fn must_ask(&self, pid: u32, terminal: Terminal, now: Reading) -> bool {
        match self.window(now) {
            None => false,
            Some(window) if window.pid == pid => false,
            Some(_) => match self.allowed.get(&terminal) {
                Some(until) => until.is_some_and(|until| now.boot >= until),
                None => true,
            },
        }
    }

    /// Lets a request wait; gives its number.
    pub fn ask(
        &mut self,
        terminal: Terminal,
        asker: Asker,
        wants: Wants,
        now: Reading,
    ) -> Result<u64, Fault> {
        if self.waiting.len() >= MOST {
            return Err(too_many());
        }
        self.last += 1;
        let view = AskedView {
            id: self.last,
            program: asker.program,
            started_by: asker.started_by,
            pid: asker.pid,
            terminal: asker.terminal,
            wants,
            since: now.unix,
        };
        let waiting = Waiting {
            terminal,
            view,
            since: now.boot,
            decided: None,
        };
        self.waiting.insert(self.last, waiting);
        Ok(self.last)
    }

    /// How it stands with a request.
    pub fn standing(&self, id: u64, now: Reading) -> Standing {
        let Some(waiting) = self.waiting.get(&id) else {
            return Standing::Unanswered(not_waiting());
        };
        match waiting.decided {
            _ if self.closed => Standing::Denied(just_locked()),
            Some(true) => Standing::Allowed,
            Some(false) => Standing::Denied(denied()),
            None if now.boot >= waiting.since + WAITS => Standing::Unanswered(unanswered()),
            None if self.window(now).is_none() => Standing::Unanswered(window_gone()),
            None => Standing::Waits,
        }
    }

    /// What a decision puts into the audit. Refused unless the window makes it that attends.
    pub fn judge(&self, decide: Decide, pid: u32, now: Reading) -> Result<Record, Fault> {
        if self.window(now).is_none_or(|window| window.pid != pid) {
            return Err(another_window());
        }
        let waiting = self.waiting.get(&decide.id).ok_or_else(not_waiting)?;
        let held = match decide {
            Decide { allow: false, .. } => "denied".to_owned(),
            Decide { minutes: 0, .. } => "allowed once".to_owned(),
            Decide { minutes, .. } => {
                format!(
                    "allowed for {}",
                    counted(minutes.into(), "minute", "minutes")
                )
            }
        };
        Ok(waiting.record(&held, !decide.allow))
    }

    /// What goes into the audit when nobody said anything.
    pub fn passed_over(&self, id: u64) -> Option<Record> {
        Some(self.waiting.get(&id)?.record("not answered", true))
    }

    /// Does as a person has decided.
    pub fn settle(&mut self, decide: Decide, now: Reading) {
        let Some(terminal) = self.waiting.get(&decide.id).map(|one| one.terminal) else {
            return;
        };
        let lasts = decide.minutes > 0 && terminal.is_certain();
        if decide.allow && lasts {
            let minutes = Duration::from_secs(60 * u64::from(decide.minutes));
            let until = now.boot.saturating_add(minutes);
            self.allowed.insert(terminal, Some(until));
        }
        // A no is said to all that the terminal wants at this moment, a yes only if it lasts.
        for (id, one) in &mut self.waiting {
            let same = one.terminal == terminal && (lasts || !decide.allow);
            if *id == decide.id || same {
                one.decided.get_or_insert(decide.allow);
            }
        }
    }

    /// Its client has its answer, or has gone.
    pub fn withdraw(&mut self, id: u64) {
        self.waiting.remove(&id);
    }

    /// A person unlocked the vault from this terminal: it has had its yes until the lock.
    pub fn unlocked_by(&mut self, pid: u32, terminal: Terminal) {
        let by_window = self.window.is_some_and(|window| window.pid == pid);
        if terminal.is_certain() && !by_window {
            self.allowed.insert(terminal, None);
            self.unlocked_by = Some((pid, terminal));
        }
    }

    /// The agent ends: nothing waits for a person any more.
    pub fn close(&mut self) {
        self.closed = true;
    }
}

impl Waiting {
    fn record(&self, held: &str, refused: bool) -> Record {
        let AskedView {
            program,
            started_by,
            pid,
            terminal,
            wants,
            ..
        } = &self.view;
        let mut detail = format!("{}: {held}; {pid} {program}", wants.operation);
        if let Some(parent) = started_by {
            detail += &format!(", started by {parent}");
        }
        if let Some(terminal) = terminal {
            detail += &format!(", in {terminal}");
        }
        Record {
            operation: "asked".to_owned(),
            bundle: wants.bundle.clone(),
            detail: Some(detail),
            failure: refused.then_some(Code::NotAllowed),
        }
    }
}

fn another_window() -> Fault {
    let message = "This is said by the window that asks, and by one at a time.";
    Fault::new(Code::NotAllowed, message).next("Close the other window.")
}

fn too_many() -> Fault {
    let message = "Too many requests wait to be allowed in Sealfold's window.";
    Fault::new(Code::NotAllowed, message).next("Allow or deny those, and try again.")
}

fn denied() -> Fault {
    Fault::new(Code::NotAllowed, "This was denied in Sealfold's window.")
        .next("Run it again and allow it there, or close the window to be asked for nothing.")
}

fn unanswered() -> Fault {
    let message = "Nobody allowed this in Sealfold's window within a minute.";
    Fault::new(Code::NotAllowed, message)
        .next("Run it again and allow it there, or close the window to be asked for nothing.")
}

fn window_gone() -> Fault {
    let message = "Sealfold's window was closed before somebody allowed this.";
    Fault::new(Code::NotAllowed, message).next("Run it again.")
}
