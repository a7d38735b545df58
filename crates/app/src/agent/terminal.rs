//! Which terminal a client belongs to, as the kernel says it.

use std::fs;

use nix::unistd::{Pid, getsid};

use super::peer::Peer;

/// A terminal: all processes of one session, in the kernel's sense, which is what a shell and whatever
/// is started from it are. An editor or a job without a terminal is a session of its own too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Terminal(Option<Process>);

/// A process, told from a later one with the same id by when it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Process {
    pid: u32,
    /// Ticks since the machine was booted. None where the system does not tell.
    started: Option<u64>,
}

impl Terminal {
    /// Whose client a peer is. By the session's leader; where that has ended, its process stands for
    /// itself. All whose process can't be seen count as one.
    pub fn of(peer: Peer) -> Self {
        if peer.pid == 0 {
            return Self(None);
        }
        let leader = i32::try_from(peer.pid).ok().map(Pid::from_raw);
        let leader = leader.and_then(|pid| getsid(Some(pid)).ok());
        let leader = leader.map_or(0, |pid| pid.as_raw().unsigned_abs());
        let process = |pid| Process {
            pid,
            started: Stat::of(pid).map(|stat| stat.started),
        };
        let leader = process(leader);
        Self(Some(match leader.is_certain() {
            true => leader,
            false => process(peer.pid),
        }))
    }

    /// Whether it can be told from a later one, so that something may be remembered of it.
    pub fn is_certain(self) -> bool {
        self.0.is_none_or(Process::is_certain)
    }
}

impl Process {
    /// Where the system does not say when a process started, its id has to do.
    fn is_certain(self) -> bool {
        self.pid != 0 && (self.started.is_some() || !cfg!(target_os = "linux"))
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
        let stat = Stat::of(peer.pid);
        let parent = stat.map(|stat| stat.parent).filter(|parent| *parent > 1);
        Self {
            pid: peer.pid,
            program: program(peer.pid).unwrap_or_default(),
            started_by: parent.and_then(program),
            terminal: stat.and_then(|stat| device(stat.terminal)),
        }
    }
}

/// What a process calls itself.
pub(super) fn program(pid: u32) -> Option<String> {
    let name = fs::read(format!("/proc/{pid}/comm")).ok()?;
    Some(String::from_utf8_lossy(&name).trim_end().to_owned())
}

/// What `/proc/PID/stat` says (proc_pid_stat(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    /// Device number of the controlling terminal; 0 without one.
    terminal: u32,
    started: u64,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
        Self::read(&String::from_utf8_lossy(&text))
    }

    /// The second field is the program's name in brackets, which may hold anything, brackets too.
    fn read(text: &str) -> Option<Self> {
        let (_, rest) = text.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let terminal: i32 = fields.get(4)?.parse().ok()?;
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            terminal: terminal.cast_unsigned(),
            started: fields.get(19)?.parse().ok()?,
        })
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

    use nix::unistd::Uid;

    use super::*;

    fn peer(pid: u32) -> Peer {
        Peer {
            user: Uid::effective(),
            pid,
        }
    }

    #[test]
    fn a_programs_name_does_not_mislead() {
        let text =
            "7 (a) R 1 1 1 0 (b)) S 3 4 5 34819 6 7 8 9 10 11 12 13 14 15 16 17 18 0 4711 20";
        let stat = Stat::read(text).unwrap();
        assert_eq!((stat.parent, stat.started), (3, 4711));
        assert_eq!(device(stat.terminal).unwrap(), "pts/3");
        for broken in [
            "",
            "7 (a) S 1 2",
            "7 (a) S x x x x x x x x x x x x x x x x x x x x x",
        ] {
            assert_eq!(Stat::read(broken), None);
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
    fn who_is_in_another_session_is_another_terminal() {
        use std::process::{Command, Stdio};
        let asleep = |program: &str, arguments: &[&str]| {
            let mut command = Command::new(program);
            command.args(arguments).stdout(Stdio::piped());
            command.spawn().unwrap()
        };
        let ours = Terminal::of(peer(std::process::id()));
        let mut same = asleep("sleep", &["60"]);
        assert_eq!(Terminal::of(peer(same.id())), ours);
        // It says a word from its new session.
        let mut other = asleep("setsid", &["sh", "-c", "echo; exec sleep 60"]);
        let mut word = [0];
        std::io::Read::read_exact(other.stdout.as_mut().unwrap(), &mut word).unwrap();
        let theirs = Terminal::of(peer(other.id()));
        assert_ne!(theirs, ours);
        assert!(theirs.is_certain());
        let asker = Asker::of(peer(other.id()));
        assert_eq!((asker.program.as_str(), asker.terminal), ("sleep", None));
        for child in [&mut same, &mut other] {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        // Nobody is there, and a later process of that number is another.
        assert_ne!(Terminal::of(peer(other.id())), theirs);
        assert!(!Terminal::of(peer(other.id())).is_certain());
    }
}
