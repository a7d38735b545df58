//! `escape`: files with a bundle's current values that stock `age` opens.

use std::path::PathBuf;

use app::escape::{EscapeView, ListEscapes, TurnOff, TurnOn};
use clap::{Args, Subcommand};

use crate::args::{BundleArg, RecipientArgs};
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Outcome};
use crate::file;
use crate::moment::shown;
use crate::output::{Table, escaped};

/// Keep a file with a bundle's current values that stock `age` opens without Sealfold
#[derive(Args)]
pub struct EscapeArgs {
    #[command(subcommand)]
    command: EscapeCommand,
}

#[derive(Subcommand)]
enum EscapeCommand {
    On(OnArgs),
    Off(OffArgs),
    Ls(LsArgs),
}

/// Keep the escape file of a bundle from now on
///
/// It is a .env file, encrypted to the recipients, and is written anew on this machine whenever the
/// bundle's values change here, by a write or by a sync. Members who are named by their names lose
/// it when they lose the bundle; a key that is no member's stays until you turn it off.
#[derive(Args)]
#[command(
    after_help = "Example:\n  sealfold escape on -b api/prod --to age1… --to ann /mnt/usb/api-prod.env.age"
)]
struct OnArgs {
    #[command(flatten)]
    bundle: BundleArg,
    #[command(flatten)]
    recipients: RecipientArgs,
    /// The file
    file: PathBuf,
}

/// Keep the escape file of a bundle no longer, and remove it
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold escape off -b api/prod")]
struct OffArgs {
    #[command(flatten)]
    bundle: BundleArg,
    /// Leave the file where it is, as it is
    #[arg(long)]
    keep: bool,
}

/// List the escape files that are kept on this machine
#[derive(Args)]
#[command(after_help = "Example:\n  sealfold escape ls")]
struct LsArgs {}

impl EscapeArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        match self.command {
            EscapeCommand::On(args) => args.carry_out(context),
            EscapeCommand::Off(args) => args.carry_out(context),
            EscapeCommand::Ls(args) => args.carry_out(context),
        }
    }
}

impl OnArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let path = file::absolute(&self.file)?;
        let to = self.recipients.named()?;
        let view = door::open(context, Access::Write)?.ask(TurnOn {
            bundle: self.bundle.bundle,
            to,
            path,
            replace: context.globals.yes,
        })?;
        if context.output.is_json() {
            context.output.json(&view)?;
        } else {
            told(context, &view);
        }
        Ok(match view.trouble {
            Some(_) => Ending::Findings,
            None => Ending::Done,
        })
    }
}

/// What it exposes is said when it is turned on.
fn told(context: &Context, view: &EscapeView) {
    let (bundle, path) = (escaped(&view.bundle), escaped(&view.path));
    context.output.note(format!(
        "{path} holds the values of {bundle} from now on, for {}.",
        escaped(&view.to.join(", "))
    ));
    context.output.note(format!(
        "Each of them reads {bundle} there without Sealfold: no audit says so, and a copy that was made stays readable after you turn it off."
    ));
    if view.left_out > 0 {
        context.output.note(format!(
            "Not in it: {}, as no .env file holds them.",
            app::counted(view.left_out, "entry", "entries")
        ));
    }
    if let Some(trouble) = &view.trouble {
        context.output.warn(std::slice::from_ref(trouble));
    }
}

impl OffArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let keep = self.keep;
        let view = door::open(context, Access::Write)?.ask(TurnOff {
            bundle: self.bundle.bundle,
            keep,
        })?;
        if context.output.is_json() {
            context.output.json(&view)?;
        } else {
            let path = escaped(&view.path);
            let kept = if keep { "stays as it is" } else { "is removed" };
            context.output.note(format!("{path} {kept}."));
        }
        Ok(Ending::Done)
    }
}

impl LsArgs {
    fn carry_out(self, context: &Context) -> Outcome {
        let escapes = door::open(context, Access::Read)?.ask(ListEscapes {})?;
        if context.output.is_json() {
            context.output.json(&escapes)?;
            return Ok(Ending::Done);
        }
        let mut table = Table::new(["BUNDLE", "WRITTEN (UTC)", "FOR", "FILE", "TROUBLE"]);
        for escape in &escapes {
            table.row([
                escape.bundle.clone(),
                escape.written.map(shown).unwrap_or_default(),
                escape.to.join(", "),
                escape.path.clone(),
                escape.trouble.clone().unwrap_or_default(),
            ]);
        }
        context.output.table(&table)?;
        Ok(Ending::Done)
    }
}
