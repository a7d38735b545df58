//! Where the dialects read a file differently.

use std::collections::BTreeMap;

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
    /// With another value, or with another idea of what is a reference.
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
    let mut places: BTreeMap<(usize, Option<&str>), ()> = BTreeMap::new();
    for document in others.iter().chain([&own]) {
        places.extend(
            document
                .assignments
                .iter()
                .map(|a| ((a.line, Some(a.name.as_str())), ())),
        );
    }
    places.extend(
        others
            .iter()
            .filter_map(refused_at)
            .map(|line| ((line, None), ())),
    );

    let own_readings = by_place(&own);
    let other_readings: Vec<_> = others.iter().map(|d| (d, by_place(d))).collect();
    let compare = |&(line, name): &(usize, Option<&str>)| {
        let mine = own_readings.get(&(line, name)).copied();
        let others: Vec<_> = other_readings
            .iter()
            .map(|(document, readings)| {
                let theirs = readings.get(&(line, name)).copied();
                let reading = match refused_at(document) {
                    Some(refused) if refused == line && name.is_none() => Reading::Refuses,
                    Some(refused) if refused < line => Reading::Same,
                    _ => reading(mine, theirs),
                };
                (document.dialect, reading)
            })
            .collect();
        let disagrees = others.iter().any(|(_, reading)| *reading != Reading::Same);
        disagrees.then(|| Disagreement {
            line,
            name: name.map(str::to_owned),
            is_read: mine.is_some(),
            others,
        })
    };
    Ok(places.keys().filter_map(compare).collect())
}

fn refused_at(document: &Document) -> Option<usize> {
    document.problems.iter().find(|p| p.stops).map(|p| p.line)
}

fn by_place(document: &Document) -> BTreeMap<(usize, Option<&str>), &Assignment> {
    let all = document.assignments.iter();
    all.map(|a| ((a.line, Some(a.name.as_str())), a)).collect()
}

fn reading(mine: Option<&Assignment>, theirs: Option<&Assignment>) -> Reading {
    match (mine, theirs) {
        (None, None) => Reading::Same,
        (Some(_), None) => Reading::NotAtAll,
        (None, Some(_)) => Reading::Differs,
        (Some(mine), Some(theirs)) => {
            // EXPOSE: compared in memory; only the outcome leaves.
            let is_same = mine.value.expose() == theirs.value.expose();
            if is_same && mine.has_interpolation == theirs.has_interpolation {
                Reading::Same
            } else {
                Reading::Differs
            }
        }
    }
}
