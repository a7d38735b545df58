//! One window a vault: a second start brings the first to the front, or opens quick access in it. So
//! there is a way back to a window that went into the tray, and a way to quick access on desktops that
//! have no global shortcuts (`sealfold-desktop --quick`).

use std::path::Path;

/// What a start wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Window,
    Quick,
}

impl Wanted {
    /// As the command line says.
    pub fn of(arguments: &[String]) -> Self {
        match arguments.iter().any(|argument| argument == "--quick") {
            true => Self::Quick,
            false => Self::Window,
        }
    }
}

/// Tells the window that is open already. Whether there was one.
#[cfg(unix)]
pub fn tell(socket: &Path, wanted: Wanted) -> bool {
    use std::io::Write;

    let byte = match wanted {
        Wanted::Window => b'w',
        Wanted::Quick => b'q',
    };
    let connected = std::os::unix::net::UnixStream::connect(socket);
    connected.is_ok_and(|mut open| open.write_all(&[byte]).is_ok())
}

/// Listens for later starts. Without a place to listen at, they open windows of their own.
#[cfg(unix)]
pub fn listen(socket: &Path, on_start: impl Fn(Wanted) + Send + 'static) {
    use std::fs::{DirBuilder, remove_file};
    use std::io::Read;
    use std::os::unix::fs::DirBuilderExt;
    use std::os::unix::net::UnixListener;

    // Private to its owner: only they can start anything here.
    let folder = socket.parent().unwrap_or(Path::new("/"));
    let _ = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    // Nobody answered there: it is left from a window that ended.
    let _ = remove_file(socket);
    let Ok(listener) = UnixListener::bind(socket) else {
        return;
    };
    std::thread::spawn(move || {
        for mut start in listener.incoming().flatten() {
            let mut said = [0];
            if start.read_exact(&mut said).is_ok() {
                on_start(match said[0] {
                    b'q' => Wanted::Quick,
                    _ => Wanted::Window,
                });
            }
        }
    });
}

/// There is no such socket here yet: every start opens a window.
#[cfg(not(unix))]
pub fn tell(_: &Path, _: Wanted) -> bool {
    false
}

/// As above.
#[cfg(not(unix))]
pub fn listen(_: &Path, _: impl Fn(Wanted) + Send + 'static) {}

#[cfg(all(test, unix))]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_second_start_is_told_to_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("run").join("window.sock");
        assert!(!tell(&socket, Wanted::Quick));
        let (told, heard) = mpsc::channel();
        listen(&socket, move |wanted| told.send(wanted).unwrap());
        assert!(tell(&socket, Wanted::Quick));
        assert_eq!(heard.recv().unwrap(), Wanted::Quick);
        assert!(tell(&socket, Wanted::Window));
        assert_eq!(heard.recv().unwrap(), Wanted::Window);
    }
}
