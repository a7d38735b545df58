//! The couriers of one process: connected once, and what they may know of the machine.

use std::collections::BTreeMap;
use std::sync::Arc;

use remotes::{Environment, Location, LocationError, Remote, RemoteError, Surroundings};

use crate::fault::sentence;
use crate::{Code, Fault, Home, Plaintext};

/// Connected remotes, by the canonical text of their location.
pub(crate) struct Couriers {
    surroundings: Surroundings,
    connected: BTreeMap<String, Arc<Remote>>,
}

impl Couriers {
    /// None connected yet.
    pub fn new(home: &Home) -> Self {
        Self {
            surroundings: Surroundings {
                cache: home.remote_cache(),
                // The user's own git and AWS set-up is in it.
                environment: std::env::vars_os().collect::<Environment>(),
            },
            connected: BTreeMap::new(),
        }
    }

    /// As these, with none connected: for work beside.
    pub fn like(&self) -> Self {
        Self {
            surroundings: self.surroundings.clone(),
            connected: BTreeMap::new(),
        }
    }

    /// Takes variables in beside those of this process. What is connected with others is connected
    /// anew.
    pub fn lend(&mut self, variables: BTreeMap<String, Plaintext>) {
        // EXPOSE: git, and the client of S3, take them as text.
        let text = |value: &Plaintext| value.expose_text().map(str::to_owned);
        let lent = variables.iter();
        let lent = lent.filter_map(|(name, value)| Some((name, text(value)?)));
        if self.surroundings.environment.put(lent) {
            self.connected.clear();
        }
    }

    /// The remote at a location.
    pub fn connect(&mut self, location: &str) -> Result<Arc<Remote>, Fault> {
        if let Some(remote) = self.connected.get(location) {
            return Ok(Arc::clone(remote));
        }
        let parsed = location.parse::<Location>()?;
        let remote = Arc::new(Remote::connect(&parsed, &self.surroundings)?);
        let known = self.connected.entry(location.to_owned());
        Ok(Arc::clone(known.or_insert(remote)))
    }

    /// Puts a connected remote under a location.
    #[cfg(test)]
    pub fn put(&mut self, location: &str, remote: Remote) {
        self.connected.insert(location.to_owned(), Arc::new(remote));
    }
}

impl From<LocationError> for Fault {
    fn from(error: LocationError) -> Self {
        Fault::new(Code::Usage, sentence(&error))
            .next("`sealfold remote add --help` shows what can be written.")
    }
}

impl From<RemoteError> for Fault {
    fn from(error: RemoteError) -> Self {
        let fault = Fault::new(Code::Remote, sentence(&error));
        let next = match &error {
            RemoteError::Unreachable { .. } | RemoteError::TimedOut | RemoteError::Contended => {
                "Nothing is lost: the next `sealfold sync` goes on from here."
            }
            RemoteError::Denied { .. } | RemoteError::Credentials { .. } => {
                "See that git or the AWS tools reach it from this terminal."
            }
            RemoteError::Missing { .. } => {
                "See whether it is there; `sealfold remote move` names another place."
            }
            RemoteError::NoGit => "Install git.",
            _ => "Look at the remote, and try again.",
        };
        let fault = fault.next(next);
        match error.said() {
            Some(said) => fault.about(said.to_string()),
            None => fault,
        }
    }
}
