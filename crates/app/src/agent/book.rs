//! Who waits to be allowed, and who is: the rules alone, without a socket or a timer. Moments are the
//! time since the machine was booted, as [`Reading::boot`] counts it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use super::asked::not_waiting;
use super::clock::Reading;
use super::connection::just_locked;
use super::process::{Process, program};
use super::terminal::{Asker, Terminal};
use super::{AskedView, Decide, Wants};
use crate::audit::Record;
use crate::{Code, Fault, counted};

/// How long a request waits.
const WAITS: Duration = Duration::from_secs(60);
/// How many may wait at once: well under the number of connections, so that a lock always gets through.
const MOST: usize = 16;
/// How many processes are remembered that variables were given to.
const SERVED: usize = 256;

/// What one agent knows of windows and terminals. It is gone with the agent, which a lock ends.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// The window that attends, until its process ends: one that is slow or stopped is there all the same.
    window: Option<Process>,
    waiting: BTreeMap<u64, Waiting>,
    /// Until when a terminal may ask; until the lock when nothing is said.
    allowed: HashMap<Terminal, Option<Duration>>,
    /// Until when everything is denied.
    quiet: Option<Duration>,
    /// The process that unlocked the vault last, and its terminal.
    unlocked_by: Option<(Process, Terminal)>,
    /// Processes that variables were given to, the latest last.
    served: VecDeque<Process>,
    last: u64,
    closed: bool,
}

#[derive(Debug)]
struct Waiting {
    terminal: Terminal,
    view: AskedView,
    since: Duration,
    /// A decision has come and is not in the audit yet: its time is not over meanwhile.
    held: bool,
    decided: Option<bool>,
}

/// What is done with a request that needs leave.
#[derive(Debug, PartialEq)]
pub(super) enum Admission {
    /// It is carried out.
    Granted,
    /// A person is asked.
    Asks,
    /// A person wants to be asked for nothing, and nothing is done.
    Denied(Fault),
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
    /// A window says that it is there. One at a time: until its process ends, no other program can say yes
    /// in its place.
    pub fn attend(&mut self, process: Process) -> Result<Vec<AskedView>, Fault> {
        if !process.lives() {
            return Err(not_the_window());
        }
        if let Some(window) = self.window.filter(|window| *window != process) {
            return Err(another_window(window));
        }
        self.window = Some(process);
        // It was the window that unlocked: that says nothing of the terminal it was started from.
        if let Some((_, terminal)) = self.unlocked_by.take_if(|(by, _)| *by == process) {
            self.allowed.remove(&terminal);
        }
        let open = |waiting: &&Waiting| waiting.decided.is_none();
        let waiting = self.waiting.values().filter(open);
        Ok(waiting.map(|waiting| waiting.view.clone()).collect())
    }

    /// Looks whether the window is still there.
    pub fn look(&mut self) {
        self.window.take_if(|window| !window.lives());
    }

    /// What is done with a request of this process that wants something.
    pub fn admission(
        &self,
        process: Process,
        terminal: Terminal,
        wants: &Wants,
        now: Reading,
    ) -> Admission {
        match self.window {
            None => Admission::Granted,
            Some(window) if window == process => Admission::Granted,
            Some(_) if wants.may_last && self.is_allowed(terminal, now) => Admission::Granted,
            Some(_) if self.quiet.is_some_and(|until| now.boot < until) => {
                Admission::Denied(quiet())
            }
            Some(_) => Admission::Asks,
        }
    }

    /// Whether a process may add to the audit what came of its variables.
    pub fn may_add(&self, process: Process, terminal: Terminal, now: Reading) -> bool {
        self.window.is_none_or(|window| window == process)
            || self.served.contains(&process)
            || self.is_allowed(terminal, now)
    }

    fn is_allowed(&self, terminal: Terminal, now: Reading) -> bool {
        let allowed = self.allowed.get(&terminal);
        allowed.is_some_and(|until| until.is_none_or(|until| now.boot < until))
    }

    /// Variables are given to a process.
    pub fn serve(&mut self, process: Process) {
        if self.served.len() == SERVED {
            self.served.pop_front();
        }
        self.served.push_back(process);
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
        // Above those of an earlier agent, of which a window may still show one.
        self.last = (self.last + 1).max(now.unix.saturating_mul(1000));
        let view = AskedView {
            id: self.last,
            program: asker.program,
            started_by: asker.started_by,
            pid: asker.pid,
            terminal: asker.terminal,
            wants: Wants {
                may_last: wants.may_last && terminal.can_be_remembered(),
                ..wants
            },
            since: now.unix,
        };
        let waiting = Waiting {
            terminal,
            view,
            since: now.boot,
            held: false,
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
            None if waiting.held => Standing::Waits,
            None if now.boot >= waiting.since + WAITS => Standing::Unanswered(unanswered()),
            None if self.window.is_none() => Standing::Unanswered(window_gone()),
            None => Standing::Waits,
        }
    }

