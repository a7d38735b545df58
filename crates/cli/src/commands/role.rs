//! `role`: what a member may do.

use app::team::SetRole;
use clap::Args;

use super::naming::Role;
use crate::args::TeamArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::Outcome;
use crate::tell;

/// Change the role of a member
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold role bob admin")]
pub struct RoleArgs {
    /// Their name, or the first eight or more digits of their id
    member: String,
    /// What they will be
    role: Role,
    #[command(flatten)]
    team: TeamArg,
}

impl RoleArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let member = door::open(context, Access::Write)?.ask(SetRole {
            team: self.team.team,
            member: self.member,
            role: self.role.name(),
        })?;
        tell::member(context, &member)
    }
}
