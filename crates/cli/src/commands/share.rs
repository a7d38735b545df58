//! `share`: who may read a bundle.

use app::team::Share;
use clap::Args;

use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::Outcome;
use crate::tell;

/// Share a bundle, or one entry, with members
///
/// They read what it holds now and what comes; its older versions only with --history. A single
/// entry moves to a bundle of its own, and that is shared.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold share api/prod --with bob cyd\n  \
    sealfold share api/prod --with bob --history\n  \
    sealfold share api/prod --entry STRIPE_KEY --with cyd")]
pub struct ShareArgs {
    /// The bundle, such as api/prod or acme/api/prod
    #[arg(value_name = "PROJECT/ENV")]
    bundle: String,
    /// Their names, or beginnings of their ids
    #[arg(long, required = true, num_args = 1.., value_name = "NAME")]
    with: Vec<String>,
    /// Only this entry
    #[arg(long, value_name = "NAME")]
    entry: Option<String>,
    /// Older versions too
    #[arg(long)]
    history: bool,
}

impl ShareArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let bundle = {
            let mut door = door::open(context, Access::Write)?;
            let _progress = context.output.progress("Sharing");
            door.ask(Share {
                bundle: self.bundle,
                entry: self.entry,
                with: self.with,
                history: self.history,
            })?
        };
        let readers = tell::names(&bundle.members);
        tell::bundle(context, &bundle, &format!("is read by {readers}"))
    }
}
