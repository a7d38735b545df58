//! Devices that enter twice, claim to be what they are not, or write two ops at one place.

use crypto::{DeviceSecret, Purpose, RecoveryKey, SecretBytes};

use super::forge::{Forged, rejection, standing};
use super::harness::{Replica, TIME, add_device, content, copy, found, id};
use crate::caps;
use crate::error::Rejection;
use crate::ids::{EntryId, VersionId};
use crate::ledger::{Draft, Missing, Receipt, Standing};
use crate::op::Action;
use crate::statement::statement_payload;

#[test]
fn a_cloned_device_is_found_out_and_both_its_ops_are_kept() {
    // threat 40
    let (_, mut laptop) = found();
    let (bundle, entry) = (laptop.make_bundle(), EntryId::make());
    let mut phone = add_device(&mut laptop, "phone");
    let mut clone = laptop.twin();
    let (here, _) = laptop.put(bundle, entry, "here");
    let (there, _) = clone.put(bundle, entry, "there");
    let (further, _) = clone.put(bundle, entry, "further");
    assert!(!phone.ledger.chains().forked(&laptop.id()));
    phone.deliver([&further, &here, &there]);
    assert!(phone.ledger.chains().forked(&laptop.id()));
    for op in [&here, &there, &further] {
        assert_eq!(phone.standing(op.id()), Some(Standing::Valid));
    }
    // The client itself finds its double too.
    laptop.sync(&phone);
    assert!(laptop.ledger.chains().forked(&laptop.id()));
    // The answer is a revocation that has seen both branches: all that it saw stays.
    let lost = laptop.id();
    let revocation =
        phone.write(|ledger, keys| ledger.revoke_device(keys, keys.device(), lost, TIME));
    let own = phone
        .log
        .iter()
        .find(|op| op.id() == revocation.id())
        .unwrap();
    assert_eq!(own.deps().iter().filter(|dep| dep.0 == lost).count(), 2);
    for op in [&here, &there, &further] {
        assert_eq!(phone.standing(op.id()), Some(Standing::Valid));
    }
    // What either writes later is cut off, though it continues a branch.
    let (late, _) = clone.put(bundle, entry, "late");
    phone.receive(&late);
    assert_eq!(phone.standing(late.id()), Some(Standing::Quarantined));
}

#[test]
fn a_fork_is_restored_as_it_was() {
    let (_, mut laptop) = found();
    let (bundle, entry) = (laptop.make_bundle(), EntryId::make());
    let mut clone = laptop.twin();
    for _ in 0..3 {
        laptop.put(bundle, entry, "here");
        clone.put(bundle, entry, "there");
    }
    laptop.write(|ledger, keys| ledger.archive_bundle(keys, bundle, true, TIME));
    clone.write(|ledger, keys| ledger.archive_bundle(keys, bundle, false, TIME));
    laptop.sync(&clone);
    let restored = laptop.restarted();
    assert!(restored.chains().forked(&laptop.id()));
    let heads = |ledger: &crate::ledger::Ledger| {
        let mut heads: Vec<_> = ledger
            .chains()
            .heads()
            .map(|(_, device, seq, op)| (device, seq, op))
            .collect();
        heads.sort();
        heads
    };
    assert_eq!(heads(&restored), heads(&laptop.ledger));
    assert_eq!(restored.state_hash(), laptop.ledger.state_hash());
}

#[test]
fn the_recovery_key_keeps_no_state_and_may_write_twice_at_one_place() {
    let (recovery, mut laptop) = found();
    laptop.make_bundle();
    let bare = || {
        let mut paper = Replica::joining(&laptop, recovery.device());
        paper.sync(&laptop);
        paper
    };
    let add = |paper: &mut Replica| {
        let device = DeviceSecret::make();
        paper.write(|ledger, keys| ledger.add_device(keys, keys.device(), &device, "new", TIME));
        id(&device)
    };
    let (mut first, mut second) = (bare(), bare());
    let devices = [add(&mut first), add(&mut second)];
    laptop.sync(&first);
    laptop.sync(&second);
    assert!(laptop.ledger.chains().forked(&first.id()));
    assert!(
        devices
            .iter()
            .all(|device| laptop.ledger.device_stands(device))
    );
    // A third time, on a machine that has seen both: it knows all devices, so its rotation stands.
    let mut third = Replica::joining(&laptop, recovery.device());
    third.sync(&laptop);
    let rotation = third.write(|ledger, keys| ledger.rotate_member_key(keys, keys.device(), TIME));
    assert_eq!(standing(&mut laptop, &rotation), Standing::Valid);
}

