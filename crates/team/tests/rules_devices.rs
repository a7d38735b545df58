//! What the model of the rules does not cover: devices that are added by ops, recovery keys, and
//! acts that are no control ops. In the notation of `rules_notation`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod rules_notation;

use rules_notation::{Id, Nth, Rules, check, parse, rules};
use sealfold_team as team;
use sealfold_team::past::{Chain, Frontier};
use sealfold_team::rules::{Act, Cause, Control, InsertError, Origin, Refusal, Role, Verdict};

fn told(text: &str) -> Rules {
    let line = parse(text);
    check(&line);
    let mut rules = rules(&line);
    rules.extend(line.ops).unwrap();
    rules
}

fn verdict(rules: &Rules, name: &str) -> Verdict<Id> {
    rules
        .verdicts()
        .find(|(id, _)| id.0 == name)
        .map(|(_, verdict)| verdict)
        .unwrap()
}

fn cut_by(verdict: Verdict<Id>) -> String {
    match verdict {
        Verdict::Void(Cause::CutBy((name, _))) => name,
        other => panic!("not cut: {other:?}"),
    }
}

fn rejected(text: &str, name: &str) -> Refusal {
    match verdict(&told(text), name) {
        Verdict::Rejected(refusal) => refusal,
        other => panic!("not rejected: {other:?}"),
    }
}

#[test]
fn an_added_device_acts_for_its_member() {
    told("| A:o B:a | d B +B3; x B3 C:w <d | A:o B:a C:w |");
}

#[test]
fn a_device_acts_only_in_knowledge_of_its_addition() {
    let refusal = rejected("| A:o B:a | d B +B3; x B3 C:w | A:o B:a | x", "x");
    assert_eq!(refusal, Refusal::DeviceNotAdded);
}

#[test]
fn a_device_that_nobody_added_does_not_act() {
    assert_eq!(
        rejected("| A:o B:a | x B3 C:w | A:o B:a | x", "x"),
        Refusal::DeviceNotAdded
    );
}

#[test]
fn nobody_adds_a_device_for_another() {
    let refusal = rejected("| A:o B:a | d A +B3; x B3 C:w <d | A:o B:a | d x", "d");
    assert_eq!(refusal, Refusal::NotAuthorised);
}

#[test]
fn a_stranger_adds_no_device() {
    assert_eq!(
        rejected("| A:o | d E +E3 | A:o | d", "d"),
        Refusal::NotAuthorised
    );
}

#[test]
fn the_ops_of_a_device_fall_with_its_addition() {
    // B is removed and answers by an addition that did not see it; what it brought falls too.
    let rules = told("| A:o B:a | r A -B; d B +B3; x B3 C:w <d | A:o | d x");
    assert_eq!(cut_by(verdict(&rules, "d")), "r");
    assert_eq!(cut_by(verdict(&rules, "x")), "r");
    // B is added back, and the new device now cites that: its addition is void all the same.
    let rules = told("| A:o B:a | r A -B; d B +B3; g A B:a <r; x B3 C:w <d g | A:o B:a | d x");
    assert_eq!(cut_by(verdict(&rules, "d")), "r");
    assert_eq!(
        verdict(&rules, "x"),
        Verdict::Rejected(Refusal::DeviceNotAdded)
    );
}

#[test]
fn a_device_whose_addition_is_voided_later_loses_what_it_did() {
    // B2, the device that adds B3, is revoked apart from that: what B3 did falls, B1's does not.
    let rules = told("| A:o B:a | k A !B2; d B2 +B3; x B3 C:w <d; y B D:w <d | A:o B:a D:w | d x");
    assert_eq!(cut_by(verdict(&rules, "d")), "k");
    assert_eq!(verdict(&rules, "x"), Verdict::Void(Cause::LostAuthority));
}

#[test]
fn reductions_by_a_device_whose_addition_fell_do_not_stand() {
    told("| A:o B:a C:a | k A !B2; d B2 +B3; x B3 -C <d; z C D:w | A:o B:a C:a D:w | d x");
}

#[test]
fn a_device_is_added_once_and_never_again_after_its_end() {
    let refusal = rejected("| A:o B:w | k B !B2; e B +B2 | A:o B:w | e", "e");
    assert_eq!(refusal, Refusal::ChangesNothing);
    let refusal = rejected("| A:o B:w | d B +B3; e B +B3 | A:o B:w | e", "e");
    assert_eq!(refusal, Refusal::ChangesNothing);
    let refusal = rejected("| A:o B:w | d B +B3; k B !B3; e B +B3 | A:o B:w | e", "e");
    assert_eq!(refusal, Refusal::ChangesNothing);
    assert_eq!(
        rejected("| A:o B:w | e B2 +B2 | A:o B:w | e", "e"),
        Refusal::ChangesNothing
    );
}

#[test]
fn a_revoked_device_does_nothing_more() {
    let refusal = rejected(
        "| A:o B:a | d B +B3; k B !B3; x B3 C:w <k | A:o B:a | x",
        "x",
    );
    assert_eq!(refusal, Refusal::DeviceRevoked);
    let rules = told("| A:o B:a | d B +B3; k B !B3; x B3 C:w <d | A:o B:a | x");
    assert_eq!(cut_by(verdict(&rules, "x")), "k");
    assert!(rules.now().revoked().eq([(&'B', &Nth(3))]));
}

