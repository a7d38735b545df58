//! What people do to each other: joining, leaving, reviewing, sharing one thing, and their devices.

use remotes::MemoryStore;

use super::homes::{PLACE, Person};
use super::remotes::two;
use crate::team::{ListQuarantine, RemoveMember, Review, RevokeDevice};
use crate::{Code, bundles};

#[tokio::test]
async fn late_writes_of_a_removed_member_are_reviewed() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    bob.set("api/prod", "KEY", "late").await;
    bob.set("api/prod", "OTHER", "late too").await;
    let remove = RemoveMember {
        team: None,
        member: "bob".to_owned(),
        dry_run: false,
    };
    ann.ask(remove).await;
    // Pushed before he hears of it.
    bob.sync().await;
    ann.sync().await;
    assert_eq!(ann.get("api/prod", "KEY").await, "one");
    let waiting = ann.ask(ListQuarantine { team: None }).await;
    let names: Vec<_> = waiting.iter().flat_map(|one| one.names.clone()).collect();
    assert_eq!((names.len(), waiting[0].member.as_str()), (2, "bob"));
    let of = |name: &str| {
        let one = waiting
            .iter()
            .find(|one| one.names.contains(&name.to_owned()));
        one.unwrap().op.clone()
    };
    let review = |op: String, adopt| Review {
        ops: vec![op],
        adopt,
    };
    ann.ask(review(of("KEY"), true)).await;
    ann.ask(review(of("OTHER"), false)).await;
    assert_eq!(ann.get("api/prod", "KEY").await, "late");
    assert!(ann.try_get("api/prod", "OTHER").await.is_err());
    assert_eq!(ann.ask(ListQuarantine { team: None }).await, []);
}

#[tokio::test]
async fn a_stolen_laptop_is_revoked_and_left_out() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let revoke = RevokeDevice {
        team: None,
        device: "bobs-laptop".to_owned(),
        alone: false,
        words: None,
        without_words: false,
    };
    assert!(!ann.ask(revoke).await.device.stands);
    ann.set("api/prod", "KEY", "not for the thief").await;
    ann.sync().await;
    bob.look(false).await;
    assert_ne!(
        bob.try_get("api/prod", "KEY").await.unwrap_or_default(),
        "not for the thief"
    );
}

#[tokio::test]
async fn sides_of_a_conflict_are_shown_and_one_is_taken() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    ann.set("api/prod", "KEY", "by ann").await;
    bob.remove("api/prod", "KEY").await;
    ann.sync().await;
    bob.sync().await;
    ann.sync().await;
    // Nobody loses a value because somebody who had not seen it removed the entry.
    assert_eq!(bob.get("api/prod", "KEY").await, "by ann");
    let list = || crate::sync::ListConflicts {
        name: None,
        bundle: None,
        reveal: true,
    };
    let conflicts = ann.ask(list()).await;
    let [conflict] = conflicts.as_slice() else {
        panic!("{conflicts:?}")
    };
    let base = conflict.base.as_ref().unwrap();
    assert_eq!(base.values[0].1.expose_text(), Some("one"));
    let sides = conflict.sides.iter();
    let sides: Vec<_> = sides
        .map(|of| (of.member.as_str(), of.mine, of.removal))
        .collect();
    assert_eq!(sides, [("ann", true, false), ("bob", false, true)]);
    let take = |take| crate::sync::ResolveConflict {
        bundle: Some("api/prod".to_owned()),
        name: "KEY".to_owned(),
        take,
        dry_run: false,
    };
    assert!(ann.try_ask(take(3)).await.is_err());
    ann.ask(take(2)).await;
    ann.sync().await;
    assert_eq!(bob.sync().await.conflicts, 0);
    assert!(bob.try_get("api/prod", "KEY").await.is_err());
    assert!(ann.ask(list()).await.is_empty());
}

