//! `export`: a bundle in a format that others read.

use std::path::PathBuf;

use app::transfer::Export;
use clap::{Args, ValueEnum};

use crate::args::SelectionArgs;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::output::{LineEnd, write_secret};

/// Export a bundle in a format that other programs read
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    eval \"$(sealfold export -b api/dev --format shell)\"\n  \
    sealfold export -b api/dev --format json | jq -r .DATABASE_URL\n  \
    sealfold export -b api/dev -o .env")]
pub struct ExportArgs {
    #[command(flatten)]
    selection: SelectionArgs,
    /// In which format; dotenv when absent
    #[arg(long)]
    format: Option<Format>,
    /// Write it to a file that only you can read
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// On a terminal too, as it is
    #[arg(long)]
    raw: bool,
}

/// What an export is written in.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A .env file
    Dotenv,
    /// Lines for a POSIX shell's eval
    Shell,
    /// One object, names to values
    Json,
}

impl Format {
    fn name(self) -> String {
        match self {
            Format::Dotenv => "dotenv",
            Format::Shell => "shell",
            Format::Json => "json",
        }
        .to_owned()
    }
}

impl ExportArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let default = if context.output.is_json() {
            Format::Json
        } else {
            Format::Dotenv
        };
        let exported = door::open(context, Access::Read)?.ask(Export {
            selection: self.selection.into(),
            format: self.format.unwrap_or(default).name(),
        })?;
        context.output.warn(&exported.warnings);
        match &self.output {
            Some(path) => write_secret(context, path, &exported.data)?,
            None => context
                .output
                .value(&exported.data, self.raw, LineEnd::ForPeople)?,
        }
        Ok(Ending::Done)
    }
}
