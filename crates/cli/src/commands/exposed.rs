//! `exposed`: secrets that somebody could read who has no right to them any more.

use app::services::ListServices;
use app::team::{ExposedView, ListExposed, SettleExposed};
use clap::{Args, Subcommand};

use super::services;
use crate::args::OneTeamArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::moment;
use crate::output::{Table, escaped};

/// List and settle what has to be changed after somebody left
#[derive(Args)]
pub struct ExposedArgs {
    #[command(subcommand)]
    command: ExposedCommand,
}

#[derive(Subcommand)]
enum ExposedCommand {
    Ls(LsArgs),
    Done(DoneArgs),
}

/// List secrets that somebody could read who has no right to them any more
///
/// A secret leaves the list when it has a new value, or by `sealfold exposed done`.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold exposed ls")]
struct LsArgs {
    /// Those that are done, too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    team: OneTeamArg,
}

/// Say that an exposed secret needs no new value
#[derive(Args)]
#[command(after_help = "Example:\n  \
    sealfold exposed done -b api/prod LOG_LEVEL --reason 'no secret'")]
struct DoneArgs {
    /// Its name
    name: String,
    /// The bundle, such as api/prod or acme/api/prod
    #[arg(short, long, value_name = "PROJECT/ENV")]
    bundle: String,
    /// Why; the team sees it
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl ExposedArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            ExposedCommand::Ls(args) => args.carry_out(context),
            ExposedCommand::Done(args) => args.carry_out(context),
        }
    }
}

impl LsArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Read)?;
        let exposed = door.ask(ListExposed {
            team: self.team.team.clone(),
            all: self.all,
        })?;
        let services = door.ask(ListServices {
            team: self.team.team,
            all: false,
        })?;
        context.output.warn(&services::remarks(&services));
        if context.output.is_json() {
            context.output.json(&exposed)?;
            return Ok(Ending::Done);
        }
        context.output.table(&table(&exposed))?;
        if exposed.is_empty() {
            context.output.note("Nothing is exposed.");
        }
        Ok(Ending::Done)
    }
}

impl DoneArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let settled = door::open(context, Access::Write)?.ask(SettleExposed {
            bundle: self.bundle,
            name: self.name.clone(),
            reason: self.reason,
        })?;
        if context.output.is_json() {
            context.output.json(&settled)?;
        } else {
            let name = escaped(&self.name);
            context.output.note(format!("{name} is settled."));
        }
        Ok(Ending::Done)
    }
}

/// Exposed versions, as `remove` shows them too.
pub fn table(exposed: &[ExposedView]) -> Table {
    let mut table = Table::new([
        "NAME", "BUNDLE", "VERSION", "STATE", "TO", "READ", "OWNER", "REASON",
    ]);
    for version in exposed {
        table.row([
            version.name.clone(),
            version.bundle.clone(),
            version.version.to_string(),
            version.state.replace('_', " "),
            version.to.join(", "),
            was_read(version),
            version.owner.clone().unwrap_or_default(),
            version.reason.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn was_read(version: &ExposedView) -> String {
    match (version.read_at, version.not_read_until) {
        (Some(at), _) => format!("{}, {}", version.was_read, moment::shown(at)),
        (None, Some(until)) => format!("{} until {}", version.was_read, moment::shown(until)),
        (None, None) => version.was_read.clone(),
    }
}
