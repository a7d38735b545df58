//! `access`: who has what.

use app::team::{AccessView, AccessWhat, AccessWho};
use clap::{Args, Subcommand};

use super::exposed;
use crate::args::TeamArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::output::{Table, escaped};

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

/// List every version of a secret that a member's keys could open
///
/// What they have a right to and what they lost, whether and when they read it, and what of it has to be
/// changed. `sealfold remove bob --dry-run` lists what would be left to change.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold access what --of bob\n  \
    sealfold access what --of bob --json")]
struct WhatArgs {
    /// Their name, or the first eight or more digits of their id
    #[arg(long, value_name = "MEMBER")]
    of: String,
    #[command(flatten)]
    team: TeamArg,
}

impl AccessArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            AccessCommand::Who(args) => args.carry_out(context),
            AccessCommand::What(args) => args.carry_out(context),
        }
    }
}

impl WhoArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let rows = door::open(context, Access::Read)?.ask(AccessWho {
            bundle: self.bundle,
            team: self.team.team,
        })?;
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

impl WhatArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let versions = door::open(context, Access::Read)?.ask(AccessWhat {
            team: self.team.team,
            member: self.of.clone(),
        })?;
        if context.output.is_json() {
            context.output.json(&versions)?;
            return Ok(Ending::Done);
        }
        context.output.table(&exposed::table(&versions))?;
        if versions.is_empty() {
            let name = escaped(&self.of);
            context
                .output
                .note(format!("{name} was given no key of any version."));
        }
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
