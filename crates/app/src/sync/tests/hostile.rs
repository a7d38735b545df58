//! Members who lie: what honest code does not write, taken in by honest vaults.

use remotes::MemoryStore;
use team::AuthorError;
use team::ids::{BundleId, EntryId, VersionId};
use team::ledger::Authored;
use team::op::{Action, Content, KeySection, NewVersion, Put};
use team::segment;

use super::homes::Person;
use super::remotes::two;
use crate::entries::{List, Remove};
use crate::open::Team;
use crate::sync::names::Run;
use crate::sync::{FindingKind, names, write};
use crate::team::{ListMembers, RemoveMember, RevokeDevice};
use crate::transfer::Import;
use crate::{Code, Plaintext, age, clock};

impl Person {
    /// Writes what honest code would not, as an op of this person's team.
    pub async fn write_as_it_is(&mut self, action: impl Fn(&Team) -> (Action, KeySection)) {
        let author = |team: &Team| {
            let (action, keys) = action(team);
            let ledger = &team.ledger;
            ledger.author_as_it_is(&team.keyring, action, keys, clock::now())
        };
        self.write_op(author).await;
    }

    /// Writes an op past the use cases and their checks.
    pub async fn write_op(&mut self, author: impl Fn(&Team) -> Result<Authored, AuthorError>) {
        let open = self.session.open.as_mut().unwrap();
        let id = open.teams.meant(None).unwrap().id;
        let written = open
            .write(async |open, changes| write(&mut open.teams[&id], changes, &author))
            .await;
        written.unwrap();
    }
}

/// The only bundle of a team.
fn bundle_of(team: &Team) -> BundleId {
    *team.ledger.state().bundles().keys().next().unwrap()
}

/// A new entry whose content is noise.
fn noise(team: &Team) -> (Action, KeySection) {
    let bundle = bundle_of(team);
    let put = Put {
        bundle,
        epoch: team.ledger.current_epoch(&bundle).unwrap(),
        versions: vec![NewVersion(EntryId::make(), VersionId::make(), Vec::new())],
        content: Content::Inline(vec![vec![7; 64].into()]),
    };
    (Action::Put(put), KeySection::default())
}

// threat 36: noise in a bundle holds up no rotation and no removal, and can be taken out.
#[tokio::test]
async fn noise_in_a_bundle_holds_up_nobody() {
    let store = MemoryStore::default();
    let [mut ann, mut mallory] = two(&store).await;
    mallory.write_as_it_is(noise).await;
    mallory.sync().await;
    ann.look(false).await;
    // Read on, and say who wrote what does not open.
    assert_eq!(ann.get("api/prod", "KEY").await, "one");
    let listed = ann.ask(List::default()).await;
    let broken = listed.iter().find(|one| one.unreadable.is_some()).unwrap();
    assert_eq!(broken.unreadable.as_deref(), Some("bobs-laptop"));
    assert_eq!(listed.len(), 2);
    let remove = RemoveMember {
        team: None,
        member: "bob".to_owned(),
        dry_run: false,
    };
    assert_eq!(ann.ask(remove).await.member.role, "none");
    let members = ListMembers {
        team: None,
        former: false,
    };
    assert_eq!(ann.ask(members).await.len(), 1);
    ann.set("api/prod", "KEY", "two").await;
    let report = ann.look(false).await;
    assert_eq!(report.failure, None);
    mallory.look(false).await;
    assert_ne!(
        mallory.try_get("api/prod", "KEY").await.unwrap_or_default(),
        "two"
    );

    // What is given to a process is all of a bundle, or nothing of it.
    let selection = || crate::transfer::Selection {
        bundle: Some("api/prod".to_owned()),
        ..crate::transfer::Selection::default()
    };
    let environment = || crate::transfer::Environment {
        selection: selection(),
        program: "deploy".to_owned(),
    };
    let fault = ann.try_ask(environment()).await.unwrap_err();
    assert_eq!(fault.code, Code::Integrity);
    assert_eq!(fault.subject.as_deref(), Some(broken.id.as_str()));
    let remove = Remove {
        bundle: Some("api/prod".to_owned()),
        names: vec![broken.id.clone()],
        dry_run: false,
    };
    ann.ask(remove).await;
    assert!(ann.try_ask(environment()).await.is_ok());
}

