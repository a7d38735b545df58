//! `get`: one value of one entry.

use std::path::{Path, PathBuf};

use app::Plaintext;
use app::entries::{Reveal, Revealed};
use clap::Args;
use serde::Serialize;

use super::naming;
use crate::args::BundleArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Failure, Outcome};
use crate::file::{self, Existing};
use crate::output::{LineEnd, Value, escaped};
use crate::prompt;

/// Get the value of an entry
///
/// In a pipe the value comes as it is, without a newline. On a terminal it ends with one, and
/// what a terminal could obey is escaped.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold get -b api/dev DATABASE_URL\n  \
    sealfold get GITHUB --field username\n  \
    sealfold get TLS_KEY -o key.pem")]
pub struct GetArgs {
    /// Its name, or a reference such as sealfold://api/dev/NAME
    name: String,
    #[command(flatten)]
    bundle: BundleArg,
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

/// [`Revealed`] with a value that JSON can hold.
#[derive(Serialize)]
struct RevealedView<'a> {
    id: &'a str,
    bundle: &'a str,
    name: &'a str,
    field: &'a str,
    version: u64,
    value: Value<'a>,
    warnings: &'a [String],
}

impl GetArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let revealed = door::open(context, Access::Read)?.ask(Reveal {
            entry: naming::entry(self.bundle.bundle, self.name),
            field: self.field,
            version: self.version,
            operation: "get".to_owned(),
        })?;
        context.output.warn(&revealed.warnings);
        match &self.output {
            Some(path) => write(context, path, &revealed.value)?,
            None => show(context, &revealed, self.raw, LineEnd::ForPeople)?,
        }
        Ok(Ending::Done)
    }
}

/// Shows a value that was asked for: bare, or in JSON with what belongs to it.
pub fn show(
    context: &Context,
    revealed: &Revealed,
    raw: bool,
    end: LineEnd,
) -> Result<(), Failure> {
    if !context.output.is_json() {
        return context.output.value(&revealed.value, raw, end);
    }
    context.output.json(&RevealedView {
        id: &revealed.id,
        bundle: &revealed.bundle,
        name: &revealed.name,
        field: &revealed.field,
        version: revealed.version,
        value: Value(&revealed.value),
        warnings: &revealed.warnings,
    })
}

/// Writes a secret to a file; `-` is standard output. Asks before it replaces one.
pub fn write(context: &Context, path: &Path, secret: &Plaintext) -> Result<(), Failure> {
    if path == Path::new("-") {
        return context.output.value(secret, true, LineEnd::Never);
    }
    let shown = escaped(&path.display().to_string());
    let mut existing = Existing::Keep;
    if file::is_in_the_way(path) {
        prompt::confirm(context, &format!("{shown} is there already. Replace it?"))?;
        existing = Existing::Replace;
    }
    // EXPOSE: into the file that the person named.
    file::write_private(path, secret.expose(), existing)?;
    context.output.note(format!("Written to {shown}."));
    Ok(())
}
