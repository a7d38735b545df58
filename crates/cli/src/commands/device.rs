//! `device`: the machines that write for a member.

mod link;

use app::team::{DeviceView, ListDevices, RevokeDevice};
use app::{Door, Fault, Plaintext};
use clap::{Args, Subcommand};

use self::link::{AddArgs, AnswerArgs, LinkArgs};
use super::naming::short;
use crate::args::TeamArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::input::Source;
use crate::moment::shown;
use crate::output::{Table, escaped};
use crate::prompt;
use crate::words;

/// Add, list and revoke devices
#[derive(Args)]
pub struct DeviceArgs {
    #[command(subcommand)]
    command: DeviceCommand,
}

#[derive(Subcommand)]
enum DeviceCommand {
    Ls(LsArgs),
    Link(LinkArgs),
    Answer(AnswerArgs),
    Add(AddArgs),
    Revoke(RevokeArgs),
}

/// List your devices, or everybody's
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold device ls --all")]
struct LsArgs {
    /// Of all members
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    team: TeamArg,
}

/// Revoke a device that is lost or done with
///
/// It writes nothing that counts from then on, and the keys that it had are rotated at once.
///
/// A device of yours that was added before the one that you are at outranks it: what it signs without
/// having seen that it is revoked would still count. So the recovery words are asked for, which
/// outrank both.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold device revoke old-phone\n  \
    sealfold device revoke first-laptop --words-file words")]
struct RevokeArgs {
    /// Its name, or the first eight or more digits of its id
    device: String,
    /// Leave the devices that it added; else they are revoked too
    #[arg(long)]
    alone: bool,
    /// Take the recovery words from FILE; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "without_words")]
    words_file: Option<Source>,
    /// Revoke an earlier device without the recovery words
    #[arg(long)]
    without_words: bool,
    #[command(flatten)]
    team: TeamArg,
}

impl DeviceArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            DeviceCommand::Ls(args) => args.carry_out(context),
            DeviceCommand::Link(args) => args.carry_out(context),
            DeviceCommand::Answer(args) => args.carry_out(context),
            DeviceCommand::Add(args) => args.carry_out(context),
            DeviceCommand::Revoke(args) => args.carry_out(context),
        }
    }
}

impl LsArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let devices = door::open(context, Access::Read)?.ask(ListDevices {
            team: self.team.team,
            all: self.all,
            seen: true,
        })?;
        if context.output.is_json() {
            context.output.json(&devices)?;
            return Ok(Ending::Done);
        }
        let mut table = Table::new(["NAME", "MEMBER", "STATE", "ADDED (UTC)", "SEEN (UTC)", "ID"]);
        for device in &devices {
            table.row([
                device.name.clone(),
                device.member.clone(),
                state(device),
                shown(device.added),
                device.last_seen.map(shown).unwrap_or_default(),
                short(&device.id),
            ]);
        }
        context.output.table(&table)?;
        Ok(Ending::Done)
    }
}

fn state(device: &DeviceView) -> String {
    let mut words = Vec::new();
    if device.this {
        words.push("this one");
    }
    if device.recovery {
        words.push("recovery words");
    }
    if !device.stands {
        words.push("revoked");
    }
    words.join(", ")
}

impl RevokeArgs {
    /// Whether the device that is meant outranks this one.
    fn is_earlier(&self, door: &mut Door) -> Result<bool, Fault> {
        let devices = door.ask(ListDevices {
            team: self.team.team.clone(),
            all: false,
            seen: false,
        })?;
        let lower = self.device.to_lowercase();
        let wish = lower.strip_prefix("id:").unwrap_or(&lower);
        let is_meant =
            |device: &DeviceView| device.name.to_lowercase() == wish || device.id.starts_with(wish);
        let mut standing = devices.iter().filter(|device| device.stands);
        Ok(standing.any(|device| device.earlier && is_meant(device)))
    }

    fn ask_for_words(&self, context: &Context) -> Result<Plaintext, Fault> {
        const NEXT: &str =
            "Give them with `--words-file FILE`; `--without-words` revokes it all the same.";
        context.output.note(
            "This device is earlier than the one that you are at, so only the recovery words stop \
             what it signs from now on.",
        );
        words::given(context, None, "The 24 recovery words").map_err(|fault| fault.next(NEXT))
    }

    fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Write)?;
        let which = escaped(&self.device);
        prompt::confirm(context, &format!("Revoke the device {which}?"))?;
        let words = match &self.words_file {
            Some(source) => Some(words::given(context, Some(source), "The 24 words")?),
            None if self.without_words || !self.is_earlier(&mut door)? => None,
            None => Some(self.ask_for_words(context)?),
        };
        let revoked = {
            let _progress = context.output.progress("Making new keys");
            door.ask(RevokeDevice {
                team: self.team.team,
                device: self.device,
                alone: self.alone,
                words,
                without_words: self.without_words,
            })?
        };
        if context.output.is_json() {
            context.output.json(&revoked)?;
        } else {
            let device = &revoked.device;
            let (name, member) = (escaped(&device.name), escaped(&device.member));
            context.output.note(format!(
                "The device {name} of {member} is revoked, and the keys that it had are replaced."
            ));
            for added in &revoked.added_by_it {
                let name = escaped(&added.name);
                context.output.note(match added.stands {
                    false => format!("{name}, which it had added, is revoked too."),
                    true => format!("It had added {name}, which stands: is that one theirs?"),
                });
            }
        }
        Ok(Ending::Done)
    }
}
