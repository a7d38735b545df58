//! Who is at the other end of a Unix socket, as the kernel says it.

use std::{io, os::fd::AsFd};

use nix::{
    sys::socket::{getsockopt, sockopt},
    unistd::Uid,
};

use super::process::{Process, program};
use crate::session::Caller;

/// The process at the other end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    /// The user it runs as, at the moment it connected.
    pub(crate) user: Uid,
    /// The one that connected, whoever has the socket by now.
    pub(super) process: Process,
}

impl Peer {
    /// Asks the kernel.
    #[cfg(target_os = "linux")]
    pub(crate) fn of(socket: &impl AsFd) -> io::Result<Self> {
        let credentials = getsockopt(socket, sockopt::PeerCredentials)?;
        let pid = credentials.pid().unsigned_abs();
        let process = Process::now(pid);
        // Read first, so that it was of the one that connected if that has not ended by now. A process id
        // may soon be another's.
        let process = match has_ended(socket) {
            true => Process::unknown(pid),
            false => process,
        };
        Ok(Self {
            user: Uid::from_raw(credentials.uid()),
            process,
        })
    }

    /// Asks the kernel.
    #[cfg(target_vendor = "apple")]
    pub(crate) fn of(socket: &impl AsFd) -> io::Result<Self> {
        let (user, _) = nix::unistd::getpeereid(socket)?;
        let pid = getsockopt(socket, sockopt::LocalPeerPid)?;
        Ok(Self {
            user,
            process: Process::now(pid.unsigned_abs()),
        })
    }

    /// Names it for the audit. The program is what it calls itself: a trace, not a proof.
    pub(crate) fn caller(self) -> Caller {
        let pid = self.process.pid;
        Caller {
            pid,
            program: program(pid).unwrap_or_default(),
        }
    }
}

/// Whether the process that connected has ended. Linux tells since 6.5; before that its id has to do.
#[cfg(target_os = "linux")]
fn has_ended(socket: &impl AsFd) -> bool {
    use nix::errno::Errno;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    match getsockopt(socket, sockopt::PeerPidfd) {
        Ok(process) => {
            let mut ends = [PollFd::new(process.as_fd(), PollFlags::POLLIN)];
            // It can be read from when the process has ended (pidfd_open(2)).
            poll(&mut ends, PollTimeout::ZERO) != Ok(0)
        }
        Err(error) => error != Errno::ENOPROTOOPT,
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::env;
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::process::Command;

    use super::*;
    use crate::agent::terminal::Terminal;

    const SOCKET: &str = "SEALFOLD_TEST_PEER";

    /// What connects: no test unless another one starts it.
    #[test]
    fn one_that_connects() {
        if let Some(socket) = env::var_os(SOCKET) {
            drop(UnixStream::connect(socket).unwrap());
        }
    }

    /// threat 71: its id may be another's by then.
    #[test]
    fn who_has_ended_since_it_connected_is_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let ours = UnixStream::connect(&path).unwrap();
        let peer = Peer::of(&listener.accept().unwrap().0).unwrap();
        assert_eq!(peer.process, Process::now(std::process::id()));
        drop(ours);

        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "agent::peer::tests::one_that_connects"])
            .env(SOCKET, &path)
            .spawn()
            .unwrap();
        let (stream, _) = listener.accept().unwrap();
        // It is a process still, until its parent hears of it.
        while Process::now(child.id()).lives() {
            std::thread::yield_now();
        }
        let peer = Peer::of(&stream).unwrap();
        assert_eq!(peer.process, Process::unknown(child.id()));
        let terminal = Terminal::of(peer);
        assert!(!terminal.can_be_remembered());
        child.wait().unwrap();
    }
}
