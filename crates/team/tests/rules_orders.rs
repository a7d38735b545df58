//! What the rules say depends on the set of ops alone: any order of delivery in which causes come
//! before effects, one by one or in batches, gives the same verdicts, reasons and state.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod rules_notation;

use proptest::prelude::*;
use proptest::sample::Index;
use rules_notation::{Id, Line, Nth, Op, Rules, parse, rules};
use sealfold_team as team;
use sealfold_team::past::Chain;
use sealfold_team::rules::{Core, Origin, Role, Verdict};

/// Everything that the rules say, in a form that can be compared.
#[derive(Debug, PartialEq)]
struct Said {
    verdicts: Vec<(Id, Verdict<Id>)>,
    roles: Vec<(char, Role)>,
    revoked: Vec<(char, Nth)>,
    standing: Vec<Id>,
    data: Vec<Option<Id>>,
    acts: Vec<(Role, bool, Option<Id>)>,
}

fn said(rules: &Rules, probes: &[Origin<Id, char, Nth>]) -> Said {
    Said {
        verdicts: rules
            .verdicts()
            .map(|(id, verdict)| (id.clone(), verdict))
            .collect(),
        roles: rules
            .now()
            .members()
            .map(|(member, role)| (*member, role))
            .collect(),
        revoked: rules
            .now()
            .revoked()
            .map(|(member, device)| (*member, *device))
            .collect(),
        standing: rules.standing().map(|op| op.id.clone()).collect(),
        data: probes
            .iter()
            .map(|probe| rules.quarantined_by(probe).cloned())
            .collect(),
        acts: probes
            .iter()
            .map(|probe| rules.author_at(probe))
            .map(|at| (at.role, at.device_ok, at.cut_by))
            .collect(),
    }
}

/// Acts that are no control ops, one right after each op, on chains of their own.
fn probes(line: &Line) -> Vec<Origin<Id, char, Nth>> {
    let after = |(nth, op): (u32, &Op)| {
        let mut origin = op.origin.clone();
        origin.past.insert(origin.chain, origin.position);
        origin.chain = Chain(1_000 + nth);
        origin
    };
    (0..).zip(&line.ops).map(after).collect()
}

/// The ops in another order in which causes come before effects.
fn reordered(line: &Line, picks: &[Index]) -> Vec<Op> {
    let mut waiting: Vec<&Op> = line.ops.iter().collect();
    let mut order: Vec<Op> = Vec::new();
    for pick in picks.iter().cycle().take(line.ops.len()) {
        let ready: Vec<usize> = (0..waiting.len())
            .filter(|i| {
                waiting
                    .iter()
                    .all(|other| !waiting[*i].origin.has_seen(&other.origin))
            })
            .collect();
        order.push(waiting.remove(ready[pick.index(ready.len())]).clone());
    }
    order
}

prop_compose! {
    fn op(nth: usize)(
        author in prop::sample::select(vec!["A", "A", "B", "B", "C", "C", "D", "E"]),
        device in prop::sample::select(vec!["", "", "", "2", "3", "0"]),
        fork in prop::bool::weighted(0.15),
        act in prop::sample::select(vec![
            "-#", "-#", "#:a", "#:w", "#:o", "#:r", "!#1", "!#2", "!#3", "!#0", "+@3", "+@4",
        ]),
        target in prop::sample::select(vec!["A", "B", "C", "D", "E"]),
        seen in prop::collection::vec(prop::bool::weighted(0.35), nth),
    ) -> String {
        let name = |nth: usize| char::from(b'a' + nth as u8);
        let act = act.replace('#', target).replace('@', author);
        let seen = seen.iter().enumerate().filter(|(_, seen)| **seen);
        let seen: String = seen.map(|(nth, _)| format!(" {}", name(nth))).collect();
        let fork = if fork { "~" } else { "" };
        format!("{} {author}{device}{fork} {act} <{seen}", name(nth))
    }
}

