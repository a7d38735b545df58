//! An empty machine, 24 words and a remote: each member's teams come back, and what was lost is out.

use remotes::MemoryStore;

use super::homes::{PLACE, Person};
use super::remotes::two;
use crate::team::{Approve, ListDevices, ListRequests, ListTeams, NewTeam};
use crate::vaults::{NewKeys, NewRecovery, RecoverTeam, RecoveredTeam};
use crate::{Code, Fault, Plaintext};

fn recover(words: &Plaintext) -> RecoverTeam {
    RecoverTeam {
        words: Plaintext::new(words.expose().to_vec()),
        location: PLACE.to_owned(),
        team: None,
        genesis: None,
        member: None,
        device_name: Some("desk".to_owned()),
        keep: Vec::new(),
        new_vault: Some(NewKeys {
            passphrase: Plaintext::from_text("eight folded cranes".to_owned()),
            keychain: false,
            unlock_millis: Some(1),
        }),
    }
}

/// On a machine that has no vault.
async fn on_an_empty_machine(
    store: &MemoryStore,
    wish: RecoverTeam,
) -> (Person, Result<RecoveredTeam, Fault>) {
    let mut desk = Person::empty(store);
    let outcome = desk.try_ask(wish).await;
    (desk, outcome)
}

async fn names_of_devices(person: &mut Person) -> Vec<(String, bool)> {
    let list = ListDevices {
        team: Some("acme".to_owned()),
        all: false,
        seen: true,
    };
    let devices = person.ask(list).await.into_iter();
    let own = devices.filter(|device| !device.recovery);
    own.map(|device| (device.name, device.stands)).collect()
}

#[tokio::test]
async fn the_words_and_the_remote_alone_bring_a_team_back() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let (mut desk, recovered) = on_an_empty_machine(&store, recover(&ann.words)).await;
    let recovered = recovered.unwrap();
    assert_eq!(recovered.failure, None);
    assert_eq!(
        (recovered.team.as_str(), recovered.member.as_str()),
        ("acme", "ann")
    );
    assert_eq!((recovered.role.as_str(), recovered.bundles), ("owner", 1));
    assert_eq!(recovered.revoked, ["anns-laptop"]);
    // The paper's own team is the vault's: nothing new goes anywhere else.
    assert_eq!(desk.ask(ListTeams {}).await.len(), 1);
    assert_eq!(desk.get("api/prod", "KEY").await, "one");
    desk.set("api/prod", "KEY", "from the desk").await;
    desk.sync().await;
    bob.sync().await;
    assert_eq!(bob.get("api/prod", "KEY").await, "from the desk");

    // threat 36: the laptop is out, and reads nothing newer.
    assert!(ann.look(false).await.out);
    assert_eq!(ann.get("api/prod", "KEY").await, "one");
    assert!(
        ann.try_set("api/prod", "KEY", "by the thief")
            .await
            .is_err()
    );
    let devices = names_of_devices(&mut desk).await;
    let expected = [("anns-laptop", false), ("desk", true)];
    assert_eq!(
        devices,
        expected.map(|(name, stands)| (name.to_owned(), stands))
    );
    // The words open the new vault as they did the old one, and work again.
    let (_, again) = on_an_empty_machine(&store, recover(&ann.words)).await;
    assert_eq!(again.unwrap().revoked, ["desk"]);
}

#[tokio::test]
async fn a_newcomers_words_serve_from_the_approval_on() {
    let store = MemoryStore::default();
    let [mut ann, _bob] = two(&store).await;
    let mut cleo = Person::new("cleo", &store).await;
    let invitation = ann.invite("writer").await;
    let joining = cleo.join(invitation).await;
    // Asked, and not let in yet: there is nothing that the words could open.
    let (_, early) = on_an_empty_machine(&store, recover(&cleo.words)).await;
    assert_eq!(early.unwrap_err().code, Code::NotFound);

    ann.sync().await;
    let requests = ann.ask(ListRequests { team: None }).await;
    let approve = Approve {
        team: None,
        request: requests[0].id.clone(),
        words: Some(joining.words),
    };
    ann.ask(approve).await;
    ann.share("api/prod", "cleo").await;
    ann.sync().await;
    // The laptop with which she asked is gone before it ever wrote.
    let words = Plaintext::new(cleo.words.expose().to_vec());
    drop(cleo);
    let (mut desk, recovered) = on_an_empty_machine(&store, recover(&words)).await;
    let recovered = recovered.unwrap();
    assert_eq!(
        (recovered.member.as_str(), recovered.role.as_str()),
        ("cleo", "writer")
    );
    assert_eq!(recovered.revoked, ["cleos-laptop"]);
    // Her seed was the laptop's, so its keys are new; others hand her what she has a right to.
    ann.sync().await;
    desk.sync().await;
    ann.sync().await;
    desk.sync().await;
    assert_eq!(desk.get("api/prod", "KEY").await, "one");
    desk.set("api/prod", "KEY", "by cleo").await;
    desk.sync().await;
    ann.sync().await;
    assert_eq!(ann.get("api/prod", "KEY").await, "by cleo");
}

