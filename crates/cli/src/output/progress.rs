//! A line on standard error that says how long a work goes on, for a person who waits.

use std::io::{self, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long nothing is said: most work is done by then.
const QUIET: Duration = Duration::from_millis(400);

/// How often the line is written anew.
const TICK: Duration = Duration::from_secs(1);

/// Back to the start of the line, and everything on it wiped.
const WIPE: &str = "\r\u{1b}[K";

/// A work that goes on. Dropping it wipes the line.
pub struct Progress {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Starts to say it, where somebody sees it.
    pub(super) fn start(
        what: &'static str,
        seen: bool,
        so_far: impl Fn() -> String + Send + 'static,
    ) -> Self {
        let running = seen.then(|| {
            let (done, is_done) = mpsc::channel();
            let line = thread::spawn(move || {
                let start = Instant::now();
                let mut wait = QUIET;
                while is_done.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                    let seconds = start.elapsed().as_secs();
                    say(&format!("{WIPE}{what} … {seconds} s{}", so_far()));
                    wait = TICK;
                }
                if wait == TICK {
                    say(WIPE);
                }
            });
            (done, line)
        });
        Self { running }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, line)) = self.running.take() {
            drop(done);
            // The line says nothing that matters.
            let _ = line.join();
        }
    }
}

/// Talk that nobody hears is no failure.
fn say(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}
