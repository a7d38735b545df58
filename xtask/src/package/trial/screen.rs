//! The installed window on a screen: it is started and what it paints is looked for. No driver could:
//! a release refuses to be automated.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::place::Place;

/// Two of the mark's colours as they lie in a screen's memory, which no other picture there has.
const COLOURS: [[u8; 3]; 2] = [[0x2b, 0x48, 0xd9], [0x6b, 0x93, 0xf7]];

/// How long a busy machine may take to paint.
const PATIENCE: Duration = Duration::from_secs(90);

/// Opens the window of a user who has a vault and sees the screen that asks for the passphrase.
pub fn shows_the_mark(place: &Place, keep: &Path) -> Result<()> {
    // The server writes what is to be seen into a file.
    let server = "mkdir -p screen && mkdir -p -m 700 run && exec setsid Xvfb -displayfd 1 -screen 0 1280x800x24 -nolisten tcp -fbdir screen";
    let mut display = Running::start(place.user_does(server).stdout(Stdio::piped()))?;
    let said = display
        .0
        .stdout
        .take()
        .context("the display says nothing")?;
    let mut number = String::new();
    BufReader::new(said).read_line(&mut number)?;
    let number = number.trim();
    if number.is_empty() {
        bail!("Xvfb does not start");
    }
    let line = format!("XDG_RUNTIME_DIR=$HOME/run DISPLAY=:{number} exec setsid sealfold-desktop");
    let mut window = Running::start(&mut place.user_does(&line))?;

    let memory = place.path("/home/ann/screen/Xvfb_screen0");
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = window.0.try_wait()? {
            bail!("the window ended with {status}");
        }
        let screen = fs::read(&memory).context("reading the screen")?;
        let picture = keep.join("screen.xwd");
        let seen = |colour: &[u8; 3]| {
            screen
                .chunks_exact(4)
                .any(|pixel| pixel.starts_with(colour))
        };
        if COLOURS.iter().all(seen) {
            fs::write(&picture, screen).context("keeping the picture")?;
            eprintln!("what was seen: {}", picture.display());
            return Ok(());
        }
        if Instant::now() > until {
            fs::write(&picture, screen).context("keeping the picture")?;
            bail!("the mark is not painted; what is: {}", picture.display());
        }
        sleep(Duration::from_millis(100));
    }
}

/// A program that leads a session; dropping it ends all of that.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Result<Self> {
        let started = command.spawn();
        started
            .map(Self)
            .context("starting a program in the clean system")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-9", "--", &group]).status();
        let _ = self.0.wait();
    }
}
