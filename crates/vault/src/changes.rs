//! What one commit changes: everything in it is stored, or nothing.

use crypto::{KeyId, SecretVec};
use team::ids::{OpId, VersionId};

use crate::{
    Frontier, Identity, Key, NewSlot, Op, OpStatus, Reseal, SlotId, Standing, Version, VersionState,
};

/// Everything that one commit changes. Fill in the fields that apply:
/// `Changes { audit: vec![record], ..Changes::default() }`.
///
/// Within each table, rows are removed or changed before new ones are added.
#[derive(Debug, Default)]
pub struct Changes {
    /// Ops to add, in a causal order.
    pub ops: Vec<Op>,
    /// Stored ops of which the ledger now thinks differently.
    pub op_statuses: Vec<(OpId, OpStatus)>,
    /// Versions to add.
    pub versions: Vec<Version>,
    /// Stored versions to show or hide; each at most once.
    pub version_states: Vec<(VersionId, VersionState)>,
    /// Stored versions under a new key.
    pub reseals: Vec<Reseal>,
    /// Devices that got further.
    pub frontier: Vec<Frontier>,
    /// Keys to add, or to replace by id.
    pub keys: Vec<Key>,
    /// Keys to erase.
    pub keys_removed: Vec<KeyId>,
    /// Identities to set, by team.
    pub identities: Vec<Identity>,
    /// Key slots to add.
    pub slots_added: Vec<NewSlot>,
    /// Key slots to remove.
    pub slots_removed: Vec<SlotId>,
    /// Whether the vault may sign from now on.
    pub standing: Option<Standing>,
    /// Audit records to append: opaque here, sealed by the vault.
    pub audit: Vec<SecretVec>,
}
