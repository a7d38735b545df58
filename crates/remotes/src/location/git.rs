//! Git: a repository's URL in one of three transports, and a branch.

use std::fmt;

use super::{LocationError, host_and_port, is_host};

/// The branch where none is named.
const DEFAULT_BRANCH: &str = "sealfold";

/// A branch of a Git repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GitLocation {
    url: String,
    branch: String,
    transport: Transport,
}

/// How git gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Transport {
    Https,
    Ssh,
    File,
}

impl GitLocation {
    /// Whether the repository lies on this machine.
    pub fn is_local(&self) -> bool {
        self.transport() == Transport::File
    }

    /// What git is given. It starts with `https://`, `ssh://`, `file:///` or a user name.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The branch, without `refs/heads/`.
    pub fn branch(&self) -> &str {
        &self.branch
    }

    pub(crate) fn transport(&self) -> Transport {
        self.transport
    }

    /// Parses what stands around `://`.
    pub(super) fn parse_url(scheme: &str, rest: &str) -> Result<Self, LocationError> {
        let transport = match scheme.strip_prefix("git+").unwrap_or(scheme) {
            "https" => Transport::Https,
            "ssh" => Transport::Ssh,
            "file" => Transport::File,
            _ => return Err(LocationError::Scheme),
        };
        let (place, branch) = split_branch(rest)?;
        let slash = place.find('/').ok_or(LocationError::Path)?;
        let (authority, path) = place.split_at(slash);
        check_path(&path[1..])?;
        let url = match transport {
            Transport::File => {
                if !authority.is_empty() {
                    return Err(LocationError::Host);
                }
                format!("file://{path}")
            }
            Transport::Https => {
                if authority.contains('@') {
                    return Err(LocationError::Credentials);
                }
                host_and_port(authority)?;
                format!("https://{authority}{path}")
            }
            Transport::Ssh => {
                let (user, host) = split_user(authority);
                user.map_or(Ok(()), check_user)?;
                host_and_port(host)?;
                format!("ssh://{authority}{path}")
            }
        };
        Ok(Self {
            url,
            branch,
            transport,
        })
    }

    /// Parses `USER@HOST:PATH`. The user is required: otherwise any misspelt scheme, and
    /// `ext::…`, would be a host.
    pub(super) fn parse_scp(text: &str) -> Result<Self, LocationError> {
        let (place, branch) = split_branch(text)?;
        let (authority, path) = place.split_once(':').ok_or(LocationError::Scheme)?;
        let (Some(user), host) = split_user(authority) else {
            return Err(if path.contains('@') {
                LocationError::Credentials
            } else {
                LocationError::Scheme
            });
        };
        check_user(user)?;
        if !is_host(host) || host.starts_with('[') {
            return Err(LocationError::Host);
        }
        check_path(path.strip_prefix('/').unwrap_or(path))?;
        Ok(Self {
            url: place.to_owned(),
            branch,
            transport: Transport::Ssh,
        })
    }
}

impl fmt::Display for GitLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)?;
        if self.branch != DEFAULT_BRANCH {
            write!(f, "#{}", self.branch)?;
        }
        Ok(())
    }
}

fn split_branch(text: &str) -> Result<(&str, String), LocationError> {
    let (place, branch) = text.split_once('#').unwrap_or((text, DEFAULT_BRANCH));
    if !is_branch(branch) {
        return Err(LocationError::Branch);
    }
    Ok((place, branch.to_owned()))
}

fn split_user(authority: &str) -> (Option<&str>, &str) {
    match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    }
}

fn check_user(user: &str) -> Result<(), LocationError> {
    if user.contains([':', '@']) {
        return Err(LocationError::Credentials);
    }
    let known = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if user.is_empty() || user.starts_with('-') || !user.chars().all(known) {
        return Err(LocationError::Host);
    }
    Ok(())
}

/// A path without its leading slash. A query could carry a token; a backslash is a separator to
/// some; git turns `%` back into the character that it stands for.
fn check_path(path: &str) -> Result<(), LocationError> {
    let decoded = percent_encoding::percent_decode_str(path)
        .decode_utf8()
        .map_err(|_| LocationError::Path)?;
    let bad = |c: char| c.is_control() || c.is_whitespace() || "\\?:*\"<>|".contains(c);
    let climbs = decoded.split('/').any(|part| part == "..");
    if decoded.contains('@') {
        // `https://host/user:password@…` is a slip too.
        return Err(LocationError::Credentials);
    }
    if decoded.is_empty() || decoded.starts_with('-') || climbs || decoded.chars().any(bad) {
        return Err(LocationError::Path);
    }
    Ok(())
}

/// Stricter than `git check-ref-format`: plain characters only.
fn is_branch(name: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', '-'])
            && !part.ends_with('.')
            && !part.ends_with(".lock")
            && !part.contains("..")
    };
    name.len() <= 200 && name.chars().all(known) && name.split('/').all(part)
}
