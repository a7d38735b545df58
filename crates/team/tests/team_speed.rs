//! How long a newcomer's first read takes. Not timed in a check: run it by hand with
//! `cargo test -p sealfold-team --release --test team_speed -- --ignored --nocapture`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    missing_docs
)]

mod ledger_harness;

use std::time::Instant;

use ledger_harness::{Packet, Replica, TIME, found};
use sealfold_team as team;
use team::op::{GivenRole, Heartbeat};

/// Days on which everybody gives a sign of life apart from the others.
fn days() -> usize {
    let asked = std::env::var("SEALFOLD_DAYS").ok();
    asked.and_then(|days| days.parse().ok()).unwrap_or(40)
}

#[test]
#[ignore = "measures, and takes a while"]
fn a_first_read_of_many_signs_of_life() {
    let (_, mut hub) = found();
    let people: Vec<Replica> = (0..20)
        .map(|_| hub.take_in("somebody", GivenRole::Writer).1)
        .collect();
    let bundle = hub.make_bundle();
    for person in &people {
        hub.grant(bundle, person.member());
    }
    let beat = || Heartbeat {
        audit_head: [0; 32],
        audit_count: 0,
        published: None,
        age: None,
    };
    for _ in 0..days() {
        // Everybody has seen all of the day before, and nobody anything of the day.
        let today: Vec<Packet> = people
            .iter()
            .map(|person| {
                hub.ledger
                    .heartbeat(&person.keys, beat(), TIME)
                    .unwrap()
                    .into()
            })
            .collect();
        hub.deliver(&today);
        let made = team::ids::BundleId::make();
        hub.write(|ledger, keys| ledger.create_bundle(keys, made, ("a", "b"), TIME));
    }
    let ops: Vec<Packet> = hub
        .log
        .iter()
        .map(|op| hub.seen[&op.id()].clone())
        .collect();
    let mut by_device = ops.clone();
    by_device.sort_by_key(|packet| {
        let op = team::SignedOp::verify(&packet.op).unwrap();
        (op.device(), op.seq())
    });
    for (order, ops) in [("as written", &ops), ("device by device", &by_device)] {
        let mut reader = people[0].ledger_of_its_own();
        let start = Instant::now();
        // What waits from devices that nobody has introduced yet is capped: again while it helps.
        while reader.log.len() < ops.len() {
            reader.deliver(ops);
        }
        eprintln!("{} ops {order}: {:?}", ops.len(), start.elapsed());
        assert_eq!(reader.ledger.state_hash(), hub.ledger.state_hash());
    }
}
