//! Out and in again: a former member, a device that is earlier than the one that revokes it, and a
//! restored vault whose paper is another one's.

use remotes::MemoryStore;

use super::homes::{PLACE, Person};
use super::remotes::two;
use crate::escape::TurnOn;
use crate::sync::AddRemote;
use crate::team::{
    AddDevice, AnswerLink, AskToReturn, LinkAnswer, LinkDevice, ListTeams, RemoveMember,
    RevokeDevice, TakeBack,
};
use crate::vaults::UseRecovery;
use crate::{Code, Plaintext, bundles};

fn remove(member: &str) -> RemoveMember {
    RemoveMember {
        team: None,
        member: member.to_owned(),
        dry_run: false,
    }
}

#[tokio::test]
async fn a_former_member_is_taken_back_and_has_nothing_by_itself() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let ask = || AskToReturn {
        team: None,
        devices: Vec::new(),
    };
    // Who is in needs no way back, and who is out knows it after a sync.
    assert_eq!(bob.try_ask(ask()).await.unwrap_err().code, Code::Conflict);
    ann.ask(remove("bob")).await;
    ann.set("api/prod", "KEY", "two").await;
    ann.sync().await;
    assert!(bob.look(false).await.out);
    let back = bob.ask(ask()).await;
    assert_eq!(
        (back.team.as_str(), back.devices.as_slice()),
        ("acme", &["bobs-laptop".to_owned()][..])
    );

    let take = |words: Option<&str>, role: &str| TakeBack {
        team: None,
        text: back.text.clone(),
        role: role.to_owned(),
        words: words.map(str::to_owned),
    };
    // threat 18: words that are not those of the text let nobody in, and owners need them.
    let wrong = ann.try_ask(take(Some("no such words"), "writer")).await;
    assert_eq!(wrong.unwrap_err().code, Code::Integrity);
    let unread = ann.try_ask(take(None, "owner")).await.unwrap_err();
    assert_eq!(unread.code, Code::NotAllowed);
    let member = ann.ask(take(Some(&back.words), "writer")).await;
    assert_eq!(
        (member.name.as_str(), member.role.as_str()),
        ("bob", "writer")
    );
    assert!(member.verified && member.bundles.is_empty());
    ann.sync().await;
    assert!(!bob.look(false).await.out);
    // Old grants don't come back.
    let lost = bob.try_get("api/prod", "KEY").await.unwrap_err();
    assert_eq!(lost.code, Code::NotAllowed);
    assert!(bob.try_set("api/prod", "KEY", "three").await.is_err());
    ann.sync().await;
    ann.share("api/prod", "bob").await;
    ann.sync().await;
    bob.sync().await;
    assert_eq!(bob.get("api/prod", "KEY").await, "two");
    bob.set("api/prod", "KEY", "three").await;
    bob.sync().await;
    ann.sync().await;
    assert_eq!(ann.get("api/prod", "KEY").await, "three");
    assert_eq!(ann.state_hash(), bob.state_hash());
}

/// Answers somebody's link, which nobody has taken yet.
async fn only_answer(of: &mut Person, new: &mut Person, name: &str) -> LinkAnswer {
    let link = of.ask(LinkDevice { team: None }).await;
    let wish = AnswerLink {
        link: link.text,
        device_name: Some(name.to_owned()),
        location: None,
    };
    new.ask(wish).await
}

/// Links a vault of its own to somebody's member.
async fn answer(of: &mut Person, new: &mut Person, name: &str) -> LinkAnswer {
    let answer = only_answer(of, new, name).await;
    let add = AddDevice {
        team: None,
        answer: answer.answer.clone(),
        words: answer.words.clone(),
    };
    of.ask(add).await;
    of.sync().await;
    new.sync().await;
    answer
}

async fn laptop_and_phone(store: &MemoryStore) -> [Person; 2] {
    let mut laptop = Person::new("ann", store).await;
    let mut phone = Person::new("anns-phone", store).await;
    let new = bundles::New {
        name: "api/dev".to_owned(),
        dry_run: false,
    };
    laptop.ask(new).await;
    laptop.set("api/dev", "KEY", "one").await;
    let remote = AddRemote {
        team: None,
        location: PLACE.to_owned(),
    };
    laptop.ask(remote).await;
    laptop.sync().await;
    answer(&mut laptop, &mut phone, "phone").await;
    [laptop, phone]
}

