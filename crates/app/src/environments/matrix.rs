//! All environments of a project in one table, without a value in it.

use std::collections::BTreeSet;

use team::ids::{BundleId, TeamId};
use team::ledger::Bundle;

use super::side::{Held, Opened};
use super::{EnvironmentView, Matrix, MatrixCell, MatrixRow, MatrixView};
use crate::audit::MOST_NAMES;
use crate::bundles::BundleAt;
use crate::open::{Open, Teams};
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault};

impl UseCase for Matrix {
    async fn carry_out(self, session: &mut Session) -> Result<MatrixView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let team = team_of(&open.teams, self.team.as_deref(), &self.project)?;
        let (wanted, not_shared) = columns(open, &team, &self.project);
        let (mut environments, mut columns, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
        for (environment, at) in wanted {
            let mut opened = Opened::of_bundle(open, &at).await?;
            warnings.append(&mut opened.warnings);
            environments.push(EnvironmentView {
                bundle: opened.name.clone(),
                environment,
            });
            columns.push(opened);
        }
        let rows = rows(&columns);
        let columns = environments.iter().map(|of| of.environment.as_str());
        let columns: Vec<&str> = columns.collect();
        // No value is told, nor anything that one could be known by: it counts as no read of a version.
        let entry = AuditEntry {
            operation: "matrix".to_owned(),
            names: rows
                .iter()
                .take(MOST_NAMES)
                .map(|row| row.name.clone())
                .collect(),
            count: rows.len() as u64,
            detail: Some(format!("{}: {}", self.project, columns.join(", "))),
            ..AuditEntry::default()
        };
        open.record(&caller, entry).await?;
        Ok(MatrixView {
            team: open.teams.label(&open.teams[&team]),
            project: self.project,
            environments,
            not_shared,
            rows,
            warnings,
        })
    }
}

fn of_project(bundle: &Bundle, project: &str) -> bool {
    bundle.project == project && !bundle.archived
}

/// The team that is named, or the only one that has such a project.
fn team_of(teams: &Teams, team: Option<&str>, project: &str) -> Result<TeamId, Fault> {
    if team.is_none() {
        teams.all_readable()?;
    }
    let meant = teams.meant_or_all(team)?;
    let has = |id: &&TeamId| {
        let mut bundles = teams[*id].ledger.state().bundles().values();
        bundles.any(|bundle| of_project(bundle, project))
    };
    let having: Vec<&TeamId> = meant.iter().filter(has).collect();
    match having.as_slice() {
        [only] => Ok(**only),
        [] => Err(Fault::new(Code::NotFound, "There is no such project.")
            .about(project)
            .next("`sealfold bundle ls` shows the bundles of all projects.")),
        several => {
            let teams = several.iter().map(|id| teams.label(&teams[*id]));
            let teams: Vec<String> = teams.collect();
            Err(Fault::new(
                Code::Usage,
                "Several teams have a project of this name: say which.",
            )
            .about(project)
            .next(format!("Add `--team`, with one of: {}.", teams.join(", "))))
        }
    }
}

/// The bundles of a project that are shared with this member, in the order of their environments' names;
/// and the names of the others.
fn columns(open: &Open, team: &TeamId, project: &str) -> (Vec<(String, BundleAt)>, Vec<String>) {
    let team = &open.teams[team];
    let all = team.ledger.state().bundles().iter();
    let of_project = all.filter(|(_, bundle)| of_project(bundle, project));
    let (shared, others): (Vec<_>, Vec<_>) = of_project.partition(|(_, bundle)| team.has(bundle));
    let at = |(id, bundle): (&BundleId, &Bundle)| {
        let at = BundleAt {
            team: team.id,
            id: *id,
        };
        (bundle.environment.clone(), at)
    };
    let mut shared: Vec<(String, BundleAt)> = shared.into_iter().map(at).collect();
    shared.sort();
    let others = others
        .into_iter()
        .map(|(_, bundle)| bundle.environment.clone());
    let others: BTreeSet<String> = others.collect();
    (shared, others.into_iter().collect())
}

fn rows(columns: &[Opened]) -> Vec<MatrixRow> {
    let names: BTreeSet<&String> = columns.iter().flat_map(|of| of.entries.keys()).collect();
    let row = |name: &String| MatrixRow {
        name: name.clone(),
        cells: cells(columns.iter().map(|of| of.entries.get(name))),
    };
    names.into_iter().map(row).collect()
}

/// Cells with the numbers of their groups: each is compared with the first of every group so far.
fn cells<'a>(row: impl Iterator<Item = Option<&'a Held>>) -> Vec<Option<MatrixCell>> {
    let mut groups: Vec<&Held> = Vec::new();
    let mut cell = |held: &'a Held| {
        let known = groups.iter().position(|first| first.is_same(held));
        let group = known.unwrap_or_else(|| {
            groups.push(held);
            groups.len() - 1
        });
        MatrixCell {
            group: u32::try_from(group + 1).unwrap_or(u32::MAX),
            kind: held.kind.into(),
            updated: held.updated.unwrap_or(0),
            conflict: held.conflict,
        }
    };
    row.map(|held| held.map(&mut cell)).collect()
}