// threat 18: whoever may write makes bundles of any name and id, and shares them with anybody.
#[tokio::test]
async fn a_bundle_of_anothers_name_is_a_question_and_no_choice() {
    let store = MemoryStore::default();
    let [mut ann, mut mallory] = two(&store).await;
    let real = {
        let open = ann.session.open.as_ref().unwrap();
        bundle_of(open.teams.meant(None).unwrap())
    };
    let forged = BundleId::from_bytes([0; 16]);
    let names = ("api", "prod");
    mallory
        .write_op(|team| {
            let ledger = &team.ledger;
            ledger.create_bundle(&team.keyring, forged, names, clock::now())
        })
        .await;
    let fault = mallory.try_get("api/prod", "KEY").await.unwrap_err();
    assert_eq!(fault.code, Code::Usage);
    mallory.share(&format!("api/prod@{forged}"), "ann").await;
    mallory.sync().await;
    ann.sync().await;
    let fault = ann.try_set("api/prod", "STRIPE_KEY", "hers").await;
    let fault = fault.err().unwrap();
    assert_eq!(fault.code, Code::Usage);
    let next = fault.next.unwrap();
    assert!(
        next.contains("(made by ann)") && next.contains("@00000000 (made by bob)"),
        "{next}"
    );
    assert_eq!(ann.get(&format!("api/prod@{real}"), "KEY").await, "one");
    let listed = ann.ask(crate::bundles::List { archived: false }).await;
    let names: Vec<_> = listed.iter().map(|one| one.name.as_str()).collect();
    assert!(names.contains(&"acme/api/prod@00000000"), "{names:?}");
    let new = crate::bundles::New {
        name: "api/prod@00000000".to_owned(),
        dry_run: false,
    };
    assert_eq!(ann.try_ask(new).await.unwrap_err().code, Code::Usage);
}

// threat 13: whoever may write to the remote can sign any number of ops with devices made up.
#[tokio::test]
async fn what_strangers_let_wait_keeps_no_honest_op_out() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let id = bob.session.open.as_ref().unwrap().teams.meant(None);
    let id = id.unwrap().id;
    let mut junk = Vec::new();
    for _ in 0..300 {
        let (device, op) = team::ledger::op_of_a_stranger(id, clock::now()).unwrap();
        let bytes = segment::encode(&[op.op]);
        let run = Run {
            device,
            first: 0,
            last: 0,
        };
        let day = names::day_of(clock::now());
        junk.push((run.name(&id, day, &bytes), bytes));
    }
    store.client().0.create_many(&junk).await.unwrap();
    bob.look(true).await;
    let vault = &mut bob.session.open.as_mut().unwrap().vault;
    assert_eq!(vault.waiting_ops(&id).await.unwrap().len(), 256);
    // What had no room is not remembered: it comes again.
    let log = names::log(&id);
    let known = vault.known_objects(&id, log.as_str()).await.unwrap();
    let left = junk
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str().to_owned()));
    assert_eq!(left.count(), 300 - 256);

    // An op with a pack waits for it first.
    let large = "x".repeat(200_000);
    ann.set("api/prod", "KEY", &large).await;
    ann.sync().await;
    bob.look(false).await;
    assert_eq!(bob.get("api/prod", "KEY").await, large);
    bob.reopen().await;
    assert_eq!(bob.get("api/prod", "KEY").await, large);
}

