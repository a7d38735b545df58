//! Which terminal a client belongs to, as the kernel says it.

use nix::unistd::{Pid, getsid};

use super::peer::Peer;
use super::process::{Process, program};

/// Whom a person says yes or no to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Terminal {
    /// All processes of one session, in the kernel's sense, that has a terminal: a shell and whatever is
    /// started from it. By the session's leader.
    Session(Process),
    /// What runs without a terminal, or in one whose leader has ended. It stands for itself: the session of
    /// an editor is often that of the whole desktop.
    Process(Process),
}

impl Terminal {
    /// Whose client a peer is.
    pub fn of(peer: Peer) -> Self {
        let alone = Self::Process(peer.process);
        if !cfg!(target_os = "linux") {
            // The system does not say whether there is a terminal.
            let pid = i32::try_from(peer.process.pid).ok().filter(|pid| *pid > 0);
            let leader = pid.and_then(|pid| getsid(Some(Pid::from_raw(pid))).ok());
            return leader.map_or(alone, |leader| {
                Self::Session(Process::now(leader.as_raw().unsigned_abs()))
            });
        }
        let Some(stat) = peer.process.stat().filter(|stat| stat.terminal != 0) else {
            return alone;
        };
        let leader = Process::now(stat.session);
        // Another process may have the id of one that has ended: it leads another session.
        let leads = leader.stat().is_some_and(|its| {
            its.session == stat.session && its.terminal == stat.terminal && leader.lives()
        });
        match leads {
            true => Self::Session(leader),
            false => alone,
        }
    }

    /// Whether it is one in which a person types, so that something may be remembered of it.
    pub fn can_be_remembered(self) -> bool {
        matches!(self, Self::Session(_))
    }
}

/// What a person is told of who asks. Programs choose their names: a trace, not a proof.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asker {
    pub pid: u32,
    pub program: String,
    pub started_by: Option<String>,
    /// `pts/3`.
    pub terminal: Option<String>,
}

impl Asker {
    pub fn of(peer: Peer) -> Self {
        let stat = peer.process.stat();
        let parent = stat.map(|stat| stat.parent).filter(|parent| *parent > 1);
        let pid = peer.process.pid;
        Self {
            pid,
            program: program(pid).unwrap_or_default(),
            started_by: parent.and_then(program),
            terminal: stat.and_then(|stat| device(stat.terminal)),
        }
    }
}

/// The name of a terminal's device (Linux's devices.txt).
fn device(number: u32) -> Option<String> {
    let major = number >> 8 & 0xfff;
    let minor = number & 0xff | number >> 12 & 0xf_ff00;
    match (major, minor) {
        (0, 0) => None,
        (136..=143, minor) => Some(format!("pts/{}", (major - 136) * 256 + minor)),
        (4, 0..64) => Some(format!("tty{minor}")),
        (4, _) => Some(format!("ttyS{}", minor - 64)),
        _ => Some(format!("terminal {major}:{minor}")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use nix::unistd::Uid;

    use super::*;

    fn peer(pid: u32) -> Peer {
        Peer {
            user: Uid::effective(),
            process: Process::now(pid),
        }
    }

    #[test]
    fn devices_have_their_names() {
        assert_eq!(device(0), None);
        let names = [
            (0x8803, "pts/3"),
            (0x8900, "pts/256"),
            (0x0402, "tty2"),
            (0x0440, "ttyS0"),
            (0x0501, "terminal 5:1"),
        ];
        for (number, name) in names {
            assert_eq!(device(number).unwrap(), name);
        }
    }

    /// threat 71
    #[cfg(target_os = "linux")]
    #[test]
    fn what_runs_without_a_terminal_stands_for_itself() {
        // It says a word from its new session.
        let start = || {
            let mut command = Command::new("setsid");
            command.args(["sh", "-c", "sleep 60 & echo $!; wait"]);
            let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
            let mut said = String::new();
            let mut heard = BufReader::new(child.stdout.take().unwrap());
            heard.read_line(&mut said).unwrap();
            let beside = said.trim().parse().unwrap();
            (child, beside)
        };
        let (mut leader, beside) = start();
        let (first, second) = (peer(leader.id()), peer(beside));
        assert_ne!(Terminal::of(first), Terminal::of(second));
        assert!(!Terminal::of(first).can_be_remembered());
        let asker = Asker::of(first);
        assert_eq!((asker.program.as_str(), asker.terminal), ("sh", None));
        for pid in [leader.id(), beside] {
            let pid = Pid::from_raw(pid.cast_signed());
            nix::sys::signal::kill(pid, nix::sys::signal::SIGKILL).unwrap();
        }
        leader.wait().unwrap();
        // Nobody is there any more.
        assert_eq!(Terminal::of(first), Terminal::Process(first.process));
    }
}
