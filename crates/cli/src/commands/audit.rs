//! `audit`: who did what and when, and whether that record is whole.

use app::audit::{AuditView, List, Verify};
use app::counted;
use clap::{Args, Subcommand};

use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome, class};
use crate::moment::{Moment, now, shown};
use crate::output::Table;

/// Names of one row that the table shows.
const NAMES_SHOWN: usize = 3;

/// Show who did what, newest first; verify that record
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  \
        sealfold audit --since 7d\n  \
        sealfold audit --operation run --failed --json\n  \
        sealfold audit verify"
)]
pub struct AuditArgs {
    #[command(subcommand)]
    command: Option<AuditCommand>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Subcommand)]
enum AuditCommand {
    Verify(VerifyArgs),
}

#[derive(Args)]
struct ListArgs {
    /// Only from then on: 2026-11-01, 7d
    #[arg(long, value_name = "WHEN")]
    since: Option<Moment>,
    /// Only until then: 2026-11-01, 7d
    #[arg(long, value_name = "WHEN")]
    until: Option<Moment>,
    /// Only this operation: get, run, export, set and so on
    #[arg(long)]
    operation: Option<String>,
    /// Only about this bundle
    #[arg(short, long, value_name = "PROJECT/ENV")]
    bundle: Option<String>,
    /// Only about this name
    #[arg(long)]
    name: Option<String>,
    /// Only what failed
    #[arg(long)]
    failed: bool,
    /// At most so many rows; 100 when absent
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
}

/// Check the whole record for cuts and edits
///
/// Exit code 13 when it does not hold.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold audit verify")]
struct VerifyArgs {}

impl AuditArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            Some(AuditCommand::Verify(args)) => args.carry_out(context),
            None => self.list.carry_out(context),
        }
    }
}

impl ListArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let now = now();
        let rows = door::open(context, Access::Read)?.ask(List {
            since: self.since.map(|moment| moment.as_start(now)),
            until: self.until.map(|moment| moment.as_end(now)),
            operation: self.operation,
            bundle: self.bundle,
            name: self.name,
            failed: self.failed,
            limit: self.limit,
        })?;
        if context.output.is_json() {
            context.output.json(&rows)?;
            return Ok(Ending::Done);
        }
        let mut table = Table::new([
            "ROW",
            "WHEN (UTC)",
            "OPERATION",
            "BUNDLE",
            "NAMES",
            "BY",
            "DETAIL",
            "FAILED",
        ]);
        for row in &rows {
            table.row([
                row.index.to_string(),
                shown(row.at),
                row.operation.clone(),
                row.bundle.clone().unwrap_or_default(),
                names(row),
                format!("{}@{} {}", row.user, row.host, row.process),
                row.detail.clone().unwrap_or_default(),
                row.failure
                    .map(|code| class(code).to_owned())
                    .unwrap_or_default(),
            ]);
        }
        context.output.table(&table)?;
        Ok(Ending::Done)
    }
}

impl VerifyArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let verdict = door::open(context, Access::Read)?.ask(Verify {})?;
        if context.output.is_json() {
            context.output.json(&verdict)?;
        } else {
            let anchor = match verdict.anchor.as_str() {
                "same" => "; the keychain's anchor agrees",
                "unreadable" => "; the keychain does not give the anchor to compare with",
                _ => "; there is no anchor to compare with",
            };
            let rows = counted(verdict.rows, "row", "rows");
            context
                .output
                .note(format!("The audit holds over {rows}{anchor}."));
        }
        Ok(Ending::Done)
    }
}

fn names(row: &AuditView) -> String {
    let shown = row
        .names
        .iter()
        .take(NAMES_SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(" ");
    let more = row
        .count
        .saturating_sub(row.names.len().min(NAMES_SHOWN) as u64);
    match (shown.is_empty(), more) {
        (_, 0) => shown,
        (true, _) => row.count.to_string(),
        (false, _) => format!("{shown} +{more}"),
    }
}
