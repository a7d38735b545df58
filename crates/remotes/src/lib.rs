//! Couriers: a Git branch, an S3 prefix or a folder, as a place that only ever gains files.
//!
//! They move opaque bytes under names that are not secret. They never hold a key of ours, never
//! know what a blob means, never delete or overwrite, never print, and read no environment but
//! the one they are given. A remote is not trusted: what comes back has a bounded size, and is
//! otherwise just bytes; the caller verifies. `app` is the only caller.
//!
//! Start at [`Location`] (what a person writes), then [`Remote`] (what can be done with it), or
//! [`Peek`] for who reads a little of a large one. Why it is built so:
//! docs/decisions/0013-remotes.md; the layout of names: docs/protocol.md §5.

mod counts;
mod error;
mod folder;
mod git;
mod listing;
mod location;
#[cfg(any(test, feature = "testing"))]
mod memory;
mod name;
mod peek;
mod remote;
mod s3;
mod said;
mod steps;
mod surroundings;

pub use counts::Counts;
pub use error::{Cause, CredentialsError, RemoteError, TransportFault};
pub use listing::{Listed, Listing, Stray, StrayKind};
pub use location::{FolderLocation, GitLocation, Location, LocationError, S3Location};
#[cfg(any(test, feature = "testing"))]
pub use memory::{MemoryStore, MemoryView};
pub use name::{NameError, ObjectName, Prefix};
pub use peek::Peek;
pub use remote::{Creation, Fetched, MAX_OBJECT, Remote};
pub use said::Said;
#[cfg(any(test, feature = "testing"))]
pub use steps::on_each_step;
pub use surroundings::{Environment, Surroundings};
