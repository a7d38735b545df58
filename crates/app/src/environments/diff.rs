//! Two sides are compared, name by name.

use std::collections::{BTreeMap, BTreeSet};

use team::ids::VersionId;

use super::side::{Held, Opened};
use super::{Diff, DiffRow, DiffState, DiffView};
use crate::audit::{MOST_NAMES, Reads};
use crate::bundles::BundleAt;
use crate::open::Open;
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault};

impl UseCase for Diff {
    async fn carry_out(self, session: &mut Session) -> Result<DiffView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let mut a = Opened::of(open, &self.a).await?;
        let mut b = Opened::of(open, &self.b).await?;
        match (a.bundle, b.bundle) {
            (None, None) => {
                return Err(Fault::new(
                    Code::Usage,
                    "One side at least has to be a bundle, such as api/dev.",
                ));
            }
            (Some(_), None) => a.keep_what_fits(&b),
            (None, Some(_)) => b.keep_what_fits(&a),
            (Some(one), Some(other)) if one == other => {
                return Err(
                    Fault::new(Code::Usage, "Both sides are the same bundle.").about(a.name)
                );
            }
            _ => {}
        }
        let mut told = Told::default();
        let (bundle, other) = match a.bundle {
            Some(_) => (a.name.clone(), b.name.clone()),
            None => (b.name.clone(), a.name.clone()),
        };
        let mut warnings = std::mem::take(&mut a.warnings);
        warnings.append(&mut b.warnings);
        let (a_name, b_name) = (a.name.clone(), b.name.clone());
        let rows = rows(a, b, self.reveal, &mut told);
        let names = rows.iter().map(|row| &row.name);
        let entry = AuditEntry {
            operation: "diff".to_owned(),
            bundle: Some(bundle),
            names: names.take(MOST_NAMES).cloned().collect(),
            count: rows.len() as u64,
            detail: Some(format!("with {other}")),
            reads: told.reads(open),
            ..AuditEntry::default()
        };
        // Before anything is told of what was compared.
        open.record(&caller, entry).await?;
        Ok(DiffView {
            a: a_name,
            b: b_name,
            rows,
            warnings,
        })
    }
}

/// The versions whose values are known to whoever sees the answer: those that it shows, and those that
/// are the same as what a file says. That two bundles hold the same gives no value away.
#[derive(Default)]
struct Told(BTreeMap<BundleAt, Vec<VersionId>>);

impl Told {
    fn add(&mut self, bundle: Option<BundleAt>, held: Option<&Held>) {
        if let (Some(bundle), Some(version)) = (bundle, held.and_then(|held| held.version)) {
            self.0.entry(bundle).or_default().push(version);
        }
    }

    fn reads(self, open: &Open) -> Vec<Reads> {
        let of = |(at, versions): (BundleAt, Vec<VersionId>)| {
            Reads::of(&open.teams[&at.team], at.id, versions)
        };
        self.0.into_iter().flat_map(of).collect()
    }
}

fn rows(mut a: Opened, mut b: Opened, reveal: bool, told: &mut Told) -> Vec<DiffRow> {
    let with_file = a.bundle.is_none() || b.bundle.is_none();
    let names: BTreeSet<String> = a.entries.keys().chain(b.entries.keys()).cloned().collect();
    let row = |name: String| {
        let (one, other) = (a.entries.remove(&name), b.entries.remove(&name));
        let kind = one.as_ref().or(other.as_ref())?.kind;
        let state = match (&one, &other) {
            (None, _) => DiffState::MissingA,
            (_, None) => DiffState::MissingB,
            (Some(one), Some(other)) if one.is_same(other) => DiffState::Same,
            _ => DiffState::Different,
        };
        let shown = reveal && state != DiffState::Same;
        if shown || with_file && state == DiffState::Same {
            told.add(a.bundle, one.as_ref());
            told.add(b.bundle, other.as_ref());
        }
        let updated = |held: &Option<Held>| held.as_ref().and_then(|held| held.updated);
        let (a_updated, b_updated) = (updated(&one), updated(&other));
        let values = |held: Option<Held>| match held {
            Some(held) if shown => held.into_values(),
            _ => Vec::new(),
        };
        Some(DiffRow {
            name,
            kind: kind.into(),
            state,
            a_updated,
            b_updated,
            a_values: values(one),
            b_values: values(other),
        })
    };
    names.into_iter().filter_map(row).collect()
}
