//! A place that clients connect to, each with a cache and a home of its own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use remotes::{Environment, Location, MemoryStore, Remote, Surroundings};
use tempfile::TempDir;

/// Where the suite runs.
pub trait Place {
    /// A client that has seen nothing yet.
    fn connect(&self) -> Remote;

    /// How many clients meet in a race.
    fn writers(&self) -> usize {
        16
    }

    /// Whether only one of those who write other bytes under one name may win. Nothing can be
    /// promised where the server ignores conditions; nor is it needed where names carry hashes.
    fn has_one_winner(&self) -> bool {
        true
    }
}

/// Clients in memory.
impl Place for MemoryStore {
    fn connect(&self) -> Remote {
        self.client().0
    }
}

/// Clients at a location.
pub struct At {
    pub location: Location,
    pub variables: Vec<(OsString, OsString)>,
    pub writers: usize,
    pub one_winner: bool,
    scratch: TempDir,
    clients: AtomicUsize,
}

impl At {
    pub fn new(location: &str) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let home = scratch.path().join("home");
        std::fs::create_dir(&home).unwrap();
        let path = std::env::var_os("PATH").unwrap_or_default();
        Self {
            location: location.parse().unwrap(),
            variables: vec![
                ("PATH".into(), path),
                ("HOME".into(), home.into()),
                ("GIT_CONFIG_NOSYSTEM".into(), "1".into()),
                ("AWS_EC2_METADATA_DISABLED".into(), "true".into()),
            ],
            writers: 16,
            one_winner: true,
            scratch,
            clients: AtomicUsize::new(0),
        }
    }

    pub fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.into(), value.into()));
        self
    }

    pub fn home(&self) -> PathBuf {
        self.scratch.path().join("home")
    }

    pub fn environment(&self) -> Environment {
        self.variables.iter().cloned().collect()
    }

    /// A client whose cache is kept from one connection to the next.
    pub fn reconnect(&self, cache: &Path) -> Remote {
        let surroundings = Surroundings {
            cache: cache.to_owned(),
            environment: self.environment(),
        };
        Remote::connect(&self.location, &surroundings).unwrap()
    }
}

impl Place for At {
    fn connect(&self) -> Remote {
        let number = self.clients.fetch_add(1, Ordering::Relaxed);
        self.reconnect(&self.scratch.path().join(format!("cache-{number}")))
    }

    fn writers(&self) -> usize {
        self.writers
    }

    fn has_one_winner(&self) -> bool {
        self.one_winner
    }
}
