//! `export`: a bundle in a format that others read.

use std::path::PathBuf;

use app::transfer::{Export, Selection};
use app::{Code, Fault};
use clap::{Args, ValueEnum};

use crate::args::{RecipientArgs, SelectionArgs};
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::fresh::FreshArg;
use crate::output::{LineEnd, escaped, write_secret};

/// Export a bundle in a format that other programs read
///
/// With `--to` it is encrypted: each recipient opens it with stock `age -d`, a member also with
/// `sealfold import`.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    eval \"$(sealfold export -b api/dev --format shell)\"\n  \
    sealfold export -b api/dev --format json | jq -r .DATABASE_URL\n  \
    sealfold export -b api/dev -o .env\n  \
    sealfold export -b api/dev --to age1… --to bob -o api.env.age\n  \
    sealfold export -b api/dev -R ~/.ssh/id_ed25519.pub --armor")]
pub struct ExportArgs {
    #[command(flatten)]
    selection: SelectionArgs,
    /// In which format; dotenv when absent
    #[arg(long)]
    format: Option<Format>,
    #[command(flatten)]
    recipients: RecipientArgs,
    /// Encrypted, as text that survives a mail or a chat
    #[arg(short, long)]
    armor: bool,
    #[command(flatten)]
    fresh: FreshArg,
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
        let to = self.recipients.named_for(self.armor)?;
        let encrypted = !to.is_empty();
        if encrypted && !self.armor && self.output.is_none() && context.output.is_terminal() {
            return Err(Fault::new(
                Code::Usage,
                "An age file is binary, and this is a terminal.",
            )
            .next("Write it to a file with `-o FILE`, or add `--armor`.")
            .into());
        }
        let selection = Selection::from(self.selection);
        let mut door = door::open(context, Access::Read)?;
        self.fresh
            .carry_out(context, &mut door, selection.bundle.as_deref())?;
        let exported = door.ask(Export {
            selection,
            format: self.format.unwrap_or(default).name(),
            to,
            armored: self.armor,
        })?;
        context.output.warn(&exported.warnings);
        if encrypted {
            let to = escaped(&exported.to.join(", "));
            context.output.note(format!("Encrypted to {to}."));
        }
        match &self.output {
            Some(path) => write_secret(context, path, &exported.data)?,
            None if encrypted => context.output.value(&exported.data, true, LineEnd::Never)?,
            None => context
                .output
                .value(&exported.data, self.raw, LineEnd::ForPeople)?,
        }
        Ok(Ending::Done)
    }
}