// threat 27: a later device can't stop the control ops of an earlier one; the words can.
#[tokio::test]
async fn an_earlier_device_is_revoked_with_the_recovery_words() {
    let store = MemoryStore::default();
    let [mut laptop, mut phone] = laptop_and_phone(&store).await;
    let team = laptop.ask(ListTeams {}).await.remove(0).id[..8].to_owned();
    let revoke = |words: Option<&Plaintext>, without_words| RevokeDevice {
        team: Some(team.clone()),
        device: "anns-laptop".to_owned(),
        words: words.map(|words| Plaintext::new(words.expose().to_vec())),
        without_words,
        alone: false,
    };
    let asked = phone.try_ask(revoke(None, false)).await.unwrap_err();
    assert_eq!(asked.code, Code::NotAllowed);
    // The phone's own paper is another vault's.
    let others = Plaintext::new(phone.words.expose().to_vec());
    let wrong = phone
        .try_ask(revoke(Some(&others), false))
        .await
        .unwrap_err();
    assert_eq!(wrong.code, Code::WrongKey);
    let revoked = phone.ask(revoke(Some(&laptop.words), false)).await;
    assert!(revoked.device.earlier && !revoked.device.stands);
    phone.set("api/dev", "KEY", "not for the thief").await;

    // The thief has not heard of it and throws the phone out. Without the words that would stand.
    let thief = RevokeDevice {
        team: None,
        device: "phone".to_owned(),
        words: None,
        without_words: false,
        alone: false,
    };
    laptop.ask(thief).await;
    laptop.look(false).await;
    let report = phone.look(false).await;
    assert!(!report.out, "{report:?}");
    assert!(laptop.look(false).await.out);
    assert_eq!(phone.get("api/dev", "KEY").await, "not for the thief");
    assert_eq!(laptop.get("api/dev", "KEY").await, "one");
}

/// The vault is as if it had come out of a backup.
async fn is_restored(person: &mut Person) {
    let open = person.session.open.as_mut().unwrap();
    let standing = vault::Standing::MustEnrol {
        why: vault::EnrolReason::Restored,
    };
    let changes = vault::Changes {
        standing: Some(standing),
        ..vault::Changes::default()
    };
    let durable = vault::Durability::Durable;
    open.vault.commit(changes, durable).await.unwrap();
}

#[tokio::test]
async fn a_restored_vault_without_its_members_paper_is_linked_anew() {
    let store = MemoryStore::default();
    let [mut laptop, mut phone] = laptop_and_phone(&store).await;
    is_restored(&mut phone).await;
    let own = Plaintext::new(phone.words.expose().to_vec());
    let recovered = phone
        .ask(UseRecovery {
            words: own,
            new_passphrase: None,
        })
        .await;
    assert!(recovered.enrolled);
    let told = &recovered.warnings;
    assert!(
        told.iter().any(|told| told.contains("linked anew")),
        "{told:?}"
    );
    // threat 21: it never signs again as the device that it was.
    assert!(phone.look(false).await.out);
    assert!(phone.try_set("api/dev", "KEY", "two").await.is_err());
    assert_eq!(phone.get("api/dev", "KEY").await, "one");
    answer(&mut laptop, &mut phone, "phone-again").await;
    phone.set("api/dev", "KEY", "two").await;
    phone.sync().await;
    laptop.sync().await;
    assert_eq!(laptop.get("api/dev", "KEY").await, "two");
}

#[tokio::test]
async fn a_link_that_is_answered_once_more_brings_the_team_too() {
    let store = MemoryStore::default();
    let [mut laptop, _phone] = laptop_and_phone(&store).await;
    let mut desk = Person::new("anns-desk", &store).await;
    // The first answer was lost on its way, and the log looked through in vain meanwhile.
    only_answer(&mut laptop, &mut desk, "desk").await;
    assert!(desk.look(false).await.asked);
    answer(&mut laptop, &mut desk, "desk").await;
    assert_eq!(desk.get("api/dev", "KEY").await, "one");
    assert_eq!(desk.state_hash(), laptop.state_hash());
    // Who is in has nothing to answer.
    let link = laptop.ask(LinkDevice { team: None }).await;
    let wish = AnswerLink {
        link: link.text,
        device_name: None,
        location: None,
    };
    let again = desk.try_ask(wish).await.err().unwrap();
    assert_eq!(again.code, Code::Conflict);
}

#[tokio::test]
async fn a_restored_vault_puts_no_escape_file_in_the_place_of_a_newer_one() {
    let store = MemoryStore::default();
    let [mut laptop, mut phone] = laptop_and_phone(&store).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dev.env.age");
    let on = TurnOn {
        bundle: Some("api/dev".to_owned()),
        to: vec!["age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj".to_owned()],
        path: path.to_str().unwrap().to_owned(),
        replace: false,
    };
    phone.ask(on).await;
    for (value, restored) in [("two", false), ("three", true)] {
        if restored {
            is_restored(&mut phone).await;
        }
        std::fs::write(&path, value).unwrap();
        laptop.set("api/dev", "KEY", value).await;
        laptop.sync().await;
        phone.look(false).await;
        let is_left = std::fs::read(&path).unwrap() == value.as_bytes();
        assert_eq!(is_left, restored, "{value}");
    }
}
