//! Ops that were made once and are read for ever: a change of the format that can't read what is
//! out there shows here.
//!
//! `tests/vectors/team/history.json` holds the life of one team, with the words of its recovery
//! key, which is given every seed; `service.json` one with a service and a sheet, and `notes.json`
//! recovery notes. To make another one, for a format beside this:
//! `cargo test -p sealfold-team --test ledger_vectors -- --ignored`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod ledger_harness;

use std::fs;
use std::path::PathBuf;

use crypto::{DeviceSecret, MemberSeed, RecoveryKey};
use ledger_harness::{Packet, Replica, TIME, add_device, found};
use sealfold_team as team;
use serde_json::{Value, json};
use team::VerifiedOp;
use team::ids::{EntryId, MemberId, OpId, TeamId, VersionId};
use team::jobs::{
    Publication, Terms, Token, Value as SheetEntry, make_service, read_sheets, seal_sheet,
    sheet_state,
};
use team::keyring::Keyring;
use team::ledger::{Ledger, Receipt};
use team::op::Action;
use team::recovery_note::RecoveryNote;

/// The life of one team, one with a service, and recovery notes of a member.
const HISTORY: &str = "history.json";
const SERVICE: &str = "service.json";
const NOTES: &str = "notes.json";

fn file(name: &str) -> PathBuf {
    let vectors = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/team");
    vectors.join(name)
}

fn read(name: &str) -> Value {
    serde_json::from_slice(&fs::read(file(name)).unwrap()).unwrap()
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
    for name in [HISTORY, SERVICE] {
        reads_as_written(&read(name));
    }
}

#[test]
fn a_sheet_reads_as_on_the_day_it_was_written() {
    let vector = read(SERVICE);
    let token = Token::from_text(vector["token"].as_str().unwrap()).unwrap();
    let bytes = hex::decode(vector["sheet"]["bytes"].as_str().unwrap()).unwrap();
    let count = vector["sheet"]["count"].as_u64().unwrap();
    let sheet = read_sheets(&token, [(count, bytes.as_slice())], TIME).unwrap();
    let values = sheet.values.iter().map(|value| {
        let content = &value.opened.content;
        let text = std::str::from_utf8(content.fields["value"].expose()).unwrap();
        json!([
            value.bundle.to_string(),
            value.project,
            value.environment,
            content.name,
            text
        ])
    });
    assert_eq!(json!(values.collect::<Vec<_>>()), vector["sheet"]["values"]);
    assert_eq!(token.service().to_string(), vector["service"]);
    let added = vector["ops"].as_array().unwrap().iter();
    let added: Vec<_> = added
        .map(|op| op["op"]["action"].as_str().unwrap())
        .collect();
    assert_eq!(added[added.len() - 2..], ["add_service", "remove_service"]);
}

#[test]
fn a_recovery_note_reads_as_on_the_day_it_was_written() {
    let vector = read(NOTES);
    let team = TeamId::from_slice(&bytes(&vector["team"])).unwrap();
    let paper = RecoveryKey::from_words(&text(&vector["recovery_words"])).unwrap();
    let notes = vector["notes"].as_array().unwrap();
    assert_eq!(notes.len(), 2);
    for written in notes {
        let note = RecoveryNote::open(&bytes(&written["bytes"]), &team, &paper).unwrap();
        assert_eq!(read_of(&note), written["note"]);
    }
}

