//! Writing secrets in the formats that other programs read. Each format is one file here and one
//! variant of [`Format`]; what all of them refuse is checked once, in [`write()`].

mod dotenv;
mod json;
mod shell;

use std::collections::HashSet;
use std::fmt;

use zeroize::Zeroize;

use crate::buffer::Buffer;
use crate::dotenv::Dialect;
use crate::names::{is_own_name, is_portable_name};
use crate::{Refusal, WriteError};

/// What to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// A `.env` file for all readers: each value is quoted so that all dialects read it back, and
    /// where no quoting does that, so that the default dialect does.
    Dotenv,
    /// A `.env` file for one dialect's reader.
    DotenvFor(Dialect),
    /// `export NAME='value'` for POSIX shells, bash and zsh.
    Shell,
    /// One JSON object (RFC 8259), names to strings.
    Json,
}

/// What was written: wiped when dropped, never printed.
pub struct Written {
    bytes: Vec<u8>,
    /// Places in the list of those entries that [`Format::Dotenv`] could write for the default
    /// dialect only: another reader gets another value.
    pub not_portable: Vec<usize>,
    /// Places of those entries in a `.env` file whose readers had to be given a line that is more
    /// than text to a shell: one that sources the file may run part of the value.
    pub not_for_shells: Vec<usize>,
}

impl Written {
    /// The text, with a line end after the last line.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Written(…)")
    }
}

/// Writes all entries, in the order given, or nothing. Dangerous names are the caller's to refuse
/// (see [`is_dangerous_name`](crate::names::is_dangerous_name)); only what a shell would evaluate, and
/// what would change Sealfold itself, is refused here.
///
/// # Errors
/// Names the first entry that does not fit the format.
pub fn write(entries: &[(&str, &[u8])], format: Format) -> Result<Written, WriteError> {
    let size = entries
        .iter()
        .map(|(name, value)| name.len() + value.len() + 16)
        .sum();
    let mut out = Buffer::with_capacity(size);
    let mut names = HashSet::new();
    let (mut not_portable, mut not_for_shells) = (Vec::new(), Vec::new());
    if format == Format::Json {
        json::begin(&mut out);
    }
    for (index, (name, value)) in entries.iter().enumerate() {
        let refuse = |why| WriteError { index, why };
        if !names.insert(name) {
            return Err(refuse(Refusal::DuplicateName));
        }
        let reach = match format {
            Format::Dotenv => dotenv::write_portable(name, value, &mut out),
            Format::DotenvFor(dialect) => dotenv::write_for(dialect, name, value, &mut out),
            Format::Shell => shell::write_entry(name, value, &mut out),
            Format::Json => json::write_entry(index == 0, name, value, &mut out),
        };
        let reach = reach.map_err(refuse)?;
        if !reach.is_portable {
            not_portable.push(index);
        }
        if !reach.is_inert {
            not_for_shells.push(index);
        }
    }
    if format == Format::Json {
        json::end(entries.is_empty(), &mut out);
    }
    Ok(Written {
        bytes: out.into_bytes(),
        not_portable,
        not_for_shells,
    })
}

/// Whether this may be a variable's name, in the formats whose readers make variables of it.
fn check_name(name: &str) -> Result<(), Refusal> {
    if !is_portable_name(name) {
        return Err(Refusal::Name);
    }
    if is_own_name(name) {
        return Err(Refusal::OwnName);
    }
    Ok(())
}

/// Who may read what was written, and gets just the value.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Reach {
    /// All readers that the format is for do, not only those of the default dialect.
    is_portable: bool,
    /// A shell may meet it: it runs no part of the value.
    is_inert: bool,
}

impl Reach {
    const ALL: Self = Self {
        is_portable: true,
        is_inert: true,
    };
}
