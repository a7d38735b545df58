//! `init`: a new vault, and the recovery words that go with it.

use std::path::PathBuf;

use app::vaults::{Created, Init};
use app::{Fault, Plaintext};
use clap::Args;
use serde::Serialize;

use crate::context::Context;
use crate::exit::{Ending, Outcome};
use crate::output::escaped;
use crate::prompt;
use crate::words::{self, Words};

/// Make a vault
///
/// Asks for a passphrase, makes the vault, and shows 24 recovery words once. They open the vault
/// when the passphrase is lost: write them down, or have them written with --recovery-file.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold init\n  \
    sealfold init --passphrase-file pass --recovery-file words --no-input")]
pub struct InitArgs {
    /// How you are called in the team; your user name when absent
    #[arg(long, value_name = "NAME")]
    member: Option<String>,
    /// How this machine is called; its host name when absent
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Write the recovery words to a new file that only you can read
    #[arg(long, value_name = "FILE")]
    recovery_file: Option<PathBuf>,
    /// Milliseconds that trying a passphrase should take on this machine, down to a floor; 1000
    /// when absent
    #[arg(long, value_name = "N")]
    unlock_millis: Option<u64>,
}

/// [`Created`] without the words, which are never part of JSON.
#[derive(Serialize)]
struct CreatedView<'a> {
    path: &'a str,
    vault: &'a str,
    team: &'a str,
    genesis: &'a str,
    recovery_file: Option<String>,
    warnings: &'a [String],
}

impl InitArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let home = context.home()?;
        home.must_have_room()?;
        words::must_have_a_place(self.recovery_file.as_deref())?;
        let passphrase = passphrase(context)?;
        let created = context.door_here(home).ask(Init {
            passphrase,
            keychain: !context.globals.no_keychain,
            unlock_millis: self.unlock_millis,
            member_name: self.member,
            device_name: self.device,
            recovery_words: None,
        })?;
        words::hand_over(
            context,
            self.recovery_file.as_deref(),
            &Words {
                words: &created.recovery_words,
                team: &created.team,
                genesis: &created.genesis,
            },
        )?;
        context.output.warn(&created.warnings);
        tell(
            context,
            &created,
            self.recovery_file.map(|path| path.display().to_string()),
        )
    }
}

fn tell(context: &Context, created: &Created, recovery_file: Option<String>) -> Outcome {
    if context.output.is_json() {
        context.output.json(&CreatedView {
            path: &created.path,
            vault: &created.vault,
            team: &created.team,
            genesis: &created.genesis,
            recovery_file,
            warnings: &created.warnings,
        })?;
    } else {
        context.output.note(format!(
            "The vault is at {}.\nNext: `sealfold import .env -b PROJECT/ENV`.",
            escaped(&created.path)
        ));
    }
    Ok(Ending::Done)
}

fn passphrase(context: &Context) -> Result<Plaintext, Fault> {
    match &context.globals.passphrase_file {
        Some(source) => source.first_line(),
        None => prompt::new_passphrase(context, "Passphrase for the new vault")
            .map_err(|fault| fault.next("Give the passphrase with `--passphrase-file FILE`.")),
    }
}
