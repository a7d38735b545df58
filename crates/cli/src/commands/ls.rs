//! `ls`: entries, without their values.

use app::entries::{EntryView, List};
use clap::Args;

use super::naming::{Kind, kind_name};
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Failure, Outcome};
use crate::moment::{now, shown};
use crate::output::Table;

const DAY: u64 = 24 * 60 * 60;

/// List entries, without their values
///
/// In a pipe: a line for each, its columns separated by tabs.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold ls\n  \
    sealfold ls -b api/dev 'DB_*' -l\n  \
    sealfold ls --json | jq -r '.[].name'")]
pub struct LsArgs {
    /// Only names that match this glob
    pattern: Option<String>,
    /// Only this bundle, such as api/dev
    #[arg(short, long, value_name = "PROJECT/ENV")]
    bundle: Option<String>,
    /// Only this kind
    #[arg(long)]
    kind: Option<Kind>,
    /// Only with this tag
    #[arg(long)]
    tag: Option<String>,
    /// Everything that is known but values and notes
    #[arg(short, long)]
    long: bool,
}

impl LsArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Read)?;
        let entries = door.ask(List {
            bundle: self.bundle,
            pattern: self.pattern,
            kind: self.kind.map(Into::into),
            tag: self.tag,
        })?;
        show(context, &entries, self.long)?;
        if entries.is_empty() && !context.output.is_json() {
            context.output.note("Nothing to list.");
        }
        Ok(Ending::Done)
    }
}

/// Entries in the order given.
pub fn show(context: &Context, entries: &[EntryView], in_long: bool) -> Result<(), Failure> {
    if context.output.is_json() {
        return context.output.json(&entries);
    }
    context.output.table(&match in_long {
        true => long(entries),
        false => short(entries),
    })
}

fn short(entries: &[EntryView]) -> Table {
    let mut table = Table::new(["NAME", "BUNDLE", "KIND", "UPDATED (UTC)", "STATE"]);
    let now = now();
    for entry in entries {
        table.row([
            entry.name.clone(),
            entry.bundle.clone(),
            kind_name(entry.kind).to_owned(),
            shown(entry.updated),
            state(entry, now),
        ]);
    }
    table
}

fn long(entries: &[EntryView]) -> Table {
    let mut table = Table::new([
        "NAME",
        "BUNDLE",
        "KIND",
        "UPDATED (UTC)",
        "STATE",
        "VERSIONS",
        "FIELDS",
        "TAGS",
        "EXPIRES",
        "ROTATE",
        "OWNER",
        "PURPOSE",
        "FROM",
    ]);
    let now = now();
    for entry in entries {
        let about = &entry.metadata;
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        table.row([
            entry.name.clone(),
            entry.bundle.clone(),
            kind_name(entry.kind).to_owned(),
            shown(entry.updated),
            state(entry, now),
            entry.versions.to_string(),
            entry.fields.join(","),
            entry.tags.join(","),
            about.expires.map(shown).unwrap_or_default(),
            about
                .rotate_every_days
                .map(|days| format!("{days}d"))
                .unwrap_or_default(),
            text(&about.owner),
            text(&about.purpose),
            text(&about.lineage),
        ]);
    }
    table
}

/// What wants attention.
fn state(entry: &EntryView, now: u64) -> String {
    let rotation = entry
        .metadata
        .rotate_every_days
        .map(|days| u64::from(days) * DAY);
    if let Some(device) = &entry.unreadable {
        return format!("does not open, by {device}");
    }
    let mut words = Vec::new();
    if entry.conflict {
        words.push("conflict");
    }
    if entry.metadata.expires.is_some_and(|at| at <= now) {
        words.push("expired");
    }
    if rotation.is_some_and(|span| entry.updated.saturating_add(span) <= now) {
        words.push("rotate");
    }
    words.join(",")
}
