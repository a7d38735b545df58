//! `NAME=value` for the readers of `.env` files.
//!
//! The readers agree on little: a backslash, a `$`, a quote or a `#` means something else to each.
//! So a value is not written by rules: it is written in each quoting that could do, and our own
//! readers, which are proven against the real ones, say which of them brings it back.
//!
//! Some people source such a file in a shell, which is one more reader and one that runs what it
//! reads. Nobody promises that it gets every value, since the readers can't be given a value with
//! both a `'` and a `$(` in it that a shell only stores: Node's knows no escape for either. But of
//! the quotings that do, one that a shell only stores is taken, and where there is none that is
//! said.

use zeroize::Zeroizing;

use super::{Reach, check_name};
use crate::buffer::Buffer;
use crate::dotenv::{Dialect, interpolate, parse};
use crate::names::is_evaluated_by_shells;
use crate::{Refusal, Value};

/// Writes one line that all dialects read back, or else the default one.
pub(super) fn write_portable(name: &str, value: &[u8], out: &mut Buffer) -> Result<Reach, Refusal> {
    let value = text_of(name, value)?;
    let lines = lines(name, value, &QUOTINGS);
    let read_by = |dialects| find_read_by(dialects, &lines, name, value);
    let (line, is_portable) = match read_by(&Dialect::ALL) {
        Some(line) => (line, true),
        None => {
            let line = read_by(&[Dialect::default()]).ok_or(Refusal::NoQuoting)?;
            (line, false)
        }
    };
    // EXPOSE: the line is what was asked for.
    out.push_str(line.text.expose());
    Ok(Reach {
        is_portable,
        is_inert: line.is_inert,
    })
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
    let lines = lines(name, value, &[&QUOTINGS, own].concat());
    let line = find_read_by(&[dialect], &lines, name, value).ok_or(Refusal::NoQuoting)?;
    // EXPOSE: the line is what was asked for.
    out.push_str(line.text.expose());
    Ok(Reach {
        is_portable: true,
        is_inert: line.is_inert,
    })
}

/// The value as text, once it is clear that both it and the name could be a variable's.
fn text_of<'a>(name: &str, value: &'a [u8]) -> Result<&'a str, Refusal> {
    check_name(name)?;
    if value.contains(&0) {
        return Err(Refusal::Nul);
    }
    std::str::from_utf8(value).map_err(|_| Refusal::NotUtf8)
}

/// One way to write an entry.
struct Line {
    text: Value,
    /// A shell takes it as an assignment of some text and runs no part of it.
    is_inert: bool,
}

/// The entry in each quoting: those that a shell only stores first, else the plainest first.
fn lines(name: &str, value: &str, quotings: &[Quoting]) -> Vec<Line> {
    let mut lines: Vec<_> = quotings
        .iter()
        .map(|quoting| line(name, value, *quoting))
        .collect();
    lines.sort_by_key(|line| !line.is_inert);
    lines
}

fn line(name: &str, value: &str, quoting: Quoting) -> Line {
    let mut line = Buffer::with_capacity(name.len() + 2 * value.len() + 4);
    line.push_str(name);
    line.push('=');
    quoting(value, &mut line);
    line.push('\n');
    let text = Value::from(line);
    // EXPOSE: only looked through.
    let quoted = &text.expose()[name.len() + 1..];
    let is_inert =
        is_stored_by_shells(quoted.trim_end_matches('\n')) && !is_evaluated_by_shells(name);
    Line { text, is_inert }
}

/// Whether dash, bash and zsh take this, which follows `NAME=`, for one word of literal text. It
/// need not be the same text: a backslash may be dropped.
fn is_stored_by_shells(quoted: &str) -> bool {
    let between = |mark| quoted.strip_prefix(mark)?.strip_suffix(mark);
    if let Some(text) = between('\'') {
        return !text.contains('\'');
    }
    let Some(text) = between('"') else {
        return quoted.bytes().all(is_plain);
    };
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            // What a backslash hides; none hides the closing quote.
            '\\' if chars.next().is_some() => {}
            '\\' | '"' | '$' | '`' => return false,
            _ => {}
        }
    }
    true
}

/// The first line that all these dialects read back.
fn find_read_by<'a>(
    dialects: &[Dialect],
    lines: &'a [Line],
    name: &str,
    value: &str,
) -> Option<&'a Line> {
    let is_read = |line: &&Line| {
        let mut dialects = dialects.iter();
        dialects.all(|dialect| reads_back(&line.text, name, value, *dialect))
    };
    lines.iter().find(is_read)
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
    if !value.is_empty() && value.bytes().all(is_plain) {
        out.push_str(value);
    } else {
        wrap('\'', value, out);
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_./:@%+,-".contains(&byte)
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
