//! Keys in key sections and epochs: who may place them there, and what a hand-made one does.

use crypto::{DeviceSecret, ExchangePublic, MemberSeed, SecretBytes};

use super::forge::{Forged, applied, rejection, sign, standing};
use super::harness::{Packet, Replica, TIME, add_device, copy, found, id};
use crate::caps;
use crate::cbor;
use crate::error::{Malformed, Rejection};
use crate::ids::{BundleId, EntryId};
use crate::keyring::{Learned, Recipient};
use crate::ledger::{Due, Receipt, Standing};
use crate::op::{Action, Dep, GivenRole, KeySection, KeyWrap, TransportKind};

fn archive(replica: &Replica, bundle: BundleId) -> Forged {
    Forged::draft(replica, |ledger, keys| {
        ledger.archive_bundle(keys, bundle, true, TIME)
    })
}

/// A wrap that is well-formed and opens nothing.
fn broken(wrap: &KeyWrap) -> KeyWrap {
    let mut bytes = *wrap.wrapped.as_bytes();
    bytes[79] ^= 1;
    KeyWrap {
        wrapped: crypto::Wrapped::from_bytes(bytes),
        ..wrap.clone()
    }
}

#[test]
fn a_wrap_placed_by_hand_is_passed_over_and_reported_with_its_author() {
    // threat 17
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let mut phone = add_device(&mut laptop, "phone");
    let member = phone.ledger.state().members()[&phone.member()]
        .current()
        .unwrap()
        .clone();
    let to_phone = Recipient::Device(phone.id(), phone.keys.device().public().exchange);
    let to_member = Recipient::Member(phone.member(), 0, member.public);
    let (seed, log_key) = (SecretBytes::make(), SecretBytes::make());
    // Cut from another op, or another author's: the context names who made it.
    let by_other = laptop
        .keys
        .wrap(TransportKind::Log, &log_key, &to_member, phone.id())
        .unwrap();
    let wraps = vec![
        broken(
            &laptop
                .keys
                .wrap(TransportKind::Seed(7), &seed, &to_phone, laptop.id())
                .unwrap(),
        ),
        broken(
            &laptop
                .keys
                .wrap(TransportKind::Log, &log_key, &to_member, laptop.id())
                .unwrap(),
        ),
        by_other,
    ];
    let held = *laptop.keys.log_keys().next().unwrap();
    let mut seal = laptop
        .keys
        .seal_log_key(&SecretBytes::make(), laptop.keys.log_key(&held).unwrap());
    seal.sealed[100] ^= 1;
    let named: Vec<_> = wraps
        .iter()
        .map(|wrap| wrap.key)
        .chain([seal.key])
        .collect();
    let mut forged = archive(&laptop, bundle);
    forged.outer.keys = KeySection {
        wraps,
        seals: vec![seal],
    };
    let packet = forged.packet(&laptop.keys);
    let (op, effects) = applied(&mut phone, &packet);
    assert_eq!(
        effects.standing,
        Some(Standing::Valid),
        "no verdict depends on it"
    );
    assert!(effects.learned.is_empty());
    assert_eq!((op.device(), effects.unopened), (laptop.id(), named));
    assert!(phone.due().is_empty());
    // And a bundle key that does not open.
    let mut forged = Forged::draft(&laptop, |ledger, keys| {
        ledger.create_bundle(keys, BundleId::make(), ("api", "dev"), TIME)
    });
    let Action::CreateBundle(create) = &mut forged.inner.action else {
        panic!("it is one")
    };
    let mut bytes = *create.epoch.wraps[0].2.as_bytes();
    bytes[79] ^= 1;
    create.epoch.wraps[0].2 = crypto::Wrapped::from_bytes(bytes);
    let key = create.epoch.key;
    laptop.receive(&packet);
    let mut again = forged;
    (again.outer.seq, again.inner.seq) = (again.outer.seq + 1, again.inner.seq + 1);
    again.outer.prev = Some(packet.id());
    again.inner.lamport += 1;
    again.outer.keys = KeySection::default();
    let (_, effects) = applied(&mut phone, &again.packet(&laptop.keys));
    assert_eq!((effects.unopened, effects.learned), (vec![key], Vec::new()));
}