/// What is written down of a note beside its bytes.
fn read_of(note: &RecoveryNote) -> Value {
    let words = note.own.as_ref().map(RecoveryKey::to_words);
    json!({
        "genesis": note.genesis.to_string(),
        "member": note.member.to_string(),
        "generation": note.generation,
        "seed": hex::encode(note.seed.secret().expose()),
        "own_words": words.as_ref().map(|words| words.expose()),
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(text(value)).unwrap()
}

fn reads_as_written(vector: &Value) {
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
    let vector = read(HISTORY);
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
    let about =
        "Ops of one team of one, made once; protocol section 4. In the order in which they apply.";
    write(HISTORY, written(&reader, &recovery, about));
}

#[test]
#[ignore = "makes new vectors: what is out there has to be read with the old ones"]
fn make_service_vectors() {
    let (recovery, mut laptop) = found();
    let bundle = laptop.make_bundle();
    let (_, version) = laptop.put(bundle, EntryId::make(), "one");
    let terms = Terms {
        signers: vec![laptop.id()],
        min_count: 1,
        max_age: 86_400,
        expires: TIME + 86_400,
    };
    let ids = (laptop.ledger.team(), laptop.ledger.genesis());
    let (token, service) = make_service(ids, "file:///remote", vec![bundle], terms);
    laptop.write(|ledger, keys| ledger.add_service(keys, "ci", &service, TIME));
    let opened = laptop.open(version).unwrap();
    let publication = Publication {
        count: 7,
        time: TIME,
        state: sheet_state([(bundle, laptop.versions[&version].entry, version)]),
    };
    let value = SheetEntry {
        bundle,
        project: "api",
        environment: "prod",
        content: &opened.content,
        author: opened.author,
    };
    let sheet = seal_sheet(laptop.keys.device(), &service, publication, &[value]).unwrap();
    laptop.write(|ledger, keys| ledger.remove_service(keys, service.id(), TIME));

    let mut reader = Replica::joining(&laptop, recovery.device());
    for op in &laptop.log {
        reader.receive(&laptop.seen[&op.id()]);
    }
    let about = "Ops of a team with a service, its token and a sheet; protocol sections 4 and 7.";
    let mut vector = written(&reader, &recovery, about);
    vector["token"] = json!(token.to_text().expose());
    vector["service"] = json!(service.id().to_string());
    let name = opened.content.name;
    vector["sheet"] = json!({
        "count": 7,
        "bytes": hex::encode(sheet),
        "values": [[bundle.to_string(), "api", "prod", name, "one"]],
    });
    write(SERVICE, vector);
}

#[test]
#[ignore = "makes new vectors: what is out there has to be read with the old ones"]
fn make_notes() {
    let (paper, team) = (
        RecoveryKey::make(),
        TeamId::from_bytes(crypto::make_bytes()),
    );
    let notes = [None, Some(RecoveryKey::make())].map(|own| {
        let note = RecoveryNote {
            genesis: OpId::from_bytes(crypto::make_bytes()),
            member: MemberId::from_bytes(crypto::make_bytes()),
            generation: 3,
            seed: MemberSeed::make(),
            own,
        };
        let bytes = note.seal(&team, &paper.device().exchange.public()).unwrap();
        json!({ "note": read_of(&note), "bytes": hex::encode(bytes) })
    });
    let vector = json!({
        "about": "Recovery notes of one member, made once; protocol section 7. The second one holds the words of the recovery key that the team knows, which is not the one on paper.",
        "team": team.to_string(),
        "recovery_words": paper.to_words().expose(),
        "notes": notes,
    });
    write(NOTES, vector);
}

/// A vector of what a reader has applied.
fn written(reader: &Replica, recovery: &RecoveryKey, about: &str) -> Value {
    let ops = reader.log.iter().map(|op| {
        let packet = &reader.seen[&op.id()];
        let mut written = json!({ "op": described(op), "bytes": hex::encode(&packet.op) });
        if let Some(pack) = &packet.pack {
            written["pack"] = json!(hex::encode(pack));
        }
        written
    });
    json!({
        "about": about,
        "team": reader.ledger.team().to_string(),
        "genesis": reader.ledger.genesis().to_string(),
        "member": reader.member().to_string(),
        "recovery_words": recovery.to_words().expose(),
        "ops": ops.collect::<Vec<_>>(),
        "outcome": outcome(reader),
    })
}

fn write(name: &str, vector: Value) {
    let text = serde_json::to_string_pretty(&vector).unwrap() + "\n";
    fs::create_dir_all(file(name).parent().unwrap()).unwrap();
    fs::write(file(name), text).unwrap();
}
