//! Escape files are turned on and off, and listed.

use std::path::Path;

use super::follow::{follow_one, setting};
use super::setting::Reader;
use super::{EscapeView, ListEscapes, Setting, TurnOff, TurnOn};
use crate::age;
use crate::bundles::{self, BundleAt};
use crate::open::Open;
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault};

impl UseCase for TurnOn {
    async fn carry_out(self, session: &mut Session) -> Result<EscapeView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let at = bundles::find_usable(&open.teams, self.bundle.as_deref())?;
        let team = &open.teams[&at.team];
        let to = age::resolve(team, &self.to)?;
        check(open, &at, &to)?;
        let shown = age::shown(&open.teams[&at.team], &to);
        let own = setting(open, &at).is_some_and(|before| before.path == self.path);
        must_be_free(Path::new(&self.path), self.replace || own)?;
        let wanted = Setting {
            bundle: at.id,
            path: self.path,
            to: to.iter().map(Reader::from).collect(),
            state: None,
            written: None,
            left_out: 0,
            trouble: None,
        };
        let before = open
            .write_unenrolled(async |open, changes| {
                let bundle = bundles::full_name(&open.teams, &at);
                let entry = AuditEntry {
                    operation: "escape on".to_owned(),
                    bundle: Some(bundle),
                    detail: Some(format!("{} to {}", wanted.path, shown.join(", "))),
                    ..AuditEntry::default()
                };
                changes.audit.push(open.stamp(&caller, entry).encode());
                let team = &mut open.teams[&at.team];
                let escapes = &mut team.facts.escapes;
                let before = escapes.iter().position(|setting| setting.bundle == at.id);
                let before = before.map(|index| escapes.remove(index));
                escapes.push(wanted.clone());
                changes.identities.push(team.identity());
                Ok(before)
            })
            .await?;
        if let Some(before) = before.filter(|before| before.path != wanted.path) {
            remove(&before.path)?;
        }
        follow_one(open, &caller, &at).await?;
        of_bundle(open, &at).ok_or_else(none)
    }
}

fn check(open: &Open, at: &BundleAt, to: &[age::To]) -> Result<(), Fault> {
    let team = &open.teams[&at.team];
    if to.is_empty() {
        return Err(Fault::new(Code::Usage, "Who is to open it?")
            .next("Name a recipient with `--to`: an age1… or SSH key, or a member."));
    }
    let bundle = team.bundle(&at.id).ok_or_else(none)?;
    let members = to.iter().filter_map(|to| to.member);
    let mut strangers = members.filter(|member| !team.ledger.state().has_access(member, bundle));
    match strangers.next() {
        None => Ok(()),
        Some(member) => Err(Fault::new(
            Code::NotAllowed,
            "The bundle is not shared with this member.",
        )
        .about(team.member_name(&member))
        .next("`sealfold share` does that.")),
    }
}

/// Refuses what would be lost, early.
fn must_be_free(path: &Path, replace: bool) -> Result<(), Fault> {
    let about = path.display().to_string();
    if !path.is_absolute() {
        return Err(Fault::new(Code::Usage, "The path is not absolute.").about(about));
    }
    match std::fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(Fault::new(Code::Conflict, "There is something else than a file.").about(about))
        }
        Ok(_) if !replace => Err(Fault::new(Code::Conflict, "The file is there already.")
            .about(about)
            .next("Name another file, or add `--yes` to replace it.")),
        _ => match path.parent() {
            Some(folder) if folder.is_dir() => Ok(()),
            _ => Err(Fault::new(Code::NotFound, "There is no such folder.").about(about)),
        },
    }
}

impl UseCase for TurnOff {
    async fn carry_out(self, session: &mut Session) -> Result<EscapeView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let at = bundle_of(open, self.bundle.as_deref())?;
        let view = of_bundle(open, &at).ok_or_else(none)?;
        open.write_unenrolled(async |open, changes| {
            let entry = AuditEntry {
                operation: "escape off".to_owned(),
                bundle: Some(view.bundle.clone()),
                detail: Some(view.path.clone()),
                ..AuditEntry::default()
            };
            changes.audit.push(open.stamp(&caller, entry).encode());
            let team = &mut open.teams[&at.team];
            team.facts.escapes.retain(|setting| setting.bundle != at.id);
            changes.identities.push(team.identity());
            Ok(())
        })
        .await?;
        if !self.keep {
            remove(&view.path)?;
        }
        Ok(view)
    }
}

/// The bundle that is meant: also one that is archived, or not shared with this member any more.
fn bundle_of(open: &Open, name: Option<&str>) -> Result<BundleAt, Fault> {
    if let Some(name) = name {
        return bundles::find_any(&open.teams, &crate::names::BundleName::parse(name)?);
    }
    match places(open).as_slice() {
        [only] => Ok(*only),
        [] => Err(none()),
        _ => Err(
            Fault::new(Code::Usage, "There are several escape files: say whose.")
                .next("Add `-b PROJECT/ENV`; `sealfold escape ls` shows them."),
        ),
    }
}

impl UseCase for ListEscapes {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<EscapeView>, Fault> {
        let (open, _) = session.opened()?;
        Ok(all(open))
    }
}

/// All escape files that are kept here.
pub(crate) fn all(open: &Open) -> Vec<EscapeView> {
    let places = places(open);
    places.iter().filter_map(|at| of_bundle(open, at)).collect()
}

fn places(open: &Open) -> Vec<BundleAt> {
    let mut places = Vec::new();
    for team in open.teams.iter() {
        let bundles = team.facts.escapes.iter().map(|setting| setting.bundle);
        places.extend(bundles.map(|id| BundleAt { team: team.id, id }));
    }
    places
}

/// The escape file of a bundle, if it has one here.
pub(crate) fn of_bundle(open: &Open, at: &BundleAt) -> Option<EscapeView> {
    let setting = setting(open, at)?;
    let team = &open.teams[&at.team];
    let (to, without) = setting.readers(team);
    Some(EscapeView {
        bundle: bundles::full_name(&open.teams, at),
        path: setting.path.clone(),
        to: age::shown(team, &to),
        without: without.iter().map(|it| team.member_name(it)).collect(),
        written: setting.written,
        left_out: setting.left_out,
        trouble: setting.trouble.clone(),
    })
}

fn remove(path: &str) -> Result<(), Fault> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Fault::new(
            Code::Io,
            format!("The file can't be removed: {}.", error.kind()),
        )
        .about(path)),
        _ => Ok(()),
    }
}

fn none() -> Fault {
    Fault::new(Code::NotFound, "This bundle has no escape file here.")
        .next("`sealfold escape on` makes one.")
}
