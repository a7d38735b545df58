//! The life of a team, walked step by step: each person with only what they have (protocol §2, "who
//! holds what").
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod ledger_harness;

use ledger_harness::people::Asking;
use ledger_harness::{Packet, Replica, TIME, add_device, found};
use sealfold_team as team;
use team::ids::EntryId;
use team::ledger::Entering;
use team::ledger::{ApproveError, Due, Owed, Reviewed, Standing, ask_to_return};
use team::op::{GivenRole, Policy};
use team::rules::Role;

/// Everyone knows everything, as after a sync.
fn all_meet(people: &mut [&mut Replica]) {
    for _ in 0..2 {
        for one in 0..people.len() {
            for other in 0..people.len() {
                if one != other {
                    let seen: Vec<Packet> = people[other].seen.values().cloned().collect();
                    people[one].deliver(&seen);
                }
            }
        }
    }
    let hash = people[0].ledger.state_hash();
    for one in people.iter() {
        assert_eq!(one.ledger.state_hash(), hash);
        assert_eq!(one.ledger.waiting().count(), 0, "nothing waits");
    }
}

#[test]
fn three_people_share_one_bundle_with_one_of_them() {
    let (_, mut ada) = found();
    let secret = EntryId::make();
    let prod = ada.make_bundle();
    let (_, first) = ada.put(prod, secret, "one");

    let (_, mut ben) = ada.take_in("Ben", GivenRole::Writer);
    let (_, mut cleo) = ada.take_in("Cleo", GivenRole::Reader);
    all_meet(&mut [&mut ada, &mut ben, &mut cleo]);
    assert_eq!(ben.ledger.role(&ben.member()), Role::Writer);
    assert_eq!(cleo.ledger.role(&cleo.member()), Role::Reader);
    // A member reads every op, and no value of a bundle that was not given to them.
    assert_eq!(ben.ledger.state().bundles()[&prod].name(), "api/prod");
    assert!(ben.open(first).is_err());

    ada.grant(prod, ben.member());
    all_meet(&mut [&mut ada, &mut ben, &mut cleo]);
    assert_eq!(ben.value(first), "one");
    assert!(cleo.open(first).is_err());

    let (_, second) = ben.put(prod, secret, "two");
    all_meet(&mut [&mut ada, &mut ben, &mut cleo]);
    assert_eq!(ada.value(second), "two");
    assert_eq!(ada.heads(secret), [second]);
    // Who was not given it can't write it either.
    assert!(cleo.try_put(prod, secret, "three").is_err());

    // Unsharing: a new epoch is due, and until then nobody writes.
    ada.write(|ledger, keys| ledger.ungrant(keys, prod, ben.member(), TIME));
    assert_eq!(ada.due(), [Due::Epoch(prod)]);
    assert!(ada.try_put(prod, secret, "four").is_err());
    ada.rotate_all();
    let (_, fifth) = ada.put(prod, secret, "five");
    all_meet(&mut [&mut ada, &mut ben, &mut cleo]);
    assert!(ben.open(fifth).is_err(), "the unshared read nothing new");
    assert_eq!(ben.value(second), "two");
}

#[test]
fn a_removal_makes_everything_due_that_they_had() {
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Admin);
    let (_, mut cleo) = ada.take_in("Cleo", GivenRole::Writer);
    let (prod, secret) = (ada.make_bundle(), EntryId::make());
    ada.put(prod, secret, "one");
    ada.grant(prod, cleo.member());
    ada.grant(prod, ben.member());
    all_meet(&mut [&mut ada, &mut ben, &mut cleo]);

    ben.write(|ledger, keys| ledger.remove_member(keys, cleo.member(), TIME));
    assert_eq!(ben.due(), [Due::LogKey, Due::Epoch(prod)]);
    ben.rotate_all();
    let (_, new) = ben.put(prod, secret, "two");
    ada.sync(&ben);
    assert_eq!(ada.value(new), "two");
    assert!(ada.due().is_empty());

    cleo.sync(&ben);
    assert_eq!(cleo.ledger.role(&cleo.member()), Role::None);
    assert!(
        !cleo.versions.contains_key(&new),
        "its op stands under a new log key"
    );
    assert!(cleo.try_put(prod, secret, "three").is_err());
}

