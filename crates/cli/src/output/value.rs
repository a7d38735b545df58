//! One secret value, for the program or the person that asked for it: shown or written to a file.

use std::path::Path;

use app::entries::Revealed;
use app::private_file::{self, Existing};
use app::{Code, Fault, Plaintext};
use serde::Serialize;
use zeroize::Zeroizing;

use super::json::Value;
use super::{Output, escaped};
use crate::context::Context;
use crate::exit::Failure;
use crate::prompt;

/// How a value is followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// Nothing behind it for a program; a newline for a person.
    ForPeople,
    /// A newline always.
    Always,
    /// Never anything.
    Never,
}

impl Output {
    /// Writes a value as it is, but for a terminal, where it is escaped unless `raw`: a value is
    /// another's text and could hold anything (threat 60).
    pub fn value(&self, value: &Plaintext, raw: bool, end: LineEnd) -> Result<(), Failure> {
        // EXPOSE: the person asked for this value.
        let bytes = value.expose();
        let newline: &[u8] = match end {
            LineEnd::ForPeople if self.terminal && !bytes.ends_with(b"\n") => b"\n",
            LineEnd::Always => b"\n",
            _ => b"",
        };
        if raw || !self.terminal {
            let mut whole = Zeroizing::new(Vec::with_capacity(bytes.len() + 1));
            whole.extend_from_slice(bytes);
            whole.extend_from_slice(newline);
            return self.data(&whole);
        }
        // EXPOSE: as above.
        let Some(text) = value.expose_text() else {
            let fault = Fault::new(
                Code::Usage,
                "The value is not text, and this is a terminal.",
            );
            return Err(fault
                .next("Write it to a file with `-o FILE`, or add `--raw`.")
                .into());
        };
        let shown = lines_escaped(text);
        if shown.as_str() != text {
            self.note("Some characters are shown escaped; `--raw` shows them as they are.");
        }
        self.data(shown.as_bytes())?;
        self.data(newline)
    }
}

/// [`Revealed`] with a value that JSON can hold.
#[derive(Serialize)]
struct RevealedView<'a> {
    id: &'a str,
    bundle: &'a str,
    name: &'a str,
    field: &'a str,
    version: u64,
    value: Value<'a>,
    until: Option<u64>,
    warnings: &'a [String],
}

/// Shows a value that was asked for: bare, or in JSON with what belongs to it.
pub fn show_revealed(
    context: &Context,
    revealed: &Revealed,
    raw: bool,
    end: LineEnd,
) -> Result<(), Failure> {
    if !context.output.is_json() {
        return context.output.value(&revealed.value, raw, end);
    }
    context.output.json(&RevealedView {
        id: &revealed.id,
        bundle: &revealed.bundle,
        name: &revealed.name,
        field: &revealed.field,
        version: revealed.version,
        value: Value(&revealed.value),
        until: revealed.until,
        warnings: &revealed.warnings,
    })
}

/// Writes a secret to a file; `-` is standard output. Asks before it replaces one.
pub fn write_secret(context: &Context, path: &Path, secret: &Plaintext) -> Result<(), Failure> {
    if path == Path::new("-") {
        return context.output.value(secret, true, LineEnd::Never);
    }
    let shown = escaped(&path.display().to_string());
    let mut existing = Existing::Keep;
    if private_file::is_in_the_way(path) {
        prompt::confirm(context, &format!("{shown} is there already. Replace it?"))?;
        existing = Existing::Replace;
    }
    // EXPOSE: into the file that the person named.
    private_file::write(path, secret.expose(), existing)?;
    context.output.note(format!("Written to {shown}."));
    Ok(())
}

/// Fields with their values in one cell of a table, which wipes it; a variable's value stands alone. One
/// that is not text is only counted.
pub fn in_line(values: &[(String, Plaintext)]) -> String {
    let room = values
        .iter()
        .map(|(name, value)| name.len() + value.len() + 24);
    let mut text = String::with_capacity(room.sum());
    for (field, value) in values {
        if !text.is_empty() {
            text.push(' ');
        }
        if values.len() > 1 || field != "value" {
            text.push_str(field);
            text.push('=');
        }
        // EXPOSE: the person asked for the values.
        match value.expose_text() {
            Some(value) => text.push_str(value),
            None => text.push_str(&format!("({} bytes)", value.len())),
        }
    }
    text
}

/// Escapes all but newlines and tabs, which a value of several lines can't do without.
fn lines_escaped(text: &str) -> Zeroizing<String> {
    let mut shown = Zeroizing::new(String::with_capacity(text.len() * 2));
    for piece in text.split_inclusive(['\n', '\t']) {
        let body = piece.trim_end_matches(['\n', '\t']);
        shown.push_str(&Zeroizing::new(escaped(body)));
        shown.push_str(&piece[body.len()..]);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_and_escapes_go() {
        assert_eq!(lines_escaped("a\n\tb\n").as_str(), "a\n\tb\n");
        assert!(
            !lines_escaped("a\u{1b}]0;b\u{7}\n").contains(['\u{1b}', '\u{7}']),
            "threat 60"
        );
    }
}
