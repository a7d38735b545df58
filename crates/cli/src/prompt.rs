//! Questions to the person at the terminal. They go to the terminal itself, not through the
//! standard streams, which belong to data; what is secret is typed unseen.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Write};

use app::{Code, Fault, Plaintext};
use rpassword::{ConfigBuilder, prompt_password_with_config};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::signals::{prompting, prompting_unseen};

/// The shortest passphrase that a prompt takes, in characters. A file may hold any: who writes
/// one has chosen.
const SHORTEST: usize = 8;

/// The terminal of this session, whatever the standard streams are.
#[cfg(unix)]
pub const TERMINAL: &str = "/dev/tty";
#[cfg(windows)]
pub const TERMINAL: &str = "CONIN$";

/// Asks unseen; `question` ends without a colon.
pub fn hidden(context: &Context, question: &str) -> Result<Plaintext, Fault> {
    must_be_possible(context, question)?;
    prompting_unseen(|| {
        let config = ConfigBuilder::new().build();
        let typed = prompt_password_with_config(format!("{question}: "), config);
        typed
            .map(Plaintext::from_text)
            .map_err(|error| unanswered(question, &error))
    })
}

/// Asks for a passphrase to be, twice, until both are the same and long enough.
pub fn new_passphrase(context: &Context, question: &str) -> Result<Plaintext, Fault> {
    loop {
        let first = hidden(context, question)?;
        // EXPOSE: counted only.
        let length = first.expose_text().map_or(0, |text| text.chars().count());
        if length < SHORTEST {
            context.output.note(format!(
                "At least {SHORTEST} characters, please; a few words with spaces are good."
            ));
            continue;
        }
        if first == hidden(context, "The same again")? {
            return Ok(first);
        }
        context.output.note("The two were not the same; once more.");
    }
}

/// Asks for a line that is no secret; `question` ends without a colon.
pub fn line(context: &Context, question: &str) -> Result<String, Fault> {
    must_be_possible(context, question)?;
    let answer = prompting(|| ask(&format!("{question}: ")))
        .map_err(|error| unanswered(question, &error))?;
    Ok(answer.trim().to_owned())
}

/// Asks yes or no. `--yes` answers; without anyone to ask it is a no.
pub fn confirm(context: &Context, question: &str) -> Result<(), Fault> {
    if context.globals.yes {
        return Ok(());
    }
    must_be_possible(context, question)
        .map_err(|fault| fault.next("Add `--yes` if it is meant."))?;
    let answer = prompting(|| ask(&format!("{question} [y/N] ")))
        .map_err(|error| unanswered(question, &error))?;
    match answer.trim() {
        "y" | "Y" | "yes" | "Yes" => Ok(()),
        _ => Err(Fault::new(Code::Aborted, "Nothing was done.")),
    }
}

/// Whether someone is there to be asked; else why not.
pub fn possible(context: &Context) -> Result<(), &'static str> {
    if context.globals.no_input {
        return Err("`--no-input` forbids asking");
    }
    match OpenOptions::new().read(true).write(true).open(TERMINAL) {
        Ok(_) => Ok(()),
        Err(_) => Err("there is no terminal to ask at"),
    }
}

fn must_be_possible(context: &Context, question: &str) -> Result<(), Fault> {
    possible(context).map_err(|why| {
        Fault::new(Code::Aborted, format!("An answer is needed, and {why}.")).about(question)
    })
}

fn ask(question: &str) -> io::Result<Zeroizing<String>> {
    let mut terminal = OpenOptions::new().read(true).write(true).open(TERMINAL)?;
    terminal.write_all(question.as_bytes())?;
    let mut answer = Zeroizing::new(String::new());
    if BufReader::new(terminal).read_line(&mut answer)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(answer)
}

fn unanswered(question: &str, error: &io::Error) -> Fault {
    let fault = match error.kind() {
        io::ErrorKind::Interrupted => Fault::new(Code::Aborted, "It was interrupted."),
        io::ErrorKind::UnexpectedEof => Fault::new(Code::Aborted, "No answer was given."),
        io::ErrorKind::InvalidData => Fault::new(Code::Usage, "What was typed is not UTF-8."),
        _ => Fault::new(Code::Io, "The terminal can't be read."),
    };
    fault.about(question)
}
