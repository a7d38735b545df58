//! `mv`: another name, or another bundle.

use app::entries::Move;
use clap::Args;

use super::naming;
use crate::args::{BundleArg, DryRunArg};
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::Outcome;
use crate::tell;

/// Rename an entry, or move it to another bundle
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold mv -b api/dev DB_URL DATABASE_URL\n  \
    sealfold mv -b api/dev DATABASE_URL --to-bundle api/prod")]
pub struct MvArgs {
    /// Its name, or a reference
    name: String,
    /// Its new name
    #[arg(required_unless_present = "to_bundle")]
    new_name: Option<String>,
    #[command(flatten)]
    bundle: BundleArg,
    /// Move it there
    #[arg(long, value_name = "PROJECT/ENV")]
    to_bundle: Option<String>,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl MvArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let dry_run = self.dry_run.dry_run;
        let saved = door::open(context, Access::Write)?.ask(Move {
            entry: naming::entry(self.bundle.bundle, self.name),
            to_name: self.new_name,
            to_bundle: self.to_bundle,
            dry_run,
        })?;
        tell::saved(context, &saved, dry_run)
    }
}
