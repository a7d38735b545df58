//! Where the dialects read a file differently.

use std::collections::{BTreeMap, BTreeSet};

use super::{Assignment, Dialect, Document, parse};
use crate::ParseError;

/// One place in a file that not all dialects read the same way. It never holds the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// Line of the name, counted from 1.
    pub line: usize,
    /// The name; `None` where a reader stops for good.
    pub name: Option<String>,
    /// Whether the chosen dialect reads an assignment of this name here at all.
    pub is_read: bool,
    /// How each of the other dialects compares with the chosen one.
    pub others: Vec<(Dialect, Reading)>,
}

/// How a dialect reads a line, compared with the chosen one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// As the chosen one does.
    Same,
    /// With another value, or one of the two replaces references in it unasked. Node's never does:
    /// `dotenv-expand` is an extra package.
    Differs,
    /// Not as an assignment of this name.
    NotAtAll,
    /// It stops here and refuses the file. Nothing more is said about it further down.
    Refuses,
}

/// Lists the lines where another dialect reads something else than `chosen`, or where `chosen`
/// does not read what another does.
///
/// # Errors
/// As [`parse`].
pub fn disagreements(input: &[u8], chosen: Dialect) -> Result<Vec<Disagreement>, ParseError> {
    let own = parse(input, chosen)?;
    let mut others = Vec::new();
    for dialect in Dialect::ALL.into_iter().filter(|&d| d != chosen) {
        others.push(parse(input, dialect)?);
    }

    // A refusal sorts before the assignments of its line: `None` is less than any name.
    let documents = others.iter().chain([&own]);
    let refusals = others
        .iter()
        .filter_map(refused_at)
        .map(|line| (line, None));
    let places: BTreeSet<Place<'_>> = documents
        .flat_map(|d| &d.assignments)
        .map(place)
        .chain(refusals)
        .collect();

    let own_readings = by_place(&own);
    let other_readings: Vec<_> = others.iter().map(|d| (d, by_place(d))).collect();
    let mut disagreements = Vec::new();
    for (line, name) in places {
        let mine = own_readings.get(&(line, name)).copied();
        let compare = |(document, readings): &(&Document, BTreeMap<Place<'_>, &Assignment>)| {
            let theirs = readings.get(&(line, name)).copied();
            let reading = match refused_at(document) {
                Some(refused) if refused == line && name.is_none() => Reading::Refuses,
                Some(refused) if refused < line => Reading::Same,
                _ => reading(chosen, mine, document.dialect, theirs),
            };
            (document.dialect, reading)
        };
        let others: Vec<_> = other_readings.iter().map(compare).collect();
        if others.iter().any(|(_, reading)| *reading != Reading::Same) {
            disagreements.push(Disagreement {
                line,
                name: name.map(str::to_owned),
                is_read: mine.is_some(),
                others,
            });
        }
    }
    Ok(disagreements)
}

/// Line and name.
type Place<'a> = (usize, Option<&'a str>);

fn refused_at(document: &Document) -> Option<usize> {
    document.problems.iter().find(|p| p.stops).map(|p| p.line)
}

fn place(assignment: &Assignment) -> Place<'_> {
    (assignment.line, Some(assignment.name.as_str()))
}

fn by_place(document: &Document) -> BTreeMap<Place<'_>, &Assignment> {
    document.assignments.iter().map(|a| (place(a), a)).collect()
}

fn reading(
    chosen: Dialect,
    mine: Option<&Assignment>,
    other: Dialect,
    theirs: Option<&Assignment>,
) -> Reading {
    let (mine, theirs) = match (mine, theirs) {
        (None, None) => return Reading::Same,
        (Some(_), None) => return Reading::NotAtAll,
        (None, Some(_)) => return Reading::Differs,
        (Some(mine), Some(theirs)) => (mine, theirs),
    };
    let is_replaced = |dialect, a: &Assignment| a.has_interpolation && dialect != Dialect::Node;
    // EXPOSE: compared in memory; only the outcome leaves.
    let is_same_value = mine.value.expose() == theirs.value.expose();
    if is_same_value && is_replaced(chosen, mine) == is_replaced(other, theirs) {
        Reading::Same
    } else {
        Reading::Differs
    }
}
