//! `diff`: two bundles, a bundle and a `.env`, or all environments of a project, side by side.

use std::ffi::OsString;
use std::path::Path;

use app::environments::{Diff, DiffRow, DiffSide, DiffState, DiffView, Matrix, MatrixView};
use app::{Code, Fault};
use clap::Args;
use serde::Serialize;

use super::import::Dialect;
use super::naming::kind_name;
use crate::args::OneTeamArg;
use crate::context::Context;
use crate::door::{self, Access};
use crate::exit::{Ending, Failure, Outcome};
use crate::input::Source;
use crate::moment::shown;
use crate::output::{Field, Table, escaped, fields, in_line};

/// Compare two environments
///
/// Each side is a bundle, such as api/dev, or a .env file: `-`, or a path that begins with `.` or
/// `/` or has no `/` in it. With one PROJECT alone, all of its environments stand side by side, and
/// equal numbers in a row stand for equal values. Values are not shown without --reveal. Exit code
/// 14 when something differs.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold diff api/dev api/prod\n  \
    sealfold diff .env api/dev\n  \
    sealfold diff api/dev api/prod --reveal\n  \
    sealfold diff api")]
pub struct DiffArgs {
    /// The one side; without another, a project
    #[arg(value_name = "A")]
    a: OsString,
    /// The other side
    #[arg(value_name = "B")]
    b: Option<OsString>,
    /// What is the same too
    #[arg(long)]
    all: bool,
    /// Show the values of what is not the same
    #[arg(long, requires = "b")]
    reveal: bool,
    /// Whose reading of a .env file to follow
    #[arg(long, requires = "b")]
    dialect: Option<Dialect>,
    #[command(flatten)]
    team: OneTeamArg,
}

impl DiffArgs {
    pub fn carry_out(mut self, context: &Context) -> Outcome {
        let Some(b) = self.b.take() else {
            return self.matrix(context);
        };
        if self.team.team.is_some() {
            let fault = Fault::new(Code::Usage, "`--team` is for a project alone.");
            return Err(fault.next("Write TEAM/PROJECT/ENV.").into());
        }
        // The vault first: with both on standard input, the passphrase is the first line.
        let mut door = door::open(context, Access::Read)?;
        let view = door.ask(Diff {
            a: self.side(&self.a)?,
            b: self.side(&b)?,
            reveal: self.reveal,
        })?;
        context.output.warn(&view.warnings);
        if context.output.is_json() {
            show_json(context, &view)?;
        } else {
            context.output.table(&self.table(&view))?;
            context.output.note(summary(&view));
        }
        let same = view.rows.iter().all(|row| row.state == DiffState::Same);
        Ok(if same { Ending::Done } else { Ending::Findings })
    }

    /// A bundle, or what is in a file.
    fn side(&self, argument: &OsString) -> Result<DiffSide, Fault> {
        if let Some(bundle) = argument.to_str().filter(|text| is_bundle(text)) {
            return Ok(DiffSide::Bundle(bundle.to_owned()));
        }
        let source = Source::from(argument.clone());
        Ok(DiffSide::Dotenv {
            data: source.bytes()?,
            source: source.name(),
            dialect: self.dialect.map(Dialect::name),
        })
    }

    fn table(&self, view: &DiffView) -> Table {
        let mut table = Table::new([
            "NAME",
            "KIND",
            "STATE",
            "A UPDATED (UTC)",
            "B UPDATED (UTC)",
            "A",
            "B",
        ]);
        let rows = view.rows.iter();
        for row in rows.filter(|row| self.all || row.state != DiffState::Same) {
            let state = match row.state {
                DiffState::MissingA => format!("only in {}", view.b),
                DiffState::MissingB => format!("only in {}", view.a),
                DiffState::Same => "same".to_owned(),
                DiffState::Different => "different".to_owned(),
            };
            table.row([
                row.name.clone(),
                kind_name(row.kind).to_owned(),
                state,
                row.a_updated.map(shown).unwrap_or_default(),
                row.b_updated.map(shown).unwrap_or_default(),
                in_line(&row.a_values),
                in_line(&row.b_values),
            ]);
        }
        table
    }

