//! `remote`: where a team syncs.

mod place;

use app::sync::{AddRemote, ListRemotes, MoveRemote, RemoteView, RemoveRemote};
use clap::{Args, Subcommand};

use self::place::PlaceArgs;
use crate::args::TeamArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::moment::shown;
use crate::output::{Table, escaped};
use crate::tell;

/// Say where a team syncs
#[derive(Args)]
pub struct RemoteArgs {
    #[command(subcommand)]
    command: RemoteCommand,
}

#[derive(Subcommand)]
enum RemoteCommand {
    Add(AddArgs),
    Ls(LsArgs),
    Rm(RmArgs),
    Move(MoveArgs),
}

/// Name the place where a team syncs
///
/// A Git repository (on a branch of its own), a prefix of an S3 bucket, or a folder that something
/// else keeps in sync. It sees sealed bytes only, and needs no trust. Credentials are never part of
/// it: git's own and those of the AWS tools are used.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold remote add git git@github.com:acme/secrets.git\n  \
    sealfold remote add git file:///srv/acme.git#vault\n  \
    sealfold remote add s3 s3://acme-vault/team --region eu-central-1\n  \
    sealfold remote add folder ~/Dropbox/acme")]
struct AddArgs {
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    team: TeamArg,
}

/// List the remotes of all teams
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold remote ls")]
struct LsArgs {}

/// Forget the remote of a team
///
/// Nothing there is removed, and nothing here.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold remote rm --team acme")]
struct RmArgs {
    #[command(flatten)]
    team: TeamArg,
}

/// Move a team to another remote
///
/// Takes in what the old one still has, then pushes everything to the new one. The same place
/// again brings back what it lost. Each member moves their own vault.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold remote move s3 s3://acme-vault/team\n  \
    sealfold remote move folder /mnt/team/acme --without-old")]
struct MoveArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Go although the old remote can't be reached, or is not to be trusted any more
    #[arg(long)]
    without_old: bool,
    #[command(flatten)]
    team: TeamArg,
}

impl RemoteArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            RemoteCommand::Add(args) => args.carry_out(context),
            RemoteCommand::Ls(args) => args.carry_out(context),
            RemoteCommand::Rm(args) => args.carry_out(context),
            RemoteCommand::Move(args) => args.carry_out(context),
        }
    }
}

impl AddArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let location = self.place.location()?;
        let mut door = door::open(context, Access::Write)?;
        let remote = {
            let _progress = context.output.progress("Looking at the remote");
            door.ask(AddRemote {
                team: self.team.team,
                location,
            })?
        };
        tell(context, &remote, |team, place| {
            format!("{team} syncs through {place}. `sealfold sync` starts it.")
        })
    }
}

impl LsArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let remotes = door::open(context, Access::Read)?.ask(ListRemotes {})?;
        if context.output.is_json() {
            context.output.json(&remotes)?;
            return Ok(Ending::Done);
        }
        let mut table = Table::new([
            "TEAM",
            "KIND",
            "LOCATION",
            "SYNCED (UTC)",
            "TO PUSH",
            "FINDINGS",
            "TROUBLE",
        ]);
        for remote in &remotes {
            table.row([
                remote.team.clone(),
                remote.kind.clone(),
                remote.location.clone(),
                remote.last_sync.map(shown).unwrap_or_default(),
                remote.to_push.to_string(),
                remote.findings.to_string(),
                remote.trouble.clone().unwrap_or_default(),
            ]);
        }
        context.output.table(&table)?;
        if remotes.is_empty() {
            context
                .output
                .note("No team syncs yet. `sealfold remote add` names a place.");
        }
        Ok(Ending::Done)
    }
}

impl RmArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let remote = door::open(context, Access::Write)?.ask(RemoveRemote {
            team: self.team.team,
        })?;
        tell(context, &remote, |team, place| {
            format!("{team} syncs no more. What is in {place} stays there.")
        })
    }
}

impl MoveArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let location = self.place.location()?;
        let mut door = door::open(context, Access::Write)?;
        let remote = {
            let _progress = context.output.progress("Moving");
            door.ask(MoveRemote {
                team: self.team.team,
                location,
                without_old: self.without_old,
            })?
        };
        let ending = tell(context, &remote, |team, place| {
            format!("{team} syncs through {place} now. Each member moves their own vault.")
        })?;
        if !context.output.is_json() && !remote.services.is_empty() {
            context.output.note(format!(
                "Not there yet: the values of the services {}. Those who sign for them publish them with their next \
                 sync after their own move.",
                tell::names(&remote.services)
            ));
        }
        Ok(ending)
    }
}

fn tell(
    context: &Context,
    remote: &RemoteView,
    sentence: impl FnOnce(String, String) -> String,
) -> Outcome {
    if context.output.is_json() {
        context.output.json(remote)?;
    } else {
        let sentence = sentence(escaped(&remote.team), escaped(&remote.location));
        context.output.note(sentence);
    }
    Ok(Ending::Done)
}
