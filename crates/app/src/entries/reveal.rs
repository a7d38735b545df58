//! One entry's value leaves here, and nowhere else. The audit row is committed first.

use crypto::SecretVec;
use team::entry::{EntryKind, Opened};
use vault::Version;

use super::find::{Found, find, open_version};
use super::history::{find_ever, no_version, versions_in_order};
use super::{Reveal, Revealed, code};
use crate::audit::Reads;
use crate::clock::now;
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, Plaintext, bundles};

impl UseCase for Reveal {
    async fn carry_out(self, session: &mut Session) -> Result<Revealed, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let found = match self.version {
            // An older version of an entry that was removed can be asked for too.
            Some(_) => find_ever(open, &self.entry).await?,
            None => find(open, &self.entry).await?,
        };
        let all = versions_in_order(open, &found.bundle, &found.entry).await?;
        let (version, number) = which_version(&found, &all, self.version)?;
        let mut opened = open_version(&open.teams, version)?;
        let bundle = bundles::full_name(&open.teams, &found.bundle);
        let field = self.field.or(found.field.clone());
        let Taken {
            field,
            value,
            until,
        } = take_field(&mut opened, field)?;
        let entry = AuditEntry {
            operation: self.operation,
            bundle: Some(bundle.clone()),
            names: vec![opened.content.name.clone()],
            count: 1,
            detail: detail(self.version, until),
            reads: Reads::of(
                &open.teams[&found.bundle.team],
                found.bundle.id,
                [version.id],
            ),
            ..AuditEntry::default()
        };
        open.record(&caller, entry).await?;
        let mut warnings = Vec::new();
        if self.version.is_none() {
            warnings.extend(found.several_values(&opened.content.name));
        }
        if let Some(warning) = expiry_warning(&opened) {
            warnings.push(warning);
        }
        Ok(Revealed {
            id: found.entry.to_string(),
            bundle,
            name: opened.content.name.clone(),
            field,
            version: number,
            value: value.into(),
            until,
            warnings,
        })
    }
}

/// What of the entry was revealed, where that is not the first thing that comes to mind.
fn detail(version: Option<u64>, until: Option<u64>) -> Option<String> {
    let version = version.map(|number| format!("version {number}"));
    let code = until.map(|_| code::FIELD.to_owned());
    let parts: Vec<String> = code.into_iter().chain(version).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The version of this number, or the one that readers choose; with its number.
fn which_version<'a>(
    found: &Found,
    all: &'a [Version],
    wanted: Option<u64>,
) -> Result<(&'a Version, u64), Fault> {
    let mut numbered = all.iter().zip(1..);
    match wanted {
        Some(wanted) => numbered
            .find(|(_, number)| *number == wanted)
            .ok_or_else(|| no_version(wanted, all)),
        None => {
            let chosen = found.chosen().map(|version| version.id);
            numbered
                .find(|(version, _)| Some(version.id) == chosen)
                .ok_or_else(|| Fault::new(Code::NotFound, "There is no such entry."))
        }
    }
}

/// One field's value.
pub(crate) struct Taken {
    pub field: String,
    pub value: SecretVec,
    /// Of a code: Unix seconds at which the next one follows.
    pub until: Option<u64>,
}

/// One field's value, moved out: the one named, or the kind's own first. The code of a one-time password
/// is worked out.
pub(crate) fn take_field(opened: &mut Opened, field: Option<String>) -> Result<Taken, Fault> {
    let field = field.unwrap_or_else(|| opened.content.kind.fields()[0].to_owned());
    match opened.content.fields.remove(&field) {
        Some(value) => Ok(Taken {
            field,
            value,
            until: None,
        }),
        None if field == code::FIELD && opened.content.kind == EntryKind::OneTimePassword => {
            let made = code::code(&opened.content)?;
            Ok(Taken {
                field,
                value: Plaintext::from(made.code).into_secret(),
                until: Some(made.until),
            })
        }
        None if field == "note" && !opened.content.note.is_empty() => {
            let note = std::mem::take(&mut opened.content.note);
            Ok(Taken {
                field,
                value: SecretVec::new(note.into_bytes()),
                until: None,
            })
        }
        None => {
            let there: Vec<&str> = opened.content.fields.keys().map(String::as_str).collect();
            Err(Fault::new(Code::NotFound, "The entry has no such field.")
                .about(field)
                .next(format!("It has: {}.", there.join(", "))))
        }
    }
}

/// A word about a value that should not be used any more.
pub(crate) fn expiry_warning(opened: &Opened) -> Option<String> {
    let expires = opened.content.metadata.expires?;
    (expires <= now()).then(|| format!("{} has expired", opened.content.name))
}
