//! `NAME=value` for the readers of `.env` files.
//!
//! The readers agree on little: a backslash, a `$`, a quote or a `#` means something else to each.
//! So a value is not written by rules: it is written in each quoting that could do, and our own
//! readers, which are proven against the real ones, say which of them brings it back.

use zeroize::Zeroizing;

use super::Reach;
use crate::buffer::Buffer;
use crate::dotenv::{Dialect, interpolate, parse};
use crate::{Refusal, Value};

/// Writes one line that all dialects read back, or else the default one.
pub(super) fn write_portable(name: &str, value: &[u8], out: &mut Buffer) -> Result<Reach, Refusal> {
    let value = text_of(name, value)?;
    let lines: Vec<_> = QUOTINGS
        .iter()
        .map(|quote| line(name, value, *quote))
        .collect();
    let reads_back = |dialects: &[Dialect]| {
        let is_read = |line: &&Value| dialects.iter().all(|d| reads_back(line, name, value, *d));
        lines.iter().find(is_read)
    };
    let (found, reach) = match reads_back(&Dialect::ALL) {
        Some(line) => (line, Reach::All),
        None => {
            let line = reads_back(&[Dialect::default()]).ok_or(Refusal::NoQuoting)?;
            (line, Reach::DefaultDialect)
        }
    };
    // EXPOSE: the line is what was asked for.
    out.push_str(found.expose());
    Ok(reach)
}

/// Writes one line that this dialect reads back.
pub(super) fn write_for(
    dialect: Dialect,
    name: &str,
    value: &[u8],
    out: &mut Buffer,
) -> Result<Reach, Refusal> {
    let value = text_of(name, value)?;
    let own: &[Quoting] = match dialect {
        Dialect::Node => &[],
        Dialect::Python => &[python_quoted],
        Dialect::Compose => &[compose_quoted],
    };
    let mut lines = QUOTINGS
        .iter()
        .chain(own)
        .map(|quoting| line(name, value, *quoting));
    let line = lines
        .find(|line| reads_back(line, name, value, dialect))
        .ok_or(Refusal::NoQuoting)?;
    // EXPOSE: the line is what was asked for.
    out.push_str(line.expose());
    Ok(Reach::All)
}

/// The value as text, once it is clear that both it and the name could be a variable's.
fn text_of<'a>(name: &str, value: &'a [u8]) -> Result<&'a str, Refusal> {
    if !crate::names::is_portable_name(name) {
        return Err(Refusal::Name);
    }
    if value.contains(&0) {
        return Err(Refusal::Nul);
    }
    std::str::from_utf8(value).map_err(|_| Refusal::NotUtf8)
}

fn line(name: &str, value: &str, quoting: Quoting) -> Value {
    let mut line = Buffer::with_capacity(name.len() + 2 * value.len() + 4);
    line.push_str(name);
    line.push('=');
    quoting(value, &mut line);
    line.push('\n');
    line.into()
}

/// Whether the dialect's reader gets exactly this value, its interpolation included where it is on
/// by default. `dotenv-expand` is an extra package, so Node's references stay as written.
fn reads_back(line: &Value, name: &str, value: &str, dialect: Dialect) -> bool {
    // EXPOSE: read back in memory.
    let Ok(mut document) = parse(line.expose().as_bytes(), dialect) else {
        return false;
    };
    if dialect != Dialect::Node {
        match interpolate(&document, |_| None) {
            Ok(interpolated) => document = interpolated,
            Err(_) => return false,
        }
    }
    match document.assignments.as_slice() {
        // EXPOSE: compared in memory.
        [read] => document.problems.is_empty() && read.name == name && read.value.expose() == value,
        _ => false,
    }
}

/// A way to write a value. Not each can hold each value; reading back decides.
type Quoting = fn(&str, &mut Buffer);

/// Those that all dialects may understand, the plainest first.
const QUOTINGS: [Quoting; 5] = [
    bare,
    |value, out| wrap('\'', value, out),
    |value, out| wrap('"', value, out),
    |value, out| wrap('"', &escape_newlines(value), out),
    |value, out| wrap('`', value, out),
];

/// Without quotes, if it holds nothing that any reader or shell could take for more than a letter.
fn bare(value: &str, out: &mut Buffer) {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"_./:@%+,-".contains(&b);
    if !value.is_empty() && value.bytes().all(is_plain) {
        out.push_str(value);
    } else {
        wrap('\'', value, out);
    }
}

fn wrap(quote: char, value: &str, out: &mut Buffer) {
    out.push(quote);
    out.push_str(value);
    out.push(quote);
}

/// The two escapes that all dialects know in double quotes.
fn escape_newlines(value: &str) -> Zeroizing<String> {
    let mut escaped = Buffer::with_capacity(2 * value.len());
    escape(value, &mut escaped, |c| match c {
        '\n' => Some(r"\n"),
        '\r' => Some(r"\r"),
        _ => None,
    });
    Zeroizing::new(Value::from(escaped).into_string())
}

/// python-dotenv's double quotes. It has no escape for `${`, but the default of a reference to
/// nothing can be a dollar.
fn python_quoted(value: &str, out: &mut Buffer) {
    out.push('"');
    for (place, part) in value.split("${").enumerate() {
        if place > 0 {
            out.push_str("${:-$}{");
        }
        escape(part, out, |c| match c {
            '\\' => Some(r"\\"),
            '"' => Some(r#"\""#),
            '\r' => Some(r"\r"),
            _ => None,
        });
    }
    out.push('"');
}

/// Compose's double quotes.
fn compose_quoted(value: &str, out: &mut Buffer) {
    out.push('"');
    escape(value, out, |c| match c {
        '\\' => Some(r"\\"),
        '"' => Some(r#"\""#),
        '$' => Some(r"\$"),
        _ => None,
    });
    out.push('"');
}

fn escape(value: &str, out: &mut Buffer, escaped: fn(char) -> Option<&'static str>) {
    for c in value.chars() {
        match escaped(c) {
            Some(escaped) => out.push_str(escaped),
            None => out.push(c),
        }
    }
}
