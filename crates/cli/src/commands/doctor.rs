//! `doctor`: looks at everything, and says what to do.

use app::Code;
use app::vaults::{Check, CheckState, Doctor};
use clap::Args;

use crate::context::Context;
use crate::door;
use crate::exit::{Ending, Outcome};
use crate::output::{Table, escaped};

/// Look for what is wrong or could be better
///
/// Checks files, slots, keychain, agent and the vault's integrity. Looks inside the vault only
/// when that takes no question: through the agent, the keychain, or --passphrase-file. Exit code
/// 14 when something is worth doing, 13 when the vault's integrity does not hold.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold doctor --passphrase-file pass")]
pub struct DoctorArgs {}

impl DoctorArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        // Not checked whole: that is for the doctor, who says what is wrong with which part.
        let (mut door, refused) = match door::open_or_locked(context, false) {
            Ok(door) => (door, None),
            Err(fault) if fault.code == Code::Integrity => {
                (context.door_here(context.home()?), Some(fault))
            }
            Err(fault) => return Err(fault.into()),
        };
        let report = door.ask(Doctor { refused })?;
        if context.output.is_json() {
            context.output.json(&report)?;
        } else {
            let mut table = Table::without_header();
            for check in &report.checks {
                table.row([
                    word(check.state).to_owned(),
                    check.name.clone(),
                    check.sentence.clone(),
                ]);
            }
            context.output.table(&table)?;
            advise(context, &report.checks);
        }
        Ok(ending(&report.checks))
    }
}

fn ending(checks: &[Check]) -> Ending {
    let is_broken = |check: &Check| check.failure == Some(Code::Integrity);
    if checks.iter().any(is_broken) {
        Ending::Broken
    } else if checks.iter().any(|check| check.state != CheckState::Ok) {
        Ending::Findings
    } else {
        Ending::Done
    }
}

fn advise(context: &Context, checks: &[Check]) {
    let advice = checks.iter().filter(|check| check.state != CheckState::Ok);
    for (check, next) in advice.filter_map(|check| Some((check, check.next.as_ref()?))) {
        context
            .output
            .note(format!("{}: {}", escaped(&check.name), escaped(next)));
    }
}

fn word(state: CheckState) -> &'static str {
    match state {
        CheckState::Ok => "ok",
        CheckState::Warning => "warning",
        CheckState::Bad => "BAD",
    }
}
