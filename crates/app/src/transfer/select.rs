//! Which values a program or a file gets, and under which names.

use std::collections::BTreeSet;

use crypto::SecretVec;
use formats::names::{is_dangerous_name, is_own_name};
use globset::GlobMatcher;
use team::entry::{EntryKind, Opened};
use team::ids::VersionId;

use super::Selection;
use crate::bundles::BundleAt;
use crate::entries::{expiry_warning, glob, live_entries, unreadable};
use crate::names::check_name;
use crate::open::Open;
use crate::{Code, Fault, bundles, counted};

/// The values, in the order of their names.
pub(super) struct Selected {
    pub bundle: BundleAt,
    pub values: Vec<(String, SecretVec)>,
    /// The versions that they are of.
    pub versions: Vec<VersionId>,
    pub warnings: Vec<String>,
}

/// Which names are wanted.
struct Patterns {
    only: Vec<GlobMatcher>,
    except: Vec<GlobMatcher>,
}

impl Patterns {
    fn of(selection: &Selection) -> Result<Self, Fault> {
        let globs = |patterns: &[String]| -> Result<Vec<GlobMatcher>, Fault> {
            patterns.iter().map(|pattern| glob(pattern)).collect()
        };
        Ok(Self {
            only: globs(&selection.only)?,
            except: globs(&selection.except)?,
        })
    }

    fn want(&self, name: &str) -> bool {
        let any = |globs: &[GlobMatcher]| globs.iter().any(|glob| glob.is_match(name));
        (self.only.is_empty() || any(&self.only)) && !any(&self.except)
    }
}

pub(super) async fn select(open: &mut Open, selection: &Selection) -> Result<Selected, Fault> {
    let bundle = bundles::find_usable(&open.teams, selection.bundle.as_deref())?;
    let found = found_against(open, &bundle, selection.strict).await?;
    let listed = live_entries(open, &bundle).await?;
    // It may be any of the names: a process should not run without it, or with what was before.
    if let Some(version) = listed.unreadable.first() {
        return Err(unreadable(&open.teams, version));
    }
    let offered = listed.live.into_iter().map(|live| Offered {
        opened: live.opened,
        version: Some(live.version),
        conflict: live.conflict,
    });
    let Chosen {
        values,
        versions,
        warnings: others,
    } = choose(selection, offered.collect())?;
    let mut warnings: Vec<String> = found.into_iter().collect();
    warnings.extend(others);
    Ok(Selected {
        bundle,
        values,
        versions,
        warnings,
    })
}

/// An entry that may be given out, with the content that readers choose.
pub(crate) struct Offered {
    pub opened: Opened,
    /// Which version it is, where that is known.
    pub version: Option<VersionId>,
    /// Whether other values stand beside it.
    pub conflict: bool,
}

/// The values, in the order of their names.
pub(crate) struct Chosen {
    pub values: Vec<(String, SecretVec)>,
    pub versions: Vec<VersionId>,
    pub warnings: Vec<String>,
}

/// Chooses among the entries of a bundle, of which no two have one name.
pub(crate) fn choose(selection: &Selection, offered: Vec<Offered>) -> Result<Chosen, Fault> {
    let patterns = Patterns::of(selection)?;
    let mut versions = Vec::new();
    let mut values = mapped(&offered, &selection.map, &mut versions)?;
    let taken: BTreeSet<String> = values.iter().map(|(name, _)| name.clone()).collect();
    let (mut warnings, mut others) = (Vec::new(), 0);
    for Offered {
        mut opened,
        version,
        conflict,
    } in offered
    {
        let name = opened.content.name.clone();
        if !patterns.want(&name) || taken.contains(&name) {
            continue;
        }
        if opened.content.kind != EntryKind::Variable {
            others += 1;
            continue;
        }
        if is_dangerous_name(&name) {
            return Err(dangerous(&name));
        }
        let expired = expiry_warning(&opened);
        if selection.strict {
            check_strict(&name, conflict, expired.is_some())?;
        }
        if conflict {
            warnings.push(format!(
                "{name} has several values side by side; the newest is given"
            ));
        }
        warnings.extend(expired);
        if let Some(value) = opened
            .content
            .fields
            .remove(EntryKind::Variable.fields()[0])
        {
            values.push((name, value));
            versions.extend(version);
        }
    }
    if others > 0 {
        let others = counted(
            others,
            "entry that is no variable was",
            "entries that are no variables were",
        );
        warnings.push(format!(
            "{others} left out; `--map NAME=ENTRY` gives one all the same"
        ));
    }
    values.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Chosen {
        values,
        versions,
        warnings,
    })
}