#[tokio::test]
async fn one_paper_brings_back_every_team_of_its_owner() {
    let store = MemoryStore::default();
    let [_ann, mut bob] = two(&store).await;
    let second = NewTeam {
        name: "second".to_owned(),
        separate: true,
    };
    bob.ask(second).await;
    let remote = crate::sync::AddRemote {
        team: Some("second".to_owned()),
        location: PLACE.to_owned(),
    };
    bob.ask(remote).await;
    let new = crate::bundles::New {
        name: "second/web/dev".to_owned(),
        dry_run: false,
    };
    bob.ask(new).await;
    bob.set("second/web/dev", "KEY", "two").await;
    let all = crate::sync::Sync {
        team: None,
        full: false,
    };
    bob.ask(all).await;

    let (_, which) = on_an_empty_machine(&store, recover(&bob.words)).await;
    let which = which.unwrap_err();
    assert_eq!(which.code, Code::Usage);
    let teams = bob.ask(ListTeams {}).await;
    let id = |name: &str| {
        let team = teams.iter().find(|team| team.name == name).unwrap();
        assert!(which.subject.as_ref().unwrap().contains(&team.id[..12]));
        Some(team.id.clone())
    };
    let acme = RecoverTeam {
        team: id("acme"),
        ..recover(&bob.words)
    };
    let second = RecoverTeam {
        team: id("second").map(|id| id[..10].to_owned()),
        new_vault: None,
        ..recover(&bob.words)
    };
    let (mut desk, recovered) = on_an_empty_machine(&store, acme).await;
    assert_eq!(recovered.unwrap().team, "acme");
    assert_eq!(desk.ask(second).await.team, "second");
    assert_eq!(desk.get("acme/api/prod", "KEY").await, "one");
    assert_eq!(desk.get("second/web/dev", "KEY").await, "two");
    let teams = desk.ask(ListTeams {}).await;
    let names: Vec<_> = teams.iter().map(|team| team.name.as_str()).collect();
    // Their papers are the teams' own; the vault has a team of its own under the paper's key.
    assert_eq!(names, ["personal", "acme", "second"]);
    // What the paper opens is known to the new vault too: new words serve every team.
    let words = NewRecovery {
        current_words: Plaintext::new(bob.words.expose().to_vec()),
        new_words: None,
        draft: false,
    };
    let words = desk.ask(words).await.words;
    let all = crate::sync::Sync {
        team: None,
        full: false,
    };
    desk.ask(all).await;
    let old = RecoverTeam {
        team: id("acme"),
        ..recover(&bob.words)
    };
    let (_, old) = on_an_empty_machine(&store, old).await;
    let old = old.unwrap_err();
    assert_eq!(old.code, Code::NotAllowed);
    assert!(old.message.contains("replaced by newer ones"), "{old:?}");
    for name in ["acme", "second"] {
        let new = RecoverTeam {
            team: id(name),
            ..recover(&words)
        };
        let (_, new) = on_an_empty_machine(&store, new).await;
        assert_eq!(new.unwrap().member, "bob", "{name}");
    }
}

#[tokio::test]
async fn what_is_kept_is_named_and_the_rest_is_revoked() {
    let store = MemoryStore::default();
    let [mut ann, _bob] = two(&store).await;
    let (mut desk, _) = on_an_empty_machine(
        &store,
        RecoverTeam {
            keep: vec!["ANNS-LAPTOP".to_owned()],
            ..recover(&ann.words)
        },
    )
    .await;
    let devices = names_of_devices(&mut desk).await;
    assert!(devices.iter().all(|(_, stands)| *stands), "{devices:?}");
    // The one that was kept is told that there is another now.
    let told = ann.look(false).await.findings;
    assert_eq!(told[0].device_name.as_deref(), Some("desk"));
    names_of_devices(&mut ann).await;
    ann.sync().await;
    desk.sync().await;
    ann.set("api/prod", "KEY", "both").await;
    ann.sync().await;
    desk.sync().await;
    assert_eq!(desk.get("api/prod", "KEY").await, "both");

    let unknown = RecoverTeam {
        keep: vec!["phone".to_owned()],
        ..recover(&ann.words)
    };
    let (_, unknown) = on_an_empty_machine(&store, unknown).await;
    assert_eq!(unknown.unwrap_err().code, Code::NotFound);
}

#[tokio::test]
async fn other_words_open_nothing_and_make_no_vault() {
    let store = MemoryStore::default();
    let [_ann, _bob] = two(&store).await;
    let stranger = Person::new("eve", &store).await;
    let (desk, refused) = on_an_empty_machine(&store, recover(&stranger.words)).await;
    assert_eq!(refused.unwrap_err().code, Code::NotFound);
    assert!(!desk.session.home.vault_file().exists());
}