#[test]
fn recovery_keys_are_revoked_by_themselves() {
    told("| A:o B:w | k B0 !B0 | A:o B:w |");
    assert_eq!(
        rejected("| A:o B:w | k B !B0 | A:o B:w | k", "k"),
        Refusal::NotAuthorised
    );
}

#[test]
fn recovery_keys_are_revoked_by_other_owners_and_not_by_admins() {
    told("| A:o B:w | k A !B0 | A:o B:w |");
    assert_eq!(
        rejected("| A:o B:w C:a | k C !B0 | A:o B:w C:a | k", "k"),
        Refusal::NotAuthorised
    );
    assert_eq!(
        rejected("| A:o B:a | k A !A0 | A:o B:a | k", "k"),
        Refusal::NotAuthorised
    );
}

#[test]
fn recovery_keys_manage_devices_of_their_own_and_nothing_else() {
    told("| A:o B:w | k B0 !B1; d B0 +B3 <k; x B3 !B2 <d | A:o B:w |");
    assert_eq!(
        rejected("| A:o B:w | x A0 C:w | A:o B:w | x", "x"),
        Refusal::NotAuthorised
    );
    assert_eq!(
        rejected("| A:o B:w | x A0 -B | A:o B:w | x", "x"),
        Refusal::NotAuthorised
    );
    assert_eq!(
        rejected("| A:o B:w | x A0 !B2 | A:o B:w | x", "x"),
        Refusal::NotAuthorised
    );
}

#[test]
fn the_recovery_key_wins_over_a_stolen_device() {
    // The thief revokes all else from the laptop, B1; the words on paper revoke the laptop.
    told("| A:o B:w | t B !B2; u B !B0; k B0 !B1 | A:o B:w | t u");
    // An older device is not silenced by a later one that it never cites.
    told("| A:o B:a | k B2 !B1; x B C:w | A:o B:a C:w |");
}

#[test]
fn the_recovery_key_silences_a_device_that_never_cites_it() {
    let rules = told("| A:o B:a | k B0 !B1; x B C:w | A:o B:a | x");
    assert_eq!(cut_by(verdict(&rules, "x")), "k");
}

#[test]
fn who_is_told_of_a_cut_is_told_of_one_that_they_had_not_seen() {
    let rules = told("| A:o B:a C:w | y C +C3; k A B:w; r A -B; x B +B3 <k | A:o C:w | x");
    assert_eq!(cut_by(verdict(&rules, "x")), "r");
}

#[test]
fn only_the_pinned_genesis_founds_the_team() {
    let line = parse("| A:o | | A:o |");
    let mut rules = rules(&line);
    let mut other = line.ops[0].clone();
    (other.id, other.origin.author, other.origin.chain) = (("other".to_owned(), 9), 'E', Chain(9));
    rules.extend([other, line.ops[0].clone()]).unwrap();
    assert_eq!(
        verdict(&rules, "other"),
        Verdict::Rejected(Refusal::NotTheGenesis)
    );
    assert!(rules.now().members().eq([(&'A', Role::Owner)]));
}

#[test]
fn a_known_op_or_a_taken_place_changes_nothing() {
    let line = parse("| A:o B:a | x B C:w; y B D:w | A:o B:a C:w D:w |");
    let mut rules = rules(&line);
    rules.extend(line.ops.iter().cloned()).unwrap();
    assert_eq!(rules.insert(line.ops[1].clone()), Err(InsertError::Known));
    let mut twice = [line.ops[3].clone(), line.ops[3].clone()];
    for (op, position) in twice.iter_mut().zip(10..) {
        (op.id, op.origin.position) = (("twice".to_owned(), 9), position);
    }
    assert_eq!(rules.extend(twice), Err(InsertError::Known));
    let mut twin = line.ops[2].clone();
    twin.id = ("twin".to_owned(), 9);
    let stranger = Control {
        id: ("s".to_owned(), 9),
        ..line.ops[2].clone()
    };
    assert_eq!(rules.extend([stranger, twin]), Err(InsertError::OutOfOrder));
    assert_eq!(rules.verdicts().count(), line.ops.len());
}

/// What was written right after these ops, by a device on a chain of its own.
fn written_after(rules: &Rules, author: char, device: u8, seen: &[&str]) -> Origin<Id, char, Nth> {
    let mut past = Frontier::new();
    for (id, _) in rules
        .verdicts()
        .filter(|(id, _)| id.0.is_empty() || seen.contains(&id.0.as_str()))
    {
        let origin = &rules.control(id).unwrap().origin;
        past.join(&origin.past);
        past.insert(origin.chain, origin.position);
    }
    Origin {
        author,
        device: Nth(device),
        device_added_by: None,
        chain: Chain(100),
        position: 0,
        past,
    }
}

