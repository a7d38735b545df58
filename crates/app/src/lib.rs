//! The use cases of Sealfold: the only interface for every face, and the agent.
//!
//! A face (terminal, window) makes a [`Door`] and asks it: a request that implements [`Ask`] is
//! answered by its `Answer` or by a [`Fault`] with a stable [`Code`]. Whether the work is done in
//! this process or by the agent is the door's business. Here time, the environment, the home
//! folder and the agent's socket are touched; a terminal, a window and SQL text never are.
//!
//! Start reading at [`requests`], then `session`, then the module of the verb you are after.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod age;
pub mod agent;
pub mod audit;
pub mod bundles;
mod chosen;
mod clock;
mod counted;
mod crash;
mod door;
pub mod entries;
pub mod environments;
pub mod escape;
mod fault;
mod home;
mod jobs;
mod names;
mod notes;
mod open;
mod plaintext;
pub mod private_file;
mod records;
mod refusals;
pub mod requests;
pub mod services;
mod session;
pub mod sync;
mod system;
pub mod team;
pub mod transfer;
pub mod vaults;

pub use agent::guard;
pub use counted::counted;
pub use door::{Door, DoorOptions};
pub use fault::{Code, Fault};
pub use formats::terminal::escape_for_terminal;
pub use home::{Home, Overrides};
pub use plaintext::Plaintext;
pub use requests::{Ask, Reply, Request};
pub use vault::create_private_folder;
