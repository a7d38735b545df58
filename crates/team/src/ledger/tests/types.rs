//! Each thing that is signed, sealed or wrapped, in the place of each other (threat 12).

use crypto::{DeviceSecret, Purpose};

use super::forge::{Forged, rejection, sign, standing};
use super::harness::{Packet, Replica, TIME, add_device, content, found};
use crate::cbor;
use crate::entry;
use crate::error::{Malformed, Rejection};
use crate::ids::{BundleId, EntryId, VersionId};
use crate::ledger::{Draft, Standing};
use crate::op::{Action, Content, TransportKind};
use crate::pack::{pack_id, read_pack};
use crate::statement::statement_payload;

fn scene() -> (Replica, Replica, BundleId) {
    let (_, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let phone = add_device(&mut laptop, "phone");
    (laptop, phone, bundle)
}

fn put(laptop: &Replica, bundle: BundleId) -> Forged {
    Forged::draft(laptop, |ledger, keys| {
        let content = content("a value");
        let (entry, version) = (EntryId::make(), VersionId::make());
        ledger.put(
            keys,
            bundle,
            &[Draft {
                entry,
                version,
                predecessors: Vec::new(),
                content: &content,
            }],
            TIME,
        )
    })
}

/// A sealed version, as it stands in an op.
fn sealed_version(forged: &Forged) -> Vec<u8> {
    match &forged.inner.action {
        Action::Put(put) => match &put.content {
            Content::Inline(sealed) => sealed[0].to_vec(),
            Content::Pack(_) => panic!("it is small"),
        },
        _ => panic!("it is a put"),
    }
}

#[test]
fn nothing_else_is_an_op() {
    let (laptop, mut phone, bundle) = scene();
    let device = laptop.keys.device();
    let payload = statement_payload(&laptop.ledger.team(), &laptop.member());
    let op = put(&laptop, bundle);
    let outer = cbor::encode(&op.outer);
    for purpose in [
        Purpose::DeviceStatement,
        Purpose::RecoveryStatement,
        Purpose::OpBody,
        Purpose::OpId,
    ] {
        for bytes in [&payload, &outer] {
            let packet = Packet::new(crypto::sign(device, purpose, bytes));
            assert_eq!(rejection(&mut phone, &packet), Rejection::Signature);
        }
    }
    // Signed as an op, and yet none.
    let pack = cbor::encode(&vec![serde_bytes::ByteBuf::from(sealed_version(&op))]);
    for bytes in [
        payload,
        cbor::encode(&op.inner),
        cbor::encode(&op.outer.keys),
        sealed_version(&op),
        pack,
    ] {
        assert_eq!(
            rejection(&mut phone, &sign(&bytes, device)),
            Rejection::Malformed(Malformed::Encoding)
        );
    }
    // Not signed at all.
    for bytes in [outer, sealed_version(&op), cbor::encode(&op.inner)] {
        assert_eq!(
            rejection(&mut phone, &Packet::new(bytes)),
            Rejection::Signature
        );
    }
}

#[test]
fn a_body_is_sealed_as_a_body() {
    let (laptop, mut phone, bundle) = scene();
    let Forged { mut outer, inner } = put(&laptop, bundle);
    let (log_key, aad) = (
        laptop.keys.log_key(&outer.log_key).unwrap(),
        crate::op::sealing_aad(&outer),
    );
    for purpose in [Purpose::EntryVersion, Purpose::LogKey, Purpose::MemberSeed] {
        outer.sealed = crypto::seal(log_key, purpose, &aad, &cbor::encode(&inner));
        let packet = sign(&cbor::encode(&outer), laptop.keys.device());
        assert_eq!(
            rejection(&mut phone, &packet),
            Rejection::Sealed { op: packet.id() }
        );
    }
    // Another well-formed plaintext under the right seal.
    outer.sealed = crypto::seal(log_key, Purpose::OpBody, &aad, &cbor::encode(&inner.action));
    let packet = sign(&cbor::encode(&outer), laptop.keys.device());
    assert_eq!(
        rejection(&mut phone, &packet),
        Rejection::Malformed(Malformed::Encoding)
    );
}

#[test]
fn nothing_else_is_a_statement() {
    let (laptop, mut phone, bundle) = scene();
    let (team, member) = (laptop.ledger.team(), laptop.member());
    let new = DeviceSecret::make();
    let payload = statement_payload(&team, &member);
    let (_, other) = found();
    let elsewhere = statement_payload(&other.ledger.team(), &member);
    let somebody = statement_payload(&team, &other.member());
    let wrong = [
        crypto::sign(&new, Purpose::RecoveryStatement, &payload),
        crypto::sign(&new, Purpose::OpSignature, &payload),
        crypto::sign(&new, Purpose::DeviceStatement, &elsewhere),
        crypto::sign(&new, Purpose::DeviceStatement, &somebody),
        crypto::sign(&new, Purpose::DeviceStatement, &payload[..32]),
        [
            crypto::sign(&new, Purpose::DeviceStatement, &payload),
            vec![0],
        ]
        .concat(),
        put(&laptop, bundle).packet(&laptop.keys).op,
        Vec::new(),
    ];
    for statement in wrong {
        let mut forged = Forged::draft(&laptop, |ledger, keys| {
            ledger.add_device(keys, keys.device(), &new, "", TIME)
        });
        let Action::AddDevice(add) = &mut forged.inner.action else {
            panic!("it is one")
        };
        add.statement = statement;
        let refused = rejection(&mut phone, &forged.packet(&laptop.keys));
        assert_eq!(refused, Rejection::Malformed(Malformed::Inconsistent));
    }
}

#[test]
fn nothing_else_is_a_pack() {
    let (laptop, mut phone, bundle) = scene();
    let op = put(&laptop, bundle);
    let sealed = sealed_version(&op);
    let others = [
        cbor::encode(&op.inner),
        cbor::encode(&op.outer),
        sealed.clone(),
        cbor::encode(&vec![1_u64]),
    ];
    for bytes in others {
        assert!(read_pack(&pack_id(&bytes), &bytes, 1).is_err());
        let mut forged = put(&laptop, bundle);
        let Action::Put(put) = &mut forged.inner.action else {
            panic!("it is one")
        };
        put.content = Content::Pack(pack_id(&bytes));
        let packet = Packet {
            pack: Some(bytes),
            ..forged.packet(&laptop.keys)
        };
        assert!(matches!(
            rejection(&mut phone, &packet),
            Rejection::Malformed(_)
        ));
    }
    let pack = cbor::encode(&vec![serde_bytes::ByteBuf::from(sealed)]);
    assert!(read_pack(&pack_id(&pack), &pack, 1).is_ok());
    for versions in [0, 2] {
        assert_eq!(
            read_pack(&pack_id(&pack), &pack, versions).unwrap_err(),
            Malformed::Inconsistent
        );
    }
    // An id over the bytes, but for another purpose.
    let op_id = crate::ids::BlobId::from_bytes(crypto::hash(Purpose::OpId, &pack));
    assert_eq!(
        read_pack(&op_id, &pack, 1).unwrap_err(),
        Malformed::Inconsistent
    );
}

#[test]
fn nothing_else_is_an_entry_version() {
    let (mut laptop, _, bundle) = scene();
    let (_, version) = laptop.put(bundle, EntryId::make(), "a value");
    let place = laptop.place(version);
    let key = laptop.keys.bundle_key(&place.epoch).unwrap();
    let right = laptop.versions[&version]
        .sealed
        .as_ref()
        .unwrap()
        .bytes
        .clone();
    let plaintext =
        crypto::open(key, Purpose::EntryVersion, &cbor::encode(&place), &right).unwrap();
    for purpose in [Purpose::OpBody, Purpose::LogKey, Purpose::MemberSeed] {
        let sealed = crypto::seal(key, purpose, &cbor::encode(&place), plaintext.expose());
        assert!(entry::open(key, &place, &sealed).is_err(), "{purpose:?}");
    }
    let log_key = laptop
        .keys
        .log_keys()
        .next()
        .and_then(|id| laptop.keys.log_key(id))
        .unwrap();
    let older = laptop.keys.seal_log_key(log_key, key);
    for other in [
        cbor::encode(&place),
        older.sealed,
        plaintext.expose().to_vec(),
        Vec::new(),
    ] {
        assert!(entry::open(key, &place, &other).is_err());
        let sealed = crypto::seal(key, Purpose::EntryVersion, &cbor::encode(&place), &other);
        let opened = entry::open(key, &place, &sealed);
        assert_eq!(opened.is_ok(), other == plaintext.expose());
    }
}

#[test]
fn a_wrap_of_one_kind_is_none_of_another() {
    let (mut laptop, phone, _) = scene();
    let device = DeviceSecret::make();
    // Seeds and log keys under each other's names.
    let mut forged = Forged::draft(&laptop, |ledger, keys| {
        ledger.add_device(keys, keys.device(), &device, "", TIME)
    });
    forged.outer.keys.wraps[0].kind = TransportKind::Log;
    let mut new = Replica::joining(&laptop, device);
    let packet = forged.packet(&laptop.keys);
    assert_eq!(standing(&mut laptop, &packet), Standing::Valid);
    new.sync(&laptop);
    assert!(new.log.is_empty() && new.keys.log_keys().count() == 0);

    let generation = laptop.ledger.state().members()[&laptop.member()]
        .current()
        .unwrap()
        .clone();
    let mut keys = crate::keyring::Keyring::new(
        laptop.ledger.team(),
        laptop.member(),
        super::harness::copy(phone.keys.device()),
    );
    let genesis = Forged::of(&laptop.seen[&laptop.ledger.genesis()], &laptop.keys);
    for wrap in &genesis.outer.keys.wraps {
        let mut section = genesis.outer.keys.clone();
        let kind = match wrap.kind {
            TransportKind::Log => TransportKind::Seed(0),
            TransportKind::Seed(_) => TransportKind::Log,
        };
        section.wraps = vec![crate::op::KeyWrap {
            kind,
            ..wrap.clone()
        }];
        assert!(
            keys.take_from(&section, laptop.id(), true)
                .learned
                .is_empty()
        );
    }
    assert!(keys.seed(&generation.seed).is_none());
}
