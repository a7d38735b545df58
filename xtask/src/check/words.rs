//! What must not get into the repository: the paths of one machine, and the addresses of one
//! machine's package registries.

use std::fs;

use anyhow::{Context, Result};

use super::Finding;
use crate::workspace::root;

/// Folders under which people's homes and checkouts lie.
const MACHINE_PATHS: [&str; 4] = ["/home/", "/root/", "/Users/", "/work/"];

/// People of examples and tests, who live nowhere.
const NOBODY: [&str; 2] = ["ann", "bob"];

/// How a mirror of a registry is named or chosen.
const MIRRORS: [&str; 3] = ["artifactory", "index-url", "registry="];

/// The only places that a lock file may name.
const PUBLIC_SOURCES: [&str; 2] = [
    "registry+https://github.com/rust-lang/crates.io-index",
    "https://registry.npmjs.org/",
];

/// This file has to name what it looks for.
const SELF: &str = "xtask/src/check/words.rs";

pub fn check(files: &[String]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in files.iter().filter(|path| *path != SELF) {
        let bytes = fs::read(root().join(path)).with_context(|| path.clone())?;
        // Pictures and other binary files.
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        for (at, line) in text.lines().enumerate() {
            if let Some(what) = judge(path, line) {
                findings.push(Finding {
                    path: path.clone(),
                    line: Some(at + 1),
                    what,
                });
            }
        }
    }
    Ok(findings)
}

fn judge(path: &str, line: &str) -> Option<String> {
    if let Some(found) = MACHINE_PATHS.iter().find(|word| starts_path(line, word)) {
        return Some(format!("a path of one machine ({found}…)"));
    }
    if let Some(found) = MIRRORS.iter().find(|word| line.contains(*word)) {
        return Some(format!("a registry of one machine ({found})"));
    }
    let source = lock_source(path, line)?;
    let public = PUBLIC_SOURCES.iter().any(|known| source.starts_with(known));
    (!public).then(|| "a lock file that names a source which is not public".to_owned())
}

/// Whether an absolute path begins with `folder` somewhere in the line: `x/root/` does not.
fn starts_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let whose = &line[at + folder.len()..];
        let nobody = NOBODY.iter().any(|name| whose.starts_with(name));
        !nobody && !before.is_some_and(|c| c.is_alphanumeric() || "._-~}*)>…".contains(c))
    })
}

/// Where a line of a lock file says that something comes from.
fn lock_source<'a>(path: &str, line: &'a str) -> Option<&'a str> {
    let line = line.trim();
    let value = if path.ends_with("Cargo.lock") {
        line.strip_prefix("source = \"")?
    } else if path.ends_with("package-lock.json") {
        line.strip_prefix("\"resolved\": \"")?
    } else {
        return None;
    };
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn machine_paths_are_found_and_others_not() {
        assert!(judge("a.md", "see /home/carol/x").is_some());
        assert!(judge("a.md", "see /home/ann/x").is_none());
        assert!(judge("a.md", "`/root/x`").is_some());
        assert!(judge("a.md", "vault/root/x and ~/work/x").is_none());
        assert!(judge("a.md", "file:///srv/acme.git").is_none());
    }

    #[test]
    fn lock_files_name_public_sources() {
        let from = |host: &str| format!("      \"resolved\": \"https://{host}/a.tgz\",");
        assert!(judge("x/package-lock.json", &from("registry.npmjs.org")).is_none());
        assert!(judge("x/package-lock.json", &from("npm.corp.example")).is_some());
        let git = "source = \"git+https://example.org/a\"";
        assert!(judge("Cargo.lock", git).is_some());
    }
}
