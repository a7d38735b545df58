//! Small races, over all orders of delivery: people act apart from each other, and everybody who
//! hears of it comes to the same (threats 10, 27, 29 and 41).
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod ledger_harness;

use crypto::RecoveryKey;
use ledger_harness::people::Asking;
use ledger_harness::{Packet, Replica, TIME, found};
use sealfold_team as team;
use team::AuthorError;
use team::ids::{BundleId, EntryId, OpId};
use team::keyring::Keyring;
use team::ledger::{Authored, Ledger, Reviewed, Standing};
use team::op::GivenRole;
use team::rules::Role;

struct Team {
    /// Ada's recovery key.
    paper: RecoveryKey,
    ada: Replica,
    ben: Replica,
    cleo: Replica,
    bundle: BundleId,
    base: Vec<Packet>,
}

/// An owner and two of these roles, who share a bundle and have heard of everything.
fn team(roles: [GivenRole; 2]) -> Team {
    let (paper, mut ada) = found();
    let bundle = ada.make_bundle();
    let [(_, mut ben), (_, mut cleo)] = roles.map(|role| ada.take_in("somebody", role));
    ada.grant(bundle, ben.member());
    ada.grant(bundle, cleo.member());
    for one in [&mut ben, &mut cleo] {
        one.sync(&ada);
    }
    let base = ada
        .log
        .iter()
        .map(|op| ada.seen[&op.id()].clone())
        .collect();
    Team {
        paper,
        ada,
        ben,
        cleo,
        bundle,
        base,
    }
}

/// Every order of these, by Heap's algorithm.
fn orders(packets: &mut Vec<Packet>, count: usize, each: &mut impl FnMut(&[Packet])) {
    if count <= 1 {
        return each(packets);
    }
    for at in 0..count {
        orders(packets, count - 1, each);
        packets.swap(if count.is_multiple_of(2) { at } else { 0 }, count - 1);
    }
}

/// Standings and roles are the same in every order; gives one who has heard of everything.
fn race(team: &Team, mut packets: Vec<Packet>) -> Replica {
    let mut reader = team.ada.ledger_of_its_own();
    reader.deliver(&team.base);
    // Who has heard of the team's beginnings, once more.
    let fresh = || {
        let mut again = team.ada.ledger_of_its_own();
        again.ledger = reader.ledger.clone();
        again.archive = reader.archive.clone();
        again.seen = reader.seen.clone();
        again.keys = reader.ledger_of_its_own().keys;
        for id in reader.keys.log_keys() {
            let key = reader.keys.log_key(id).unwrap();
            again
                .keys
                .add_log_key(crypto::SecretBytes::new(*key.expose()));
        }
        again
    };
    let mut one = fresh();
    one.deliver(&packets);
    let ids: Vec<OpId> = packets.iter().map(Packet::id).collect();
    let standings = |of: &Replica| -> Vec<_> { ids.iter().map(|id| of.standing(*id)).collect() };
    let expected = (
        one.ledger.state_hash(),
        standings(&one),
        one.ledger.duties(),
    );
    let count = packets.len();
    orders(&mut packets, count, &mut |order| {
        let mut other = fresh();
        other.deliver(order);
        let found = (
            other.ledger.state_hash(),
            standings(&other),
            other.ledger.duties(),
        );
        assert_eq!(found, expected);
    });
    one
}

fn apart(
    of: &mut Replica,
    act: impl FnOnce(&Ledger, &Keyring) -> Result<Authored, AuthorError>,
) -> Packet {
    of.write(act)
}

#[test]
fn admins_who_remove_each_other_come_to_one() {
    // threat 27
    let mut team = team([GivenRole::Admin, GivenRole::Admin]);
    let (ben, cleo) = (team.ben.member(), team.cleo.member());
    let packets = vec![
        apart(&mut team.ben, |l, k| l.remove_member(k, cleo, TIME)),
        team.cleo.put(team.bundle, EntryId::make(), "late").0,
        apart(&mut team.cleo, |l, k| l.remove_member(k, ben, TIME)),
        apart(&mut team.ada, |l, k| {
            l.archive_bundle(k, team.bundle, true, TIME)
        }),
    ];
    let after = race(&team, packets);
    // Ben has held the role for longer.
    assert_eq!(after.ledger.role(&ben), Role::Admin);
    assert_eq!(after.ledger.role(&cleo), Role::None);
}

#[test]
fn the_last_owner_is_not_lost() {
    // threat 41
    let mut team = team([GivenRole::Owner, GivenRole::Owner]);
    let [ada, ben, cleo] = [&team.ada, &team.ben, &team.cleo].map(Replica::member);
    let packets = vec![
        apart(&mut team.ada, |l, k| l.remove_member(k, ben, TIME)),
        apart(&mut team.ben, |l, k| l.remove_member(k, cleo, TIME)),
        apart(&mut team.cleo, |l, k| {
            l.set_role(k, ada, GivenRole::Reader, TIME)
        }),
    ];
    let after = race(&team, packets);
    // The founder's removal stands first; it frees the third from the second's, and so the third's
    // stands too.
    let roles = [ada, ben, cleo].map(|one| after.ledger.role(&one));
    assert_eq!(roles, [Role::Reader, Role::None, Role::Owner]);
}

