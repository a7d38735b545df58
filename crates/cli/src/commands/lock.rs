//! `lock`: closes the vault, and keeps the keychain from opening it again.

use app::Door;
use clap::Args;

use crate::context::Context;
use crate::door;
use crate::exit::{Ending, Outcome};

/// Lock the vault
///
/// Ends the agent. The keychain slot opens nothing until the next `sealfold unlock` with the
/// passphrase, so that locked means locked.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold lock")]
pub struct LockArgs {}

impl LockArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let home = context.home()?;
        door::must_exist(&home)?;
        // Even with --no-agent: a vault that stays open in the agent is not locked.
        let locked = Door::lock(&home)?;
        if context.output.is_json() {
            context.output.json(&locked)?;
        } else if locked.was_unlocked {
            context.output.note("Locked.");
        } else {
            context.output.note("It was locked already.");
        }
        Ok(Ending::Done)
    }
}
