//! Remotes that lie, lose or are slow; folders; large values; moving.

use std::fs;

use remotes::MemoryStore;

use super::homes::{PLACE, Person};
use crate::Code;
use crate::bundles;
use crate::sync::{FindingKind, ListFindings, ListRemotes, MoveRemote};
use crate::team::{Approve, ListRequests};

pub(crate) async fn two(store: &MemoryStore) -> [Person; 2] {
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
    // It stays, though nothing new comes and the vault is opened anew.
    bob.reopen().await;
    let report = bob.look(false).await;
    assert_eq!(report.findings[0].kind, FindingKind::Withheld);
    assert_eq!(report.waiting, 1);
    bob.view.hide(&hidden, false);
    bob.look(false).await;
    assert_eq!(bob.sync().await.waiting, 0);
    assert_eq!(bob.get("api/prod", "KEY").await, "three");
}

// threat 9: whatever follows a removal stands under keys that came with it.
#[tokio::test]
async fn a_removal_withheld_with_its_new_keys_is_said() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let mut cleo = Person::new("cleo", &store).await;
    ann.let_in(&mut cleo, "reader").await;
    bob.sync().await;
    let before = store.len();
    let remove = crate::team::RemoveMember {
        team: None,
        member: "cleo".to_owned(),
        dry_run: false,
    };
    ann.ask(remove).await;
    ann.sync().await;
    let removal = store.objects()[before].0.clone();
    bob.view.hide(&removal, true);
    ann.set("api/prod", "KEY", "two").await;
    ann.sync().await;
    for _ in 0..2 {
        let report = bob.look(false).await;
        let kinds: Vec<_> = report.findings.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [FindingKind::Withheld]);
        assert_eq!(
            report.findings[0].device_name.as_deref(),
            Some("anns-laptop")
        );
        bob.reopen().await;
    }
    bob.view.hide(&removal, false);
    bob.look(true).await;
    bob.sync().await;
    assert_eq!(bob.get("api/prod", "KEY").await, "two");
    // Who was removed is told that they are out, not that something is withheld.
    let report = cleo.look(false).await;
    assert!(report.out);
    assert_eq!(cleo.look(false).await.findings, []);
}

// threat 67
#[tokio::test]
async fn a_pack_that_comes_after_its_op_is_taken_in_without_other_news() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let large = "x".repeat(200_000);
    ann.set("api/prod", "KEY", &large).await;
    ann.sync().await;
    let objects = store.objects();
    let is_pack = |name: &str| name.contains("/blob/");
    let pack = objects.iter().find(|(name, _)| is_pack(name.as_str()));
    let pack = pack.unwrap().0.clone();
    bob.view.hide(&pack, true);
    assert_eq!(bob.look(false).await.findings.len(), 1);
    bob.view.hide(&pack, false);
    bob.reopen().await;
    bob.sync().await;
    assert_eq!(bob.get("api/prod", "KEY").await, large);
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
async fn a_sync_without_news_writes_nothing() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    for _ in 0..3 {
        ann.sync().await;
        bob.sync().await;
    }
    let before = ann.commits();
    ann.sync().await;
    assert_eq!(ann.commits(), before);
}

// threats 5, 6: an unmounted folder is none that has lost everything.
#[tokio::test]
async fn a_folder_that_is_away_is_not_rolled_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    let mut ann = Person::new("ann", &store).await;
    ann.found("acme").await;
    // It is made where the folder around it is there.
    let at = folder.path().join("team");
    let place = |at: &std::path::Path| MoveRemote {
        team: None,
        location: format!("folder:{}", at.display()),
        without_old: false,
    };
    let nowhere = ann.try_ask(place(&at.join("a/b"))).await.unwrap_err();
    assert_eq!(nowhere.code, Code::Remote);
    ann.ask(place(&at)).await;
    let away = folder.path().join("away");
    fs::rename(&at, &away).unwrap();
    let report = ann.look(true).await;
    assert_eq!(report.failure.unwrap().code, Code::Remote);
    assert_eq!(report.findings, []);
    fs::rename(&away, &at).unwrap();
    ann.sync().await;
}

#[tokio::test]
async fn a_move_that_fails_has_not_moved_and_goes_on_when_it_is_begun_again() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let other = MemoryStore::default();
    let (remote, view) = other.client();
    ann.session.couriers.put("folder:/other", remote);
    let to_other = || MoveRemote {
        team: None,
        location: "folder:/other".to_owned(),
        without_old: false,
    };
    // The first two things that are asked of it, and one object that gets through.
    view.fail_after(Some(3));
    assert!(ann.try_ask(to_other()).await.is_err());
    view.fail_after(None);
    assert_eq!(ann.ask(ListRemotes {}).await[0].location, PLACE);
    ann.set("api/prod", "KEY", "two").await;
    ann.sync().await;
    bob.sync().await;
    assert_eq!(bob.get("api/prod", "KEY").await, "two");
    assert_eq!(other.len(), 1);

    ann.ask(to_other()).await;
    let mut names: Vec<_> = other.objects().into_iter().map(|(name, _)| name).collect();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
    bob.session.couriers.put("folder:/other", other.client().0);
    bob.ask(to_other()).await;
    // All that he adds is his recovery note.
    assert_eq!(other.len(), all + 1);
    ann.set("api/prod", "KEY", "three").await;
    ann.sync().await;
    bob.sync().await;
    assert_eq!(bob.get("api/prod", "KEY").await, "three");
}

#[tokio::test]
async fn who_waits_to_be_let_in_fetches_only_what_is_new() {
    let store = MemoryStore::default();
    let mut ann = Person::new("ann", &store).await;
    ann.found("acme").await;
    let new = bundles::New {
        name: "api/prod".to_owned(),
        dry_run: false,
    };
    ann.ask(new).await;
    for value in 0..20 {
        ann.set("api/prod", "KEY", &value.to_string()).await;
        ann.sync().await;
    }
    let mut bob = Person::new("bob", &store).await;
    let before = bob.requests();
    let joining = bob.join(ann.invite("writer").await).await;
    // The log is listed, the request is put, and a recovery note beside it.
    assert_eq!(bob.requests() - before, 3);
    assert_eq!(bob.sync().await.network_requests, 1);
    ann.set("api/prod", "KEY", "news").await;
    ann.sync().await;
    assert_eq!(bob.sync().await.network_requests, 2);
    let commits = bob.commits();
    assert!(bob.sync().await.asked);
    assert_eq!(bob.commits(), commits);

    let requests = ann.ask(ListRequests { team: None }).await;
    let approve = Approve {
        team: None,
        request: requests[0].id.clone(),
        words: Some(joining.words),
    };
    ann.ask(approve).await;
    ann.share("api/prod", "bob").await;
    ann.sync().await;
    assert!(!bob.sync().await.asked);
    assert_eq!(bob.get("api/prod", "KEY").await, "news");
    bob.sync().await;
    assert_eq!(bob.sync().await.network_requests, 1);
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

#[cfg(unix)]
#[tokio::test]
async fn a_sync_beside_the_session_is_seen_by_the_next_read() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    ann.set("api/prod", "KEY", "two").await;
    ann.sync().await;
    let beside = bob.session.beside().await.unwrap();
    let mut beside = beside.load().await.unwrap();
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

// threat 28: what came in a pack, in one round with the removal.

// threat 17: two teams in one vault do not get into each other's way.

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

// threat 30: two requests for one invitation.
