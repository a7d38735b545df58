//! The figures that are promised for a team with a long history, at full scale: requests counted,
//! times as ratios to what can't be done without. `cargo xtask bench scale`, `… year`.

#![allow(clippy::print_stdout, reason = "figures for whoever asked for them")]

use std::rc::Rc;
use std::time::{Duration, Instant};

use remotes::{Counts, MemoryStore};
use sqlx::{Connection, SqliteConnection};
use team::SignedOp;
use team::ids::TeamId;

use super::grounds::{Ground, Server};
use super::homes::{PLACE, Person};
use super::scale::{History, bytes, days, is_segment, newcomer, today};

/// How large the team and its history are.
struct Size {
    members: usize,
    /// Ops behind everything.
    ops: usize,
    /// Ops pushed at a time by each member in their turn.
    burst: usize,
    /// How long ago the first of them was written.
    days: u32,
    /// Ops that are new and were pushed at once.
    bulk: usize,
    /// How often each time is taken; the best counts.
    rounds: usize,
}

/// What was found beside what was promised.
#[derive(Default)]
struct Figures(Vec<(String, f64, f64)>);

impl Figures {
    fn add(&mut self, what: &str, value: f64, limit: f64) {
        println!("  {what}: {value:.2} (at most {limit})");
        self.0.push((what.to_owned(), value, limit));
    }

    fn count(&mut self, what: &str, count: u64, limit: u64) {
        self.add(what, count as f64, limit as f64);
    }

    fn print(&self) {
        println!("\n{:<64} {:>8} {:>8}", "figure", "found", "at most");
        for (what, value, limit) in &self.0 {
            let verdict = if value <= limit { "" } else { "  over" };
            println!("{what:<64} {value:>8.2} {limit:>8.2}{verdict}");
        }
        println!();
    }
}

/// Counts hold at any size, so that every run of the tests looks at them.
#[tokio::test]
async fn what_is_counted_at_a_small_scale() {
    let size = Size {
        members: 3,
        ops: 240,
        burst: 2,
        days: 40,
        bulk: 300,
        rounds: 1,
    };
    at_scale(&size).await;
}

#[tokio::test]
#[ignore = "minutes; `cargo xtask bench scale`"]
async fn at_full_scale() {
    let size = Size {
        members: 100,
        ops: 50_000,
        burst: 10,
        days: 250,
        bulk: 10_000,
        rounds: 2,
    };
    at_scale(&size).await;
}

async fn at_scale(size: &Size) {
    let mut figures = Figures::default();
    let mut history = History::new(size.members).await;
    history.days = size.days;
    let away = history
        .crowd
        .admin_goes_away(&mut history.founder, today() - size.days)
        .await;
    let started = Instant::now();
    history.write(size.ops, size.burst, 40).await;
    println!("  {} ops written in {:?}", size.ops, started.elapsed());
    let History {
        store,
        mut founder,
        mut olga,
        mut crowd,
        ..
    } = history;
    let report = olga.look(true).await;
    assert_eq!((report.failure, report.findings.len()), (None, 0));
    without_news(&store, &mut olga, &mut figures).await;

    crowd.part(&mut founder).await;
    let what = "a newcomer's first sync, against verifying, two opens, an insert";
    first_syncs(size, &store, &mut founder, ("bob", what, 2.0), &mut figures).await;

    let mut best = f64::INFINITY;
    for _ in 0..size.rounds {
        let report = olga.look(true).await;
        assert_eq!((report.failure, report.findings.len()), (None, 0));
        crowd.write(&mut founder, 0, size.bulk);
        crowd.push_all(today()).await;
        let floor = floor(&store, size.bulk).await;
        let (report, ratio) = timed(&mut olga, floor, false).await;
        assert_eq!(report.received, size.bulk as u64, "{report:?}");
        figures.count(
            "requests for ops pushed in bulk",
            report.network_requests,
            20,
        );
        best = best.min(ratio);
    }
    figures.add(
        "ops pulled that were pushed in bulk, against the same",
        best,
        2.0,
    );

    crowd.part(&mut founder).await;
    crowd.removes_late(&away, 1, today()).await;
    founder.look(true).await;
    let what = "a newcomer's first sync with a late removal, against the same";
    first_syncs(
        size,
        &store,
        &mut founder,
        ("carol", what, 3.0),
        &mut figures,
    )
    .await;
    figures.print();
    for (what, value, limit) in &figures.0 {
        let counted = what.starts_with("requests");
        assert!(!counted || value <= limit, "{what}: {value}");
    }
}

/// Newcomers, one after the other, each let in by the founder.
async fn first_syncs(
    size: &Size,
    store: &MemoryStore,
    founder: &mut Person,
    (name, what, limit): (&str, &str, f64),
    figures: &mut Figures,
) {
    let (mut best, mut requests) = (f64::INFINITY, 0);
    for round in 0..size.rounds {
        let mut person = newcomer(store, founder, &format!("{name}-{round}")).await;
        let floor = floor(store, size.ops.min(10_000)).await;
        let (report, ratio) = timed(&mut person, floor, true).await;
        assert!(report.received >= size.ops as u64, "{report:?}");
        assert_eq!(report.waiting, 0);
        (best, requests) = (best.min(ratio), requests.max(report.network_requests));
    }
    figures.count(&format!("requests of a newcomer ({name})"), requests, 100);
    figures.add(what, best, limit);
}

