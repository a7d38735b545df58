//! `age`: what a member needs to read age files with the stock tool.

use std::path::PathBuf;

use app::age::HandOutIdentity;
use app::team::ListMembers;
use app::vaults::Key;
use app::{Code, Fault, Plaintext};
use clap::{Args, Subcommand};

use crate::args::TeamArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::input::Source;
use crate::output::write_secret;
use crate::words;

/// Your keys for age files: what others encrypt to, and what opens it without Sealfold
#[derive(Args)]
pub struct AgeArgs {
    #[command(subcommand)]
    command: AgeCommand,
}

#[derive(Subcommand)]
enum AgeCommand {
    Recipient(RecipientArgs),
    Identity(IdentityArgs),
}

/// Show to what others encrypt files for you
///
/// Anybody may know it. It changes when one of your devices is revoked.
#[derive(Args)]
#[command(after_help = "Example:\n  age -r $(sealfold age recipient) -o notes.age notes")]
struct RecipientArgs {
    #[command(flatten)]
    team: TeamArg,
}

/// Write your age identities to a file for `age -d -i`
///
/// It opens what was and will be encrypted to you as a member of this team, on any machine and
/// without Sealfold: keep it as safe as the recovery words. The passphrase is asked for even of an
/// unlocked vault.
#[derive(Args)]
#[command(
    after_help = "Example:\n  sealfold age identity -o identity.txt\n  age -d -i identity.txt api.env.age"
)]
struct IdentityArgs {
    #[command(flatten)]
    team: TeamArg,
    /// The file, which only you can read
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Show with the recovery words in FILE that it is you; - is standard input
    #[arg(long, value_name = "FILE")]
    words_file: Option<Source>,
}

impl AgeArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            AgeCommand::Recipient(args) => args.carry_out(context),
            AgeCommand::Identity(args) => args.carry_out(context),
        }
    }
}

impl RecipientArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let members = door::open(context, Access::Read)?.ask(ListMembers {
            team: self.team.team,
            former: true,
        })?;
        let own = members.into_iter().find(|member| member.own);
        let recipient = own.and_then(|own| own.age_recipient);
        let recipient = recipient
            .ok_or_else(|| Fault::new(Code::NotFound, "There is no key of yours in this team."))?;
        if context.output.is_json() {
            context.output.json(&recipient)?;
        } else {
            context.output.data(format!("{recipient}\n").as_bytes())?;
        }
        Ok(Ending::Done)
    }
}

impl IdentityArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Read)?;
        let team = self.team.team;
        let mut attempt = |key: Key| {
            door.ask(HandOutIdentity {
                team: team.clone(),
                key,
            })
        };
        let file = match &self.words_file {
            Some(source) => {
                let words = words::given(context, Some(source), "The 24 recovery words")?;
                attempt(Key::RecoveryWords(words))?
            }
            None => door::by_passphrase(context, "Passphrase", |passphrase: Plaintext| {
                attempt(Key::Passphrase(passphrase))
            })?,
        };
        write_secret(context, &self.output, &file.text)?;
        context.output.note(format!(
            "It opens what is encrypted to {}, and to your earlier keys.",
            file.recipient
        ));
        Ok(Ending::Done)
    }
}
