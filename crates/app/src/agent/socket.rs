//! The agent's place: a folder for this user alone, a lock that makes the agent the only one, and
//! the socket.
//!
//! The lock is held on a file beside the socket for the agent's whole life, and that file is never
//! removed. So whoever holds it may replace the socket: what lies there is a dead agent's.

use std::{
    fs::{self, File, OpenOptions, Permissions, TryLockError},
    io,
    os::unix::{
        fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
        net::UnixListener,
    },
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use nix::{libc::O_NOFOLLOW, unistd::Uid};

use super::{address::Address, client::Client};
use crate::{Code, Fault};

/// How long to wait for an agent that is ending or only just starting.
const WAIT_FOR_LOCK: Duration = Duration::from_secs(5);
const TRY_LOCK_EVERY: Duration = Duration::from_millis(10);

/// A bound socket of which this process is the only owner.
#[derive(Debug)]
pub(crate) struct Socket {
    path: PathBuf,
    listener: UnixListener,
    /// Held as long as this value lives.
    _lock: File,
}

impl Socket {
    /// Takes the place at `path`; none when an agent that answers has it already. Refuses a folder
    /// that is a symlink or another user's. Blocks for some seconds when the lock is held by an
    /// agent that doesn't answer.
    pub(crate) fn take(path: &Path) -> Result<Option<Self>, Fault> {
        Self::take_within(path, WAIT_FOR_LOCK)
    }

    fn take_within(path: &Path, patience: Duration) -> Result<Option<Self>, Fault> {
        let folder = path.parent().unwrap_or(Path::new("/"));
        prepare_folder(folder)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .custom_flags(O_NOFOLLOW)
            .open(path.with_extension("lock"))
            .map_err(|error| unusable(error, folder))?;
        if !lock_or_find(&lock, path, patience)? {
            return Ok(None);
        }
        let listener = bind(path).map_err(|error| unusable(error, path))?;
        Ok(Some(Self {
            path: path.to_owned(),
            listener,
            _lock: lock,
        }))
    }

    /// Another handle to the same listening socket, for the runtime.
    pub(crate) fn listener(&self) -> io::Result<UnixListener> {
        let listener = self.listener.try_clone()?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    }

    /// Removes the socket's file: from now on nobody finds this agent. The lock stays.
    pub(crate) fn remove(&self) {
        // One that stays is a dead agent's, which every client and the next agent find out.
        let _ = fs::remove_file(&self.path);
    }
}

fn prepare_folder(folder: &Path) -> Result<(), Fault> {
    vault::create_private_folder(folder).map_err(|error| unusable(error, folder))?;
    // Not followed: a symlink would let the one who made it choose where the socket lies.
    let found = fs::symlink_metadata(folder).map_err(|error| unusable(error, folder))?;
    if !found.is_dir() || found.uid() != Uid::effective().as_raw() {
        return Err(Fault::new(
            Code::NotAllowed,
            "The folder for the agent's socket is not a folder of this user.",
        )
        .about(folder.display().to_string())
        .next("Remove it when you know what it is, or use `--no-agent`."));
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(folder, Permissions::from_mode(0o700))
            .map_err(|error| unusable(error, folder))?;
    }
    Ok(())
}

/// Waits for the lock; false when its holder answers as an agent.
fn lock_or_find(lock: &File, path: &Path, patience: Duration) -> Result<bool, Fault> {
    let give_up = Instant::now() + patience;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(unusable(error, path)),
            Err(TryLockError::WouldBlock) => {}
        }
        if Client::connect(path)?.is_some() {
            return Ok(false);
        }
        if Instant::now() >= give_up {
            return Err(Fault::new(
                Code::Conflict,
                "An agent is running already, but does not answer.",
            )
            .about(path.display().to_string())
            .next("Find it with `ps`, end it, then unlock again; or use `--no-agent`."));
        }
        thread::sleep(TRY_LOCK_EVERY);
    }
}

/// Binds under another name first, so that under its own name the socket is there, private and
/// listening, from the first moment on. To be called with the lock held.
fn bind(path: &Path) -> io::Result<UnixListener> {
    let unready = path.with_extension("new");
    match fs::remove_file(&unready) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(Address::of(&unready)?.path())?;
    fs::set_permissions(&unready, Permissions::from_mode(0o600))?;
    fs::rename(&unready, path)?;
    Ok(listener)
}

fn unusable(error: io::Error, path: &Path) -> Fault {
    Fault::new(
        Code::Io,
        format!("The agent's socket can't be made: {error}."),
    )
    .about(path.display().to_string())
    .next("Commands work without an agent; use `--no-agent`.")
}

#[cfg(test)]
mod tests;
