//! Ops that were made once and are read for ever: a change of the format that can't read what is
//! out there shows here.
//!
//! `tests/vectors/team/history.json` holds the life of one team, with the words of its recovery
//! key, which is given every seed. To make another one, for a format beside this:
//! `cargo test -p sealfold-team --test ledger_vectors -- --ignored`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod ledger_harness;

use std::fs;
use std::path::PathBuf;

use crypto::{DeviceSecret, RecoveryKey};
use ledger_harness::{Packet, Replica, TIME, add_device, found};
use sealfold_team as team;
use serde_json::{Value, json};
use team::VerifiedOp;
use team::ids::{EntryId, MemberId, OpId, TeamId, VersionId};
use team::keyring::Keyring;
use team::ledger::{Ledger, Receipt};
use team::op::Action;

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/team/history.json")
}

/// What is written down of an op beside its bytes.
fn described(op: &VerifiedOp) -> Value {
    let deps: Vec<_> = op
        .deps()
        .iter()
        .map(|dep| json!([dep.0.to_string(), dep.1, dep.2.to_string()]))
        .collect();
    json!({
        "id": op.id().to_string(),
        "device": op.device().to_string(),
        "member": op.member().to_string(),
        "seq": op.seq(),
        "lamport": op.lamport(),
        "deps": deps,
        "time": op.time(),
        "log_key": op.log_key().to_string(),
        "action": act(op.action()),
    })
}

const fn act(action: &Action) -> &'static str {
    match action {
        Action::Genesis(_) => "genesis",
        Action::AddDevice(_) => "add_device",
        Action::RevokeDevice(_) => "revoke_device",
        Action::RotateMemberKey(_) => "rotate_member_key",
        Action::RotateLogKey(_) => "rotate_log_key",
        Action::CreateBundle(_) => "create_bundle",
        Action::ArchiveBundle(_) => "archive_bundle",
        Action::StartEpoch(_) => "start_epoch",
        Action::Put(_) => "put",
        Action::Delete(_) => "delete",
        Action::Invite(_) => "invite",
        Action::AddMember(_) => "add_member",
        Action::SetRole(_) => "set_role",
        Action::RemoveMember(_) => "remove_member",
        Action::Grant(_) => "grant",
        Action::Ungrant(_) => "ungrant",
        Action::AddService(_) => "add_service",
        Action::RemoveService(_) => "remove_service",
        Action::Reseal(_) => "reseal",
        Action::Adopt(_) => "adopt",
        Action::Drop(_) => "drop",
        Action::SettleExposure(_) => "settle_exposure",
        Action::Attest(_) => "attest",
        Action::Policy(_) => "policy",
        Action::Audit(_) => "audit",
        Action::Heartbeat(_) => "heartbeat",
    }
}

/// Everything that follows from the ops, as the reader finds it.
fn outcome(reader: &Replica) -> Value {
    let standing = |op: &VerifiedOp| {
        (
            op.id().to_string(),
            json!(format!("{:?}", reader.standing(op.id()).unwrap())),
        )
    };
    let version = |id: &VersionId| {
        let opened = reader.open(*id).ok();
        json!({
            "entry": reader.versions[id].entry.to_string(),
            "bundle": reader.versions[id].bundle.to_string(),
            "author": opened.as_ref().map(|opened| opened.author.to_string()),
            "sealed_by": opened.as_ref().map(|_| reader.place(*id).sealed_by.to_string()),
            "name": opened.as_ref().map(|opened| opened.content.name.clone()),
            "value": opened.map(|_| shortened(&reader.value(*id))),
        })
    };
    json!({
        "state_hash": hex::encode(reader.ledger.state_hash()),
        "standings": reader.log.iter().map(standing).collect::<serde_json::Map<_, _>>(),
        "versions": reader.versions.keys().map(|id| (id.to_string(), version(id))).collect::<serde_json::Map<_, _>>(),
    })
}

/// A large value by its beginning and its length.
fn shortened(value: &str) -> String {
    if value.len() < 100 {
        value.to_owned()
    } else {
        format!("{}… ({} bytes)", &value[..20], value.len())
    }
}

