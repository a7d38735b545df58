//! `restore`: an earlier version becomes current again.

use app::entries::Restore;
use clap::Args;

use super::naming;
use crate::args::{BundleArg, DryRunArg};
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::Outcome;
use crate::tell;

/// Make an earlier version current again, as a new version
///
/// Without --version: the newest one that is no removal, so that `rm` is undone.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold restore -b api/dev OLD_KEY\n  \
    sealfold restore -b api/dev DATABASE_URL --version 2")]
pub struct RestoreArgs {
    /// Its name, or a reference
    name: String,
    #[command(flatten)]
    bundle: BundleArg,
    /// Which version, counted as history does
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl RestoreArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let dry_run = self.dry_run.dry_run;
        let saved = door::open(context, Access::Write)?.ask(Restore {
            entry: naming::entry(self.bundle.bundle, self.name),
            version: self.version,
            dry_run,
        })?;
        tell::saved(context, &saved, dry_run)
    }
}
