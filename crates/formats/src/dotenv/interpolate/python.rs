//! python-dotenv: `${NAME}` and `${NAME:-default}` in every kind of quotes, nothing nested, and no
//! way to escape them. The default is for names that aren't set; empty ones are empty.

use super::{Found, Scope};
use crate::buffer::Buffer;
use crate::dotenv::{Document, ProblemKind};
use crate::{InterpolateError, Value};

pub(in crate::dotenv) fn has_reference(value: &Value) -> bool {
    // EXPOSE: only looked at.
    Atoms::new(value.expose()).any(|atom| matches!(atom, Atom::Variable { .. }))
}

pub(super) fn replace_all(
    document: &Document,
    scope: &mut Scope<'_>,
) -> Result<(), InterpolateError> {
    let mut unset = document
        .problems
        .iter()
        .filter(|p| p.kind == ProblemKind::NoValue)
        .peekable();
    for assignment in &document.assignments {
        while let Some(problem) = unset.next_if(|problem| problem.line < assignment.line) {
            scope.unset.extend(problem.name.clone());
        }
        let mut value = Buffer::with_capacity(assignment.value.len());
        // EXPOSE: read to make the new value.
        for atom in Atoms::new(assignment.value.expose()) {
            let piece = match atom {
                Atom::Literal(text) => Found::File(text),
                Atom::Variable { name, default } => scope.get(name).unwrap_or(Found::File(default)),
            };
            let text = piece.text();
            scope.check_size(value.len() + text.len(), assignment.line)?;
            value.push_str(text);
        }
        scope.set(&assignment.name, value.into());
    }
    Ok(())
}

enum Atom<'a> {
    Literal(&'a str),
    Variable { name: &'a str, default: &'a str },
}

/// Cuts a value into literal text and references.
struct Atoms<'a> {
    rest: &'a str,
    /// A reference that was found behind the literal text just given.
    found: Option<Atom<'a>>,
}

impl<'a> Atoms<'a> {
    fn new(rest: &'a str) -> Self {
        Self { rest, found: None }
    }
}

impl<'a> Iterator for Atoms<'a> {
    type Item = Atom<'a>;

    fn next(&mut self) -> Option<Atom<'a>> {
        if let Some(found) = self.found.take() {
            return Some(found);
        }
        if self.rest.is_empty() {
            return None;
        }
        let (literal, found, after) = first_variable(self.rest).unwrap_or((self.rest, None, ""));
        self.rest = after;
        if literal.is_empty() {
            return found;
        }
        self.found = found;
        Some(Atom::Literal(literal))
    }
}

type Cut<'a> = (&'a str, Option<Atom<'a>>, &'a str);

fn first_variable(text: &str) -> Option<Cut<'_>> {
    let mut from = 0;
    // A name goes up to the next `}` or `:`, and may hold `${`. Many openings share one end.
    let mut end = 0;
    loop {
        let at = from + text[from..].find("${")?;
        let name_at = at + 2;
        if end < name_at {
            end = name_at + text[name_at..].find(['}', ':'])?;
        }
        let name = &text[name_at..end];
        let tail = &text[end..];
        let (default, after) = match tail.strip_prefix(":-") {
            Some(default) => default.split_once('}')?,
            None if tail.starts_with('}') => ("", &tail[1..]),
            None => {
                from = at + 1;
                continue;
            }
        };
        return Some((&text[..at], Some(Atom::Variable { name, default }), after));
    }
}
