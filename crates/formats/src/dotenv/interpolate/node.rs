//! dotenv-expand (13): `$NAME`, `${NAME}` and `${NAME-default}`, `:-`, `+`, `:+`, whatever the
//! quotes; `\$` is a plain dollar. All four operators ask whether the variable is non-empty.
//!
//! It replaces one reference after the other in the text so far, so that what a value brings in
//! is looked through again. What it does is what its JavaScript does, unmeant parts included:
//! replacement patterns such as `$&` in values act, and `${null}` is split at "null". Two things
//! are not taken over: names that every JavaScript object has (`constructor`) are just names, and
//! what would never end is refused.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use zeroize::Zeroizing;

use super::Scope;
use crate::buffer::Buffer;
use crate::dotenv::{Assignment, Document};
use crate::{InterpolateError, Value};

pub(in crate::dotenv) fn has_reference(value: &Value) -> bool {
    // EXPOSE: only looked at.
    first_reference(value.expose()).is_some()
}

pub(super) fn replace_all(
    document: &Document,
    scope: &mut Scope<'_>,
) -> Result<(), InterpolateError> {
    for assignment in in_object_order(document) {
        // EXPOSE: read to make the new value.
        let expanded = expand(assignment.value.expose(), scope, assignment.line)?;
        let value: Value = unescape(&expanded).into();
        scope.check_size(value.len(), assignment.line)?;
        scope.set(&assignment.name, value);
    }
    Ok(())
}

/// The last assignment of each name, in the order of a JavaScript object's keys: those that are
/// array indices first, by number, then the others as they first came up.
fn in_object_order(document: &Document) -> impl Iterator<Item = &Assignment> {
    let mut first_seen = BTreeMap::new();
    for (place, assignment) in document.assignments.iter().enumerate().rev() {
        first_seen.insert(assignment.name.as_str(), place);
    }
    let mut ordered = document.in_effect();
    ordered.sort_by_key(|a| {
        let name = a.name.as_str();
        let index = name
            .parse::<u32>()
            .ok()
            .filter(|i| *i != u32::MAX && i.to_string() == name);
        (index.is_none(), index, first_seen[name])
    });
    ordered.into_iter()
}

fn expand(
    value: &str,
    scope: &mut Scope<'_>,
    line: usize,
) -> Result<Zeroizing<String>, InterpolateError> {
    let mut result = Zeroizing::new(value.to_owned());
    // Hashes under a random key stand for the texts that were seen, so that none is kept.
    let hasher = RandomState::new();
    let mut seen = HashSet::new();
    while let Some((reference, expression)) = first_reference(&result) {
        seen.insert(hasher.hash_one(result.as_str()));
        let (key, operator, default) = split_expression(expression);

        let found = scope.get(key);
        let set = found
            .as_ref()
            .map(super::Found::text)
            .filter(|text| !text.is_empty());
        let replacement = match (operator, set) {
            (Some("+" | ":+"), Some(_)) => default,
            (Some("+" | ":+"), None) => "",
            (_, Some(text)) if !seen.contains(&hasher.hash_one(text)) => text,
            _ => default,
        };
        let replaced = replace_first(&result, reference, replacement);
        let key = key.to_owned();
        drop(found);
        scope.check_size(replaced.len(), line)?;
        scope.spend(result.len() + replaced.len(), line)?;
        result = replaced;

        let of_file = scope.known.get(&key);
        // EXPOSE: compared with what was made from it.
        if of_file.is_some_and(|of_file| of_file.expose() == result.as_str()) {
            break;
        }
    }
    Ok(result)
}

/// The first `${…}` or `$NAME` without a backslash before it, whole and inside.
fn first_reference(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    for (at, _) in text.match_indices('$') {
        if at > 0 && bytes[at - 1] == b'\\' {
            continue;
        }
        let after = &text[at + 1..];
        if let Some(inside) = after.strip_prefix('{') {
            let end = inside.find(['{', '}']).filter(|&end| end > 0);
            if let Some(end) = end.filter(|&end| inside[end..].starts_with('}')) {
                return Some((&text[at..at + end + 3], &inside[..end]));
            }
        } else if after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            let end = after
                .bytes()
                .position(|b| !is_name(&b))
                .unwrap_or(after.len());
            return Some((&text[at..=at + end], &after[..end]));
        }
    }
    None
}

/// The key, the operator and what follows it. Without an operator, JavaScript's `split(null)`
/// splits at the word "null".
fn split_expression(expression: &str) -> (&str, Option<&str>, &str) {
    let Some(at) = expression
        .find([':', '+', '-'])
        .and_then(|from| operator_at(expression, from))
    else {
        let (key, default) = expression.split_once("null").unwrap_or((expression, ""));
        return (key, None, default);
    };
    let (key, rest) = expression.split_at(at);
    let length = if rest.starts_with(':') { 2 } else { 1 };
    (key, Some(&rest[..length]), &rest[length..])
}

/// Where the first operator begins; a colon alone is none.
fn operator_at(expression: &str, from: usize) -> Option<usize> {
    let sign = from + expression[from..].find(['+', '-'])?;
    Some(if expression[..sign].ends_with(':') {
        sign - 1
    } else {
        sign
    })
}

/// JavaScript's `text.replace(pattern, replacement)` for strings: the first place where the pattern
/// is, with `$$`, `$&`, `` $` `` and `$'` in the replacement standing for other text.
fn replace_first(text: &str, pattern: &str, replacement: &str) -> Zeroizing<String> {
    let (before, after) = text
        .split_once(pattern)
        .expect("the pattern was found in this text");
    let mut replaced = Buffer::with_capacity(text.len() + replacement.len());
    replaced.push_str(before);
    let mut rest = replacement;
    while let Some(at) = rest.find('$') {
        replaced.push_str(&rest[..at]);
        let (meant, used) = match rest.as_bytes().get(at + 1) {
            Some(b'$') => ("$", 2),
            Some(b'&') => (pattern, 2),
            Some(b'`') => (before, 2),
            Some(b'\'') => (after, 2),
            _ => ("$", 1),
        };
        replaced.push_str(meant);
        rest = &rest[at + used..];
    }
    replaced.push_str(rest);
    replaced.push_str(after);
    Zeroizing::new(Value::from(replaced).into_string())
}

fn unescape(text: &str) -> Buffer {
    let mut unescaped = Buffer::with_capacity(text.len());
    for (place, part) in text.split(r"\$").enumerate() {
        if place > 0 {
            unescaped.push('$');
        }
        unescaped.push_str(part);
    }
    unescaped
}
