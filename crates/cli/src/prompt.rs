//! Questions to the person at the terminal. They go to the terminal itself, not through the
//! standard streams, which belong to data; what is secret is typed unseen.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Write};

use app::{Code, Fault, Plaintext};
use rpassword::{ConfigBuilder, prompt_password_with_config};
use zeroize::Zeroizing;

use crate::context::Context;

/// The shortest passphrase that a prompt takes, in characters. A file may hold any: who writes
/// one has chosen.
const SHORTEST: usize = 8;

/// The terminal of this session, whatever the standard streams are.
#[cfg(unix)]
const TERMINAL: &str = "/dev/tty";
#[cfg(windows)]
const TERMINAL: &str = "CONIN$";

/// Asks unseen; `question` ends without a colon.
pub fn hidden(context: &Context, question: &str) -> Result<Plaintext, Fault> {
    must_be_possible(context, question)?;
    guard::unseen(|| {
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
    let answer = guard::during(|| ask(&format!("{question}: ")))
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
    let answer = guard::during(|| ask(&format!("{question} [y/N] ")))
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

/// A signal that comes while a prompt has the terminal's echo off must not leave it so.
#[cfg(unix)]
mod guard {
    use std::fs::File;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, OnceLock};
    use std::thread;

    use app::Code;
    use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::{flag, low_level};

    static NO_PROMPT: OnceLock<Arc<AtomicBool>> = OnceLock::new();

    /// Runs a prompt. Interrupted, the call ends as aborted; hung up or terminated, as it would
    /// anyway; the terminal is put back first.
    pub fn during<T>(prompt: impl FnOnce() -> T) -> T {
        let no_prompt = NO_PROMPT.get_or_init(|| {
            let no_prompt = Arc::new(AtomicBool::new(true));
            watch(&no_prompt);
            no_prompt
        });
        no_prompt.store(false, Ordering::SeqCst);
        let answer = prompt();
        no_prompt.store(true, Ordering::SeqCst);
        answer
    }

    /// As [`during`], with the echo off before the question is shown: who types as soon as they
    /// see it types unseen.
    pub fn unseen<T>(prompt: impl FnOnce() -> T) -> T {
        during(|| {
            let Some((terminal, before)) = settings() else {
                return prompt();
            };
            let mut quiet = before.clone();
            // As the prompt itself sets it a moment later, when a key may have come already.
            let lines = LocalFlags::ICANON | LocalFlags::ISIG;
            quiet.local_flags.remove(LocalFlags::ECHO | lines);
            let _ = tcsetattr(&terminal, SetArg::TCSANOW, &quiet);
            let answer = prompt();
            let _ = tcsetattr(&terminal, SetArg::TCSANOW, &before);
            answer
        })
    }

    fn watch(no_prompt: &Arc<AtomicBool>) {
        const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];
        let Some((terminal, before)) = settings() else {
            return;
        };
        for signal in SIGNALS {
            // Between prompts a signal does what it always does.
            if flag::register_conditional_default(signal, Arc::clone(no_prompt)).is_err() {
                return;
            }
        }
        let Ok(mut signals) = Signals::new(SIGNALS) else {
            return;
        };
        thread::spawn(move || {
            for signal in signals.forever() {
                // A terminal that is gone needs nothing put back.
                let _ = tcsetattr(&terminal, SetArg::TCSANOW, &before);
                if signal == SIGINT {
                    std::process::exit(i32::from(Code::Aborted.exit_code()));
                }
                // It ends the process; were it to fail, the prompt would go on.
                let _ = low_level::emulate_default_handler(signal);
            }
        });
    }

    fn settings() -> Option<(File, Termios)> {
        let terminal = File::open(super::TERMINAL).ok()?;
        let before = tcgetattr(&terminal).ok()?;
        Some((terminal, before))
    }
}

/// Elsewhere the console gives its settings back by itself.
#[cfg(not(unix))]
mod guard {
    pub use during as unseen;

    pub fn during<T>(prompt: impl FnOnce() -> T) -> T {
        prompt()
    }
}
