//! What one commit changes: everything in it is stored, or nothing.

use crypto::{KeyId, SecretVec};
use team::ids::{OpId, TeamId};

use crate::{
    Evidence, EvidenceId, Frontier, Identity, Key, KeyKind, NameChange, NewSlot, Object, Op,
    OpStatus, Pack, Remote, Reseal, SlotId, Standing, StateChange, Version, VersionPlace,
    WaitingOp,
};

/// Everything that one commit changes. Fill in the fields that apply:
/// `Changes { audit: vec![record], ..Changes::default() }`.
///
/// Within each table rows are added first, then changed, then removed, so that the effects of many
/// ops make one commit. Of keys, remotes and objects, what goes makes room first.
///
/// What comes from others may come twice or never. Where a field says "if it is there", a row that
/// is not is no error, and neither is one that is, where it says "if it is new".
#[derive(Debug, Default)]
pub struct Changes {
    /// Ops to add, in a causal order.
    pub ops: Vec<Op>,
    /// Stored ops of which the ledger now thinks differently.
    pub op_statuses: Vec<(OpId, OpStatus)>,
    /// Versions to add.
    pub versions: Vec<Version>,
    /// Versions that have a successor: a head at such a place, if it is there, is one no more.
    pub superseded: Vec<VersionPlace>,
    /// Stored versions to show or hide, whatever they were.
    pub version_states: Vec<StateChange>,
    /// Names by which stored versions are found from now on: their content can be read only now.
    pub names: Vec<NameChange>,
    /// Ops that are void: the versions that they brought go, if there are any. If they came in a
    /// pack, it goes into `packs`.
    pub versions_removed: Vec<OpId>,
    /// Versions under another key. The newest seal of a version stands in `version`, all others
    /// in `seal`, in whichever order they come; also one of a version that is not here.
    pub reseals: Vec<Reseal>,
    /// Packs to keep, if they are new.
    pub packs: Vec<Pack>,
    /// Ops whose packs are needed no more, if they are there.
    pub packs_removed: Vec<OpId>,
    /// Ops that wait, if they are new.
    pub waiting: Vec<WaitingOp>,
    /// Ops that wait no more, if they are there.
    pub waiting_removed: Vec<OpId>,
    /// Ops to push, if they are new, in any order.
    pub outbox: Vec<(TeamId, OpId)>,
    /// Ops that were pushed, if they are there.
    pub outbox_removed: Vec<(TeamId, OpId)>,
    /// Devices that got further.
    pub frontier: Vec<Frontier>,
    /// Remotes to set, by team.
    pub remotes: Vec<Remote>,
    /// Teams that have no remote any more, if they have one.
    pub remotes_removed: Vec<TeamId>,
    /// Objects that are known to lie on a remote, if they are new.
    pub objects: Vec<Object>,
    /// Teams of which no object is known any more: their remote is another one.
    pub objects_forgotten: Vec<TeamId>,
    /// Findings to keep.
    pub evidence: Vec<Evidence>,
    /// Findings that are resolved, if they are there.
    pub evidence_removed: Vec<(TeamId, EvidenceId)>,
    /// Keys to add, or to replace by use and id.
    pub keys: Vec<Key>,
    /// Keys to erase.
    pub keys_removed: Vec<(TeamId, KeyKind, KeyId)>,
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
