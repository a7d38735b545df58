//! `promote`: entries from one environment into another.

use app::entries::Change;
use app::environments::{Promote, Promoted};
use clap::Args;

use super::naming::kind_name;
use crate::args::DryRunArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::output::{Table, escaped};
use crate::prompt;

/// Copy entries from one environment to another
///
/// They become new versions there: a value goes over with the time at which it expires, and what is
/// known of the entry in the environment that is written stays. Shows what would change and asks,
/// so that the two are not swapped by mistake; --yes says it is meant. An entry with several values
/// side by side is refused.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold promote api/dev api/prod FEATURE_FLAGS STRIPE_KEY\n  \
    sealfold promote api/dev api/test --all --dry-run")]
pub struct PromoteArgs {
    /// The bundle that they are in
    #[arg(value_name = "FROM")]
    from: String,
    /// The bundle that is written
    #[arg(value_name = "TO")]
    to: String,
    /// Their names
    #[arg(
        value_name = "NAME",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    names: Vec<String>,
    /// All that are in FROM
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl PromoteArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Write)?;
        let wish = |dry_run| Promote {
            from: self.from.clone(),
            to: self.to.clone(),
            names: self.names.clone(),
            all: self.all,
            dry_run,
        };
        let mut promoted = door.ask(wish(true))?;
        context.output.warn(&promoted.warnings);
        let changes = promoted.entries.iter();
        let writes = changes.filter(|one| one.change != Change::Same).count();
        let (to, dry_run) = (escaped(&promoted.to), self.dry_run.dry_run);
        if writes > 0 && !dry_run {
            if !context.globals.yes {
                context.output.talk(&table(&promoted));
            }
            let question = format!("Write {} into {to}?", counts(&promoted));
            prompt::confirm(context, &question)?;
            let before = promoted;
            promoted = door.ask(wish(false))?;
            if promoted.entries != before.entries {
                context.output.warn(&[
                    "others changed one of the two meanwhile: what was written is not quite what was shown"
                        .to_owned(),
                ]);
            }
        }
        if context.output.is_json() {
            context.output.json(&promoted)?;
            return Ok(Ending::Done);
        }
        if dry_run {
            context.output.table(&table(&promoted))?;
        }
        let from = escaped(&promoted.from);
        let counts = counts(&promoted);
        context.output.note(match (writes, dry_run) {
            (0, _) => format!("{to} has the same already."),
            (_, true) => format!("Would write {counts} from {from} into {to}."),
            (_, false) => format!("Wrote {counts} from {from} into {to}."),
        });
        Ok(Ending::Done)
    }
}

fn counts(promoted: &Promoted) -> String {
    let count = |change| {
        let entries = promoted.entries.iter();
        entries.filter(|one| one.change == change).count()
    };
    let (new, changed, same) = (
        count(Change::Created),
        count(Change::Changed),
        count(Change::Same),
    );
    match same {
        0 => format!("{new} new and {changed} changed"),
        _ => format!("{new} new and {changed} changed ({same} the same)"),
    }
}

fn table(promoted: &Promoted) -> Table {
    let mut table = Table::new(["NAME", "KIND", "CHANGE"]);
    for entry in &promoted.entries {
        let change = match entry.change {
            Change::Created => "new",
            Change::Changed => "changed",
            Change::Same => "same",
        };
        let kind = kind_name(entry.kind).to_owned();
        table.row([entry.name.clone(), kind, change.to_owned()]);
    }
    table
}
