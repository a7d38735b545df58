//! The vault: one SQLite file that holds ops, versions, keys and the audit log of a person's
//! device, its key slots, and the anchor in the operating system's keychain.
//!
//! It stores and finds; what an op or a payload means is for `team` and `app`. It never stores a
//! name or a value in plain, never touches the network, and never reads a clock or the
//! environment. `app` is its only caller.
//!
//! Start at [`LockedVault::open`] and [`Vault::commit`], the one function that writes; the
//! tables' reads are in the files of `table/`. The specification is docs/protocol.md §3.

mod anchor;
mod backup;
mod changes;
mod commit;
mod connection;
mod contents;
mod crash;
mod create;
mod error;
mod frame;
mod header;
mod ids;
mod keychain;
mod keys;
mod place;
mod root;
mod schema;
mod slot;
mod table;
mod vault;

pub use anchor::{Anchor, AnchorVerdict};
pub use changes::Changes;
pub use commit::Committed;
pub use connection::Durability;
pub use create::NewVault;
pub use error::{KeychainError, VaultError};
pub use header::{EnrolReason, Standing};
pub use ids::{EvidenceId, NameHash, SlotId, VaultId};
pub use keychain::Keychain;
pub use place::replace_file;
pub use slot::{NewSlot, Slot, SlotKey, SlotKind};
pub use table::audit::{AuditRecord, AuditVerdict};
pub use table::evidence::Evidence;
pub use table::frontier::Frontier;
pub use table::identity::Identity;
pub use table::key::{Key, KeyKind};
pub use table::object::Object;
pub use table::op::{Op, OpKind, OpStatus};
pub use table::pack::Pack;
pub use table::remote::Remote;
pub use table::row_key::VersionPlace;
pub use table::seal::Seal;
pub use table::version::{Reseal, Resealed, StateChange, Version, VersionState};
pub use table::waiting::WaitingOp;
pub use vault::{Check, LockedVault, Vault};
