//! How bundles and entries are named, and references to them.

use crate::{Code, Fault};

/// `project/environment`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BundleName {
    pub project: String,
    pub environment: String,
}

impl BundleName {
    /// Takes `project/environment` apart. A part in double quotes may hold a slash.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let wrong = || {
            Fault::new(
                Code::Usage,
                "A bundle is named PROJECT/ENVIRONMENT, such as api/dev.",
            )
            .about(text)
        };
        let (project, rest) = take_part(text).ok_or_else(wrong)?;
        let (environment, rest) = take_part(rest.ok_or_else(wrong)?).ok_or_else(wrong)?;
        if rest.is_some() {
            return Err(wrong());
        }
        check_name(&project)?;
        check_name(&environment)?;
        Ok(Self {
            project,
            environment,
        })
    }
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
    pub team: Option<String>,
    pub bundle: String,
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
        let mut parts = Vec::new();
        let mut rest = Some(path);
        while let Some(text) = rest {
            let (part, after) = take_part(text).ok_or_else(wrong)?;
            if part.is_empty() {
                return Err(wrong());
            }
            parts.push(part);
            rest = after;
        }
        let (team, parts) = match parts.len() {
            3 => (None, parts),
            4 => (Some(parts[0].clone()), parts[1..].to_vec()),
            _ => return Err(wrong()),
        };
        Ok(Self {
            team,
            bundle: join(&parts[0], &parts[1]),
            name: parts[2].clone(),
            field,
        })
    }
}

/// `project/environment`, quoted where a part holds a slash.
pub(crate) fn join(project: &str, environment: &str) -> String {
    let quote = |part: &str| {
        if part.contains('/') {
            format!("\"{part}\"")
        } else {
            part.to_owned()
        }
    };
    format!("{}/{}", quote(project), quote(environment))
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
            "a/b/c",
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
        assert_eq!(
            (reference.bundle.as_str(), reference.name.as_str()),
            ("api/prod", "LOGIN")
        );
        assert_eq!(reference.field.as_deref(), Some("password"));
        assert_eq!(
            Reference::parse("sealfold://acme/api/prod/X")
                .unwrap()
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
