//! `recovery`: the 24 words that open the vault when the passphrase is lost.

use std::path::{Path, PathBuf};

use app::vaults::{NewRecovery, UseRecovery};
use app::{Code, Fault, Plaintext};
use clap::{Args, Subcommand};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::file::{self, Existing};
use crate::input::Source;
use crate::output::{self, escaped};
use crate::prompt;

/// How many words a recovery key has.
const WORDS: usize = 24;

/// Words on one line of the screen.
const ON_A_LINE: usize = 6;

/// Use or replace the recovery words
#[derive(Args)]
pub struct RecoveryArgs {
    #[command(subcommand)]
    command: RecoveryCommand,
}

#[derive(Subcommand)]
enum RecoveryCommand {
    New(NewArgs),
    Use(UseArgs),
}

/// Replace the recovery words by new ones
///
/// Takes the current words, makes new ones and shows them once. The old ones open nothing then.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold recovery new --recovery-file new-words")]
struct NewArgs {
    /// Take the current words from FILE; - is standard input
    #[arg(long, value_name = "FILE")]
    words_file: Option<Source>,
    /// Write the new words to a new file that only you can read
    #[arg(long, value_name = "FILE")]
    recovery_file: Option<PathBuf>,
}

/// Open the vault with the recovery words and set a new passphrase
///
/// Also lets a restored backup sign again: this machine becomes a new device.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold recovery use\n  \
    sealfold recovery use --words-file words --new-passphrase-file pass --no-input")]
struct UseArgs {
    /// Take the words from FILE; - is standard input
    #[arg(long, value_name = "FILE")]
    words_file: Option<Source>,
    /// Take the new passphrase from the first line of FILE; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "keep_passphrase")]
    new_passphrase_file: Option<Source>,
    /// Leave the passphrase as it is
    #[arg(long)]
    keep_passphrase: bool,
}

impl RecoveryArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            RecoveryCommand::New(args) => args.carry_out(context),
            RecoveryCommand::Use(args) => args.carry_out(context),
        }
    }
}

/// What is said of new words in JSON: everything but the words.
#[derive(Serialize)]
struct RenewedView<'a> {
    team: &'a str,
    genesis: &'a str,
    recovery_file: Option<String>,
}

impl NewArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        must_have_a_place(self.recovery_file.as_deref())?;
        let mut door = door::open(context, Access::Write)?;
        let current_words = words(context, self.words_file.as_ref(), "The current 24 words")?;
        let made = door.ask(NewRecovery { current_words })?;
        let words = Words {
            words: &made.words,
            team: &made.team,
            genesis: &made.genesis,
        };
        hand_over(context, self.recovery_file.as_deref(), &words)?;
        if context.output.is_json() {
            context.output.json(&RenewedView {
                team: &made.team,
                genesis: &made.genesis,
                recovery_file: self.recovery_file.map(|path| path.display().to_string()),
            })?;
        } else {
            context
                .output
                .note("The recovery words were replaced; the old ones open nothing now.");
        }
        Ok(Ending::Done)
    }
}

impl UseArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let home = context.home()?;
        door::must_exist(&home)?;
        let words = words(context, self.words_file.as_ref(), "The 24 recovery words")?;
        let new_passphrase = self.new_passphrase(context)?;
        let mut door = match door::agent(context, &home)? {
            Some(door) => door,
            None => context.door_here(home),
        };
        let recovered = door.ask(UseRecovery {
            words,
            new_passphrase,
        })?;
        context.output.warn(&recovered.warnings);
        if context.output.is_json() {
            context.output.json(&recovered)?;
            return Ok(Ending::Done);
        }
        context.output.note("The recovery words opened the vault.");
        if recovered.passphrase_changed {
            context.output.note("The new passphrase holds from now on.");
        }
        if recovered.enrolled {
            context
                .output
                .note("This machine is enrolled as a new device; the earlier one is out.");
        }
        Ok(Ending::Done)
    }

    fn new_passphrase(&self, context: &Context) -> Result<Option<Plaintext>, Fault> {
        if self.keep_passphrase {
            return Ok(None);
        }
        if let Some(source) = &self.new_passphrase_file {
            return source.first_line().map(Some);
        }
        prompt::new_passphrase(context, "New passphrase")
            .map(Some)
            .map_err(|fault| fault.next("give --new-passphrase-file FILE or --keep-passphrase"))
    }
}

