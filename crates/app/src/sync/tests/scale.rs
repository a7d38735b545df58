//! What a sync costs when a team has a long history: counted here at a small scale. The same at
//! full scale, with times as ratios to what can't be done without, is in `figures.rs`.

use remotes::MemoryStore;

use super::crowd::Crowd;
use super::homes::Person;
use crate::bundles;
use crate::clock::now;
use crate::sync::names::day_of;
use crate::team::{Approve, ListRequests};

/// A founder with a crowd around them who write in turns, and a member who looks on.
pub struct History {
    pub store: MemoryStore,
    pub founder: Person,
    pub olga: Person,
    pub crowd: Crowd,
    /// Over how many days until today [`Self::write`] spreads what it writes.
    pub days: u32,
}

impl History {
    pub async fn new(members: usize) -> Self {
        let store = MemoryStore::default();
        let mut founder = Person::new("ann", &store).await;
        founder.found("acme").await;
        let new = bundles::New {
            name: "api/prod".to_owned(),
            dry_run: false,
        };
        founder.ask(new).await;
        let mut olga = Person::new("olga", &store).await;
        founder.let_in(&mut olga, "writer").await;
        founder.share("api/prod", "olga").await;
        founder.sync().await;
        let remote = store.client().0;
        let crowd = Crowd::gather(&mut founder, remote, members, today()).await;
        Self {
            store,
            founder,
            olga,
            crowd,
            days: 0,
        }
    }

    /// Members write so many ops in all, and push after each `burst`. One looks on now and then.
    pub async fn write(&mut self, ops: usize, burst: usize, looks_every: usize) {
        let bursts = ops / burst;
        for number in 0..bursts {
            let member = number % self.crowd.members();
            self.crowd.write(&mut self.founder, member, burst);
            let passed = number * self.days as usize / bursts;
            let day = today() - self.days + u32::try_from(passed).unwrap();
            self.crowd.push_all(day).await;
            if looks_every > 0 && number % looks_every == looks_every - 1 {
                // Where days have passed meanwhile, names of the past ones come too.
                let report = self.olga.look(self.days > 0).await;
                assert_eq!((report.failure, report.findings.len()), (None, 0));
            }
        }
    }
}

pub fn today() -> u32 {
    day_of(now())
}

/// A newcomer who was let in and given the bundle, before their first sync.
pub async fn newcomer(store: &MemoryStore, founder: &mut Person, name: &str) -> Person {
    let mut bob = Person::new(name, store).await;
    let invitation = founder.invite("writer").await;
    let joining = bob.join(invitation).await;
    founder.sync().await;
    let requests = founder.ask(ListRequests { team: None }).await;
    let request = requests.iter().find(|one| one.words == joining.words);
    let approve = Approve {
        team: None,
        request: request.unwrap().id.clone(),
        words: Some(joining.words),
    };
    founder.ask(approve).await;
    founder.share("api/prod", name).await;
    founder.sync().await;
    bob
}

/// A newcomer gives a sign of life; then both know the same.
async fn agree(bob: &mut Person, founder: &mut Person) {
    for _ in 0..2 {
        bob.sync().await;
        founder.sync().await;
    }
    assert_eq!(bob.state_hash(), founder.state_hash());
}

#[tokio::test]
async fn a_newcomer_to_a_long_history_asks_for_a_few_objects() {
    let mut history = History::new(6).await;
    history.write(400, 2, 30).await;
    let History {
        store,
        mut founder,
        mut crowd,
        ..
    } = history;
    crowd.part(&mut founder).await;
    founder.sync().await;
    let segments = store.objects().len();
    assert!(segments > 200);
    let mut bob = newcomer(&store, &mut founder, "bob").await;
    let report = bob.sync().await;
    assert!(report.received > 400);
    assert!(report.network_requests <= 60, "{}", report.network_requests);
    agree(&mut bob, &mut founder).await;
    assert_eq!(bob.sync().await.waiting, 0);
    assert_eq!(bob.sync().await.network_requests, 1);
    // What was accounted for is remembered like what was fetched.
    let report = bob.look(true).await;
    assert_eq!((report.failure, report.findings.len()), (None, 0));
    assert_eq!(report.network_requests, 1);
}

