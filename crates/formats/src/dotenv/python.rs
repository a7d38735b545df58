//! python-dotenv's reader (1.2): its regular expressions, walked through by hand.
//!
//! A binding is `export`, a name (anything without `=`, `#` and spaces, or anything in single
//! quotes), and `=` with a value. `'` and `"` quote over lines, each with its own escapes; an
//! unquoted value ends at ` #`. On an error the reader drops the rest of the line it has got to,
//! which after a multi-line value is not the line it began on.

use super::document::{Assignment, Document, Problem, ProblemKind, Quote};
use super::lines::Lines;
use super::{Dialect, interpolate};
use crate::Value;
use crate::buffer::Buffer;

/// Reads text whose line ends are unified.
pub(super) fn parse(text: &str) -> Document {
    let mut reader = Reader {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        text,
        lines: Lines::new(text),
        document: Document::new(Dialect::Python),
    };
    while !reader.rest.is_empty() {
        reader.binding();
    }
    reader.document
}

/// What Python's `str.isspace` and `\s` take as space.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}

fn is_inline_space(c: char) -> bool {
    is_space(c) && c != '\n'
}

struct Reader<'a> {
    rest: &'a str,
    text: &'a str,
    lines: Lines<'a>,
    document: Document,
}

impl<'a> Reader<'a> {
    fn binding(&mut self) {
        self.rest = self.rest.trim_start_matches(is_space);
        if self.rest.is_empty() {
            return;
        }
        let line = self.lines.line_at(self.text.len() - self.rest.len());
        if let Err((name, kind)) = self.assignment(line) {
            self.document.problems.push(Problem {
                line,
                name,
                kind,
                stops: false,
            });
            self.skip_line();
        }
    }

    /// One binding up to and with its line's end. On an error `rest` is where the reader got to.
    fn assignment(&mut self, line: usize) -> Result<(), (Option<String>, ProblemKind)> {
        if let Some(after) = self.rest.strip_prefix("export")
            && after.starts_with(is_inline_space)
        {
            self.skip_inline_space_from(after);
        }
        if self.rest.starts_with('#') {
            self.skip_line();
            return Ok(());
        }
        let name = self.name().map_err(|kind| (None, kind))?;
        self.skip_inline_space_from(self.rest);

        let value = match self.rest.strip_prefix('=') {
            Some(after) => {
                let (value, quote) = self
                    .value(after)
                    .map_err(|kind| (Some(name.clone()), kind))?;
                Some((value, quote))
            }
            None => None,
        };
        self.end_of_line().map_err(|kind| match value {
            Some(_) => (Some(name.clone()), kind),
            None => (None, ProblemKind::NotAnAssignment),
        })?;
        match value {
            Some((value, quote)) => self.document.assignments.push(Assignment {
                has_interpolation: interpolate::python::has_reference(&value),
                name,
                value,
                line,
                quote,
                template: None,
            }),
            None => self.document.problems.push(Problem {
                line,
                name: Some(name),
                kind: ProblemKind::NoValue,
                stops: false,
            }),
        }
        Ok(())
    }

    fn name(&mut self) -> Result<String, ProblemKind> {
        let (name, after) = if let Some(quoted) = self.rest.strip_prefix('\'') {
            let (name, after) = quoted.split_once('\'').ok_or(ProblemKind::UnclosedQuote)?;
            (name, after)
        } else {
            let end = self.rest.find(|c| c == '=' || c == '#' || is_space(c));
            self.rest.split_at(end.unwrap_or(self.rest.len()))
        };
        if name.is_empty() {
            return Err(ProblemKind::NoName);
        }
        self.rest = after;
        Ok(name.to_owned())
    }

    fn value(&mut self, after_equals: &'a str) -> Result<(Value, Quote), ProblemKind> {
        self.skip_inline_space_from(after_equals);
        let is_spaced = self.rest.len() < after_equals.len();
        match self.rest.chars().next() {
            Some('#') if is_spaced => Ok((Value::default(), Quote::None)),
            Some('\'') => Ok((self.quoted('\'', single_escape)?, Quote::Single)),
            Some('"') => Ok((self.quoted('"', double_escape)?, Quote::Double)),
            _ => Ok((self.unquoted(), Quote::None)),
        }
    }

    fn quoted(
        &mut self,
        quote: char,
        escape: fn(char) -> Option<char>,
    ) -> Result<Value, ProblemKind> {
        let body = &self.rest[1..];
        let mut is_escaped = false;
        let end = body.find(|c| {
            let closes = c == quote && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            closes
        });
        let end = end.ok_or(ProblemKind::UnclosedQuote)?;
        self.rest = &body[end + 1..];

        let mut value = Buffer::with_capacity(end);
        let mut chars = body[..end].chars();
        while let Some(c) = chars.next() {
            let escaped = match c {
                '\\' => chars.clone().next().and_then(escape),
                _ => None,
            };
            if escaped.is_some() {
                chars.next();
            }
            value.push(escaped.unwrap_or(c));
        }
        Ok(value.into())
    }

    fn unquoted(&mut self) -> Value {
        let (part, after) = self
            .rest
            .split_at(self.rest.find('\n').unwrap_or(self.rest.len()));
        self.rest = after;
        let mut follows_space = false;
        let comment = part.find(|c| {
            let begins = c == '#' && follows_space;
            follows_space = is_space(c);
            begins
        });
        part[..comment.unwrap_or(part.len())]
            .trim_end_matches(is_space)
            .into()
    }

    /// A comment or nothing, then the end of the line.
    fn end_of_line(&mut self) -> Result<(), ProblemKind> {
        let tail = self.rest.trim_start_matches(is_inline_space);
        if tail.is_empty() || tail.starts_with('\n') || tail.starts_with('#') {
            self.skip_line();
            return Ok(());
        }
        Err(ProblemKind::TextAfterQuote)
    }

    fn skip_line(&mut self) {
        self.rest = self.rest.find('\n').map_or("", |end| &self.rest[end + 1..]);
    }

    fn skip_inline_space_from(&mut self, at: &'a str) {
        self.rest = at.trim_start_matches(is_inline_space);
    }
}

fn single_escape(c: char) -> Option<char> {
    matches!(c, '\\' | '\'').then_some(c)
}

fn double_escape(c: char) -> Option<char> {
    Some(match c {
        '\\' | '\'' | '"' => c,
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        _ => return None,
    })
}