// threat 28
#[test]
fn data_written_apart_from_a_removal_is_quarantined_and_no_other() {
    let rules = told("| A:o B:w C:w | r A -B; g A B:w <r | A:o B:w C:w |");
    let by = |origin| rules.quarantined_by(&origin).map(|id| id.0.as_str());
    assert_eq!(by(written_after(&rules, 'B', 1, &[])), Some("r"));
    assert_eq!(by(written_after(&rules, 'B', 1, &["r", "g"])), None);
    assert_eq!(by(written_after(&rules, 'C', 1, &[])), None);
}

// threat 28
#[test]
fn data_that_a_removal_had_seen_is_kept() {
    let line = parse("| A:o B:w | r A -B | A:o |");
    let mut rules = rules(&line);
    let data = Origin {
        chain: Chain(100),
        ..line.ops[2].origin.clone()
    };
    let data = Origin {
        author: 'B',
        position: 5,
        ..data
    };
    let mut ops = line.ops.clone();
    ops[2].origin.past.insert(Chain(100), 5);
    rules.extend(ops).unwrap();
    assert_eq!(rules.quarantined_by(&data), None);
    let later = Origin {
        position: 6,
        ..data
    };
    assert_eq!(rules.quarantined_by(&later), Some(&line.ops[2].id));
}

// threat 28
#[test]
fn data_of_a_revoked_device_is_quarantined_whoever_revoked_it() {
    let rules = told("| A:o B:w C:w | k B2 !B1; m A !C2; x A B:r <k m | A:o B:r C:w |");
    let by = |origin| rules.quarantined_by(&origin).map(|id| id.0.as_str());
    assert_eq!(by(written_after(&rules, 'B', 1, &[])), Some("k"));
    assert_eq!(
        by(written_after(&rules, 'B', 2, &[])),
        Some("x"),
        "a reader does not write"
    );
    assert_eq!(by(written_after(&rules, 'C', 2, &[])), Some("m"));
    assert_eq!(by(written_after(&rules, 'C', 1, &[])), None);
}

#[test]
fn a_demotion_that_leaves_a_writer_quarantines_nothing_but_cuts_acts() {
    let rules = told("| A:o B:a | x A B:w | A:o B:w |");
    let act = written_after(&rules, 'B', 1, &[]);
    assert_eq!(rules.quarantined_by(&act), None);
    let at = rules.author_at(&act);
    assert_eq!((at.role, at.device_ok), (Role::Admin, true));
    assert_eq!(at.cut_by.unwrap().0, "x");
}

#[test]
fn an_act_on_a_bundle_counts_only_what_holds_in_its_past() {
    // B gave C the role apart from B's own removal: the grant of C's hangs on nothing.
    let mut rules = told("| A:o B:a | r A -B; g B C:w | A:o | g");
    let act = written_after(&rules, 'C', 1, &["g"]);
    assert_eq!(rules.author_at(&act).role, Role::None);
    assert_eq!(
        rules.at(&act.past).role(&'C'),
        Role::Writer,
        "it was allowed when it was written"
    );
    let by_revoked = written_after(&told("| A:o B:a | k A !B2 | A:o B:a |"), 'B', 2, &["k"]);
    let rules = told("| A:o B:a | k A !B2 | A:o B:a |");
    assert!(!rules.author_at(&by_revoked).device_ok);
}

#[test]
fn a_standing_reduction_confirms_the_acts_that_it_had_seen() {
    // A (founder) removes C having seen B's act; Q (lower) removes B apart from that.
    let line = parse("| A:o Q:o B:a C:w | r A -C; s Q -B | A:o Q:o |");
    let act = Origin {
        author: 'B',
        chain: Chain(100),
        position: 0,
        ..line.ops[4].origin.clone()
    };
    let mut ops = line.ops.clone();
    let mut without = rules(&line);
    without.extend(ops.iter().cloned()).unwrap();
    assert_eq!(without.author_at(&act).cut_by.unwrap().0, "s");
    ops[4].origin.past.insert(Chain(100), 0);
    let mut with = rules(&line);
    with.extend(ops).unwrap();
    assert_eq!(with.author_at(&act).cut_by, None);
}

#[test]
fn control_ops_of_others_may_stand_anywhere_on_a_chain() {
    // Positions have gaps where other kinds of ops stand.
    let line = parse("| A:o B:a | x B C:w; y B D:w; z A -C <y | A:o B:a D:w |");
    let spread = |op: &Control<Id, char, Nth>| {
        let mut op = op.clone();
        op.origin.position = op.origin.position * 7 + 3;
        op.origin.past = op
            .origin
            .past
            .iter()
            .map(|(chain, at)| (chain, at * 7 + 5))
            .collect();
        op
    };
    let mut rules = rules(&line);
    rules.extend(line.ops.iter().map(spread)).unwrap();
    assert!(rules.verdicts().all(|(_, verdict)| verdict.is_valid()));
    assert_eq!(rules.effort().at_once, line.ops.len() as u64);
    assert_eq!(rules.now().role(&'C'), Role::None);
    assert!(matches!(
        rules.control(&line.ops[0].id).unwrap().act,
        Act::Genesis
    ));
}
