//! `bundle`: the units of sharing, one per project and environment.

use app::bundles::{Archive, BundleView, List, New};
use clap::{Args, Subcommand};

use crate::args::DryRunArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::moment::shown;
use crate::output::Table;
use crate::tell;

/// List, make and archive bundles
#[derive(Args)]
pub struct BundleArgs {
    #[command(subcommand)]
    command: BundleCommand,
}

#[derive(Subcommand)]
enum BundleCommand {
    Ls(LsArgs),
    New(NewArgs),
    Archive(ArchiveArgs),
}

/// List the bundles
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold bundle ls --archived")]
struct LsArgs {
    /// Archived ones too
    #[arg(long)]
    archived: bool,
}

/// Make a bundle
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold bundle new api/dev")]
struct NewArgs {
    /// What it is called
    #[arg(value_name = "PROJECT/ENV")]
    name: String,
    #[command(flatten)]
    dry_run: DryRunArg,
}

/// Archive a bundle
///
/// It is hidden and can't be written. Nothing is deleted, and --undo brings it back.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold bundle archive api/old\n  \
    sealfold bundle archive api/old --undo")]
struct ArchiveArgs {
    /// What it is called
    #[arg(value_name = "PROJECT/ENV")]
    name: String,
    /// Bring it back
    #[arg(long)]
    undo: bool,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl BundleArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            BundleCommand::Ls(args) => args.carry_out(context),
            BundleCommand::New(args) => args.carry_out(context),
            BundleCommand::Archive(args) => args.carry_out(context),
        }
    }
}

impl LsArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Read)?;
        let bundles = door.ask(List {
            archived: self.archived,
        })?;
        if context.output.is_json() {
            context.output.json(&bundles)?;
            return Ok(Ending::Done);
        }
        let mut table = Table::new(["BUNDLE", "ENTRIES", "MADE (UTC)", "STATE", "READERS"]);
        for bundle in &bundles {
            table.row([
                bundle.name.clone(),
                bundle.entries.to_string(),
                shown(bundle.created),
                state(bundle),
                tell::names(&bundle.members),
            ]);
        }
        context.output.table(&table)?;
        if bundles.is_empty() {
            context
                .output
                .note("There is no bundle yet. `sealfold bundle new PROJECT/ENV` makes one.");
        }
        Ok(Ending::Done)
    }
}

impl NewArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let dry_run = self.dry_run.dry_run;
        let mut door = door::open(context, Access::Write)?;
        let bundle = door.ask(New {
            name: self.name,
            dry_run,
        })?;
        let done = if dry_run { "would be made" } else { "is made" };
        tell::bundle(context, &bundle, done)
    }
}

impl ArchiveArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let dry_run = self.dry_run.dry_run;
        let mut door = door::open(context, Access::Write)?;
        let bundle = door.ask(Archive {
            name: self.name,
            undo: self.undo,
            dry_run,
        })?;
        let done = match (self.undo, dry_run) {
            (false, false) => "is archived",
            (false, true) => "would be archived",
            (true, false) => "is back",
            (true, true) => "would be back",
        };
        tell::bundle(context, &bundle, done)
    }
}

/// What is to be known before it is used.
fn state(bundle: &BundleView) -> String {
    let mut words = Vec::new();
    if bundle.archived {
        words.push("archived");
    }
    if !bundle.shared {
        words.push("not shared with you");
    }
    words.join(", ")
}
