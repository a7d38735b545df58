//! What an invitation is good for, and under which names people and devices come in.

use crypto::RecoveryKey;
use remotes::MemoryStore;
use team::ids::{BundleId, OpId};
use team::invitation::Invitation;
use team::join::ask_to_join;
use team::op::GivenRole;

use super::homes::{PLACE, Person};
use super::remotes::two;
use crate::clock::now;
use crate::open::Team;
use crate::sync::{fetch, names};
use crate::team::{
    AddDevice, AnswerLink, Approve, Invite, Invited, Join, LinkDevice, ListRequests, Share,
};
use crate::{Code, Fault, Plaintext, bundles};

impl Person {
    fn team(&self) -> &Team {
        self.session
            .open
            .as_ref()
            .unwrap()
            .teams
            .meant(None)
            .unwrap()
    }

    /// The open invitation, if this person can tell the whole of it.
    fn invitation(&self) -> Option<Invitation> {
        let team = self.team();
        let all = team.ledger.state().invitations().iter();
        let open = all.filter(|(_, invitation)| invitation.used_by.is_none());
        let told = |(op, _): (&OpId, _)| team.ledger.invitation(&team.keyring, op, PLACE);
        open.filter_map(told).next()
    }

    async fn try_join(&mut self, invitation: &Invitation) -> Result<String, Fault> {
        let join = Join {
            invitation: invitation.to_text().into(),
            name: None,
            device_name: None,
            location: None,
            recovery_words: None,
        };
        self.try_ask(join).await.map(|joining| joining.words)
    }

    async fn approve(&mut self, name: &str, words: Option<String>) -> Result<(), Fault> {
        let approve = Approve {
            team: None,
            request: name.to_owned(),
            words,
        };
        self.try_ask(approve).await.map(drop)
    }

    async fn invites(&mut self, name: &str) -> Result<Invited, Fault> {
        let invite = Invite {
            team: None,
            role: "reader".to_owned(),
            name: Some(name.to_owned()),
            days: None,
        };
        self.try_ask(invite).await
    }
}

// threat 30
#[tokio::test]
async fn an_invitation_lets_in_one_and_nobody_after() {
    let store = MemoryStore::default();
    let [mut ann, _bob] = two(&store).await;
    let mut cleo = Person::new("cleo", &store).await;
    let mut thief = Person::new("dan", &store).await;
    ann.invite("reader").await;
    let invitation = ann.invitation().unwrap();
    let words = cleo.try_join(&invitation).await.unwrap();
    ann.sync().await;
    ann.approve("cleo", Some(words)).await.unwrap();
    ann.sync().await;
    cleo.sync().await;
    // The same text, found in a mail: there is nothing that it opens.
    let words = thief.try_join(&invitation).await.unwrap();
    assert_eq!(ann.sync().await.requests, 0);
    for words in [None, Some(words)] {
        let refused = ann.approve("dan", words).await.unwrap_err();
        assert_eq!(refused.code, Code::NotFound);
    }
    ann.sync().await;
    assert!(thief.look(false).await.asked);
}

// threat 30
#[tokio::test]
async fn an_invitation_that_has_expired_lets_in_nobody_whatever_its_text_says() {
    let store = MemoryStore::default();
    let [mut ann, _bob] = two(&store).await;
    let mut cleo = Person::new("cleo", &store).await;
    ann.write_op(|team| {
        let (ledger, ended) = (&team.ledger, now() - 1);
        ledger.invite(&team.keyring, GivenRole::Reader, ended, now())
    })
    .await;
    ann.sync().await;
    let mut invitation = ann.invitation().unwrap();
    let refused = cleo.try_join(&invitation).await.unwrap_err();
    assert_eq!(refused.code, Code::NotAllowed);
    // Who has it writes another end into it: the approver goes by the signed op.
    invitation.expires = now() + 3600;
    let words = cleo.try_join(&invitation).await.unwrap();
    assert_eq!(ann.sync().await.requests, 0);
    let refused = ann.approve("cleo", Some(words)).await.unwrap_err();
    assert_eq!(refused.code, Code::NotFound);
}

