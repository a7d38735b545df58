//! One op has one encoding, and nothing else gets in.

use crypto::{DeviceSecret, Purpose, SecretBytes};

use super::encodings::variants;
use super::forge::{Forged, rejection, seal_and_sign, sign};
use super::harness::{Packet, Replica, TIME, add_device, copy, found, id};
use crate::cbor;
use crate::error::{Malformed, Rejection};
use crate::ids::{BundleId, EntryId, OpId, TeamId};
use crate::ledger::{Missing, Receipt};
use crate::op::{Action, Dep};
use crate::wire::SignedOp;

/// A laptop and a phone that know each other, and a bundle.
fn two_devices() -> (Replica, Replica, BundleId) {
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let mut phone = add_device(&mut laptop, "phone");
    phone.put(bundle, EntryId::make(), "a value");
    laptop.sync(&phone);
    (laptop, phone, bundle)
}

fn archive(replica: &Replica, bundle: BundleId) -> Forged {
    Forged::draft(replica, |ledger, keys| {
        ledger.archive_bundle(keys, bundle, true, TIME)
    })
}

#[test]
fn a_forged_op_that_changes_nothing_is_taken() {
    // What all tests here start from is right: only what they change is refused.
    let (mut laptop, mut phone, bundle) = two_devices();
    let packet = archive(&laptop, bundle).packet(&laptop.keys);
    for replica in [&mut laptop, &mut phone] {
        assert!(matches!(
            replica.receive(&packet)[..],
            [Receipt::Applied(..)]
        ));
        assert!(replica.ledger.state().bundles()[&bundle].archived);
    }
}