#[test]
fn a_device_does_not_make_itself_the_recovery_key() {
    // Threat 32: the recovery key outranks every device, so only a recovery key brings in another.
    let (_, mut laptop) = found();
    let phone = add_device(&mut laptop, "phone");
    let payload = statement_payload(&phone.ledger.team(), &phone.member());
    let accomplice = RecoveryKey::make().device();
    for new in [phone.keys.device(), &accomplice] {
        let mut forged = Forged::draft(&phone, |ledger, keys| {
            ledger.add_device(keys, keys.device(), new, "", TIME)
        });
        let Action::AddDevice(add) = &mut forged.inner.action else {
            panic!("it is one")
        };
        add.recovery = true;
        add.statement = crypto::sign(new, Purpose::RecoveryStatement, &payload);
        let (mut reader, mut thief) = (laptop.twin(), phone.twin());
        let packet = forged.packet(&phone.keys);
        thief.receive(&packet);
        assert_eq!(standing(&mut reader, &packet), Standing::Void);
        assert_eq!(reader.ledger.device_stands(&id(new)), id(new) == phone.id());
        assert!(
            !reader
                .ledger
                .state()
                .devices()
                .get(&id(new))
                .is_some_and(|device| device.recovery)
        );
        // It is no older than before: the laptop's revocation cuts off what it had not seen.
        let another = DeviceSecret::make();
        let unseen =
            thief.write(|ledger, keys| ledger.add_device(keys, keys.device(), &another, "", TIME));
        reader.write(|ledger, keys| ledger.revoke_device(keys, keys.device(), phone.id(), TIME));
        assert_eq!(standing(&mut reader, &unseen), Standing::Void);
    }
}