// threat 30: what answers an invitation is not in the vault of a member who may not invite, and in an
// admin's nothing of it can be read without their key.
#[tokio::test]
async fn a_stolen_vault_gives_no_invitation() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    ann.invite("reader").await;
    bob.sync().await;
    assert_eq!(bob.team().ledger.state().invitations().len(), 2);
    assert!(bob.invitation().is_none());
    let team = ann.team();
    let mut secret = Vec::new();
    for op in team.ledger.state().invitations().keys() {
        let secrets = team.ledger.invitation_secrets(&team.keyring, op).unwrap();
        secret.push(secrets.secret.expose().to_vec());
        secret.push(secrets.code.expose().to_vec());
    }
    assert_eq!(secret.len(), 4);
    ann.session.flush().await;
    for person in [&ann, &bob] {
        for file in std::fs::read_dir(person.path()).unwrap() {
            let path = file.unwrap().path();
            let bytes = std::fs::read(&path).unwrap_or_default();
            for secret in &secret {
                let found = bytes.windows(secret.len()).any(|at| at == secret);
                assert!(!found, "{}", path.display());
            }
        }
    }
}

// threat 38
#[tokio::test]
async fn who_is_called_almost_like_a_member_is_compared_and_never_taken_for_them() {
    let store = MemoryStore::default();
    let [mut ann, _bob] = two(&store).await;
    let alike = "b\u{43e}b";
    let mut mallory = Person::new(alike, &store).await;
    let refused = ann.invites(alike).await.unwrap_err();
    assert_eq!(refused.code, Code::Conflict);
    let refused = ann.invites("b\u{202e}ob").await.unwrap_err();
    assert_eq!(refused.code, Code::Usage);

    ann.invite("reader").await;
    let invitation = ann.invitation().unwrap();
    let words = mallory.try_join(&invitation).await.unwrap();
    ann.sync().await;
    let requests = ann.ask(ListRequests { team: None }).await;
    assert!(requests[0].must_compare);
    let bobs = requests[0].looks_like.clone().unwrap();
    assert!(bobs.starts_with("bob (id:"), "{bobs}");
    let refused = ann.approve(alike, None).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.subject),
        (Code::NotAllowed, Some(bobs.clone()))
    );
    ann.approve(alike, Some(words)).await.unwrap();
    // From now on neither name alone means anybody.
    let share = |with: &str| Share {
        bundle: "api/prod".to_owned(),
        entry: None,
        with: vec![with.to_owned()],
        history: false,
    };
    for name in ["bob", alike] {
        let refused = ann.try_ask(share(name)).await.unwrap_err();
        assert_eq!(refused.code, Code::Usage);
        let next = refused.next.unwrap();
        assert!(next.contains("(bob)") && next.contains(alike), "{next}");
    }
    let id = bobs.trim_start_matches("bob (").trim_end_matches(')');
    assert_eq!(ann.ask(share(id)).await.members, ["ann", "bob"]);
}

// threat 38
#[tokio::test]
async fn a_request_in_a_name_that_hides_something_is_refused() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    ann.invite("reader").await;
    let invitation = ann.invitation().unwrap();
    let team = invitation.team;
    for (member, device) in [("cleo\u{202e}", "laptop"), ("cleo", "lap\u{200b}top")] {
        let joining = ask_to_join(&invitation, &RecoveryKey::make(), member, device).unwrap();
        let key = invitation.public.recipient_key_id().to_string();
        let name = names::request(&team, names::day_of(now()), &key, &joining.request);
        let remote = bob.session.couriers.connect(PLACE).unwrap();
        fetch::store(&remote, &[(name, joining.request)])
            .await
            .unwrap();
        ann.sync().await;
        let words = joining.words.join(" ");
        let requests = ann.ask(ListRequests { team: None }).await;
        let own = requests.into_iter().find(|one| one.words == words).unwrap();
        let refused = ann.approve(&own.id, Some(words)).await.unwrap_err();
        assert_eq!(refused.code, Code::Usage);
    }
}

