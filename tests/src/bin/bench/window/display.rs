//! A display whose memory is a file: what is painted is seen from outside, without asking anything
//! of the program.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Longest time that anything may take to appear, or to go.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks.
const GLANCE: Duration = Duration::from_millis(2);
/// What has not changed for so long is finished.
const REST: Duration = Duration::from_secs(3);
/// Bytes in which two pictures may differ and be the same: a caret blinks.
const CARET: usize = 1_000;
/// A line of the display, which is compared at once.
const LINE: usize = 1280 * 4;

/// An X server without a screen.
pub struct Display {
    server: Child,
    name: String,
    memory: PathBuf,
    blank: Picture,
}

/// What a display shows.
pub struct Picture(Vec<u8>);

impl Display {
    /// None where Xvfb is not installed.
    pub fn open(folder: &Path) -> Option<Self> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24"])
            // It stays as it is when the last window closes.
            .args(["-noreset", "-nolisten", "tcp", "-fbdir"])
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut number = String::new();
        let said = server.stdout.take().expect("it is piped");
        BufReader::new(said).read_line(&mut number).ok()?;
        let memory = folder.join("Xvfb_screen0");
        Some(Self {
            server,
            name: format!(":{}", number.trim()),
            blank: Picture::of(&memory),
            memory,
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until something is shown and changes no more.
    pub fn comes_to_rest(&self) -> Picture {
        let mut last = self.look();
        let (start, mut since) = (Instant::now(), Instant::now());
        loop {
            sleep(GLANCE * 10);
            let now = self.look();
            if !now.is(&last) {
                (last, since) = (now, Instant::now());
            } else if since.elapsed() > REST && !last.is(&self.blank) {
                return last;
            }
            assert!(start.elapsed() < PATIENCE, "nothing is painted");
        }
    }

    pub fn shows(&self, wanted: &Picture) {
        let start = Instant::now();
        while !self.look().is(wanted) {
            sleep(GLANCE);
            assert!(start.elapsed() < PATIENCE, "it does not look as before");
        }
    }

    pub fn is_blank_again(&self) {
        self.shows(&self.blank);
    }

    fn look(&self) -> Picture {
        Picture::of(&self.memory)
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Picture {
    fn of(memory: &Path) -> Self {
        Self(fs::read(memory).expect("the display's memory is a file"))
    }

    fn is(&self, other: &Self) -> bool {
        let lines = self.0.chunks(LINE).zip(other.0.chunks(LINE));
        let differing = lines.filter(|(a, b)| a != b);
        let bytes = differing.map(|(a, b)| a.iter().zip(b).filter(|(a, b)| a != b).count());
        bytes.sum::<usize>() <= CARET
    }
}
