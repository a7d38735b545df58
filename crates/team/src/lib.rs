//! The team: ops, membership, rules and merging, as a pure state machine.
//!
//! This room turns bytes from anywhere into what the team is, and a person's wish into a signed op.
//! It never does I/O, never reads a clock, and knows no SQL: the vault stores what it says, the
//! app brings it the bytes and the time. Everything is an op: signed, chained per device, sealed,
//! immutable (protocol §0, §4); the same ops in any order give the same state.
//!
//! Start reading at [`ledger`], then [`op`] for what an op is made of, and [`rules`] for who may
//! do what.

pub mod caps;
mod carried;
mod cbor;
pub mod chains;
pub mod entry;
mod error;
pub mod ids;
pub mod invitation;
pub mod jobs;
pub mod join;
pub mod keyring;
pub mod ledger;
pub mod link;
pub mod op;
pub mod pack;
pub mod past;
pub mod recovery_note;
pub mod returning;
pub mod rules;
pub mod segment;
pub mod siblings;
mod statement;
mod wire;
pub mod words;

pub use error::{AuthorError, EntryError, Malformed, Rejection};
#[doc(hidden)]
pub use wire::decode_body;
pub use wire::{SignedOp, VerifiedOp, time_of};
