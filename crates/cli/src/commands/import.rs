//! `import`: a `.env` into a bundle.

use app::age::is_age_file;
use app::entries::Change;
use app::transfer::{Import, ImportRemark, ImportReport};
use clap::{Args, ValueEnum};

use crate::args::{BundleArg, DryRunArg};
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::input::Source;
use crate::output::{Table, escaped};
use crate::prompt;

/// Import a .env file into a bundle
///
/// A file that was encrypted to you, by `sealfold export --to` or by `age`, is opened with your own
/// age identity. Nothing in it shows who wrote it, so that is asked.
///
/// Makes the bundle if it is not there. The readers of .env files disagree about some lines;
/// import says which, and reads them as --dialect does. Exit code 14 when something could not
/// be kept.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold import .env -b api/dev\n  \
    heroku config -s | sealfold import - -b api/prod\n  \
    sealfold import .env -b api/dev --dialect compose --dry-run\n  \
    sealfold import api.env.age -b api/dev --unverified")]
pub struct ImportArgs {
    /// The file; - is standard input
    file: Source,
    #[command(flatten)]
    bundle: BundleArg,
    /// Whose reading of the file to follow
    #[arg(long)]
    dialect: Option<Dialect>,
    /// Put ${OTHER} in place as that reader does; it stays literal otherwise
    #[arg(long)]
    interpolate: bool,
    /// Take in what an age file holds although nothing in it shows who wrote it
    #[arg(long)]
    unverified: bool,
    #[command(flatten)]
    dry_run: DryRunArg,
}

/// Readers of `.env` files.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Dialect {
    /// python-dotenv
    Python,
    /// Node's dotenv
    Node,
    /// Docker Compose
    Compose,
}

impl Dialect {
    pub fn name(self) -> String {
        match self {
            Dialect::Python => "python",
            Dialect::Node => "node",
            Dialect::Compose => "compose",
        }
        .to_owned()
    }
}

impl ImportArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let dry_run = self.dry_run.dry_run;
        // The vault first: with both on standard input, the passphrase is the first line.
        let mut door = door::open(context, Access::Write)?;
        let data = self.file.bytes()?;
        let mut unverified = self.unverified;
        // EXPOSE: only its beginning is looked at.
        if !unverified && !dry_run && is_age_file(data.expose()) {
            prompt::confirm(
                context,
                "Nothing in the age file shows who wrote it. Import it?",
            )
            .map_err(|fault| {
                fault.next("Look at it with `--dry-run`; `--unverified` takes it in.")
            })?;
            unverified = true;
        }
        let report = door.ask(Import {
            bundle: self.bundle.bundle,
            data,
            unverified,
            source: self.file.name(),
            dialect: self.dialect.map(Dialect::name),
            interpolate: self.interpolate,
            dry_run,
        })?;
        if context.output.is_json() {
            context.output.json(&report)?;
        } else {
            if dry_run {
                context.output.table(&table(&report))?;
            }
            remark(context, &report.remarks);
            context.output.note(summary(&report, dry_run));
        }
        let lost = report.remarks.iter().any(|remark| remark.lost);
        Ok(if lost { Ending::Findings } else { Ending::Done })
    }
}

/// What there is to say about lines: what is lost is a warning.
pub fn remark(context: &Context, remarks: &[ImportRemark]) {
    for remark in remarks {
        let name = remark
            .name
            .as_ref()
            .map(|name| format!(" ({name})"))
            .unwrap_or_default();
        let told = format!("line {}{name}: {}", remark.line, remark.sentence);
        if remark.lost {
            context.output.warn(&[told]);
        } else {
            context.output.note(escaped(&told));
        }
    }
}

fn summary(report: &ImportReport, dry_run: bool) -> String {
    let count = |change| {
        report
            .entries
            .iter()
            .filter(|entry| entry.change == change)
            .count()
    };
    let (new, changed, same) = (
        count(Change::Created),
        count(Change::Changed),
        count(Change::Same),
    );
    let bundle = escaped(&report.bundle);
    let made = if report.bundle_created {
        " (a new bundle)"
    } else {
        ""
    };
    let done = if dry_run { "Would import" } else { "Imported" };
    let total = report.entries.len();
    let dialect = escaped(&report.dialect);
    let unverified = if report.unverified { " unverified" } else { "" };
    format!(
        "{done} {total}{unverified} into {bundle}{made}, read as {dialect} does: \
         {new} new, {changed} changed, {same} the same."
    )
}

fn table(report: &ImportReport) -> Table {
    let mut table = Table::new(["NAME", "CHANGE"]);
    for entry in &report.entries {
        let change = match entry.change {
            Change::Created => "new",
            Change::Changed => "changed",
            Change::Same => "same",
        };
        table.row([entry.name.clone(), change.to_owned()]);
    }
    table
}