fn history() -> impl Strategy<Value = Line> {
    let setup = prop::collection::vec(prop::sample::select(vec!["a", "a", "o", "w"]), 1..4);
    let ops = (3..12_usize).prop_flat_map(|count| (0..count).map(op).collect::<Vec<_>>());
    (setup, ops).prop_map(|(roles, ops)| {
        let setup: String = ["B", "C", "D"]
            .iter()
            .zip(roles)
            .map(|(who, role)| format!(" {who}:{role}"))
            .collect();
        parse(&format!("| A:o{setup} | {} | |", ops.join(";")))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    // threat 10
    #[test]
    fn every_order_of_delivery_gives_the_same(
        line in history(),
        picks in prop::collection::vec(any::<Index>(), 1..20),
        batch in 1..5_usize,
    ) {
        let probes = probes(&line);
        let mut as_written = rules(&line);
        for op in &line.ops {
            as_written.insert(op.clone()).unwrap();
        }
        let mut otherwise = rules(&line);
        for ops in reordered(&line, &picks).chunks(batch) {
            otherwise.extend(ops.iter().cloned()).unwrap();
        }
        prop_assert_eq!(said(&as_written, &probes), said(&otherwise, &probes), "{}", line.text);
    }

    #[test]
    fn changes_add_up_to_the_verdicts(
        line in history(),
        picks in prop::collection::vec(any::<Index>(), 1..20),
        batch in 1..5_usize,
    ) {
        let mut rules = rules(&line);
        let mut valid = std::collections::BTreeSet::new();
        for ops in reordered(&line, &picks).chunks(batch) {
            let changes = rules.extend(ops.iter().cloned()).unwrap();
            for id in changes.valid {
                prop_assert!(valid.insert(id), "reported valid twice");
            }
            for id in changes.void {
                prop_assert!(valid.remove(&id) || ops.iter().any(|op| op.id == id), "was void before");
            }
        }
        let now: Vec<_> = rules.verdicts().filter(|(_, v)| v.is_valid()).map(|(id, _)| id.clone()).collect();
        prop_assert_eq!(valid.into_iter().collect::<Vec<_>>(), now);
    }

    #[test]
    fn a_past_says_what_its_ops_say_alone(line in history()) {
        let mut all = rules(&line);
        all.extend(line.ops.iter().cloned()).unwrap();
        for op in &line.ops {
            let mut alone: Rules = Core::new(line.ops[0].id.clone());
            let seen = line.ops.iter().filter(|other| op.origin.has_seen(&other.origin));
            alone.extend(seen.cloned()).unwrap();
            let there = all.at(&op.origin.past);
            prop_assert!(there.members().eq(alone.now().members()), "{}", line.text);
            prop_assert!(there.revoked().eq(alone.now().revoked()), "{}", line.text);
        }
    }

    /// An act that is judged like a control op says what a control op would have been told.
    #[test]
    fn an_act_is_cut_by_what_cuts_an_op_without_effect_in_its_place(line in history(), place in any::<Index>()) {
        let mut probe = probes(&line)[place.index(line.ops.len())].clone();
        probe.position = 0;
        let mut without = rules(&line);
        without.extend(line.ops.iter().cloned()).unwrap();
        // The op adds a device that nobody uses: it is no reduction and changes nobody's verdict.
        let device = Nth(200);
        let lamport = 1 + line.ops.iter().filter(|op| probe.has_seen(&op.origin)).map(|op| op.lamport).max().unwrap();
        let mut with = rules(&line);
        with.extend(line.ops.iter().cloned()).unwrap();
        let id = ("probe".to_owned(), 999);
        let act = sealfold_team::rules::Act::AddDevice { member: probe.author, device };
        with.insert(Op { id: id.clone(), origin: probe.clone(), lamport, act, once: Vec::new() }).unwrap();
        let at = without.author_at(&probe);
        match with.verdict(&id).unwrap() {
            Verdict::Valid => prop_assert!(at.cut_by.is_none() && at.device_ok && at.role > Role::None),
            Verdict::Rejected(_) => {}
            Verdict::Void(sealfold_team::rules::Cause::CutBy(by)) => prop_assert_eq!(at.cut_by, Some(by)),
            Verdict::Void(_) => prop_assert!(at.cut_by.is_none() && !(at.device_ok && at.role > Role::None)),
        }
    }
}
