//! Several homes and one remote: the chain from invitation to removal, as people walk it, and what a
//! remote or a member may try against it (docs/threats.md).
// A test waits for many people at once, and says what it skips; those of `kills` talk to each other.
#![allow(clippy::large_futures, clippy::print_stdout, clippy::print_stderr)]

mod attacks;
mod comeback;
mod crowd;
mod figures;
mod grounds;
mod homes;
mod hostile;
mod joining;
#[cfg(unix)]
mod kills;
mod moves;
mod people;
mod reads;
mod recovery;
mod remotes;
mod scale;
mod services;
mod walk;

pub(crate) use homes::Person;
pub(crate) use remotes::two;
