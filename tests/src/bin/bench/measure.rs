//! Taking turns, medians, and the table at the end.

use std::time::{Duration, Instant};

/// Results, for the table at the end.
#[derive(Default)]
pub struct Report {
    rows: Vec<(String, f64, f64)>,
}

impl Report {
    /// Notes a ratio and the limit that was promised for it.
    pub fn ratio(&mut self, what: &str, ours: Duration, allowed: Duration, limit: f64) {
        println!(
            "  {what}: {} against {} allowed as the whole",
            show(ours),
            show(allowed)
        );
        self.rows.push((
            what.to_owned(),
            ours.as_secs_f64() / allowed.as_secs_f64(),
            limit,
        ));
    }

    /// Notes a figure that is a ratio already.
    pub fn figure(&mut self, what: &str, value: f64, limit: f64) {
        self.rows.push((what.to_owned(), value, limit));
    }

    pub fn print(&self) {
        println!("\n{:<64} {:>8} {:>8}", "ratio", "measured", "at most");
        for (what, value, limit) in &self.rows {
            let verdict = if value <= limit { "" } else { "  over" };
            println!("{what:<64} {value:>8.2} {limit:>8.2}{verdict}");
        }
    }
}

/// How long this takes.
pub fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The medians of two pieces of work that take turns.
pub fn in_turn(rounds: usize, mut a: impl FnMut(), mut b: impl FnMut()) -> (Duration, Duration) {
    let (mut of_a, mut of_b) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let (took_a, took_b) = (time(&mut a), time(&mut b));
        // The first round warms the caches.
        if round > 0 {
            of_a.push(took_a);
            of_b.push(took_b);
        }
    }
    (median(of_a), median(of_b))
}

/// The median of several runs, after one that warms the caches.
pub fn repeat(rounds: usize, mut work: impl FnMut()) -> Duration {
    in_turn(rounds, &mut work, || ()).0
}

pub fn median(mut durations: Vec<Duration>) -> Duration {
    durations.sort();
    durations[durations.len() / 2]
}

pub fn show(duration: Duration) -> String {
    match duration.as_secs_f64() {
        seconds if seconds >= 1.0 => format!("{seconds:.2} s"),
        seconds if seconds >= 1e-3 => format!("{:.2} ms", seconds * 1e3),
        seconds => format!("{:.1} µs", seconds * 1e6),
    }
}