#[test]
fn a_flipped_bit_or_a_cut_tail_is_refused() {
    // threat 1
    let (laptop, mut phone, bundle) = two_devices();
    let packet = archive(&laptop, bundle).packet(&laptop.keys);
    for bit in 0..packet.op.len() * 8 {
        let mut op = packet.op.clone();
        op[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(
            rejection(&mut phone, &Packet::new(op)),
            Rejection::Signature,
            "bit {bit}"
        );
    }
    for len in 0..packet.op.len() {
        rejection(&mut phone, &Packet::new(packet.op[..len].to_vec()));
    }
    // threat 24: and appended data.
    let longer = [packet.op.as_slice(), &[0]].concat();
    assert_eq!(
        rejection(&mut phone, &Packet::new(longer)),
        Rejection::Signature
    );
    assert!(phone.ledger.waiting().next().is_none());
}

#[test]
fn no_other_encoding_is_taken_whoever_signs_it() {
    // threat 14: the author's own device signs and seals every one of these.
    let (laptop, mut phone, bundle) = two_devices();
    let forged = archive(&laptop, bundle);
    let (device, log_key) = (
        laptop.keys.device(),
        laptop.keys.log_key(&forged.outer.log_key).unwrap(),
    );
    let inner = cbor::encode(&forged.inner);
    let right = seal_and_sign(forged.outer, &inner, device, log_key);
    let outer = &right.op[crypto::ENVELOPE_OVERHEAD..];

    let mut tried = 0;
    for (what, bytes) in variants(outer) {
        let refused = rejection(&mut phone, &sign(&bytes, device));
        assert_eq!(
            refused,
            Rejection::Malformed(Malformed::Encoding),
            "outer: {what}"
        );
        tried += 1;
    }
    for (what, bytes) in variants(&inner) {
        let Forged { outer, .. } = Forged::of(&right, &laptop.keys);
        let refused = rejection(&mut phone, &seal_and_sign(outer, &bytes, device, log_key));
        assert_eq!(
            refused,
            Rejection::Malformed(Malformed::Encoding),
            "inner: {what}"
        );
        tried += 1;
    }
    assert!(tried > 150, "{tried} variants");
    assert!(matches!(phone.receive(&right)[..], [Receipt::Applied(..)]));
}

#[test]
fn what_is_absent_is_not_written_as_null() {
    // threat 14: the decoder would take it; only encoding it again tells the two apart.
    let (laptop, phone, bundle) = two_devices();
    let tablet = DeviceSecret::make();
    let mut reader = phone.twin();
    let mut forged = archive(&laptop, bundle);
    (forged.outer.seq, forged.inner.seq, forged.outer.prev) = (0, 0, None);
    let op = forged.signed_by(&tablet, &laptop.keys).op;
    let outer = &op[crypto::ENVELOPE_OVERHEAD..];
    let at = outer.windows(5).position(|key| key == b"\x64team").unwrap();
    let null = [
        &[outer[0] + 1],
        &outer[1..at],
        b"\x64prev\xf6",
        &outer[at..],
    ]
    .concat();
    assert_eq!(
        rejection(&mut reader, &sign(&null, &tablet)),
        Rejection::Malformed(Malformed::Encoding)
    );
    let receipts = reader.receive(&Packet::new(op));
    assert!(matches!(
        receipts[..],
        [Receipt::Waiting {
            missing: Missing::Device(_),
            ..
        }]
    ));
}

#[test]
fn citations_stand_in_one_order_and_say_only_what_is_new() {
    // threat 14
    let (mut laptop, mut phone, bundle) = two_devices();
    let mut tablet = add_device(&mut laptop, "tablet");
    phone.sync(&laptop);
    for replica in [&mut phone, &mut tablet] {
        replica.put(bundle, EntryId::make(), "news");
        laptop.sync(replica);
    }
    let mut reader = laptop.twin();
    let draft = || archive(&laptop, bundle);
    assert_eq!(draft().inner.deps.len(), 2);

    let mut swapped = draft();
    swapped.inner.deps.reverse();
    let mut twice = draft();
    twice.inner.deps.insert(0, twice.inner.deps[0]);
    for forged in [swapped, twice] {
        let refused = rejection(&mut reader, &forged.packet(&laptop.keys));
        assert_eq!(refused, Rejection::Malformed(Malformed::Inconsistent));
    }
    // What its own previous op had seen is no news.
    let old = phone
        .log
        .iter()
        .find(|op| op.device() == phone.id())
        .unwrap();
    let mut stale = draft();
    stale
        .inner
        .deps
        .push(Dep(old.device(), old.seq(), old.id()));
    stale.inner.deps.sort();
    assert!(matches!(
        rejection(&mut reader, &stale.packet(&laptop.keys)),
        Rejection::Chain { .. }
    ));
    let mut itself = draft();
    itself.inner.deps.push(Dep(
        laptop.id(),
        itself.outer.seq - 1,
        itself.outer.prev.unwrap(),
    ));
    itself.inner.deps.sort();
    assert!(matches!(
        rejection(&mut reader, &itself.packet(&laptop.keys)),
        Rejection::Chain { .. }
    ));
    assert!(matches!(
        reader.receive(&draft().packet(&laptop.keys))[..],
        [Receipt::Applied(..)]
    ));
}

#[test]
fn nobody_jumps_ahead_in_time() {
    // threat 11
    let (mut laptop, mut phone, bundle) = two_devices();
    let lamport = archive(&laptop, bundle).inner.lamport;
    for other in [u64::MAX, u64::MAX - 1, 1 << 63, lamport + 1, lamport - 1, 0] {
        let mut forged = archive(&laptop, bundle);
        forged.inner.lamport = other;
        let refused = rejection(&mut phone, &forged.packet(&laptop.keys));
        assert!(
            matches!(refused, Rejection::Lamport { .. }),
            "{other}: {refused:?}"
        );
    }
    let seq = archive(&laptop, bundle).outer.seq;
    for other in [u64::MAX, 1 << 63, seq + 1, seq - 1] {
        let mut forged = archive(&laptop, bundle);
        (forged.outer.seq, forged.inner.seq) = (other, other);
        let refused = rejection(&mut phone, &forged.packet(&laptop.keys));
        assert!(
            matches!(refused, Rejection::Chain { .. }),
            "{other}: {refused:?}"
        );
    }
    // A seq far ahead on top of an op that is not here waits for that, and never counts.
    let mut forged = archive(&laptop, bundle);
    (forged.outer.seq, forged.inner.seq, forged.outer.prev) =
        (1 << 63, 1 << 63, Some(OpId::from_bytes([7; 32])));
    let receipts = phone.receive(&forged.packet(&laptop.keys));
    let Receipt::Waiting {
        missing: Missing::Op {
            another_stands: false,
            ..
        },
        ..
    } = receipts[0]
    else {
        panic!("{receipts:?}")
    };
    // Nor is one that cites a dep at a place where another op stands.
    let head = laptop.ledger.chains().head(&laptop.id()).unwrap().1;
    let mut forged = archive(&laptop, bundle);
    forged.inner.deps = vec![Dep(phone.id(), 0, head)];
    let receipts = phone.receive(&forged.packet(&laptop.keys));
    let Receipt::Waiting {
        missing: Missing::Op {
            another_stands: true,
            ..
        },
        ..
    } = receipts[0]
    else {
        panic!("{receipts:?}")
    };
    // The honest ones go on.
    let next = laptop.write(|ledger, keys| ledger.archive_bundle(keys, bundle, true, TIME));
    assert!(matches!(phone.receive(&next)[..], [Receipt::Applied(..)]));
}

#[test]
fn inside_and_outside_agree() {
    // threats 2 and 34: an op's content can't be moved under another shell.
    let (laptop, mut phone, bundle) = two_devices();
    let changes: [fn(&mut Forged); 3] = [
        |forged| forged.inner.team = TeamId::from_bytes([1; 32]),
        |forged| forged.inner.device = crate::ids::DeviceId::from_bytes([1; 32]),
        |forged| forged.inner.seq += 1,
    ];
    for change in changes {
        let mut forged = archive(&laptop, bundle);
        change(&mut forged);
        let refused = rejection(
            &mut phone,
            &forged.packet_as_is(laptop.keys.device(), &laptop.keys),
        );
        assert_eq!(refused, Rejection::Malformed(Malformed::Inconsistent));
    }
    // The sealed part of one op under the shell of the next: the seal is bound to the shell.
    let first = archive(&laptop, bundle).packet(&laptop.keys);
    let mut second = Forged::of(&first, &laptop.keys).outer;
    second.keys.seals.clear();
    second.seq += 1;
    let refused = rejection(
        &mut phone,
        &sign(&cbor::encode(&second), laptop.keys.device()),
    );
    assert!(matches!(refused, Rejection::Sealed { .. }));
}

#[test]
fn an_id_can_not_be_claimed_without_its_keys() {
    // threat 33
    let (laptop, mut phone, bundle) = two_devices();
    let thief = DeviceSecret::make();
    let forged = archive(&laptop, bundle);
    let refused = rejection(&mut phone, &forged.packet_as_is(&thief, &laptop.keys));
    assert_eq!(refused, Rejection::Malformed(Malformed::Inconsistent));
    // Nor with one of its two keys: the id is the hash of both.
    let half = DeviceSecret {
        exchange: crypto::ExchangeSecret::make(),
        ..copy(laptop.keys.device())
    };
    let refused = rejection(
        &mut phone,
        &archive(&laptop, bundle).packet_as_is(&half, &laptop.keys),
    );
    assert_eq!(refused, Rejection::Malformed(Malformed::Inconsistent));
}

#[test]
fn a_small_order_key_writes_nothing() {
    // threat 24: a neutral element as key and as R is a "signature" of everything, for a lenient check.
    let (laptop, mut phone, bundle) = two_devices();
    let op = archive(&laptop, bundle).packet(&laptop.keys).op;
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let exchange = laptop.keys.device().exchange.public();
    let forged = [
        &neutral[..],
        exchange.as_bytes(),
        &neutral,
        &[0; 32],
        &op[crypto::ENVELOPE_OVERHEAD..],
    ]
    .concat();
    assert_eq!(
        rejection(&mut phone, &Packet::new(forged)),
        Rejection::Signature
    );
}

#[test]
fn another_team_version_or_suite_is_refused() {
    // threats 2 and 59
    let (laptop, mut phone, bundle) = two_devices();
    let (_, mut others) = found();
    let packet = archive(&laptop, bundle).packet(&laptop.keys);
    assert_eq!(
        rejection(&mut others, &packet),
        Rejection::Malformed(Malformed::OtherTeam)
    );
    let changes: [fn(&mut Forged); 4] = [
        |forged| forged.outer.v = 0,
        |forged| forged.outer.v = 2,
        |forged| forged.outer.suite = 0,
        |forged| forged.outer.suite = 2,
    ];
    for change in changes {
        let mut forged = archive(&laptop, bundle);
        change(&mut forged);
        assert_eq!(
            rejection(&mut phone, &forged.packet(&laptop.keys)),
            Rejection::Malformed(Malformed::Suite)
        );
    }
}

#[test]
fn only_the_pinned_genesis_founds_the_team() {
    // threats 26 and 33
    let (_, laptop) = found();
    let (other_recovery, other) = found();
    let genesis = laptop.seen[&laptop.ledger.genesis()].clone();
    let mut reader = Replica::joining(&laptop, copy(laptop.keys.device()));
    reader.receive(&genesis);

    // The founder's own second try.
    let mut again = Forged::of(&genesis, &laptop.keys);
    again.inner.time += 1;
    let refused = rejection(&mut reader, &again.packet(&laptop.keys));
    assert!(matches!(refused, Rejection::OtherGenesis { .. }));
    // A genesis of another team under this one's name.
    let mut claimed = Forged::of(&other.seen[&other.ledger.genesis()], &other.keys);
    (claimed.outer.team, claimed.inner.team) = (laptop.ledger.team(), laptop.ledger.team());
    claimed.outer.log_key = Forged::of(&genesis, &laptop.keys).outer.log_key;
    let refused = rejection(
        &mut reader,
        &claimed.signed_by(other.keys.device(), &laptop.keys),
    );
    assert!(matches!(refused, Rejection::OtherGenesis { .. }));

    // Even a ledger that was told to trust it refuses a genesis whose ids don't hang together.
    let changes: [fn(&mut crate::op::Genesis); 4] = [
        |genesis| genesis.nonce[0] ^= 1,
        |genesis| genesis.founder.device.keys = DeviceSecret::make().public(),
        |genesis| genesis.founder.public = DeviceSecret::make().exchange.public(),
        |genesis| genesis.founder.recovery[150] ^= 1,
    ];
    for change in changes {
        let mut forged = Forged::of(&genesis, &laptop.keys);
        let Action::Genesis(action) = &mut forged.inner.action else {
            panic!("it is one")
        };
        change(action);
        assert_refuses_as_genesis(&laptop, forged);
    }
    // Its device as its own recovery key, and another team's recovery statement.
    for (signer, team, member) in [
        (laptop.keys.device(), laptop.ledger.team(), laptop.member()),
        (
            &other_recovery.device(),
            other.ledger.team(),
            other.member(),
        ),
    ] {
        let payload = crate::statement::statement_payload(&team, &member);
        let mut forged = Forged::of(&genesis, &laptop.keys);
        let Action::Genesis(action) = &mut forged.inner.action else {
            panic!("it is one")
        };
        action.founder.recovery = crypto::sign(signer, Purpose::RecoveryStatement, &payload);
        assert_refuses_as_genesis(&laptop, forged);
    }
}

fn assert_refuses_as_genesis(founder: &Replica, forged: Forged) {
    let packet = forged.packet(&founder.keys);
    let ledger = crate::ledger::Ledger::new(founder.ledger.team(), packet.id());
    let mut keys = crate::keyring::Keyring::new(
        founder.ledger.team(),
        founder.member(),
        copy(founder.keys.device()),
    );
    let log_key = *founder.keys.log_keys().next().unwrap();
    keys.add_log_key(SecretBytes::new(
        *founder.keys.log_key(&log_key).unwrap().expose(),
    ));
    let refused = rejection(&mut Replica::new(ledger, keys), &packet);
    assert_eq!(refused, Rejection::Malformed(Malformed::Inconsistent));
}

#[test]
fn names_and_lists_have_their_limits() {
    // threat 13
    let (laptop, mut phone, bundle) = two_devices();
    let long = "x".repeat(crate::caps::NAME_BYTES + 1);
    let device = DeviceSecret::make();
    let mut named = Forged::draft(&laptop, |ledger, keys| {
        ledger.add_device(keys, keys.device(), &device, "", TIME)
    });
    if let Action::AddDevice(add) = &mut named.inner.action {
        add.name = long;
    }
    assert_eq!(
        rejection(&mut phone, &named.packet(&laptop.keys)),
        Rejection::Malformed(Malformed::TooLarge)
    );

    let mut cited = archive(&laptop, bundle);
    let dep = |nth: usize| {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&(nth as u64).to_be_bytes());
        Dep(
            crate::ids::DeviceId::from_bytes(bytes),
            0,
            OpId::from_bytes([0; 32]),
        )
    };
    cited.inner.deps = (0..=crate::caps::DEPS).map(dep).collect();
    assert_eq!(
        rejection(&mut phone, &cited.packet(&laptop.keys)),
        Rejection::Malformed(Malformed::TooLarge)
    );

    let mut wrapped = Forged::draft(&laptop, |ledger, keys| {
        ledger.add_device(keys, keys.device(), &DeviceSecret::make(), "", TIME)
    });
    wrapped.outer.keys.wraps = vec![wrapped.outer.keys.wraps[0].clone(); crate::caps::KEYS + 1];
    let packet = wrapped.packet(&laptop.keys);
    assert!(
        packet.op.len() < crate::caps::OP_BYTES,
        "{}",
        packet.op.len()
    );
    assert_eq!(
        rejection(&mut phone, &packet),
        Rejection::Malformed(Malformed::TooLarge)
    );

    let oversize = crypto::sign(
        laptop.keys.device(),
        Purpose::OpSignature,
        &vec![0; crate::caps::OP_BYTES],
    );
    assert_eq!(
        rejection(&mut phone, &Packet::new(oversize)),
        Rejection::Malformed(Malformed::TooLarge)
    );

    let deep = [vec![0x81; 100_000], vec![0]].concat();
    let deep = crypto::sign(laptop.keys.device(), Purpose::OpSignature, &deep);
    assert_eq!(
        rejection(&mut phone, &Packet::new(deep)),
        Rejection::Malformed(Malformed::TooDeep)
    );
}

