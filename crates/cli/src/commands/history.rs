//! `history`: the versions of an entry.

use app::entries::{History, VersionView};
use clap::Args;

use super::naming;
use crate::args::BundleArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::moment::shown;
use crate::output::Table;

/// List the versions of an entry, oldest first
///
/// Works for a removed entry too. `sealfold get NAME --version N` shows one of them.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold history -b api/dev DATABASE_URL")]
pub struct HistoryArgs {
    /// Its name, or a reference
    name: String,
    #[command(flatten)]
    bundle: BundleArg,
}

impl HistoryArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Read)?;
        let entry = naming::entry(self.bundle.bundle, self.name);
        let history = door.ask(History { entry })?;
        if context.output.is_json() {
            context.output.json(&history)?;
        } else {
            context.output.table(&table(&history.versions))?;
        }
        Ok(Ending::Done)
    }
}

fn table(versions: &[VersionView]) -> Table {
    let mut table = Table::new([
        "VERSION",
        "WHEN (UTC)",
        "STATE",
        "CHANGED",
        "NAME",
        "DEVICE",
        "FROM",
    ]);
    for version in versions {
        table.row([
            version.number.to_string(),
            shown(version.at),
            state(version),
            version.changed_fields.join(","),
            version.name.clone().unwrap_or_default(),
            version.device.clone(),
            version.lineage.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn state(version: &VersionView) -> String {
    let mut words = Vec::new();
    match (version.removal, version.current) {
        (true, true) => words.push("removed"),
        (true, false) => words.push("removal"),
        (false, true) => words.push("current"),
        (false, false) => {}
    }
    if version.quarantined {
        words.push("quarantined");
    }
    if version.unreadable {
        words.push("does not open");
    }
    if version.locked {
        words.push("before your time");
    }
    words.join(", ")
}
