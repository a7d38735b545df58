//! A job with a token and nothing else (protocol §7).
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod ledger_harness;

use crypto::DeviceSecret;
use ledger_harness::{TIME, add_device, content, copy, found, id};
use sealfold_team as team;
use team::entry::Content;
use team::ids::{BundleId, EntryId, VersionId};
use team::jobs::{
    Publication, Service, ServiceDue, Sheet, SheetError, Terms, Token, Value, look_at_sheet,
    make_service, read_sheets, seal_sheet, sheet_state,
};
use team::ledger::Ledger;
use team::op::GivenRole;

const DAY: u64 = 86_400;

fn terms(signers: Vec<team::ids::DeviceId>) -> Terms {
    Terms {
        signers,
        min_count: 3,
        max_age: DAY,
        expires: TIME + 30 * DAY,
    }
}

fn service(ledger: &Ledger, signers: &[&DeviceSecret]) -> (Token, Service) {
    let ids = (ledger.team(), ledger.genesis());
    let signers = signers.iter().map(|device| id(device)).collect();
    make_service(
        ids,
        "file:///remote",
        vec![BundleId::make()],
        terms(signers),
    )
}

fn publication((count, time): (u64, u64)) -> Publication {
    Publication {
        count,
        time,
        state: [7; 32],
    }
}

/// A sheet, and the count that its name says.
type Named = (u64, Vec<u8>);

fn sheet(signer: &DeviceSecret, service: &Service, at: (u64, u64), value: &Content) -> Named {
    let value = Value {
        bundle: service.bundles[0],
        project: "api",
        environment: "prod",
        content: value,
        author: id(signer),
    };
    let bytes = seal_sheet(signer, service, publication(at), &[value]).unwrap();
    (at.0, bytes)
}

fn read(token: &Token, sheets: &[&Named], now: u64) -> Result<Sheet, SheetError> {
    let sheets = sheets
        .iter()
        .map(|(count, bytes)| (*count, bytes.as_slice()));
    read_sheets(token, sheets, now)
}

#[test]
fn a_job_reads_the_newest_sheet_with_its_token_alone() {
    let (_, ada) = found();
    let device = ada.keys.device();
    let (token, service) = service(&ada.ledger, &[device]);
    let token = Token::from_text(token.to_text().expose()).unwrap();
    assert_eq!(token.service(), service.id());
    let (old, new) = (content("one"), content("two"));
    let sheets = [
        sheet(device, &service, (4, TIME), &old),
        sheet(device, &service, (5, TIME), &new),
    ];
    let read = read(&token, &[&sheets[0], &sheets[1]], TIME).unwrap();
    assert_eq!((read.count, read.signer), (5, ada.id()));
    let [value] = &read.values[..] else {
        panic!("one value")
    };
    assert_eq!(
        (value.project.as_str(), value.environment.as_str()),
        ("api", "prod")
    );
    assert_eq!(value.opened.content.name, "DATABASE_URL");
    assert_eq!(value.opened.content.fields["value"].expose(), b"two");

    let text = token.to_text();
    for bad in [
        &text.expose()[1..],
        &text.expose()[..80],
        "",
        "sealfold-service-1-",
    ] {
        assert!(Token::from_text(bad).is_err());
    }
}

#[test]
fn a_sheet_counts_by_signer_service_count_age_and_expiry() {
    // threats 4, 5, 6 and 23
    let (_, ada) = found();
    let (_, eve) = found();
    let (device, stranger) = (ada.keys.device(), eve.keys.device());
    let (token, own) = service(&ada.ledger, &[device]);
    let (_, other) = service(&ada.ledger, &[device]);
    let value = content("one");
    let good = sheet(device, &own, (5, TIME), &value);

    assert_eq!(read(&token, &[], TIME).unwrap_err(), SheetError::Missing);
    for foreign in [
        sheet(stranger, &own, (9, TIME), &value),
        sheet(device, &other, (9, TIME), &value),
        (9, b"no sheet".to_vec()),
        (9, vec![0; 500]),
        // threat 4: a sheet of old under the name of a newer one.
        (9, good.1.clone()),
    ] {
        assert_eq!(
            read(&token, &[&foreign], TIME).unwrap_err(),
            SheetError::Missing
        );
        // What anybody puts beside it does not stand in its way.
        assert_eq!(read(&token, &[&foreign, &good], TIME).unwrap().count, 5);
    }
    let low = sheet(device, &own, (2, TIME), &value);
    assert_eq!(
        read(&token, &[&low], TIME).unwrap_err(),
        SheetError::RolledBack { count: 2 }
    );
    assert!(read(&token, &[&good], TIME + DAY).is_ok());
    let stale = Err(SheetError::Stale { count: 5 });
    assert_eq!(read(&token, &[&good], TIME + DAY + 1).map(drop), stale);
    // A newer one that is too old is not passed over for one that is not.
    let early = sheet(device, &own, (4, TIME + DAY), &value);
    assert_eq!(
        read(&token, &[&good, &early], TIME + DAY + 1).map(drop),
        stale
    );
    let future = sheet(device, &own, (6, TIME + 10 * DAY), &value);
    assert!(matches!(
        read(&token, &[&future], TIME),
        Err(SheetError::Stale { .. })
    ));
    let late = TIME + 30 * DAY;
    let last = sheet(device, &own, (7, late), &value);
    assert!(read(&token, &[&last], late).is_ok());
    assert_eq!(
        read(&token, &[&last], late + 1).unwrap_err(),
        SheetError::Expired
    );
    for at in (0..good.1.len()).step_by(11) {
        let mut flipped = good.clone();
        flipped.1[at] ^= 1;
        assert!(read(&token, &[&flipped], TIME).is_err(), "{at}");
    }
}

