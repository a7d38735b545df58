//! Services: sheets are published when they are due and only then, and a job reads the newest with
//! its token alone.

use remotes::{MemoryStore, Peek};

use super::homes::Person;
use super::remotes::two;
use crate::jobs::Job;
use crate::services::{CreateService, CreatedService, ListServices, RemoveService, ServiceView};
use crate::team::{ExposedView, ListExposed, ListTeams, RevokeDevice, Unshare};
use crate::transfer::Selection;
use crate::{Code, Fault};

async fn create(person: &mut Person, signers: &[&str]) -> CreatedService {
    let create = CreateService {
        name: "ci".to_owned(),
        bundles: vec!["api/prod".to_owned()],
        max_age: None,
        expires: None,
        signers: signers.iter().map(|name| (*name).to_owned()).collect(),
    };
    person.ask(create).await
}

/// What a job finds that sees the whole store, as `NAME=VALUE`.
async fn reads(store: &MemoryStore, created: &CreatedService) -> Result<Vec<String>, Fault> {
    let (remote, _) = store.client();
    let peek = Peek::through(remote);
    let job = Job::new(&created.token, None)?;
    let given = job.variables_through(&peek, &Selection::default()).await?;
    let text = |(name, value): &(String, crate::Plaintext)| {
        format!("{name}={}", value.expose_text().unwrap())
    };
    Ok(given.variables.iter().map(text).collect())
}

fn sheets(store: &MemoryStore) -> usize {
    let objects = store.objects().into_iter();
    let of_services = objects.filter(|(name, _)| name.as_str().contains("/service/"));
    of_services.count()
}

async fn services(person: &mut Person) -> Vec<ServiceView> {
    let all = ListServices {
        team: None,
        all: true,
    };
    person.ask(all).await
}

async fn exposed(person: &mut Person) -> Vec<ExposedView> {
    let open = ListExposed {
        team: None,
        all: false,
    };
    person.ask(open).await
}

#[tokio::test]
async fn a_job_reads_what_was_published_last() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let created = create(&mut ann, &[]).await;
    assert_eq!(created.service.signers, ["anns-laptop"]);
    assert_eq!(created.warnings.len(), 1, "{:?}", created.warnings);
    // Nothing is there before the first sync.
    let missing = reads(&store, &created).await.unwrap_err();
    assert_eq!(missing.code, Code::Remote);
    ann.sync().await;
    assert_eq!(reads(&store, &created).await.unwrap(), ["KEY=one"]);
    let peek = Peek::through(store.client().0);
    let job = Job::new(&created.token, None).unwrap();
    let all = Selection::default();
    job.variables_through(&peek, &all).await.unwrap();
    assert_eq!(peek.counts().requests(), 2);

    // Without news nothing is published or even listed; the listing of the log is the only request.
    assert_eq!(ann.sync().await.network_requests, 1);
    assert_eq!(sheets(&store), 1);

    // Who does not sign publishes nothing; who signs does at the next sync.
    bob.sync().await;
    bob.set("api/prod", "KEY", "two").await;
    bob.set("api/prod", "OTHER", "more").await;
    bob.sync().await;
    assert_eq!(reads(&store, &created).await.unwrap(), ["KEY=one"]);
    ann.sync().await;
    let read = reads(&store, &created).await.unwrap();
    assert_eq!(read, ["KEY=two", "OTHER=more"]);
    assert_eq!(sheets(&store), 2);
}

#[tokio::test]
async fn signers_do_not_each_publish_the_same() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let created = create(&mut ann, &["anns-laptop", "bobs-laptop"]).await;
    assert_eq!(created.warnings, [] as [&str; 0]);
    ann.sync().await;
    bob.sync().await;
    assert_eq!(bob.sync().await.network_requests, 1);
    assert_eq!(sheets(&store), 1);
    bob.set("api/prod", "KEY", "two").await;
    bob.sync().await;
    ann.sync().await;
    assert_eq!(sheets(&store), 2);
    assert_eq!(reads(&store, &created).await.unwrap(), ["KEY=two"]);
    // Each knows of the other's.
    assert_eq!(
        services(&mut ann).await[0].published,
        services(&mut bob).await[0].published
    );
}

#[tokio::test]
async fn sheets_that_came_apart_are_one_again_after_the_next_sync() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let created = create(&mut ann, &["anns-laptop", "bobs-laptop"]).await;
    ann.sync().await;
    bob.sync().await;
    // Both publish their own change under the next count, without seeing the other's.
    ann.set("api/prod", "KEY", "by ann").await;
    bob.set("api/prod", "OTHER", "by bob").await;
    let before = store.len();
    ann.sync().await;
    let anns: Vec<_> = store.objects().split_off(before);
    for (name, _) in &anns {
        bob.view.hide(name, true);
    }
    bob.look(false).await;
    let refused = reads(&store, &created).await.unwrap_err();
    assert_eq!(refused.code, Code::Integrity, "two sheets of one count");
    for (name, _) in &anns {
        bob.view.hide(name, false);
    }
    bob.sync().await;
    let read = reads(&store, &created).await.unwrap();
    assert_eq!(read, ["KEY=by ann", "OTHER=by bob"]);
    ann.sync().await;
    let read = reads(&store, &created).await.unwrap();
    assert_eq!(read, ["KEY=by ann", "OTHER=by bob"]);
    let settled = sheets(&store);
    bob.sync().await;
    ann.sync().await;
    assert_eq!(sheets(&store), settled, "nobody answers the other for ever");
}

