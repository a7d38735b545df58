//! `unlock`: starts the agent and opens the vault in it.

use app::agent::{StartOptions, Stop, Tighten, start};
use app::vaults::{Key, Unlock, Unlocked};
use app::{Fault, Home};
use clap::Args;

use crate::context::Context;
use crate::door;
use crate::exit::{Ending, Outcome};
use crate::moment::{Span, shown};

/// Unlock the vault for a while
///
/// Starts the agent, which holds the open vault until its time is up, nobody asked it for a
/// while, or `sealfold lock`. Commands work without it too, and then need the passphrase or the
/// keychain each time. A vault that is open gets more time only for the passphrase or the keychain,
/// and less without them.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold unlock\n  \
    sealfold unlock --ttl 8h --idle 30m")]
pub struct UnlockArgs {
    /// Lock after this long, whatever happens
    #[arg(long, value_name = "SPAN")]
    ttl: Option<Span>,
    /// Lock after this long without a request; 15m when absent. An agent that runs already only gets a shorter one
    #[arg(long, value_name = "SPAN")]
    idle: Option<Span>,
}

impl UnlockArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let unlocked = self.unlock(context)?;
        context.output.warn(&unlocked.warnings);
        if context.output.is_json() {
            context.output.json(&unlocked)?;
            return Ok(Ending::Done);
        }
        context.output.note(match unlocked.until {
            Some(until) => format!("Unlocked until {} UTC at the latest.", shown(until)),
            None => "Unlocked.".to_owned(),
        });
        Ok(Ending::Done)
    }

    /// Opens the vault in the agent that runs, or in one that is started for it.
    pub fn unlock(&self, context: &Context) -> Result<Unlocked, Fault> {
        let home = context.home()?;
        home.must_have_vault()?;
        let keychain = door::may_use_keychain(context, &home);
        door::unlock(context, keychain, |key| self.attempt(context, &home, key))
    }

    /// One try. An agent that was started for it and stays locked goes again.
    fn attempt(&self, context: &Context, home: &Home, key: Key) -> Result<Unlocked, Fault> {
        let ttl_seconds = self.ttl.map(|span| span.0);
        let running = door::running_agent(home)?;
        let ours = running.is_none();
        let mut door = match running {
            Some(door) => door,
            None => start(
                home,
                StartOptions {
                    ttl_seconds,
                    idle_seconds: self.idle.map(|span| span.0),
                    keychain: !context.globals.no_keychain,
                    ..StartOptions::default()
                },
            )?,
        };
        let outcome = door.ask(Unlock {
            key,
            ttl_seconds,
            full_check: true,
        });
        // One that ran already keeps its own limits, but for stricter ones.
        if let (false, Ok(_), Some(idle)) = (ours, &outcome, self.idle) {
            door.ask(Tighten {
                idle_seconds: Some(idle.0),
                locks_after_sleep: false,
            })?;
        }
        if ours && outcome.is_err() {
            // The outcome is what counts; an agent that stays locked ends by itself as well.
            let _ = door.ask(Stop {});
        }
        outcome
    }
}
