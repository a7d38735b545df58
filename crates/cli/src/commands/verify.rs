//! `verify`: whether a member's key is really theirs.

use app::team::Verify;
use clap::Args;

use crate::args::TeamArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::output::escaped;

/// Compare the key of a member with them
///
/// Without --words the fingerprint is shown that this vault knows. Everyone who has the member's
/// right key sees the same one, the member too: let them read theirs to you, and give it with
/// --words.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold verify bob\n  \
    sealfold verify bob --words 'what bob read'")]
pub struct VerifyArgs {
    /// Their name, or the first eight or more digits of their id
    member: String,
    /// The fingerprint as the member read it
    #[arg(long, value_name = "WORDS")]
    words: Option<String>,
    #[command(flatten)]
    team: TeamArg,
}

impl VerifyArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let compares = self.words.is_some();
        let access = if compares {
            Access::Write
        } else {
            Access::Read
        };
        let known = door::open(context, access)?.ask(Verify {
            team: self.team.team,
            member: self.member,
            words: self.words,
        })?;
        if context.output.is_json() {
            context.output.json(&known)?;
            return Ok(Ending::Done);
        }
        let member = escaped(&known.member);
        if compares {
            context.output.note(format!("{member} is verified."));
            return Ok(Ending::Done);
        }
        let words = format!("{}\n", escaped(&known.words));
        context.output.data(words.as_bytes())?;
        context.output.note(if known.verified {
            format!("The key of {member} was compared.")
        } else {
            format!("The key of {member} was not compared yet.")
        });
        Ok(Ending::Done)
    }
}
