//! How a call ends: the one place where a fault becomes a message and an exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use app::{Code, Fault};
use clap::builder::styling::{AnsiColor, Style};

use crate::args::Refusal;
use crate::output::escaped;

/// Sealfold failed before it could start the program, as `env` and `timeout` say it.
pub const NOT_STARTED: u8 = 125;

/// How the work went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All was done.
    Done,
    /// All was done, and something in it wants attention.
    Findings,
    /// All was done, and what was looked at does not hold.
    Broken,
    /// What went wrong was told with the rest, and has this class.
    Told(Code),
}

/// Why the work stopped.
pub enum Failure {
    /// A fault, with its own exit code.
    Fault(Fault),
    /// `run` could not start the program; the exit code is 125, 126 or 127.
    NotStarted { fault: Fault, exit_code: u8 },
    /// Whoever read standard output has gone: nothing is left to say.
    OutputClosed,
}

/// What every command returns.
pub type Outcome = Result<Ending, Failure>;

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Failure::Fault(fault)
    }
}

/// Says how it ended, and gives the exit code for it.
pub fn conclude(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(Ending::Done) | Err(Failure::OutputClosed) => ExitCode::SUCCESS,
        Ok(Ending::Findings) => ExitCode::from(Code::Findings.exit_code()),
        Ok(Ending::Broken) => ExitCode::from(Code::Integrity.exit_code()),
        Ok(Ending::Told(code)) => ExitCode::from(code.exit_code()),
        Err(Failure::Fault(fault)) => {
            say(&sentence(&fault), fault.next.as_deref());
            ExitCode::from(fault.code.exit_code())
        }
        Err(Failure::NotStarted { fault, exit_code }) => {
            let message = format!("not started ({}): {}", class(fault.code), sentence(&fault));
            say(&message, fault.next.as_deref());
            ExitCode::from(exit_code)
        }
    }
}

/// Ends a call whose command line was not understood, or that only asked for help.
pub fn refuse(refusal: &Refusal) -> ExitCode {
    // Printing fails only when nobody reads any more.
    let _ = refusal.error.print();
    if !refusal.error.use_stderr() {
        return ExitCode::SUCCESS;
    }
    let code = if refusal.starts_program {
        NOT_STARTED
    } else {
        Code::Usage.exit_code()
    };
    ExitCode::from(code)
}

/// The class of a fault as messages and scripts spell it.
pub fn class(code: Code) -> &'static str {
    match code {
        Code::Unexpected => "unexpected",
        Code::Usage => "usage",
        Code::Aborted => "aborted",
        Code::NotFound => "not found",
        Code::Locked => "locked",
        Code::WrongKey => "wrong passphrase or key",
        Code::Integrity => "integrity",
        Code::Findings => "findings",
        Code::Conflict => "conflict",
        Code::NotAllowed => "not allowed",
        Code::Remote => "remote",
        Code::Io => "I/O",
    }
}

/// What happened, and about what.
pub fn sentence(fault: &Fault) -> String {
    match &fault.subject {
        Some(subject) => {
            format!(
                "{}: {}",
                fault.message.trim_end_matches('.'),
                escaped(subject)
            )
        }
        None => fault.message.clone(),
    }
}

fn say(message: &str, next: Option<&str>) {
    let name = AnsiColor::Red.on_default().bold();
    let dim = Style::new().dimmed();
    let mut stderr = anstream::stderr().lock();
    let mut lines = || -> io::Result<()> {
        writeln!(stderr, "{name}sealfold:{name:#} {message}")?;
        if let Some(next) = next {
            writeln!(stderr, "{dim}  next:{dim:#} {}", escaped(next))?;
        }
        stderr.flush()
    };
    // With standard error gone there is nobody to tell; the exit code still does.
    let _ = lines();
}
