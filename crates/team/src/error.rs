//! What can be wrong with an op, an entry or a wish to write one. Safe to log: no names, no values.

use thiserror::Error;

use crate::ids::{DeviceId, OpId};

/// Bytes that are no well-formed thing of ours, whoever sent them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Malformed {
    /// Larger than the caps allow.
    #[error("it is larger than the protocol allows")]
    TooLarge,
    /// Nested deeper than the caps allow.
    #[error("it is nested deeper than the protocol allows")]
    TooDeep,
    /// Not the one strict encoding of what is expected here.
    #[error("it is not in the protocol's strict encoding")]
    Encoding,
    /// A version or suite that this program does not know.
    #[error("it is of a version or suite that this program does not know")]
    Suite,
    /// It belongs to another team.
    #[error("it belongs to another team")]
    OtherTeam,
    /// Inside and outside disagree, or an id does not belong to its keys.
    #[error("what it says of itself does not agree")]
    Inconsistent,
}

/// Why an op was refused for good. It changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Rejection {
    /// Not well-formed.
    #[error("the op is malformed: {0}")]
    Malformed(#[from] Malformed),
    /// The signature does not hold.
    #[error("the signature of the op does not hold")]
    Signature,
    /// The sealed part does not open under the key that the op names.
    #[error("op {op} does not open under its log key")]
    Sealed {
        /// Which op.
        op: OpId,
    },
    /// Seq and prev do not continue what they cite.
    #[error("op {op} of device {device} does not continue its chain at seq {seq}")]
    Chain {
        /// Which op.
        op: OpId,
        /// By which device.
        device: DeviceId,
        /// At which place.
        seq: u64,
    },
    /// The lamport time is not one more than what the op had seen.
    #[error("op {op} claims a wrong lamport time")]
    Lamport {
        /// Which op.
        op: OpId,
    },
    /// Another op than the pinned one claims to have founded the team.
    #[error("op {op} is not the genesis that this vault trusts")]
    OtherGenesis {
        /// Which op.
        op: OpId,
    },
}

/// Why an op could not be written here.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AuthorError {
    /// This device is not (or no longer) one of the team's.
    #[error("this device may not write for the team")]
    NotEnrolled,
    /// This device has written two ops at one seq: it was copied, and signs nothing any more.
    #[error("this device was copied: another has written with its keys")]
    Copied,
    /// No log key that may still be written under is here.
    #[error("the newest log key is missing or must be rotated first")]
    NoLogKey,
    /// No key of the bundle that may still be written under is here.
    #[error("the newest key of the bundle is missing or must be rotated first")]
    NoBundleKey,
    /// There is no such bundle.
    #[error("there is no such bundle")]
    NoSuchBundle,
    /// A name or a value is longer than the protocol allows.
    #[error("a name or value is longer than the protocol allows")]
    TooLarge,
    /// It would be void at once, and hand out keys all the same: it is not written.
    #[error("the team's rules do not allow this")]
    NotAllowed,
    /// The ledger itself refuses what was written.
    #[error("the team's rules do not allow this")]
    Refused(#[from] Rejection),
    /// A public key to wrap to is unusable.
    #[error("a recipient's key is unusable")]
    BadRecipient,
}

/// An entry version does not open, or is not what it should be: one error for every cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the entry version can't be opened")]
pub struct EntryError;