#[test]
fn a_key_that_is_not_the_one_named_is_not_taken() {
    // threats 17 and 22: a wrap that opens to another key than its op names.
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let mut phone = add_device(&mut laptop, "phone");
    let member = phone.ledger.state().members()[&phone.member()]
        .current()
        .unwrap()
        .clone();
    let to_member = Recipient::Member(phone.member(), 0, member.public);
    let mut wrap = laptop
        .keys
        .wrap(
            TransportKind::Log,
            &SecretBytes::make(),
            &to_member,
            laptop.id(),
        )
        .unwrap();
    wrap.key = crypto::key_id(&SecretBytes::make());
    let mut forged = archive(&laptop, bundle);
    forged.outer.keys.wraps = vec![wrap.clone()];
    let (_, effects) = applied(&mut phone, &forged.packet(&laptop.keys));
    assert_eq!(
        (effects.learned, effects.unopened),
        (Vec::new(), vec![wrap.key])
    );
}

#[test]
fn a_strangers_keys_prove_nothing_and_are_capped() {
    // threats 13 and 17: whoever knows a device's public key can wrap it seeds of their own.
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let mut phone = add_device(&mut laptop, "phone");
    let stranger = DeviceSecret::make();
    let to_phone = Recipient::Device(phone.id(), phone.keys.device().public().exchange);
    let mut taken = 0;
    for _ in 0..caps::KEYS_FROM_STRANGERS / 16 + 2 {
        let mut forged = archive(&laptop, bundle);
        (forged.outer.seq, forged.inner.seq, forged.outer.prev) = (0, 0, None);
        let wrap = |_| {
            let seed = SecretBytes::make();
            laptop
                .keys
                .wrap(TransportKind::Seed(0), &seed, &to_phone, id(&stranger))
                .unwrap()
        };
        forged.outer.keys.wraps = (0..16).map(wrap).collect();
        match &phone.receive(&forged.signed_by(&stranger, &laptop.keys))[0] {
            Receipt::Waiting { learned, .. } => taken += learned.len(),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(taken, caps::KEYS_FROM_STRANGERS);
    // Seeds of the same generation as the real one do not stand in the way of new bundle keys.
    let bundle = BundleId::make();
    let packet =
        laptop.write(|ledger, keys| ledger.create_bundle(keys, bundle, ("web", "prod"), TIME));
    let (_, effects) = applied(&mut phone, &packet);
    let epoch = phone.ledger.current_epoch(&bundle).unwrap();
    assert_eq!(effects.learned, [Learned::Bundle(epoch, bundle)]);
    assert!(phone.due().is_empty());
    phone.put(bundle, EntryId::make(), "written as ever");
}

#[test]
fn a_revoked_device_makes_no_key_stale_by_naming_it() {
    // threat 17: ids of keys are public, so anyone can name one in a wrap. Whoever was no member
    // by what they had seen can't have had the key.
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let mut phone = add_device(&mut laptop, "phone");
    // Later in the order than all that the laptop will do.
    for _ in 0..9 {
        phone.write(|ledger, keys| ledger.archive_bundle(keys, bundle, false, TIME));
    }
    // The program on the phone would refuse to write later on, so both ops are forged from this.
    let (mut blind, mut seeing) = (archive(&phone, bundle), archive(&phone, bundle));
    laptop.write(|ledger, keys| ledger.revoke_device(keys, keys.device(), phone.id(), TIME));
    laptop.rotate_all();
    laptop.sync(&phone);
    let generation = laptop.ledger.state().members()[&laptop.member()]
        .current()
        .unwrap()
        .clone();
    let log_key = laptop.ledger.current_log_key().unwrap();
    let wrap = |kind, key| KeyWrap {
        kind,
        key,
        to: DeviceSecret::make().exchange.public().recipient_key_id(),
        wrapped: crypto::Wrapped::from_bytes([1; 80]),
    };
    let wraps = vec![
        wrap(TransportKind::Seed(1), generation.seed),
        wrap(TransportKind::Log, log_key),
    ];

    // As if it had not seen its revocation: then it had not seen the new keys either.
    blind.outer.keys.wraps.clone_from(&wraps);
    let blind = blind.packet(&phone.keys);
    assert_eq!(standing(&mut laptop, &blind), Standing::Void);
    assert!(laptop.due().is_empty(), "{:?}", laptop.due());
    // In full knowledge of it.
    let (head, op) = laptop.ledger.chains().head(&laptop.id()).unwrap();
    seeing.outer.keys.wraps.clone_from(&wraps);
    let next = seeing.outer.seq + 1;
    (seeing.outer.seq, seeing.inner.seq, seeing.outer.prev) = (next, next, Some(blind.id()));
    seeing.inner.deps = vec![Dep(laptop.id(), head.seq, op)];
    seeing.inner.lamport += 1;
    assert_eq!(
        standing(&mut laptop, &seeing.packet(&phone.keys)),
        Standing::Void
    );
    assert!(laptop.due().is_empty(), "{:?}", laptop.due());
    assert_eq!(laptop.ledger.current_log_key(), Some(log_key));

    // A device that stands can: it had them.
    let mut own = archive(&laptop, bundle);
    own.outer.keys.wraps = wraps;
    let own = own.packet(&laptop.keys);
    assert_eq!(standing(&mut laptop, &own), Standing::Valid);
    assert_eq!(
        laptop.due(),
        [Due::MemberKey, Due::LogKey, Due::Epoch(bundle)]
    );
}

#[test]
fn keys_must_go_to_just_those_with_a_right() {
    // Threats 9 and 36, protocol §6 and §8: recipients are compared with the op's own past.
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let phone = add_device(&mut laptop, "phone");
    let stranger = DeviceSecret::make();
    let mut reader = Replica::joining(&laptop, copy(phone.keys.device()));
    reader.sync(&laptop);

    // start_epoch: to nobody, to another generation, to another besides, twice.
    let epoch = || {
        Forged::draft(&laptop, |ledger, keys| {
            ledger.start_epoch(keys, bundle, &[], TIME)
        })
    };
    let changes: [fn(&mut Vec<crate::op::BundleWrap>); 4] = [
        |wraps| wraps.clear(),
        |wraps| wraps[0].1 += 1,
        |wraps| {
            wraps.push(crate::op::BundleWrap(
                crate::ids::MemberId::from_bytes([9; 32]),
                0,
                wraps[0].2,
            ))
        },
        |wraps| wraps.push(wraps[0].clone()),
    ];
    for change in changes {
        let mut forged = epoch();
        let Action::StartEpoch(start) = &mut forged.inner.action else {
            panic!("it is one")
        };
        change(&mut start.epoch.wraps);
        assert_void(&reader, &forged.packet(&laptop.keys));
        let mut forged = Forged::draft(&laptop, |ledger, keys| {
            ledger.create_bundle(keys, BundleId::make(), ("web", "prod"), TIME)
        });
        let Action::CreateBundle(create) = &mut forged.inner.action else {
            panic!("it is one")
        };
        change(&mut create.epoch.wraps);
        assert_void(&reader, &forged.packet(&laptop.keys));
    }
    // rotate_log_key.
    let extra = Recipient::Device(id(&stranger), stranger.public().exchange);
    let changes: [&dyn Fn(&mut KeySection); 3] = [
        &|keys| keys.wraps.clear(),
        &|keys| {
            keys.wraps.push(KeyWrap {
                to: id_of(&stranger),
                ..keys.wraps[0].clone()
            })
        },
        &|keys| keys.wraps.push(keys.wraps[0].clone()),
    ];
    for change in changes {
        let mut forged = rotation(&laptop);
        change(&mut forged.outer.keys);
        assert_void(&reader, &forged.packet(&laptop.keys));
    }
    // rotate_member_key: not exactly the standing devices and the recovery key (threat 32).
    let seed = SecretBytes::make();
    let to_stranger = laptop
        .keys
        .wrap(TransportKind::Seed(1), &seed, &extra, laptop.id())
        .unwrap();
    let changes: [&dyn Fn(&mut Forged); 6] = [
        &|forged| forged.outer.keys.wraps.clear(),
        &|forged| forged.outer.keys.wraps.truncate(2),
        &|forged| {
            let key = forged.outer.keys.wraps[0].key;
            forged.outer.keys.wraps.push(KeyWrap {
                key,
                ..to_stranger.clone()
            });
        },
        &|forged| forged.outer.keys.wraps[0].to = id_of(&stranger),
        &|forged| {
            let Action::RotateMemberKey(rotate) = &mut forged.inner.action else {
                panic!("it is one")
            };
            rotate.generation = 5;
            forged
                .outer
                .keys
                .wraps
                .iter_mut()
                .for_each(|wrap| wrap.kind = TransportKind::Seed(5));
        },
        &|forged| {
            let Action::RotateMemberKey(rotate) = &mut forged.inner.action else {
                panic!("it is one")
            };
            rotate.generation = 0;
            forged
                .outer
                .keys
                .wraps
                .iter_mut()
                .for_each(|wrap| wrap.kind = TransportKind::Seed(0));
        },
    ];
    for change in changes {
        let mut forged = Forged::draft(&laptop, |ledger, keys| {
            ledger.rotate_member_key(keys, keys.device(), TIME)
        });
        change(&mut forged);
        assert_void(&reader, &forged.packet(&laptop.keys));
    }
}

/// A rotation of the log key that stands under the old one, so that it can be changed here.
fn rotation(laptop: &Replica) -> Forged {
    let authored = laptop.ledger.rotate_log_key(&laptop.keys, TIME).unwrap();
    let mut keys = laptop.twin();
    keys.keys.take_from(
        crate::wire::SignedOp::verify(&authored.op).unwrap().keys(),
        laptop.id(),
        true,
    );
    let mut forged = Forged::of(&Packet::from(authored), &keys.keys);
    forged.outer.log_key = laptop.ledger.current_log_key().unwrap();
    forged
}

fn id_of(device: &DeviceSecret) -> crypto::KeyId {
    device.exchange.public().recipient_key_id()
}

/// Void, on a fresh copy of what this reader has; and nothing follows from it.
fn assert_void(reader: &Replica, packet: &Packet) {
    let mut copy = reader.twin();
    let (epoch, log_key) = (
        copy.ledger.state().bundles().clone(),
        copy.ledger.current_log_key(),
    );
    assert_eq!(standing(&mut copy, packet), Standing::Void);
    let after = copy.ledger.state().bundles();
    assert_eq!(after.len(), epoch.len());
    assert!(
        after
            .iter()
            .all(|(id, bundle)| bundle.epochs.keys().eq(epoch[id].epochs.keys()))
    );
    assert_eq!(copy.ledger.current_log_key(), log_key);
    let seeds = copy.ledger.state().members()[&copy.member()]
        .generations
        .len();
    assert_eq!(seeds, 1);
}

#[test]
fn a_newcomer_takes_the_log_key_whatever_comes_first() {
    // The wrap of the log key arrives before the seed that opens it.
    let (_, mut laptop) = found();
    laptop.make_bundle();
    let phone = DeviceSecret::make();
    laptop.write(|ledger, keys| ledger.add_device(keys, keys.device(), &phone, "phone", TIME));
    let mut new = Replica::joining(&laptop, phone);
    for op in &laptop.log {
        new.receive(&laptop.seen[&op.id()]);
    }
    assert_eq!(new.log.len(), laptop.log.len());
}

#[test]
fn epochs_older_than_the_seed_that_came_first_open_too() {
    // The newest seed comes first, with the log keys; a bundle key is wrapped to the older seed.
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    laptop.put(bundle, EntryId::make(), "a value");
    laptop.write(|ledger, keys| ledger.rotate_member_key(keys, keys.device(), TIME));
    laptop.write(|ledger, keys| ledger.rotate_log_key(keys, TIME));
    let phone = DeviceSecret::make();
    laptop.write(|ledger, keys| ledger.add_device(keys, keys.device(), &phone, "phone", TIME));
    let ops: Vec<&Packet> = laptop.log.iter().map(|op| &laptop.seen[&op.id()]).collect();
    let [genesis, create, put, seed, log_key, add] = ops[..] else {
        panic!("six ops")
    };
    let mut new = Replica::joining(&laptop, phone);
    new.deliver([add, log_key, genesis, create, put]);
    let epoch = new
        .ledger
        .current_epoch(&bundle)
        .or(new.ledger.newest_epoch(&bundle))
        .unwrap();
    assert!(new.keys.bundle_key(&epoch).is_none());
    let learned = match new.receive(seed).remove(0) {
        Receipt::Applied(_, effects) => effects.learned,
        other => panic!("{other:?}"),
    };
    assert!(
        learned.contains(&Learned::Bundle(epoch, bundle)),
        "{learned:?}"
    );
    assert!(new.keys.bundle_key(&epoch).is_some());
}

#[test]
fn a_key_that_a_refused_op_brought_is_kept_for_those_that_stand_under_it() {
    // threat 13: whoever is handed a key and does not store it can't open later what it opened once
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let mut phone = add_device(&mut laptop, "phone");
    let mut tablet = add_device(&mut laptop, "tablet");
    phone.sync(&laptop);
    let current = phone.ledger.state().members()[&phone.member()].current();
    let to_member = Recipient::Member(phone.member(), 0, current.unwrap().public);
    let log_key = SecretBytes::make();
    let wrap = laptop
        .keys
        .wrap(TransportKind::Log, &log_key, &to_member, laptop.id());
    let mut refused = archive(&laptop, bundle);
    refused.outer.keys.wraps = vec![wrap.unwrap()];
    refused.outer.log_key = crypto::key_id(&log_key);
    refused.outer.sealed = vec![0; 500];
    let refused = sign(&cbor::encode(&refused.outer), laptop.keys.device());
    let mut under_it = archive(&laptop, bundle);
    under_it.outer.log_key = crypto::key_id(&log_key);
    let learned = laptop.keys.add_log_key(log_key);
    let under_it = under_it.packet(&laptop.keys);
    // Whichever comes first: the key is handed over to be stored, and the other op applies.
    let is_refused = |receipt: &Receipt| match receipt {
        Receipt::Rejected {
            rejection: Rejection::Sealed { .. },
            learned: keys,
        } => *keys == [learned],
        _ => false,
    };
    let receipts = phone.receive(&refused);
    assert!(is_refused(&receipts[0]), "{receipts:?}");
    assert!(matches!(
        phone.receive(&under_it)[..],
        [Receipt::Applied(..)]
    ));
    assert!(matches!(
        tablet.receive(&under_it)[..],
        [Receipt::Waiting { .. }]
    ));
    let receipts = tablet.receive(&refused);
    assert!(is_refused(&receipts[0]), "{receipts:?}");
    assert!(
        matches!(receipts[1..], [Receipt::Applied(..)]),
        "{receipts:?}"
    );
}

#[test]
fn a_key_that_nothing_can_be_wrapped_to_enters_no_team() {
    // threat 24: every rotation wraps to all, so one such key would stop them all.
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Reader);
    let mut forged = Forged::draft(&ben, |ledger, keys| {
        ledger.rotate_member_key(keys, keys.device(), TIME)
    });
    let Action::RotateMemberKey(rotate) = &mut forged.inner.action else {
        panic!("a rotation was drafted");
    };
    rotate.public = ExchangePublic::from_bytes([0; 32]);
    let packet = forged.packet(&ben.keys);
    let refused = Rejection::from(Malformed::Inconsistent);
    assert_eq!(rejection(&mut ada, &packet), refused);
    assert_eq!(rejection(&mut ben, &packet), refused);
    ada.rotate_all();
}

#[test]
fn an_attested_seed_stands_for_no_other_public_key() {
    let (_, mut laptop) = found();
    let phone = add_device(&mut laptop, "phone");
    let first = laptop.ledger.state().members()[&laptop.member()].current();
    let first = first.unwrap().seed;
    laptop.write(|ledger, keys| ledger.rotate_member_key(keys, keys.device(), TIME));
    let mut reader = laptop.twin();
    let mut forged = Forged::draft(&laptop, |ledger, keys| {
        ledger.rotate_member_key(keys, keys.device(), TIME)
    });
    let Action::RotateMemberKey(rotate) = &mut forged.inner.action else {
        panic!("a rotation was drafted");
    };
    rotate.seed = first;
    for wrap in &mut forged.outer.keys.wraps {
        wrap.key = first;
    }
    forged.outer.keys.seals.clear();
    let packet = forged.packet(&laptop.keys);
    assert_eq!(standing(&mut reader, &packet), Standing::Void);
    drop(phone);
}

#[test]
fn nobody_else_brings_a_seed() {
    // threat 13: each seed that is here is tried on every bundle key.
    let (_, mut ada) = found();
    let bundle = ada.make_bundle();
    let mut phone = add_device(&mut ada, "phone");
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Writer);
    ben.sync(&ada);
    phone.sync(&ada);
    let wrap_by = |author: &Replica| {
        let to = Recipient::Device(ada.id(), ada.keys.device().public().exchange);
        let seed = MemberSeed::make();
        let keys = &phone.keys;
        keys.wrap(TransportKind::Seed(7), seed.secret(), &to, author.id())
    };
    let (by_ben, by_phone) = (wrap_by(&ben).unwrap(), wrap_by(&phone).unwrap());
    let mut forged = Forged::draft(&ben, |ledger, keys| {
        let name = ("api", "dev");
        ledger.create_bundle(keys, BundleId::make(), name, TIME)
    });
    forged.outer.keys.wraps = vec![by_ben];
    let (_, effects) = applied(&mut ada, &forged.packet(&ben.keys));
    let seeds = |learned: &[Learned]| {
        let seed = |learned: &&Learned| matches!(learned, Learned::Seed(..));
        learned.iter().filter(seed).count()
    };
    assert_eq!(seeds(&effects.learned), 0);
    let mut forged = archive(&phone, bundle);
    forged.outer.keys.wraps = vec![by_phone];
    let (_, effects) = applied(&mut ada, &forged.packet(&phone.keys));
    assert_eq!(seeds(&effects.learned), 1);
}

#[test]
fn nobody_takes_a_public_key_that_was_anothers() {
    // threat 36: what is wrapped to a removed member's key is stale, whoever names that key.
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Reader);
    let (_, cleo) = ada.take_in("Cleo", GivenRole::Reader);
    ben.sync(&ada);
    let cleos = ada.ledger.state().members()[&cleo.member()].current();
    let public = cleos.unwrap().public;
    let mut forged = Forged::draft(&ben, |ledger, keys| {
        ledger.rotate_member_key(keys, keys.device(), TIME)
    });
    let Action::RotateMemberKey(rotate) = &mut forged.inner.action else {
        panic!("a rotation was drafted");
    };
    rotate.public = public;
    let packet = forged.packet(&ben.keys);
    assert_eq!(standing(&mut ada, &packet), Standing::Void);
}
