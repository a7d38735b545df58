//! What the rules cost, as counts that must not change, and as times to look at.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    missing_docs
)]

use std::time::Instant;

use sealfold_team::past::{Chain, Frontier};
use sealfold_team::rules::{Act, Control, Core, Device, Origin, Role, Verdict};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Nth(u32);

impl Device for Nth {}

type Op = Control<u64, u32, Nth>;

const FOUNDER: u32 = 0;

/// Writes ops of members who each have one device and one chain.
#[derive(Default)]
struct Writing {
    ops: Vec<Op>,
    seen: Frontier,
}

impl Writing {
    fn begin() -> Self {
        let mut writing = Self::default();
        writing.after_all(FOUNDER, Act::Genesis);
        writing
    }

    /// An op whose author has seen everything so far.
    fn after_all(&mut self, author: u32, act: Act<u32, Nth>) -> u64 {
        let past = self.seen.clone();
        self.after(past, author, act)
    }

    /// An op whose author has seen just this, and their own chain.
    fn after(&mut self, mut past: Frontier, author: u32, act: Act<u32, Nth>) -> u64 {
        let chain = Chain(author);
        let position = self.seen.position(chain).map_or(0, |last| last + 1);
        if position > 0 {
            past.insert(chain, position - 1);
        }
        let lamport = match past.is_empty() {
            true => 0,
            // Any time that grows with causes will do.
            false => self.ops.len() as u64,
        };
        let id = self.ops.len() as u64;
        let origin = Origin {
            author,
            device: Nth(0),
            device_added_by: None,
            chain,
            position,
            past,
        };
        self.ops.push(Control {
            id,
            origin,
            lamport,
            act,
            once: Vec::new(),
        });
        self.seen.insert(chain, position);
        id
    }
}

fn set(member: u32, role: Role) -> Act<u32, Nth> {
    Act::SetRole { member, role }
}

fn revoke(member: u32, device: usize) -> Act<u32, Nth> {
    Act::RevokeDevice {
        member,
        device: Nth(device as u32),
    }
}

fn core(ops: &[Op]) -> Core<u64, u32, Nth> {
    let mut core = Core::new(0);
    for op in ops {
        core.insert(op.clone()).unwrap();
    }
    core
}

/// A team in which everyone has seen everything: ten admins who add, demote, promote, remove
/// members and revoke devices. Two of five ops are reductions.
fn in_order(count: usize) -> Writing {
    let mut writing = Writing::begin();
    (1..=10).for_each(|admin| _ = writing.after_all(FOUNDER, set(admin, Role::Admin)));
    for nth in writing.ops.len()..count {
        let (admin, member) = (1 + (nth % 10) as u32, 100 + (nth / 5 % 50) as u32);
        let act = match nth % 5 {
            0 => set(member, Role::Writer),
            1 => set(member, Role::Reader),
            2 => set(member, Role::Admin),
            3 => revoke(member, nth),
            _ => set(member, Role::None),
        };
        writing.after_all(admin, act);
    }
    writing
}

#[test]
fn who_has_seen_everything_is_judged_once() {
    let writing = in_order(2_000);
    let core = core(&writing.ops);
    let effort = core.effort();
    assert!(core.verdicts().all(|(_, verdict)| verdict.is_valid()));
    assert_eq!(
        (effort.at_once, effort.decisions, effort.pasts),
        (2_000, 0, 0)
    );
}

#[test]
fn one_late_op_settles_what_it_had_not_seen_and_no_more() {
    let early = in_order(1_000).seen;
    let mut all = in_order(2_000);
    all.after(early, FOUNDER, set(99, Role::Writer));
    let mut core = core(&all.ops);
    let effort = core.effort();
    assert_eq!(
        (effort.decisions, effort.undone, effort.pasts),
        (1_001, 0, 1)
    );
    // Whoever has seen it too is judged at once again.
    all.after_all(1, set(98, Role::Writer));
    core.insert(all.ops.last().unwrap().clone()).unwrap();
    assert_eq!(core.effort().decisions, effort.decisions);
    assert_eq!(core.effort().at_once, effort.at_once + 1);
}

#[test]
fn work_done_apart_is_settled_once_when_it_comes_together() {
    let mut writing = in_order(100);
    let early = writing.seen.clone();
    let mut mine = early.clone();
    for nth in 0..200 {
        writing.after(mine.clone(), 1, set(1_000 + nth, Role::Writer));
        mine.insert(Chain(1), writing.seen.position(Chain(1)).unwrap());
        writing.after(early.clone(), 2, set(2_000 + nth, Role::Writer));
    }
    let mut core = Core::new(0);
    core.extend(writing.ops.clone()).unwrap();
    assert_eq!((core.effort().decisions, core.effort().pasts), (400, 1));
    assert_eq!(
        core.now().members().count(),
        11 + 400 + members_of(&in_order(100).ops)
    );
}

fn members_of(ops: &[Op]) -> usize {
    core(ops)
        .now()
        .members()
        .filter(|(member, _)| **member >= 99)
        .count()
}

/// Promotions that hang on each other, from one who was removed unseen, each of whom removes
/// somebody in knowledge of all before.
#[test]
fn accomplices_cost_no_try_each() {
    let mut writing = Writing::begin();
    writing.after_all(FOUNDER, set(1, Role::Admin));
    writing.after_all(FOUNDER, set(2, Role::Writer));
    let base = writing.seen.clone();
    for nth in 0..60 {
        let (who, next) = (if nth == 0 { 1 } else { 99 + nth }, 100 + nth);
        writing.after_all(who, set(next, Role::Admin));
        writing.after_all(next, revoke(2, nth as usize));
    }
    writing.after(base, FOUNDER, set(1, Role::None));
    let mut core = Core::new(0);
    core.extend(writing.ops.clone()).unwrap();
    let void = |(_, verdict): &(&u64, Verdict<u64>)| matches!(verdict, Verdict::Void(_));
    assert_eq!(core.verdicts().filter(void).count(), 120);
    assert_eq!(core.effort().undone, 0);
}

