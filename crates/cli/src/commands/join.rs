//! `join`: an answer to an invitation.

use std::ffi::OsString;

use app::team::{AskToReturn, Join, Joining, Return};
use app::{Code, Fault};
use clap::Args;

use crate::carried;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{self, Ending, Failure, Outcome};
use crate::input::Source;
use crate::output::escaped;
use crate::tell;
use crate::words;

/// Ask to join a team
///
/// Takes the invitation from standard input, a file or a prompt. The safety words are on standard
/// output: read them to whoever approves, on the telephone or face to face, so that nobody else
/// can come in under your name.
///
/// Who was removed comes back with --again instead of an invitation: the text on standard output goes
/// to an admin. Devices that are not named stay out, and bundles have to be shared again.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold join --name bob < invitation\n  \
    sealfold join --file invitation --words-file words\n  \
    sealfold join --again --with-device phone > return")]
pub struct JoinArgs {
    /// Catches an invitation given as an argument, to say that it should not be one
    #[arg(hide = true, num_args = 0..)]
    invitation: Vec<OsString>,
    /// Take the invitation from FILE; - is standard input
    #[arg(long, value_name = "FILE")]
    file: Option<Source>,
    /// How to be called in the team; as in this vault when absent
    #[arg(long)]
    name: Option<String>,
    /// How this machine is called there; as in this vault when absent
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Where the team's remote is from here, if not where the invitation says
    #[arg(long, value_name = "LOCATION")]
    remote: Option<String>,
    /// Let the recovery words in FILE open the team on an empty machine too; - is standard input
    #[arg(long, value_name = "FILE")]
    words_file: Option<Source>,
    /// Ask to come back into a team that you were removed from
    #[arg(long, conflicts_with_all = ["file", "name", "device", "remote", "words_file"])]
    again: bool,
    /// With --again: another device of yours that returns too; may be given several times
    #[arg(long, value_name = "NAME", requires = "again")]
    with_device: Vec<String>,
    /// With --again: which team, if there are several
    #[arg(long, value_name = "TEAM", requires = "again")]
    team: Option<String>,
}

impl JoinArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        refuse_invitation_as_argument(&self.invitation)?;
        // The vault first: with both on standard input, the passphrase is the first line.
        let mut door = door::open(context, Access::Write)?;
        if self.again {
            let (team, devices) = (self.team, self.with_device);
            return tell_return(context, &door.ask(AskToReturn { team, devices })?);
        }
        let invitation = carried::given(context, self.file.as_ref(), "Invitation")?;
        carried::follow(context, &invitation, self.remote.as_deref())?;
        let recovery_words = match &self.words_file {
            Some(source) => Some(words::given(context, Some(source), "The 24 words")?),
            None => None,
        };
        let joining = {
            let _progress = context.output.progress("Asking to join");
            door.ask(Join {
                invitation,
                name: self.name,
                device_name: self.device,
                location: self.remote,
                recovery_words,
            })?
        };
        tell(context, &joining)?;
        match &joining.failure {
            Some(failure) => {
                let message = format!("the request is not there yet: {}", exit::sentence(failure));
                context.output.warn(&[message]);
                context.output.note("`sealfold sync` tries again.");
                Ok(Ending::Told(failure.code))
            }
            None => Ok(Ending::Done),
        }
    }
}

fn tell_return(context: &Context, back: &Return) -> Outcome {
    if context.output.is_json() {
        context.output.json(back)?;
        return Ok(Ending::Done);
    }
    let text = format!("{}\n", escaped(&back.text));
    context.output.data(text.as_bytes())?;
    context.output.note(format!(
        "To come back into {} with {}: send this text to an admin, who takes it with `sealfold approve \
         --again`, and read them these words:\n\n    {}\n\nAfter that, `sealfold sync`.",
        escaped(&back.team),
        tell::names(&back.devices),
        escaped(&back.words)
    ));
    Ok(Ending::Done)
}

fn tell(context: &Context, joining: &Joining) -> Result<(), Failure> {
    if context.output.is_json() {
        return context.output.json(joining);
    }
    let role = escaped(&joining.role);
    context.output.note(format!(
        "Invited as {role}, by the device {}. Read these words to whoever approves:",
        escaped(&joining.inviter)
    ));
    let words = format!("{}\n", escaped(&joining.words));
    context.output.data(words.as_bytes())?;
    context
        .output
        .note("After they have approved, `sealfold sync` brings what is shared with you.");
    Ok(())
}

/// Whoever has it can ask in the newcomer's place: it is as secret as a value until it is used
/// (threat 53), and the message must not repeat it.
fn refuse_invitation_as_argument(invitation: &[OsString]) -> Result<(), Fault> {
    if invitation.is_empty() {
        return Ok(());
    }
    let fault = Fault::new(
        Code::Usage,
        "An invitation is never an argument: the shell keeps it, and other programs can see it.",
    );
    Err(fault.next("Leave it out and be asked, or use `--file` or standard input."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_as_an_argument_is_refused_and_not_repeated() {
        // threat 53
        let fault = refuse_invitation_as_argument(&["sealfold-invitation-1-abc".into()]);
        let fault = fault.unwrap_err();
        let told = format!("{} {:?} {:?}", fault.message, fault.subject, fault.next);
        assert_eq!(fault.code, Code::Usage);
        assert!(!told.contains("abc"));
        assert!(refuse_invitation_as_argument(&[]).is_ok());
    }
}
