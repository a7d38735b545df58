//! A team moves from one kind of remote to another with everything that it has, and shares each with
//! another team.

use std::path::Path;

use remotes::{Environment, MemoryStore, Peek, Remote, Surroundings};

use super::grounds::{self, Server};
use super::homes::Person;
use super::remotes::two;
use crate::entries::{EntryRef, History, HistoryView};
use crate::jobs::Job;
use crate::services::{CreateService, CreatedService};
use crate::sync::{AddRemote, MoveRemote, RemoteView, Sync};
use crate::team::{ListQuarantine, NewTeam, RemoveMember};
use crate::transfer::Selection;
use crate::{Fault, bundles};

/// A courier to a real place, with a cache of its own.
fn courier(location: &str, cache: &Path) -> Remote {
    let mut environment = grounds::credentials();
    environment.push(("PATH".into(), std::env::var_os("PATH").unwrap_or_default()));
    environment.push(("GIT_CONFIG_NOSYSTEM".into(), "1".into()));
    environment.push(("GIT_CONFIG_GLOBAL".into(), "/dev/null".into()));
    let surroundings = Surroundings {
        cache: cache.to_owned(),
        environment: environment.into_iter().collect::<Environment>(),
    };
    Remote::connect(&location.parse().unwrap(), &surroundings).unwrap()
}

/// The real places there are on this machine: Git, S3 where its server is, a folder.
struct Places {
    folder: tempfile::TempDir,
    _server: Option<Server>,
    locations: Vec<String>,
}

impl Places {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        grounds::git(at, &["init", "--quiet", "--bare", "team.git"], b"");
        std::fs::create_dir(at.join("shared")).unwrap();
        let server = Server::start();
        let mut locations = vec![format!("file://{}", at.join("team.git").display())];
        match &server {
            Some(server) => locations.push(server.location(&server.new_prefix())),
            None => println!("skipped on S3: its server is not there"),
        }
        locations.push(format!("folder:{}", at.join("shared").display()));
        Self {
            folder,
            _server: server,
            locations,
        }
    }

    /// Leads a person to all of them.
    fn lead(&self, person: &mut Person) {
        for (at, location) in self.locations.iter().enumerate() {
            let cache = person.path().join(format!("cache-{at}"));
            let canonical: remotes::Location = location.parse().unwrap();
            let remote = courier(location, &cache);
            person.session.couriers.put(&canonical.to_string(), remote);
        }
    }

    fn job(&self, at: usize, created: &CreatedService) -> (Job, Peek) {
        let cache = self.folder.path().join(format!("job-{at}"));
        let peek = Peek::through(courier(&self.locations[at], &cache));
        (Job::new(&created.token, None).unwrap(), peek)
    }
}

async fn reads(places: &Places, at: usize, created: &CreatedService) -> Result<Vec<String>, Fault> {
    let (job, peek) = places.job(at, created);
    let given = job.variables_through(&peek, &Selection::default()).await?;
    let text = |(name, value): &(String, crate::Plaintext)| {
        format!("{name}={}", value.expose_text().unwrap())
    };
    Ok(given.variables.iter().map(text).collect())
}

async fn moves(person: &mut Person, location: &str) -> RemoteView {
    let to = MoveRemote {
        team: None,
        location: location.to_owned(),
        without_old: false,
    };
    person.ask(to).await
}

async fn history(person: &mut Person, name: &str) -> HistoryView {
    let history = History {
        entry: EntryRef::Named {
            bundle: Some("api/prod".to_owned()),
            name: name.to_owned(),
        },
    };
    person.ask(history).await
}

