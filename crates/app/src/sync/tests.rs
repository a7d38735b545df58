//! Several homes, one remote in memory: the chain from invitation to removal, as people walk it.

mod comeback;
mod homes;
mod hostile;
mod people;
mod reads;
mod recovery;
mod remotes;
mod walk;
