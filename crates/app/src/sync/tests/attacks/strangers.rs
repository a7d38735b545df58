//! Who may push and is no member; and what a member places by hand.

use crypto::{KeyId, Wrapped};
use team::op::{Action, Heartbeat, KeySection, KeyWrap, TransportKind};

use super::{Before, FindingKind, Person, Team, all_of, team_id};
use crate::sync::names::{self, Named};

/// threats 2, 17, 23 and 26: signed ops of another team, among them wraps and grants that are right
/// there, under names that are right here.
pub async fn another_teams_ops(team: &mut Team) {
    let id = team_id(&team.ann);
    let elsewhere = remotes::MemoryStore::default();
    let mut eve = Person::new("eve", &elsewhere).await;
    eve.found("acme").await;
    let new = crate::bundles::New {
        name: "api/prod".to_owned(),
        dry_run: false,
    };
    eve.ask(new).await;
    eve.set("api/prod", "KEY", "evil").await;
    eve.sync().await;
    let own = team_id(&eve);
    let before = Before::of(&mut team.bob).await;
    let mut put = Vec::new();
    for (name, bytes) in elsewhere.objects() {
        if let Named::Segment { run, .. } = names::read(&own, name.as_str()) {
            let name = run.name(&id, 20_000, &bytes);
            team.bob.view.tamper(&name, bytes);
            put.push(name.to_string());
        }
    }
    put.sort_unstable();
    assert!(!put.is_empty());
    let report = team.bob.look(true).await;
    let findings = all_of(&report, FindingKind::BadObject).iter();
    let mut named: Vec<_> = findings.map(|one| one.object.clone().unwrap()).collect();
    named.sort_unstable();
    assert_eq!((named, report.received), (put, 0));
    before.is_kept_by(&mut team.bob).await;
    team.agree().await;
}

/// threat 17: a key that is noise, wrapped to ann, in an op that is right otherwise.
pub async fn a_wrap_placed_by_hand(team: &mut Team) {
    let device = super::device_of(&mut team.dan).await;
    let placed = |of: &crate::open::Team| {
        let mut members = of.ledger.state().members().values();
        let ann = members.find(|member| member.name == "ann").unwrap();
        let wrap = KeyWrap {
            kind: TransportKind::Log,
            key: KeyId::from_bytes([9; 16]),
            to: ann.generations.last().unwrap().public.recipient_key_id(),
            wrapped: Wrapped::from_bytes([9; 80]),
        };
        let keys = KeySection {
            wraps: vec![wrap],
            ..KeySection::default()
        };
        let heartbeat = Heartbeat {
            audit_head: [0; 32],
            audit_count: 0,
            published: None,
            age: None,
        };
        (Action::Heartbeat(heartbeat), keys)
    };
    team.dan.write_as_it_is(placed).await;
    team.dan.sync().await;
    for person in [&mut team.ann, &mut team.bob] {
        let value = person.get("api/prod", "KEY").await;
        person.look(false).await;
        assert_eq!(person.get("api/prod", "KEY").await, value);
    }
    let report = team.ann.look(false).await;
    let [finding] = all_of(&report, FindingKind::Unreadable) else {
        panic!("{report:?}")
    };
    assert_eq!(finding.device.as_ref(), Some(&device));
    assert_eq!(team.bob.look(false).await.findings, []);
    // It stays listed when it is known.
    let known = crate::sync::AcknowledgeFinding {
        finding: finding.id.clone(),
    };
    team.ann.ask(known).await;
    team.ann.reopen().await;
    let report = team.ann.look(true).await;
    assert!(report.findings[0].acknowledged.is_some());
}
