//! Files that hold secrets or lead to them: written for this user alone, and never over another
//! file unless that was said.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::{Code, Fault};

/// What to do with a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is written.
    Keep,
    /// It is replaced, in one step.
    Replace,
}

/// Writes `bytes` to a file that only this user can read (mode 0600). Something that is no
/// regular file, such as a pipe, is written to as it is.
pub fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), Fault> {
    let written = match fs::metadata(path) {
        Ok(found) if !found.is_file() && !found.is_dir() => OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|mut file| file.write_all(bytes)),
        Ok(_) if existing == Existing::Replace => replace(path, bytes),
        _ => create(path, bytes),
    };
    written.map_err(|error| refused(path, &error))
}

/// Whether writing to `path` would need [`Existing::Replace`].
pub fn is_in_the_way(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file())
}

/// Refuses early a file that [`Existing::Keep`] would refuse later.
pub fn must_be_free(path: &Path) -> Result<(), Fault> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(refused(path, &io::ErrorKind::AlreadyExists.into()));
    }
    match path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        Some(parent) if !parent.is_dir() => Err(refused(parent, &io::ErrorKind::NotFound.into())),
        _ => Ok(()),
    }
}

fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_new(path)?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .inspect_err(|_| {
            // Half a secret is worth nothing; the first error is the one to tell.
            let _ = fs::remove_file(path);
        })
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = beside(path);
    create(&temporary, bytes)?;
    fs::rename(&temporary, path).inspect_err(|_| {
        // As above.
        let _ = fs::remove_file(&temporary);
    })
}

fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.new", std::process::id()));
    path.with_file_name(name)
}

fn refused(path: &Path, error: &io::Error) -> Fault {
    let path = path.display();
    if error.kind() == io::ErrorKind::AlreadyExists {
        let fault =
            Fault::new(Code::Conflict, "The file is there already.").about(path.to_string());
        return fault.next("Name another file, or remove that one first.");
    }
    Fault::new(Code::Io, "The file can't be written.").about(format!("{path}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_stays_unless_it_may_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        write(&path, b"first", Existing::Keep).unwrap();
        let fault = write(&path, b"second", Existing::Keep).unwrap_err();
        assert_eq!(fault.code, Code::Conflict);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        write(&path, b"second", Existing::Replace).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no temporary file stays"
        );
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        fs::write(&path, b"open to all").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        write(&path, b"secret", Existing::Replace).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        write(Path::new("/dev/null"), b"secret", Existing::Replace).unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