#[test]
fn who_was_away_while_keys_changed_is_handed_them_by_anyone() {
    // Cleo's phone is revoked while she is away: her generation is stale, so she is left out of
    // new keys until another of her devices has rotated the seed.
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Writer);
    let (_, mut cleo) = ada.take_in("Cleo", GivenRole::Writer);
    let phone = add_device(&mut cleo, "phone");
    let (prod, secret) = (ada.make_bundle(), EntryId::make());
    ada.put(prod, secret, "one");
    ada.grant(prod, cleo.member());
    ada.grant(prod, ben.member());
    all_meet(&mut [&mut ada, &mut ben, &mut cleo]);

    let stolen = (cleo.member(), phone.id());
    ada.write(|ledger, keys| ledger.revoke_device_of(keys, keys.device(), stolen, TIME));
    ada.rotate_all();
    let (_, second) = ada.put(prod, secret, "two");
    all_meet_but_away(&mut ada, &mut ben);
    cleo.sync(&ada);
    assert!(
        !cleo.versions.contains_key(&second),
        "she lacks the log key"
    );
    assert_eq!(cleo.due()[0], Due::MemberKey);

    // She may still rotate her own seed, under the newest log key that she holds.
    cleo.write(|ledger, keys| ledger.rotate_member_key(keys, keys.device(), TIME));
    ben.sync(&cleo);
    let owed = ben.ledger.owed(&ben.keys);
    assert!(
        owed.iter()
            .any(|owed| matches!(owed, Owed::LogKey(_, to) if *to == cleo.member()))
    );
    assert!(owed.contains(&Owed::Bundle(prod, cleo.member())));
    // Any op carries log keys; bundle keys go in a grant that gives no new right.
    ben.write(|ledger, keys| ledger.rewrap(keys, prod, cleo.member(), TIME));
    assert_eq!(ben.ledger.owed(&ben.keys), []);
    cleo.sync(&ben);
    assert_eq!(cleo.value(second), "two");
    assert_eq!(cleo.ledger.waiting().count(), 0);
}

fn all_meet_but_away(one: &mut Replica, other: &mut Replica) {
    other.sync(one);
    one.sync(other);
}

#[test]
fn an_invitation_serves_one_and_only_until_it_expires() {
    // threat 30
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Writer);
    let (invite, text) = ada.invite(GivenRole::Writer);
    let (first, second) = (Asking::by(&text, "Cleo"), Asking::by(&text, "Dora"));
    assert_ne!(first.joining.words, second.joining.words);

    // The secret half stands in nobody's database but those of owners and admins.
    ben.sync(&ada);
    assert!(
        ben.ledger
            .invitation_secrets(&ben.keys, &invite.id())
            .is_none()
    );

    let request = ada.open_request(&first);
    let approval = |compared, requests| team::ledger::Approval {
        invitation: invite.id(),
        request: &request,
        requests,
        compared,
    };
    let late = ada
        .ledger
        .approve(&ada.keys, approval(true, 1), TIME + 1_001);
    assert_eq!(late.unwrap_err(), ApproveError::Expired);
    let unread = ada.ledger.approve(&ada.keys, approval(false, 2), TIME);
    assert_eq!(unread.unwrap_err(), ApproveError::NotCompared);

    ada.try_approve(&first, true).unwrap();
    assert_eq!(
        ada.try_approve(&second, true).unwrap_err(),
        ApproveError::Used
    );
}

#[test]
fn two_uses_of_one_invitation_apart_come_to_one() {
    // threat 30
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Admin);
    let (_, text) = ada.invite(GivenRole::Writer);
    ben.sync(&ada);
    let (cleo, dora) = (Asking::by(&text, "Cleo"), Asking::by(&text, "Dora"));
    let by_ada = ada.try_approve(&cleo, true).unwrap();
    let by_ben = ben.try_approve(&dora, true).unwrap();
    ada.meet(&mut [&mut ben]);
    let stands = |replica: &Replica, packet: &Packet| replica.standing(packet.id()).unwrap();
    let both = [stands(&ada, &by_ada), stands(&ada, &by_ben)];
    assert!(both == [Standing::Valid, Standing::Void] || both == [Standing::Void, Standing::Valid]);
    assert_eq!(both, [stands(&ben, &by_ada), stands(&ben, &by_ben)]);
    // The loser was handed the log key: it has to go.
    assert_eq!(ada.due(), [Due::LogKey]);
    ada.rotate_all();
    let (_, mut loser) = match both[0] {
        Standing::Valid => dora.replica(),
        _ => cleo.replica(),
    };
    loser.sync(&ada);
    assert_eq!(loser.ledger.role(&loser.member()), Role::None);
}

#[test]
fn owners_and_admins_come_in_with_words_compared_only() {
    // threat 18
    let (_, mut ada) = found();
    let (_, text) = ada.invite(GivenRole::Admin);
    let asking = Asking::by(&text, "Ben");
    assert_eq!(
        ada.try_approve(&asking, false).unwrap_err(),
        ApproveError::NotCompared
    );
    ada.try_approve(&asking, true).unwrap();
    let member = asking.joining.keyring.member();
    assert!(ada.ledger.state().members()[&member].is_verified());
}

#[test]
fn late_writes_of_a_removed_member_wait_for_review() {
    // threat 28
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Writer);
    let (prod, secret) = (ada.make_bundle(), EntryId::make());
    ada.put(prod, secret, "one");
    ada.grant(prod, ben.member());
    ben.sync(&ada);
    let (late, version) = ben.put(prod, secret, "two");
    ada.write(|ledger, keys| ledger.remove_member(keys, ben.member(), TIME));
    ada.rotate_all();
    ada.sync(&ben);
    assert_eq!(ada.standing(late.id()), Some(Standing::Quarantined));
    assert!(!ada.heads(secret).contains(&version));
    let adopt = vec![late.id()];
    ada.write(|ledger, keys| ledger.review(keys, prod, adopt, Reviewed::Adopt, TIME));
    assert_eq!(ada.standing(late.id()), Some(Standing::Valid));
    assert!(ada.heads(secret).contains(&version));
}

