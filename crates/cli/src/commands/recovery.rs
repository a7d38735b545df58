//! `recovery`: the 24 words that open the vault when the passphrase is lost.

use std::path::PathBuf;

use app::vaults::{NewKeys, NewRecovery, RecoverTeam, RecoveredTeam, UseRecovery};
use app::{Fault, Plaintext, counted};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{self, Ending, Outcome};
use crate::input::Source;
use crate::output::escaped;
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
///
/// With --remote it needs no vault: on an empty machine one is made, and a team comes back from
/// where it syncs. Your earlier devices are revoked but for those that --keep names. What was
/// written and never synced is lost with the machine that it was written on.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold recovery use\n  \
    sealfold recovery use --words-file words --new-passphrase-file pass --no-input\n  \
    sealfold recovery use --remote git@example.org:acme/secrets.git\n  \
    sealfold recovery use --remote s3://bucket/prefix --team 3195954716f1 --keep phone")]
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
    #[command(flatten)]
    from: FromArgs,
}

/// Where a team comes back from.
#[derive(Args)]
struct FromArgs {
    /// Bring a team back from this remote
    #[arg(long, value_name = "LOCATION")]
    remote: Option<String>,
    /// Its id, or the beginning; needed where the words know several teams there
    #[arg(long, value_name = "ID", requires = "remote")]
    team: Option<String>,
    /// The id of its genesis, or the beginning, as it stands beside the words: no other is trusted
    #[arg(long, value_name = "ID", requires = "remote")]
    genesis: Option<String>,
    /// Your member id there, or the beginning
    #[arg(long, value_name = "ID", requires = "remote")]
    member: Option<String>,
    /// How this machine is called in the team; its host name when absent
    #[arg(long, value_name = "NAME", requires = "remote")]
    device: Option<String>,
    /// An earlier device of yours that is not lost; may be given several times
    #[arg(long, value_name = "NAME", requires = "remote")]
    keep: Vec<String>,
    /// Milliseconds that trying a passphrase should take on this machine, for a new vault
    #[arg(long, value_name = "N", requires = "remote")]
    unlock_millis: Option<u64>,
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
        let made = door.ask(NewRecovery {
            current_words,
            new_words: None,
            draft: false,
        })?;
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
        if let Some(remote) = self.from.remote.clone() {
            return self.bring_back(context, remote);
        }
        let home = context.home()?;
        home.must_have_vault().map_err(|fault| {
            fault.next("On an empty machine, `--remote LOCATION` says where your team syncs; a backup is put in place by `sealfold backup restore`.")
        })?;
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

    /// Brings a team back, into a new vault where there is none.
    fn bring_back(self, context: &Context, location: String) -> Outcome {
        let home = context.home()?;
        let is_new = !home.vault_file().exists();
        let mut door = match is_new {
            true => context.door_here(home),
            false => door::open(context, Access::Write)?,
        };
        let words = words::given(context, self.words_file.as_ref(), "The 24 recovery words")?;
        let new_vault = match is_new {
            true => Some(NewKeys {
                passphrase: self.first_passphrase(context)?,
                keychain: !context.globals.no_keychain,
                unlock_millis: self.from.unlock_millis,
            }),
            false => None,
        };
        let recovered = {
            let _progress = context.output.progress("Bringing the team back");
            door.ask(RecoverTeam {
                words,
                location,
                team: self.from.team,
                genesis: self.from.genesis,
                member: self.from.member,
                device_name: self.from.device,
                keep: self.from.keep,
                new_vault,
            })?
        };
        context.output.warn(&recovered.warnings);
        tell(context, &recovered)
    }

    /// The passphrase of a vault that is made.
    fn first_passphrase(&self, context: &Context) -> Result<Plaintext, Fault> {
        let globals = &context.globals;
        let given = self.new_passphrase_file.as_ref();
        match given.or(globals.passphrase_file.as_ref()) {
            Some(source) => source.first_line(),
            None => prompt::new_passphrase(context, "Passphrase for the new vault")
                .map_err(|fault| fault.next("Give it with `--new-passphrase-file FILE`.")),
        }
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

fn tell(context: &Context, recovered: &RecoveredTeam) -> Outcome {
    let ending = match &recovered.failure {
        None => Ending::Done,
        Some(failure) => {
            let why = exit::sentence(failure);
            let message = format!("the remote has not heard of this machine yet: {why}");
            context.output.warn(&[message]);
            Ending::Told(failure.code)
        }
    };
    if context.output.is_json() {
        context.output.json(recovered)?;
        return Ok(ending);
    }
    let (team, member) = (escaped(&recovered.team), escaped(&recovered.member));
    context.output.note(format!(
        "This machine is a device of {member} in {team} now, as {}, and reads {}.",
        escaped(&recovered.role),
        counted(recovered.bundles, "bundle", "bundles"),
    ));
    if !recovered.revoked.is_empty() {
        let revoked: Vec<_> = recovered.revoked.iter().map(|name| escaped(name)).collect();
        context.output.note(format!(
            "Revoked: {}. `sealfold exposed ls` shows what they could read.",
            revoked.join(", ")
        ));
    }
    if recovered.failure.is_some() {
        context.output.note("`sealfold sync` tries again.");
    }
    Ok(ending)
}
