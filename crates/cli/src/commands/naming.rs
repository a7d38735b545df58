//! How entries, their kinds, roles and ids are named on the command line.

use app::entries::EntryRef;
use clap::ValueEnum;

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
    kind.name()
}

/// Roles of members, as they are spelt in arguments.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Role {
    /// Reads what is shared with them
    Reader,
    /// Writes there too, and makes bundles
    Writer,
    /// Also lets everyone but owners in and out, and shares
    Admin,
    /// Also manages owners and the policy
    Owner,
}

impl Role {
    /// The spelling that the team answers with.
    pub fn name(self) -> String {
        match self {
            Role::Reader => "reader",
            Role::Writer => "writer",
            Role::Admin => "admin",
            Role::Owner => "owner",
        }
        .to_owned()
    }
}

/// The beginning of an id, long enough for people and for our own arguments.
pub fn short(id: &str) -> String {
    id.chars().take(12).collect()
}
