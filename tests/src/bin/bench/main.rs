//! The promises on speed, each as a ratio to the primitives it can't do without, measured in the
//! same run: `cargo xtask bench [NAME…]`.
//!
//! Machines are noisy, so the two sides of a ratio take turns, and the medians are compared.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

mod agent;
mod entries;
mod job;
mod measure;
mod rules;
mod sharing;
mod unlock;
#[cfg(target_os = "linux")]
mod window;

use measure::Report;

/// One part of the benchmarks.
type Part = fn(&mut Report);

fn main() {
    let names: Vec<String> = std::env::args().skip(1).collect();
    // A part that runs in a process of its own, on a private bus.
    if names
        .first()
        .is_some_and(|name| name == unlock::ROUND_TRIPS)
    {
        return unlock::print_round_trips(&names[1]);
    }
    let parts: &[(&str, Part)] = &[
        ("run", agent::run),
        ("get", agent::get),
        ("keychain", unlock::by_keychain),
        ("unlock", unlock::by_passphrase),
        ("entries", entries::in_bulk_and_one_by_one),
        ("rules", rules::in_order_and_late),
        ("share", sharing::granted_and_taken),
        ("job", job::from_its_sheet),
        #[cfg(target_os = "linux")]
        ("window", window::against_an_empty_one),
    ];
    let mut report = Report::default();
    for (name, part) in parts {
        if names.is_empty() || names.iter().any(|wanted| wanted == *name) {
            println!("\n{name}");
            part(&mut report);
        }
    }
    report.print();
}
