//! What honest code does not write, for tests of the rooms that take it in.

use crypto::{DeviceSecret, SecretBytes};

use super::author::Body;
use super::{Authored, Ledger};
use crate::error::AuthorError;
use crate::ids::{DeviceId, OpId, TeamId};
use crate::keyring::Keyring;
use crate::op::{Action, Heartbeat, KeySection};

/// A well-formed op of a device that nobody introduced, under a log key that nobody has: the first
/// of its chain.
///
/// # Errors
/// None that could come.
pub fn op_of_a_stranger(team: TeamId, time: u64) -> Result<(DeviceId, Authored), AuthorError> {
    let device = DeviceSecret::make();
    let body = Body {
        action: Action::Heartbeat(Heartbeat {
            audit_head: [0; 32],
            audit_count: 0,
            published: None,
            age: None,
        }),
        keys: KeySection::default(),
        pack: None,
    };
    let ledger = Ledger::new(team, OpId::from_bytes([0; 32]));
    let op = ledger.author(&device, body, &SecretBytes::make(), time)?;
    Ok((DeviceId::of(&device.public()), op))
}

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
