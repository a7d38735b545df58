//! Coming in: invitations, requests, links of devices, and the words that people compare.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod ledger_harness;

use crypto::{DeviceSecret, RecoveryKey};
use ledger_harness::people::Asking;
use ledger_harness::{Replica, TIME, found};
use sealfold_team as team;
use team::AuthorError;
use team::invitation::Invitation;
use team::join::{self, Request, RequestError};
use team::ledger::{Ledger, Standing, ask_to_return};
use team::link::{ANSWER_PREFIX, DeviceLink, LinkError};
use team::op::{GivenRole, Policy, Returning};
use team::words;

fn asking(ada: &mut Replica) -> Asking {
    let (_, text) = ada.invite(GivenRole::Writer);
    Asking::by(&text, "Ben")
}

#[test]
fn an_invitation_is_one_whole_string() {
    let (_, mut ada) = found();
    let (invite, text) = ada.invite(GivenRole::Writer);
    let read = Invitation::from_text(&format!("  {text}\n")).unwrap();
    assert_eq!(read.invite, invite.id());
    assert_eq!(
        (read.team, read.genesis),
        (ada.ledger.team(), ada.ledger.genesis())
    );
    assert_eq!((read.inviter, read.role), (ada.id(), GivenRole::Writer));
    assert_eq!(
        (read.hint.as_str(), read.expires),
        ("file:///remote", TIME + 1_000)
    );
    for cut in [
        &text[1..],
        &text[..text.len() - 1],
        &text.replacen('1', "2", 1),
        "",
    ] {
        assert!(Invitation::from_text(cut).is_err(), "{cut}");
    }
    assert!(Invitation::from_text(&format!("{text}{}", "A".repeat(10_000))).is_err());
}

#[test]
fn a_request_shows_the_code_and_its_keys() {
    // threats 18 and 30
    let (_, mut ada) = found();
    let asked = asking(&mut ada);
    let ids = (ada.ledger.team(), ada.ledger.genesis());
    let of = |ada: &Replica, asked: &Asking| {
        ada.ledger
            .invitation_secrets(&ada.keys, &asked.invitation.invite)
            .unwrap()
    };
    let secrets = of(&ada, &asked);
    let request = Request::open(&asked.joining.request, ids, &secrets).unwrap();
    assert_eq!(request.member().name, "Ben");
    assert_eq!(request.words(), asked.joining.words);
    assert_eq!(
        join::invitation_of(&asked.joining.request),
        Some(asked.invitation.public.recipient_key_id())
    );

    // Who intercepts no string has no code.
    let mut blind = Invitation::from_text(&ada.invite(GivenRole::Writer).1).unwrap();
    blind.code = crypto::SecretBytes::make();
    let without = join::ask_to_join(&blind, &RecoveryKey::make(), "Mallory", "box").unwrap();
    let its = ada
        .ledger
        .invitation_secrets(&ada.keys, &blind.invite)
        .unwrap();
    assert_eq!(
        Request::open(&without.request, ids, &its).unwrap_err(),
        RequestError::WrongCode
    );

    // A request is for one invitation of one team.
    assert_eq!(
        Request::open(&asked.joining.request, ids, &its).unwrap_err(),
        RequestError::OtherInvitation
    );
    let (_, other) = found();
    let elsewhere = (other.ledger.team(), other.ledger.genesis());
    assert!(Request::open(&asked.joining.request, elsewhere, &secrets).is_err());
    // No bit of it can change. Each byte once would take long, so a few of each part.
    let bytes = &asked.joining.request;
    for at in (0..bytes.len()).step_by(7) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        assert!(Request::open(&flipped, ids, &secrets).is_err(), "{at}");
    }
    assert!(Request::open(&bytes[..bytes.len() - 1], ids, &secrets).is_err());
    assert!(Request::open(&vec![0; 20_000], ids, &secrets).is_err());
}

#[test]
fn keys_put_in_anothers_place_change_the_words() {
    // threat 18: somebody who read the string out of the mail answers in the newcomer's place.
    let (_, mut ada) = found();
    let (_, text) = ada.invite(GivenRole::Admin);
    let (ben, mallory) = (Asking::by(&text, "Ben"), Asking::by(&text, "Ben"));
    let shown = ada.open_request(&mallory);
    let read_out = ben.joining.words.join(" ");
    assert!(!words::are_equal(shown.words(), &read_out));
    assert!(words::are_equal(
        ada.open_request(&ben).words(),
        &read_out.to_uppercase()
    ));
    assert_eq!(shown.words().len(), 10);
}