#[tokio::test]
async fn one_paper_recovers_a_device_in_every_team() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    // Bob's vault is a restored copy: it may write again once the paper key has enrolled it.
    let open = bob.session.open.as_mut().unwrap();
    let standing = vault::Standing::MustEnrol {
        why: vault::EnrolReason::Restored,
    };
    let changes = vault::Changes {
        standing: Some(standing),
        ..vault::Changes::default()
    };
    let durable = vault::Durability::Durable;
    open.vault.commit(changes, durable).await.unwrap();
    assert!(bob.try_set("api/prod", "KEY", "no").await.is_err());
    let words = bob.words.expose().to_vec();
    let recover = crate::vaults::UseRecovery {
        words: crate::Plaintext::new(words),
        new_passphrase: None,
    };
    assert!(bob.ask(recover).await.enrolled);
    bob.sync().await;
    ann.sync().await;
    bob.sync().await;
    bob.set("api/prod", "KEY", "again").await;
    bob.sync().await;
    ann.sync().await;
    assert_eq!(ann.get("api/prod", "KEY").await, "again");
    assert_eq!(ann.state_hash(), bob.state_hash());
}

#[tokio::test]
async fn a_vault_gains_a_remote_for_its_owners_other_device() {
    let store = MemoryStore::default();
    let mut laptop = Person::new("ann", &store).await;
    let mut phone = Person::new("anns-phone", &store).await;
    let new = bundles::New {
        name: "api/dev".to_owned(),
        dry_run: false,
    };
    laptop.ask(new).await;
    laptop.set("api/dev", "KEY", "one").await;
    let remote = crate::sync::AddRemote {
        team: None,
        location: PLACE.to_owned(),
    };
    laptop.ask(remote).await;
    laptop.sync().await;
    let link = laptop.ask(crate::team::LinkDevice { team: None }).await;
    let answer = crate::team::AnswerLink {
        link: link.text,
        device_name: Some("phone".to_owned()),
        location: None,
    };
    let answer = phone.ask(answer).await;
    let add = |words: &str| crate::team::AddDevice {
        team: None,
        answer: answer.answer.clone(),
        words: words.to_owned(),
    };
    assert!(laptop.try_ask(add("not these words")).await.is_err());
    let added = laptop.ask(add(&answer.words)).await;
    assert_eq!((added.name.as_str(), added.stands), ("phone", true));
    laptop.sync().await;
    assert!(!phone.sync().await.asked);
    assert_eq!(phone.get("api/dev", "KEY").await, "one");
    phone.set("api/dev", "KEY", "from the phone").await;
    phone.sync().await;
    laptop.sync().await;
    assert_eq!(laptop.get("api/dev", "KEY").await, "from the phone");

    // A thief of the phone adds another device: the laptop is told, and revoking takes both.
    let mut thief = Person::new("thief", &store).await;
    let link = phone.ask(crate::team::LinkDevice { team: None }).await;
    let answer = crate::team::AnswerLink {
        link: link.text,
        device_name: Some("thiefs".to_owned()),
        location: None,
    };
    let answer = thief.ask(answer).await;
    let add = crate::team::AddDevice {
        team: None,
        answer: answer.answer,
        words: answer.words,
    };
    phone.ask(add).await;
    phone.sync().await;
    for _ in 0..2 {
        let findings = laptop.look(false).await.findings;
        let kinds: Vec<_> = findings.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [crate::sync::FindingKind::NewDevice]);
        assert_eq!(findings[0].device_name.as_deref(), Some("thiefs"));
    }
    // A list that nobody looks at settles nothing. Who says that they know it settles it.
    let list = crate::team::ListDevices {
        team: None,
        all: false,
        seen: false,
    };
    laptop.ask(list).await;
    let finding = laptop.look(false).await.findings.remove(0).id;
    laptop
        .ask(crate::sync::AcknowledgeFinding { finding })
        .await;
    assert!(laptop.ask(crate::sync::ListFindings {}).await.is_empty());
    laptop.sync().await;
    let revoke = RevokeDevice {
        team: None,
        device: "phone".to_owned(),
        alone: false,
        words: None,
        without_words: false,
    };
    let revoked = laptop.ask(revoke).await;
    let along: Vec<_> = revoked.added_by_it.iter().collect();
    let along: Vec<_> = along
        .iter()
        .map(|one| (one.name.as_str(), one.stands))
        .collect();
    assert_eq!(along, [("thiefs", false)]);
}

