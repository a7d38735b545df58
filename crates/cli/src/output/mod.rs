//! Standard output for data, standard error for talk. Whatever comes out of the vault and could
//! reach a terminal is escaped here (threats 38 and 60).

mod json;
mod progress;
mod table;
mod value;

#[cfg(unix)]
use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};

use app::{Code, Fault};
use clap::builder::styling::AnsiColor;
use serde::Serialize;

pub use json::{Field, Value, fields};
pub use progress::Progress;
pub use table::Table;
pub use value::{LineEnd, in_line, show_revealed, write_secret};

use crate::exit::Failure;

/// Where a call's output goes, and how.
pub struct Output {
    json: bool,
    quiet: bool,
    terminal: bool,
}

impl Output {
    pub fn new(json: bool, quiet: bool) -> Self {
        Self {
            json,
            quiet,
            terminal: io::stdout().is_terminal(),
        }
    }

    /// Whether the answer is wanted in JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether a person looks at the output, and no program.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Bytes as they are.
    pub fn data(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        stdout
            .write_all(bytes)
            .and_then(|()| stdout.flush())
            .map_err(failed)
    }

    /// A view as indented JSON.
    pub fn json(&self, view: &impl Serialize) -> Result<(), Failure> {
        self.data(json::text(view).as_bytes())
    }

    /// Rows and columns.
    pub fn table(&self, table: &Table) -> Result<(), Failure> {
        let mut stdout = anstream::stdout().lock();
        let text = table.render(self.terminal);
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
            .map_err(failed)
    }

    /// Rows and columns for the person who is about to be asked something.
    pub fn talk(&self, table: &Table) {
        if !self.quiet {
            let text = table.render(io::stderr().is_terminal());
            // Talk that nobody hears is no failure.
            let _ = anstream::stderr().lock().write_all(text.as_bytes());
        }
    }

    /// A remark for the person at the terminal.
    pub fn note(&self, sentence: impl AsRef<str>) {
        if !self.quiet {
            // Talk that nobody hears is no failure.
            let _ = writeln!(anstream::stderr().lock(), "{}", sentence.as_ref());
        }
    }

    /// Says that a long work goes on, to a person alone; until the answer is dropped.
    pub fn progress(&self, what: &'static str) -> Progress {
        self.progress_with(what, String::new)
    }

    /// As [`Self::progress`], with how far the work has come: it is asked again and again, on a
    /// thread of its own.
    pub fn progress_with(
        &self,
        what: &'static str,
        so_far: impl Fn() -> String + Send + 'static,
    ) -> Progress {
        Progress::start(what, !self.quiet && io::stderr().is_terminal(), so_far)
    }

    /// What is said, to a person alone, when the keychain keeps them waiting.
    pub fn on_keychain_wait(&self) -> fn() {
        if self.quiet || !io::stderr().is_terminal() {
            return || ();
        }
        // As a note's: talk that nobody hears is no failure.
        || {
            _ = writeln!(
                io::stderr(),
                "Waiting for the keychain; it may be asking you."
            )
        }
    }

    /// What is said when a person is asked in Sealfold's window.
    pub fn on_asked(&self) -> fn() {
        if self.quiet {
            return || ();
        }
        // As a note's: talk that nobody hears is no failure.
        || _ = writeln!(io::stderr(), "Waiting to be allowed in Sealfold's window…")
    }

    /// What the person should know even when quiet.
    pub fn warn(&self, sentences: &[String]) {
        let yellow = AnsiColor::Yellow.on_default().bold();
        let mut stderr = anstream::stderr().lock();
        for sentence in sentences {
            let sentence = escaped(sentence);
            // As above.
            let _ = writeln!(stderr, "{yellow}warning:{yellow:#} {sentence}");
        }
    }
}

/// Whether what is written to standard error is gone: it is the null device, which also stands in
/// for a descriptor that was closed when the program started.
#[cfg(unix)]
pub fn stderr_leads_nowhere() -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    let stderr = io::stderr().as_fd().try_clone_to_owned();
    let stderr = stderr.and_then(|stderr| File::from(stderr).metadata());
    match (stderr, fs::metadata("/dev/null")) {
        (Ok(stderr), Ok(null)) => {
            stderr.file_type().is_char_device() && stderr.rdev() == null.rdev()
        }
        (stderr, _) => stderr.is_err(),
    }
}

/// Not told apart here.
#[cfg(not(unix))]
pub fn stderr_leads_nowhere() -> bool {
    false
}

/// One line of text without anything that a terminal would obey.
pub fn escaped(text: &str) -> String {
    app::escape_for_terminal(text)
}

/// A closed pipe is how a reader says that it has enough; anything else is a failure.
fn failed(error: io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Failure::OutputClosed;
    }
    let fault = Fault::new(Code::Io, "Standard output could not be written.");
    Failure::Fault(fault.about(error.to_string()))
}
