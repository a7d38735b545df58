//! `lock`: closes the vault, and keeps the keychain from opening it again.

use app::Door;
use clap::Args;

use crate::context::Context;
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
        home.must_have_vault()?;
        // Even with --no-agent: a vault that stays open in the agent is not locked.
        let locked = Door::lock(&home)?;
        if context.output.is_json() {
            context.output.json(&locked)?;
        } else {
            context
                .output
                .note(match (locked.was_unlocked, locked.suspended_now) {
                    (true, _) => "Locked.",
                    (false, true) => "Locked: the keychain opens it no more.",
                    (false, false) => "It was locked already.",
                });
        }
        Ok(Ending::Done)
    }
}
