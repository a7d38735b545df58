//! Systems without Unix sockets: there is never an agent, and every command opens the vault itself.

use std::{convert::Infallible, path::Path};

use super::{ServeOptions, StartOptions};
use crate::{Code, Door, Fault, Home, Reply, Request};

/// A connection that can't exist here.
pub(crate) struct Client(Infallible);

impl Client {
    /// Always none.
    pub(crate) fn connect(_socket: &Path) -> Result<Option<Self>, Fault> {
        Ok(None)
    }

    /// Never called, for there is no `Client`.
    pub(crate) fn when_asked(&mut self, _say: fn()) {
        match self.0 {}
    }

    /// Never called, for there is no `Client`.
    pub(crate) fn socket(&self) -> &Path {
        match self.0 {}
    }

    /// Never called, for there is no `Client`.
    pub(crate) fn ask(&mut self, _request: &Request) -> Result<Reply, Fault> {
        match self.0 {}
    }
}

/// Refuses: there is no agent on this system yet.
pub fn start(_home: &Home, _options: StartOptions) -> Result<Door, Fault> {
    Err(not_here())
}

/// Refuses: there is no agent on this system yet.
pub fn serve(_home: Home, _options: ServeOptions) -> Result<(), Fault> {
    Err(not_here())
}

fn not_here() -> Fault {
    Fault::new(Code::NotAllowed, "There is no agent on this system yet.")
        .next("Commands work without it; use `--no-agent`.")
}
