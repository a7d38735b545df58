//! `read`: one value by its reference, for scripts.

use app::entries::{EntryRef, Reveal};
use clap::Args;

use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::fresh::FreshArg;
use crate::output::{LineEnd, show_revealed};

/// Read a value by its reference
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold read sealfold://api/dev/DATABASE_URL\n  \
    sealfold read -n 'sealfold://acme/api/prod/GITHUB#username'")]
pub struct ReadArgs {
    /// sealfold://[TEAM/]PROJECT/ENV/NAME[#FIELD]
    reference: String,
    #[command(flatten)]
    fresh: FreshArg,
    /// No newline behind it
    #[arg(short, long)]
    no_newline: bool,
    /// On a terminal too, as it is
    #[arg(long)]
    raw: bool,
}

impl ReadArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Read)?;
        self.fresh
            .carry_out(context, &mut door, Some(&self.reference))?;
        let revealed = door.ask(Reveal {
            entry: EntryRef::Reference(self.reference),
            field: None,
            version: None,
            operation: "read".to_owned(),
        })?;
        context.output.warn(&revealed.warnings);
        let end = if self.no_newline {
            LineEnd::Never
        } else {
            LineEnd::Always
        };
        show_revealed(context, &revealed, self.raw, end)?;
        Ok(Ending::Done)
    }
}
