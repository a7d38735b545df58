//! The reader of Node's `dotenv` package (18), which is one regular expression run over the whole
//! file; here the same in linear time.
//!
//! What the expression means, line by line:
//! - it may begin at any line start, U+2028 and U+2029 included, and then skips spaces of all
//!   kinds, so also empty lines;
//! - a name is `[A-Za-z0-9_.-]+`, followed by `=` with spaces around it, or by `:` and a space;
//!   once that is there, some value is always found;
//! - a quoted value may begin on a later line. It ends at the last of these after which the line
//!   holds nothing but spaces and a comment: the first quote without a backslash before it, and
//!   every quote with one before that;
//! - else the value is the rest of the line up to any `#`, and one pair of quotes around that is
//!   taken off;
//! - in a value that begins with `"`, `\n` and `\r` become what they mean. Nothing else does.

use super::document::{Assignment, Document, Problem, ProblemKind, Quote};
use super::lines::Lines;
use super::{Dialect, interpolate};
use crate::Value;
use crate::buffer::Buffer;

/// Reads text whose line ends are unified.
pub(super) fn parse(text: &str) -> Document {
    let mut lines = Lines::new(text);
    let mut document = Document::new(Dialect::Node);
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(is_space);
        if rest.is_empty() {
            return document;
        }
        if rest.starts_with('#') {
            rest = after_line(rest);
            continue;
        }
        let start = skip_export(rest);
        let line = lines.line_at(text.len() - start.len());
        let (name, after_name) = split_name(start);
        let Some(at_value) = skip_separator(name, after_name) else {
            document.problems.push(problem(name, after_name, line));
            rest = after_line(rest);
            continue;
        };
        let (value, quote, after_value) = value(at_value);
        rest = after_value;
        if name == "__proto__" {
            // Assigning this to a JavaScript object changes nothing.
            document.problems.push(Problem {
                line,
                name: Some(name.to_owned()),
                kind: ProblemKind::BadName,
                stops: false,
            });
            continue;
        }
        document.assignments.push(Assignment {
            name: name.to_owned(),
            has_interpolation: interpolate::node::has_reference(&value),
            value,
            line,
            quote,
            template: None,
        });
    }
}

/// What JavaScript's `\s` and `trim` take as space.
fn is_space(c: char) -> bool {
    c.is_whitespace() && c != '\u{85}' || c == '\u{feff}'
}

/// What ends a line for JavaScript's `^`, `$` and `.`, once `\r` is gone.
fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\u{2028}' | '\u{2029}')
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

fn after_line(rest: &str) -> &str {
    rest.split_once(is_line_end).map_or("", |(_, after)| after)
}

/// Skips `export` and spaces, if a name follows; a lone `export` is a name itself.
fn skip_export(rest: &str) -> &str {
    let after = rest
        .strip_prefix("export")
        .filter(|after| after.starts_with(is_space));
    let name = after.map(|after| after.trim_start_matches(is_space));
    name.filter(|name| name.starts_with(is_name))
        .unwrap_or(rest)
}

fn split_name(rest: &str) -> (&str, &str) {
    rest.split_at(rest.find(|c| !is_name(c)).unwrap_or(rest.len()))
}

/// Skips `=` with spaces before it, or `:` with exactly one space after it.
fn skip_separator<'a>(name: &str, after_name: &'a str) -> Option<&'a str> {
    if name.is_empty() {
        return None;
    }
    match after_name.strip_prefix(':') {
        Some(after) => after.strip_prefix(is_space),
        None => after_name.trim_start_matches(is_space).strip_prefix('='),
    }
}

fn problem(name: &str, after_name: &str, line: usize) -> Problem {
    let is_alone = after_name
        .chars()
        .find(|&c| !is_space(c) || is_line_end(c))
        .is_none_or(is_line_end);
    Problem {
        line,
        name: (is_alone && !name.is_empty()).then(|| name.to_owned()),
        kind: match name {
            "" if after_name.starts_with('=') => ProblemKind::NoName,
            "" => ProblemKind::NotAnAssignment,
            _ if is_alone => ProblemKind::NoValue,
            _ => ProblemKind::NotAnAssignment,
        },
        stops: false,
    }
}

/// The value that begins here, its quote, and what follows it.
fn value(at_value: &str) -> (Value, Quote, &str) {
    let trimmed = at_value.trim_start_matches(is_space);
    if let Some((quote, inner, after)) = quoted(trimmed) {
        let value = match quote {
            Quote::Double => expand_newlines(inner),
            _ => inner.into(),
        };
        return (value, quote, after);
    }
    let (raw, after) = at_value.split_at(at_value.find(['#', '\n']).unwrap_or(at_value.len()));
    let raw = raw.trim_matches(is_space);
    let bare = strip_quotes(raw);
    let quote = quote_of(raw)
        .filter(|_| bare.len() < raw.len())
        .unwrap_or(Quote::None);
    let value = match quote_of(raw) {
        // EXPOSE: still being read.
        Some(Quote::Double) => expand_newlines(bare.expose()),
        _ => bare,
    };
    (value, quote, after)
}

fn quote_of(text: &str) -> Option<Quote> {
    match text.as_bytes().first()? {
        b'\'' => Some(Quote::Single),
        b'"' => Some(Quote::Double),
        b'`' => Some(Quote::Backtick),
        _ => None,
    }
}

/// Splits a quoted value off, if its quote is closed in a place that counts.
fn quoted(text: &str) -> Option<(Quote, &str, &str)> {
    let quote = quote_of(text)?;
    let (mark, body) = text.split_at(1);
    let mut close = None;
    for (at, _) in body.match_indices(mark) {
        let after = &body[at + 1..];
        let tail = after.trim_start_matches(|c| is_space(c) && !is_line_end(c));
        if tail.is_empty() || tail.starts_with('#') || tail.starts_with(is_line_end) {
            close = Some(at);
        }
        if !body[..at].ends_with('\\') {
            break;
        }
    }
    let close = close?;
    Some((quote, &body[..close], &body[close + 1..]))
}

/// Takes quotes off that begin a line and end one. A value without quotes of its own is one line,
/// but U+2028 and U+2029 end lines too, so there can be several such pairs.
fn strip_quotes(raw: &str) -> Value {
    let last = |quote: char| {
        let ends_line = |at: &usize| raw[at + 1..].chars().next().is_none_or(is_line_end);
        raw.rmatch_indices(quote).map(|(at, _)| at).find(ends_line)
    };
    let ends = ['\'', '"', '`'].map(|quote| (quote, last(quote)));
    let mut value = Buffer::with_capacity(raw.len());
    let mut from = 0;
    let mut is_line_start = true;
    let mut chars = raw.char_indices();
    while let Some((at, c)) = chars.next() {
        let end = ends.iter().find(|(quote, _)| *quote == c && is_line_start);
        if let Some((_, Some(end))) = end
            && *end > at
        {
            value.push_str(&raw[from..at]);
            value.push_str(&raw[at + 1..*end]);
            from = end + 1;
            chars.by_ref().take_while(|(at, _)| at < end).for_each(drop);
        }
        is_line_start = is_line_end(c);
    }
    value.push_str(&raw[from..]);
    value.into()
}

/// `\n` and `\r` become what they mean; a backslash before them is no escape.
fn expand_newlines(text: &str) -> Value {
    let mut value = Buffer::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let expanded = match (c, chars.peek()) {
            ('\\', Some('n')) => Some('\n'),
            ('\\', Some('r')) => Some('\r'),
            _ => None,
        };
        if expanded.is_some() {
            chars.next();
        }
        value.push(expanded.unwrap_or(c));
    }
    value.into()
}
