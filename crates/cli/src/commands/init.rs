//! `init`: a new vault, and the recovery words that go with it.

use std::path::PathBuf;

use app::vaults::{Created, Init};
use app::{Code, Fault, Plaintext};
use clap::Args;
use serde::Serialize;

use crate::context::Context;
use crate::exit::{Ending, Outcome};
use crate::output::escaped;
use crate::prompt;

use super::recovery;

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
        if home.vault_file().exists() {
            let fault = Fault::new(Code::Conflict, "There is a vault already");
            let path = home.vault_file().display().to_string();
            return Err(fault
                .about(path)
                .next("sealfold unlock, or name another with --vault")
                .into());
        }
        recovery::must_have_a_place(self.recovery_file.as_deref())?;
        let passphrase = passphrase(context)?;
        let created = context.door_here(home).ask(Init {
            passphrase,
            keychain: !context.globals.no_keychain,
            unlock_millis: self.unlock_millis,
            member_name: Some(self.member.unwrap_or_else(user_name)),
            device_name: Some(self.device.unwrap_or_else(host_name)),
        })?;
        recovery::hand_over(
            context,
            self.recovery_file.as_deref(),
            &recovery::Words {
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
            "The vault is at {}.\nNext: sealfold import .env -b PROJECT/ENV",
            escaped(&created.path)
        ));
    }
    Ok(Ending::Done)
}

fn passphrase(context: &Context) -> Result<Plaintext, Fault> {
    match &context.globals.passphrase_file {
        Some(source) => source.first_line(),
        None => prompt::new_passphrase(context, "Passphrase for the new vault")
            .map_err(|fault| fault.next("give the passphrase with --passphrase-file FILE")),
    }
}

#[cfg(unix)]
fn user_name() -> String {
    use nix::unistd::{Uid, User};
    let user = User::from_uid(Uid::effective()).ok().flatten();
    user.map_or_else(|| "me".to_owned(), |user| user.name)
}

#[cfg(not(unix))]
fn user_name() -> String {
    std::env::var("USERNAME").unwrap_or_else(|_| "me".to_owned())
}

#[cfg(unix)]
fn host_name() -> String {
    let name = nix::unistd::gethostname()
        .ok()
        .and_then(|name| name.into_string().ok());
    name.filter(|name| !name.is_empty())
        .unwrap_or_else(|| "this machine".to_owned())
}

#[cfg(not(unix))]
fn host_name() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "this machine".to_owned())
}