    /// A decision has come, which may have to wait for others' requests before it is in the audit.
    pub fn hold(&mut self, id: u64, process: Process, held: bool) {
        if self.window == Some(process)
            && let Some(waiting) = self.waiting.get_mut(&id)
        {
            waiting.held = held;
        }
    }

    /// What a decision puts into the audit. Refused unless the window makes it that attends.
    pub fn judge(&self, decide: Decide, process: Process) -> Result<Record, Fault> {
        if self.window != Some(process) {
            return Err(not_the_window());
        }
        let waiting = self.waiting.get(&decide.id).ok_or_else(not_waiting)?;
        let minutes = || counted(decide.minutes.into(), "minute", "minutes");
        let held = match decide {
            Decide {
                allow: false,
                minutes: 0,
                ..
            } => "denied".to_owned(),
            Decide { allow: false, .. } => format!("denied, as all for {}", minutes()),
            _ if waiting.lasts(decide) => format!("allowed for {}", minutes()),
            _ => "allowed once".to_owned(),
        };
        Ok(waiting.record(&held, !decide.allow))
    }

    /// What goes into the audit when nobody said anything.
    pub fn passed_over(&self, id: u64) -> Option<Record> {
        Some(self.waiting.get(&id)?.record("not answered", true))
    }

    /// Does as a person has decided.
    pub fn settle(&mut self, decide: Decide, now: Reading) {
        let Some(asked) = self.waiting.get(&decide.id) else {
            return;
        };
        let (terminal, lasts) = (asked.terminal, asked.lasts(decide));
        let minutes = Duration::from_secs(60 * u64::from(decide.minutes));
        let until = now.boot.saturating_add(minutes);
        let quiet = !decide.allow && decide.minutes > 0;
        if quiet {
            self.quiet = Some(until);
        }
        if lasts {
            self.allowed.insert(terminal, Some(until));
        }
        // A no is said to all that the terminal wants at this moment, a yes only if it lasts.
        for (id, one) in &mut self.waiting {
            let same = one.terminal == terminal;
            let along = same && (!decide.allow || lasts && one.view.wants.may_last);
            if *id == decide.id || along || quiet {
                one.decided.get_or_insert(decide.allow);
            }
        }
    }

    /// Its client has its answer, or has gone.
    pub fn withdraw(&mut self, id: u64) {
        self.waiting.remove(&id);
    }

    /// A person unlocked the vault from this terminal: it has had its yes until the lock.
    pub fn unlocked_by(&mut self, process: Process, terminal: Terminal) {
        if terminal.can_be_remembered() && self.window != Some(process) {
            self.allowed.insert(terminal, None);
            self.unlocked_by = Some((process, terminal));
        }
    }

    /// The agent ends: nothing waits for a person any more.
    pub fn close(&mut self) {
        self.closed = true;
    }
}

impl Waiting {
    /// Whether a decision holds for what its terminal asks later, too.
    fn lasts(&self, decide: Decide) -> bool {
        decide.allow && decide.minutes > 0 && self.view.wants.may_last
    }

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

fn another_window(window: Process) -> Fault {
    let name = program(window.pid).unwrap_or_default();
    let message = format!(
        "Another program already answers for a person here: {name}, process {}.",
        window.pid
    );
    Fault::new(Code::NotAllowed, message).next("Close it, if it is no window of yours.")
}

fn not_the_window() -> Fault {
    let message = "This is said by the window that asks.";
    Fault::new(Code::NotAllowed, message).next("Allow or deny it there.")
}

fn quiet() -> Fault {
    let message = "Everything is denied in Sealfold's window for some minutes.";
    Fault::new(Code::NotAllowed, message).next("Lock and unlock there to be asked again, or wait.")
}

fn too_many() -> Fault {
    let message = "Too many requests wait to be allowed in Sealfold's window.";
    Fault::new(Code::NotAllowed, message).next("Allow or deny those, and try again.")
}

fn denied() -> Fault {
    Fault::new(Code::NotAllowed, "This was denied in Sealfold's window.")
        .next("Run it again and allow it there.")
}

fn unanswered() -> Fault {
    let message = "Nobody allowed this in Sealfold's window within a minute.";
    Fault::new(Code::NotAllowed, message).next("Run it again and allow it there.")
}

fn window_gone() -> Fault {
    let message = "Sealfold's window was closed before somebody allowed this.";
    Fault::new(Code::NotAllowed, message).next("Run it again.")
}

#[cfg(test)]
mod tests;
