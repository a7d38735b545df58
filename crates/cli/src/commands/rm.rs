//! `rm`: entries leave; their versions stay.

use app::entries::Remove;
use clap::Args;

use crate::args::{BundleArg, DryRunArg};
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::output::escaped;

/// Remove entries
///
/// Their versions are kept, and `sealfold restore` brings them back. When one of the names is
/// not there, nothing is removed.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold rm -b api/dev OLD_KEY OLDER_KEY")]
pub struct RmArgs {
    /// Their names
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    bundle: BundleArg,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl RmArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let dry_run = self.dry_run.dry_run;
        let removed = door::open(context, Access::Write)?.ask(Remove {
            bundle: self.bundle.bundle,
            names: self.names,
            dry_run,
        })?;
        if context.output.is_json() {
            context.output.json(&removed)?;
            return Ok(Ending::Done);
        }
        let done = if dry_run {
            "would be removed from"
        } else {
            "is removed from"
        };
        for entry in &removed {
            let (name, bundle) = (escaped(&entry.name), escaped(&entry.bundle));
            context.output.note(format!("{name} {done} {bundle}."));
        }
        Ok(Ending::Done)
    }
}
