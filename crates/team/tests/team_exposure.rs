//! What somebody without a right to it could open: the exposure list equals what their keys do open,
//! tried one by one on every seal of every version (threat 37).
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod ledger_harness;
mod team_histories;

use std::collections::{BTreeMap, BTreeSet};

use crypto::{KeyId, SecretBytes};
use ledger_harness::{Replica, Sealed, TIME, add_device, found};
use proptest::prelude::*;
use sealfold_team as team;
use team::entry;
use team::ids::{EntryId, VersionId};
use team::jobs::{Terms, make_service};
use team::keyring::Keyring;
use team::ledger::{ExposedVersion, ExposureState, Ledger, Lost, SealedVersion, Standing};
use team::op::GivenRole;
use team_histories::{World, config, step};

/// Every seal of a version that came, by its own op and by reseals.
fn seals(replica: &Replica, version: VersionId) -> Vec<Sealed> {
    let kept = &replica.versions[&version];
    let resealed = replica.reseals.get(&version).into_iter().flatten();
    let mut seals: Vec<Sealed> = kept.sealed.iter().chain(resealed).cloned().collect();
    seals.dedup();
    seals
}

/// As the vault of a reader would hand the versions in.
fn sealed_versions(replica: &Replica) -> Vec<SealedVersion> {
    let versions = replica.versions.iter().map(|(id, kept)| {
        let mut log = replica.log.iter();
        let op = log.find(|op| op.id() == kept.by.0).unwrap();
        SealedVersion {
            by: (op.device(), op.seq()),
            lamport: op.lamport(),
            written: op.time(),
            bundle: kept.bundle,
            entry: kept.entry,
            version: *id,
            keys: seals(replica, *id)
                .iter()
                .map(|sealed| sealed.epoch)
                .collect(),
            in_use: replica.heads(kept.entry).contains(id),
        }
    });
    versions.collect()
}

fn exposed(replica: &Replica) -> BTreeMap<VersionId, ExposedVersion> {
    let exposed = replica
        .ledger
        .exposed_versions(sealed_versions(replica), TIME);
    exposed.into_iter().map(|one| (one.version, one)).collect()
}

/// A device with every op and every log key: what it opens is what its bundle keys open.
fn with_everything(world: &World, mut keys: Keyring) -> Replica {
    let observer = world.observer();
    for id in observer.keys.log_keys() {
        let key = observer.keys.log_key(id).unwrap();
        keys.add_log_key(SecretBytes::new(*key.expose()));
    }
    let (team, genesis) = (observer.ledger.team(), observer.ledger.genesis());
    let mut replica = Replica::new(Ledger::new(team, genesis), keys);
    replica.deliver(&world.ops());
    replica
}

/// The keys of all devices, and those that are on paper.
fn holders(world: &World) -> Vec<Replica> {
    let devices = world.actors.iter().map(|actor| {
        let device = ledger_harness::copy(actor.keys.device());
        let mut keys = Keyring::new(actor.ledger.team(), actor.member(), device);
        for (id, generation) in actor.keys.seeds().collect::<Vec<(KeyId, u32)>>() {
            let (_, seed) = actor.keys.seed(&id).unwrap();
            let copy = crypto::MemberSeed::new(SecretBytes::new(*seed.secret().expose()));
            keys.add_seed(generation, copy);
        }
        keys
    });
    let team = world.actors[0].ledger.team();
    let papers = world.papers.iter();
    let papers = papers.map(|(member, paper)| Keyring::new(team, *member, paper.device()));
    let keys = devices.chain(papers);
    keys.map(|keys| with_everything(world, keys)).collect()
}

