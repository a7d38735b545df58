//! `recovery`: the 24 words that open the vault when the passphrase is lost.

use std::path::PathBuf;

use app::vaults::{NewRecovery, UseRecovery};
use app::{Fault, Plaintext};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::input::Source;
use crate::prompt;
use crate::words::{self, Words};

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
        words::must_have_a_place(self.recovery_file.as_deref())?;
        let mut door = door::open(context, Access::Write)?;
        let current_words =
            words::given(context, self.words_file.as_ref(), "The current 24 words")?;
        let made = door.ask(NewRecovery { current_words })?;
        let words = Words {
            words: &made.words,
            team: &made.team,
            genesis: &made.genesis,
        };
        words::hand_over(context, self.recovery_file.as_deref(), &words)?;
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
        home.must_have_vault()?;
        let words = words::given(context, self.words_file.as_ref(), "The 24 recovery words")?;
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
            .map_err(|fault| {
                fault.next("Give `--new-passphrase-file FILE` or `--keep-passphrase`.")
            })
    }
}
