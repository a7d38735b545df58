//! The arguments that every command takes, and how a command line is read.

use std::ffi::OsString;
use std::path::PathBuf;

use app::transfer::Selection;
use app::{Code, Fault};
use clap::{Args, FromArgMatches, Subcommand};

use crate::commands::{self, Command};
use crate::input::Source;

/// The command line, read.
pub struct Cli {
    pub globals: Globals,
    pub command: Command,
}

/// Options that are the same everywhere.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Options of every command")]
pub struct Globals {
    /// Answer in JSON on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Fail instead of asking
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Say yes to what would be asked
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Take the passphrase from the first line of FILE; - is standard input
    #[arg(long, global = true, value_name = "FILE")]
    pub passphrase_file: Option<Source>,
    /// Use another vault file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "SEALFOLD_VAULT",
        hide_env_values = true
    )]
    pub vault: Option<PathBuf>,
    /// Do the work in this process, even when an agent runs
    #[arg(long, global = true)]
    pub no_agent: bool,
    /// Leave the system's keychain alone
    #[arg(long, global = true)]
    pub no_keychain: bool,
    /// Say nothing but warnings and failures
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// `-b`, for the commands that work in one bundle.
#[derive(Args, Debug)]
pub struct BundleArg {
    /// The bundle, such as api/dev or acme/api/dev; without it, the only one there is
    #[arg(short, long, value_name = "PROJECT/ENV")]
    pub bundle: Option<String>,
}

/// `--team`, for the commands that work in one team.
#[derive(Args, Debug)]
pub struct TeamArg {
    /// Which team; without it, the only one there is
    #[arg(long, value_name = "NAME")]
    pub team: Option<String>,
}

/// `--team`, for the commands that look at all of them.
#[derive(Args, Debug)]
pub struct OneTeamArg {
    /// Only this team
    #[arg(long, value_name = "NAME")]
    pub team: Option<String>,
}

/// `--dry-run`, for the commands that change something.
#[derive(Args, Debug)]
pub struct DryRunArg {
    /// Only say what would happen
    #[arg(long)]
    pub dry_run: bool,
}

/// Which entries, for `export` and `run`.
#[derive(Args)]
pub struct SelectionArgs {
    #[command(flatten)]
    bundle: BundleArg,
    /// Only names that match this glob; may be repeated
    #[arg(long, value_name = "GLOB")]
    only: Vec<String>,
    /// But none that match this glob; may be repeated
    #[arg(long, value_name = "GLOB")]
    except: Vec<String>,
    /// Give the value of ENTRY under the name VAR; may be repeated
    #[arg(long, value_name = "VAR=ENTRY")]
    map: Vec<String>,
    /// Refuse where a conflict or an expired value would only be a warning, or sync found something
    /// wrong
    #[arg(long)]
    strict: bool,
}

/// `--to` and what belongs to it, for the commands that write age files.
#[derive(Args)]
pub struct RecipientArgs {
    /// Encrypt it to RECIPIENT: an age1… key, an ssh-ed25519 or ssh-rsa key, or a member's name;
    /// may be repeated
    #[arg(
        short = 'r',
        long,
        value_name = "RECIPIENT",
        visible_alias = "recipient"
    )]
    to: Vec<String>,
    /// Encrypt it to the recipients in FILE too, one a line; - is standard input
    #[arg(short = 'R', long, value_name = "FILE")]
    recipients_file: Vec<Source>,
}

impl RecipientArgs {
    /// As [`named`](Self::named), for what may be armored.
    pub fn named_for(&self, armor: bool) -> Result<Vec<String>, Fault> {
        let named = self.named()?;
        if armor && named.is_empty() {
            let fault = Fault::new(Code::Usage, "Only what is encrypted can be armored.");
            return Err(fault.next("Name a recipient with `--to`."));
        }
        Ok(named)
    }

    /// All that are named, here and in files.
    pub fn named(&self) -> Result<Vec<String>, Fault> {
        let mut named = self.to.clone();
        for file in &self.recipients_file {
            let text = file.bytes()?;
            // EXPOSE: recipients are no secrets; what is none is not repeated.
            let text = text.expose_text().ok_or_else(|| {
                Fault::new(Code::Usage, "The file of recipients is not text.").about(file.name())
            })?;
            let lines = text.lines().map(str::trim);
            let before = named.len();
            named.extend(
                lines
                    .filter(|line| !line.is_empty() && !line.starts_with('#'))
                    .map(str::to_owned),
            );
            if named.len() == before {
                let fault = Fault::new(Code::Usage, "The file names no recipient.");
                return Err(fault.about(file.name()));
            }
        }
        Ok(named)
    }
}

impl From<SelectionArgs> for Selection {
    fn from(args: SelectionArgs) -> Self {
        Self {
            bundle: args.bundle.bundle,
            only: args.only,
            except: args.except,
            map: args.map,
            strict: args.strict,
        }
    }
}

/// A command line that was not understood, or that asked for help.
pub struct Refusal {
    /// clap's own account of it: help, version or what is wrong.
    pub error: clap::Error,
    /// Whether the command was `run`, whose failures all end in 125.
    pub starts_program: bool,
}

/// The command line as clap knows it: with every command, or with `only` that one. Describing all
/// of them takes longer than most of them take.
pub fn describe(only: Option<&str>) -> clap::Command {
    let program = Globals::augment_args(clap::Command::new("sealfold"))
        .bin_name("sealfold")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Team secrets without a server")
        .long_about(
            "Team secrets without a server.\n\n\
             Keeps secrets in an encrypted vault on this machine and hands them to programs. \
             stdout is data, stderr is talk, and a secret is never an argument.",
        )
        .after_help(
            "Examples:\n  \
             sealfold init\n  \
             sealfold import .env -b api/dev\n  \
             sealfold run -b api/dev -- npm start\n  \
             sealfold share api/dev --with bob\n\n\
             'sealfold COMMAND --help' says more about one command.",
        )
        .max_term_width(100)
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .arg_required_else_help(true);
    commands::describe(program, only)
}

/// Reads the command line, `arguments` with the program's own name in front.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, Box<Refusal>> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // A command named first can't be anything else. What goes wrong is told by the whole.
    let first = arguments.get(1).and_then(|first| first.to_str());
    if let Some(named) = first.filter(|first| Command::has_subcommand(first))
        && let Ok(cli) = parse_as(describe(Some(named)), &arguments)
    {
        return Ok(cli);
    }
    parse_as(describe(None), &arguments).map_err(|error| {
        let lenient = describe(None).ignore_errors(true);
        let matches = lenient.try_get_matches_from(&arguments).ok();
        let starts_program = matches.is_some_and(|found| found.subcommand_name() == Some("run"));
        Box::new(Refusal {
            error,
            starts_program,
        })
    })
}

fn parse_as(program: clap::Command, arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let mut matches = program.try_get_matches_from(arguments)?;
    Ok(Cli {
        globals: Globals::from_arg_matches_mut(&mut matches)?,
        command: Command::from_arg_matches_mut(&mut matches)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_well_formed() {
        describe(None).debug_assert();
    }

    #[test]
    fn a_command_is_the_same_alone() {
        for command in describe(None).get_subcommands() {
            let alone = describe(Some(command.get_name()));
            let names: Vec<&str> = alone.get_subcommands().map(|one| one.get_name()).collect();
            assert_eq!(names, [command.get_name()]);
        }
    }
}
