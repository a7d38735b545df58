//! Several homes, one remote in memory: the chain from invitation to removal, as people walk it.

mod crowd;
mod homes;
mod hostile;
mod people;
mod reads;
mod remotes;
mod scale;
mod walk;
