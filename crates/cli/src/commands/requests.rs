//! `requests`: who wants to join.

use app::team::ListRequests;
use clap::Args;

use super::naming::short;
use crate::args::OneTeamArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::moment::shown;
use crate::output::Table;
use crate::tell;

/// List who asks to join
///
/// Of the teams in which you may approve. Anybody who has the invitation can claim any name:
/// compare the words with them, then `sealfold approve`.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold requests")]
pub struct RequestsArgs {
    #[command(flatten)]
    team: OneTeamArg,
}

impl RequestsArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let requests = door::open(context, Access::Read)?.ask(ListRequests {
            team: self.team.team,
        })?;
        if context.output.is_json() {
            context.output.json(&requests)?;
            return Ok(Ending::Done);
        }
        context.output.warn(&tell::confused(&requests));
        let mut table = Table::new([
            "NAME",
            "ROLE",
            "TEAM",
            "DEVICE",
            "INVITED BY",
            "UNTIL (UTC)",
            "ID",
            "WORDS",
        ]);
        for request in &requests {
            table.row([
                request.name.clone(),
                request.role.clone(),
                request.team.clone(),
                request.device_name.clone(),
                request.invited_by.clone(),
                shown(request.expires),
                short(&request.id),
                request.words.clone(),
            ]);
        }
        context.output.table(&table)?;
        if requests.is_empty() {
            context
                .output
                .note("Nobody asks to join, as far as the last sync knows.");
        }
        Ok(Ending::Done)
    }
}