async fn timed(person: &mut Person, floor: Duration, full: bool) -> (crate::sync::TeamSync, f64) {
    let started = Instant::now();
    let report = person.look(full).await;
    let took = started.elapsed();
    assert_eq!(
        (&report.failure, report.findings.len()),
        (&None, 0),
        "{report:?}"
    );
    let each = took.as_secs_f64() / report.received as f64;
    let ratio = each / floor.as_secs_f64();
    println!(
        "  {} ops in {took:?}, {:.0} µs each, {floor:?} at least: {ratio:.2}",
        report.received,
        each * 1e6
    );
    (report, ratio)
}

/// One question to the remote, whatever lies there: a page of a listing, an `ls-remote`, a walk of
/// the last days.
async fn without_news(store: &MemoryStore, olga: &mut Person, figures: &mut Figures) {
    let of = |counts: Counts| [counts.listings, counts.ls_remotes, counts.directories];
    let mut grounds = vec![("a folder", Ground::Folder), ("Git", Ground::Git)];
    match Server::start() {
        Some(server) => grounds.push(("S3", Ground::S3(Rc::new(server)))),
        None => println!("no S3 server among the tests' tools: left out"),
    }
    for (name, ground) in grounds {
        let mut client = ground.client(store);
        client.place.as_mut().unwrap().lay_out().await;
        olga.session.couriers.put(PLACE, client.remote);
        olga.look(true).await;
        let remote = olga.session.couriers.connect(PLACE).unwrap();
        let before = remote.counts();
        let report = olga.look(false).await;
        assert_eq!((report.failure, report.findings.len()), (None, 0));
        let after = remote.counts();
        let [listings, questions, directories] = {
            let (before, after) = (of(before), of(after));
            std::array::from_fn(|at| after[at] - before[at])
        };
        let all = after.requests() - before.requests();
        println!(
            "  without news on {name}: {listings} listings, {questions} ls-remotes, {directories} directories"
        );
        let (limit, what) = match ground {
            // It reads no files: the log and three days.
            Ground::Folder => (0, "requests without news, beside walking a folder"),
            Ground::Git => (1, "requests without news on Git: one ls-remote"),
            _ => (1, "requests without news on S3: one listing"),
        };
        figures.count(what, all, limit);
        if matches!(ground, Ground::Folder) {
            figures.count(
                "requests that are directories read, three of them days",
                directories,
                4,
            );
        }
    }
    let (remote, _) = store.client();
    olga.session.couriers.put(PLACE, remote);
}

/// What a year costs a team of fifty.
#[tokio::test]
#[ignore = "minutes; `cargo xtask bench year`"]
async fn a_year_of_fifty_members() {
    let mut history = History::new(50).await;
    days(&mut history, 250).await;
    let History {
        store,
        mut founder,
        mut olga,
        mut crowd,
        ..
    } = history;
    for (what, part) in [
        ("segments", "/log/"),
        ("covers", "/cover/"),
        ("packs", "/blob/"),
    ] {
        let (bytes, count) = bytes(&store, part);
        println!(
            "  {what}: {count} objects, {:.1} MB",
            megabytes(bytes as u64)
        );
    }
    let started = Instant::now();
    let report = olga.look(true).await;
    println!(
        "  without news: {:?}, {} requests",
        started.elapsed(),
        report.network_requests
    );
    crowd.part(&mut founder).await;
    let mut bob = newcomer(&store, &mut founder, "bob").await;
    let floor = floor(&store, 10_000).await;
    let (report, _) = timed(&mut bob, floor, false).await;
    println!("  its requests: {}", report.network_requests);
    let file = bob.session.home.vault_file().to_owned();
    bob.session.lock().await;
    let size = std::fs::metadata(file).unwrap().len();
    println!("  the newcomer's vault: {:.1} MB", megabytes(size));
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// What one op can't be had without: its signature, two opens, a bare insert.
async fn floor(store: &MemoryStore, count: usize) -> Duration {
    let objects = store.objects();
    let segments = objects.iter().filter(|object| is_segment(object));
    let mut ops: Vec<Vec<u8>> = Vec::new();
    for (_, bytes) in segments {
        let list: Vec<serde_bytes::ByteBuf> = serde_ipld_dagcbor::from_slice(bytes).unwrap();
        ops.extend(list.into_iter().map(serde_bytes::ByteBuf::into_vec));
        if ops.len() >= count {
            break;
        }
    }
    let key = crypto::SecretBytes::<32>::make();
    let team = TeamId::from_bytes([1; 32]);
    let seal = |text: &[u8]| crypto::seal(&key, crypto::Purpose::OpBody, team.as_bytes(), text);
    let (body, entry) = (seal(&[0; 400]), seal(&[0; 150]));
    let started = Instant::now();
    for op in &ops {
        assert!(SignedOp::verify(op).is_ok());
        for sealed in [&body, &entry] {
            let purpose = crypto::Purpose::OpBody;
            assert!(crypto::open(&key, purpose, team.as_bytes(), sealed).is_ok());
        }
    }
    let opened = started.elapsed();
    let inserted = insert(&ops).await;
    let all = u32::try_from(ops.len()).unwrap();
    println!(
        "  each op at least: {:?} to verify and open, {:?} to insert",
        opened / all,
        inserted / all
    );
    (opened + inserted) / all
}

async fn insert(ops: &[Vec<u8>]) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bare.sqlite");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    for prepare in [
        "PRAGMA journal_mode = WAL",
        "CREATE TABLE bare (id BLOB PRIMARY KEY, op BLOB) STRICT",
    ] {
        sqlx::query(prepare).execute(&mut connection).await.unwrap();
    }
    let started = Instant::now();
    let mut transaction = connection.begin().await.unwrap();
    for op in ops {
        let id = crypto::make_bytes::<32>();
        let insert = sqlx::query("INSERT INTO bare VALUES (?, ?)");
        let insert = insert.bind(id.as_slice()).bind(op.as_slice());
        insert.execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
    started.elapsed()
}
