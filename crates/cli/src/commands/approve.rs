//! `approve`: lets somebody in who asked to join.

use app::team::{Approve, ListRequests, MemberView, RequestView, TakeBack};
use app::{Code, Door, Fault};
use clap::Args;

use crate::args::TeamArg;
use crate::carried;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::Outcome;
use crate::input::Source;
use crate::output::escaped;
use crate::prompt;
use crate::tell;

/// Let somebody in who asked to join
///
/// Asks for the ten words that the newcomer reads to you, and compares them. With --yes they are
/// not compared and the member counts as unverified; that is refused where comparing is required,
/// as for admins and owners.
///
/// With --again it takes the text of a former member who comes back. What was shared with them before
/// is not shared again by itself.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold approve bob\n  \
    sealfold approve bob --words 'the ten words that bob read'\n  \
    sealfold approve --again --role writer < return")]
pub struct ApproveArgs {
    /// The name in the request, or the first eight or more digits of its id
    #[arg(required_unless_present = "again", conflicts_with = "again")]
    name: Option<String>,
    /// Take a former member back in, by the text that they sent
    #[arg(long, requires = "role")]
    again: bool,
    /// With --again: as what: reader, writer, admin or owner
    #[arg(long, requires = "again")]
    role: Option<String>,
    /// With --again: take the text from FILE; - is standard input
    #[arg(long, value_name = "FILE", requires = "again")]
    file: Option<Source>,
    /// The words as the newcomer read them
    #[arg(long)]
    words: Option<String>,
    #[command(flatten)]
    team: TeamArg,
}

impl ApproveArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Write)?;
        let (name, role) = match (self.name, self.role) {
            (Some(name), _) => (name, None),
            (None, role) => (String::new(), role),
        };
        if let Some(role) = role {
            let text = carried::given(context, self.file.as_ref(), "Text")?;
            // EXPOSE: it is no secret; what it is not, the team says.
            let text = String::from_utf8_lossy(text.expose()).into_owned();
            let words = match self.words {
                None if !context.globals.yes => Some(ask_words(context)?),
                given => given,
            };
            let team = self.team.team;
            let member = door.ask(TakeBack {
                team,
                text,
                role,
                words,
            })?;
            return tell_unverified(context, &member);
        }
        let words = match self.words {
            None if !context.globals.yes => Some(ask(
                context,
                &find(&mut door, self.team.team.clone(), &name)?,
            )?),
            given => given,
        };
        let member = {
            let _progress = context.output.progress("Letting them in");
            door.ask(Approve {
                team: self.team.team,
                request: name,
                words,
            })?
        };
        tell_unverified(context, &member)
    }
}

fn tell_unverified(context: &Context, member: &MemberView) -> Outcome {
    let outcome = tell::member(context, member)?;
    if !member.verified && !context.output.is_json() {
        let name = escaped(&member.name);
        context.output.note(format!(
            "Unverified: compare keys with `sealfold verify {name}`."
        ));
    }
    Ok(outcome)
}

/// The request, so that one that is not there is told before anything is typed.
fn find(door: &mut Door, team: Option<String>, name: &str) -> Result<RequestView, Fault> {
    let requests = door.ask(ListRequests { team })?;
    let is_meant = |request: &RequestView| request.name == name || request.id.starts_with(name);
    requests.into_iter().find(is_meant).ok_or_else(|| {
        let fault = Fault::new(Code::NotFound, "There is no such request.").about(name);
        fault.next("`sealfold sync` takes in new ones, `sealfold requests` lists them.")
    })
}

fn ask(context: &Context, request: &RequestView) -> Result<String, Fault> {
    let (name, device) = (escaped(&request.name), escaped(&request.device_name));
    let (role, team) = (escaped(&request.role), escaped(&request.team));
    context.output.note(format!(
        "{name}, on the device {device}, asks to join {team} as {role}."
    ));
    context
        .output
        .warn(&tell::confused(std::slice::from_ref(request)));
    ask_words(context)
}

fn ask_words(context: &Context) -> Result<String, Fault> {
    let words = prompt::line(context, "The ten words that they read to you")
        .map_err(|fault| fault.next("Give them with `--words`, or go without with `--yes`."))?;
    if words.is_empty() {
        return Err(Fault::new(Code::Aborted, "Nothing was done."));
    }
    Ok(words)
}
