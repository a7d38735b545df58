//! Directories by handle: each part of a path is opened from the one before, so that nothing can
//! be swapped for a symbolic link on the way.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use crate::steps::reached;

/// A directory that is open.
#[derive(Debug)]
pub(super) struct Dir(OwnedFd);

/// What lay under a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<T> {
    /// What was looked for.
    It(T),
    /// Nothing.
    Nothing,
    /// Something else: a symbolic link, a pipe, a directory for a file.
    Other,
}

/// What an entry of a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    Symlink,
    Other,
}

/// Whether a file got its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Published {
    Created,
    Taken,
}

const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

impl Dir {
    /// Opens the folder that the user named; it may be a link, since the user chose it.
    pub fn open_root(path: &Path) -> io::Result<Found<Self>> {
        let flags = DIRECTORY.difference(OFlags::NOFOLLOW);
        found(rustix::fs::open(path, flags, Mode::empty())).map(wrap)
    }

    pub fn open_dir(&self, name: &str) -> io::Result<Found<Self>> {
        found(rustix::fs::openat(&self.0, name, DIRECTORY, Mode::empty())).map(wrap)
    }

    pub fn open_or_make_dir(&self, name: &str) -> io::Result<Found<Self>> {
        if let it @ (Found::It(_) | Found::Other) = self.open_dir(name)? {
            return Ok(it);
        }
        match rustix::fs::mkdirat(&self.0, name, Mode::from_raw_mode(0o777)) {
            Ok(()) => self.sync()?,
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        self.open_dir(name)
    }

    /// Calls `act` with each entry's name and kind, in no order.
    pub fn each_entry(&self, mut act: impl FnMut(&[u8], Kind)) -> io::Result<()> {
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = entry.file_name();
            if [b".".as_slice(), b".."].contains(&name.to_bytes()) {
                continue;
            }
            let mut kind = entry.file_type();
            if kind == FileType::Unknown {
                // Some file systems don't say.
                match rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) => kind = FileType::from_raw_mode(stat.st_mode),
                    Err(Errno::NOENT) => continue,
                    Err(error) => return Err(error.into()),
                }
            }
            act(
                name.to_bytes(),
                match kind {
                    FileType::RegularFile => Kind::File,
                    FileType::Directory => Kind::Directory,
                    FileType::Symlink => Kind::Symlink,
                    _ => Kind::Other,
                },
            );
        }
        Ok(())
    }

    /// A plain file's size.
    pub fn size(&self, name: &str) -> io::Result<Found<u64>> {
        let stat = match found(rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW))? {
            Found::It(stat) => stat,
            Found::Nothing => return Ok(Found::Nothing),
            Found::Other => return Ok(Found::Other),
        };
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Ok(Found::Other);
        }
        Ok(Found::It(u64::try_from(stat.st_size).unwrap_or(0)))
    }

    /// A plain file's bytes; `None` where there are more than `max`.
    pub fn read(&self, name: &str, max: u64) -> io::Result<Found<Option<Vec<u8>>>> {
        // Without waiting: to open a pipe would wait for its writer.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match found(rustix::fs::openat(&self.0, name, flags, Mode::empty()))? {
            Found::It(fd) => File::from(fd),
            Found::Nothing => return Ok(Found::Nothing),
            Found::Other => return Ok(Found::Other),
        };
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Ok(Found::Other);
        }
        if meta.len() > max {
            return Ok(Found::It(None));
        }
        // It may grow while it is read.
        let mut bytes = Vec::new();
        file.take(max.saturating_add(1)).read_to_end(&mut bytes)?;
        let whole = bytes.len() as u64 <= max;
        Ok(Found::It(whole.then_some(bytes)))
    }

    /// Writes a file beside its place, flushes it, and gives it its name unless that is taken.
    pub fn publish(&self, name: &str, bytes: &[u8]) -> io::Result<Published> {
        // Dropbox leaves alone what begins with ~ and ends with .tmp.
        let beside = format!("~sealfold-{:016x}.tmp", random()?);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o666);
        let mut file = File::from(rustix::fs::openat(&self.0, &beside, flags, mode)?);
        let result = file
            .write_all(bytes)
            .and_then(|()| file.sync_all())
            .and_then(|()| {
                reached();
                self.rename_new(&beside, name)
            });
        reached();
        let result = match result {
            Ok(Renamed::Moved) => Ok(Published::Created),
            Ok(Renamed::Linked) => {
                self.remove(&beside);
                Ok(Published::Created)
            }
            Ok(Renamed::Taken) => {
                self.remove(&beside);
                Ok(Published::Taken)
            }
            Ok(Renamed::Unsupported) => {
                self.remove(&beside);
                self.write_in_place(name, bytes)
            }
            Err(error) => {
                self.remove(&beside);
                Err(error)
            }
        }?;
        self.sync()?;
        Ok(result)
    }

    /// Renames without replacing, by what the file system knows.
    fn rename_new(&self, from: &str, to: &str) -> io::Result<Renamed> {
        #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
        match rustix::fs::renameat_with(&self.0, from, &self.0, to, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(Renamed::Moved),
            Err(Errno::EXIST) => return Ok(Renamed::Taken),
            // NFS and many FUSE file systems.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(error) => return Err(error.into()),
        }
        match rustix::fs::linkat(&self.0, from, &self.0, to, AtFlags::empty()) {
            Ok(()) => Ok(Renamed::Linked),
            Err(Errno::EXIST) => Ok(Renamed::Taken),
            // FAT, and FUSE file systems without hard links.
            Err(Errno::PERM | Errno::NOSYS | Errno::NOTSUP | Errno::MLINK | Errno::INVAL) => {
                Ok(Renamed::Unsupported)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The last resort: it never replaces, but a reader may see the file half-written, as after
    /// any synchronising program.
    fn write_in_place(&self, name: &str, bytes: &[u8]) -> io::Result<Published> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o666);
        let mut file = match rustix::fs::openat(&self.0, name, flags, mode) {
            Ok(fd) => File::from(fd),
            Err(Errno::EXIST) => return Ok(Published::Taken),
            Err(error) => return Err(error.into()),
        };
        if let Err(error) = file.write_all(bytes).and_then(|()| file.sync_all()) {
            self.remove(name);
            return Err(error);
        }
        Ok(Published::Created)
    }

    /// Takes away what this process has just made. If it can't, a stray stays behind.
    fn remove(&self, name: &str) {
        let _ = rustix::fs::unlinkat(&self.0, name, AtFlags::empty());
    }

    fn sync(&self) -> io::Result<()> {
        match rustix::fs::fsync(&self.0) {
            // Some network file systems have no directories to flush.
            Ok(()) | Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

enum Renamed {
    Moved,
    Linked,
    Taken,
    Unsupported,
}

fn wrap(found: Found<OwnedFd>) -> Found<Dir> {
    match found {
        Found::It(fd) => Found::It(Dir(fd)),
        Found::Nothing => Found::Nothing,
        Found::Other => Found::Other,
    }
}

fn found<T>(result: rustix::io::Result<T>) -> io::Result<Found<T>> {
    match result {
        Ok(it) => Ok(Found::It(it)),
        Err(Errno::NOENT) => Ok(Found::Nothing),
        // A link where none is followed; a file where a directory has to be; a socket.
        Err(Errno::LOOP | Errno::NOTDIR | Errno::MLINK | Errno::NXIO) => Ok(Found::Other),
        Err(error) => Err(error.into()),
    }
}

fn random() -> io::Result<u64> {
    getrandom::u64().map_err(io::Error::other)
}