#[test]
fn of_two_newest_sheets_equal_values_are_one_and_different_ones_are_refused() {
    let (_, mut ada) = found();
    let phone = add_device(&mut ada, "phone");
    let (one, other) = (ada.keys.device(), phone.keys.device());
    let (token, own) = service(&ada.ledger, &[one, other]);
    // The author of a value is the same whoever publishes it.
    let by = |signer: &DeviceSecret, value: &str, time| {
        let content = content(value);
        let value = Value {
            bundle: own.bundles[0],
            project: "api",
            environment: "prod",
            content: &content,
            author: ada.id(),
        };
        let bytes = seal_sheet(signer, &own, publication((5, time)), &[value]).unwrap();
        (5, bytes)
    };
    let (first, same) = (by(one, "one", TIME), by(other, "one", TIME + 5));
    assert_eq!(
        read(&token, &[&first, &same], TIME + 5).unwrap().time,
        TIME + 5
    );
    let differs = by(other, "two", TIME);
    let refused = read(&token, &[&first, &differs], TIME).unwrap_err();
    assert_eq!(refused, SheetError::Contradiction { count: 5 });
}

#[test]
fn a_signer_looks_at_what_others_published_without_opening_it() {
    let (_, mut ada) = found();
    let phone = add_device(&mut ada, "phone");
    let (one, other) = (ada.keys.device(), phone.keys.device());
    let (_, own) = service(&ada.ledger, &[one]);
    let (count, bytes) = sheet(one, &own, (5, TIME), &content("one"));
    let seen = look_at_sheet(&own, count, &bytes).unwrap();
    assert_eq!(seen.publication, publication((5, TIME)));
    assert_eq!(seen.signer, ada.id());
    assert_eq!(look_at_sheet(&own, 6, &bytes), None);
    let (_, foreign) = sheet(other, &own, (5, TIME), &content("one"));
    assert_eq!(look_at_sheet(&own, 5, &foreign), None);

    let at = || (BundleId::make(), EntryId::make(), VersionId::make());
    let (first, second) = (at(), at());
    let state = sheet_state([first, second]);
    assert_eq!(state, sheet_state([second, first]));
    assert_ne!(state, sheet_state([first]));
    let changed = (second.0, second.1, VersionId::make());
    assert_ne!(state, sheet_state([first, changed]));
}

#[test]
fn a_service_whose_signer_is_removed_needs_a_new_token() {
    let (_, mut ada) = found();
    let (_, ben) = ada.take_in("Ben", GivenRole::Writer);
    let bundle = ada.make_bundle();
    ada.grant(bundle, ben.member());
    let device = copy(ben.keys.device());
    let (_, mut own) = service(&ada.ledger, &[ada.keys.device(), &device]);
    own.bundles = vec![bundle];
    own.terms.signers.sort_unstable();
    assert_eq!(ada.ledger.service_due(&own.id(), TIME), None);
    ada.write(|ledger, keys| ledger.add_service(keys, "ci", &own, TIME));
    assert_eq!(ada.ledger.service(&own.id()).as_ref(), Some(&own));
    assert_eq!(ada.ledger.service_due(&own.id(), TIME), None);
    assert!(ada.ledger.publishes(&own, &ada.id()) && ada.ledger.publishes(&own, &ben.id()));
    let late = own.terms.expires;
    let due = ada.ledger.service_due(&own.id(), late + 1);
    assert_eq!(due, Some(ServiceDue::Ended));

    ada.write(|ledger, keys| ledger.remove_member(keys, ben.member(), TIME));
    let due = ada.ledger.service_due(&own.id(), TIME);
    assert_eq!(due, Some(ServiceDue::NewToken(ben.id())));
    // Those who are left go on, until there is one.
    assert!(ada.ledger.publishes(&own, &ada.id()) && !ada.ledger.publishes(&own, &ben.id()));
    ada.rotate_all();
    ada.write(|ledger, keys| ledger.remove_service(keys, own.id(), TIME));
    let due = ada.ledger.service_due(&own.id(), TIME);
    assert_eq!(due, Some(ServiceDue::Ended));
}

#[test]
fn who_can_read_less_leaves_publishing_to_who_reads_more() {
    let (_, mut ada) = found();
    let (_, ben) = ada.take_in("Ben", GivenRole::Writer);
    let (first, second) = (ada.make_bundle(), ada.make_bundle());
    let device = copy(ben.keys.device());
    let (_, mut own) = service(&ada.ledger, &[ada.keys.device(), &device]);
    own.bundles = vec![first, second];
    own.bundles.sort_unstable();
    own.terms.signers.sort_unstable();
    for bundle in [first, second] {
        ada.grant(bundle, ben.member());
    }
    ada.write(|ledger, keys| ledger.add_service(keys, "ci", &own, TIME));
    ada.write(|ledger, keys| ledger.ungrant(keys, first, ben.member(), TIME));
    assert!(ada.ledger.publishes(&own, &ada.id()));
    assert!(!ada.ledger.publishes(&own, &ben.id()));
    assert_eq!(ada.ledger.readable_for(&own, &ben.id()), [second].into());
}
