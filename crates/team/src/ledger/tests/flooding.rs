//! More than anybody means to send: what waits is capped (threat 13).

use crypto::{DeviceSecret, Purpose, SecretBytes};

use super::forge::Forged;
use super::harness::{Packet, Replica, TIME, add_device, copy, found};
use crate::caps;
use crate::cbor;
use crate::error::Malformed;
use crate::ids::{BundleId, DeviceId, OpId};
use crate::ledger::waiting::{Envelope, Missing, News, WaitingRoom};
use crate::ledger::{Arrival, Receipt};
use crate::pack::{pack_id, read_pack};

fn op(nth: u32) -> OpId {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&nth.to_be_bytes());
    OpId::from_bytes(bytes)
}

fn admit(room: &mut WaitingRoom, nth: u32, known: bool, size: usize) {
    let device = DeviceId::from_bytes([u8::from(known); 32]);
    let bytes = vec![0; size];
    let missing = Missing::Op {
        device,
        seq: 0,
        op: op(u32::MAX),
        another_stands: false,
    };
    let envelope = Envelope {
        op: op(nth),
        device,
        known,
        carries_keys: false,
    };
    room.admit(
        envelope,
        Arrival {
            op: &bytes,
            pack: None,
        },
        missing,
    );
}

fn waiting(room: &WaitingRoom) -> Vec<OpId> {
    room.iter().map(|(op, _)| *op).collect()
}

#[test]
fn strangers_have_little_room_and_take_none_from_others() {
    let mut room = WaitingRoom::default();
    admit(&mut room, 0, true, 1);
    let strangers = caps::WAITING_UNKNOWN as u32;
    (1..=strangers + 50).for_each(|nth| admit(&mut room, nth, false, 1));
    let kept = waiting(&room);
    assert_eq!(kept.len(), 1 + caps::WAITING_UNKNOWN);
    assert!(kept.contains(&op(0)) && !kept.contains(&op(50)) && kept.contains(&op(51)));
    // Once their device is introduced they are as others.
    room.introduce(&DeviceId::from_bytes([0; 32]));
    (1_000..1_000 + strangers).for_each(|nth| admit(&mut room, nth, false, 1));
    assert_eq!(room.iter().count(), 1 + 2 * caps::WAITING_UNKNOWN);
}

#[test]
fn all_that_waits_is_bounded_in_number_and_in_bytes() {
    let mut room = WaitingRoom::default();
    admit(&mut room, 0, false, 1);
    let most = caps::WAITING as u32;
    (1..=most).for_each(|nth| admit(&mut room, nth, true, 1));
    let kept = waiting(&room);
    assert!(
        kept.len() == caps::WAITING && !kept.contains(&op(0)),
        "the stranger's goes first"
    );
    admit(&mut room, most + 1, true, 1);
    assert!(
        !waiting(&room).contains(&op(1)),
        "then what has waited longest"
    );

    let mut room = WaitingRoom::default();
    let each = caps::WAITING_BYTES / 4;
    (0..6).for_each(|nth| admit(&mut room, nth, true, each));
    assert_eq!(waiting(&room), [op(2), op(3), op(4), op(5)]);
    // The same op again takes no further place.
    (0..6).for_each(|_| admit(&mut room, 5, true, each));
    assert_eq!(waiting(&room), [op(2), op(3), op(4), op(5)]);
    assert_eq!(room.release(News::Op(op(u32::MAX))).len(), 4);
    assert_eq!(room.iter().count(), 0);
}

#[test]
fn a_strangers_made_up_log_keys_do_not_count_as_a_known_devices() {
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let mut reader = add_device(&mut laptop, "phone");
    // One genuine op that waits for another.
    laptop.write(|ledger, keys| ledger.archive_bundle(keys, bundle, true, TIME));
    let second = laptop.write(|ledger, keys| ledger.archive_bundle(keys, bundle, false, TIME));
    assert!(matches!(
        reader.receive(&second)[0],
        Receipt::Waiting {
            missing: Missing::Op { .. },
            ..
        }
    ));
    for _ in 0..caps::WAITING_UNKNOWN + 20 {
        let device = DeviceSecret::make();
        let mut forged = Forged::draft(&laptop, |ledger, keys| {
            ledger.archive_bundle(keys, bundle, true, TIME)
        });
        forged.outer.log_key = crypto::key_id(&SecretBytes::make());
        forged.outer.device = DeviceId::of(&device.public());
        let packet = Packet::new(crypto::sign(
            &device,
            Purpose::OpSignature,
            &cbor::encode(&forged.outer),
        ));
        assert!(matches!(
            reader.receive(&packet)[0],
            Receipt::Waiting {
                missing: Missing::LogKey(_),
                ..
            }
        ));
    }
    assert_eq!(reader.ledger.waiting().count(), 1 + caps::WAITING_UNKNOWN);
    assert!(reader.ledger.waiting().any(|(op, _)| *op == second.id()));
}

