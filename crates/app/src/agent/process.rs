//! A process, as the kernel knows it: told from a later one with the same id by when it started.

use std::fs;

use nix::unistd::Pid;

/// A process of some moment. A later one that was given its id is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Process {
    pub pid: u32,
    /// Ticks since the machine was booted. None where the system does not tell, or nobody is there.
    started: Option<u64>,
}

impl Process {
    /// The one that has this id now.
    pub fn now(pid: u32) -> Self {
        Self {
            pid,
            started: Stat::of(pid).map(|stat| stat.started),
        }
    }

    /// One of which only the id is known: it is never there.
    pub const fn unknown(pid: u32) -> Self {
        Self { pid, started: None }
    }

    /// Whether it has not ended.
    pub fn lives(self) -> bool {
        if cfg!(target_os = "linux") {
            self.stat().is_some_and(|stat| !stat.ended)
        } else {
            // Where the system does not say when a process started, its id has to do.
            let pid = i32::try_from(self.pid).ok().filter(|pid| *pid > 0);
            pid.is_some_and(|pid| nix::sys::signal::kill(Pid::from_raw(pid), None).is_ok())
        }
    }

    /// What the system says of it now; none when it has gone.
    pub fn stat(self) -> Option<Stat> {
        Stat::of(self.pid).filter(|stat| Some(stat.started) == self.started)
    }
}

/// What `/proc/PID/stat` says (proc_pid_stat(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stat {
    /// It has ended, and its parent has not heard of it.
    ended: bool,
    pub parent: u32,
    /// Process id of its session's leader; 0 for one that is not of our namespace.
    pub session: u32,
    /// Device number of the controlling terminal; 0 without one.
    pub terminal: u32,
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
            ended: matches!(*fields.first()?, "Z" | "X" | "x"),
            parent: fields.get(1)?.parse().ok()?,
            session: fields.get(3)?.parse().ok()?,
            terminal: terminal.cast_unsigned(),
            started: fields.get(19)?.parse().ok()?,
        })
    }
}

/// What a process calls itself.
pub(super) fn program(pid: u32) -> Option<String> {
    let name = fs::read(format!("/proc/{pid}/comm")).ok()?;
    Some(String::from_utf8_lossy(&name).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_programs_name_does_not_mislead() {
        let text =
            "7 (a) R 1 1 1 0 (b)) S 3 4 5 34819 6 7 8 9 10 11 12 13 14 15 16 17 18 0 4711 20";
        let stat = Stat::read(text).unwrap();
        let seen = (stat.ended, stat.parent, stat.session, stat.terminal);
        assert_eq!(seen, (false, 3, 5, 34819));
        assert_eq!(stat.started, 4711);
        for broken in [
            "",
            "7 (a) S 1 2",
            "7 (a) S x x x x x x x x x x x x x x x x x x x x x",
        ] {
            assert_eq!(Stat::read(broken), None);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn one_that_has_ended_does_not_live() {
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let process = Process::now(child.id());
        assert!(process.lives());
        let later = Process {
            started: Some(1),
            ..process
        };
        assert!(!later.lives());
        assert!(!Process::unknown(child.id()).lives());
        child.kill().unwrap();
        // Ended, though its parent has not heard of it.
        while process.lives() {
            std::thread::yield_now();
        }
        assert!(process.stat().is_some());
        child.wait().unwrap();
        assert!(process.stat().is_none());
    }
}