/// What is found against a team's remote or members, and nobody has said that they know it: a warning,
/// or a refusal where that was asked for (protocol §9).
async fn found_against(
    open: &mut Open,
    bundle: &BundleAt,
    strict: bool,
) -> Result<Option<String>, Fault> {
    let findings = crate::sync::kept(open, &bundle.team).await?;
    let mut pressing = findings.iter().filter(|one| one.acknowledged.is_none());
    match pressing.next() {
        None => Ok(None),
        Some(first) if strict => Err(Fault::new(first.kind.code(), first.sentence.clone())
            .next(format!("{} Or leave `--strict` out.", first.next))),
        Some(first) => Ok(Some(format!("{} {}", first.about(), first.next))),
    }
}

/// What is only a warning otherwise.
fn check_strict(name: &str, conflict: bool, expired: bool) -> Result<(), Fault> {
    if conflict {
        return Err(
            Fault::new(Code::Conflict, "An entry has several values side by side.")
                .about(name)
                .next("`sealfold conflicts ls` shows them and `sealfold conflicts resolve` takes one; or leave `--strict` out."),
        );
    }
    if expired {
        return Err(Fault::new(Code::Conflict, "A value has expired.")
            .about(name)
            .next("Rotate it, or leave `--strict` out."));
    }
    Ok(())
}

/// `NAME=ENTRY` or `NAME=ENTRY#field`: under a name that the person chose, so a dangerous one too,
/// but for those of our own variables.
fn mapped(
    offered: &[Offered],
    map: &[String],
    versions: &mut Vec<VersionId>,
) -> Result<Vec<(String, SecretVec)>, Fault> {
    let named = |name: &str| {
        let mut all = offered.iter();
        all.find(|offered| offered.opened.content.name == name)
    };
    let mut values: Vec<(String, SecretVec)> = Vec::new();
    for text in map {
        let wrong = || {
            Fault::new(
                Code::Usage,
                "A mapping is written NAME=ENTRY or NAME=ENTRY#field.",
            )
            .about(&**text)
        };
        let (name, entry) = text.split_once('=').ok_or_else(wrong)?;
        check_name(name)?;
        if is_own_name(name) {
            return Err(dangerous(name));
        }
        let (found, field) = match (named(entry), entry.rsplit_once('#')) {
            (None, Some((entry, field))) => (named(entry), Some(field)),
            (found, _) => (found, None),
        };
        let value = found.and_then(|offered| {
            let content = &offered.opened.content;
            let field = field.unwrap_or(content.kind.fields()[0]);
            content.fields.get(field)
        });
        let value = value.ok_or_else(|| {
            Fault::new(Code::NotFound, "There is no such entry or field.").about(entry)
        })?;
        if values.iter().any(|(taken, _)| taken == name) {
            return Err(Fault::new(Code::Usage, "A name is mapped twice.").about(name));
        }
        // EXPOSE: an entry may be given under several names; the copy stays secret.
        values.push((name.to_owned(), SecretVec::new(value.expose().to_vec())));
        versions.extend(found.and_then(|offered| offered.version));
    }
    Ok(values)
}

fn dangerous(name: &str) -> Fault {
    if is_own_name(name) {
        return Fault::new(
            Code::NotAllowed,
            "A variable of this name would change what sealfold itself does.",
        )
        .about(name)
        .next(format!(
            "Leave it out with `--except '{name}'`, or give it under another name with `--map`."
        ));
    }
    Fault::new(
        Code::NotAllowed,
        "A variable of this name can make any program run something else.",
    )
    .about(name)
    .next(format!(
        "Leave it out with `--except '{name}'`, or say that you mean it with `--map {name}={name}`."
    ))
}