#[test]
fn a_former_member_comes_back_with_the_devices_that_are_named() {
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Writer);
    let phone = add_device(&mut ben, "phone");
    ada.sync(&ben);
    ada.write(|ledger, keys| ledger.remove_member(keys, ben.member(), TIME));
    ada.rotate_all();
    ben.sync(&ada);

    let (returning, generation, seed) = ask_to_return(&ben.ledger, &ben.keys, Vec::new());
    ben.keys.add_seed(generation, seed);
    let entering = Entering {
        returning,
        role: GivenRole::Reader,
        compared: true,
    };
    ada.write(|ledger, keys| ledger.take_back(keys, &entering, TIME));
    ben.sync(&ada);
    ada.sync(&ben);
    assert_eq!(ben.ledger.waiting().count(), 0);
    for one in [&ada, &ben] {
        assert_eq!(one.ledger.role(&ben.member()), Role::Reader);
        assert!(one.ledger.device_stands(&ben.id()));
        assert!(!one.ledger.device_stands(&phone.id()));
    }
    ben.write(|ledger, keys| {
        ledger.heartbeat(
            keys,
            team::op::Heartbeat {
                audit_head: [0; 32],
                audit_count: 0,
                published: None,
                age: None,
            },
            TIME,
        )
    });
    ada.sync(&ben);
    assert_eq!(ada.ledger.state().heartbeats().len(), 1);
}

#[test]
fn a_newcomers_stolen_laptop_is_left_out_though_it_never_wrote() {
    // It made the seed, so it has it, though no op wraps the seed to it (threat 36).
    let (_, mut ada) = found();
    let (recovery, mut ben) = ada.take_in("Ben", GivenRole::Writer);
    let (prod, secret) = (ada.make_bundle(), EntryId::make());
    let stolen = (ben.member(), ben.id());
    ada.write(|ledger, keys| ledger.revoke_device_of(keys, keys.device(), stolen, TIME));
    let refused = ada.ledger.grant(&ada.keys, prod, ben.member(), false, TIME);
    assert!(
        refused.is_err(),
        "nobody wraps to a generation that a thief has"
    );
    ada.rotate_all();
    let (_, version) = ada.put(prod, secret, "one");
    ben.sync(&ada);
    assert!(!ben.versions.contains_key(&version));
    // Before their first op the recovery key has no seed either: they come in anew.
    let mut paper = Replica::joining(&ben, recovery.device());
    paper.sync(&ada);
    assert!(paper.keys.seeds().next().is_none());
}

#[test]
fn what_honest_people_wrote_under_a_voided_log_key_is_read_by_newcomers() {
    // "Repair": an op is valid under any log key of the team.
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Admin);
    let (_, mut cleo) = ada.take_in("Cleo", GivenRole::Writer);
    let prod = ada.make_bundle();
    ada.grant(prod, cleo.member());
    all_meet(&mut [&mut ada, &mut ben, &mut cleo]);

    let rotation = ben.write(|ledger, keys| ledger.rotate_log_key(keys, TIME));
    cleo.sync(&ben);
    let (written, _) = cleo.put(prod, EntryId::make(), "one");
    ada.write(|ledger, keys| ledger.remove_member(keys, ben.member(), TIME));
    ada.sync(&cleo);
    assert_eq!(ada.standing(rotation.id()), Some(Standing::Void));
    assert_eq!(ada.standing(written.id()), Some(Standing::Valid));
    ada.rotate_all();
    let (_, dora) = ada.take_in("Dora", GivenRole::Reader);
    assert_eq!(dora.ledger.waiting().count(), 0);
    assert_eq!(dora.standing(written.id()), Some(Standing::Valid));
    assert_eq!(dora.ledger.state_hash(), ada.ledger.state_hash());
}

#[test]
fn a_team_gets_its_name_later_and_keeps_it() {
    let (_, mut ada) = found();
    let named = Policy {
        name: Some("acme".to_owned()),
        ..Policy::default()
    };
    ada.write(|ledger, keys| ledger.set_policy(keys, named, TIME));
    assert_eq!(ada.ledger.state().team_name(), "acme");
    let limits = Policy {
        stale_after: 60,
        ..Policy::default()
    };
    ada.write(|ledger, keys| ledger.set_policy(keys, limits, TIME));
    assert_eq!(ada.ledger.state().team_name(), "acme");
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Admin);
    all_meet(&mut [&mut ada, &mut ben]);
    assert_eq!(ben.ledger.state().team_name(), "acme");
    // Only an owner names it.
    let other = Policy {
        name: Some("other".to_owned()),
        ..Policy::default()
    };
    ben.write(|ledger, keys| ledger.set_policy(keys, other, TIME));
    assert_eq!(ben.ledger.state().team_name(), "acme");
}
