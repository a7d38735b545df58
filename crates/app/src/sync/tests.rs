//! Several homes, one remote in memory: the chain from invitation to removal, as people walk it.

mod homes;
mod people;
mod remotes;
mod walk;
