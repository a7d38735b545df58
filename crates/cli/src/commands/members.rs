//! `members`: who is in a team.

use app::team::{ListMembers, MemberView};
use clap::Args;

use super::naming::short;
use crate::args::TeamArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::moment::shown;
use crate::output::Table;

/// List the members of a team
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold members --former")]
pub struct MembersArgs {
    /// Former ones too
    #[arg(long)]
    former: bool,
    #[command(flatten)]
    team: TeamArg,
}

impl MembersArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let members = door::open(context, Access::Read)?.ask(ListMembers {
            team: self.team.team,
            former: self.former,
        })?;
        if context.output.is_json() {
            context.output.json(&members)?;
            return Ok(Ending::Done);
        }
        let mut table = Table::new([
            "NAME",
            "ROLE",
            "STATE",
            "DEVICES",
            "SEEN (UTC)",
            "ID",
            "BUNDLES",
        ]);
        for member in &members {
            table.row([
                member.name.clone(),
                member.role.clone(),
                state(member).to_owned(),
                member.devices.to_string(),
                member.last_seen.map(shown).unwrap_or_default(),
                short(&member.id),
                member.bundles.join(", "),
            ]);
        }
        context.output.table(&table)?;
        Ok(Ending::Done)
    }
}

fn state(member: &MemberView) -> &'static str {
    match member {
        MemberView { own: true, .. } => "you",
        MemberView { role, .. } if role == "none" => "former",
        MemberView { verified: true, .. } => "verified",
        _ => "unverified",
    }
}