#[test]
fn without_comparing_a_member_is_shown_as_unverified() {
    // threat 35
    let (_, mut ada) = found();
    let asked = asking(&mut ada);
    ada.try_approve(&asked, false).unwrap();
    let (_, mut ben) = asked.replica();
    ben.sync(&ada);
    let verified = |replica: &Replica, of: &Replica| {
        replica.ledger.state().members()[&of.member()].is_verified()
    };
    assert!(!verified(&ada, &ben));

    // A policy can refuse granting to them.
    let policy = Policy {
        stale_after: 0,
        require_verified: true,
        name: None,
    };
    ada.write(|ledger, keys| ledger.set_policy(keys, policy, TIME));
    let bundle = ada.make_bundle();
    let refused = ada
        .ledger
        .grant(&ada.keys, bundle, ben.member(), false, TIME);
    assert_eq!(refused.unwrap_err(), AuthorError::NotAllowed);
    ada.write(|ledger, keys| ledger.attest(keys, ben.member(), TIME));
    assert!(verified(&ada, &ben));
    let granted = ada.grant(bundle, ben.member());
    assert_eq!(ada.standing(granted.id()), Some(Standing::Valid));

    // A changed key never inherits it.
    ben.sync(&ada);
    ben.write(|ledger, keys| ledger.rotate_member_key(keys, keys.device(), TIME));
    ada.sync(&ben);
    assert!(!verified(&ada, &ben));
}

#[test]
fn a_device_is_linked_when_its_words_were_typed() {
    // threat 31
    let (_, mut ada) = found();
    let link = ada.ledger.device_link(&ada.keys, "file:///remote");
    let on_phone = DeviceLink::from_text(&link.to_text()).unwrap();
    assert_eq!(on_phone, link);
    let linking = on_phone.answer("phone").unwrap();
    let linked = link.open_answer(&linking.answer).unwrap();
    assert!(linked.shows(&linking.words.join("  ")));
    for at in 0..linking.words.len() {
        let mut typed = linking.words.clone();
        typed[at] = if typed[at] == "zoo" { "abandon" } else { "zoo" };
        assert!(!linked.shows(&typed.join(" ")), "one word is changed");
    }
    assert!(!linked.shows(&linking.words[..9].join(" ")));

    ada.write(|ledger, keys| ledger.link_device(keys, &linked, TIME));
    let mut phone = Replica::new(
        Ledger::new(on_phone.team, on_phone.genesis),
        linking.keyring,
    );
    phone.sync(&ada);
    assert!(phone.ledger.device_stands(&phone.id()));
    phone.make_bundle();
    ada.sync(&phone);
    assert_eq!(ada.ledger.state().bundles().len(), 1);

    // Nobody's answer to another link is taken, nor anything that is not whole.
    let (_, eve) = found();
    let other = eve.ledger.device_link(&eve.keys, "");
    assert_eq!(other.open_answer(&linking.answer).unwrap_err(), LinkError);
    let half = &linking.answer[..linking.answer.len() / 2];
    for bad in [half, ANSWER_PREFIX, "", &link.to_text()] {
        assert_eq!(link.open_answer(bad).unwrap_err(), LinkError);
    }
}

#[test]
fn who_comes_back_names_their_devices_in_one_string() {
    let (_, mut ada) = found();
    let (_, ben) = ada.take_in("Ben", GivenRole::Writer);
    ada.write(|ledger, keys| ledger.remove_member(keys, ben.member(), TIME));
    let (returning, ..) = ask_to_return(&ben.ledger, &ben.keys, Vec::new());
    let ids = (ada.ledger.team(), ada.ledger.genesis());
    let read = Returning::from_text(&returning.to_text()).unwrap();
    assert_eq!(read, returning);
    assert_eq!(read.words(ids.0, ids.1), returning.words(ids.0, ids.1));
    let (mut forged, stranger) = (returning.clone(), DeviceSecret::make());
    forged.devices.push(ledger_harness::id(&stranger));
    assert_ne!(forged.words(ids.0, ids.1), returning.words(ids.0, ids.1));
    forged.member = ada.member();
    assert!(Returning::from_text(&forged.to_text()).is_err());
}

#[test]
fn an_invitation_that_somebody_took_along_needs_words() {
    // threat 30: who was an admin has the secrets of every invitation of that time.
    let (_, mut ada) = found();
    let (_, eve) = ada.take_in("Eve", GivenRole::Admin);
    let (_, text) = ada.invite(GivenRole::Writer);
    let asked = Asking::by(&text, "Ben");
    assert!(ada.ledger.is_confined(&asked.invitation.invite));
    let eves = eve.member();
    ada.write(|ledger, keys| ledger.remove_member(keys, eves, TIME));
    ada.rotate_all();
    assert!(!ada.ledger.is_confined(&asked.invitation.invite));
    assert!(matches!(
        ada.try_approve(&asked, false),
        Err(team::ledger::ApproveError::NotCompared)
    ));
    ada.try_approve(&asked, true).unwrap();
}
