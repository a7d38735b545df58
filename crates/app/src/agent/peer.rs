//! Who is at the other end of a Unix socket, as the kernel says it.

use std::{io, os::fd::AsFd};

use nix::{
    sys::socket::{getsockopt, sockopt},
    unistd::Uid,
};

use super::terminal::program;
use crate::session::Caller;

/// The process at the other end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    /// The user it runs as, at the moment it connected.
    pub(crate) user: Uid,
    /// Its process id at that moment.
    pub(crate) pid: u32,
}

impl Peer {
    /// Asks the kernel.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn of(socket: &impl AsFd) -> io::Result<Self> {
        let credentials = getsockopt(socket, sockopt::PeerCredentials)?;
        Ok(Self {
            user: Uid::from_raw(credentials.uid()),
            pid: credentials.pid().unsigned_abs(),
        })
    }

    /// Asks the kernel.
    #[cfg(target_vendor = "apple")]
    pub(crate) fn of(socket: &impl AsFd) -> io::Result<Self> {
        let (user, _) = nix::unistd::getpeereid(socket)?;
        let pid = getsockopt(socket, sockopt::LocalPeerPid)?;
        Ok(Self {
            user,
            pid: pid.unsigned_abs(),
        })
    }

    /// Names it for the audit. The program is what it calls itself: a trace, not a proof.
    pub(crate) fn caller(self) -> Caller {
        Caller {
            pid: self.pid,
            program: program(self.pid).unwrap_or_default(),
        }
    }
}