fn opens(holder: &Replica, of: &Replica, version: VersionId) -> bool {
    let kept = &of.versions[&version];
    seals(of, version).into_iter().any(|sealed| {
        let place = entry::Place {
            team: of.ledger.team(),
            bundle: kept.bundle,
            epoch: sealed.epoch,
            entry: kept.entry,
            version,
            sealed_by: sealed.by,
        };
        let key = holder.keys.bundle_key(&sealed.epoch);
        key.is_some_and(|key| entry::open(key, &place, &sealed.bytes).is_ok())
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_list_equals_what_the_keys_open(steps in prop::collection::vec(step(), 1..60)) {
        // threat 37
        let mut world = World::new((2, 2));
        for step in &steps {
            world.act(step);
        }
        world.hear_everything();
        let mut observer = world.observer();
        observer.deliver(&world.ops());
        let ledger = &observer.ledger;
        let listed = exposed(&observer);
        let holders = holders(&world);
        let members: BTreeSet<_> = holders.iter().map(Replica::member).collect();
        let opened_by = members.into_iter().map(|member| {
            let all = ledger.versions_opened_by(&member, sealed_versions(&observer), TIME);
            let opened: BTreeSet<_> = all.iter().map(|one| one.version).collect();
            (member, opened)
        });
        let opened_by: BTreeMap<_, _> = opened_by.collect();
        for (version, kept) in &observer.versions {
            let bundle = &ledger.state().bundles()[&kept.bundle];
            for (member, opened) in &opened_by {
                let mut own = holders.iter().filter(|holder| holder.member() == *member);
                let opens = own.any(|holder| opens(holder, &observer, *version));
                prop_assert_eq!(opened.contains(version), opens, "version {}", version);
            }
            let mut found: BTreeSet<Lost> = BTreeSet::new();
            for holder in holders.iter().filter(|holder| opens(holder, &observer, *version)) {
                let (member, device) = (holder.member(), holder.id());
                if !ledger.has_access(&member, bundle) {
                    found.insert(Lost::Member(member));
                } else if !ledger.device_stands(&device) {
                    found.insert(Lost::Device(member, device));
                }
            }
            // Services have no bundle keys.
            let by_key = |lost: &&Lost| !matches!(lost, Lost::Service(_));
            let to = listed.get(version).map(|one| one.to.iter().filter(by_key).copied().collect());
            let to: BTreeSet<Lost> = to.unwrap_or_default();
            prop_assert_eq!(to, found, "version {}", version);
        }
    }
}

#[test]
fn the_list_is_worked_to_nothing() {
    // threat 37
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Writer);
    let (prod, secrets) = (ada.make_bundle(), [EntryId::make(), EntryId::make()]);
    let versions = secrets.map(|secret| ada.put(prod, secret, "one").1);
    ada.grant(prod, ben.member());
    ben.sync(&ada);
    assert!(exposed(&ada).is_empty());

    ada.write(|ledger, keys| ledger.remove_member(keys, ben.member(), TIME));
    let open = |ada: &Replica| {
        let all = exposed(ada).into_values();
        all.filter(|one| one.state == ExposureState::NeedsRotation)
            .count()
    };
    assert_eq!(open(&ada), 2);
    // New keys alone settle nothing: the values are known.
    ada.rotate_all();
    assert_eq!(open(&ada), 2);
    let (_, new) = ada.put(prod, secrets[0], "two");
    assert_eq!(open(&ada), 1);
    assert!(!exposed(&ada).contains_key(&new));
    assert_eq!(exposed(&ada)[&versions[0]].state, ExposureState::Rotated);
    let left = (prod, secrets[1], versions[1]);
    let settle = ada.write(|ledger, keys| ledger.settle_exposure(keys, left, "a test key", TIME));
    assert_eq!(ada.standing(settle.id()), Some(Standing::Valid));
    assert_eq!(open(&ada), 0);
}

#[test]
fn nobody_settles_beforehand_what_they_take_along() {
    // threat 37
    let (_, mut ada) = found();
    let (_, mut eve) = ada.take_in("Eve", GivenRole::Admin);
    let (prod, secret) = (ada.make_bundle(), EntryId::make());
    ada.grant(prod, eve.member());
    let (_, version) = ada.put(prod, secret, "one");
    eve.sync(&ada);
    let place = (prod, secret, version);
    // Eve says that it needs nothing, and so does Ada, before there is anything to settle.
    let early = eve.write(|ledger, keys| ledger.settle_exposure(keys, place, "mine", TIME));
    ada.receive(&early);
    ada.write(|ledger, keys| ledger.settle_exposure(keys, place, "a test key", TIME));
    let eves = eve.member();
    ada.write(|ledger, keys| ledger.remove_member(keys, eves, TIME));
    ada.rotate_all();
    let state = |ada: &Replica| exposed(ada)[&version].state.clone();
    assert_eq!(state(&ada), ExposureState::NeedsRotation);
    ada.write(|ledger, keys| ledger.settle_exposure(keys, place, "a test key", TIME));
    assert!(matches!(state(&ada), ExposureState::Settled(_)));
}

#[test]
fn a_revoked_device_exposes_what_its_seeds_opened() {
    // threat 37
    let (_, mut ada) = found();
    let phone = add_device(&mut ada, "phone");
    let (prod, secret) = (ada.make_bundle(), EntryId::make());
    let (_, version) = ada.put(prod, secret, "one");
    let device = phone.id();
    ada.write(|ledger, keys| ledger.revoke_device(keys, keys.device(), device, TIME));
    ada.rotate_all();
    let (_, later) = ada.put(prod, EntryId::make(), "two");
    let listed = exposed(&ada);
    assert_eq!(
        listed[&version].to,
        [Lost::Device(ada.member(), device)].into()
    );
    assert!(!listed.contains_key(&later));
}

#[test]
fn what_a_thief_hands_on_is_listed_with_whom() {
    // threat 37: a stolen laptop brings in a device, and that one brings in another. All of it is
    // void, and all of them have the seed.
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Writer);
    let (prod, secret) = (ada.make_bundle(), EntryId::make());
    let (_, version) = ada.put(prod, secret, "one");
    ada.grant(prod, ben.member());
    ben.sync(&ada);
    let stolen = (ben.member(), ben.id());
    ada.write(|ledger, keys| ledger.revoke_device_of(keys, keys.device(), stolen, TIME));
    let mut second = add_device(&mut ben, "second");
    let third = add_device(&mut second, "third");
    ada.sync(&third);
    let all = [ben.id(), second.id(), third.id()];
    let expected = all.map(|device| Lost::Device(ben.member(), device));
    assert_eq!(exposed(&ada)[&version].to, expected.into());
}