#[test]
fn a_removal_stands_against_a_grant_and_a_role_given_apart() {
    // threats 28 and 29
    let mut team = team([GivenRole::Admin, GivenRole::Writer]);
    let cleo = team.cleo.member();
    let packets = vec![
        apart(&mut team.ada, |l, k| l.remove_member(k, cleo, TIME)),
        apart(&mut team.ben, |l, k| {
            l.set_role(k, cleo, GivenRole::Admin, TIME)
        }),
        team.cleo.put(team.bundle, EntryId::make(), "late").0,
        apart(&mut team.cleo, |l, k| l.rotate_log_key(k, TIME)),
    ];
    let (late, rotation) = (packets[2].id(), packets[3].id());
    let after = race(&team, packets);
    assert_eq!(after.ledger.role(&cleo), Role::None);
    assert_eq!(after.standing(late), Some(Standing::Quarantined));
    assert_eq!(after.standing(rotation), Some(Standing::Void));
}

#[test]
fn one_invitation_lets_in_one_of_two() {
    // threat 30
    let mut team = team([GivenRole::Admin, GivenRole::Owner]);
    let (invite, text) = team.ada.invite(GivenRole::Writer);
    team.base.push(invite.clone());
    let mut askers = Vec::new();
    for approver in [&mut team.ben, &mut team.cleo] {
        approver.receive(&invite);
        let asking = Asking::by(&text, "Newcomer");
        let packet = approver.try_approve(&asking, true).unwrap();
        askers.push((packet, asking.joining.keyring.member()));
    }
    let ben = team.ben.member();
    let (dan, eve) = (askers[0].1, askers[1].1);
    let mut packets: Vec<Packet> = askers.into_iter().map(|(packet, _)| packet).collect();
    packets.push(apart(&mut team.ada, |l, k| {
        l.set_role(k, ben, GivenRole::Reader, TIME)
    }));
    let after = race(&team, packets);
    // Ben was no admin any more when he let somebody in.
    assert_eq!(after.ledger.role(&dan), Role::None);
    assert_eq!(after.ledger.role(&eve), Role::Writer);
}

#[test]
fn a_stolen_laptop_loses_to_the_paper() {
    // threats 25 and 29
    let mut team = team([GivenRole::Admin, GivenRole::Writer]);
    let [ada, ben, cleo] = [&team.ada, &team.ben, &team.cleo].map(Replica::member);
    let (laptop, paper) = (team.ada.id(), team.paper.device());
    let mut stolen = team.ada.ledger_of_its_own();
    stolen.deliver(&team.base);
    let mut owner = team.ada.ledger_of_its_own();
    owner.deliver(&team.base);
    let packets = vec![
        apart(&mut owner, |l, k| l.revoke_device(k, &paper, laptop, TIME)),
        apart(&mut stolen, |l, k| {
            l.set_role(k, cleo, GivenRole::Owner, TIME)
        }),
        apart(&mut stolen, |l, k| l.remove_member(k, ben, TIME)),
        apart(&mut team.cleo, |l, k| l.rotate_log_key(k, TIME)),
    ];
    let after = race(&team, packets);
    let roles = [ada, ben, cleo].map(|one| after.ledger.role(&one));
    assert_eq!(roles, [Role::Owner, Role::Admin, Role::Writer]);
    assert!(!after.ledger.device_stands(&laptop));
}

#[test]
fn what_one_adopts_and_another_drops_is_there() {
    let mut team = team([GivenRole::Writer, GivenRole::Writer]);
    let ben = team.ben.member();
    let late = team.ben.put(team.bundle, EntryId::make(), "late").0;
    let removal = apart(&mut team.ada, |l, k| l.remove_member(k, ben, TIME));
    let rotation = apart(&mut team.ada, |l, k| l.rotate_log_key(k, TIME));
    team.ada.receive(&late);
    team.cleo.deliver([&late, &removal, &rotation]);
    let (bundle, id) = (team.bundle, late.id());
    let packets = vec![
        apart(&mut team.ada, |l, k| {
            l.review(k, bundle, vec![id], Reviewed::Drop, TIME)
        }),
        apart(&mut team.cleo, |l, k| {
            l.review(k, bundle, vec![id], Reviewed::Adopt, TIME)
        }),
        late,
        removal,
        rotation,
    ];
    let after = race(&team, packets);
    assert_eq!(after.standing(id), Some(Standing::Valid));
}

#[test]
fn a_bundle_that_is_given_and_taken_apart_is_taken() {
    // threat 28
    let mut team = team([GivenRole::Admin, GivenRole::Writer]);
    let (cleo, bundle) = (team.cleo.member(), team.bundle);
    let taken = apart(&mut team.ada, |l, k| l.ungrant(k, bundle, cleo, TIME));
    let epoch = team.ada.start_epoch(bundle);
    let packets = vec![
        taken,
        epoch,
        apart(&mut team.ben, |l, k| l.ungrant(k, bundle, cleo, TIME)),
        team.ben.start_epoch(bundle),
        apart(&mut team.ben, |l, k| l.grant(k, bundle, cleo, false, TIME)),
    ];
    let after = race(&team, packets);
    let known = &after.ledger.state().bundles()[&bundle];
    // What Ben took and gave again had not seen that Ada took it.
    assert!(!after.ledger.has_access(&cleo, known));
}
