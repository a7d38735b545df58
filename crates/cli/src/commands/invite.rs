//! `invite`: the text that lets somebody ask to join.

use app::team::{Invite, Invited};
use clap::Args;
use serde::Serialize;

use super::naming::Role;
use crate::args::TeamArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::moment::shown;
use crate::output::{LineEnd, Value, escaped};

/// Invite somebody to a team
///
/// The invitation alone is on standard output: send it by a way that you both trust. Whoever holds
/// it can ask to join, and is in only after `sealfold approve`.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold invite --name bob > invitation\n  \
    sealfold invite --name cyd --role admin --days 2")]
pub struct InviteArgs {
    /// For whom, so that you know later
    #[arg(long)]
    name: Option<String>,
    /// What they will be
    #[arg(long, default_value = "writer")]
    role: Role,
    /// For how many days it is good; 7 when absent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    days: Option<u32>,
    #[command(flatten)]
    team: TeamArg,
}

/// [`Invited`] with a text that JSON can hold.
#[derive(Serialize)]
struct InvitedView<'a> {
    text: Value<'a>,
    team: &'a str,
    role: &'a str,
    expires: u64,
    remote: &'a str,
}

impl InviteArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let invited = door::open(context, Access::Write)?.ask(Invite {
            team: self.team.team,
            role: self.role.name(),
            name: self.name,
            days: self.days,
        })?;
        if context.output.is_json() {
            show_json(context, &invited)?;
            return Ok(Ending::Done);
        }
        context
            .output
            .value(&invited.text, false, LineEnd::Always)?;
        let (team, role) = (escaped(&invited.team), escaped(&invited.role));
        context.output.note(format!(
            "Good for one {role} of {team} until {} UTC. Send it by a way that you both trust; \
             `sealfold join` takes it there.",
            shown(invited.expires)
        ));
        Ok(Ending::Done)
    }
}

fn show_json(context: &Context, invited: &Invited) -> Result<(), crate::exit::Failure> {
    context.output.json(&InvitedView {
        text: Value(&invited.text),
        team: &invited.team,
        role: &invited.role,
        expires: invited.expires,
        remote: &invited.remote,
    })
}
