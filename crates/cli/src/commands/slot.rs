//! `slot`: the ways in which the vault can be opened.

use app::vaults::{AddSlot, ListSlots, RemoveSlot};
use clap::{Args, Subcommand};

use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::input::Source;
use crate::output::{Table, escaped};
use crate::prompt;
use crate::tell;

/// List, add and remove the ways to open the vault
#[derive(Args)]
pub struct SlotArgs {
    #[command(subcommand)]
    command: SlotCommand,
}

#[derive(Subcommand)]
enum SlotCommand {
    Ls(LsArgs),
    Add(AddArgs),
    Rm(RmArgs),
}

/// List the key slots
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold slot ls")]
struct LsArgs {}

/// Add a key slot
#[derive(Args)]
struct AddArgs {
    #[command(subcommand)]
    kind: AddKind,
}

#[derive(Subcommand)]
enum AddKind {
    Passphrase(AddPassphraseArgs),
    Keychain(AddKeychainArgs),
}

/// One more passphrase that opens the vault
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold slot add passphrase")]
struct AddPassphraseArgs {
    /// Take the new passphrase from the first line of FILE; - is standard input
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<Source>,
}

/// The system's keychain, so that commands open the vault without asking
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold slot add keychain")]
struct AddKeychainArgs {}

/// Remove a key slot
///
/// The last passphrase and the recovery slot stay.
#[derive(Args)]
#[command(after_help = "Examples:\n  sealfold slot rm keychain\n  sealfold slot rm 3f2a --yes")]
struct RmArgs {
    /// Its id, or the beginning of it; or its kind when there is one of that
    slot: String,
}

impl SlotArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            SlotCommand::Ls(args) => args.carry_out(context),
            SlotCommand::Add(args) => args.carry_out(context),
            SlotCommand::Rm(args) => args.carry_out(context),
        }
    }
}

impl LsArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let slots = door::open(context, Access::Read)?.ask(ListSlots {})?;
        if context.output.is_json() {
            context.output.json(&slots)?;
            return Ok(Ending::Done);
        }
        let mut table = Table::new(["KIND", "ID", "ARGON2ID"]);
        for slot in slots {
            table.row([slot.kind, slot.id, slot.kdf.unwrap_or_default()]);
        }
        context.output.table(&table)?;
        Ok(Ending::Done)
    }
}

impl AddArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Write)?;
        let request = match self.kind {
            AddKind::Keychain(AddKeychainArgs {}) => AddSlot::Keychain,
            AddKind::Passphrase(args) => AddSlot::Passphrase(match args.new_passphrase_file {
                Some(source) => source.first_line()?,
                None => prompt::new_passphrase(context, "New passphrase").map_err(|fault| {
                    fault.next("Give the new passphrase with `--new-passphrase-file FILE`.")
                })?,
            }),
        };
        let slot = door.ask(request)?;
        tell::slot(context, &slot, "is added")
    }
}

impl RmArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Write)?;
        let which = escaped(&self.slot);
        prompt::confirm(context, &format!("Remove the slot {which}?"))?;
        let slot = door.ask(RemoveSlot { slot: self.slot })?;
        tell::slot(context, &slot, "is removed")
    }
}
