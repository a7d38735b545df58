//! What can go wrong here. No message holds a name or a value: lines and places in the list are
//! enough for the caller, who knows the names, to say more.

use crate::dotenv::MAX_INPUT;

/// Why a `.env` file could not be read at all. Lines that the reader merely skips are
/// [`Problem`](crate::dotenv::Problem)s of a document and not errors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The input is longer than [`MAX_INPUT`].
    #[error("the file has {size} bytes, more than the {MAX_INPUT} that are read")]
    TooLarge {
        /// Length of the input in bytes.
        size: usize,
    },
    /// The input is not UTF-8.
    #[error("line {line} is not UTF-8")]
    NotUtf8 {
        /// The first line with a byte that can't be read, counted from 1.
        line: usize,
        /// What the decoder said.
        #[source]
        source: std::str::Utf8Error,
    },
}

/// Why references such as `${NAME}` could not be replaced.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InterpolateError {
    /// Docker Compose refuses the reference, as in `${` or `${1}`.
    #[error("line {line} has a reference that Docker Compose refuses")]
    Malformed {
        /// Line of the assignment, counted from 1.
        line: usize,
    },
    /// `${NAME:?…}` or `${NAME?…}` names a variable that isn't set.
    #[error("line {line} requires a variable that is not set")]
    RequiredIsMissing {
        /// Line of the assignment, counted from 1.
        line: usize,
    },
    /// References nest deeper than anyone would write.
    #[error("line {line} nests references too deeply")]
    TooDeep {
        /// Line of the assignment, counted from 1.
        line: usize,
    },
    /// The values would grow without reason or without end.
    #[error("line {line} makes the values grow too large")]
    TooLarge {
        /// Line of the assignment, counted from 1.
        line: usize,
    },
}

/// Why nothing was written: one entry does not fit the format.
#[derive(Debug, thiserror::Error)]
#[error("entry {index} can't be written")]
pub struct WriteError {
    /// Place of the entry in the list that was given, counted from 0.
    pub index: usize,
    /// What does not fit, and what to use instead.
    #[source]
    pub why: Refusal,
}

/// What does not fit a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The name can't be a variable's name in this format.
    #[error(
        "the name may only have letters, digits and _ and not begin with a digit: rename it, or export JSON"
    )]
    Name,
    /// The name came before.
    #[error("the name is there twice")]
    DuplicateName,
    /// The name is one of Sealfold's own variables.
    #[error(
        "a variable of this name would change what sealfold itself does: map it to another name"
    )]
    OwnName,
    /// A shell would evaluate the value, as arithmetic or for a prompt, and so could run a command
    /// in it.
    #[error("a shell evaluates what is assigned to this name: rename it, or export dotenv or JSON")]
    EvaluatedByShell,
    /// The value has a NUL byte, which no environment can hold.
    #[error(
        "the value has a NUL byte, which no variable can hold: export JSON, or keep it as a file"
    )]
    Nul,
    /// The value is not UTF-8.
    #[error("the value is not UTF-8: export shell, or keep it as a file")]
    NotUtf8,
    /// No quoting of this dialect brings the value back unchanged.
    #[error(
        "no quoting of this dialect holds the value: choose another dialect, or export shell or JSON"
    )]
    NoQuoting,
}

/// Why the secret of a one-time password could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OneTimeError {
    /// Nothing stands where the secret should.
    #[error("there is no secret in it")]
    NoSecret,
    /// What stands there is no base32.
    #[error("the secret is not base32, which has letters A to Z and digits 2 to 7 only")]
    NotBase32,
    /// The address is of a password that counts, not of one by the clock.
    #[error("the address is not of a password by the clock (`otpauth://totp/…`)")]
    NotByTime,
    /// The hash is none of those that are known.
    #[error("its hash is none of SHA1, SHA256 and SHA512")]
    Algorithm,
    /// Codes would have fewer than six digits or more than eight.
    #[error("its codes do not have 6 to 8 digits")]
    Digits,
    /// The period is nothing, or longer than a day.
    #[error("its period is not between a second and a day")]
    Period,
}
