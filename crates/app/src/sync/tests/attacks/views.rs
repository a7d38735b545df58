//! Views that lack something: older ones, parts, other orders.

use super::{Before, Code, FindingKind, Team, all_of, device_of, team_id};
use crate::clock;
use crate::sync::names::{self, Named};
use crate::team::{RemoveMember, SetPolicy};
use crate::transfer::{Environment, Selection};

/// threat 5
pub async fn rolled_back(team: &mut Team) {
    let then = team.store.len();
    for value in ["older", "old", "new"] {
        team.ann.set("api/prod", "KEY", value).await;
        team.ann.sync().await;
    }
    team.bob.look(true).await;
    let device = device_of(&mut team.ann).await;
    let before = Before::of(&mut team.bob).await;
    team.bob
        .set("api/prod", "MINE", "not to be pushed there")
        .await;
    let all = team.store.len();
    let last = all - 1;
    let points: Vec<usize> = match team.ground.is_memory() {
        true => (0..all).collect(),
        false => vec![then / 2, then, last],
    };
    for point in points {
        team.bob.view.roll_back_to(Some(point));
        for full in [false, true] {
            let report = team.bob.look(full).await;
            let findings = all_of(&report, FindingKind::Rollback);
            let of_ann = findings
                .iter()
                .find(|one| one.device.as_ref() == Some(&device));
            assert!(of_ann.unwrap().seq.is_some());
            let failure = report.failure.unwrap();
            assert_eq!((failure.code, report.pushed), (Code::Integrity, 0));
            assert_eq!(team.store.len(), all);
            before.is_kept_by(&mut team.bob).await;
        }
    }
    // A name that promises what is gone is not believed without what it names.
    team.bob.view.roll_back_to(None);
    let id = team_id(&team.ann);
    let newest = team.since(last)[0].clone();
    let Named::Segment { run, .. } = names::read(&id, newest.0.as_str()) else {
        panic!("{newest:?}")
    };
    team.bob.view.hide(&newest.0, true);
    for bytes in [Vec::new(), newest.1[..newest.1.len() - 1].to_vec()] {
        let name = run.name(&id, 20_000, &bytes);
        team.bob.view.tamper(&name, bytes);
        let report = team.bob.look(true).await;
        all_of(&report, FindingKind::Rollback);
        before.is_kept_by(&mut team.bob).await;
    }
    // The same ops in another segment will do.
    let name = run.name(&id, 20_000, &newest.1);
    team.bob.view.tamper(&name, newest.1);
    assert_eq!(team.bob.look(true).await.failure, None);
    team.agree().await;
}

/// threat 10: parts of the log in any order, some of it twice.
pub async fn in_any_order(team: &mut Team) {
    let rounds = if team.ground.is_memory() { 12 } else { 2 };
    for round in 0..rounds {
        let then = team.store.len();
        for value in ["a", "b", "c"] {
            team.ann
                .set("api/prod", "KEY", &format!("{value}{round}"))
                .await;
            team.ann.sync().await;
            team.cyd.look(false).await;
            team.cyd.set("api/prod", "OTHER", value).await;
            team.cyd.look(false).await;
        }
        let mut names: Vec<_> = team.since(then).into_iter().map(|(name, _)| name).collect();
        shuffle(&mut names, round);
        for name in &names {
            team.bob.view.hide(name, true);
        }
        team.bob.view.scramble(round % 2 == 0, true);
        for name in &names {
            team.bob.view.hide(name, false);
            team.bob.look(false).await;
            if round % 3 == 0 {
                team.bob.reopen().await;
            }
        }
        let report = team.bob.look(false).await;
        assert_eq!((report.waiting, report.findings), (0, Vec::new()));
        assert_eq!(team.bob.state_hash(), team.ann.state_hash());
        assert_eq!(team.bob.get("api/prod", "KEY").await, format!("c{round}"));
    }
    team.agree().await;
}

/// The same shuffle for the same seed.
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for at in (1..items.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let other = usize::try_from(state % (at as u64 + 1)).unwrap();
        items.swap(at, other);
    }
}

