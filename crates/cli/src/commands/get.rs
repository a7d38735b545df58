//! `get`: one value of one entry.

use std::path::PathBuf;

use app::entries::Reveal;
use clap::Args;

use super::naming;
use crate::args::BundleArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::fresh::FreshArg;
use crate::moment::now;
use crate::output::{LineEnd, show_revealed, write_secret};

/// Get the value of an entry
///
/// In a pipe the value comes as it is, without a newline. On a terminal it ends with one, and
/// what a terminal could obey is escaped. `--field code` gives the present code of a one-time
/// password.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold get -b api/dev DATABASE_URL\n  \
    sealfold get GITHUB --field username\n  \
    sealfold get GITHUB_2FA --field code\n  \
    sealfold get TLS_KEY -o key.pem")]
pub struct GetArgs {
    /// Its name, or a reference such as sealfold://api/dev/NAME
    name: String,
    #[command(flatten)]
    bundle: BundleArg,
    #[command(flatten)]
    fresh: FreshArg,
    /// Which field; the kind's own first one when absent
    #[arg(long)]
    field: Option<String>,
    /// Which version, counted as history does
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    /// Write it to a file that only you can read
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// On a terminal too, as it is
    #[arg(long)]
    raw: bool,
}

impl GetArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Read)?;
        let wanted = self.bundle.bundle.as_deref().unwrap_or(&self.name);
        self.fresh.carry_out(context, &mut door, Some(wanted))?;
        let revealed = door.ask(Reveal {
            entry: naming::entry(self.bundle.bundle, self.name),
            field: self.field,
            version: self.version,
            operation: "get".to_owned(),
        })?;
        context.output.warn(&revealed.warnings);
        if let Some(until) = revealed.until {
            let left = until.saturating_sub(now());
            context.output.note(format!("Good for {left} s."));
        }
        match &self.output {
            Some(path) => write_secret(context, path, &revealed.value)?,
            None => show_revealed(context, &revealed, self.raw, LineEnd::ForPeople)?,
        }
        Ok(Ending::Done)
    }
}