/// Admins who each revoke a device of one who was an owner, as they believe: the later ones are of
/// higher rank and have seen the earlier ones, and all of them fail, which shows only when they are
/// judged. Trying each as often as the others ask for it would take 2^admins decisions.
fn failing_tries(admins: u32) -> Writing {
    let mut writing = Writing::begin();
    writing.after_all(FOUNDER, set(1, Role::Owner));
    writing.after_all(FOUNDER, set(2, Role::Owner));
    (0..admins).for_each(|nth| _ = writing.after_all(FOUNDER, set(100 + nth, Role::Admin)));
    let base = writing.seen.clone();
    writing.after(base.clone(), 1, set(2, Role::Admin));
    let mut theirs = base.clone();
    theirs.insert(Chain(1), 0);
    for nth in (0..admins).rev() {
        writing.after(theirs.clone(), 100 + nth, revoke(2, nth as usize));
        theirs.insert(Chain(100 + nth), 0);
    }
    writing.after(base, FOUNDER, set(1, Role::None));
    writing
}

#[test]
fn tries_that_fail_again_and_again_are_bounded() {
    let admins = 18;
    let mut ops = failing_tries(admins).ops;
    let mut core = Core::new(0);
    core.extend(ops.clone()).unwrap();
    assert_eq!(core.now().role(&2), Role::Owner);
    assert_eq!(core.standing().count(), 1);
    let stretch = u64::from(admins) + 2;
    let bound = 16 * (stretch + 64) + stretch;
    assert!(
        core.effort().undone > stretch,
        "the history no longer makes tries fail"
    );
    assert!(
        core.effort().undone <= bound,
        "{} decisions undone",
        core.effort().undone
    );
    // Stopping early is no matter of who stops: in another order all is the same.
    let late = ops.pop().unwrap();
    ops.insert(3 + admins as usize, late);
    let mut other = Core::new(0);
    ops.into_iter().for_each(|op| _ = other.insert(op).unwrap());
    assert!(core.verdicts().eq(other.verdicts()));
}

/// Admins who each revoke a device of a writer, in the reverse order of their rank, and one who
/// acts apart from them.
fn nested_tries(admins: u32) -> Writing {
    let mut writing = Writing::begin();
    writing.after_all(FOUNDER, set(1, Role::Writer));
    (0..admins).for_each(|nth| _ = writing.after_all(FOUNDER, set(100 + nth, Role::Admin)));
    let base = writing.seen.clone();
    for nth in (0..admins).rev() {
        writing.after_all(100 + nth, revoke(1, nth as usize));
    }
    writing.after(base, FOUNDER, set(99, Role::Reader));
    writing
}

/// Reductions that see each other in the reverse order of rank nest as deep as there are any; that
/// must cost no call stack.
#[test]
fn tries_nest_as_deep_as_they_like() {
    let mut core = Core::new(0);
    core.extend(nested_tries(600).ops).unwrap();
    assert!(
        core.verdicts()
            .all(|(_, verdict)| verdict == Verdict::Valid)
    );
    assert_eq!(core.effort().undone, 0);
}

/// Prints times: `cargo test -p sealfold-team --release --test rules_effort -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn measure() {
    let time = |name: &str, work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        eprintln!("{name:60} {:>9.2} ms", start.elapsed().as_secs_f64() * 1e3);
    };
    for count in [2_500, 5_000, 10_000, 20_000, 40_000] {
        let ops = in_order(count).ops;
        time(&format!("{count} ops in order"), &mut || _ = core(&ops));
    }
    for (name, seen) in [("all", 12), ("half", 5_000), ("a tenth", 9_000)] {
        let early = in_order(seen).seen;
        let mut writing = in_order(10_000);
        let mut told = core(&writing.ops);
        writing.after(early.clone(), FOUNDER, set(5, Role::None));
        let late = writing.ops.last().unwrap().clone();
        let before = told.effort();
        time(
            &format!("10,000 ops, one late reduction backdated over {name}"),
            &mut || _ = told.insert(late.clone()),
        );
        let effort = told.effort();
        eprintln!(
            "    {} decisions, {} undone",
            effort.decisions - before.decisions,
            effort.undone
        );
    }
    let mut writing = in_order(10_000);
    let mut mine = writing.seen.clone();
    let base = mine.clone();
    for nth in 0..2_500 {
        writing.after(mine.clone(), 1, set(1_000 + nth, Role::Writer));
        mine.insert(Chain(1), writing.seen.position(Chain(1)).unwrap());
        writing.after(base.clone(), 2, set(9_000 + nth, Role::Writer));
    }
    for admins in [100, 1_000] {
        let (failing, nested) = (failing_tries(admins).ops, nested_tries(admins).ops);
        let (mut first, mut second) = (Core::new(0), Core::new(0));
        time(
            &format!("{admins} failing tries, built to repeat"),
            &mut || _ = first.extend(failing.clone()).unwrap(),
        );
        time(&format!("{admins} nested tries"), &mut || {
            _ = second.extend(nested.clone()).unwrap()
        });
        eprintln!(
            "    {} and {} decisions",
            first.effort().decisions,
            second.effort().decisions
        );
    }
    let (first, apart) = writing.ops.split_at(10_000);
    let mut told = core(first);
    time("2 x 2,500 ops written apart, as one batch", &mut || {
        _ = told.extend(apart.to_vec()).unwrap()
    });
}