// threat 34: what somebody sealed anew holds what was written, or is not shown.
#[tokio::test]
async fn another_content_under_anothers_version_is_not_shown() {
    let store = MemoryStore::default();
    let [mut ann, mut mallory] = two(&store).await;
    let head = {
        let open = mallory.session.open.as_mut().unwrap();
        let (id, bundle) = {
            let team = open.teams.meant(None).unwrap();
            (team.id, bundle_of(team))
        };
        let heads = open.vault.heads(&id, &bundle).await.unwrap();
        heads.into_iter().next().unwrap()
    };
    let mut forged = {
        let open = mallory.session.open.as_ref().unwrap();
        crate::entries::open_version(&open.teams, &head).unwrap()
    };
    let value = crypto::SecretVec::new(b"forged".to_vec());
    forged.content.fields.insert("value".to_owned(), value);
    let forged = [(head.entry, head.id, forged)];
    mallory
        .write_op(|team| {
            let ledger = &team.ledger;
            ledger.reseal(&team.keyring, head.bundle, &forged, clock::now())
        })
        .await;
    mallory.sync().await;
    for _ in 0..2 {
        let report = ann.look(false).await;
        let kinds: Vec<_> = report.findings.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [FindingKind::Altered]);
        assert_eq!(
            report.findings[0].device_name.as_deref(),
            Some("bobs-laptop")
        );
        assert_eq!(ann.get("api/prod", "KEY").await, "one");
        ann.reopen().await;
    }
    // What was put there is kept for its op alone; the answer is to revoke the device.
    let revoke = RevokeDevice {
        team: None,
        device: "bobs-laptop".to_owned(),
        alone: false,
        words: None,
        without_words: false,
    };
    ann.ask(revoke).await;
    assert_eq!(ann.look(false).await.findings, []);
    assert_eq!(ann.get("api/prod", "KEY").await, "one");
}

// threat 17: a key that was given and does not open is told, with who gave it.
#[tokio::test]
async fn a_key_that_does_not_open_is_told_with_who_gave_it() {
    let store = MemoryStore::default();
    let [mut ann, mut mallory] = two(&store).await;
    let key = crypto::SecretBytes::make();
    mallory
        .write_as_it_is(|team| {
            let (victim, known) = {
                let mut members = team.ledger.state().members().iter();
                members.find(|(id, _)| **id != team.member).unwrap()
            };
            let current = known.current().unwrap();
            let (number, public) = (current.number, current.public);
            let to = team::keyring::Recipient::Member(*victim, number, public);
            let kind = team::op::TransportKind::Log;
            let wrap = team.keyring.wrap(kind, &key, &to, team.device).unwrap();
            // The wrap is another key's.
            let broken = team::op::KeyWrap {
                key: crypto::key_id(&crypto::SecretBytes::make()),
                ..wrap
            };
            let beat = team::op::Heartbeat {
                audit_head: [0; 32],
                audit_count: 0,
                published: None,
                age: None,
            };
            let keys = KeySection {
                wraps: vec![broken],
                seals: Vec::new(),
            };
            (Action::Heartbeat(beat), keys)
        })
        .await;
    mallory.sync().await;
    for _ in 0..2 {
        let report = ann.look(false).await;
        let kinds: Vec<_> = report.findings.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [FindingKind::Unreadable]);
        ann.reopen().await;
    }
}

#[tokio::test]
async fn what_lies_in_an_age_file_is_taken_in_only_by_who_says_so() {
    let store = MemoryStore::default();
    let [_ann, mut bob] = two(&store).await;
    // Whoever knows his recipient can write one.
    let team = bob.session.open.as_ref().unwrap().teams.home();
    let to = age::of_member(team, &team.member).unwrap();
    let file = age::seal(b"NEW=planted\n", &[to], age::Form::Binary);
    let import = |unverified, dry_run| Import {
        bundle: Some("api/prod".to_owned()),
        data: Plaintext::new(file.clone()),
        unverified,
        source: "in.age".to_owned(),
        dialect: None,
        interpolate: false,
        dry_run,
    };
    let refused = bob.try_ask(import(false, false)).await.unwrap_err();
    assert_eq!(refused.code, Code::NotAllowed);
    assert_eq!(bob.ask(import(false, true)).await.entries.len(), 1);
    assert!(bob.try_get("api/prod", "NEW").await.is_err());
    assert!(bob.ask(import(true, false)).await.unverified);
    assert_eq!(bob.get("api/prod", "NEW").await, "planted");
}
