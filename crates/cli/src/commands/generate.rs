//! `generate`: a fresh password or passphrase, kept nowhere.

use app::entries::{Generate, Recipe};
use clap::Args;
use serde::Serialize;

use crate::context::Context;
use crate::exit::{Ending, Outcome};
use crate::output::{LineEnd, Value};

/// Print a fresh random password or passphrase
///
/// From the system's randomness, each character or word as likely as any other; how many bits that
/// makes is said on standard error. It is kept nowhere, and needs no vault: `sealfold set
/// --generate` makes one and keeps it unseen.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold generate\n  \
    sealfold generate --length 20 --symbols\n  \
    sealfold generate --words 7")]
pub struct GenerateArgs {
    /// How many letters and digits
    #[arg(long, value_name = "LENGTH", default_value = "32",
          value_parser = clap::value_parser!(u32).range(8..=1024))]
    length: u32,
    /// Punctuation too, as far as neither shells nor .env files treat it specially
    #[arg(long, conflicts_with = "words")]
    symbols: bool,
    /// A passphrase of so many words instead
    #[arg(long, value_name = "N", conflicts_with = "length", num_args = 0..=1,
          default_missing_value = "7", value_parser = clap::value_parser!(u32).range(4..=64))]
    words: Option<u32>,
}

/// What was made, with a value that JSON can hold.
#[derive(Serialize)]
struct GeneratedJson<'a> {
    value: Value<'a>,
    bits: u32,
}

impl GenerateArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let recipe = match self.words {
            Some(count) => Recipe::Words { count },
            None => Recipe::Characters {
                length: self.length,
                symbols: self.symbols,
            },
        };
        // No vault has a part in it.
        let made = context
            .door_here(context.home()?)
            .ask(Generate { recipe })?;
        if context.output.is_json() {
            context.output.json(&GeneratedJson {
                value: Value(&made.value),
                bits: made.bits,
            })?;
            return Ok(Ending::Done);
        }
        context
            .output
            .value(&made.value, true, LineEnd::ForPeople)?;
        context
            .output
            .note(format!("{} bits of entropy.", made.bits));
        Ok(Ending::Done)
    }
}
