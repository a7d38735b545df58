//! The two small files beside the vault: the mark of a suspended keychain slot, and the failed
//! unlocks that are not in the audit yet.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::clock::now;
use crate::{Code, Fault, Home};

/// Suspends the keychain slot until a person unlocks: locked means locked. Says whether it was not
/// suspended before.
pub(crate) fn suspend_keychain(home: &Home) -> Result<bool, Fault> {
    let marker = home.suspended_marker();
    let write = || {
        create_folder_of(&marker)?;
        let is_new = !marker.exists();
        let mut options = private_file();
        options.create(true).truncate(false).write(true);
        options.open(&marker).map(|_| is_new)
    };
    write().map_err(|error: io::Error| {
        Fault::new(
            Code::Io,
            format!(
                "The keychain slot could not be suspended: {}.",
                error.kind()
            ),
        )
        .next("The vault itself is locked. `sealfold slot rm keychain` removes the slot.")
    })
}

/// Lets the keychain slot serve again.
pub(crate) fn resume_keychain(home: &Home) -> Result<(), Fault> {
    match fs::remove_file(home.suspended_marker()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Fault::new(
            Code::Io,
            format!(
                "The keychain slot could not be taken into use again: {}.",
                error.kind()
            ),
        )),
        _ => Ok(()),
    }
}

/// Notes that a passphrase or recovery key did not open the vault. Only the time is kept: the
/// vault is locked, so nothing can be sealed.
pub(crate) fn note_failed_unlock(home: &Home) {
    note_failed_unlocks(home, &[now()]);
}

/// Notes failed unlocks, or puts back those that were taken and did not get into the audit.
pub(crate) fn note_failed_unlocks(home: &Home, times: &[u64]) {
    let path = home.failed_unlocks();
    let write = || -> io::Result<()> {
        create_folder_of(&path)?;
        let mut file = private_file().create(true).append(true).open(&path)?;
        let lines: String = times.iter().map(|time| format!("{time}\n")).collect();
        // A guessing program shall not fill the disk.
        if file.metadata()?.len() < 64 * 1024 {
            file.write_all(lines.as_bytes())?;
        }
        Ok(())
    };
    // Where the folder takes no file, there is no other place to note it: the vault is locked.
    let _ = write();
}

/// The times of failed unlocks, which are the caller's from now on: of several processes that ask
/// at once, one gets them.
pub(crate) fn take_failed_unlocks(home: &Home) -> Vec<u64> {
    let notes = home.failed_unlocks();
    let mut taken = notes.clone().into_os_string();
    taken.push(format!(".{}", std::process::id()));
    let take = || {
        fs::rename(&notes, &taken)?;
        let text = fs::read(&taken)?;
        fs::remove_file(&taken)?;
        Ok(text)
    };
    // Mostly there are none. Notes that can't be read stay in the folder.
    let text = take().unwrap_or_else(|_: io::Error| Vec::new());
    let text = String::from_utf8_lossy(&text);
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

/// Failed unlocks of a vault that is gone are nobody's business any more.
pub(crate) fn forget_failed_unlocks(home: &Home) {
    let _ = fs::remove_file(home.failed_unlocks());
}

fn create_folder_of(file: &Path) -> io::Result<()> {
    file.parent().map_or(Ok(()), vault::create_private_folder)
}

/// For a file that its owner alone may read.
fn private_file() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
