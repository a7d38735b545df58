//! What a courier may know of the machine: handed in, never looked up.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

/// Where a remote works from. The program's edge makes it, once.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// A folder for caches, private to the user. It may be emptied while no remote is in use; Git
    /// keeps a bare repository per location in it.
    pub cache: PathBuf,
    /// The environment as the program found it.
    pub environment: Environment,
}

/// Environment variables, in which credentials may be: their values are never shown.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// Puts variables in. Says whether that changed anything.
    pub fn put<K: Into<OsString>, V: Into<OsString>>(
        &mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> bool {
        let mut changed = false;
        for (name, value) in variables {
            let value = value.into();
            let before = self.0.insert(name.into(), value.clone());
            changed |= before != Some(value);
        }
        changed
    }

    /// The value of a variable, where it is set and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        let value = self.0.get(OsStr::new(name))?;
        (!value.is_empty()).then_some(value.as_os_str())
    }

    /// The value of a variable, where it is set, not empty and UTF-8.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.to_str()
    }

    /// The user's home folder.
    pub(crate) fn home(&self) -> Option<&Path> {
        let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        self.get(name).map(Path::new)
    }

    /// Everything that another program gets: all but our own variables, in which a service's
    /// token may stand (threat 53).
    pub(crate) fn for_programs(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.0
            .iter()
            .filter(|(name, _)| !name.to_string_lossy().starts_with("SEALFOLD_"))
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        let variables = variables.into_iter();
        Self(variables.map(|(k, v)| (k.into(), v.into())).collect())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Environment({} variables)", self.0.len())
    }
}
