//! The reader of Docker Compose v2 (compose-go 2.13, package `dotenv`).
//!
//! Statements follow each other wherever the one before ended, so text after a closing quote is
//! the next statement. Names hold letters, digits and `_.-[]` of all scripts and end with `=` or
//! `:`. A name alone takes its value from the environment. `'` and `"` quote over lines and may be
//! escaped in their own quotes; double quotes know escapes as C has them. The first error ends it
//! all: Compose refuses the file.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::document::{Assignment, Document, Problem, ProblemKind, Quote};
use super::lines::Lines;
use super::{Dialect, interpolate};
use crate::Value;
use crate::buffer::Buffer;

/// Reads text as it is, line ends included.
pub(super) fn parse(text: &str) -> Document {
    let mut lines = Lines::new(text);
    let mut document = Document::new(Dialect::Compose);
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return document;
        }
        if rest.starts_with('#') {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
            continue;
        }
        let line = lines.line_at(text.len() - rest.len());
        match statement(rest, line) {
            Statement::Assignment(assignment, after) => {
                document.assignments.push(assignment);
                rest = after;
            }
            Statement::Passed(problem, after) => {
                document.problems.push(problem);
                rest = after;
            }
            Statement::Refused(problem) => {
                document.problems.push(problem);
                return document;
            }
        }
    }
}

enum Statement<'a> {
    Assignment(Assignment, &'a str),
    Passed(Problem, &'a str),
    Refused(Problem),
}

fn statement(text: &str, line: usize) -> Statement<'_> {
    let problem = |name: &str, kind, stops| Problem {
        line,
        name: (!name.is_empty()).then(|| name.to_owned()),
        kind,
        stops,
    };
    let start = skip_export(text);
    let Some(end) = start.find(|c| !is_inline_space(c) && !is_name(c)) else {
        // The file ends here. Compose takes the name for a value without a name.
        return match start.trim_end() {
            "" => Statement::Refused(problem("", ProblemKind::NotAnAssignment, true)),
            name => Statement::Passed(problem(name, ProblemKind::NoValue, false), ""),
        };
    };
    let name = start[..end].trim_end();
    let after_name = &start[end..];
    let separator = after_name.chars().next();
    if !matches!(separator, Some('=' | ':' | '\n')) {
        return Statement::Refused(problem("", ProblemKind::NotAnAssignment, true));
    }
    if name.contains(' ') {
        return Statement::Refused(problem("", ProblemKind::BadName, true));
    }
    let at_value = after_name[1..].trim_start_matches(is_inline_space);
    if separator == Some('\n') {
        return Statement::Passed(problem(name, ProblemKind::NoValue, false), at_value);
    }
    let Some((template, quote, after)) = value(at_value) else {
        return Statement::Refused(problem(name, ProblemKind::UnclosedQuote, true));
    };
    if name.is_empty() {
        return Statement::Passed(problem(name, ProblemKind::NoName, false), after);
    }
    let literal = match quote {
        Quote::Single => None,
        _ => interpolate::compose::literal(&template),
    };
    let (value, has_interpolation, template) = match literal {
        None => (template, false, None),
        Some((value, has_interpolation)) => (value, has_interpolation, Some(template)),
    };
    let assignment = Assignment {
        name: name.to_owned(),
        value,
        line,
        quote,
        has_interpolation,
        template,
    };
    Statement::Assignment(assignment, after)
}

fn skip_export(text: &str) -> &str {
    let is_space = |c| matches!(c, '\t' | '\n' | '\x0c' | '\r' | ' ');
    let after = text
        .strip_prefix("export")
        .filter(|after| after.starts_with(is_space));
    after.map_or(text, |after| after.trim_start_matches(is_inline_space))
}

fn is_inline_space(c: char) -> bool {
    matches!(c, '\t' | '\x0b' | '\x0c' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

fn is_name(c: char) -> bool {
    matches!(c, '_' | '.' | '-' | '[' | ']')
        || matches!(
            c.general_category_group(),
            GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number
        )
}

/// The value that begins here, before dollars are looked at, its quote, and what follows it.
/// `None` if a quote is never closed.
fn value(text: &str) -> Option<(Value, Quote, &str)> {
    match text.chars().next() {
        Some(mark @ ('\'' | '"')) => {
            let (raw, after) = quoted(&text[1..], mark)?;
            Some(match mark {
                // EXPOSE: still being read.
                '"' => (expand_escapes(raw.expose()), Quote::Double, after),
                _ => (raw, Quote::Single, after),
            })
        }
        _ => {
            let (raw, after) = text.split_once('\n').unwrap_or((text, ""));
            let raw = raw.split_once(" #").map_or(raw, |(value, _)| value);
            Some((raw.trim_end().into(), Quote::None, after))
        }
    }
}

/// Up to the closing quote; a backslash goes from before an escaped quote and stays elsewhere.
fn quoted(body: &str, mark: char) -> Option<(Value, &str)> {
    let mut is_escaped = false;
    let end = body.find(|c| {
        let closes = c == mark && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        closes
    })?;
    let mut value = Buffer::with_capacity(end);
    let mut chars = body[..end].chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        let escaped = chars
            .next()
            .expect("the closing quote is not escaped, so a backslash is never last");
        if escaped != mark {
            value.push('\\');
        }
        value.push(escaped);
    }
    Some((value.into(), &body[end + 1..]))
}

/// The escapes of double quotes. `\$` becomes `$$`, which interpolation makes `$`.
fn expand_escapes(text: &str) -> Value {
    let mut value = Buffer::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        value.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (expanded, used) = match after.bytes().next() {
            Some(b'a') => ("\x07", 1),
            Some(b'b') => ("\x08", 1),
            Some(b'f') => ("\x0c", 1),
            Some(b'n') => ("\n", 1),
            Some(b'r') => ("\r", 1),
            Some(b't') => ("\t", 1),
            Some(b'v') => ("\x0b", 1),
            Some(b'"') => ("\"", 1),
            Some(b'\\') => ("\\", 1),
            Some(b'$') => ("$$", 1),
            Some(b'0') => {
                let digits = after
                    .bytes()
                    .skip(1)
                    .take(3)
                    .take_while(u8::is_ascii_digit)
                    .count();
                match u8::from_str_radix(&after[1..=digits], 8) {
                    Ok(byte) if digits == 3 => value.push(char::from(byte)),
                    // Compose drops the zero of an escape that isn't whole.
                    _ => {
                        value.push('\\');
                        value.push_str(&after[1..=digits]);
                    }
                }
                ("", 1 + digits)
            }
            _ => ("\\", 0),
        };
        value.push_str(expanded);
        rest = &after[used..];
    }
    value.push_str(rest);
    value.into()
}
