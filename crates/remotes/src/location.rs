//! Where a remote is, as one text that a person can write and that holds no secret.
//!
//! | text | remote |
//! |---|---|
//! | `https://HOST/PATH[#BRANCH]` | Git |
//! | `ssh://[USER@]HOST[:PORT]/PATH[#BRANCH]`, `USER@HOST:PATH[#BRANCH]` | Git |
//! | `file:///PATH[#BRANCH]` | Git |
//! | `s3://BUCKET[/PREFIX][?endpoint=…&plain-http=yes&profile=…&region=…]` | S3 |
//! | `folder:/PATH`, `/PATH`, on Windows `C:\PATH` | a folder |
//!
//! `git+` before a Git URL is taken and dropped. Everything else is refused: other transports such
//! as `ext::`, anything that a program might take for an option (threat 63), and credentials
//! (threat 65).

mod git;
pub(crate) mod s3;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

pub use git::GitLocation;
pub(crate) use git::Transport;
pub use s3::S3Location;

/// Longest text of a location, in bytes.
const MAX_TEXT: usize = 1000;

/// Why a text is no location. What was written is not repeated: there may be a password in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocationError {
    /// Empty, too long, or with spaces or control characters.
    #[error("a remote's address is empty, too long, or has spaces in it")]
    Text,
    /// None of the forms in the module's table; a transport that is not allowed.
    #[error("a remote is https://, ssh://, USER@HOST:PATH, file://, s3:// or a folder's full path")]
    Scheme,
    /// A user name or password before the host (but a user name for ssh).
    #[error("a remote's address must not hold credentials; leave them to git or the AWS tools")]
    Credentials,
    /// A host or user that is empty, starts with a hyphen or has other characters than it may.
    #[error("the host in the remote's address is not valid")]
    Host,
    /// A path that is missing, relative, has `..` in it, or starts with a hyphen.
    #[error("the path in the remote's address is not valid")]
    Path,
    /// A name that Git would not take for a branch.
    #[error("the branch in the remote's address is not valid")]
    Branch,
    /// A bucket's name that S3 would not take.
    #[error("the bucket in the remote's address is not valid")]
    Bucket,
    /// A setting after `?` that is not known, stands twice, or has no valid value.
    #[error("a setting in the remote's address is not known or not valid")]
    Setting,
    /// An `http://` endpoint on another machine, without `plain-http=yes`.
    #[error("the endpoint would be reached without encryption; use https")]
    PlainText,
}

/// Where a remote is. `Display` gives the canonical text, which parses to the same again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// A branch of a Git repository.
    Git(GitLocation),
    /// A prefix of an S3 bucket.
    S3(S3Location),
    /// A folder, perhaps kept in step by another program.
    Folder(FolderLocation),
}

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        if text.is_empty() || text.len() > MAX_TEXT || text.chars().any(char::is_control) {
            return Err(LocationError::Text);
        }
        if let Some(path) = text.strip_prefix("folder:") {
            return FolderLocation::new(path).map(Self::Folder);
        }
        if Path::new(text).is_absolute() {
            return FolderLocation::new(text).map(Self::Folder);
        }
        // A folder may have spaces in its name; nothing else may.
        if text.contains(char::is_whitespace) {
            return Err(LocationError::Text);
        }
        match text.split_once("://") {
            Some(("s3", rest)) => S3Location::parse(rest).map(Self::S3),
            Some((scheme, rest)) => GitLocation::parse_url(scheme, rest).map(Self::Git),
            None => GitLocation::parse_scp(text).map(Self::Git),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Git(git) => git.fmt(f),
            Self::S3(s3) => s3.fmt(f),
            Self::Folder(folder) => folder.fmt(f),
        }
    }
}

/// A folder by its full path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FolderLocation(PathBuf);

impl FolderLocation {
    /// The folder at a full path without `..`.
    pub fn new(path: &str) -> Result<Self, LocationError> {
        let path = Path::new(path);
        let climbs = path
            .components()
            .any(|part| part == std::path::Component::ParentDir);
        if !path.is_absolute() || climbs {
            return Err(LocationError::Path);
        }
        Ok(Self(path.components().collect()))
    }

    /// Its full path.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl fmt::Display for FolderLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "folder:{}", self.0.display())
    }
}

/// Whether it is a host name, an IPv4 address or a bracketed IPv6 address, and no option.
fn is_host(text: &str) -> bool {
    if let Some(inner) = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        return inner.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let known = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-' || c == '_';
    !text.is_empty() && !text.starts_with(['-', '.']) && text.chars().all(known)
}

/// Splits `HOST[:PORT]`.
fn host_and_port(text: &str) -> Result<(&str, Option<u16>), LocationError> {
    let colon = match text.rfind(']') {
        Some(end) => text[end..].find(':').map(|at| end + at),
        None => text.find(':'),
    };
    let (host, port) = match colon {
        Some(at) => {
            let digits = &text[at + 1..];
            let plain = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
            let port = digits.parse().ok().filter(|_| plain);
            (&text[..at], Some(port.ok_or(LocationError::Host)?))
        }
        None => (text, None),
    };
    if !is_host(host) {
        return Err(LocationError::Host);
    }
    Ok((host, port))
}
