//! Values go out: into a file's text, or into the environment of a program.

use crypto::SecretVec;
use formats::export::{Format, Written, write};
use team::ids::VersionId;

use super::select::{Selected, select};
use super::{Environment, Export, Exported, Variables};
use crate::audit::{MOST_NAMES, Reads};
use crate::bundles::BundleAt;
use crate::fault::sentence;
use crate::open::Open;
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, Plaintext, age, bundles};

impl UseCase for Export {
    async fn carry_out(self, session: &mut Session) -> Result<Exported, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let format = format(&self.format)?;
        // Before any value is opened.
        let team = bundles::find_usable(&open.teams, self.selection.bundle.as_deref())?.team;
        let to = age::resolve(&open.teams[&team], &self.to)?;
        let Selected {
            bundle,
            values,
            versions,
            mut warnings,
        } = select(open, &self.selection).await?;
        let written = write_out(&values, format, &mut warnings)?;
        let names: Vec<String> = values.iter().map(|(name, _)| name.clone()).collect();
        let shown = age::shown(&open.teams[&team], &to);
        warnings.extend(without_access(open, &bundle, &to));
        let detail = match shown.as_slice() {
            [] => self.format,
            shown => format!("{} to {}", self.format, shown.join(", ")),
        };
        let entry = entry(open, "export", (&bundle, versions), &names, detail);
        open.record(&caller, entry).await?;
        // EXPOSE: the face was given the right to it by the request, and the audit says so.
        let plaintext = written.expose();
        let data = if to.is_empty() {
            plaintext.to_vec()
        } else {
            let keys: Vec<_> = to.into_iter().map(|to| to.key).collect();
            age::seal(plaintext, &keys, age::Form::armored(self.armored))
        };
        Ok(Exported {
            data: Plaintext::new(data),
            to: shown,
            names,
            warnings,
        })
    }
}

/// Members who are given by this what they were not given by the team.
fn without_access(open: &Open, at: &BundleAt, to: &[age::To]) -> Vec<String> {
    let team = &open.teams[&at.team];
    let Some(bundle) = team.bundle(&at.id) else {
        return Vec::new();
    };
    let members = to.iter().filter_map(|to| to.member);
    let without = members.filter(|member| !team.ledger.state().has_access(member, bundle));
    without
        .map(|member| {
            format!(
                "{}: the bundle is not shared with them; they read it by this file, and `sealfold exposed ls` will not list it",
                team.member_name(&member)
            )
        })
        .collect()
}

/// Values in a format that others read, with what is worth saying of them.
pub(crate) fn write_out(
    values: &[(String, SecretVec)],
    format: Format,
    warnings: &mut Vec<String>,
) -> Result<Written, Fault> {
    // EXPOSE: into the written form, which is wiped when dropped.
    let pairs: Vec<(&str, &[u8])> = values
        .iter()
        .map(|(name, value)| (name.as_str(), value.expose()))
        .collect();
    let written = write(&pairs, format).map_err(|error| {
        Fault::new(Code::Usage, "An entry does not fit the format.")
            .about(pairs[error.index].0)
            .next(sentence(&error.why))
    })?;
    warnings.extend(written.not_portable.iter().map(|index| {
        format!(
            "{}: only readers of the npm package dotenv get this value back; others read another",
            pairs[*index].0
        )
    }));
    warnings.extend(written.not_for_shells.iter().map(|index| {
        format!("{}: a shell that sources this file may run part of this value; `--format shell` is for shells", pairs[*index].0)
    }));
    Ok(written)
}

pub(crate) fn format(name: &str) -> Result<Format, Fault> {
    match name {
        "dotenv" => Ok(Format::Dotenv),
        "shell" => Ok(Format::Shell),
        "json" => Ok(Format::Json),
        _ => Err(Fault::new(Code::Usage, "There is no such format.")
            .about(name)
            .next("Formats: dotenv, shell, json.")),
    }
}

fn entry(
    open: &Open,
    operation: &str,
    (bundle, versions): (&BundleAt, Vec<VersionId>),
    names: &[String],
    detail: String,
) -> AuditEntry {
    AuditEntry {
        operation: operation.to_owned(),
        bundle: Some(bundles::full_name(&open.teams, bundle)),
        names: names.iter().take(MOST_NAMES).cloned().collect(),
        count: names.len() as u64,
        detail: Some(detail),
        reads: Reads::of(&open.teams[&bundle.team], bundle.id, versions),
        ..AuditEntry::default()
    }
}

impl UseCase for Environment {
    async fn carry_out(self, session: &mut Session) -> Result<Variables, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let Selected {
            bundle,
            values,
            versions,
            warnings,
        } = select(open, &self.selection).await?;
        check_variables(&values)?;
        let names: Vec<String> = values.iter().map(|(name, _)| name.clone()).collect();
        let entry = entry(open, "run", (&bundle, versions), &names, self.program);
        open.record(&caller, entry).await?;
        Ok(Variables::of(values, warnings))
    }
}

/// Whether an environment can hold these.
pub(crate) fn check_variables(values: &[(String, SecretVec)]) -> Result<(), Fault> {
    for (name, value) in values {
        let wrong = |what: &str| {
            Fault::new(Code::Usage, what)
                .about(&**name)
                .next("Leave it out with `--except`.")
        };
        if name.contains('=') {
            return Err(wrong("A variable's name can't hold an equals sign."));
        }
        // EXPOSE: only looked through for a byte.
        if value.expose().contains(&0) {
            return Err(wrong("A variable's value can't hold a NUL byte."));
        }
    }
    Ok(())
}

impl Variables {
    pub(crate) fn of(values: Vec<(String, SecretVec)>, warnings: Vec<String>) -> Self {
        let values = values.into_iter();
        Self {
            variables: values
                .map(|(name, value)| (name, Plaintext::from(value)))
                .collect(),
            warnings,
        }
    }
}