#[test]
fn a_history_reads_as_on_the_day_it_was_written() {
    let vector: Value = serde_json::from_slice(&fs::read(file()).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let bytes = |value: &Value| hex::decode(text(value)).unwrap();
    let device = RecoveryKey::from_words(&text(&vector["recovery_words"]))
        .unwrap()
        .device();
    let team = TeamId::from_slice(&bytes(&vector["team"])).unwrap();
    let genesis = OpId::from_slice(&bytes(&vector["genesis"])).unwrap();
    let member = MemberId::from_slice(&bytes(&vector["member"])).unwrap();
    let mut reader = Replica::new(
        Ledger::new(team, genesis),
        Keyring::new(team, member, device),
    );
    for op in vector["ops"].as_array().unwrap() {
        let pack = op.get("pack").map(bytes);
        let receipts = reader.receive(&Packet {
            op: bytes(&op["bytes"]),
            pack,
        });
        let applied: Vec<_> = receipts
            .iter()
            .filter_map(|receipt| {
                if let Receipt::Applied(op, _) = receipt {
                    Some(described(op))
                } else {
                    None
                }
            })
            .collect();
        assert_eq!(applied, [op["op"].clone()], "{receipts:?}");
    }
    assert_eq!(outcome(&reader), vector["outcome"]);
}

#[test]
fn the_history_has_every_action() {
    let vector: Value = serde_json::from_slice(&fs::read(file()).unwrap()).unwrap();
    let mut acts: Vec<_> = vector["ops"]
        .as_array()
        .unwrap()
        .iter()
        .map(|op| op["op"]["action"].to_string())
        .collect();
    acts.sort();
    acts.dedup();
    assert_eq!(acts.len(), 10, "{acts:?}");
}

#[test]
#[ignore = "makes new vectors: what is out there has to be read with the old ones"]
fn make() {
    let (recovery, mut laptop) = found();
    let (bundle, entry, large) = (laptop.make_bundle(), EntryId::make(), EntryId::make());
    laptop.put(bundle, entry, "one");
    laptop.put(bundle, large, &"large ".repeat(11_000));
    let mut phone = add_device(&mut laptop, "phone");
    // Siblings, a removal, and something that was not seen in time.
    laptop.put(bundle, entry, "two, by the laptop");
    phone.put(bundle, entry, "two, by the phone");
    laptop.sync(&phone);
    laptop.delete(bundle, large).unwrap();
    laptop.write(|ledger, keys| ledger.archive_bundle(keys, bundle, true, TIME));
    let (late, _) = phone.put(bundle, EntryId::make(), "unseen");
    let void = phone.write(|ledger, keys| ledger.archive_bundle(keys, bundle, false, TIME));
    let lost = phone.id();
    laptop.write(|ledger, keys| ledger.revoke_device(keys, keys.device(), lost, TIME));
    laptop.rotate_all();
    laptop.deliver([&late, &void]);
    let mut paper = Replica::joining(&laptop, recovery.device());
    paper.sync(&laptop);
    let signer = recovery.device();
    let desk = DeviceSecret::make();
    paper.write(|ledger, keys| ledger.add_device(keys, &signer, &desk, "desk", TIME));
    paper.write(|ledger, keys| ledger.archive_bundle(keys, bundle, false, TIME));
    let mut desk = Replica::joining(&paper, desk);
    desk.sync(&paper);
    desk.put(bundle, entry, "three");
    paper.sync(&desk);

    let mut reader = Replica::joining(&paper, recovery.device());
    for op in &desk.log {
        reader.receive(&desk.seen[&op.id()]);
    }
    let ops = reader.log.iter().map(|op| {
        let packet = &reader.seen[&op.id()];
        let mut written = json!({ "op": described(op), "bytes": hex::encode(&packet.op) });
        if let Some(pack) = &packet.pack {
            written["pack"] = json!(hex::encode(pack));
        }
        written
    });
    let vector = json!({
        "about": "Ops of one team of one, made once; protocol section 4. In the order in which they apply.",
        "team": reader.ledger.team().to_string(),
        "genesis": reader.ledger.genesis().to_string(),
        "member": reader.member().to_string(),
        "recovery_words": recovery.to_words().expose(),
        "ops": ops.collect::<Vec<_>>(),
        "outcome": outcome(&reader),
    });
    fs::create_dir_all(file().parent().unwrap()).unwrap();
    fs::write(
        file(),
        serde_json::to_string_pretty(&vector).unwrap() + "\n",
    )
    .unwrap();
}
