//! What every command is given: the global options, where things go, and where they lie.

use std::path::PathBuf;

use app::{Door, DoorOptions, Fault, Home, Overrides};

use crate::args::Globals;
use crate::job;
use crate::output::Output;

/// The surroundings of one call.
pub struct Context {
    pub globals: Globals,
    pub output: Output,
    /// Whether this is a job with a service's token in place of a vault.
    pub has_token: bool,
}

impl Context {
    pub fn new(globals: Globals) -> Self {
        let output = Output::new(globals.json, globals.quiet);
        Self {
            globals,
            output,
            has_token: job::has_token(),
        }
    }

    /// The folders and files of this person; an empty `SEALFOLD_HOME` counts as none.
    pub fn home(&self) -> Result<Home, Fault> {
        let home = std::env::var_os("SEALFOLD_HOME").filter(|value| !value.is_empty());
        Home::find(&Overrides {
            home: home.map(PathBuf::from),
            vault: self.globals.vault.clone(),
        })
    }

    /// A door in this process, with the vault still closed.
    pub fn door_here(&self, home: Home) -> Door {
        Door::here(
            home,
            DoorOptions {
                keychain: !self.globals.no_keychain,
                on_keychain_wait: self.output.on_keychain_wait(),
            },
        )
    }
}
