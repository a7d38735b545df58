//! The rule core on control ops: in order, and with one that comes late and backdated.

use std::time::Duration;

use team::past::{Chain, Frontier};
use team::rules::{Act, Control, Core, Device, Origin, Role};

use crate::measure::{Report, median, show, time};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Laptop;

impl Device for Laptop {}

type Op = Control<u64, u32, Laptop>;

const FOUNDER: u32 = 0;

/// An op of a member who has seen `past`, at their next place.
fn op(id: u64, author: u32, act: Act<u32, Laptop>, past: Frontier) -> Op {
    let chain = Chain(author);
    let position = past.position(chain).map_or(0, |last| last + 1);
    let origin = Origin {
        author,
        device: Laptop,
        device_added_by: None,
        chain,
        position,
        past,
    };
    Control {
        id,
        origin,
        lamport: id,
        act,
        once: Vec::new(),
    }
}

/// Ten admins who give, change and take roles, each having seen all before.
fn in_order(count: u64) -> (Vec<Op>, Frontier) {
    let (mut ops, mut seen) = (Vec::new(), Frontier::new());
    for id in 0..count {
        let (author, act) = match id {
            0 => (FOUNDER, Act::Genesis),
            1..=10 => (
                FOUNDER,
                Act::SetRole {
                    member: id as u32,
                    role: Role::Admin,
                },
            ),
            _ => {
                let roles = [Role::Writer, Role::Reader, Role::Admin, Role::None];
                let role = roles[(id % 4) as usize];
                (
                    1 + (id % 10) as u32,
                    Act::SetRole {
                        member: 100 + (id / 4 % 50) as u32,
                        role,
                    },
                )
            }
        };
        let op = op(id, author, act, seen.clone());
        seen.insert(op.origin.chain, op.origin.position);
        ops.push(op);
    }
    (ops, seen)
}

fn insert(ops: &[Op]) -> Core<u64, u32, Laptop> {
    let mut core = Core::new(0);
    for op in ops {
        core.insert(op.clone()).expect("ops in order");
    }
    core
}

pub fn in_order_and_late(report: &mut Report) {
    let (half, whole) = (in_order(5_000).0, in_order(10_000).0);
    let (mut of_half, mut of_whole, mut of_late) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..7 {
        of_half.push(time(|| drop(insert(&half))));
        let mut core = None;
        of_whole.push(time(|| core = Some(insert(&whole))));
        // Its author had seen only the founding: the worst a backdating admin can do.
        let early = in_order(11).1;
        let late = op(
            10_000,
            77,
            Act::SetRole {
                member: 5,
                role: Role::None,
            },
            early.clone(),
        );
        let first = op(
            10_001,
            FOUNDER,
            Act::SetRole {
                member: 77,
                role: Role::Admin,
            },
            early,
        );
        let mut core = core.expect("made above");
        let before = core.effort();
        of_late.push(time(|| {
            // From a place on the founder's chain that nobody has seen: a fork.
            let mut forked = first.clone();
            forked.origin.chain = Chain(99_999);
            forked.origin.position = 0;
            core.insert(forked).expect("a chain of its own");
            core.insert(late.clone()).expect("a chain of its own");
        }));
        let effort = core.effort();
        if of_late.len() == 1 {
            println!(
                "  a late backdated op: {} decisions worked out anew",
                effort.decisions - before.decisions
            );
        }
    }
    let (half, whole, late): (Duration, Duration, Duration) =
        (median(of_half), median(of_whole), median(of_late));
    println!(
        "  10,000 control ops in order {}, with two late ones {} more",
        show(whole),
        show(late)
    );
    report.ratio(
        "rule core: 10,000 ops in order, against 5,000 (linear: 2)",
        whole,
        half,
        2.4,
    );
    report.ratio(
        "rule core: two late backdated ops, against all in order",
        late,
        whole,
        10.0,
    );
}