#[tokio::test]
async fn a_large_late_write_is_quarantined_too() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let mut cleo = Person::new("cleo", &store).await;
    ann.let_in(&mut cleo, "writer").await;
    ann.share("api/prod", "cleo").await;
    ann.sync().await;
    cleo.sync().await;
    bob.sync().await;
    bob.set("api/prod", "KEY", &"late ".repeat(50_000)).await;
    bob.sync().await;
    let remove = RemoveMember {
        team: None,
        member: "bob".to_owned(),
        dry_run: false,
    };
    // Ann has not seen it; Cleo gets both at once, the removal perhaps last.
    ann.view
        .hide(&store.objects().last().unwrap().0.clone(), true);
    ann.ask(remove).await;
    ann.look(false).await;
    cleo.sync().await;
    assert_eq!(cleo.get("api/prod", "KEY").await, "one");
    assert_eq!(cleo.ask(ListQuarantine { team: None }).await.len(), 1);
}

#[tokio::test]
async fn bundles_of_one_name_in_two_teams_are_told_apart() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let own = bundles::New {
        name: "personal/api/prod".to_owned(),
        dry_run: false,
    };
    bob.ask(own).await;
    let fault = bob.try_get("api/prod", "KEY").await.unwrap_err();
    assert_eq!(fault.code, Code::Usage);
    let next = fault.next.unwrap();
    assert!(
        next.contains("acme/api/prod") && next.contains("personal/api/prod"),
        "{next}"
    );
    bob.set("personal/api/prod", "KEY", "mine").await;
    assert_eq!(bob.get("ACME/api/prod", "KEY").await, "one");
    assert_eq!(bob.get("personal/api/prod", "KEY").await, "mine");
    bob.sync().await;
    ann.sync().await;
    assert_eq!(ann.get("api/prod", "KEY").await, "one");
}

#[tokio::test]
async fn who_joins_offline_is_asked_in_at_the_next_sync() {
    let store = MemoryStore::default();
    let [mut ann, _bob] = two(&store).await;
    let mut cleo = Person::new("cleo", &store).await;
    let invitation = ann.invite("writer").await;
    cleo.view.set_offline(true);
    let joining = cleo.join(invitation).await;
    assert_eq!(joining.failure.unwrap().code, Code::Remote);
    let teams = cleo.ask(crate::team::ListTeams {}).await;
    assert_eq!(teams[1].asked.as_deref(), Some(joining.words.as_str()));
    cleo.view.set_offline(false);
    assert!(cleo.sync().await.asked);
    assert_eq!(ann.sync().await.requests, 1);
    // Words that are not those of the request let nobody in.
    let approve = |words: &str| crate::team::Approve {
        team: None,
        request: "cleo".to_owned(),
        words: Some(words.to_owned()),
    };
    let wrong = ann.try_ask(approve("no such words")).await.unwrap_err();
    assert_eq!(wrong.code, Code::Integrity);
    ann.ask(approve(&joining.words)).await;
    ann.sync().await;
    assert!(!cleo.sync().await.asked);
    let teams = cleo.ask(crate::team::ListTeams {}).await;
    assert_eq!(
        (teams[1].name.as_str(), teams[1].role.as_str()),
        ("acme", "writer")
    );
}