    fn matrix(self, context: &Context) -> Outcome {
        let project = self.a.into_string().unwrap_or_default();
        if Source::from(OsString::from(&project)) == Source::Stdin || project.contains('/') {
            let fault = Fault::new(Code::Usage, "There is nothing to compare it with.");
            return Err(fault
                .about(project)
                .next(
                    "Name another bundle or file, or a project alone, such as `sealfold diff api`.",
                )
                .into());
        }
        let view = door::open(context, Access::Read)?.ask(Matrix {
            team: self.team.team,
            project,
        })?;
        context.output.warn(&view.warnings);
        if context.output.is_json() {
            context.output.json(&view)?;
        } else {
            context.output.table(&matrix_table(&view, self.all))?;
            if !view.not_shared.is_empty() {
                let names = escaped(&view.not_shared.join(", "));
                context
                    .output
                    .note(format!("Not shared with you: {names}."));
            }
        }
        let same = (0..view.rows.len()).all(|row| is_same(&view, row));
        Ok(if same { Ending::Done } else { Ending::Findings })
    }
}

/// `PROJECT/ENV`, and no path.
fn is_bundle(text: &str) -> bool {
    text.contains('/') && !text.starts_with(['.', '/']) && !Path::new(text).is_absolute()
}

fn summary(view: &DiffView) -> String {
    let count = |state| view.rows.iter().filter(|row| row.state == state).count();
    let (a, b) = (escaped(&view.a), escaped(&view.b));
    format!(
        "{} only in {a}, {} only in {b}, {} different, {} the same.",
        count(DiffState::MissingB),
        count(DiffState::MissingA),
        count(DiffState::Different),
        count(DiffState::Same),
    )
}

/// Whether all environments have the same under a name.
fn is_same(view: &MatrixView, row: usize) -> bool {
    let mut cells = view.rows[row].cells.iter();
    cells.all(|cell| cell.as_ref().is_some_and(|cell| cell.group == 1))
}

fn matrix_table(view: &MatrixView, all: bool) -> Table {
    let columns = view.environments.iter().map(|of| of.environment.clone());
    let mut table = Table::with_columns(["NAME".to_owned()].into_iter().chain(columns));
    for (index, row) in view.rows.iter().enumerate() {
        if !all && is_same(view, index) {
            continue;
        }
        let cells = row.cells.iter().map(|cell| match cell {
            Some(cell) if cell.conflict => format!("{} conflict", cell.group),
            Some(cell) => cell.group.to_string(),
            None => "-".to_owned(),
        });
        table.row([row.name.clone()].into_iter().chain(cells));
    }
    table
}

/// [`DiffView`] with values that JSON can hold.
#[derive(Serialize)]
struct DiffJson<'a> {
    a: &'a str,
    b: &'a str,
    rows: Vec<RowJson<'a>>,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct RowJson<'a> {
    name: &'a str,
    kind: &'a str,
    state: DiffState,
    a_updated: Option<u64>,
    b_updated: Option<u64>,
    a_values: Vec<Field<'a>>,
    b_values: Vec<Field<'a>>,
}

impl<'a> From<&'a DiffRow> for RowJson<'a> {
    fn from(row: &'a DiffRow) -> Self {
        Self {
            name: &row.name,
            kind: kind_name(row.kind),
            state: row.state,
            a_updated: row.a_updated,
            b_updated: row.b_updated,
            a_values: fields(&row.a_values),
            b_values: fields(&row.b_values),
        }
    }
}

fn show_json(context: &Context, view: &DiffView) -> Result<(), Failure> {
    context.output.json(&DiffJson {
        a: &view.a,
        b: &view.b,
        rows: view.rows.iter().map(RowJson::from).collect(),
        warnings: &view.warnings,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_no_path() {
        for bundle in ["api/dev", "acme/api/dev", "\"a/b\"/dev"] {
            assert!(is_bundle(bundle), "{bundle}");
        }
        for file in ["-", ".env", "./api/dev", "/tmp/x", "prod.env", "../a/b"] {
            assert!(!is_bundle(file), "{file}");
        }
    }
}
