//! Reading `.env` files.
//!
//! There is no standard: each reader has its own idea of quotes, comments and escapes. So the file
//! is read in a *dialect*, exactly as that dialect's own reader reads it, and [`disagreements`]
//! tells where the others would read something else. References such as `${NAME}` stay as they
//! are written; [`interpolate`] replaces them for those who ask.
//!
//! The default is Node's `dotenv` package, since it loses least:
//! - it is the only one that knows backticks and so the only one that keeps what they hold; in the
//!   other two a multi-line backtick value falls apart or stops the reader;
//! - it never gives up: Compose refuses a whole file for one bad line;
//! - it leaves `$` alone, where python-dotenv and Compose replace it in passwords unasked;
//! - most files in the wild are written for it.
//!
//! What it loses is what follows a `#` in an unquoted value, as in `PASSWORD=a#b`. The other two
//! keep that, so it shows up as a disagreement.
//!
//! Node's own `--env-file` differs from the `dotenv` package in details (escapes, spaces after a
//! closing quote); the package is meant here, as it is older and far more used.

mod compose;
mod disagree;
mod document;
mod interpolate;
mod lines;
mod node;
mod python;

use zeroize::Zeroizing;

use crate::ParseError;

pub use disagree::{Disagreement, Reading, disagreements};
pub use document::{Assignment, Document, Problem, ProblemKind, Quote};
pub use interpolate::interpolate;

/// The most that is read, in bytes: 16 MiB. Every reader here takes time and memory in proportion
/// to its input.
pub const MAX_INPUT: usize = 16 << 20;

/// Whose rules a file is read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Dialect {
    /// The npm package `dotenv`, and `dotenv-expand` for references.
    #[default]
    Node,
    /// The Python package `python-dotenv`.
    Python,
    /// Docker Compose v2, that is the package `compose-go`.
    Compose,
}

impl Dialect {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::Node, Self::Python, Self::Compose];

    /// The word for it on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Python => "python",
            Self::Compose => "compose",
        }
    }

    /// The dialect with this [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.name() == name)
    }
}

impl std::fmt::Display for Dialect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// Reads a file as `dialect`'s own reader does, with references left as they are written.
///
/// # Errors
/// The input is too large or not UTF-8. What the reader can't make sense of is no error: it is
/// among the document's [`problems`](Document::problems).
pub fn parse(input: &[u8], dialect: Dialect) -> Result<Document, ParseError> {
    let text = text_of(input)?;
    Ok(match dialect {
        Dialect::Node => node::parse(&unify_line_ends(text)),
        Dialect::Python => python::parse(&unify_line_ends(text)),
        Dialect::Compose => compose::parse(text),
    })
}

fn text_of(input: &[u8]) -> Result<&str, ParseError> {
    if input.len() > MAX_INPUT {
        return Err(ParseError::TooLarge { size: input.len() });
    }
    std::str::from_utf8(input).map_err(|source| {
        let readable = std::str::from_utf8(&input[..source.valid_up_to()])
            .expect("the decoder found this part valid");
        let line = lines::Lines::new(readable).line_at(readable.len());
        ParseError::NotUtf8 { line, source }
    })
}

/// `\r\n` and `\r` become `\n`, as both readers do before anything else.
fn unify_line_ends(text: &str) -> Zeroizing<String> {
    // Never longer than the input, so it never moves and leaves no copy behind.
    let mut unified = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(at) = rest.find('\r') {
        unified.push_str(&rest[..at]);
        unified.push('\n');
        rest = &rest[at + 1..];
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    unified.push_str(rest);
    unified
}
