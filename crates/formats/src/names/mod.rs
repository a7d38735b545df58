//! Which variable names are safe to put into an environment.
//!
//! A name is dangerous when setting it makes an ordinary program load, run or look up something
//! else than it would have: then whoever writes a secret runs code at everyone who uses it. Which
//! those are stands in `dangerous.rs` and `evaluated.rs`; a list can't be complete, so it names
//! families where it can.
//!
//! Three kinds are left out on purpose, since real `.env` files are full of them and a teammate who
//! may write `DATABASE_URL` can do as much:
//! - where a program connects or whom it trusts there: `http_proxy`, `SSL_CERT_FILE`;
//! - which of its own parts an application uses: `DJANGO_SETTINGS_MODULE`, `COMPOSE_FILE`;
//! - where files are put that nobody runs: `TMPDIR`.
//!
//! Names compare without regard to case: Windows knows no case, zsh ties `path` to `PATH`, and a
//! vault is shared between systems. A variable that is really called `env` has to be mapped
//! explicitly, which is the cheaper mistake.

mod dangerous;
mod evaluated;
#[cfg(test)]
mod tests;

use dangerous::DANGEROUS;
use evaluated::EVALUATED_BY_SHELLS;

/// What begins the names of Sealfold's own variables, `SEALFOLD_HOME` for one.
const OWN: &str = "SEALFOLD_*";

/// Whether setting this variable could make an ordinary program run something else. Callers that
/// build an environment or print assignments refuse such names unless the user mapped them.
pub fn is_dangerous_name(name: &str) -> bool {
    is_among(DANGEROUS, name) || is_evaluated_by_shells(name) || is_own_name(name)
}

/// Whether this variable is one of Sealfold's own. A secret of this name would choose the vault of
/// every `sealfold` that is called where it is set, so nobody gets it, mapped or not.
pub fn is_own_name(name: &str) -> bool {
    is_among(&[OWN], name)
}

/// Whether a shell would evaluate the value and not just store it, at once or when it prompts.
pub(crate) fn is_evaluated_by_shells(name: &str) -> bool {
    is_among(EVALUATED_BY_SHELLS, name)
}

/// Whether one of the `patterns` is this name, a `*` in it standing for any text. Patterns are in
/// upper case and have one `*` at most.
fn is_among(patterns: &[&str], name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let matches = |pattern: &str| match pattern.split_once('*') {
        None => pattern == upper,
        Some((start, end)) => upper
            .strip_prefix(start)
            .is_some_and(|rest| rest.ends_with(end)),
    };
    // Every variable of every program that is started comes through here: most patterns are
    // passed over by their first letter.
    let first = upper.as_bytes().first();
    patterns
        .iter()
        .filter(|pattern| [first, Some(&b'*')].contains(&pattern.as_bytes().first()))
        .any(|pattern| matches(pattern))
}

/// Whether this is a name as POSIX has it: ASCII letters, digits and `_`, not beginning with a
/// digit (XBD 8.1). Every shell and every reader of `.env` files takes such a name.
pub fn is_portable_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
