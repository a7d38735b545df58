//! How entries are named on the command line, and how a write to one is told.

use app::entries::{Change, EntryRef, Saved};
use clap::ValueEnum;

use crate::context::Context;
use crate::exit::{Ending, Outcome};
use crate::output::escaped;

/// An entry by name in a bundle, or by reference.
pub fn entry(bundle: Option<String>, name: String) -> EntryRef {
    if name.starts_with("sealfold://") {
        EntryRef::Reference(name)
    } else {
        EntryRef::Named { bundle, name }
    }
}

/// Kinds of entries, as they are spelt in arguments.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Kind {
    /// An environment variable
    Variable,
    /// Username, password, URL
    Login,
    /// Private and public key
    Key,
    /// A certificate with its chain
    #[value(alias = "cert")]
    Certificate,
    /// A file's content
    File,
    /// Text
    Note,
    /// A one-time password's secret
    #[value(aliases = ["otp", "totp"])]
    OneTimePassword,
}

impl From<Kind> for app::entries::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Variable => Self::Variable,
            Kind::Login => Self::Login,
            Kind::Key => Self::Key,
            Kind::Certificate => Self::Certificate,
            Kind::File => Self::File,
            Kind::Note => Self::Note,
            Kind::OneTimePassword => Self::OneTimePassword,
        }
    }
}

/// The spelling of a kind that the vault answers with.
pub fn kind_name(kind: app::entries::Kind) -> &'static str {
    match kind {
        app::entries::Kind::Variable => "variable",
        app::entries::Kind::Login => "login",
        app::entries::Kind::Key => "key",
        app::entries::Kind::Certificate => "certificate",
        app::entries::Kind::File => "file",
        app::entries::Kind::Note => "note",
        app::entries::Kind::OneTimePassword => "one-time-password",
    }
}

/// Tells what a write did, or would do.
pub fn tell(context: &Context, saved: &Saved, dry_run: bool) -> Outcome {
    context.output.warn(&saved.warnings);
    if context.output.is_json() {
        context.output.json(saved)?;
        return Ok(Ending::Done);
    }
    let (name, bundle) = (escaped(&saved.name), escaped(&saved.bundle));
    let version = saved.version;
    context.output.note(match (saved.change, dry_run) {
        (Change::Created, false) => format!("{name} is new in {bundle}."),
        (Change::Created, true) => format!("{name} would be new in {bundle}."),
        (Change::Changed, false) => format!("{name} in {bundle} is at version {version} now."),
        (Change::Changed, true) => format!("{name} in {bundle} would be at version {version}."),
        (Change::Same, _) => format!("{name} in {bundle} is so already."),
    });
    Ok(Ending::Done)
}