#[tokio::test]
async fn ids_alone_serve_where_the_note_is_gone() {
    let store = MemoryStore::default();
    let [mut ann, _bob] = two(&store).await;
    let mut desk = Person::empty(&store);
    let all = store.objects();
    for (note, _) in all
        .iter()
        .filter(|(name, _)| name.as_str().contains("/note/"))
    {
        desk.view.hide(note, true);
    }
    assert_eq!(
        desk.try_ask(recover(&ann.words)).await.unwrap_err().code,
        Code::NotFound
    );
    let team = ann.ask(ListTeams {}).await.remove(0);
    let wish = || RecoverTeam {
        team: Some(team.id.clone()),
        genesis: Some(team.genesis.clone()),
        member: Some(team.member.clone()),
        ..recover(&ann.words)
    };
    // Not under another genesis than the one that is known.
    let other = RecoverTeam {
        genesis: Some(team.id.clone()),
        ..wish()
    };
    let (_, refused) = on_an_empty_machine(&store, other).await;
    assert!(refused.is_err());
    assert_eq!(desk.ask(wish()).await.team, "acme");
    assert_eq!(desk.get("api/prod", "KEY").await, "one");
}

#[tokio::test]
async fn a_recovery_that_was_cut_off_goes_on() {
    let store = MemoryStore::default();
    let [ann, mut bob] = two(&store).await;
    // The second half of the log does not show yet: the vault is made, and nothing is signed.
    let mut desk = Person::empty(&store);
    let log: Vec<_> = store.objects().into_iter().collect();
    let segments = log
        .iter()
        .filter(|(name, _)| name.as_str().ends_with(".seg"));
    for (name, _) in segments.clone() {
        desk.view.hide(name, true);
    }
    let refused = desk.try_ask(recover(&ann.words)).await.unwrap_err();
    assert_eq!(refused.code, Code::NotFound);
    for (name, _) in segments {
        desk.view.hide(name, false);
    }
    let again = || RecoverTeam {
        new_vault: None,
        ..recover(&ann.words)
    };
    assert_eq!(desk.ask(again()).await.revoked, ["anns-laptop"]);
    let settled = desk.try_ask(again()).await.unwrap_err();
    assert_eq!(settled.code, Code::Conflict);
    desk.set("api/prod", "KEY", "went on").await;
    desk.sync().await;
    bob.sync().await;
    assert_eq!(bob.get("api/prod", "KEY").await, "went on");
}

/// Two machines are recovered by one paper, apart; then they see each other.
async fn recovered_apart(store: &MemoryStore, words: &Plaintext) -> [Person; 2] {
    let mut desks = Vec::new();
    for side in [1, 2] {
        let mut desk = Person::empty(store);
        desk.view.fork(Some(side));
        let name = format!("desk-{side}");
        let wish = RecoverTeam {
            device_name: Some(name),
            ..recover(words)
        };
        let recovered = desk.ask(wish).await;
        assert_eq!(recovered.revoked, ["anns-laptop"]);
        desks.push(desk);
    }
    store.join_sides(None);
    for desk in &desks {
        desk.view.tell_the_truth();
    }
    desks.try_into().ok().unwrap()
}

#[tokio::test]
async fn two_machines_recovered_apart_find_together() {
    for alone in [true, false] {
        let store = MemoryStore::default();
        let (ann, mut bob) = match alone {
            true => {
                let mut ann = Person::new("ann", &store).await;
                ann.found("acme").await;
                let new = crate::bundles::New {
                    name: "api/prod".to_owned(),
                    dry_run: false,
                };
                ann.ask(new).await;
                ann.set("api/prod", "KEY", "one").await;
                ann.sync().await;
                (ann, None)
            }
            false => {
                let [ann, bob] = two(&store).await;
                (ann, Some(bob))
            }
        };
        let [mut one, mut two] = recovered_apart(&store, &ann.words).await;
        one.set("api/prod", "ONE", "1").await;
        two.set("api/prod", "TWO", "2").await;
        for _ in 0..3 {
            for person in [Some(&mut one), Some(&mut two), bob.as_mut()]
                .into_iter()
                .flatten()
            {
                person.look(false).await;
            }
        }
        // Nobody waits for anybody's ops, and all have decided the same.
        let mut lacking = 0;
        for person in [&mut one, &mut two] {
            let report = person.look(false).await;
            assert_eq!((report.failure, report.waiting), (None, 0));
            for name in ["ONE", "TWO"] {
                if person.try_get("api/prod", name).await.is_err() {
                    lacking += 1;
                    // What the other sealed under a key of its own is said, with what to do.
                    let finding = report
                        .findings
                        .iter()
                        .find(|finding| finding.kind == crate::sync::FindingKind::Unreadable);
                    assert!(finding.unwrap().next.contains("recovery use --remote"));
                }
            }
        }
        assert!(lacking < 2, "{lacking}");
        assert_eq!(one.state_hash(), two.state_hash());
        // The paper opens what both made.
        let (mut three, recovered) = on_an_empty_machine(&store, recover(&ann.words)).await;
        let mut revoked = recovered.unwrap().revoked;
        revoked.sort();
        assert_eq!(revoked, ["desk-1", "desk-2"]);
        assert_eq!(three.get("api/prod", "ONE").await, "1");
        assert_eq!(three.get("api/prod", "TWO").await, "2");
    }
}
