//! `set`: a value, or what is known about it.

use std::ffi::OsString;
use std::str::FromStr;

use app::entries::{EntryRef, History, Metadata, NewValue, Saved, Set};
use app::{Code, Door, Fault};
use clap::Args;

use super::naming::Kind;
use crate::args::{BundleArg, DryRunArg};
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::Outcome;
use crate::input::{Source, without_line_end};
use crate::moment::{Moment, Span, now};
use crate::prompt;
use crate::tell;

const DAY: u64 = 24 * 60 * 60;

/// Characters of a generated value when no length is given.
const LENGTH: &str = "32";

/// Set the value of an entry, or what is known about it
///
/// Asks for the value, unseen, unless --stdin, --file or --generate give it. The value is never
/// an argument: others could see it there. Options about the entry alone leave its value.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold set -b api/dev DATABASE_URL\n  \
    pg_password | sealfold set -b api/dev DB_PASSWORD --stdin\n  \
    sealfold set SESSION_KEY --generate 48 --rotate-every 90d\n  \
    sealfold set TLS_KEY --kind key --file key.pem")]
pub struct SetArgs {
    /// Its name
    name: String,
    /// Catches a value given as an argument, to say that it should not be one
    #[arg(hide = true, num_args = 0.., allow_hyphen_values = false)]
    value: Vec<OsString>,
    #[command(flatten)]
    bundle: BundleArg,
    #[command(flatten)]
    source: SourceArgs,
    /// Keep the newline at the end of standard input
    #[arg(long, requires = "stdin")]
    keep_newline: bool,
    /// With --generate: punctuation too
    #[arg(long, requires = "generate")]
    symbols: bool,
    /// Which field; the kind's own first one when absent
    #[arg(long)]
    field: Option<String>,
    /// Drop a field
    #[arg(long, value_name = "FIELD")]
    without_field: Vec<String>,
    #[command(flatten)]
    about: AboutArgs,
    #[command(flatten)]
    dry_run: DryRunArg,
}

/// Where the value comes from.
#[derive(Args)]
#[group(multiple = false)]
struct SourceArgs {
    /// Take the value from standard input, without the newline at its end
    #[arg(long)]
    stdin: bool,
    /// Take the value from FILE, to the last byte
    #[arg(long, value_name = "FILE")]
    file: Option<Source>,
    /// Make a random value of LENGTH letters and digits
    #[arg(long, value_name = "LENGTH", num_args = 0..=1, default_missing_value = LENGTH,
          value_parser = clap::value_parser!(u32).range(8..=1024))]
    generate: Option<u32>,
}

/// What is known about the entry.
#[derive(Args)]
struct AboutArgs {
    /// What kind of entry; a variable when it is new
    #[arg(long)]
    kind: Option<Kind>,
    /// Tag it, in place of its present tags; '' for none
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// A remark, shown by get --field note; '' clears it, here and below
    #[arg(long)]
    note: Option<String>,
    /// What it is for
    #[arg(long)]
    purpose: Option<String>,
    /// Who answers for it
    #[arg(long)]
    owner: Option<String>,
    /// When it expires: 2027-03-01, 90d, or never
    #[arg(long, value_name = "WHEN")]
    expires: Option<Expiry>,
    /// How often it should change: 90d, or never
    #[arg(long, value_name = "SPAN")]
    rotate_every: Option<Rotation>,
}

/// When a secret expires; `None` is never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Expiry(Option<Moment>);

impl FromStr for Expiry {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "never" {
            Ok(Expiry(None))
        } else {
            text.parse().map(Some).map(Expiry)
        }
    }
}

/// Days between rotations; 0 is never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rotation(u32);

impl FromStr for Rotation {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "expected whole days, such as 90d or 12w, or never";
        if text == "never" {
            return Ok(Rotation(0));
        }
        let Span(seconds) = text.parse().map_err(|_| WRONG)?;
        match u32::try_from(seconds / DAY) {
            Ok(days) if days > 0 && seconds % DAY == 0 => Ok(Rotation(days)),
            _ => Err(WRONG),
        }
    }
}

impl SetArgs {
    pub fn carry_out(self, context: &Context) -> Outcome {
        refuse_value_as_argument(&self.name, &self.value)?;
        let mut door = door::open(context, Access::Write)?;
        let mut fields = Vec::new();
        if let Some(value) = self.value(context, &mut door)? {
            fields.push((self.field.clone().unwrap_or_default(), value));
        }
        let dry_run = self.dry_run.dry_run;
        let saved = self.ask(&mut door, fields, dry_run)?;
        tell::saved(context, &saved, dry_run)
    }