#[test]
fn ops_come_out_in_one_go_whatever_they_had_waited_for() {
    // The order is the worst there is, and the archive knows nothing of what is applied in between.
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let mut reader = add_device(&mut laptop, "phone");
    let mut tablet = add_device(&mut laptop, "tablet");
    let known = reader.log.len();
    for round in 0..4 {
        for _ in 0..3 {
            laptop.put(bundle, crate::ids::EntryId::make(), "laptop's");
        }
        tablet.deliver(laptop.seen.values().take(laptop.seen.len() - round));
        tablet.put(bundle, crate::ids::EntryId::make(), "tablet's");
        laptop.sync(&tablet);
    }
    let mut rest: Vec<Packet> = laptop
        .log
        .iter()
        .map(|op| laptop.seen[&op.id()].clone())
        .collect();
    rest.retain(|packet| !reader.seen.contains_key(&packet.id()));
    for packet in rest[1..].iter().rev() {
        reader.receive(packet);
    }
    assert_eq!(reader.log.len(), known);
    let receipts = reader.receive(&rest[0]);
    assert_eq!(reader.log.len(), laptop.log.len(), "{receipts:?}");
    assert_eq!(reader.ledger.waiting().count(), 0);
    assert_eq!(reader.data, laptop.data);
}

#[test]
fn a_pack_is_counted_before_anything_is_built() {
    // A few bytes could claim to be millions of versions, each of which takes memory.
    let mut many = vec![0x9a, 0x00, 0x10, 0x00, 0x00];
    many.resize(many.len() + (1 << 20), 0x40);
    assert_eq!(
        read_pack(&pack_id(&many), &many, 1).unwrap_err(),
        Malformed::Inconsistent
    );
    assert_eq!(
        read_pack(&pack_id(&many), &many, 1 << 20).unwrap().len(),
        1 << 20
    );
    let large = vec![0; caps::PACK_BYTES + 1];
    assert_eq!(
        read_pack(&pack_id(&large), &large, 1).unwrap_err(),
        Malformed::TooLarge
    );
}

#[test]
fn an_op_that_was_known_takes_no_room() {
    let (_, mut laptop) = found();
    let bundle: BundleId = laptop.make_bundle();
    let put = laptop.put(bundle, crate::ids::EntryId::make(), "a value").0;
    for _ in 0..3 {
        assert!(matches!(laptop.receive(&put)[..], [Receipt::Known(_)]));
    }
    let mut other = Replica::joining(&laptop, copy(laptop.keys.device()));
    for _ in 0..3 {
        other.receive(&put);
    }
    assert_eq!(other.ledger.waiting().count(), 1);
}

#[test]
fn many_backdated_ops_are_judged_about_once_each() {
    // threat 13
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let mut phone = add_device(&mut laptop, "phone");
    for _ in 0..40 {
        laptop.make_bundle();
    }
    // A line of ops that knows of none of these.
    let archive = |nth: usize| {
        phone.write(|ledger, keys| ledger.archive_bundle(keys, bundle, nth.is_multiple_of(2), TIME))
    };
    let late: Vec<Packet> = (0..40).map(archive).collect();
    let mut one_by_one = laptop.twin();
    one_by_one.deliver(&late);
    let before = laptop.ledger.judged;
    laptop.receive_round(&late);
    let judged = laptop.ledger.judged - before;
    let all = laptop.ledger.control_ops().count();
    assert!(judged <= all + late.len() + 10, "{judged} for {all}");
    assert_eq!(laptop.ledger.state_hash(), one_by_one.ledger.state_hash());
}
