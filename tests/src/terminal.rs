//! A command on a pseudo-terminal: for prompts, job control, and what is shown only to people.
//!
//! Output is gathered as it comes and waited for by content, never by time alone. The terminal
//! echoes what is typed unless the program turns echo off, as terminals do.

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use pty_process::blocking::{self, Pty};

/// How long something expected may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// Interrupt: what `Ctrl+C` sends.
pub const CTRL_C: &str = "\x03";
/// End of input: what `Ctrl+D` sends.
pub const CTRL_D: &str = "\x04";
/// Stop: what `Ctrl+Z` sends.
pub const CTRL_Z: &str = "\x1a";

/// A program with a terminal of its own, 80 columns by 24 rows.
pub struct Terminal {
    pty: Arc<Pty>,
    child: Child,
    screen: Arc<Screen>,
    /// Where the next [`expect`](Self::expect) starts looking.
    seen: usize,
}

#[derive(Default)]
struct Screen {
    state: Mutex<Output>,
    changed: Condvar,
}

#[derive(Default)]
struct Output {
    bytes: Vec<u8>,
    ended: bool,
}

impl Terminal {
    /// Starts `command` as the leader of a new session with this as its controlling terminal.
    /// Of its surroundings it gets only the variables and the folder set on `command`; what
    /// was said about its standard streams is replaced by the terminal.
    pub fn start(command: &Command) -> Self {
        let (pty, inner) = blocking::open().expect("a pseudo-terminal");
        pty.resize(pty_process::Size::new(24, 80)).unwrap();
        let set = command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?)));
        let mut on_terminal = blocking::Command::new(command.get_program())
            .args(command.get_args())
            .env_clear()
            .envs(set);
        if let Some(folder) = command.get_current_dir() {
            on_terminal = on_terminal.current_dir(folder);
        }
        let child = on_terminal.spawn(inner).expect("the program starts");
        let pty = Arc::new(pty);
        let screen = Arc::new(Screen::default());
        gather(Arc::clone(&pty), Arc::clone(&screen));
        Self {
            pty,
            child,
            screen,
            seen: 0,
        }
    }

    /// Types `text`; end a line with `\n`.
    pub fn type_in(&self, text: &str) {
        (&*self.pty)
            .write_all(text.as_bytes())
            .expect("the terminal takes input");
    }

    /// Waits until `text` appears after what the last `expect` found; returns what stood
    /// between. Panics, showing everything so far, when the program ends or stalls without it.
    pub fn expect(&mut self, text: &str) -> String {
        let found = self.wait_for(|output, from| {
            let rest = &output.bytes[from..];
            rest.windows(text.len())
                .position(|window| window == text.as_bytes())
        });
        let Some(at) = found else {
            panic!("{text:?} never appeared; shown so far:\n{}", self.shown());
        };
        let start = self.seen;
        self.seen += at + text.len();
        let state = self.screen.state.lock().unwrap();
        String::from_utf8_lossy(&state.bytes[start..start + at]).into_owned()
    }

    /// Everything shown so far, with the terminal's own `\r\n` line ends.
    pub fn shown(&self) -> String {
        let state = self.screen.state.lock().unwrap();
        String::from_utf8_lossy(&state.bytes).into_owned()
    }

    /// The program's process id, which is its session's and first process group's too.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).expect("process ids are positive i32")
    }

    /// Waits for the end; returns the status and everything shown.
    pub fn wait(mut self) -> (ExitStatus, String) {
        let ended = self.wait_for(|output, _| output.ended.then_some(0));
        assert!(
            ended.is_some(),
            "the program did not end; shown so far:\n{}",
            self.shown()
        );
        let status = self.child.wait().expect("our own child");
        (status, self.shown())
    }

    /// As [`wait`](Self::wait), asserting the exit code; 128+N stands for signal N, as in shells.
    pub fn wait_for_code(self, expected: i32) -> String {
        let (status, shown) = self.wait();
        let signal = status.signal().map(|number| 128 + number);
        let code = status.code().or(signal);
        assert_eq!(code, Some(expected), "shown:\n{shown}");
        shown
    }

    fn wait_for(&self, look: impl Fn(&Output, usize) -> Option<usize>) -> Option<usize> {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.screen.state.lock().unwrap();
        loop {
            if let Some(found) = look(&state, self.seen) {
                return Some(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if state.ended || left.is_zero() {
                return None;
            }
            state = self.screen.changed.wait_timeout(state, left).unwrap().0;
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // Its first process group; children that made groups of their own get the hang-up
            // that comes with the end of their session's leader.
            let _ = killpg(Pid::from_raw(self.pid()), Signal::SIGKILL);
            let _ = self.child.wait();
        }
    }
}

/// Reads until the last holder of the inner end is gone: then reading fails with `EIO`.
fn gather(pty: Arc<Pty>, screen: Arc<Screen>) {
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        loop {
            let count = (&*pty).read(&mut buffer).unwrap_or(0);
            let mut state = screen.state.lock().unwrap();
            state.bytes.extend_from_slice(&buffer[..count]);
            state.ended = count == 0;
            let ended = state.ended;
            drop(state);
            screen.changed.notify_all();
            if ended {
                return;
            }
        }
    });
}
