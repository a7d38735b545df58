//! What a reader finds in a file.

use std::collections::HashSet;
use std::fmt;

use crate::Value;
use crate::dotenv::Dialect;

/// A file as one dialect reads it.
#[derive(Debug)]
pub struct Document {
    /// Whose rules it was read by.
    pub dialect: Dialect,
    /// Every assignment in the order of the file. A name may be there more than once; the last
    /// one counts.
    pub assignments: Vec<Assignment>,
    /// What the dialect's reader does not keep, in the order of the file.
    pub problems: Vec<Problem>,
}

/// One variable.
#[derive(Debug)]
pub struct Assignment {
    /// The name as written. python-dotenv accepts nearly anything as a name; whether it can be a
    /// variable's is for the caller to say.
    pub name: String,
    /// The value: quotes and escapes resolved, references left as written.
    pub value: Value,
    /// Line of the name, counted from 1.
    pub line: usize,
    /// How the value is quoted.
    pub quote: Quote,
    /// Whether [`interpolate`](crate::dotenv::interpolate) would find a reference in the value.
    pub has_interpolation: bool,
    /// The value with escaped dollars still escaped, where that differs; interpolation needs it.
    pub(super) template: Option<Value>,
}

/// How a value is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// Not at all.
    None,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `` `…` ``, in Node's dialect.
    Backtick,
}

/// Something that the dialect's reader does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line where it begins, counted from 1.
    pub line: usize,
    /// The name, where there is one.
    pub name: Option<String>,
    /// What it is.
    pub kind: ProblemKind,
    /// Whether the reader stops here. Compose then refuses the file; the assignments before this
    /// line are in the document all the same.
    pub stops: bool,
}

/// Why a reader does not keep something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// Neither an assignment nor a comment.
    NotAnAssignment,
    /// A name alone. python-dotenv and Compose know it, as "unset" and "from the environment".
    NoValue,
    /// A value without a name.
    NoName,
    /// A name that the reader does not take.
    BadName,
    /// A quote is opened and never closed.
    UnclosedQuote,
    /// Something follows a closing quote.
    TextAfterQuote,
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAnAssignment => "not an assignment",
            Self::NoValue => "a name without a value",
            Self::NoName => "a value without a name",
            Self::BadName => "a name that this dialect does not take",
            Self::UnclosedQuote => "a quote that is never closed",
            Self::TextAfterQuote => "text after a closing quote",
        })
    }
}

impl Document {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            assignments: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// The assignments that count: the last one of each name, in the order of the file.
    pub fn into_in_effect(self) -> Vec<Assignment> {
        let counts = self.counts();
        let kept = self.assignments.into_iter().zip(counts);
        kept.filter_map(|(a, counts)| counts.then_some(a)).collect()
    }

    /// The same, borrowed.
    pub fn in_effect(&self) -> Vec<&Assignment> {
        let all = self.assignments.iter().zip(self.counts());
        all.filter_map(|(a, counts)| counts.then_some(a)).collect()
    }

    /// The assignments that a later one of the same name replaces.
    pub fn overridden(&self) -> Vec<&Assignment> {
        let all = self.assignments.iter().zip(self.counts());
        all.filter_map(|(a, counts)| (!counts).then_some(a))
            .collect()
    }

    fn counts(&self) -> Vec<bool> {
        let mut seen = HashSet::new();
        let backwards = self.assignments.iter().rev();
        let mut counts: Vec<bool> = backwards.map(|a| seen.insert(&a.name)).collect();
        counts.reverse();
        counts
    }
}
