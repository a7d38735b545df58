//! What an `add_service` may say (threats 13 and 14).

use super::forge::{Forged, rejection, standing};
use super::harness::{Replica, TIME, found};
use crate::caps;
use crate::error::{Malformed, Rejection};
use crate::ids::{BundleId, DeviceId};
use crate::jobs::{Terms, make_service};
use crate::ledger::Standing;
use crate::op::{Action, AddService};

fn drafted(ada: &Replica, bundle: BundleId) -> Forged {
    let terms = Terms {
        signers: vec![ada.id()],
        min_count: 1,
        max_age: 60,
        expires: TIME + 60,
    };
    let ids = (ada.ledger.team(), ada.ledger.genesis());
    let (_, service) = make_service(ids, "remote", vec![bundle], terms);
    Forged::draft(ada, |ledger, keys| {
        ledger.add_service(keys, "ci", &service, TIME)
    })
}

#[test]
fn lists_have_one_order_and_their_limits() {
    let (_, mut ada) = found();
    let bundle = ada.make_bundle();
    let nth = |nth: usize| {
        let mut bytes = [0xff; 32];
        bytes[..8].copy_from_slice(&(nth as u64).to_be_bytes());
        bytes
    };
    let bundles = |count| (0..count).map(|it| BundleId::from_slice(&nth(it)[..16]).unwrap());
    let signers = |count| (0..count).map(|it| DeviceId::from_bytes(nth(it)));
    type Change<'a> = &'a dyn Fn(&mut AddService);
    let wrong: &[(Malformed, Change<'_>)] = &[
        (Malformed::TooLarge, &|add| {
            add.name = "x".repeat(caps::NAME_BYTES + 1);
        }),
        (Malformed::TooLarge, &|add| {
            add.bundles = bundles(caps::SERVICE_BUNDLES + 1).collect();
        }),
        (Malformed::TooLarge, &|add| {
            add.terms.signers = signers(caps::SERVICE_SIGNERS + 1).collect();
        }),
        (Malformed::Inconsistent, &|add| add.bundles.clear()),
        (Malformed::Inconsistent, &|add| add.terms.signers.clear()),
        (Malformed::Inconsistent, &|add| {
            add.bundles = bundles(2).collect();
            add.bundles.reverse();
        }),
        (Malformed::Inconsistent, &|add| {
            add.terms.signers = vec![DeviceId::from_bytes([1; 32]); 2];
        }),
    ];
    for (why, change) in wrong {
        let mut forged = drafted(&ada, bundle);
        let Action::AddService(add) = &mut forged.inner.action else {
            panic!("it is one")
        };
        change(add);
        let packet = forged.packet(&ada.keys);
        assert_eq!(rejection(&mut ada, &packet), Rejection::Malformed(*why));
    }
    let right = drafted(&ada, bundle).packet(&ada.keys);
    assert_eq!(standing(&mut ada, &right), Standing::Valid);
}

#[test]
fn a_recovery_key_signs_no_sheets() {
    // threat 23
    let (_, mut ada) = found();
    let bundle = ada.make_bundle();
    let devices = ada.ledger.state().devices().iter();
    let recovery = devices
        .filter(|(_, device)| device.recovery)
        .map(|(id, _)| *id);
    let recovery: Vec<DeviceId> = recovery.collect();
    let mut forged = drafted(&ada, bundle);
    let Action::AddService(add) = &mut forged.inner.action else {
        panic!("it is one")
    };
    add.terms.signers = recovery;
    let packet = forged.packet(&ada.keys);
    assert_eq!(standing(&mut ada, &packet), Standing::Void);
}
