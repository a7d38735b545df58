//! How bundles and entries are named, and references to them.

use std::fmt;

use crate::{Code, Fault};

/// `[TEAM/]project/environment`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BundleName {
    pub team: Option<String>,
    pub project: String,
    pub environment: String,
}

impl BundleName {
    /// Takes `[TEAM/]project/environment` apart. A part in double quotes may hold a slash.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let wrong = || {
            Fault::new(
                Code::Usage,
                "A bundle is named PROJECT/ENVIRONMENT, such as api/dev.",
            )
            .about(text)
        };
        let mut parts = take_parts(text).ok_or_else(wrong)?;
        parts.iter().try_for_each(|part| check_name(part))?;
        let environment = parts.pop().ok_or_else(wrong)?;
        let project = parts.pop().ok_or_else(wrong)?;
        let team = parts.pop();
        if !parts.is_empty() {
            return Err(wrong());
        }
        Ok(Self {
            team,
            project,
            environment,
        })
    }
}

impl fmt::Display for BundleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(team) = &self.team {
            write!(f, "{}/", quote(team))?;
        }
        f.write_str(&join(&self.project, &self.environment))
    }
}

/// All parts between slashes.
fn take_parts(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (part, after) = take_part(text)?;
        parts.push(part);
        rest = after;
    }
    Some(parts)
}

/// One part before a slash or the end, and what follows the slash.
fn take_part(text: &str) -> Option<(String, Option<&str>)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (part, rest) = quoted.split_once('"')?;
        return match rest {
            "" => Some((part.to_owned(), None)),
            _ => Some((part.to_owned(), Some(rest.strip_prefix('/')?))),
        };
    }
    match text.split_once('/') {
        Some((part, rest)) => Some((part.to_owned(), Some(rest))),
        None => Some((text.to_owned(), None)),
    }
}

/// Names are text that a person can read and tell apart (threat 38): not empty, at most 256
/// bytes, without control or invisible formatting characters.
pub(crate) fn check_name(name: &str) -> Result<(), Fault> {
    let wrong = |what: &str| Err(Fault::new(Code::Usage, what).about(name));
    if name.is_empty() || name.trim() != name {
        return wrong("A name can't be empty, nor begin or end with white space.");
    }
    if name.len() > team::caps::NAME_BYTES {
        return wrong("A name can't be longer than 256 bytes.");
    }
    if formats::terminal::escape_for_terminal(name) != name {
        return wrong("A name can't hold control characters or invisible formatting characters.");
    }
    Ok(())
}

/// A reference, `sealfold://[TEAM/]project/environment/NAME[#field]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub bundle: BundleName,
    pub name: String,
    pub field: Option<String>,
}

impl Reference {
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let wrong = || {
            Fault::new(
                Code::Usage,
                "A reference looks like sealfold://project/environment/NAME, with #field if wanted.",
            )
            .about(text)
        };
        let path = text.strip_prefix("sealfold://").ok_or_else(wrong)?;
        let (path, field) = match path.rsplit_once('#') {
            Some((path, field)) if !field.is_empty() => (path, Some(field.to_owned())),
            Some(_) => return Err(wrong()),
            None => (path, None),
        };
        let mut parts = take_parts(path).ok_or_else(wrong)?;
        if parts.iter().any(String::is_empty) {
            return Err(wrong());
        }
        let name = parts.pop().ok_or_else(wrong)?;
        let environment = parts.pop().ok_or_else(wrong)?;
        let project = parts.pop().ok_or_else(wrong)?;
        let team = parts.pop();
        if !parts.is_empty() {
            return Err(wrong());
        }
        let bundle = BundleName {
            team,
            project,
            environment,
        };
        Ok(Self {
            bundle,
            name,
            field,
        })
    }
}

/// `project/environment`, quoted where a part holds a slash.
pub(crate) fn join(project: &str, environment: &str) -> String {
    format!("{}/{}", quote(project), quote(environment))
}

/// A part of a name, quoted where it holds a slash.
pub(crate) fn quote(part: &str) -> String {
    if part.contains('/') {
        format!("\"{part}\"")
    } else {
        part.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundles_are_two_parts_and_a_quoted_part_may_hold_a_slash() {
        let name = BundleName::parse("api/prod").unwrap();
        assert_eq!(
            (name.project.as_str(), name.environment.as_str()),
            ("api", "prod")
        );
        let name = BundleName::parse("\"a/b\"/prod").unwrap();
        assert_eq!(join(&name.project, &name.environment), "\"a/b\"/prod");
        for wrong in [
            "",
            "api",
            "api/",
            "/dev",
            "a/b/c/d",
            "\"a/b",
            "a/\u{202e}b",
            " a/b",
        ] {
            assert_eq!(
                BundleName::parse(wrong).unwrap_err().code,
                Code::Usage,
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn references_name_team_bundle_entry_and_field() {
        let reference = Reference::parse("sealfold://api/prod/LOGIN#password").unwrap();
        assert_eq!(reference.field.as_deref(), Some("password"));
        assert_eq!(
            (reference.bundle.to_string(), reference.name),
            ("api/prod".to_owned(), "LOGIN".to_owned())
        );
        assert_eq!(
            Reference::parse("sealfold://acme/api/prod/X")
                .unwrap()
                .bundle
                .team
                .as_deref(),
            Some("acme")
        );
        for wrong in [
            "api/prod/X",
            "sealfold://api/X",
            "sealfold://api/prod/X#",
            "sealfold://a//b/X",
            "sealfold://a/b/c/d/e",
        ] {
            assert!(Reference::parse(wrong).is_err(), "{wrong}");
        }
    }
}