#[tokio::test]
async fn two_requests_for_one_invitation_are_both_shown_and_compared() {
    let store = MemoryStore::default();
    let [mut ann, _bob] = two(&store).await;
    let mut cleo = Person::new("cleo", &store).await;
    let mut thief = Person::new("cleo", &store).await;
    let invitation = ann.invite("writer").await;
    let copy = crate::Plaintext::new(invitation.expose().to_vec());
    let joining = cleo.join(invitation).await;
    thief.join(copy).await;
    assert_eq!(ann.sync().await.requests, 2);
    let requests = ann.ask(crate::team::ListRequests { team: None }).await;
    assert!(requests.iter().all(|one| one.must_compare));
    let own = requests
        .iter()
        .find(|one| one.words == joining.words)
        .unwrap();
    let approve = |words: Option<String>| crate::team::Approve {
        team: None,
        request: own.id.clone(),
        words,
    };
    let unread = ann.try_ask(approve(None)).await.unwrap_err();
    assert_eq!(unread.code, Code::NotAllowed);
    ann.ask(approve(Some(joining.words))).await;
    ann.sync().await;
    cleo.sync().await;
    assert!(thief.look(false).await.asked);
    assert_eq!(ann.ask(crate::team::ListRequests { team: None }).await, []);
}

#[tokio::test]
async fn another_team_is_founded_beside_the_first() {
    let store = MemoryStore::default();
    let [mut ann, _bob] = two(&store).await;
    let second = crate::team::NewTeam {
        name: "second".to_owned(),
        separate: false,
    };
    ann.ask(second).await;
    let names: Vec<_> = ann.ask(crate::team::ListTeams {}).await;
    let names: Vec<_> = names.into_iter().map(|team| team.name).collect();
    assert_eq!(names, ["acme", "second"]);
    let new = bundles::New {
        name: "second/web/dev".to_owned(),
        dry_run: false,
    };
    ann.ask(new).await;
    ann.set("web/dev", "KEY", "two").await;
    // One paper for both: what is enrolled anew writes in both.
    let words = ann.words.expose().to_vec();
    let recovery = crate::vaults::NewRecovery {
        current_words: crate::Plaintext::new(words),
        new_words: None,
        draft: false,
    };
    ann.words = ann.ask(recovery).await.words;
    assert_eq!(ann.get("web/dev", "KEY").await, "two");
    ann.set("api/prod", "KEY", "after").await;
    ann.sync().await;
}

#[tokio::test]
async fn one_entry_is_shared_in_a_bundle_of_its_own() {
    let store = MemoryStore::default();
    let [mut ann, _bob] = two(&store).await;
    let mut cleo = Person::new("cleo", &store).await;
    ann.let_in(&mut cleo, "reader").await;
    ann.set("api/prod", "OTHER", "not for cleo").await;
    let share = crate::team::Share {
        bundle: "api/prod".to_owned(),
        entry: Some("KEY".to_owned()),
        with: vec!["cleo".to_owned()],
        history: false,
    };
    let bundle = ann.ask(share).await;
    assert_eq!(bundle.members, ["ann", "cleo"]);
    ann.sync().await;
    cleo.sync().await;
    assert_eq!(cleo.get(&bundle.name, "KEY").await, "one");
    assert!(cleo.try_get("api/prod", "OTHER").await.is_err());
    assert!(ann.try_get("api/prod", "KEY").await.is_err());
}

// threat 30: whoever has any invitation can ask under any name.
#[tokio::test]
async fn an_invitation_for_one_lets_in_no_other_unread() {
    let store = MemoryStore::default();
    let [mut ann, _bob] = two(&store).await;
    let mut mallory = Person::new("cleo", &store).await;
    let invite = crate::team::Invite {
        team: None,
        role: "reader".to_owned(),
        name: Some("mallory".to_owned()),
        days: None,
    };
    let invited = ann.ask(invite).await;
    ann.sync().await;
    let joining = mallory.join(invited.text).await;
    ann.sync().await;
    let requests = ann.ask(crate::team::ListRequests { team: None }).await;
    assert_eq!(requests[0].invited.as_deref(), Some("mallory"));
    assert!(requests[0].must_compare);
    let approve = |words: Option<String>| crate::team::Approve {
        team: None,
        request: "cleo".to_owned(),
        words,
    };
    let refused = ann.try_ask(approve(None)).await.unwrap_err();
    assert_eq!(refused.code, Code::NotAllowed);
    ann.ask(approve(Some(joining.words))).await;
}
