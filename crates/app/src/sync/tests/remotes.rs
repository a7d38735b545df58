//! Remotes that lie, lose or are slow; folders; large values; moving.

use std::fs;

use remotes::MemoryStore;

use super::homes::{PLACE, Person};
use crate::Code;
use crate::bundles;
use crate::sync::{FindingKind, ListFindings, ListRemotes, MoveRemote};
use crate::team::{ListQuarantine, RemoveMember, Review, RevokeDevice};

async fn two(store: &MemoryStore) -> [Person; 2] {
    let mut ann = Person::new("ann", store).await;
    let mut bob = Person::new("bob", store).await;
    ann.found("acme").await;
    let new = bundles::New {
        name: "api/prod".to_owned(),
        dry_run: false,
    };
    ann.ask(new).await;
    ann.set("api/prod", "KEY", "one").await;
    ann.let_in(&mut bob, "writer").await;
    ann.share("api/prod", "bob").await;
    ann.sync().await;
    bob.sync().await;
    [ann, bob]
}

// threats 5, 6
#[tokio::test]
async fn an_older_copy_of_the_remote_is_refused_and_can_be_healed() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let then = store.len();
    ann.set("api/prod", "KEY", "two").await;
    ann.sync().await;
    bob.sync().await;
    bob.view.roll_back_to(Some(then));
    let report = bob.look(false).await;
    assert_eq!(report.failure.unwrap().code, Code::Integrity);
    assert_eq!(report.findings[0].kind, FindingKind::Rollback);
    // It stays until it is resolved, and what is here is as it was.
    assert_eq!(bob.ask(ListFindings {}).await.len(), 1);
    assert_eq!(bob.get("api/prod", "KEY").await, "two");
    bob.view.roll_back_to(None);
    assert_eq!(bob.look(true).await.findings, []);

    // Really lost: pushing everything again brings it back.
    let empty = MemoryStore::default();
    let (remote, _) = empty.client();
    bob.session.couriers.put(PLACE, remote);
    assert!(bob.look(true).await.failure.is_some());
    let again = MoveRemote {
        team: None,
        location: PLACE.to_owned(),
        without_old: false,
    };
    bob.ask(again).await;
    let (remote, _) = empty.client();
    ann.session.couriers.put(PLACE, remote);
    ann.set("api/prod", "KEY", "three").await;
    let report = ann.look(true).await;
    assert_eq!(report.failure, None, "{:?}", report.findings);
    bob.sync().await;
    assert_eq!(bob.get("api/prod", "KEY").await, "three");
}

// threats 8, 9
#[tokio::test]
async fn what_is_withheld_is_said_and_comes_later() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    ann.set("api/prod", "KEY", "two").await;
    ann.sync().await;
    let hidden = store.objects().last().unwrap().0.clone();
    bob.view.hide(&hidden, true);
    ann.set("api/prod", "KEY", "three").await;
    ann.sync().await;
    let report = bob.look(false).await;
    assert_eq!(report.findings[0].kind, FindingKind::Withheld);
    assert_eq!(bob.get("api/prod", "KEY").await, "one");
    bob.view.hide(&hidden, false);
    bob.look(false).await;
    assert_eq!(bob.sync().await.waiting, 0);
    assert_eq!(bob.get("api/prod", "KEY").await, "three");
}

// threats 1, 2
#[tokio::test]
async fn a_bad_object_is_named_and_stops_no_other() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    ann.set("api/prod", "KEY", "two").await;
    ann.sync().await;
    let (name, mut bytes) = store.objects().last().unwrap().clone();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    bob.view.tamper(&name, bytes);
    bob.view.scramble(true, true);
    let report = bob.look(false).await;
    assert_eq!(report.findings[0].kind, FindingKind::BadObject);
    assert_eq!(report.findings[0].object.as_deref(), Some(name.as_str()));
    bob.view.restore();
    bob.look(true).await;
    assert_eq!(bob.get("api/prod", "KEY").await, "two");
    bob.sync().await;
}