/// threats 8 and 9: an op that others build on.
pub async fn withheld(team: &mut Team) {
    let then = team.store.len();
    team.ann.set("api/prod", "KEY", "unseen").await;
    team.ann.sync().await;
    let hidden = team.since(then)[0].0.clone();
    team.bob.view.hide(&hidden, true);
    team.ann.set("api/prod", "KEY", "after it").await;
    team.ann.sync().await;
    let before = Before::of(&mut team.bob).await;
    for full in [false, true, false] {
        let report = team.bob.look(full).await;
        let [finding] = all_of(&report, FindingKind::Withheld) else {
            panic!("{report:?}")
        };
        assert_eq!(
            finding.device.as_deref(),
            Some(device_of(&mut team.ann).await.as_str())
        );
        assert!(finding.seq.is_some() && report.waiting == 1);
        before.is_kept_by(&mut team.bob).await;
        // The next command knows it too.
        team.bob.reopen().await;
    }
    team.agree().await;
    assert_eq!(team.bob.get("api/prod", "KEY").await, "after it");
}

/// threat 9: while it is hidden there is no telling; from then on nobody writes to who is gone.
pub async fn a_removal_withheld(team: &mut Team) {
    let then = team.store.len();
    let remove = RemoveMember {
        team: None,
        member: "cyd".to_owned(),
        dry_run: false,
    };
    team.ann.ask(remove).await;
    team.ann.sync().await;
    let removal = team.since(then);
    for (name, _) in &removal {
        team.bob.view.hide(name, true);
    }
    team.ann.set("api/prod", "KEY", "without cyd").await;
    team.ann.sync().await;
    let before = Before::of(&mut team.bob).await;
    let report = team.bob.look(false).await;
    all_of(&report, FindingKind::Withheld);
    before.is_kept_by(&mut team.bob).await;
    // What he knows to be unfinished he may refuse to use.
    let refused = team.bob.try_ask(run_with(true)).await;
    assert_eq!(refused.unwrap_err().code, Code::Remote);
    let warned = team.bob.ask(run_with(false)).await.warnings;
    assert!(warned[0].starts_with("WITHHELD"), "{warned:?}");
    team.bob.set("api/prod", "MEANWHILE", "by bob").await;
    team.agree().await;
    team.bob.set("api/prod", "MEANWHILE", "not for cyd").await;
    team.agree().await;
    team.cyd.look(true).await;
    for name in ["KEY", "MEANWHILE"] {
        let read = team.cyd.try_get("api/prod", name).await.unwrap_or_default();
        assert!(!read.contains("cyd"), "{read}");
    }
}

fn run_with(strict: bool) -> Environment {
    Environment {
        selection: Selection {
            bundle: Some("api/prod".to_owned()),
            strict,
            ..Selection::default()
        },
        program: String::new(),
    }
}

/// threat 6
pub async fn frozen(team: &mut Team) {
    let policy = SetPolicy {
        team: None,
        stale_after_days: Some(7),
        require_verified: None,
    };
    team.ann.ask(policy).await;
    team.ann.sync().await;
    team.bob.look(true).await;
    team.bob.view.roll_back_to(Some(team.store.len()));
    clock::move_ahead(10 * 86_400);
    team.ann.look(true).await;
    let value = team.bob.get("api/prod", "KEY").await;
    let report = team.bob.look(false).await;
    let devices: Vec<_> = all_of(&report, FindingKind::Stale)
        .iter()
        .map(|one| one.device_name.as_deref().unwrap())
        .collect();
    assert!(devices.contains(&"anns-laptop"), "{devices:?}");
    assert_eq!(team.bob.get("api/prod", "KEY").await, value);
    let refused = team.bob.try_ask(run_with(true)).await;
    assert_eq!(refused.unwrap_err().code, Code::Remote);
    let warned = team.bob.ask(run_with(false)).await.warnings;
    assert!(warned[0].starts_with("STALE"), "{warned:?}");
    // Shown the truth, of those who live nothing is told any more.
    team.bob.view.tell_the_truth();
    let report = team.bob.look(false).await;
    let devices = report.findings.iter().map(|one| one.device_name.as_deref());
    assert!(devices.flatten().all(|name| name != "anns-laptop"));
}
