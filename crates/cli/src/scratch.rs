//! A file for another program, for as long as that runs: in a folder of this user alone, on storage that
//! is memory, and wiped when it is done with.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use app::{Code, Fault, Plaintext};
use tempfile::TempDir;

use crate::input::Source;

/// A file in a folder of its own.
pub struct Scratch {
    folder: TempDir,
    file: PathBuf,
}

impl Scratch {
    /// Writes `bytes` to a file called `name`, mode 0600 in a folder of mode 0700.
    ///
    /// # Errors
    /// When there is no storage that is memory, unless `disk` may be used.
    pub fn new(name: &str, bytes: &[u8], disk: bool) -> Result<Self, Fault> {
        let place = in_memory().or_else(|| disk.then(std::env::temp_dir));
        let place = place.ok_or_else(|| {
            Fault::new(
                Code::Io,
                "There is no private place in memory for the editor's file, and on a disk it would leave traces.",
            )
            .next("Add `--allow-disk` if that may be, or use `sealfold set` with `--stdin`.")
        })?;
        Self::in_place(&place, name, bytes).map_err(|error| {
            Fault::new(Code::Io, "The editor's file can't be written.")
                .about(format!("{}: {error}", place.display()))
        })
    }

    fn in_place(place: &Path, name: &str, bytes: &[u8]) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("sealfold-edit-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.tempdir_in(place)?;
        let scratch = Self {
            file: folder.path().join(name),
            folder,
        };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&scratch.file)?.write_all(bytes)?;
        Ok(scratch)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.file
    }

    /// The folder that is its alone.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it holds now.
    pub fn read(&self) -> Result<Plaintext, Fault> {
        Source::File(self.file.clone()).bytes()
    }

    /// Wipes it, and all that the other program laid beside it.
    ///
    /// # Errors
    /// When something of it could not be wiped and may be there still.
    pub fn wipe(self) -> Result<(), Fault> {
        wipe(self.folder.path()).map_err(|error| {
            Fault::new(Code::Io, "The editor's file could not be wiped.")
                .about(format!("{}: {error}", self.file.display()))
                .next("Remove it yourself.")
        })
    }
}

/// However the work ended.
impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = wipe(self.folder.path());
    }
}

/// Overwrites all files in a folder, and removes it. One that is gone is wiped.
pub fn wipe(folder: &Path) -> io::Result<()> {
    let overwritten = overwrite_all(folder);
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => overwritten,
    }
}

fn overwrite_all(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            overwrite_all(&entry.path())?;
        } else if kind.is_file() {
            overwrite(&entry.path())?;
        }
    }
    Ok(())
}

fn overwrite(path: &Path) -> io::Result<()> {
    const ZEROS: [u8; 4096] = [0; 4096];
    let mut file = File::options().write(true).open(path)?;
    let mut left = file.metadata()?.len();
    while left > 0 {
        let now = left.min(ZEROS.len() as u64);
        file.write_all(&ZEROS[..usize::try_from(now).expect("4096 at most")])?;
        left -= now;
    }
    Ok(())
}

/// A folder that is memory: this user's own runtime folder, else the one for shared memory.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn in_memory() -> Option<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let places = runtime.into_iter().chain([PathBuf::from("/dev/shm")]);
    places.into_iter().find(|place| is_memory(place))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_memory(place: &Path) -> bool {
    use nix::sys::statfs::{TMPFS_MAGIC, statfs};
    place.is_absolute() && statfs(place).is_ok_and(|found| found.filesystem_type() == TMPFS_MAGIC)
}

/// Elsewhere no folder is known to be memory.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn in_memory() -> Option<PathBuf> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_lies_in_the_folder_is_overwritten_and_gone() {
        // threat 54
        let place = tempfile::tempdir().unwrap();
        let scratch = Scratch::in_place(place.path(), "value", b"secret").unwrap();
        assert_eq!(scratch.read().unwrap().expose(), b"secret");
        // What an editor leaves beside it; a second name shows what was written over the bytes.
        let outside = place.path().join("outside");
        fs::hard_link(scratch.path(), &outside).unwrap();
        fs::create_dir(scratch.folder().join("swap")).unwrap();
        fs::write(scratch.folder().join("swap/value~"), b"secret").unwrap();
        let folder = scratch.folder().to_owned();
        scratch.wipe().unwrap();
        assert!(!folder.exists());
        assert_eq!(fs::read(outside).unwrap(), [0; 6]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_was_laid_there_is_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let scratch = Scratch::in_place(place.path(), "value", b"secret").unwrap();
        let outside = place.path().join("outside");
        fs::write(&outside, b"mine").unwrap();
        std::os::unix::fs::symlink(&outside, scratch.folder().join("link")).unwrap();
        drop(scratch);
        assert_eq!(fs::read(outside).unwrap(), b"mine");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_disk_is_no_memory() {
        assert!(!is_memory(Path::new("/proc")) && !is_memory(Path::new("relative")));
    }
}
