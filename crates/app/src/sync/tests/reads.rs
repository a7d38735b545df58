//! Reads are published to owners and admins, and a removal says what was read.

use remotes::MemoryStore;

use super::homes::Person;
use super::remotes::two;
use crate::sync::duties::beat;
use crate::team::{AccessWhat, ExposedView, ListExposed, RemoveMember, Unshare};

impl Person {
    /// A day passes: the next sync would say that they are there.
    async fn says_that_they_are_there(&mut self) {
        let open = self.session.open.as_mut().unwrap();
        let team = open.teams.iter().find(|team| !team.is_personal()).unwrap();
        let id = team.id;
        let beat = open.write(async |open, changes| beat(open, changes, &id).await);
        beat.await.unwrap();
        self.sync().await;
    }

    async fn removes(&mut self, member: &str) -> Vec<ExposedView> {
        let remove = RemoveMember {
            team: None,
            member: member.to_owned(),
            dry_run: false,
        };
        self.ask(remove).await.exposed
    }

    /// `access what --of`: what the removal would list, and what it would not.
    async fn what(&mut self, of: &str) -> Vec<ExposedView> {
        let (team, member) = (None, of.to_owned());
        self.ask(AccessWhat { team, member }).await
    }

    async fn exposed(&mut self) -> Vec<ExposedView> {
        let (team, all) = (None, false);
        self.ask(ListExposed { team, all }).await
    }
}

/// Name, number of the version, and whether it was read.
fn told(exposed: &[ExposedView]) -> Vec<(&str, u64, &str)> {
    let told = |one: &ExposedView| {
        assert_eq!(one.read_at.is_some(), one.was_read == "yes");
        assert_eq!(one.not_read_until.is_some(), one.was_read == "no");
    };
    exposed.iter().for_each(told);
    let all = exposed.iter();
    all.map(|one| (one.name.as_str(), one.version, one.was_read.as_str()))
        .collect()
}

// threat 37
#[tokio::test]
async fn a_removal_says_what_was_read() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    ann.set("api/prod", "OTHER", "two").await;
    ann.sync().await;
    bob.sync().await;
    assert_eq!(bob.get("api/prod", "KEY").await, "one");
    bob.says_that_they_are_there().await;
    ann.sync().await;
    let exposed = ann.removes("bob").await;
    assert_eq!(told(&exposed), [("KEY", 1, "yes"), ("OTHER", 1, "no")]);
}

// threat 37
#[tokio::test]
async fn what_a_device_did_not_publish_is_not_known() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    // Bob was given the bundle after his first sign of life.
    assert_eq!(bob.get("api/prod", "KEY").await, "one");
    let exposed = ann.removes("bob").await;
    assert_eq!(told(&exposed), [("KEY", 1, "unknown")]);
}

// threat 37
#[tokio::test]
async fn what_was_written_after_the_last_publication_leaves_it_open() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    bob.says_that_they_are_there().await;
    bob.set("api/prod", "LATER", "three").await;
    bob.sync().await;
    ann.sync().await;
    let exposed = ann.removes("bob").await;
    let known = told(&exposed);
    assert_eq!(known, [("KEY", 1, "unknown"), ("LATER", 1, "unknown")]);
}

// threat 37
#[tokio::test]
async fn who_loses_a_bundle_publishes_their_reads_at_once_and_to_those_in_charge_only() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let mut cyd = Person::new("cyd", &store).await;
    ann.let_in(&mut cyd, "writer").await;
    ann.share("api/prod", "cyd").await;
    ann.sync().await;
    let selection = crate::transfer::Selection {
        bundle: Some("api/prod".to_owned()),
        ..crate::transfer::Selection::default()
    };
    let run = crate::transfer::Environment {
        selection,
        program: "server".to_owned(),
    };
    bob.ask(run).await;
    let unshare = Unshare {
        bundle: "api/prod".to_owned(),
        with: vec!["bob".to_owned()],
    };
    ann.ask(unshare).await;
    ann.sync().await;
    for person in [&mut bob, &mut ann, &mut cyd] {
        person.sync().await;
    }
    assert_eq!(told(&ann.exposed().await), [("KEY", 1, "yes")]);
    assert_eq!(told(&cyd.exposed().await), [("KEY", 1, "unknown")]);
    // Once is enough.
    let before = store.len();
    bob.sync().await;
    assert_eq!(store.len(), before);
}

/// Bundle, name, number of the version, and state.
fn states(versions: &[ExposedView]) -> Vec<(&str, &str, u64, &str)> {
    let all = versions.iter().map(|one| {
        let (bundle, name) = (one.bundle.as_str(), one.name.as_str());
        (bundle, name, one.version, one.state.as_str())
    });
    all.collect()
}

// threat 37
#[tokio::test]
async fn all_that_a_members_keys_open_is_listed_whatever_their_right() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    ann.set_up_bundle().await;
    ann.set("api/dev", "NOT_SHARED", "unread").await;
    ann.set("api/prod", "OLD", "first").await;
    ann.set("api/prod", "OLD", "second").await;
    ann.sync().await;
    bob.sync().await;
    assert_eq!(bob.get("api/prod", "KEY").await, "one");
    bob.says_that_they_are_there().await;
    ann.sync().await;

    let now = ann.what("bob").await;
    let listed = [
        ("api/prod", "KEY", 1, "in_use"),
        ("api/prod", "OLD", 1, "rotated"),
        ("api/prod", "OLD", 2, "in_use"),
    ];
    assert_eq!(states(&now), listed);
    let read = [("KEY", 1, "yes"), ("OLD", 1, "no"), ("OLD", 2, "no")];
    assert_eq!(told(&now), read);
    assert!(now.iter().all(|one| one.to == ["bob"]));

    // The same rows, as the removal says them: what is in use has to change.
    let remove = |dry_run| RemoveMember {
        team: None,
        member: "bob".to_owned(),
        dry_run,
    };
    let would = ann.ask(remove(true)).await.exposed;
    let due = |versions: &[ExposedView]| {
        let mut due = versions.to_vec();
        due.retain(|one| one.state == "in_use");
        due.iter_mut()
            .for_each(|one| one.state = "needs_rotation".to_owned());
        due
    };
    assert_eq!(would, due(&now));
    assert_eq!(ann.ask(remove(false)).await.exposed, would);
    assert_eq!(ann.exposed().await, would);
    ann.set("api/prod", "KEY", "changed").await;
    let after = ann.what("bob").await;
    let listed = [
        ("api/prod", "KEY", 1, "rotated"),
        ("api/prod", "OLD", 1, "rotated"),
        ("api/prod", "OLD", 2, "needs_rotation"),
    ];
    assert_eq!(states(&after), listed);
    assert_eq!(told(&after), read);
}
