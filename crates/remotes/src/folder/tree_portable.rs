//! Directories by path, where there are no handles to open from: each part is looked at before it
//! is used. Another program that swaps a folder for a link at that moment is not seen; it would
//! need the user's own rights on this machine.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// A directory that was there.
#[derive(Debug)]
pub(super) struct Dir(PathBuf);

/// What lay under a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<T> {
    /// What was looked for.
    It(T),
    /// Nothing.
    Nothing,
    /// Something else: a link, a directory for a file.
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

impl Dir {
    /// The folder that the user named; it may be a link, since the user chose it.
    pub fn open_root(path: &Path) -> io::Result<Found<Self>> {
        Ok(match kind_of(fs::metadata(path))? {
            Found::It((Kind::Directory, _)) => Found::It(Self(path.to_owned())),
            Found::Nothing => Found::Nothing,
            _ => Found::Other,
        })
    }

    pub fn open_dir(&self, name: &str) -> io::Result<Found<Self>> {
        let path = self.0.join(name);
        Ok(match kind_of(fs::symlink_metadata(&path))? {
            Found::It((Kind::Directory, _)) => Found::It(Self(path)),
            Found::Nothing => Found::Nothing,
            _ => Found::Other,
        })
    }

    pub fn open_or_make_dir(&self, name: &str) -> io::Result<Found<Self>> {
        match fs::create_dir(self.0.join(name)) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => self.open_dir(name),
        }
    }

    /// Calls `act` with each entry's name and kind, in no order.
    pub fn each_entry(&self, mut act: impl FnMut(&[u8], Kind)) -> io::Result<()> {
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let kind = kind(entry.file_type()?);
            // A name that is no text becomes one that is no object's.
            act(entry.file_name().to_string_lossy().as_bytes(), kind);
        }
        Ok(())
    }

    /// A plain file's size.
    pub fn size(&self, name: &str) -> io::Result<Found<u64>> {
        Ok(match kind_of(fs::symlink_metadata(self.0.join(name)))? {
            Found::It((Kind::File, size)) => Found::It(size),
            Found::Nothing => Found::Nothing,
            _ => Found::Other,
        })
    }

    /// A plain file's bytes; `None` where there are more than `max`.
    pub fn read(&self, name: &str, max: u64) -> io::Result<Found<Option<Vec<u8>>>> {
        match self.size(name)? {
            Found::It(size) if size <= max => {}
            Found::It(_) => return Ok(Found::It(None)),
            Found::Nothing => return Ok(Found::Nothing),
            Found::Other => return Ok(Found::Other),
        }
        let mut bytes = Vec::new();
        File::open(self.0.join(name))?
            .take(max.saturating_add(1))
            .read_to_end(&mut bytes)?;
        let whole = bytes.len() as u64 <= max;
        Ok(Found::It(whole.then_some(bytes)))
    }

    /// Writes a file beside its place, flushes it, and gives it its name unless that is taken.
    pub fn publish(&self, name: &str, bytes: &[u8]) -> io::Result<Published> {
        let random = getrandom::u64().map_err(io::Error::other)?;
        // Dropbox leaves alone what begins with ~ and ends with .tmp.
        let beside = self.0.join(format!("~sealfold-{random:016x}.tmp"));
        let place = self.0.join(name);
        let linked = write_new(&beside, bytes).and_then(|()| fs::hard_link(&beside, &place));
        let _ = fs::remove_file(&beside);
        let result = match linked {
            // FAT has no hard links: never replacing, but a reader may see it half-written.
            Err(error) if error.kind() == ErrorKind::Unsupported => write_new(&place, bytes),
            other => other,
        };
        match result {
            Ok(()) => Ok(Published::Created),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Published::Taken),
            Err(error) => Err(error),
        }
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn kind(of: fs::FileType) -> Kind {
    match of {
        it if it.is_symlink() => Kind::Symlink,
        it if it.is_dir() => Kind::Directory,
        it if it.is_file() => Kind::File,
        _ => Kind::Other,
    }
}

fn kind_of(meta: io::Result<fs::Metadata>) -> io::Result<Found<(Kind, u64)>> {
    match meta {
        Ok(meta) => Ok(Found::It((kind(meta.file_type()), meta.len()))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Found::Nothing),
        Err(error) => Err(error),
    }
}
