//! A client is killed at every step of a sync, over and over, on one remote that two of them write
//! to. Nothing that it said is lost, and nothing is signed twice differently.
//!
//! The client is a child: this binary again, running one ignored test.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;

use team::SignedOp;
use team::segment;

use super::homes::{PLACE, Person};
use super::remotes::two;
use crate::Plaintext;
use crate::bundles;
use crate::crash::{REACHED, reached};
use crate::sync::MoveRemote;
use crate::sync::names::{self, Named};
use crate::team::{Share, Unshare};

/// Names of entries that each client sets in turn.
const NAMES: u32 = 10;

/// What a client does before it syncs, by the number of its life.
async fn write(person: &mut Person, own: &str, number: u32) {
    let name = format!("{own}_{}", number % NAMES);
    // Now and then one that travels in a pack.
    let size = if number.is_multiple_of(7) { 70_000 } else { 1 };
    let value = format!("{number} {}", "x".repeat(size));
    person.set("api/prod", &name, &value).await;
    println!("stored {number}");
    // And now and then a key goes to somebody, or is made anew.
    let with = || vec!["bob".to_owned()];
    let bundle = || "api/dev".to_owned();
    if own == "ann" && number % 10 == 4 {
        let share = Share {
            bundle: bundle(),
            entry: None,
            with: with(),
            history: false,
        };
        let _ = person.try_ask(share).await;
    } else if own == "ann" && number % 10 == 8 {
        let unshare = Unshare {
            bundle: bundle(),
            with: with(),
        };
        let _ = person.try_ask(unshare).await;
    }
}

#[tokio::test]
#[ignore = "a client to be killed"]
async fn client() {
    let path = PathBuf::from(std::env::var_os("SEALFOLD_TEST_HOME").unwrap());
    let own = std::env::var("SEALFOLD_TEST_NAME").unwrap();
    let number: u32 = std::env::var("SEALFOLD_TEST_NUMBER")
        .unwrap()
        .parse()
        .unwrap();
    let words = fs::read(path.join("words")).unwrap();
    let mut person = Person::at(path, Plaintext::new(words)).await;
    ::remotes::on_each_step(reached);
    REACHED.store(0, Ordering::Relaxed);
    write(&mut person, &own, number).await;
    let report = person.look(false).await;
    assert_eq!(report.failure, None);
    println!("steps {}", REACHED.load(Ordering::Relaxed));
}

/// One life of a client, that ends at a step; says what it stored, and how many steps it took if it
/// got to the end.
fn live(
    person: &Person,
    own: &str,
    number: u32,
    kill_at: Option<u64>,
) -> (Option<u32>, Option<u64>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "sync::tests::kills::client",
            "--ignored",
            "--nocapture",
        ])
        .env("SEALFOLD_TEST_HOME", person.path())
        .env("SEALFOLD_TEST_NAME", own)
        .env("SEALFOLD_TEST_NUMBER", number.to_string())
        .env_remove("SEALFOLD_TEST_KILL_AT")
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some(step) = kill_at {
        command.env("SEALFOLD_TEST_KILL_AT", step.to_string());
    }
    let mut child = command.spawn().unwrap();
    let mut said = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    let status = child.wait().unwrap();
    assert!(status.success() || status.signal() == Some(9), "{said}");
    let number_after = |word: &str| {
        let mut lines = said.lines().filter_map(|line| line.strip_prefix(word));
        lines.find_map(|rest| rest.trim().parse::<u64>().ok())
    };
    let steps = number_after("steps ").filter(|_| status.success());
    let stored = number_after("stored ").map(|_| number);
    (stored, steps)
}

/// What must be found in the end: of each name the last value that was said to be stored, or one
/// that came after it.
type Said = BTreeMap<String, u32>;

