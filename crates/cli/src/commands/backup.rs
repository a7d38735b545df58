//! `backup`: encrypted copies of the vault.

use std::path::PathBuf;

use app::agent::Stop;
use app::vaults::{BackupView, CreateBackup, Key, RestoreBackup, VerifyBackup};
use app::{Fault, Plaintext, counted};
use clap::{Args, Subcommand};

use crate::args::RecipientArgs;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::file;
use crate::input::Source;
use crate::output::escaped;
use crate::prompt;
use crate::words;

/// Make, check and restore encrypted copies of the vault
#[derive(Args)]
pub struct BackupArgs {
    #[command(subcommand)]
    command: BackupCommand,
}

#[derive(Subcommand)]
enum BackupCommand {
    Create(CreateArgs),
    Verify(VerifyArgs),
    Restore(RestoreArgs),
}

/// Write an encrypted copy of the vault
///
/// The copy opens with the passphrase or the recovery words, not with this machine's keychain. With
/// `--to` it is encrypted once more, and one of the recipients has to open it first: whoever finds it
/// can't try passphrases on it.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold backup create /mnt/usb/sealfold-backup\n  \
    sealfold backup create --to age1… /mnt/cloud/sealfold-backup.age")]
struct CreateArgs {
    /// A file that does not exist yet
    file: PathBuf,
    #[command(flatten)]
    recipients: RecipientArgs,
    /// Encrypted to recipients, as text instead of bytes
    #[arg(short, long)]
    armor: bool,
}

/// Open a backup and check all of it
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold backup verify /mnt/usb/sealfold-backup")]
struct VerifyArgs {
    /// The backup
    file: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
}

/// Put a backup in the place of the vault
///
/// A vault that is there is moved aside, not deleted. The restored one can be read at once; it
/// can be changed after `sealfold recovery use`.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold backup restore /mnt/usb/sealfold-backup --yes")]
struct RestoreArgs {
    /// The backup
    file: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
}

/// What opens the backup: its passphrase, else these words.
#[derive(Args)]
struct KeyArgs {
    /// Open it with the recovery words in FILE; - is standard input
    #[arg(long, value_name = "FILE")]
    words_file: Option<Source>,
    /// Of a backup that was made with --to: an identity file of `age-keygen`, or an SSH key
    #[arg(short, long, value_name = "FILE")]
    identity: Option<Source>,
}

impl BackupArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            BackupCommand::Create(args) => args.carry_out(context),
            BackupCommand::Verify(args) => args.carry_out(context),
            BackupCommand::Restore(args) => args.carry_out(context),
        }
    }
}

impl CreateArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let path = file::absolute(&self.file)?;
        let to = self.recipients.named_for(self.armor)?;
        let backup = door::open(context, Access::Read)?.ask(CreateBackup {
            path,
            to,
            armored: self.armor,
        })?;
        if !backup.to.is_empty() {
            let to = escaped(&backup.to.join(", "));
            context.output.note(format!("Encrypted to {to}."));
        }
        tell(context, &backup, "is written")
    }
}

impl VerifyArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let path = file::absolute(&self.file)?;
        let mut door = context.door_here(context.home()?);
        let backup = self.key.open(context, |key| {
            door.ask(VerifyBackup {
                path: path.clone(),
                key,
                identity: self.key.identity()?,
            })
        })?;
        tell(context, &backup, "is whole")
    }
}

impl RestoreArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let path = file::absolute(&self.file)?;
        let home = context.home()?;
        let replace = home.vault_file().exists();
        if replace {
            prompt::confirm(context, "There is a vault already. Move it aside?")?;
        }
        if let Some(mut agent) = door::running_agent(&home)? {
            agent.ask(Stop {})?;
        }
        let mut door = context.door_here(home);
        let backup = self.key.open(context, |key| {
            door.ask(RestoreBackup {
                path: path.clone(),
                key,
                identity: self.key.identity()?,
                replace,
            })
        })?;
        if let Some(aside) = &backup.moved_aside {
            context.output.note(format!(
                "The vault that was there is {} now.",
                escaped(aside)
            ));
        }
        context
            .output
            .note("It can be read. `sealfold recovery use` lets it be changed again.");
        tell(context, &backup, "is restored from the backup")
    }
}

impl KeyArgs {
    fn identity(&self) -> Result<Option<Plaintext>, Fault> {
        self.identity.as_ref().map(Source::bytes).transpose()
    }

    fn open<T>(
        &self,
        context: &Context,
        mut attempt: impl FnMut(Key) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if let Some(source) = &self.words_file {
            let words = words::given(context, Some(source), "The 24 recovery words")?;
            return attempt(Key::RecoveryWords(words));
        }
        door::by_passphrase(context, "Passphrase of the backup", |passphrase| {
            attempt(Key::Passphrase(passphrase))
        })
    }
}

fn tell(context: &Context, backup: &BackupView, done: &str) -> Outcome {
    if context.output.is_json() {
        context.output.json(backup)?;
    } else {
        context.output.note(format!(
            "{} {done}: {}, {}, {}.",
            escaped(&backup.path),
            counted(backup.entries, "entry", "entries"),
            counted(backup.counter, "commit", "commits"),
            counted(backup.bytes, "byte", "bytes")
        ));
    }
    Ok(Ending::Done)
}
