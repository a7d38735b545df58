//! Objects that are not what was put there.

use remotes::ObjectName;

use super::{Before, Code, FindingKind, Team, all_of, forget, team_id};
use crate::sync::TeamSync;
use crate::sync::names::{self, Named, Run};
use crate::sync::pull::open_segments;

/// Ways to spoil an object.
type Spoil = fn(&[u8]) -> Vec<u8>;

const WAYS: [Spoil; 7] = [
    |bytes| flipped(bytes, 0),
    |bytes| flipped(bytes, bytes.len() / 3),
    |bytes| flipped(bytes, bytes.len() / 2),
    |bytes| flipped(bytes, bytes.len() - 1),
    |bytes| bytes[..bytes.len() - 1].to_vec(),
    |bytes| [bytes, b"\0"].concat(),
    |_| Vec::new(),
];

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

/// Names of the objects that a report complains about, in their order.
fn named(report: &TeamSync) -> Vec<&str> {
    let findings = all_of(report, FindingKind::BadObject).iter();
    let mut names: Vec<_> = findings.map(|one| one.object.as_deref().unwrap()).collect();
    names.sort_unstable();
    names
}

/// threat 1: news first, of which nothing is taken in; then all that there is, for who reads it anew.
pub async fn cut_flipped_and_empty(team: &mut Team) {
    let then = team.store.len();
    team.ann.set("api/prod", "KEY", "two").await;
    team.ann.sync().await;
    team.cyd.set("api/prod", "OTHER", "two").await;
    team.cyd.sync().await;
    let news = team.since(then);
    assert!(news.len() > 1);
    let mut wanted: Vec<_> = news.iter().map(|(name, _)| name.as_str()).collect();
    wanted.sort_unstable();
    let before = Before::of(&mut team.bob).await;
    for spoil in WAYS {
        for (name, bytes) in &news {
            team.bob.view.tamper(name, spoil(bytes));
        }
        let report = team.bob.look(false).await;
        assert_eq!(named(&report), wanted);
        assert!(report.failure.is_none());
        assert!(
            all_of(&report, FindingKind::BadObject)
                .iter()
                .all(|one| one.kind.code() == Code::Integrity)
        );
        before.is_kept_by(&mut team.bob).await;
    }
    // What is right again is taken in, and there is nothing to tell any more.
    team.bob.view.restore();
    team.bob.sync().await;
    assert_eq!(team.bob.get("api/prod", "KEY").await, "two");

    let everything = team.store.objects();
    let before = Before::of(&mut team.bob).await;
    for spoil in [WAYS[2], WAYS[4]] {
        forget(&mut team.bob).await;
        for (name, bytes) in &everything {
            team.bob.view.tamper(name, spoil(bytes));
        }
        let report = team.bob.look(true).await;
        let log = everything.iter().map(|(name, _)| name.as_str());
        let mut log: Vec<_> = log.filter(|name| name.contains("/log/")).collect();
        log.sort_unstable();
        assert_eq!(named(&report), log);
        before.is_kept_by(&mut team.bob).await;
    }
    team.agree().await;
}

/// threat 1: what an op cites and comes beside it.
pub async fn a_pack(team: &mut Team) {
    let then = team.store.len();
    team.ann
        .set("api/prod", "KEY", &"large ".repeat(20_000))
        .await;
    team.ann.sync().await;
    let news = team.since(then);
    let is_pack = |name: &ObjectName| name.as_str().contains("/blob/");
    let (name, bytes) = news.iter().find(|(name, _)| is_pack(name)).unwrap();
    let before = Before::of(&mut team.bob).await;
    for spoil in WAYS {
        team.bob.view.tamper(name, spoil(bytes));
        for _ in 0..2 {
            let report = team.bob.look(false).await;
            let mut kinds = report.findings.iter().map(|one| one.kind);
            assert!(
                kinds.any(|kind| kind == FindingKind::Withheld),
                "{report:?}"
            );
            let mut objects = report
                .findings
                .iter()
                .filter_map(|one| one.object.as_deref());
            assert!(objects.any(|object| object == name.as_str()), "{report:?}");
            before.is_kept_by(&mut team.bob).await;
            team.bob.reopen().await;
        }
    }
    // threat 8: one that does not come is named with the op that cites it, until it comes.
    team.bob.view.restore();
    team.bob.view.hide(name, true);
    let report = team.bob.look(true).await;
    let [withheld] = all_of(&report, FindingKind::Withheld) else {
        panic!("{report:?}")
    };
    assert!(withheld.seq.is_some() && withheld.device_name.as_deref() == Some("anns-laptop"));
    before.is_kept_by(&mut team.bob).await;
    team.bob.view.hide(name, false);
    team.bob.sync().await;
    assert!(team.bob.get("api/prod", "KEY").await.len() > 100_000);
    team.ann.set("api/prod", "KEY", "small").await;
    team.agree().await;
}

