//! The place of a vault's window: a socket in the private folder of this user. A lock beside it is held
//! as long as the window is there, so that of two starts at once one has it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::Wanted;

/// How long a start may take to say what it wants. Nobody else gets through meanwhile.
const SAYS_WITHIN: Duration = Duration::from_secs(1);
/// How often one is tried who has just taken the place and does not listen yet.
const TRIES: u32 = 50;
const TRY_EVERY: Duration = Duration::from_millis(20);

/// Where this window listens, and nobody else.
pub struct Place {
    socket: PathBuf,
    listener: UnixListener,
    left: Arc<AtomicBool>,
    /// Held as long as this value lives.
    _lock: File,
}

impl Place {
    /// Takes the place; none where another window has it.
    ///
    /// # Errors
    /// When the folder is another user's, or can't be used.
    pub fn take(socket: &Path) -> io::Result<Option<Self>> {
        let folder = socket.parent().unwrap_or(Path::new("/"));
        app::create_private_folder(folder)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(socket.with_extension("lock"))?;
        must_be_private(folder, &lock)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // With the lock held: it is left from a window that ended.
        match fs::remove_file(socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        Ok(Some(Self {
            listener: at(socket, |short| UnixListener::bind(short))?,
            socket: socket.to_owned(),
            left: Arc::default(),
            _lock: lock,
        }))
    }

    /// Listens for later starts, until the place is left.
    pub fn listen(&self, on_start: impl Fn(Wanted) + Send + 'static) {
        let Ok(listener) = self.listener.try_clone() else {
            return;
        };
        let left = self.left.clone();
        thread::spawn(move || {
            for start in listener.incoming().flatten() {
                if left.load(Ordering::Acquire) {
                    return;
                }
                if let Some(wanted) = hear(start) {
                    on_start(wanted);
                }
            }
        });
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.left.store(true, Ordering::Release);
        // Wakes the one that listens, which sees that it is over.
        let _ = at(&self.socket, |short| UnixStream::connect(short));
        // One that stays is found out by its lock.
        let _ = fs::remove_file(&self.socket);
    }
}

/// Tells the window that has the place. Whether it can be told.
pub fn tell(socket: &Path, wanted: Wanted) -> bool {
    let byte = match wanted {
        Wanted::Window => b'w',
        Wanted::Quick => b'q',
    };
    (0..TRIES).any(|tried| {
        if tried > 0 {
            thread::sleep(TRY_EVERY);
        }
        let connected = at(socket, |short| UnixStream::connect(short));
        connected.is_ok_and(|mut open| open.write_all(&[byte]).is_ok())
    })
}

fn hear(mut start: UnixStream) -> Option<Wanted> {
    let mut said = [0];
    start.set_read_timeout(Some(SAYS_WITHIN)).ok()?;
    start.read_exact(&mut said).ok()?;
    match said[0] {
        b'w' => Some(Wanted::Window),
        b'q' => Some(Wanted::Quick),
        _ => None,
    }
}

/// As the agent's folder is: this user's own, no symlink, and for nobody else.
fn must_be_private(folder: &Path, ours: &File) -> io::Result<()> {
    let found = fs::symlink_metadata(folder)?;
    if !found.is_dir() || found.uid() != ours.metadata()?.uid() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// A path may be longer than a socket's name: on Linux it is named through a handle on its folder.
#[cfg(target_os = "linux")]
fn at<T>(socket: &Path, work: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    let folder = File::open(socket.parent().unwrap_or(Path::new("/")))?;
    let handle = std::os::fd::AsRawFd::as_raw_fd(&folder).to_string();
    let name = socket.file_name().unwrap_or_default();
    work(&Path::new("/proc/self/fd").join(handle).join(name))
}

#[cfg(not(target_os = "linux"))]
fn at<T>(socket: &Path, work: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    work(socket)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_second_start_is_told_to_the_first() {
        let folder = tempfile::tempdir().unwrap();
        // Longer than a socket's name may be.
        let socket = folder.path().join("x".repeat(120)).join("window.sock");
        let place = Place::take(&socket).unwrap().unwrap();
        assert!(Place::take(&socket).unwrap().is_none());
        let (told, heard) = mpsc::channel();
        place.listen(move |wanted| told.send(wanted).unwrap());
        assert!(tell(&socket, Wanted::Quick));
        assert_eq!(heard.recv().unwrap(), Wanted::Quick);
        // One that says nothing keeps nobody out for long.
        let silent = at(&socket, |short| UnixStream::connect(short)).unwrap();
        assert!(tell(&socket, Wanted::Window));
        assert_eq!(heard.recv().unwrap(), Wanted::Window);
        drop((place, silent));
        assert!(heard.recv().is_err());
        assert!(Place::take(&socket).unwrap().is_some());
    }

    #[test]
    fn the_folder_is_for_this_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        let open = fs::Permissions::from_mode(0o755);
        fs::create_dir(&real).unwrap();
        fs::set_permissions(&real, open).unwrap();
        symlink(&real, &link).unwrap();
        assert!(Place::take(&link.join("window.sock")).is_err());
        let _place = Place::take(&real.join("window.sock")).unwrap().unwrap();
        assert_eq!(fs::metadata(&real).unwrap().mode() & 0o777, 0o700);
    }
}
