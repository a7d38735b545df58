//! Compose: `$NAME`, `${NAME}`, and `${NAME-default}`, `+`, `?` with or without `:` ("or empty"),
//! nested; `$$` is a dollar. Single quotes keep everything. What begins with `${` and is no
//! reference is an error; a lone `$` is just that.
//!
//! compose-go finds the end of `${NAME-…}` in two steps, both kept here: the last `}` of the same
//! line bounds it, then counting braces up to there may end it earlier.

use super::Scope;
use crate::buffer::Buffer;
use crate::dotenv::{Document, Quote};
use crate::{InterpolateError, Value};

/// How deep references may nest; nobody writes more than two or three.
const MAX_DEPTH: usize = 64;

/// The value with `$$` resolved and references as they are written, and whether there are any.
/// `None` if it has no dollar at all.
pub(in crate::dotenv) fn literal(template: &Value) -> Option<(Value, bool)> {
    // EXPOSE: read to make the new value.
    let text = template.expose();
    if !text.contains('$') {
        return None;
    }
    let mut value = Buffer::with_capacity(text.len());
    let mut has_reference = false;
    for token in Tokens::new(text) {
        match token {
            Token::Text(text) => value.push_str(text),
            Token::Dollar => value.push('$'),
            Token::Reference(Reference { whole, .. }) | Token::Malformed(whole) => {
                value.push_str(whole);
                has_reference = true;
            }
        }
    }
    Some((value.into(), has_reference))
}

pub(super) fn replace_all(
    document: &Document,
    scope: &mut Scope<'_>,
) -> Result<(), InterpolateError> {
    for assignment in &document.assignments {
        let line = assignment.line;
        let template = assignment.template.as_ref().unwrap_or(&assignment.value);
        // EXPOSE: read to make the new value.
        let template = template.expose();
        let mut value = Buffer::with_capacity(template.len());
        match assignment.quote {
            Quote::Single => value.push_str(template),
            _ => substitute(template, scope, line, 0, &mut value)?,
        }
        scope.check_size(value.len(), line)?;
        scope.set(&assignment.name, value.into());
    }
    Ok(())
}

fn substitute(
    text: &str,
    scope: &Scope<'_>,
    line: usize,
    depth: usize,
    value: &mut Buffer,
) -> Result<(), InterpolateError> {
    if depth > MAX_DEPTH {
        return Err(InterpolateError::TooDeep { line });
    }
    for token in Tokens::new(text) {
        match token {
            Token::Text(text) => value.push_str(text),
            Token::Dollar => value.push('$'),
            Token::Malformed(_) => return Err(InterpolateError::Malformed { line }),
            Token::Reference(reference) => resolve(&reference, scope, line, depth, value)?,
        }
        scope.check_size(value.len(), line)?;
    }
    Ok(())
}

fn resolve(
    reference: &Reference<'_>,
    scope: &Scope<'_>,
    line: usize,
    depth: usize,
    value: &mut Buffer,
) -> Result<(), InterpolateError> {
    let found = scope.get(reference.name);
    let text = found.as_ref().map(super::Found::text);
    let Some(operation) = &reference.operation else {
        value.push_str(text.unwrap_or_default());
        return Ok(());
    };
    let is_set = text.is_some_and(|text| !operation.or_empty || !text.is_empty());
    match (operation.operator, is_set) {
        (Operator::Default, false) | (Operator::Alternative, true) => {
            substitute(operation.operand, scope, line, depth + 1, value)
        }
        (Operator::Required, false) => Err(InterpolateError::RequiredIsMissing { line }),
        _ => {
            value.push_str(text.unwrap_or_default());
            Ok(())
        }
    }
}

enum Token<'a> {
    Text(&'a str),
    /// `$$`
    Dollar,
    Reference(Reference<'a>),
    /// `${` that begins no reference.
    Malformed(&'a str),
}

struct Reference<'a> {
    whole: &'a str,
    name: &'a str,
    operation: Option<Operation<'a>>,
}

struct Operation<'a> {
    operator: Operator,
    or_empty: bool,
    operand: &'a str,
}

#[derive(Clone, Copy)]
enum Operator {
    Default,
    Alternative,
    Required,
}

struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// End of the line at `at`, and its last `}`: found once per line, not once per reference.
    line_end: usize,
    last_brace: Option<usize>,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            line_end: 0,
            last_brace: None,
        }
    }

    /// The last `}` of the line at `position`.
    fn last_brace(&mut self, position: usize) -> Option<usize> {
        if position >= self.line_end {
            let rest = &self.text[position..];
            self.line_end = position + rest.find('\n').unwrap_or(rest.len());
            self.last_brace = self.text[position..self.line_end]
                .rfind('}')
                .map(|at| position + at);
        }
        self.last_brace.filter(|&at| at >= position)
    }

    /// What begins with the dollar at `start`, and where it ends.
    fn token(&mut self, start: usize) -> (Token<'a>, usize) {
        let text = self.text;
        let after = &text[start + 1..];
        if after.starts_with('$') {
            return (Token::Dollar, start + 2);
        }
        let is_braced = after.starts_with('{');
        let name_at = start + 1 + usize::from(is_braced);
        let name = name_of(&text[name_at..]);
        let name_end = name_at + name.len();
        let reference = |end: usize, operation| {
            let whole = &text[start..end];
            (
                Token::Reference(Reference {
                    whole,
                    name,
                    operation,
                }),
                end,
            )
        };
        if !is_braced {
            return match name {
                "" => (Token::Text("$"), start + 1),
                _ => reference(name_end, None),
            };
        }
        let malformed = (Token::Malformed(&text[start..name_at]), name_at);
        let tail = &text[name_end..];
        if name.is_empty() {
            return malformed;
        }
        if tail.starts_with('}') {
            return reference(name_end + 1, None);
        }
        let or_empty = tail.starts_with(':');
        let operand_at = name_end + usize::from(or_empty) + 1;
        let operator = match text.as_bytes().get(operand_at - 1) {
            Some(b'-') => Operator::Default,
            Some(b'+') => Operator::Alternative,
            Some(b'?') => Operator::Required,
            _ => return malformed,
        };
        let Some(last_brace) = self.last_brace(operand_at) else {
            return malformed;
        };
        let close = closing_brace(&text[start..=last_brace]).map_or(last_brace, |at| start + at);
        let operation = Operation {
            operator,
            or_empty,
            operand: &text[operand_at..close],
        };
        reference(close + 1, Some(operation))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let text = self.text;
        match text[self.at..].find('$') {
            Some(0) => {
                let (token, end) = self.token(self.at);
                self.at = end;
                Some(token)
            }
            found => {
                let end = found.map_or(text.len(), |plain| self.at + plain);
                let plain = &text[self.at..end];
                self.at = end;
                (!plain.is_empty()).then_some(Token::Text(plain))
            }
        }
    }
}

/// The name at the start: ASCII letters, digits and `_`. Go's regular expressions fold case as
/// Unicode does, so the long s and the Kelvin sign are letters too.
fn name_of(text: &str) -> &str {
    let is_letter = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '\u{17f}' | '\u{212a}');
    if !text.starts_with(is_letter) {
        return "";
    }
    let end = text.find(|c: char| !is_letter(c) && !c.is_ascii_digit());
    &text[..end.unwrap_or(text.len())]
}

/// The brace that closes the first one, as compose-go counts: it passes over whatever follows an
/// opening brace.
fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'{' => {
                open += 1;
                bytes.next();
            }
            b'}' if open == 1 => return Some(at),
            b'}' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    None
}