async fn check(people: [&mut Person; 2], said: &Said) {
    let [ann, bob] = people;
    for person in [&mut *ann, &mut *bob] {
        person.open().await;
    }
    for _ in 0..2 {
        for person in [&mut *ann, &mut *bob] {
            let report = person.look(true).await;
            assert_eq!((report.failure, report.findings), (None, Vec::new()));
        }
    }
    assert_eq!(ann.state_hash(), bob.state_hash());
    for (name, number) in said {
        let values = [
            ann.get("api/prod", name).await,
            bob.get("api/prod", name).await,
        ];
        assert_eq!(values[0], values[1]);
        let (found, _) = values[0].split_once(' ').unwrap();
        assert!(
            found.parse::<u32>().unwrap() >= *number,
            "{name}: said {number}, found {found}"
        );
    }
    for person in [ann, bob] {
        assert_eq!(person.look(true).await.conflicts, 0);
        person.session.lock().await;
    }
}

/// At each place of each chain there is one op, on the remote too.
fn signed_once(objects: Vec<(String, Vec<u8>)>, id: &team::ids::TeamId) {
    let mut at = BTreeMap::new();
    for (name, bytes) in objects {
        let Named::Segment { run, .. } = names::read(id, &name) else {
            continue;
        };
        for op in segment::decode(run.count(), &bytes).unwrap() {
            let op = SignedOp::verify(&op).unwrap();
            let before = at.insert((op.device(), op.seq()), op.id());
            assert!(before.is_none_or(|before| before == op.id()), "{name}");
        }
    }
    assert!(!at.is_empty());
}

async fn kill(location: &str, times: u32, objects: impl Fn() -> Vec<(String, Vec<u8>)>) {
    let store = ::remotes::MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let new = bundles::New {
        name: "api/dev".to_owned(),
        dry_run: false,
    };
    ann.ask(new).await;
    ann.set("api/dev", "KEY", "one").await;
    for person in [&mut ann, &mut bob] {
        let there = MoveRemote {
            team: None,
            location: location.to_owned(),
            without_old: true,
        };
        person.ask(there).await;
        assert_ne!(location, PLACE);
        fs::write(person.path().join("words"), person.words.expose()).unwrap();
    }
    let id = {
        let teams = &ann.session.open.as_ref().unwrap().teams;
        teams.iter().find(|team| team.remote.is_some()).unwrap().id
    };
    for person in [&mut ann, &mut bob] {
        person.session.lock().await;
    }
    let (mut killed, mut number, mut step) = (0, 0, 1);
    let mut said = Said::new();
    while killed < times {
        let own = if number % 2 == 0 { "ann" } else { "bob" };
        let person = if own == "ann" { &ann } else { &bob };
        let (stored, steps) = live(person, own, number, Some(step));
        if let Some(stored) = stored {
            said.insert(format!("{own}_{}", stored % NAMES), stored);
        }
        match steps {
            // It came to its end first: each step was tried.
            Some(_) => step = 1,
            None => {
                killed += 1;
                step += 1;
            }
        }
        number += 1;
        if killed == times / 2 && steps.is_none() {
            check([&mut ann, &mut bob], &said).await;
        }
    }
    check([&mut ann, &mut bob], &said).await;
    signed_once(objects(), &id);
}

// threat 67: half-written files are left behind there, and harm nobody.
#[tokio::test]
async fn killed_at_any_step_nothing_is_lost_and_nothing_signed_twice_on_a_folder() {
    // Four teams: the vaults stay small, and so does the time that each life takes.
    for _ in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        let location = format!("folder:{}", root.display());
        kill(&location, 100, || super::grounds::files_in(&root)).await;
    }
}

#[tokio::test]
async fn killed_at_any_step_nothing_is_lost_and_nothing_signed_twice_on_git() {
    let folder = tempfile::tempdir().unwrap();
    let bare = folder.path().join("team.git");
    super::grounds::git(
        folder.path(),
        &["init", "--quiet", "--bare", "team.git"],
        b"",
    );
    let location = format!("file://{}", bare.display());
    kill(&location, 100, || super::grounds::files_on_branch(&bare)).await;
}
