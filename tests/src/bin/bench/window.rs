//! The window from its start to a usable unlock screen, and the memory of all its processes, each
//! against an empty window that is built the same way (`src-tauri/examples/empty`).

mod display;
mod program;

use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use sealfold_tests::home::Home;

use crate::measure::{Report, median};
use display::{Display, Picture};
use program::{Running, memory};

const ROUNDS: usize = 15;
/// After painting, until caches are filled and what was only needed to start is given back.
const REST: Duration = Duration::from_secs(2);

/// One side of the comparison, and what was found of it.
struct Side {
    program: PathBuf,
    finished: Picture,
    took: Vec<Duration>,
    bytes: Vec<u64>,
}

pub fn against_an_empty_one(report: &mut Report) {
    let this = std::env::current_exe().expect("this program");
    let built = this.parent().expect("a program lies in a folder");
    let home = Home::prepared();
    let Some(display) = Display::open(home.path()) else {
        println!("  skipped: Xvfb is not installed");
        return;
    };
    let mut sides = [built.join("sealfold-desktop"), built.join("examples/empty")]
        .map(|program| Side::learn(program, &home, &display));
    for round in 0..=ROUNDS {
        for side in &mut sides {
            side.measure(&home, &display, round > 0);
        }
    }
    let [(took, bytes), (least, fewest)] = sides.map(Side::medians);
    report.ratio(
        "from start to the unlock screen, against an empty window",
        took,
        least,
        1.25,
    );
    println!(
        "  memory of all processes: {:.1} MB, of an empty window's {:.1} MB",
        megabytes(bytes),
        megabytes(fewest)
    );
    report.figure(
        "memory of the window's processes, against an empty window's",
        bytes as f64 / fewest as f64,
        1.3,
    );
    println!(
        "  beside it, the agent with an open vault: {:.1} MB",
        megabytes(agent(&home))
    );
}

impl Side {
    /// Opens the program once, to know how it looks when it is done.
    fn learn(program: PathBuf, home: &Home, display: &Display) -> Self {
        let running = start(&program, home, display);
        let finished = display.comes_to_rest();
        drop(running);
        display.is_blank_again();
        Self {
            program,
            finished,
            took: Vec::new(),
            bytes: Vec::new(),
        }
    }

    fn measure(&mut self, home: &Home, display: &Display, counts: bool) {
        let from = std::time::Instant::now();
        let running = start(&self.program, home, display);
        display.shows(&self.finished);
        let took = from.elapsed();
        sleep(REST);
        // The first round warms the caches.
        if counts {
            self.took.push(took);
            self.bytes.push(running.memory());
        }
        drop(running);
        display.is_blank_again();
    }

    fn medians(mut self) -> (Duration, u64) {
        self.bytes.sort();
        (median(self.took), self.bytes[self.bytes.len() / 2])
    }
}

fn start(program: &Path, home: &Home, display: &Display) -> Running {
    Running::start(
        program,
        &[
            ("DISPLAY", display.name().as_ref()),
            ("HOME", home.path().as_os_str()),
            ("XDG_RUNTIME_DIR", home.path().join("run").as_os_str()),
            ("SEALFOLD_HOME", home.sealfold_home().as_os_str()),
        ],
    )
}

/// What the agent takes when it holds this home's vault open.
fn agent(home: &Home) -> u64 {
    home.sealfold(["unlock"]).with_passphrase().run().success();
    let status = home.sealfold(["agent", "status", "--json"]).run();
    let status: serde_json::Value =
        serde_json::from_str(status.success().text()).expect("the status is JSON");
    let pid = status["pid"].as_u64().expect("the agent runs");
    memory(pid as u32)
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