// threat 38
#[tokio::test]
async fn bundles_whose_names_read_alike_are_a_question_and_no_choice() {
    let store = MemoryStore::default();
    let [mut ann, mut bob] = two(&store).await;
    let alike = "\u{430}pi/prod";
    let new = || bundles::New {
        name: format!("acme/{alike}"),
        dry_run: false,
    };
    let refused = bob.try_ask(new()).await.unwrap_err();
    assert_eq!(refused.code, Code::Conflict);
    // Who writes no honest op is not stopped by that.
    let theirs = BundleId::make();
    bob.write_op(|team| {
        let ledger = &team.ledger;
        ledger.create_bundle(&team.keyring, theirs, ("\u{430}pi", "prod"), now())
    })
    .await;
    assert_eq!(ann.get("api/prod", "KEY").await, "one");
    let anns = ann.team().member;
    bob.write_op(|team| {
        let ledger = &team.ledger;
        ledger.grant(&team.keyring, theirs, anns, false, now())
    })
    .await;
    bob.sync().await;
    ann.sync().await;
    for name in ["api/prod", alike] {
        let refused = ann.try_get(name, "KEY").await.unwrap_err();
        assert_eq!(refused.code, Code::Usage);
        let next = refused.next.unwrap();
        assert!(
            next.contains("made by ann") && next.contains("made by bob"),
            "{next}"
        );
    }
    // Lists show which is which, and what they show finds it.
    let listed = ann.ask(bundles::List { archived: false }).await;
    let real = listed.iter().find(|one| one.id != theirs.to_string());
    let real = &real.unwrap().name;
    assert!(real.contains("api/prod@"), "{real}");
    assert_eq!(ann.get(real, "KEY").await, "one");
}

// threat 38: ten words that fit are no licence for a name.
#[tokio::test]
async fn a_device_whose_name_reads_like_anothers_is_not_added() {
    let store = MemoryStore::default();
    let [mut ann, _bob] = two(&store).await;
    let link = |person: &mut Person| {
        let team = person.team();
        team.ledger.device_link(&team.keyring, PLACE)
    };
    for (name, code) in [
        ("anns-l\u{430}ptop", Code::Conflict),
        ("desk\u{202e}", Code::Usage),
        ("3fa91c20", Code::Usage),
    ] {
        let linking = link(&mut ann).answer(name).unwrap();
        let add = AddDevice {
            team: None,
            answer: linking.answer,
            words: linking.words.join(" "),
        };
        let refused = ann.try_ask(add).await.unwrap_err();
        assert_eq!(refused.code, code, "{name}");
    }
    let mut desk = Person::new("desk", &store).await;
    let link = ann.ask(LinkDevice { team: None }).await.text;
    let answer = AnswerLink {
        link,
        device_name: Some("desk".to_owned()),
        location: None,
    };
    let answer = desk.ask(answer).await;
    let add = AddDevice {
        team: None,
        answer: answer.answer,
        words: answer.words,
    };
    assert_eq!(ann.ask(add).await.name, "desk");
}

// threat 31: a try more is no other command's first.
#[tokio::test]
async fn wrong_words_are_counted_over_commands() {
    let store = MemoryStore::default();
    let [mut ann, _bob] = two(&store).await;
    let add = |linking: &team::link::Linking, words: String| AddDevice {
        team: None,
        answer: linking.answer.clone(),
        words,
    };
    let team = ann.team();
    let link = team.ledger.device_link(&team.keyring, PLACE);
    let linking = link.answer("desk").unwrap();
    for tries in 1..=10 {
        assert!(ann.session.is_unlocked());
        let wrong = add(&linking, "one two three".to_owned());
        let refused = ann.try_ask(wrong).await.unwrap_err();
        assert_eq!(refused.code, Code::Integrity);
        match tries {
            10 => assert!(refused.next.unwrap().contains("locked")),
            _ => ann.reopen().await,
        }
    }
    assert!(!ann.session.is_unlocked());
    assert!(ann.session.home.suspended_marker().exists());
    ann.open().await;
    let right = add(&linking, linking.words.join(" "));
    assert_eq!(ann.ask(right).await.name, "desk");
    let facts = &ann.team().facts;
    assert_eq!(facts.wrong_words, 0);
}

// A text is taken as it was sent.
#[tokio::test]
async fn who_is_invited_by_name_comes_in_by_it() {
    let store = MemoryStore::default();
    let [mut ann, _bob] = two(&store).await;
    let mut cleo = Person::new("cleo", &store).await;
    let invited = ann.invites("cleo").await.unwrap();
    ann.sync().await;
    let text: Plaintext = invited.text;
    cleo.join(text).await;
    ann.sync().await;
    ann.approve("cleo", None).await.unwrap();
}
