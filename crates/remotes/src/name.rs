//! Names of objects: relative paths that mean the same on every file system, server and Git.

use std::fmt;

/// Longest name of an object, in bytes. S3 allows 1,024 with the location's own prefix.
const MAX_NAME: usize = 400;
/// Longest part between two slashes, in bytes. File systems allow 255.
const MAX_PART: usize = 200;

/// Names that Windows keeps for devices, with any ending.
const RESERVED: [&str; 4] = ["aux", "con", "nul", "prn"];

/// Why a text is no name of an object. It is not repeated, since it may come from anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Empty, or longer than 400 bytes, or a part that is empty or longer than 200.
    #[error("a remote name is empty or too long")]
    Length,
    /// Something else than `a-z`, `0-9`, `.`, `_`, `-` and `/`.
    #[error("a remote name has a character that is not allowed")]
    Character,
    /// A part that starts or ends with a dot (`..`, hidden files; Windows drops an ending dot),
    /// is a device of Windows, or looks like a temporary file or a conflict copy.
    #[error("a remote name has a part that means something else on some system")]
    Reserved,
}

/// The name of an object: parts of `a-z 0-9 . _ -` joined by `/`, strict enough that no system
/// folds, escapes or follows it (threat 61). Ordered by its bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName(String);

impl ObjectName {
    /// Checks a name. At most 400 bytes.
    pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
        let text = text.into();
        check(&text)?;
        Ok(Self(text))
    }

    /// The name, as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folders that it lies in, outermost first: `a` and `a/b` for `a/b/c`.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }
}

impl fmt::Debug for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectName({})", self.0)
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A folder to list: empty for all, else a name with a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix(String);

impl Prefix {
    /// Everything.
    pub const ALL: Self = Self(String::new());

    /// The folder of this name; a slash at its end may stand or not.
    pub fn new(folder: &str) -> Result<Self, NameError> {
        let bare = folder.strip_suffix('/').unwrap_or(folder);
        check(bare)?;
        Ok(Self(format!("{bare}/")))
    }

    /// Empty, or ends with a slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the object lies in the folder, at any depth.
    pub fn holds(&self, name: &ObjectName) -> bool {
        name.0.starts_with(&self.0)
    }
}

fn check(text: &str) -> Result<(), NameError> {
    if text.is_empty() || text.len() > MAX_NAME {
        return Err(NameError::Length);
    }
    let known = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'/');
    if !text.bytes().all(known) {
        return Err(NameError::Character);
    }
    text.split('/').try_for_each(check_part)
}

fn check_part(part: &str) -> Result<(), NameError> {
    if part.is_empty() || part.len() > MAX_PART {
        return Err(NameError::Length);
    }
    let stem = part.split('.').next().unwrap_or(part);
    let port = stem
        .strip_prefix("com")
        .or_else(|| stem.strip_prefix("lpt"))
        .is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit());
    let reserved = port
        || RESERVED.contains(&stem)
        || part.starts_with('.')
        || part.ends_with('.')
        || part.ends_with(".tmp")
        || part.contains(".sync-conflict-");
    if reserved {
        return Err(NameError::Reserved);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{NameError, ObjectName, Prefix};

    // threat 61
    #[test]
    fn only_names_that_mean_one_thing_everywhere() {
        let good = [
            "a",
            "sealfold/1/ab/log/2026-01-31/00ff-1-20-ee.seg",
            "compass/lpt/com10",
        ];
        for name in good {
            assert_eq!(ObjectName::new(name).unwrap().as_str(), name);
        }
        let bad = [
            ("", NameError::Length),
            ("/a", NameError::Length),
            ("a/", NameError::Length),
            ("a//b", NameError::Length),
            ("A", NameError::Character),
            ("a\\b", NameError::Character),
            ("a:b", NameError::Character),
            ("a b", NameError::Character),
            ("ä", NameError::Character),
            ("a\0", NameError::Character),
            ("..", NameError::Reserved),
            ("a/../b", NameError::Reserved),
            ("./a", NameError::Reserved),
            (".git/config", NameError::Reserved),
            ("a.", NameError::Reserved),
            ("con", NameError::Reserved),
            ("a/nul.txt", NameError::Reserved),
            ("com1.seg", NameError::Reserved),
            ("a.tmp", NameError::Reserved),
            ("a.sync-conflict-1.seg", NameError::Reserved),
        ];
        for (name, why) in bad {
            assert_eq!(ObjectName::new(name), Err(why), "{name:?}");
        }
        assert!(ObjectName::new("a".repeat(201)).is_err());
        assert!(ObjectName::new(["a".repeat(199), "b".repeat(199)].join("/")).is_ok());
        assert!(ObjectName::new("a/".repeat(200) + "aa").is_err());
    }

    #[test]
    fn a_prefix_is_a_folder() {
        let log = Prefix::new("t/log").unwrap();
        assert_eq!(log, Prefix::new("t/log/").unwrap());
        assert!(log.holds(&ObjectName::new("t/log/a").unwrap()));
        assert!(!log.holds(&ObjectName::new("t/logs").unwrap()));
        assert!(Prefix::ALL.holds(&ObjectName::new("x").unwrap()));
        assert!(Prefix::new("../x").is_err());
        let name = ObjectName::new("a/b/c").unwrap();
        assert_eq!(name.folders().collect::<Vec<_>>(), ["a", "a/b"]);
    }
}
