//! A socket's path as `bind` and `connect` take it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The longest path that the calls take on every system, in bytes, with room for the final NUL
/// (`sun_path`).
const LONGEST: usize = 100;

/// A name of a socket that is short enough, for as long as this value lives. A long path keeps its
/// one place: on Linux it is named through a handle on its folder; elsewhere it stays too long.
pub(super) struct Address {
    path: PathBuf,
    _folder: Option<File>,
}

impl Address {
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let is_long = path.as_os_str().len() > LONGEST;
        match (path.parent(), path.file_name()) {
            #[cfg(target_os = "linux")]
            (Some(folder), Some(name)) if is_long => {
                let folder = File::open(folder)?;
                let handle = std::os::fd::AsRawFd::as_raw_fd(&folder);
                Ok(Self {
                    path: Path::new("/proc/self/fd")
                        .join(handle.to_string())
                        .join(name),
                    _folder: Some(folder),
                })
            }
            _ if is_long => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "its path is longer than this system allows",
            )),
            _ => Ok(Self {
                path: path.to_owned(),
                _folder: None,
            }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}
