//! `remove`: a member leaves the team.

use app::counted;
use app::team::{RemoveMember, Removed};
use clap::Args;

use super::exposed;
use crate::args::{DryRunArg, TeamArg};
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::output::escaped;
use crate::prompt;

/// Remove a member from a team
///
/// New keys are made at once for everything they had. Prints what they could read and is still in
/// use: those secrets have to be changed where they are checked, and `sealfold exposed` follows it.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold remove bob --dry-run\n  \
    sealfold remove bob --yes > to-change")]
pub struct RemoveArgs {
    /// Their name, or the first eight or more digits of their id
    member: String,
    #[command(flatten)]
    team: TeamArg,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl RemoveArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Write)?;
        let mut ask = |dry_run| {
            let _progress = context.output.progress(if dry_run {
                "Looking at what they could read"
            } else {
                "Making new keys"
            });
            door.ask(RemoveMember {
                team: self.team.team.clone(),
                member: self.member.clone(),
                dry_run,
            })
        };
        let dry_run = self.dry_run.dry_run;
        if !dry_run && !context.globals.yes {
            let planned = ask(true)?;
            let name = escaped(&planned.member.name);
            let team = escaped(&planned.member.team);
            prompt::confirm(context, &format!("Remove {name} from {team}?"))?;
        }
        let removed = ask(dry_run)?;
        if context.output.is_json() {
            context.output.json(&removed)?;
            return Ok(Ending::Done);
        }
        context.output.table(&exposed::table(&removed.exposed))?;
        context.output.note(summary(&removed, dry_run));
        Ok(Ending::Done)
    }
}

fn summary(removed: &Removed, dry_run: bool) -> String {
    let (name, team) = (escaped(&removed.member.name), escaped(&removed.member.team));
    let exposed = u64::try_from(removed.exposed.len()).unwrap_or(u64::MAX);
    match (dry_run, exposed) {
        (true, _) => format!("{name} would be removed from {team}."),
        (false, 0) => {
            format!("{name} is removed from {team}, and could read nothing that is in use.")
        }
        (false, _) => format!(
            "{name} is removed from {team}. Change what they could read: {} above.",
            counted(exposed, "version", "versions")
        ),
    }
}