/// threat 1, under a name that is right for the spoilt bytes: their hash proves nothing.
pub async fn every_byte(team: &mut Team) {
    let id = team_id(&team.ann);
    let mut spoilt = Vec::new();
    for (name, bytes) in team.store.objects() {
        let Named::Segment { run, .. } = names::read(&id, name.as_str()) else {
            continue;
        };
        let whole = open_segments(&id, vec![(name, Some(bytes.clone()))]);
        assert!(whole.bad.is_empty() && !whole.ops.is_empty());
        for at in 0..bytes.len() {
            for bytes in [flipped(&bytes, at), bytes[..at].to_vec()] {
                let name = run.name(&id, 20_000, &bytes);
                spoilt.push((name, Some(bytes)));
            }
        }
    }
    let count = spoilt.len();
    assert!(count > 10_000);
    let opened = open_segments(&id, spoilt);
    assert_eq!((opened.bad.len(), opened.ops.len()), (count, 0));

    // One of them, whole: it is asked for by its name, and named.
    let (name, bytes) = team.store.objects().pop().unwrap();
    let Named::Segment { run, .. } = names::read(&id, name.as_str()) else {
        panic!("{name}")
    };
    let bytes = flipped(&bytes, bytes.len() / 2);
    let name = run.name(&id, 20_000, &bytes);
    team.bob.view.tamper(&name, bytes);
    let before = Before::of(&mut team.bob).await;
    let report = team.bob.look(true).await;
    assert_eq!(named(&report), [name.as_str()]);
    before.is_kept_by(&mut team.bob).await;
    team.agree().await;
}

/// threats 2, 4 and 12: each object, requests to join among them, where others are.
pub async fn each_object_as_others(team: &mut Team) {
    let objects = team.store.objects();
    let log = objects
        .iter()
        .filter(|(name, _)| name.as_str().contains("/log/"));
    let log: Vec<_> = log.cloned().collect();
    assert!(log.iter().any(|(name, _)| name.as_str().contains("/join-")));
    let mut names: Vec<_> = log.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let before = Before::of(&mut team.bob).await;
    for step in 1..log.len() {
        forget(&mut team.bob).await;
        let others = log.iter().cycle().skip(step);
        for ((name, _), (_, bytes)) in log.iter().zip(others) {
            team.bob.view.tamper(name, bytes.clone());
        }
        let report = team.bob.look(true).await;
        assert_eq!(named(&report), names);
        before.is_kept_by(&mut team.bob).await;
        if step > 2 && !team.ground.is_memory() {
            break;
        }
    }
    // Right bytes under names that promise another device, other places or another hash.
    team.bob.view.tell_the_truth();
    team.bob.look(true).await;
    let id = team_id(&team.ann);
    let mut segments =
        log.iter()
            .filter_map(|(name, bytes)| match names::read(&id, name.as_str()) {
                Named::Segment { run, .. } => Some((run, bytes)),
                _ => None,
            });
    let (run, bytes) = segments.next().unwrap();
    let other = segments
        .map(|(other, _)| other)
        .find(|other| other.device != run.device);
    let elsewhere = Run {
        device: other.unwrap().device,
        ..run
    };
    let later = Run {
        first: run.first + 1,
        last: run.last + 1,
        ..run
    };
    let mut lies = vec![
        elsewhere.name(&id, 20_000, bytes),
        later.name(&id, 20_000, bytes),
    ];
    lies.push(run.name(&id, 20_000, b"other bytes"));
    for name in &lies {
        team.bob.view.tamper(name, bytes.clone());
    }
    lies.sort_unstable();
    let report = team.bob.look(true).await;
    assert_eq!(
        named(&report),
        lies.iter().map(ObjectName::as_str).collect::<Vec<_>>()
    );
    before.is_kept_by(&mut team.bob).await;
    // An object that lies there twice, by the name of another day, is what it was.
    team.bob.view.tell_the_truth();
    team.bob.look(true).await;
    let (name, bytes) = log.last().unwrap().clone();
    let text = name.as_str();
    let day = text.split('/').find(|part| part.starts_with("20")).unwrap();
    let again = ObjectName::new(text.replace(day, "2020-01-01")).unwrap();
    team.bob.view.tamper(&again, bytes);
    let report = team.bob.look(true).await;
    assert_eq!((report.findings, report.received), (Vec::new(), 0));
    before.is_kept_by(&mut team.bob).await;
    team.agree().await;
}
