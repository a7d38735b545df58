//! `quarantine`: what somebody wrote who was removed and did not know it.

use app::counted;
use app::team::{ListQuarantine, QuarantineView, Review};
use app::{Door, Fault};
use clap::{Args, Subcommand};

use super::naming::short;
use crate::args::OneTeamArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::moment::shown;
use crate::output::Table;
use crate::prompt;

/// Review what came late from somebody who was removed
#[derive(Args)]
pub struct QuarantineArgs {
    #[command(subcommand)]
    command: QuarantineCommand,
}

#[derive(Subcommand)]
enum QuarantineCommand {
    Ls(LsArgs),
    Adopt(AdoptArgs),
    Drop(DropArgs),
}

/// List what waits for a review
///
/// Writes by somebody who was removed, or whose device was revoked, and had not seen it. Nobody is
/// given them until they are adopted.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold quarantine ls")]
struct LsArgs {
    #[command(flatten)]
    team: OneTeamArg,
}

/// Take writes back in
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold quarantine adopt 3f2a91\n  \
    sealfold quarantine adopt --all")]
struct AdoptArgs {
    #[command(flatten)]
    which: WhichArgs,
}

/// Hide writes for all
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold quarantine drop 3f2a91 --yes")]
struct DropArgs {
    #[command(flatten)]
    which: WhichArgs,
}

/// Which writes.
#[derive(Args)]
struct WhichArgs {
    /// Beginnings of ids, as quarantine ls shows them
    #[arg(value_name = "ID", required_unless_present = "all")]
    ids: Vec<String>,
    /// All that wait
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// With --all: only of this team
    #[arg(long, value_name = "NAME", requires = "all")]
    team: Option<String>,
}

impl QuarantineArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            QuarantineCommand::Ls(args) => args.carry_out(context),
            QuarantineCommand::Adopt(args) => args.which.review(context, true),
            QuarantineCommand::Drop(args) => args.which.review(context, false),
        }
    }
}

impl LsArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let waiting = door::open(context, Access::Read)?.ask(ListQuarantine {
            team: self.team.team,
        })?;
        if context.output.is_json() {
            context.output.json(&waiting)?;
            return Ok(Ending::Done);
        }
        context.output.table(&table(&waiting))?;
        if waiting.is_empty() {
            context.output.note("Nothing waits for a review.");
        }
        Ok(Ending::Done)
    }
}

impl WhichArgs {
    fn review(self, context: &Context, adopt: bool) -> Outcome {
        let mut door = door::open(context, Access::Write)?;
        let ops = self.ops(&mut door)?;
        if !adopt && !ops.is_empty() {
            prompt::confirm(context, &format!("Hide {} for all?", writes(ops.len())))?;
        }
        let reviewed = match ops.len() {
            0 => Vec::new(),
            _ => door.ask(Review { ops, adopt })?,
        };
        if context.output.is_json() {
            context.output.json(&reviewed)?;
        } else {
            let done = if adopt { "adopted" } else { "dropped" };
            let what = writes(reviewed.len());
            context.output.note(format!("{what} {done}."));
        }
        Ok(Ending::Done)
    }

    fn ops(self, door: &mut Door) -> Result<Vec<String>, Fault> {
        if !self.all {
            return Ok(self.ids);
        }
        let waiting = door.ask(ListQuarantine { team: self.team })?;
        Ok(waiting.into_iter().map(|write| write.op).collect())
    }
}

fn writes(count: usize) -> String {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    counted(count, "write", "writes")
}

fn table(waiting: &[QuarantineView]) -> Table {
    let mut table = Table::new(["ID", "BUNDLE", "NAMES", "MEMBER", "DEVICE", "WHEN (UTC)"]);
    for write in waiting {
        table.row([
            short(&write.op),
            write.bundle.clone(),
            write.names.join(", "),
            write.member.clone(),
            write.device.clone(),
            shown(write.at),
        ]);
    }
    table
}
