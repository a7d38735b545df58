//! `team`: the teams of this vault, their making and their limits.

use app::counted;
use app::team::{ListTeams, NewTeam, PolicyView, SetPolicy, TeamView};
use clap::{ArgAction, Args, Subcommand};

use crate::args::TeamArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::output::{Table, escaped};

/// Make and list teams, and set their limits
#[derive(Args)]
pub struct TeamArgs {
    #[command(subcommand)]
    command: TeamCommand,
}

#[derive(Subcommand)]
enum TeamCommand {
    New(NewArgs),
    Ls(LsArgs),
    Policy(PolicyArgs),
}

/// Make a team
///
/// A personal vault that is still alone becomes the team, with all that is in it; what is not to
/// be shared stays unshared. With --separate a team is founded beside it.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold team new acme\n  \
    sealfold team new other --separate")]
struct NewArgs {
    /// What it is called
    name: String,
    /// Found another team, although the personal vault could become it
    #[arg(long)]
    separate: bool,
}

/// List the teams
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold team ls")]
struct LsArgs {}

/// Show or set the limits of a team
///
/// Owners set them.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold team policy\n  \
    sealfold team policy --stale-after-days 30 --require-verified true")]
struct PolicyArgs {
    #[command(flatten)]
    team: TeamArg,
    /// Days without a sign of life after which a device counts as out of touch; 0 for never
    #[arg(long, value_name = "N")]
    stale_after_days: Option<u64>,
    /// Whether a bundle may be shared only with members whose keys were compared
    #[arg(long, value_name = "BOOL", action = ArgAction::Set)]
    require_verified: Option<bool>,
}

impl TeamArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            TeamCommand::New(args) => args.carry_out(context),
            TeamCommand::Ls(args) => args.carry_out(context),
            TeamCommand::Policy(args) => args.carry_out(context),
        }
    }
}

impl NewArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let team = door::open(context, Access::Write)?.ask(NewTeam {
            name: self.name,
            separate: self.separate,
        })?;
        if context.output.is_json() {
            context.output.json(&team)?;
            return Ok(Ending::Done);
        }
        let (name, member) = (escaped(&team.name), escaped(&team.member_name));
        context.output.note(format!(
            "{name} is made, and {member} is its owner. Keep with the recovery words:\n\n    \
             team    {}\n    genesis {}\n    member  {}\n\n\
             Next: `sealfold remote add`, then `sealfold invite`.",
            escaped(&team.id),
            escaped(&team.genesis),
            escaped(&team.member)
        ));
        Ok(Ending::Done)
    }
}

impl LsArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let teams = door::open(context, Access::Read)?.ask(ListTeams {})?;
        if context.output.is_json() {
            context.output.json(&teams)?;
            return Ok(Ending::Done);
        }
        let mut table = Table::new([
            "TEAM", "YOU", "ROLE", "MEMBERS", "BUNDLES", "STATE", "REMOTE",
        ]);
        for team in &teams {
            table.row([
                team.name.clone(),
                team.member_name.clone(),
                team.role.clone(),
                team.members.to_string(),
                team.bundles.to_string(),
                state(team),
                team.remote.clone().unwrap_or_default(),
            ]);
        }
        context.output.table(&table)?;
        for team in &teams {
            remark(context, team);
        }
        Ok(Ending::Done)
    }
}

fn state(team: &TeamView) -> String {
    match (&team.asked, u64::try_from(team.due.len())) {
        (Some(_), _) => "not let in yet".to_owned(),
        (None, Ok(due @ 1..)) => format!("{due} due"),
        (None, _) => String::new(),
    }
}

fn remark(context: &Context, team: &TeamView) {
    let name = escaped(&team.name);
    if let Some(words) = &team.asked {
        let words = escaped(words);
        context.output.note(format!(
            "{name}: not let in yet. Read to whoever lets you in: {words}"
        ));
        return;
    }
    for due in &team.due {
        context
            .output
            .note(format!("{name}: {}.", escaped(&due.to_string())));
    }
}

impl PolicyArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let sets = self.stale_after_days.is_some() || self.require_verified.is_some();
        let access = if sets { Access::Write } else { Access::Read };
        let policy = door::open(context, access)?.ask(SetPolicy {
            team: self.team.team,
            stale_after_days: self.stale_after_days,
            require_verified: self.require_verified,
        })?;
        if context.output.is_json() {
            context.output.json(&policy)?;
        } else {
            context.output.table(&table(&policy))?;
        }
        Ok(Ending::Done)
    }
}

fn table(policy: &PolicyView) -> Table {
    let mut table = Table::without_header();
    let mut line = |what: &str, how: String| table.row([what.to_owned(), how]);
    line("team", policy.team.clone());
    line(
        "out of touch",
        match policy.stale_after_days {
            0 => "never".to_owned(),
            days => format!("after {}", counted(days, "day", "days")),
        },
    );
    line(
        "shared with",
        if policy.require_verified {
            "verified members only"
        } else {
            "any member"
        }
        .to_owned(),
    );
    table
}