/// The words from a file, or typed.
pub fn words(
    context: &Context,
    source: Option<&Source>,
    question: &str,
) -> Result<Plaintext, Fault> {
    match source {
        Some(source) => source.words(WORDS),
        None => prompt::hidden(context, &format!("{question}, in one line"))
            .map_err(|fault| fault.next("give them with --words-file FILE")),
    }
}

/// Recovery words with what has to be kept beside them.
pub struct Words<'a> {
    pub words: &'a Plaintext,
    pub team: &'a str,
    pub genesis: &'a str,
}

/// Refuses, before anything is made, where new words could neither be written nor be shown: nobody
/// could make them again.
pub fn must_have_a_place(path: Option<&Path>) -> Result<(), Fault> {
    match path {
        Some(path) => file::must_be_free(path),
        None if output::stderr_leads_nowhere() => {
            let message = "Standard error leads nowhere, so the recovery words would be lost";
            let fault = Fault::new(Code::Usage, message);
            Err(fault.next("have them written with --recovery-file FILE"))
        }
        None => Ok(()),
    }
}

/// Hands new words over: to the file that was named, else to standard error, once. When the file
/// fails after all, the words are shown, because nobody could make them again.
pub fn hand_over(context: &Context, path: Option<&Path>, made: &Words<'_>) -> Result<(), Fault> {
    // EXPOSE: the one time that the words leave, for the person who keeps them.
    let text = made
        .words
        .expose_text()
        .ok_or_else(|| Fault::new(Code::Unexpected, "The recovery words are not text"))?;
    let Some(path) = path else {
        return show(text, made);
    };
    let content = Zeroizing::new(format!(
        "{text}\n# Sealfold recovery words. Keep them apart from the machine.\n# team {}\n# genesis {}\n",
        made.team, made.genesis
    ));
    if let Err(fault) = file::write_private(path, content.as_bytes(), Existing::Keep) {
        show(text, made)?;
        return Err(fault.next("the words stand above: write them down now"));
    }
    let path = escaped(&path.display().to_string());
    context.output.note(format!(
        "The recovery words are in {path}. Keep them elsewhere."
    ));
    Ok(())
}

/// Quiet or not: this is the only chance to see them.
fn show(text: &str, made: &Words<'_>) -> Result<(), Fault> {
    use std::io::Write as _;
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut shown = Zeroizing::new(String::with_capacity(text.len() * 2));
    for line in words.chunks(ON_A_LINE) {
        shown.push_str("    ");
        for (index, word) in line.iter().enumerate() {
            if index > 0 {
                shown.push(' ');
            }
            shown.push_str(word);
        }
        shown.push('\n');
    }
    let lost = |error: String| {
        let fault = Fault::new(
            Code::Io,
            "The recovery words could not be shown, and are lost",
        );
        let next = "only the passphrase opens the vault now; better make it anew";
        fault.about(error).next(next)
    };
    if output::stderr_leads_nowhere() {
        return Err(lost("standard error leads nowhere".to_owned()));
    }
    let told = writeln!(
        std::io::stderr().lock(),
        "Recovery words. Write them down and keep them apart from this machine;\n\
         they open the vault without the passphrase and are shown only now.\n\n\
         {}\n    team    {}\n    genesis {}\n",
        shown.as_str(),
        made.team,
        made.genesis
    );
    told.map_err(|error| lost(error.to_string()))
}