#[test]
fn a_version_stands_once_in_an_op_and_every_one_has_its_content() {
    let (laptop, mut phone, bundle) = two_devices();
    let draft = || {
        Forged::draft(&laptop, |ledger, keys| {
            let content = super::harness::content("a value");
            let draft = || crate::ledger::Draft {
                entry: EntryId::from_bytes([1; 16]),
                version: crate::ids::VersionId::make(),
                predecessors: Vec::new(),
                content: &content,
            };
            ledger.put(keys, bundle, &[draft(), draft()], TIME)
        })
    };
    let changes: [fn(&mut crate::op::Put); 4] = [
        |put| put.versions[1].1 = put.versions[0].1,
        |put| put.versions.truncate(1),
        |put| put.versions.clear(),
        |put| put.content = crate::op::Content::Inline(Vec::new()),
    ];
    for change in changes {
        let mut forged = draft();
        let Action::Put(put) = &mut forged.inner.action else {
            panic!("it is one")
        };
        change(put);
        let refused = rejection(&mut phone, &forged.packet(&laptop.keys));
        assert_eq!(refused, Rejection::Malformed(Malformed::Inconsistent));
    }
    assert!(matches!(
        phone.receive(&draft().packet(&laptop.keys))[..],
        [Receipt::Applied(..)]
    ));
}