#[test]
fn repeating_a_devices_statement_takes_nothing_from_it() {
    // A stolen device copies the statement of a newer one into an op of its own, backdated to
    // before its revocation and to before the real addition.
    let (recovery, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let stolen = add_device(&mut laptop, "stolen");
    let mut paper = Replica::joining(&laptop, recovery.device());
    paper.sync(&laptop);
    let lost = stolen.id();
    paper.write(|ledger, keys| ledger.revoke_device(keys, keys.device(), lost, TIME));
    let device = DeviceSecret::make();
    let real =
        paper.write(|ledger, keys| ledger.add_device(keys, keys.device(), &device, "desk", TIME));
    let mut desk = Replica::joining(&paper, copy(&device));
    desk.sync(&paper);
    desk.rotate_all();
    let (first, _) = desk.put(bundle, EntryId::make(), "before the copy arrives");

    let new = copy(&device);
    let mut copied = Forged::draft(&stolen, |ledger, keys| {
        ledger.add_device(keys, keys.device(), &new, "mine", TIME)
    });
    let statement = paper
        .log
        .iter()
        .find(|op| op.id() == real.id())
        .map(|op| match op.action() {
            Action::AddDevice(add) => add.statement.clone(),
            other => panic!("{other:?}"),
        });
    let Action::AddDevice(add) = &mut copied.inner.action else {
        panic!("it is one")
    };
    add.statement = statement.unwrap();
    let copied = copied.packet(&stolen.keys);

    desk.receive(&copied);
    let mut other_order = Replica::joining(&paper, recovery.device());
    other_order.receive(&copied);
    other_order.sync(&desk);
    for replica in [&desk, &other_order] {
        assert_eq!(replica.standing(copied.id()), Some(Standing::Void));
        assert!(replica.ledger.device_stands(&desk.id()));
        assert_eq!(replica.ledger.state().devices()[&desk.id()].name, "desk");
        assert_eq!(replica.standing(first.id()), Some(Standing::Valid));
    }
    assert_eq!(desk.ledger.state_hash(), other_order.ledger.state_hash());
    // Having seen the copy it still writes.
    let (second, _) = desk.put(bundle, EntryId::make(), "after");
    assert_eq!(desk.standing(second.id()), Some(Standing::Valid));
    other_order.receive(&second);
    assert_eq!(other_order.standing(second.id()), Some(Standing::Valid));
}

#[test]
fn an_op_needs_its_devices_introduction_in_its_own_past() {
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let before = laptop.ledger.chains().head(&laptop.id()).unwrap();
    let lamport = laptop.log.last().unwrap().lamport();
    let phone = add_device(&mut laptop, "phone");
    let mut forged = Forged::draft(&phone, |ledger, keys| {
        ledger.archive_bundle(keys, bundle, true, TIME)
    });
    forged.inner.deps = vec![crate::op::Dep(laptop.id(), before.0.seq, before.1)];
    forged.inner.lamport = lamport + 1;
    let packet = forged.packet(&phone.keys);
    // Known or not yet: it never applies.
    assert!(matches!(
        rejection(&mut laptop, &packet),
        Rejection::Chain { .. }
    ));
    let add = laptop.log.last().unwrap().id();
    let mut late = Replica::joining(&laptop, copy(laptop.keys.device()));
    late.deliver(laptop.seen.values().filter(|packet| packet.id() != add));
    let receipts = late.receive(&packet);
    assert!(
        matches!(
            receipts[0],
            Receipt::Waiting {
                missing: Missing::Device(_),
                ..
            }
        ),
        "{receipts:?}"
    );
    let receipts = late.receive(&laptop.seen[&add]);
    assert!(matches!(
        receipts[..],
        [
            Receipt::Applied(..),
            Receipt::Rejected {
                rejection: Rejection::Chain { .. },
                ..
            }
        ]
    ));
    // Nor does one that cites nothing at all.
    let mut rootless = Forged::draft(&phone, |ledger, keys| {
        ledger.archive_bundle(keys, bundle, true, TIME)
    });
    rootless.inner.deps.clear();
    rootless.inner.lamport = 0;
    assert!(matches!(
        rejection(&mut laptop, &rootless.packet(&phone.keys)),
        Rejection::Chain { .. }
    ));
}

#[test]
fn a_non_members_op_waits_and_changes_nothing() {
    // threat 26: even with a log key that leaked.
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let stranger = DeviceSecret::make();
    let mut forged = Forged::draft(&laptop, |ledger, keys| {
        ledger.archive_bundle(keys, bundle, true, TIME)
    });
    let head = laptop.ledger.chains().head(&laptop.id()).unwrap();
    (forged.outer.seq, forged.inner.seq, forged.outer.prev) = (0, 0, None);
    forged.inner.deps = vec![crate::op::Dep(laptop.id(), head.0.seq, head.1)];
    let before = laptop.ledger.state_hash();
    let receipts = laptop.receive(&forged.signed_by(&stranger, &laptop.keys));
    assert!(matches!(
        receipts[..],
        [Receipt::Waiting {
            missing: Missing::Device(_),
            ..
        }]
    ));
    assert_eq!(laptop.ledger.state_hash(), before);
    assert!(!laptop.ledger.state().bundles()[&bundle].archived);
}

#[test]
fn a_device_that_names_anothers_exchange_key_unseats_nobody() {
    // threat 33: only the signing key is shown to be its own.
    let (recovery, mut laptop) = found();
    let paper = recovery.device();
    // Whichever of the two ids is the greater.
    for greater in [true, false] {
        let own = std::iter::repeat_with(|| {
            let made = DeviceSecret::make().to_bytes();
            let exchange = paper.to_bytes();
            let bytes = [&made.expose()[..32], &exchange.expose()[32..]].concat();
            DeviceSecret::from_bytes(&SecretBytes::from_slice(&bytes).unwrap())
        });
        let mut right = own.filter(|device| (id(device) > id(&paper)) == greater);
        let device = right.next().unwrap();
        laptop.write(|ledger, keys| ledger.add_device(keys, keys.device(), &device, "x", TIME));
        assert!(laptop.ledger.device_stands(&id(&device)));
        assert!(laptop.ledger.device_stands(&id(&paper)));
    }
    let mut owner = laptop.twin();
    let stolen = laptop.id();
    let packet = owner.write(|ledger, keys| ledger.revoke_device(keys, &paper, stolen, TIME));
    assert_eq!(laptop.receive(&packet).len(), 1);
    assert!(!laptop.ledger.device_stands(&stolen));
    assert!(laptop.ledger.device_stands(&id(&paper)));
}

#[test]
fn who_forks_without_end_stops_nobody_from_writing() {
    // threat 13: an op that cites too much is none.
    let (_, mut laptop) = found();
    let (bundle, entry) = (laptop.make_bundle(), EntryId::make());
    let phone = add_device(&mut laptop, "phone");
    for nth in 0..3 * caps::BRANCHES_CITED as u64 {
        let value = content("a value");
        let mut forged = Forged::draft(&phone, |ledger, keys| {
            let draft = Draft {
                entry,
                version: VersionId::make(),
                predecessors: Vec::new(),
                content: &value,
            };
            ledger.put(keys, bundle, &[draft], TIME)
        });
        forged.inner.time = TIME + nth;
        laptop.receive(&forged.packet(&phone.keys));
    }
    // One branch more, on which something is in force.
    let forged = Forged::draft(&phone, |ledger, keys| {
        ledger.archive_bundle(keys, bundle, true, TIME)
    });
    let in_force = forged.packet(&phone.keys);
    laptop.receive(&in_force);
    laptop.write(|ledger, keys| ledger.archive_bundle(keys, bundle, false, TIME));
    let deps = laptop.log.last().unwrap().deps();
    assert_eq!(deps.len(), caps::BRANCHES_CITED + 1);
    assert!(deps.iter().any(|dep| dep.2 == in_force.id()));
}

#[test]
fn births_are_judged_anew_when_a_device_turns_out_to_be_older() {
    let (_, mut first) = found();
    let bundle = first.make_bundle();
    // Two copies of the first device, from before: what they write comes late, and is early.
    let (mut earlier, mut earliest) = (first.twin(), first.twin());
    earlier.write(|ledger, keys| ledger.archive_bundle(keys, bundle, true, TIME));
    let archived = earlier.seen.clone();
    for _ in 0..4 {
        first.write(|ledger, keys| ledger.archive_bundle(keys, bundle, true, TIME));
    }
    let mut one = add_device(&mut first, "one");
    let mut other = add_device(&mut first, "other");
    one.sync(&first);
    let (ones, others) = (one.id(), other.id());
    let (one_secret, other_secret) = (copy(one.keys.device()), copy(other.keys.device()));
    let by_one = one.write(|ledger, keys| ledger.revoke_device(keys, keys.device(), others, TIME));
    let by_other =
        other.write(|ledger, keys| ledger.revoke_device(keys, keys.device(), ones, TIME));
    one.receive(&by_other);
    // The older one stands, and goes on.
    let later = one.write(|ledger, keys| ledger.rotate_member_key(keys, keys.device(), TIME));
    assert_eq!(one.standing(later.id()), Some(Standing::Valid));
    // Then the other is older, and in the end the one again.
    let name = "again";
    let aged_other = earlier
        .write(|ledger, keys| ledger.add_device(keys, keys.device(), &other_secret, name, TIME));
    let aged_one = earliest
        .write(|ledger, keys| ledger.add_device(keys, keys.device(), &one_secret, name, TIME));
    let orders = [
        [&later, &aged_other, &aged_one],
        [&aged_other, &later, &aged_one],
        [&aged_other, &aged_one, &later],
        [&aged_one, &aged_other, &later],
    ];
    let results = orders.map(|order| {
        let mut reader = first.twin();
        reader.deliver(archived.values());
        reader.deliver([&by_one, &by_other]);
        reader.deliver(order);
        (reader.standing(later.id()), reader.ledger.state_hash())
    });
    assert_eq!(results[0].0, Some(Standing::Valid));
    assert!(
        results.iter().all(|result| *result == results[0]),
        "{results:?}"
    );
}
