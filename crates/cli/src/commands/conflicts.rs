//! `conflicts`: entries with several values side by side.

use app::sync::{ConflictView, ListConflicts, ResolveConflict, SideView};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::args::{BundleArg, DryRunArg};
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Failure, Outcome};
use crate::moment::shown;
use crate::output::{Field, Table, fields, in_line};
use crate::tell;

/// List and resolve conflicts
///
/// When two people change an entry without having seen each other's change, both values are kept,
/// and somebody chooses.
#[derive(Args)]
pub struct ConflictsArgs {
    #[command(subcommand)]
    command: ConflictsCommand,
}

#[derive(Subcommand)]
enum ConflictsCommand {
    Ls(LsArgs),
    Resolve(ResolveArgs),
}

/// List entries with several values side by side
///
/// A row for each side, the one that programs are given first, and the base, which all come from,
/// as number 0.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold conflicts ls\n  \
    sealfold conflicts ls -b api/prod --reveal")]
struct LsArgs {
    /// Only this bundle, such as api/dev or acme/api/dev
    #[arg(short, long, value_name = "PROJECT/ENV")]
    bundle: Option<String>,
    /// Show the values too
    #[arg(long)]
    reveal: bool,
}

/// Settle a conflict by taking one side
///
/// Its content becomes a new version for all. The other sides stay in the entry's history.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold conflicts resolve -b api/prod DATABASE_URL --take 2")]
struct ResolveArgs {
    /// The entry's name
    name: String,
    /// Which side, by its number in conflicts ls
    #[arg(long, value_name = "N")]
    take: u64,
    #[command(flatten)]
    bundle: BundleArg,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl ConflictsArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            ConflictsCommand::Ls(args) => args.carry_out(context),
            ConflictsCommand::Resolve(args) => args.carry_out(context),
        }
    }
}

impl LsArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let conflicts = door::open(context, Access::Read)?.ask(ListConflicts {
            bundle: self.bundle,
            name: None,
            reveal: self.reveal,
        })?;
        if context.output.is_json() {
            show_json(context, &conflicts)?;
            return Ok(Ending::Done);
        }
        context.output.table(&table(&conflicts))?;
        context.output.note(if conflicts.is_empty() {
            "There are no conflicts."
        } else {
            "`sealfold conflicts resolve NAME --take N` settles one."
        });
        Ok(Ending::Done)
    }
}

impl ResolveArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let dry_run = self.dry_run.dry_run;
        let saved = door::open(context, Access::Write)?.ask(ResolveConflict {
            bundle: self.bundle.bundle,
            name: self.name,
            take: self.take,
            dry_run,
        })?;
        tell::saved(context, &saved, dry_run)
    }
}

fn table(conflicts: &[ConflictView]) -> Table {
    let mut table = Table::new([
        "NAME",
        "BUNDLE",
        "SIDE",
        "WHOSE",
        "DEVICE",
        "WHEN (UTC)",
        "CHANGED",
        "VALUE",
    ]);
    for conflict in conflicts {
        for side in conflict.base.iter().chain(&conflict.sides) {
            table.row([
                conflict.name.clone(),
                conflict.bundle.clone(),
                side.number.to_string(),
                whose(side),
                side.device.clone(),
                shown(side.at),
                changed(side),
                in_line(&side.values),
            ]);
        }
    }
    table
}

fn whose(side: &SideView) -> String {
    let role = match side {
        SideView { number: 0, .. } => "base",
        SideView { mine: true, .. } => "mine",
        _ => "theirs",
    };
    format!("{role}, {}", side.member)
}

fn changed(side: &SideView) -> String {
    if side.removal {
        return "removed".to_owned();
    }
    side.changed_fields.join(", ")
}

/// [`ConflictView`] with values that JSON can hold.
#[derive(Serialize)]
struct ConflictJson<'a> {
    bundle: &'a str,
    name: &'a str,
    base: Option<SideJson<'a>>,
    sides: Vec<SideJson<'a>>,
}

/// [`SideView`], so too.
#[derive(Serialize)]
struct SideJson<'a> {
    number: u64,
    id: &'a str,
    member: &'a str,
    device: &'a str,
    mine: bool,
    at: u64,
    removal: bool,
    changed_fields: &'a [String],
    values: Vec<Field<'a>>,
}

impl<'a> From<&'a SideView> for SideJson<'a> {
    fn from(side: &'a SideView) -> Self {
        Self {
            number: side.number,
            id: &side.id,
            member: &side.member,
            device: &side.device,
            mine: side.mine,
            at: side.at,
            removal: side.removal,
            changed_fields: &side.changed_fields,
            values: fields(&side.values),
        }
    }
}

fn show_json(context: &Context, conflicts: &[ConflictView]) -> Result<(), Failure> {
    let views = conflicts.iter().map(|conflict| ConflictJson {
        bundle: &conflict.bundle,
        name: &conflict.name,
        base: conflict.base.as_ref().map(SideJson::from),
        sides: conflict.sides.iter().map(SideJson::from).collect(),
    });
    context.output.json(&views.collect::<Vec<_>>())
}