#[tokio::test]
async fn a_removed_service_gets_no_values_any_more_and_those_it_had_are_exposed() {
    // threat 37
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let created = create(&mut ann, &[]).await;
    ann.sync().await;
    assert_eq!(exposed(&mut ann).await, []);
    let remove = || RemoveService {
        team: None,
        name: "ci".to_owned(),
    };
    bob.sync().await;
    let refused = bob.try_ask(remove()).await.unwrap_err();
    assert_eq!(refused.code, Code::NotAllowed, "bob is a writer");
    assert_eq!(ann.ask(remove()).await.state, "removed");
    let listed = exposed(&mut ann).await;
    let [one] = listed.as_slice() else {
        panic!("{listed:?}")
    };
    assert_eq!(
        (one.name.as_str(), one.to.as_slice()),
        ("KEY", &["the service ci".to_owned()][..])
    );
    ann.set("api/prod", "KEY", "new").await;
    ann.sync().await;
    assert_eq!(exposed(&mut ann).await, []);
    // One last sheet, without values: what stood in the one before is refused from now on.
    ann.set("api/prod", "KEY", "newer").await;
    ann.sync().await;
    assert_eq!(sheets(&store), 2);
    let refused = reads(&store, &created).await.unwrap_err();
    assert_eq!(refused.code, Code::NotFound, "{refused:?}");
}

#[tokio::test]
async fn a_service_whose_signer_is_gone_says_so() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let created = create(&mut ann, &["anns-laptop", "bobs-laptop"]).await;
    ann.sync().await;
    bob.sync().await;
    let revoke = RevokeDevice {
        team: None,
        device: "bobs-laptop".to_owned(),
        words: None,
        without_words: false,
        alone: false,
    };
    ann.ask(revoke).await;
    let listed = services(&mut ann).await;
    assert_eq!(
        (listed[0].state.as_str(), &*listed[0].gone),
        ("needs_new_token", &["bobs-laptop".to_owned()][..])
    );
    let teams = ann.ask(ListTeams {}).await;
    assert!(
        teams[0]
            .due
            .iter()
            .any(|due| due.to_string().contains("service ci")),
        "{:?}",
        teams[0].due
    );
    // Those who are left go on for the jobs that run meanwhile.
    ann.set("api/prod", "KEY", "two").await;
    ann.sync().await;
    assert_eq!(reads(&store, &created).await.unwrap(), ["KEY=two"]);
}

#[tokio::test]
async fn a_signer_who_lost_the_bundle_leaves_it_to_the_other() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let created = create(&mut ann, &["anns-laptop", "bobs-laptop"]).await;
    ann.sync().await;
    bob.sync().await;
    let unshare = Unshare {
        bundle: "api/prod".to_owned(),
        with: vec!["bob".to_owned()],
    };
    ann.ask(unshare).await;
    ann.sync().await;
    let published = sheets(&store);
    bob.sync().await;
    ann.sync().await;
    assert_eq!(sheets(&store), published);
    assert_eq!(reads(&store, &created).await.unwrap(), ["KEY=one"]);
    assert_eq!(services(&mut ann).await[0].left_out, [] as [&str; 0]);
}

#[tokio::test]
async fn what_others_put_beside_a_sheet_does_not_stand_in_its_way() {
    // threats 4, 13 and 23
    let store = MemoryStore::default();
    let [mut ann, _] = two(&store).await;
    let created = create(&mut ann, &[]).await;
    ann.sync().await;
    let objects = store.objects().into_iter();
    let mut sheets = objects.filter(|(name, _)| name.as_str().contains("/service/"));
    let (name, bytes) = sheets.next().unwrap();
    let (folder, file) = name.as_str().rsplit_once('/').unwrap();
    let (_, hash) = file.split_once('-').unwrap();
    let (writer, _) = store.client();
    let put = async |file: String, bytes: &[u8]| {
        let name = remotes::ObjectName::new(format!("{folder}/{file}")).unwrap();
        writer.create(&name, bytes).await.unwrap();
    };
    put(format!("{:016x}-{hash}", 0), &bytes).await;
    put(format!("{:016x}-{}", 1, "0".repeat(64)), b"nothing").await;
    put("x".to_owned(), b"nothing").await;
    assert_eq!(reads(&store, &created).await.unwrap(), ["KEY=one"]);
}

#[tokio::test]
async fn nobody_publishes_older_values_over_newer_ones() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let created = create(&mut ann, &["anns-laptop", "bobs-laptop"]).await;
    ann.sync().await;
    bob.sync().await;
    let before = store.len();
    ann.set("api/prod", "KEY", "two").await;
    ann.sync().await;
    let written = store.objects().split_off(before);
    let segment = written
        .iter()
        .find(|(name, _)| name.as_str().contains("/log/"));
    // Bob lists the log before what ann wrote is there, and the sheets after it.
    bob.view.delay(&segment.unwrap().0, 1);
    bob.set("api/prod", "OTHER", "more").await;
    bob.sync().await;
    let read = reads(&store, &created).await.unwrap();
    assert_eq!(read, ["KEY=two", "OTHER=more"]);
}
