//! Vault files and their names: made beside them, put in place whole, and never beside what SQLite
//! left of another file of that name (threat 49).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use tempfile::TempPath;

use crate::VaultError;
use crate::connection::{checkpoint_and_close, connect, run_blocking, sync_folder};
use crate::crash::{Step, reached};

/// What SQLite keeps beside a database, by the database's name alone: left there by a file that is
/// gone, it would be written into the next one.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// An empty file of mode 0600 in the folder of `path`; removed when dropped.
pub(crate) async fn private_file_beside(path: &Path) -> Result<TempPath, VaultError> {
    let folder = folder_of(path);
    run_blocking(move || {
        create_private_folder(&folder)?;
        // tempfile makes files of mode 0600.
        let file = tempfile::Builder::new()
            .prefix(".sealfold-")
            .tempfile_in(&folder)?;
        // Its handle is closed before SQLite opens the file: closing it later would drop the
        // locks that SQLite holds in this process.
        Ok(file.into_temp_path())
    })
    .await
}

/// Gives a file its name, unless something has that name already. It was closed after a
/// checkpoint, which synced it.
pub(crate) async fn put_in_place(temporary: TempPath, path: &Path) -> Result<(), VaultError> {
    let path = path.to_owned();
    let renamed = run_blocking(move || {
        reached(Step::FileSynced);
        let folder = folder_of(&path);
        let _lock = lock_folder(&folder);
        // What lies beside a file that is there is that file's.
        if fs::exists(&path)? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        move_beside(&path, &free_name(&path)?)?;
        temporary
            .persist_noclobber(&path)
            .map_err(|error| error.error)?;
        reached(Step::Renamed);
        sync_folder(&folder)
    })
    .await;
    match renamed {
        Err(VaultError::Io(error)) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(VaultError::AlreadyExists)
        }
        other => other,
    }
}

/// Puts `copy`, a vault file in the same folder that nobody has open, in the place of whatever
/// has this name. At every moment a whole file has the name: the old one, then the new one. The
/// old one is kept as `….before-N`, which is returned; if there is none, what SQLite left beside
/// it is.
///
/// # Errors
/// [`VaultError::DiskFull`], [`VaultError::ReadOnly`] and [`VaultError::Io`]. The name then has
/// the file that it had.
pub async fn replace_file(copy: TempPath, path: &Path) -> Result<Option<PathBuf>, VaultError> {
    // So that the old file is whole without its WAL. One that SQLite can't read is kept as it is.
    if let Ok(connection) = connect(path).await {
        let _ = checkpoint_and_close(connection).await;
    }
    let path = path.to_owned();
    run_blocking(move || {
        let folder = folder_of(&path);
        let _lock = lock_folder(&folder);
        let aside = free_name(&path)?;
        let kept = keep(&path, &aside)?;
        sync_folder(&folder)?;
        reached(Step::Kept);
        // Also of a process that has the old file open, and that goes on in what it has open.
        let beside = move_beside(&path, &aside)?;
        reached(Step::Cleared);
        copy.persist(&path).map_err(|error| error.error)?;
        reached(Step::Renamed);
        sync_folder(&folder)?;
        Ok(if kept { Some(aside) } else { beside })
    })
    .await
}

/// Gives the file of this name a second name, if there is one.
fn keep(path: &Path, aside: &Path) -> io::Result<bool> {
    match fs::hard_link(path, aside) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        // Not every file system has links.
        Err(_) => {
            fs::copy(path, aside)?;
            fs::File::open(aside)?.sync_all()?;
            Ok(true)
        }
    }
}

/// Renames what SQLite left beside `path` to lie beside `aside`, and gives the first new name.
fn move_beside(path: &Path, aside: &Path) -> io::Result<Option<PathBuf>> {
    let mut first = None;
    for suffix in BESIDE {
        let moved = with_suffix(aside, suffix);
        match fs::rename(with_suffix(path, suffix), &moved) {
            Ok(()) => _ = first.get_or_insert(moved),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(first)
}

/// `PATH.before-N` of which neither the file nor anything beside it exists.
fn free_name(path: &Path) -> io::Result<PathBuf> {
    let mut number = 1_u64;
    loop {
        let name = with_suffix(path, &format!(".before-{number}"));
        let mut free = !fs::exists(&name)?;
        for suffix in BESIDE {
            free &= !fs::exists(with_suffix(&name, suffix))?;
        }
        if free {
            return Ok(name);
        }
        number += 1;
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Makes those who put a file in place in this folder wait for each other until it is dropped:
/// the first one's WAL must not look to the second like one that was left. Without such locks, on
/// some network drives, that remains a matter of microseconds.
fn lock_folder(folder: &Path) -> Option<fs::File> {
    let folder = fs::File::open(folder).ok()?;
    folder.lock().ok()?;
    Some(folder)
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Makes a folder, and those above it, that its owner alone may enter. One that is there stays as
/// it is.
pub fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
