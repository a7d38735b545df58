//! Replacing references in values, as each dialect's reader does it.
//!
//! In all three a variable of the environment wins over one of the file, and one of the file is
//! known only after its line (Node: in the order of a JavaScript object, which is nearly the same).
//! One thing is not done as they do it: where the environment has a variable of the *assigned*
//! name, their programs see the environment's value. Here the file's stays, since the file is what
//! is being read.
//!
//! What one reference brings in can hold more references, so sizes can double with each line; all
//! values together may grow to [`MAX_INPUT`](super::MAX_INPUT) and the work is bounded too.

pub(super) mod compose;
pub(super) mod node;
pub(super) mod python;

use std::collections::{HashMap, HashSet};

use zeroize::Zeroizing;

use super::{Assignment, Dialect, Document, MAX_INPUT};
use crate::{InterpolateError, Value};

/// How many bytes replacing may go over in all, where it goes over them again and again.
const MAX_WORK: usize = MAX_INPUT;

/// Returns the document with its references replaced: one assignment for each name, the one that
/// counts. `lookup` gives the environment's variables.
///
/// # Errors
/// Compose refuses malformed references and missing required variables; all dialects here refuse
/// what grows without reason. The error names the line.
pub fn interpolate(
    document: &Document,
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<Document, InterpolateError> {
    let lookup = |name: &str| lookup(name).map(Zeroizing::new);
    let mut scope = Scope::new(&lookup);
    match document.dialect {
        Dialect::Node => node::replace_all(document, &mut scope)?,
        Dialect::Python => python::replace_all(document, &mut scope)?,
        Dialect::Compose => compose::replace_all(document, &mut scope)?,
    }
    let mut interpolated = Document {
        dialect: document.dialect,
        assignments: Vec::new(),
        problems: document.problems.clone(),
    };
    for assignment in document.in_effect() {
        let value = scope.known.remove(&assignment.name);
        interpolated.assignments.push(Assignment {
            name: assignment.name.clone(),
            value: value.expect("each assignment in effect was given a value"),
            line: assignment.line,
            quote: assignment.quote,
            has_interpolation: false,
            template: None,
        });
    }
    Ok(interpolated)
}

/// The variables that references may name, and how much they may still grow.
struct Scope<'a> {
    environment: &'a dyn Fn(&str) -> Option<Zeroizing<String>>,
    /// What the file has assigned so far.
    known: HashMap<String, Value>,
    /// Names that the file has since left without a value, which python-dotenv takes as empty.
    unset: HashSet<String>,
    /// Bytes of all values so far.
    size: usize,
    /// Bytes looked at by what may look at them more than once.
    work: usize,
}

/// A variable's value, from wherever it comes.
enum Found<'a> {
    Environment(Zeroizing<String>),
    File(&'a str),
}

impl Found<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Environment(text) => text,
            Self::File(text) => text,
        }
    }
}

impl<'a> Scope<'a> {
    fn new(environment: &'a dyn Fn(&str) -> Option<Zeroizing<String>>) -> Self {
        Self {
            environment,
            known: HashMap::new(),
            unset: HashSet::new(),
            size: 0,
            work: 0,
        }
    }

    fn get(&self, name: &str) -> Option<Found<'_>> {
        if let Some(value) = (self.environment)(name) {
            return Some(Found::Environment(value));
        }
        if self.unset.contains(name) {
            return Some(Found::File(""));
        }
        // EXPOSE: a reference stands for the value, which goes into another value.
        self.known
            .get(name)
            .map(|value| Found::File(value.expose()))
    }

    fn set(&mut self, name: &str, value: Value) {
        self.size += value.len();
        self.unset.remove(name);
        self.known.insert(name.to_owned(), value);
    }

    /// Says whether `more` bytes still fit.
    fn check_size(&self, more: usize, line: usize) -> Result<(), InterpolateError> {
        match self.size.saturating_add(more) > MAX_INPUT {
            true => Err(InterpolateError::TooLarge { line }),
            false => Ok(()),
        }
    }

    /// Counts work that the input's size does not bound.
    fn spend(&mut self, bytes: usize, line: usize) -> Result<(), InterpolateError> {
        self.work = self.work.saturating_add(bytes);
        match self.work > MAX_WORK {
            true => Err(InterpolateError::TooLarge { line }),
            false => Ok(()),
        }
    }
}
