//! `unshare`: takes a bundle from members.

use app::team::Unshare;
use clap::Args;

use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::Outcome;
use crate::tell;

/// Take a bundle from members
///
/// It gets a new key at once, so they read nothing that is written from now on. What they could
/// read before they may have kept: `sealfold exposed ls` lists it, until it is changed.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold unshare api/prod --with bob")]
pub struct UnshareArgs {
    /// The bundle, such as api/prod or acme/api/prod
    #[arg(value_name = "PROJECT/ENV")]
    bundle: String,
    /// Their names, or beginnings of their ids
    #[arg(long, required = true, num_args = 1.., value_name = "NAME")]
    with: Vec<String>,
}

impl UnshareArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let bundle = {
            let mut door = door::open(context, Access::Write)?;
            let _progress = context.output.progress("Making a new key");
            door.ask(Unshare {
                bundle: self.bundle,
                with: self.with,
            })?
        };
        let readers = tell::names(&bundle.members);
        let done = format!("has a new key and is read by {readers}");
        let outcome = tell::bundle(context, &bundle, &done)?;
        if !context.output.is_json() {
            context
                .output
                .note("What should be changed now: `sealfold exposed ls`.");
        }
        Ok(outcome)
    }
}
