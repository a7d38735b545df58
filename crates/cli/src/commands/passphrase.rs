//! `passphrase`: changed, with the old one asked for even in an open vault.

use app::vaults::{ChangePassphrase, Key, Unlock};
use app::{Fault, Plaintext};
use clap::{Args, Subcommand};

use crate::context::Context;
use crate::door;
use crate::exit::Outcome;
use crate::input::Source;
use crate::prompt;
use crate::tell;

/// Change the passphrase
#[derive(Args)]
pub struct PassphraseArgs {
    #[command(subcommand)]
    command: PassphraseCommand,
}

#[derive(Subcommand)]
enum PassphraseCommand {
    Change(ChangeArgs),
}

/// Change the passphrase
///
/// The current one is needed even when the vault is unlocked.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold passphrase change\n  \
    sealfold passphrase change --passphrase-file old --new-passphrase-file new --no-input")]
struct ChangeArgs {
    /// Take the new passphrase from the first line of FILE; - is standard input
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<Source>,
}

impl PassphraseArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let PassphraseCommand::Change(args) = self.command;
        args.carry_out(context)
    }
}

impl ChangeArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let home = context.home()?;
        home.must_have_vault()?;
        let current = current(context)?;
        let mut door = match door::agent(context, &home)? {
            Some(door) => door,
            None => {
                let mut door = context.door_here(home);
                let key = Key::Passphrase(copy(&current));
                door.ask(Unlock {
                    key,
                    ttl_seconds: None,
                    full_check: true,
                })?;
                door
            }
        };
        let new = match &self.new_passphrase_file {
            Some(source) => source.first_line()?,
            None => prompt::new_passphrase(context, "New passphrase").map_err(|fault| {
                fault.next("Give the new passphrase with `--new-passphrase-file FILE`.")
            })?,
        };
        let slot = door.ask(ChangePassphrase { current, new })?;
        tell::slot(context, &slot, "holds the new passphrase")
    }
}

fn current(context: &Context) -> Result<Plaintext, Fault> {
    match &context.globals.passphrase_file {
        Some(source) => source.first_line(),
        None => prompt::hidden(context, "Current passphrase")
            .map_err(|fault| fault.next("Give the current one with `--passphrase-file FILE`.")),
    }
}

/// It is needed twice: to open the vault, and to show that whoever changes it knows it.
fn copy(passphrase: &Plaintext) -> Plaintext {
    // EXPOSE: into another wiping buffer.
    Plaintext::new(passphrase.expose().to_vec())
}
