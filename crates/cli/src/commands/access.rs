//! `access`: who has what.

use app::team::{AccessView, AccessWhat, AccessWho};
use clap::{Args, Subcommand};

use crate::args::TeamArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::output::Table;

/// Show who can read what
#[derive(Args)]
pub struct AccessArgs {
    #[command(subcommand)]
    command: AccessCommand,
}

#[derive(Subcommand)]
enum AccessCommand {
    Who(WhoArgs),
    What(WhatArgs),
}

/// Show who has a bundle, or all bundles
///
/// Former readers too: they keep the keys that they were given.
#[derive(Args)]
#[command(after_help = "Examples:\n  sealfold access who api/prod\n  sealfold access who")]
struct WhoArgs {
    /// The bundle, such as api/prod; all when absent
    #[arg(value_name = "PROJECT/ENV")]
    bundle: Option<String>,
    #[command(flatten)]
    team: TeamArg,
}

/// Show what a member has, or had
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold access what --of bob")]
struct WhatArgs {
    /// Their name, or the first eight or more digits of their id
    #[arg(long, value_name = "MEMBER")]
    of: String,
    #[command(flatten)]
    team: TeamArg,
}

impl AccessArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Read)?;
        let rows = match self.command {
            AccessCommand::Who(args) => door.ask(AccessWho {
                bundle: args.bundle,
                team: args.team.team,
            })?,
            AccessCommand::What(args) => door.ask(AccessWhat {
                team: args.team.team,
                member: args.of,
            })?,
        };
        if context.output.is_json() {
            context.output.json(&rows)?;
            return Ok(Ending::Done);
        }
        let mut table = Table::new(["BUNDLE", "MEMBER", "ROLE", "ACCESS", "KEYS"]);
        for row in &rows {
            table.row([
                row.bundle.clone(),
                row.member.clone(),
                row.role.clone(),
                access(row).to_owned(),
                row.keys.to_string(),
            ]);
        }
        context.output.table(&table)?;
        Ok(Ending::Done)
    }
}

fn access(row: &AccessView) -> &'static str {
    match (row.now, row.writes) {
        (true, true) => "reads, writes",
        (true, false) => "reads",
        (false, _) => "former",
    }
}