    /// The value to write; none when only something about the entry changes.
    fn value(&self, context: &Context, door: &mut Door) -> Result<Option<NewValue>, Fault> {
        if self.source.stdin {
            let mut value = Source::Stdin.bytes()?;
            if !self.keep_newline {
                value = without_line_end(value);
            }
            if value.is_empty() {
                context
                    .output
                    .warn(&["standard input was empty, and so is the value".to_owned()]);
            }
            return Ok(Some(NewValue::Given(value)));
        }
        if let Some(source) = &self.source.file {
            return source.bytes().map(NewValue::Given).map(Some);
        }
        if let Some(length) = self.source.generate {
            return Ok(Some(NewValue::Generate {
                length,
                symbols: self.symbols,
            }));
        }
        // A new entry needs a value all the same.
        if self.field.is_none()
            && self.about.says_something(&self.without_field)
            && self.is_there(door)?
        {
            return Ok(None);
        }
        prompt::hidden(context, "Value")
            .map(NewValue::Given)
            .map(Some)
            .map_err(|fault| fault.next("Give the value with `--stdin`, `--file` or `--generate`."))
    }

    /// Whether there is such an entry now.
    fn is_there(&self, door: &mut Door) -> Result<bool, Fault> {
        let history = door.ask(History {
            entry: EntryRef::Named {
                bundle: self.bundle.bundle.clone(),
                name: self.name.clone(),
            },
        });
        match history {
            Ok(history) => Ok(history
                .versions
                .iter()
                .any(|version| version.current && !version.removal)),
            Err(fault) if fault.code == Code::NotFound => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    fn ask(
        &self,
        door: &mut Door,
        fields: Vec<(String, NewValue)>,
        dry_run: bool,
    ) -> Result<Saved, Fault> {
        door.ask(Set {
            bundle: self.bundle.bundle.clone(),
            name: self.name.clone(),
            kind: self.about.kind.map(Into::into),
            fields,
            without_fields: self.without_field.clone(),
            tags: self.about.tags(),
            metadata: self.about.metadata(),
            expected_version: None,
            dry_run,
        })
    }
}

impl AboutArgs {
    fn says_something(&self, without_fields: &[String]) -> bool {
        !without_fields.is_empty()
            || self.kind.is_some()
            || self.tags().is_some()
            || self.metadata() != Metadata::default()
    }

    fn tags(&self) -> Option<Vec<String>> {
        let tags = self
            .tag
            .iter()
            .filter(|tag| !tag.is_empty())
            .cloned()
            .collect();
        if self.tag.is_empty() {
            None
        } else {
            Some(tags)
        }
    }

    fn metadata(&self) -> Metadata {
        let now = now();
        Metadata {
            purpose: self.purpose.clone(),
            owner: self.owner.clone(),
            expires: self
                .expires
                .map(|Expiry(moment)| moment.map_or(0, |at| at.as_deadline(now))),
            rotate_every_days: self.rotate_every.map(|Rotation(days)| days),
            lineage: None,
            note: self.note.clone(),
        }
    }
}

/// A value in the arguments is in the shell's history and in the list of processes by now
/// (threat 53); the message must not repeat it.
fn refuse_value_as_argument(name: &str, value: &[OsString]) -> Result<(), Fault> {
    if value.is_empty() && !name.contains('=') {
        return Ok(());
    }
    let fault = Fault::new(
        Code::Usage,
        "A value is never an argument: the shell keeps it, and other programs can see it.",
    );
    Err(fault.next(
        "Leave it out and be asked, or use `--stdin` or `--file`. If it was a real secret, change it.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotation_is_in_whole_days() {
        assert_eq!("90d".parse(), Ok(Rotation(90)));
        assert_eq!("12w".parse(), Ok(Rotation(84)));
        assert_eq!("never".parse(), Ok(Rotation(0)));
        for wrong in ["36h", "0d", "90", "soon", "99999999999d"] {
            assert!(wrong.parse::<Rotation>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_value_as_an_argument_is_refused_and_not_repeated() {
        // threat 53
        let fault = refuse_value_as_argument("NAME", &["hunter2".into()]).unwrap_err();
        let told = format!("{} {:?} {:?}", fault.message, fault.subject, fault.next);
        assert_eq!(fault.code, Code::Usage);
        assert!(!told.contains("hunter2"));
        assert!(refuse_value_as_argument("NAME=hunter2", &[]).is_err());
        assert!(refuse_value_as_argument("NAME", &[]).is_ok());
    }
}