#[test]
fn a_device_reads_what_an_older_seed_opened() {
    // threat 37: the phone was given the second seed, which seals the first, and so what was
    // wrapped to the first.
    let (_, mut ada) = found();
    let (prod, secret) = (ada.make_bundle(), EntryId::make());
    let (_, version) = ada.put(prod, secret, "one");
    ada.write(|ledger, keys| ledger.rotate_member_key(keys, keys.device(), TIME));
    let phone = add_device(&mut ada, "phone");
    assert_eq!(phone.value(version), "one");
    let device = phone.id();
    ada.write(|ledger, keys| ledger.revoke_device(keys, keys.device(), device, TIME));
    assert_eq!(
        exposed(&ada)[&version].to,
        [Lost::Device(ada.member(), device)].into()
    );
}

#[test]
fn a_service_that_ended_has_what_its_sheets_could_hold() {
    // threat 37
    let (_, mut ada) = found();
    let phone = add_device(&mut ada, "phone");
    let (prod, other) = (ada.make_bundle(), ada.make_bundle());
    let secrets = [EntryId::make(), EntryId::make(), EntryId::make()];
    let (_, replaced) = ada.put(prod, secrets[0], "before");
    let (_, before) = ada.put(prod, secrets[0], "one");
    ada.put(other, EntryId::make(), "elsewhere");
    let terms = Terms {
        signers: vec![ada.id()],
        min_count: 1,
        max_age: 60,
        expires: TIME + 60,
    };
    let ids = (ada.ledger.team(), ada.ledger.genesis());
    let (_, service) = make_service(ids, "remote", vec![prod], terms);
    ada.write(|ledger, keys| ledger.add_service(keys, "ci", &service, TIME));
    let (_, after) = ada.put(prod, secrets[1], "two");
    let mut phone = phone;
    phone.sync(&ada);
    assert!(exposed(&ada).is_empty(), "it is in use");

    let of_service = |ada: &Replica, now| {
        let all = ada.ledger.exposed_versions(sealed_versions(ada), now);
        let to = BTreeSet::from([Lost::Service(service.id())]);
        assert!(all.iter().all(|one| one.to == to));
        all.iter().map(|one| one.version).collect::<BTreeSet<_>>()
    };
    assert_eq!(of_service(&ada, TIME + 61), [before, after].into());
    ada.write(|ledger, keys| ledger.remove_service(keys, service.id(), TIME));
    // Written in knowledge of the end, and without it.
    let (_, knowing) = ada.put(prod, secrets[2], "three");
    let (_, apart) = phone.put(prod, EntryId::make(), "four");
    ada.sync(&phone);
    let listed = of_service(&ada, TIME);
    assert_eq!(listed, [before, after, apart].into());
    assert!(!listed.contains(&replaced) && !listed.contains(&knowing));
}