#[tokio::test]
async fn a_team_moves_from_git_to_s3_to_a_folder_and_loses_nothing() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let mut cleo = Person::new("cleo", &store).await;
    let mut dan = Person::new("dan", &store).await;
    ann.let_in(&mut cleo, "writer").await;
    ann.share("api/prod", "cleo").await;
    ann.sync().await;
    cleo.sync().await;
    // Versions, a large value in a pack, and a late write that waits for a review.
    ann.set("api/prod", "KEY", "two").await;
    ann.set("api/prod", "LARGE", &"x".repeat(200_000)).await;
    let remove = RemoveMember {
        team: None,
        member: "cleo".to_owned(),
        dry_run: false,
    };
    cleo.set("api/prod", "LATE", "by cleo").await;
    ann.ask(remove).await;
    cleo.sync().await;
    ann.sync().await;
    bob.sync().await;
    let create = CreateService {
        name: "ci".to_owned(),
        bundles: vec!["api/prod".to_owned()],
        max_age: None,
        expires: None,
        signers: Vec::new(),
    };
    let created = ann.ask(create).await;
    ann.sync().await;

    let places = Places::new();
    for person in [&mut ann, &mut bob, &mut dan] {
        places.lead(person);
    }
    let before = history(&mut ann, "KEY").await.versions;
    let expected = |value: &str| {
        vec![
            format!("KEY={value}"),
            format!("LARGE={}", "x".repeat(200_000)),
        ]
    };
    for (at, location) in places.locations.iter().enumerate() {
        // Who does not sign for the service can't bring its values, and is told.
        let moved = moves(&mut bob, location).await;
        assert_eq!(moved.services, ["ci"]);
        assert!(reads(&places, at, &created).await.is_err());
        let moved = moves(&mut ann, location).await;
        assert_eq!((moved.to_push, moved.findings), (0, 0));
        assert!(moved.services.is_empty());
        assert_eq!(reads(&places, at, &created).await.unwrap(), expected("two"));
        bob.sync().await;
        assert_eq!(ann.state_hash(), bob.state_hash());
    }
    // A newcomer at the last place knows all that ever was.
    let last = places.locations.last().unwrap().clone();
    let invitation = ann.invite("writer").await;
    let joining = dan.join(invitation).await;
    assert_eq!((joining.failure, joining.remote), (None, last));
    ann.sync().await;
    let approve = crate::team::Approve {
        team: None,
        request: "dan".to_owned(),
        words: Some(joining.words),
    };
    ann.ask(approve).await;
    let share = crate::team::Share {
        bundle: "api/prod".to_owned(),
        entry: None,
        with: vec!["dan".to_owned()],
        history: true,
    };
    ann.ask(share).await;
    ann.sync().await;
    dan.sync().await;
    ann.sync().await;
    assert_eq!(ann.state_hash(), dan.state_hash());
    let after = history(&mut dan, "KEY").await.versions;
    let ids = |versions: &[crate::entries::VersionView]| {
        versions
            .iter()
            .map(|one| one.id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&after), ids(&before));
    assert_eq!(dan.get("api/prod", "LARGE").await.len(), 200_000);
    for person in [&mut ann, &mut dan] {
        let waiting = person.ask(ListQuarantine { team: None }).await;
        assert_eq!(waiting[0].names, ["LATE"]);
    }
    // The sheets are counted on: none at a new place begins anew.
    dan.set("api/prod", "KEY", "three").await;
    dan.sync().await;
    ann.sync().await;
    let at = places.locations.len() - 1;
    assert_eq!(
        reads(&places, at, &created).await.unwrap(),
        expected("three")
    );
}

#[tokio::test]
async fn two_teams_share_a_branch_a_prefix_and_a_folder() {
    let store = MemoryStore::default();
    let places = Places::new();
    for location in &places.locations {
        let [mut ann, mut bob] = two(&store).await;
        let mut eve = Person::new("eve", &store).await;
        for person in [&mut ann, &mut bob, &mut eve] {
            places.lead(person);
        }
        moves(&mut ann, location).await;
        moves(&mut bob, location).await;
        let other = NewTeam {
            name: "other".to_owned(),
            separate: true,
        };
        eve.ask(other).await;
        let add = AddRemote {
            team: Some("other".to_owned()),
            location: location.clone(),
        };
        eve.ask(add).await;
        let new = bundles::New {
            name: "other/api/prod".to_owned(),
            dry_run: false,
        };
        eve.ask(new).await;
        eve.set("other/api/prod", "KEY", "of the others").await;
        for full in [false, true] {
            let all = || Sync { team: None, full };
            for person in [&mut eve, &mut ann, &mut bob] {
                let teams = person.ask(all()).await.teams;
                let failed = teams
                    .iter()
                    .any(|one| one.failure.is_some() || !one.findings.is_empty());
                assert!(!failed, "{location}: {teams:?}");
            }
        }
        ann.set("api/prod", "KEY", "of ours").await;
        ann.sync().await;
        bob.sync().await;
        assert_eq!(bob.get("api/prod", "KEY").await, "of ours");
        assert_eq!(eve.get("other/api/prod", "KEY").await, "of the others");
        assert_eq!(ann.state_hash(), bob.state_hash());
    }
}
