//! How long it takes to take ops in. A measurement for people, without a verdict:
//! `cargo test -p sealfold-team --release --test ledger_speed -- --ignored --nocapture`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs
)]

mod ledger_harness;

use std::time::{Duration, Instant};

use ledger_harness::{Packet, Replica, TIME, content, found};
use sealfold_team as team;
use team::ids::{BundleId, EntryId, VersionId};
use team::ledger::{Draft, Receipt};

/// Ops that put so many versions each, written on top of each other.
fn puts(laptop: &mut Replica, bundle: BundleId, ops: usize, versions: usize) -> Vec<Packet> {
    let value = content("postgres://api:a-password-of-usual-length@db.internal:5432/api");
    let write = |_| {
        let draft = |_| {
            let (entry, version) = (EntryId::make(), VersionId::make());
            Draft {
                entry,
                version,
                predecessors: Vec::new(),
                content: &value,
            }
        };
        let drafts: Vec<_> = (0..versions).map(draft).collect();
        let authored = laptop
            .ledger
            .put(&laptop.keys, bundle, &drafts, TIME)
            .unwrap();
        let packet = Packet::from(authored);
        laptop
            .ledger
            .receive(packet.arrival(), &mut laptop.keys, &laptop.archive);
        packet
    };
    (0..ops).map(write).collect()
}

/// The time of `receive` alone, an op: the shortest, the median.
fn time(
    laptop: &mut Replica,
    bundle: BundleId,
    ops: usize,
    versions: usize,
) -> (Duration, Duration) {
    let mut reader = laptop.twin();
    let packets = puts(laptop, bundle, ops, versions);
    let mut times: Vec<Duration> = packets
        .iter()
        .map(|packet| {
            let started = Instant::now();
            let receipts =
                reader
                    .ledger
                    .receive(packet.arrival(), &mut reader.keys, &reader.archive);
            let took = started.elapsed();
            assert!(matches!(receipts[..], [Receipt::Applied(..)]));
            took
        })
        .collect();
    times.sort();
    (times[0], times[ops / 2])
}

#[test]
#[ignore = "a measurement"]
fn receiving_a_put() {
    for (ops, versions) in [(500, 1), (20, 4_096)] {
        let (_, mut laptop) = found();
        let bundle = laptop.make_bundle();
        let (shortest, median) = time(&mut laptop, bundle, ops, versions);
        println!("receive, put of {versions} versions: median {median:?}, shortest {shortest:?}");
    }
}

#[test]
#[ignore = "a measurement"]
fn writing_control_ops_and_restoring() {
    for ops in [500, 2_000] {
        let (_, mut laptop) = found();
        let started = Instant::now();
        for _ in 0..ops {
            laptop.make_bundle();
        }
        println!(
            "{ops} create_bundle written and received: {:?} each",
            started.elapsed() / ops
        );
        let started = Instant::now();
        laptop.restarted();
        println!("{ops} restored: {:?} each", started.elapsed() / ops);
    }
}
