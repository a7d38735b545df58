//! What the app asks of the machine: memory size, names, and two small files beside the vault.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::clock::now;
use crate::{Code, Fault, Home};

/// Bytes of memory of this machine, of which Argon2 may take half. 4 GiB where the system does not
/// tell.
pub(crate) fn ram_bytes() -> u64 {
    let read = || {
        let text = fs::read_to_string("/proc/meminfo").ok()?;
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("MemTotal:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib * 1024)
    };
    read().unwrap_or(4 << 30)
}

/// This machine's name.
pub(crate) fn host_name() -> String {
    #[cfg(unix)]
    let name = nix::unistd::gethostname()
        .ok()
        .and_then(|name| name.into_string().ok());
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").ok();
    name.unwrap_or_else(|| "unknown".to_owned())
}

/// The name of the user this process runs as.
pub(crate) fn user_name() -> String {
    #[cfg(unix)]
    let name = {
        let uid = nix::unistd::Uid::effective();
        match nix::unistd::User::from_uid(uid) {
            Ok(Some(user)) => Some(user.name),
            _ => Some(uid.to_string()),
        }
    };
    #[cfg(not(unix))]
    let name = std::env::var("USERNAME").ok();
    name.unwrap_or_else(|| "unknown".to_owned())
}

/// Suspends the keychain slot until a person unlocks: locked means locked.
pub(crate) fn suspend_keychain(home: &Home) -> Result<(), Fault> {
    let marker = home.suspended_marker();
    let write = || {
        make_private_folder(&marker)?;
        fs::write(&marker, b"")
    };
    write().map_err(|error| {
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
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Fault::new(
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
    let path = home.failed_unlocks();
    let write = || -> std::io::Result<()> {
        make_private_folder(&path)?;
        let mut file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)?;
        // A guessing program shall not fill the disk.
        if file.metadata()?.len() < 64 * 1024 {
            writeln!(file, "{}", now())?;
        }
        Ok(())
    };
    if let Err(error) = write() {
        tracing::warn!(kind = %error.kind(), "a failed unlock could not be noted");
    }
}

/// The times of failed unlocks since the last time they were taken, and their file is emptied.
pub(crate) fn failed_unlocks(home: &Home) -> Vec<u64> {
    let Ok(text) = fs::read_to_string(home.failed_unlocks()) else {
        return Vec::new();
    };
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

/// To be called once they are in the audit.
pub(crate) fn forget_failed_unlocks(home: &Home) {
    let _ = fs::remove_file(home.failed_unlocks());
}

fn make_private_folder(file: &Path) -> std::io::Result<()> {
    let Some(folder) = file.parent() else {
        return Ok(());
    };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
