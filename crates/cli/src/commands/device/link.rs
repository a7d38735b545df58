//! Another device of one's own: a text goes there, an answer and ten words come back.

use app::team::{AddDevice, AnswerLink, LinkDevice};
use app::{Fault, Plaintext};
use clap::Args;

use crate::args::TeamArg;
use crate::carried;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Failure, Outcome};
use crate::input::Source;
use crate::output::escaped;
use crate::prompt;

/// Begin to add another device of yours
///
/// The link alone is on standard output: carry it to the new device, where `sealfold device answer`
/// takes it. It is no secret.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold device link > link")]
pub struct LinkArgs {
    #[command(flatten)]
    team: TeamArg,
}

/// On the new device: answer a link
///
/// In a vault of its own, made by `sealfold init`. The answer alone is on standard output: carry it
/// back, where `sealfold device add` takes it, and read the ten words from here.
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold device answer < link > answer")]
pub struct AnswerArgs {
    /// Take the link from FILE; - is standard input
    #[arg(long, value_name = "FILE")]
    file: Option<Source>,
    /// How this machine is called in the team; as in this vault when absent
    #[arg(long)]
    name: Option<String>,
    /// Where the team's remote is from here, if not where the link says
    #[arg(long, value_name = "LOCATION")]
    remote: Option<String>,
}

/// Add the device that answered
///
/// Asks for the ten words that the new device shows, and compares them with its answer.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold device add --file answer\n  \
    sealfold device add --words 'the ten words' < answer")]
pub struct AddArgs {
    /// Take the answer from FILE; - is standard input
    #[arg(long, value_name = "FILE")]
    file: Option<Source>,
    /// The words that the new device shows
    #[arg(long)]
    words: Option<String>,
    #[command(flatten)]
    team: TeamArg,
}

impl LinkArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let link = door::open(context, Access::Read)?.ask(LinkDevice {
            team: self.team.team,
        })?;
        if context.output.is_json() {
            context.output.json(&link)?;
            return Ok(Ending::Done);
        }
        line(context, &link.text)?;
        context
            .output
            .note("On the new device: `sealfold init`, then `sealfold device answer`.");
        Ok(Ending::Done)
    }
}

impl AnswerArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Write)?;
        let link = text(context, self.file.as_ref(), "Link")?;
        let carried = Plaintext::from_text(link.clone());
        carried::follow(context, &carried, self.remote.as_deref())?;
        let answer = door.ask(AnswerLink {
            link,
            device_name: self.name,
            location: self.remote,
        })?;
        if context.output.is_json() {
            context.output.json(&answer)?;
            return Ok(Ending::Done);
        }
        line(context, &answer.answer)?;
        context.output.note(format!(
            "On the other device, `sealfold device add` takes this and asks for the words:\n\n    \
             {}\n\nAfter that, `sealfold sync` here brings the team.",
            escaped(&answer.words)
        ));
        Ok(Ending::Done)
    }
}

impl AddArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Write)?;
        let answer = text(context, self.file.as_ref(), "Answer")?;
        let words = match self.words {
            Some(words) => words,
            None => prompt::line(context, "The ten words that the new device shows")
                .map_err(|fault| fault.next("Give them with `--words`."))?,
        };
        let device = door.ask(AddDevice {
            team: self.team.team,
            answer,
            words,
        })?;
        if context.output.is_json() {
            context.output.json(&device)?;
        } else {
            let name = escaped(&device.name);
            context.output.note(format!(
                "The device {name} is yours now. `sealfold sync` here, then there."
            ));
        }
        Ok(Ending::Done)
    }
}

/// A text of letters that is no secret.
fn text(context: &Context, file: Option<&Source>, what: &str) -> Result<String, Fault> {
    let text = carried::given(context, file, what)?;
    // EXPOSE: it is no secret; what it is not, the team says.
    Ok(String::from_utf8_lossy(text.expose()).into_owned())
}

fn line(context: &Context, text: &str) -> Result<(), Failure> {
    let line = format!("{}\n", escaped(text));
    context.output.data(line.as_bytes())
}
