//! A member's age recipient (protocol §10): said by their own devices, of their current seed, and
//! by nobody else.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod ledger_harness;

use crypto::ExchangePublic;
use ledger_harness::{Replica, TIME, add_device, found};
use sealfold_team as team;
use team::op::{AgeRecipient, GivenRole, Heartbeat};

fn beat(replica: &mut Replica, age: Option<AgeRecipient>) {
    let heartbeat = Heartbeat {
        audit_head: [0; 32],
        audit_count: 0,
        published: None,
        age,
    };
    replica.write(|ledger, keys| ledger.heartbeat(keys, heartbeat, TIME));
}

fn own(replica: &Replica) -> AgeRecipient {
    let own = replica.ledger.own_age_recipient(&replica.keys);
    own.expect("the current seed")
}

#[test]
fn a_member_says_their_own_and_takes_it_along_to_a_new_seed() {
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Writer);
    let member = ben.keys.member();
    assert_eq!(ada.ledger.age_recipient(&member), None, "not said yet");
    let first = own(&ben);
    beat(&mut ben, Some(first));
    ada.sync(&ben);
    assert_eq!(ada.ledger.age_recipient(&member), Some(first.public));
    let identity = ben.keys.seed(&first.seed).unwrap().1.age();
    assert_eq!(identity.public(), first.public);

    // A revoked device has the seed, so what was encrypted to it would be open to its finder.
    let phone = add_device(&mut ben, "phone");
    let phone = phone.id();
    ben.write(|ledger, keys| ledger.revoke_device(keys, keys.device(), phone, TIME));
    ada.sync(&ben);
    assert_eq!(ada.ledger.age_recipient(&member), None, "stale");
    ben.write(|ledger, keys| ledger.rotate_member_key(keys, keys.device(), TIME));
    ben.write(|ledger, keys| ledger.rotate_log_key(keys, TIME));
    ada.sync(&ben);
    assert_eq!(ada.ledger.age_recipient(&member), None, "of the old seed");
    let second = own(&ben);
    assert_ne!(second, first);
    beat(&mut ben, Some(second));
    ada.sync(&ben);
    assert_eq!(ada.ledger.age_recipient(&member), Some(second.public));

    ada.write(|ledger, keys| ledger.remove_member(keys, member, TIME));
    assert_eq!(ada.ledger.age_recipient(&member), None, "out");
}

#[test]
fn nobody_says_it_for_another_and_devices_that_disagree_say_nothing() {
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Writer);
    let member = ben.keys.member();
    let evil = own(&ada).public;
    let seed = own(&ben).seed;
    beat(&mut ada, Some(AgeRecipient { seed, public: evil }));
    assert_eq!(ada.ledger.age_recipient(&member), None);
    let own_of_ben = own(&ben);
    beat(&mut ben, Some(own_of_ben));
    ada.sync(&ben);
    assert_eq!(ada.ledger.age_recipient(&member), Some(own_of_ben.public));

    let mut phone = add_device(&mut ben, "phone");
    phone.sync(&ben);
    beat(&mut phone, Some(AgeRecipient { seed, public: evil }));
    ada.sync(&phone);
    assert_eq!(ada.ledger.age_recipient(&member), None, "which one?");
    beat(&mut phone, Some(own_of_ben));
    ada.sync(&phone);
    assert_eq!(ada.ledger.age_recipient(&member), Some(own_of_ben.public));

    // To a key of small order everybody could open.
    for replica in [&mut ben, &mut phone] {
        let public = ExchangePublic::from_bytes([0; 32]);
        beat(replica, Some(AgeRecipient { seed, public }));
        ada.sync(replica);
    }
    assert_eq!(ada.ledger.age_recipient(&member), None);
}
