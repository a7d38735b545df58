//! `find`: entries by what is known about them.

use app::entries::Find;
use clap::Args;

use super::ls;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};

/// Find entries by words of their names, bundles, tags, kinds, purposes and owners
///
/// Every word has to be found; the best comes first: the whole name before its beginning, before
/// the beginning of a word in it, before a piece of it, before letters here and there. Values and
/// notes are never looked at. Exit code 10 when nothing is found.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold find database\n  \
    sealfold find prod stripe\n  \
    sealfold find dburl --json | jq -r '.[0].name'")]
pub struct FindArgs {
    /// The words
    #[arg(required = true, value_name = "WORD")]
    words: Vec<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value = "50")]
    limit: u64,
    /// Everything that is known but values and notes
    #[arg(short, long)]
    long: bool,
}

impl FindArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let found = door::open(context, Access::Read)?.ask(Find {
            query: self.words.join(" "),
            limit: Some(self.limit),
        })?;
        ls::show(context, &found, self.long)?;
        Ok(match found.as_slice() {
            [] => Ending::Told(app::Code::NotFound),
            _ => Ending::Done,
        })
    }
}