#[tokio::test]
async fn a_sync_without_news_is_one_listing() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    for _ in 0..3 {
        ann.sync().await;
        bob.sync().await;
    }
    let before = store.len();
    assert_eq!(ann.sync().await.network_requests, 1);
    assert_eq!(store.len(), before);
}

#[tokio::test]
async fn large_values_travel_in_packs_beside_their_op() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let large = "x".repeat(200_000);
    ann.set("api/prod", "LARGE", &large).await;
    ann.sync().await;
    let packs = store.objects();
    assert!(
        packs
            .iter()
            .any(|(name, _)| name.as_str().contains("/blob/"))
    );
    bob.sync().await;
    assert_eq!(bob.get("api/prod", "LARGE").await, large);
}

#[tokio::test]
async fn a_folder_carries_a_team() {
    let folder = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let place = format!("folder:{}", folder.path().display());
    let to_folder = || MoveRemote {
        team: None,
        location: place.clone(),
        without_old: false,
    };
    ann.ask(to_folder()).await;
    bob.ask(to_folder()).await;
    ann.set("api/prod", "KEY", "in a folder").await;
    ann.sync().await;
    bob.sync().await;
    assert_eq!(bob.get("api/prod", "KEY").await, "in a folder");
    let remotes = ann.ask(ListRemotes {}).await;
    assert_eq!(
        (remotes[0].kind.as_str(), remotes[0].to_push),
        ("folder", 0)
    );
    // Nothing of a name or a value is there in the clear.
    let mut all = Vec::new();
    let mut next = vec![folder.path().to_owned()];
    while let Some(at) = next.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => next.push(path),
                false => all.extend(fs::read(path).unwrap()),
            }
        }
    }
    for canary in [&b"in a folder"[..], b"api", b"laptop", b"acme"] {
        assert!(!all.windows(canary.len()).any(|window| window == canary));
    }
}

// threat 28
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
    };
    assert!(!ann.ask(revoke).await.stands);
    ann.set("api/prod", "KEY", "not for the thief").await;
    ann.sync().await;
    bob.look(false).await;
    assert_ne!(
        bob.try_get("api/prod", "KEY").await.unwrap_or_default(),
        "not for the thief"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_sync_beside_the_session_is_seen_by_the_next_read() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    ann.set("api/prod", "KEY", "two").await;
    ann.sync().await;
    let mut beside = bob.session.beside().await.unwrap();
    beside.couriers.put(PLACE, store.client().0);
    let everything = crate::sync::Sync {
        team: None,
        full: false,
    };
    let request = crate::requests::Ask::into_request(everything);
    let caller = crate::session::Caller::default();
    let (answer, before) = tokio::join!(
        Box::pin(beside.ask(request, caller)),
        bob.try_get("api/prod", "KEY"),
    );
    assert!(answer.is_ok() && before.is_ok());
    assert_eq!(bob.get("api/prod", "KEY").await, "two");
    beside.close().await;
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
}

// threat 28: what came in a pack, in one round with the removal.
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

// threat 17: two teams in one vault do not get into each other's way.
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
async fn a_git_repository_carries_a_team() {
    let folder = tempfile::tempdir().unwrap();
    let made = std::process::Command::new("git")
        .args(["init", "--quiet", "--bare"])
        .arg(folder.path().join("team.git"))
        .status();
    if !made.is_ok_and(|status| status.success()) {
        // Where there is no git there is nothing to try.
        return;
    }
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let place = format!("file://{}/team.git", folder.path().display());
    for one in [&mut ann, &mut bob] {
        let to_git = MoveRemote {
            team: None,
            location: place.clone(),
            without_old: false,
        };
        assert_eq!(one.ask(to_git).await.kind, "git");
    }
    ann.set("api/prod", "KEY", "in git").await;
    ann.sync().await;
    bob.sync().await;
    assert_eq!(bob.get("api/prod", "KEY").await, "in git");
    bob.sync().await;
    assert_eq!(bob.sync().await.network_requests, 1);
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

// threat 30: two requests for one invitation.
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