#[test]
fn what_would_be_refused_is_not_written_either() {
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let empty = laptop.try_write(|ledger, keys| ledger.put(keys, bundle, &[], TIME));
    let refused = crate::AuthorError::Refused(Rejection::Malformed(Malformed::Inconsistent));
    assert_eq!(empty.unwrap_err(), refused);
    let none = laptop.try_write(|ledger, keys| ledger.delete(keys, bundle, Vec::new(), TIME));
    assert_eq!(none.unwrap_err(), refused);
    let long = "x".repeat(crate::caps::NAME_BYTES + 1);
    let named = laptop
        .try_write(|ledger, keys| ledger.create_bundle(keys, BundleId::make(), (&long, ""), TIME));
    assert_eq!(named.unwrap_err(), crate::AuthorError::TooLarge);
}

#[test]
fn nothing_is_opened_before_the_signature_held() {
    // threat 16: a forger without the device's key learns the same from a right body as from a
    // wrong one, and no key is taken from the op.
    let (laptop, mut phone, bundle) = two_devices();
    let mut op = archive(&laptop, bundle).packet(&laptop.keys).op;
    op[70] ^= 1;
    let mut broken = op.clone();
    *broken.last_mut().unwrap() ^= 1;
    assert_eq!(
        rejection(&mut phone, &Packet::new(op.clone())),
        rejection(&mut phone, &Packet::new(broken))
    );
    assert!(matches!(SignedOp::verify(&op), Err(Rejection::Signature)));

    // And a body that does not open has one answer, whatever is wrong with it.
    let forged = archive(&laptop, bundle);
    let (device, id_before) = (laptop.keys.device(), id(laptop.keys.device()));
    assert_eq!(forged.outer.device, id_before);
    let other_key = SecretBytes::make();
    let inner = cbor::encode(&forged.inner);
    let wrong_key = seal_and_sign(forged.outer, &inner, device, &other_key);
    let mut outer = archive(&laptop, bundle).outer;
    outer.sealed.truncate(40);
    let too_short = sign(&cbor::encode(&outer), device);
    for packet in [wrong_key, too_short] {
        assert_eq!(
            rejection(&mut phone, &packet),
            Rejection::Sealed { op: packet.id() }
        );
    }
}
