//! `docs`: the manual, made from the commands themselves. Hidden: for packagers and for
//! `docs/cli.md`.

mod reference;

use std::path::PathBuf;

use app::{Code, Fault};
use clap::{Args, Subcommand};

use crate::args;
use crate::context::Context;
use crate::exit::{Ending, Outcome};

/// Write the manual
#[derive(Args)]
#[command(hide = true)]
pub struct DocsArgs {
    #[command(subcommand)]
    command: DocsCommand,
}

#[derive(Subcommand)]
enum DocsCommand {
    Man(ManArgs),
    Reference(ReferenceArgs),
}

/// Write a man page for each command into a folder
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold docs man man1/")]
struct ManArgs {
    /// The folder, which must exist
    folder: PathBuf,
}

/// Print docs/cli.md
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold docs reference > docs/cli.md")]
struct ReferenceArgs {}

impl DocsArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            DocsCommand::Man(args) => args.carry_out(),
            DocsCommand::Reference(ReferenceArgs {}) => {
                context
                    .output
                    .data(reference::text(args::describe(None)).as_bytes())?;
                Ok(Ending::Done)
            }
        }
    }
}

impl ManArgs {
    fn carry_out(self) -> Outcome {
        clap_mangen::generate_to(args::describe(None), &self.folder).map_err(|error| {
            let folder = self.folder.display();
            Fault::new(Code::Io, "The manual can't be written.").about(format!("{folder}: {error}"))
        })?;
        Ok(Ending::Done)
    }
}
