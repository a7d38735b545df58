//! What honest code does not write, for tests of the rooms that take it in.

use super::{Authored, Ledger};
use crate::error::AuthorError;
use crate::keyring::Keyring;
use crate::op::{Action, KeySection};

impl Ledger {
    /// Signs an action and a key section as they are, after all that this ledger has applied.
    ///
    /// # Errors
    /// [`AuthorError`] where the op could not even be sealed.
    pub fn author_as_it_is(
        &self,
        keyring: &Keyring,
        action: Action,
        keys: KeySection,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.write_with(keyring, action, keys, None, time)
    }
}
