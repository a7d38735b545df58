//! Three people: two of them see a bundle; one leaves.

use remotes::MemoryStore;

use super::homes::Person;
use crate::Code;
use crate::bundles;
use crate::entries::List;
use crate::team::{ListExposed, ListMembers, RemoveMember, SettleExposed, Unshare};

async fn new_bundle(person: &mut Person, name: &str) {
    let new = bundles::New {
        name: name.to_owned(),
        dry_run: false,
    };
    person.ask(new).await;
}

#[tokio::test]
async fn three_homes_share_one_remote_and_two_of_them_a_bundle() {
    let store = MemoryStore::default();
    let mut ann = Person::new("ann", &store).await;
    let mut bob = Person::new("bob", &store).await;
    let mut cleo = Person::new("cleo", &store).await;
    // What the vault held before it became a team is the team's.
    new_bundle(&mut ann, "api/prod").await;
    ann.set("api/prod", "KEY", "one").await;
    let before = ann.ask(crate::team::ListTeams {}).await[0].id.clone();
    let team = ann.found("acme").await;
    assert_eq!((team.id, team.name.as_str()), (before, "acme"));

    ann.let_in(&mut bob, "writer").await;
    ann.let_in(&mut cleo, "reader").await;
    bob.sync().await;
    assert_eq!(ann.state_hash(), bob.state_hash());
    assert_eq!(bob.state_hash(), cleo.state_hash());
    let members = ListMembers {
        team: None,
        former: false,
    };
    let names: Vec<_> = bob.ask(members).await.into_iter().collect();
    let names: Vec<_> = names
        .iter()
        .map(|of| (of.name.as_str(), of.verified))
        .collect();
    assert_eq!(names, [("ann", false), ("bob", true), ("cleo", true)]);

    // A member knows of a bundle, and reads what is shared with them.
    assert_eq!(
        bob.try_get("api/prod", "KEY").await.unwrap_err().code,
        Code::NotAllowed
    );
    ann.share("api/prod", "bob").await;
    ann.sync().await;
    let report = bob.sync().await;
    assert!(report.received > 0);
    cleo.sync().await;
    assert_eq!(bob.get("api/prod", "KEY").await, "one");
    assert_eq!(
        cleo.try_get("api/prod", "KEY").await.unwrap_err().code,
        Code::NotAllowed
    );
    assert_eq!(cleo.ask(List::default()).await, []);

    // Both edit without knowing of each other: nothing is lost.
    ann.view.set_offline(true);
    bob.view.set_offline(true);
    ann.set("api/prod", "KEY", "by ann").await;
    bob.set("api/prod", "KEY", "by bob").await;
    bob.set("api/prod", "NEW", "new").await;
    let report = ann.look(false).await;
    assert_eq!(report.failure.unwrap().code, Code::Remote);
    ann.view.set_offline(false);
    bob.view.set_offline(false);
    ann.sync().await;
    bob.sync().await;
    let report = ann.sync().await;
    assert_eq!(report.changed_bundles, ["api/prod"]);
    assert_eq!(report.conflicts, 1);
    assert_eq!(
        ann.get("api/prod", "KEY").await,
        bob.get("api/prod", "KEY").await
    );
    assert_eq!(ann.get("api/prod", "NEW").await, "new");
    ann.set("api/prod", "KEY", "settled").await;
    ann.sync().await;
    assert_eq!(bob.sync().await.conflicts, 0);
    assert_eq!(bob.get("api/prod", "KEY").await, "settled");

    // Unshared: a new key at once, and what is written from then on is not theirs.
    ann.share("api/prod", "cleo").await;
    ann.sync().await;
    cleo.sync().await;
    assert_eq!(cleo.get("api/prod", "KEY").await, "settled");
    let unshare = Unshare {
        bundle: "api/prod".to_owned(),
        with: vec!["cleo".to_owned()],
    };
    ann.ask(unshare).await;
    ann.set("api/prod", "LATER", "later").await;
    ann.sync().await;
    cleo.sync().await;
    bob.sync().await;
    assert_eq!(bob.get("api/prod", "LATER").await, "later");
    assert!(cleo.try_get("api/prod", "LATER").await.is_err());

    // Removed: what bob wrote without knowing it waits for a review.
    bob.set("api/prod", "KEY", "late").await;
    let remove = RemoveMember {
        team: None,
        member: "bob".to_owned(),
        dry_run: false,
    };
    let removed = ann.ask(remove).await;
    assert_eq!(removed.member.role, "none");
    let exposed: Vec<_> = removed.exposed.iter().map(|of| of.name.as_str()).collect();
    assert_eq!(exposed, ["KEY", "LATER", "NEW"], "{exposed:?}");
    ann.sync().await;
    bob.look(false).await;
    ann.sync().await;
    assert_eq!(ann.get("api/prod", "KEY").await, "settled");

    // The list goes to zero as values change or somebody says why they need not.
    ann.set("api/prod", "KEY", "rotated").await;
    ann.remove("api/prod", "NEW").await;
    let settle = |name: &str| SettleExposed {
        bundle: "api/prod".to_owned(),
        name: name.to_owned(),
        reason: "was a test value".to_owned(),
    };
    ann.ask(settle("LATER")).await;
    ann.ask(settle("NEW")).await;
    let all = ListExposed {
        team: None,
        all: false,
    };
    assert_eq!(ann.ask(all).await, []);
    ann.sync().await;
    cleo.sync().await;
    assert_eq!(ann.state_hash(), cleo.state_hash());
}
