//! The steps of a write, named so that a test can kill the process at each of them (threat 49).
//! Outside this crate's own tests, reaching a step does nothing.

/// A moment in a write after which the process may die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A new file exists under its temporary name.
    FileMade,
    /// The new file has its schema.
    SchemaMade,
    /// The new file has its first rows, is closed and synced.
    FileSynced,
    /// The old file has a second name.
    Kept,
    /// Nothing of the old file lies beside the name that the new one gets.
    Cleared,
    /// The new file has its name.
    Renamed,
    /// The write lock is held.
    Begun,
    /// Ops, versions and keys are written, header and audit are not.
    RowsWritten,
    /// Everything is written and nothing committed.
    Written,
    /// The transaction is committed.
    Committed,
    /// The copy for a backup is made, keychain slot and all.
    Copied,
}

#[cfg(not(test))]
pub(crate) fn reached(_: Step) {}

/// Kills the process, as `kill -9` does, at the step that the environment names.
#[cfg(test)]
pub(crate) fn reached(step: Step) {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    if std::env::var("SEALFOLD_TEST_KILL_AT").is_ok_and(|name| name == format!("{step:?}")) {
        kill(Pid::this(), Signal::SIGKILL).expect("a process may signal itself");
    }
}

#[cfg(test)]
mod tests;