// threat 40: no cover hides what somebody else wrote at the same place.
#[tokio::test]
async fn a_cover_accounts_only_for_the_very_bytes() {
    let mut history = History::new(3).await;
    history.write(200, 2, 0).await;
    let History {
        store,
        mut founder,
        mut crowd,
        ..
    } = history;
    crowd.part(&mut founder).await;
    founder.sync().await;
    // A segment of the same run with another hash: as a device would leave that was copied.
    let (name, bytes) = store.objects().into_iter().rev().find(is_segment).unwrap();
    let other = name.to_string();
    let (start, hash) = other.rsplit_once('-').unwrap();
    let flipped: String = hash
        .chars()
        .map(|c| if c == 'a' { 'b' } else { c })
        .collect();
    let forged = remotes::ObjectName::new(format!("{start}-{flipped}")).unwrap();
    let mut bob = newcomer(&store, &mut founder, "bob").await;
    bob.view.tamper(&forged, bytes);
    let report = bob.look(true).await;
    let named =
        |finding: &crate::sync::FindingView| finding.object.as_deref() == Some(forged.as_str());
    assert!(report.findings.iter().any(named), "{:?}", report.findings);
}

pub fn is_segment((name, _): &(remotes::ObjectName, Vec<u8>)) -> bool {
    name.as_str().ends_with(".seg") && name.as_str().contains("/log/")
}

// What was committed is not asked for again.
#[tokio::test]
async fn a_first_sync_that_is_interrupted_goes_on() {
    let mut history = History::new(3).await;
    history.write(600, 1, 0).await;
    let History {
        store,
        mut founder,
        mut crowd,
        ..
    } = history;
    crowd.part(&mut founder).await;
    let mut bob = newcomer(&store, &mut founder, "bob").await;
    let whole = store.objects().len() as u64;
    let mut all = 0;
    for round in 0.. {
        bob.view.fail_after(Some(whole / 2));
        let report = bob.look(false).await;
        all += report.network_requests;
        if report.failure.is_none() {
            break;
        }
        assert!(round < 10);
    }
    assert!(all <= whole + whole / 2, "{all} against {whole}");
    bob.view.fail_after(None);
    bob.sync().await;
    agree(&mut bob, &mut founder).await;
}

#[tokio::test]
async fn ops_pushed_in_bulk_come_in_a_few_requests() {
    let mut history = History::new(3).await;
    history.olga.sync().await;
    history.crowd.write(&mut history.founder, 0, 500);
    history.crowd.push_all(today()).await;
    let report = history.olga.sync().await;
    assert_eq!(report.received, 500);
    assert!(report.network_requests <= 4, "{}", report.network_requests);
}

/// Working days of members who each give a sign of life and change something on every third, and
/// push once.
pub async fn days(history: &mut History, days: u32) {
    let members = history.crowd.members();
    for day in 0..days {
        for member in 0..members {
            history.crowd.beat(&mut history.founder, member);
            if (member + day as usize).is_multiple_of(3) {
                history.crowd.write(&mut history.founder, member, 2);
            }
            history.crowd.push_all(today() - days + day).await;
        }
        // Somebody's laptop is open all day long.
        let report = history.olga.look(true).await;
        assert_eq!((report.failure, report.findings.len()), (None, 0));
    }
}

/// Bytes of a store's objects whose names have this in them, and how many they are.
pub fn bytes(store: &MemoryStore, part: &str) -> (usize, usize) {
    let objects = store.objects().into_iter();
    let of_part = objects.filter(|(name, _)| name.as_str().contains(part));
    of_part.fold((0, 0), |(all, count), (_, bytes)| {
        (all + bytes.len(), count + 1)
    })
}

#[tokio::test]
async fn a_few_days_of_a_few_members() {
    let mut history = History::new(4).await;
    days(&mut history, 12).await;
    let History {
        store,
        mut founder,
        mut crowd,
        ..
    } = history;
    crowd.part(&mut founder).await;
    assert!(bytes(&store, "/cover/").1 > 0);
    let mut bob = newcomer(&store, &mut founder, "bob").await;
    let report = bob.sync().await;
    assert!(report.network_requests <= 60, "{}", report.network_requests);
    agree(&mut bob, &mut founder).await;
}
