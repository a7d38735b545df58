//! Every role × every action, judged in the op's own past (threat 25), and what somebody who was
//! removed meanwhile has written (threat 28). Actions are put into ops of people who may not do
//! them: nothing here relies on what a client refuses to write.

use crypto::DeviceSecret;

use super::forge::{Forged, applied};
use super::harness::people::Asking;
use super::harness::{Packet, Replica, TIME, add_device, content, found};
use crate::error::AuthorError;
use crate::ids::{BundleId, DeviceId, EntryId, MemberId, OpId, VersionId};
use crate::jobs::{Terms, make_service};
use crate::keyring::Keyring;
use crate::ledger::{Approval, Authored, Draft, Ledger, Reviewed, Standing};
use crate::op::{
    Action, GivenRole, Heartbeat, KeySection, NewVersion, Policy, RevokeDevice, SetRole,
};

const ROLES: [&str; 4] = ["reader", "writer", "admin", "owner"];

/// A team with one of each role to act and one of each to act upon.
struct World {
    ada: Replica,
    /// Reader, writer, admin, owner, each with a second device.
    actors: Vec<(Replica, DeviceSecret)>,
    /// Reader, writer, admin, owner.
    targets: Vec<Replica>,
    /// Given to every actor and no target but the reader.
    shared: BundleId,
    /// Ada's alone.
    closed: BundleId,
    /// Made by each actor that may, and given to the target reader.
    own: Vec<Option<BundleId>>,
    entry: EntryId,
    version: VersionId,
    /// Data of somebody who was removed, in `shared` and in `closed`.
    late: OpId,
    asking: (Asking, Asking),
    /// Made by Ada, for `shared`.
    service: MemberId,
}

/// An action, as somebody who could write it would.
type Write = fn(&World, usize) -> (Action, KeySection);

impl World {
    fn new() -> Self {
        let (_, mut ada) = found();
        let (shared, closed, entry) = (ada.make_bundle(), ada.make_bundle(), EntryId::make());
        let (_, version) = ada.put(shared, entry, "one");
        ada.put(closed, EntryId::make(), "one");
        let roles = [
            GivenRole::Reader,
            GivenRole::Writer,
            GivenRole::Admin,
            GivenRole::Owner,
        ];
        let mut people = || roles.map(|role| ada.take_in("someone", role).1);
        let (actors, targets) = (people(), people());
        let (_, mut late) = ada.take_in("late", GivenRole::Writer);
        ada.grant(shared, late.member());
        ada.grant(shared, targets[0].member());
        for actor in &actors {
            ada.grant(shared, actor.member());
        }
        late.sync(&ada);
        let (late_put, _) = late.put(shared, EntryId::make(), "late");
        ada.write(|ledger, keys| ledger.remove_member(keys, late.member(), TIME));
        ada.receive(&late_put);
        ada.rotate_all();
        let ask = |ada: &mut Replica, role| {
            let (_, text) = ada.invite(role);
            Asking::by(&text, "Newcomer")
        };
        let asking = (
            ask(&mut ada, GivenRole::Writer),
            ask(&mut ada, GivenRole::Owner),
        );
        let (_, made) = make_service(
            (ada.ledger.team(), ada.ledger.genesis()),
            "remote",
            vec![shared],
            terms(ada.id()),
        );
        ada.write(|ledger, keys| ledger.add_service(keys, "ci", &made, TIME));
        let mut own = Vec::new();
        let mut with_phones = Vec::new();
        for (nth, mut actor) in actors.into_iter().enumerate() {
            actor.sync(&ada);
            let phone = add_device(&mut actor, "phone");
            own.push((nth > 0).then(|| {
                let bundle = actor.make_bundle();
                actor.grant(bundle, targets[0].member());
                bundle
            }));
            ada.sync(&actor);
            with_phones.push((actor, super::harness::copy(phone.keys.device())));
        }
        for (actor, _) in &mut with_phones {
            actor.sync(&ada);
            assert!(actor.due().is_empty());
        }
        Self {
            ada,
            actors: with_phones,
            targets: targets.into(),
            shared,
            closed,
            own,
            entry,
            version,
            late: late_put.id(),
            asking,
            service: made.id(),
        }
    }

    fn actor(&self, nth: usize) -> &Replica {
        &self.actors[nth].0
    }

    fn target(&self, nth: usize) -> MemberId {
        self.targets[nth].member()
    }

    /// By Ada, who is owner and holds everything.
    fn by_ada(
        &self,
        act: impl FnOnce(&Ledger, &Keyring) -> Result<Authored, AuthorError>,
    ) -> (Action, KeySection) {
        let forged = Forged::draft(&self.ada, act);
        (forged.inner.action, forged.outer.keys)
    }

    fn by_actor(
        &self,
        nth: usize,
        act: impl FnOnce(&Ledger, &Keyring) -> Result<Authored, AuthorError>,
    ) -> (Action, KeySection) {
        let forged = Forged::draft(self.actor(nth), act);
        (forged.inner.action, forged.outer.keys)
    }

    fn set_role(&self, member: MemberId, role: GivenRole) -> (Action, KeySection) {
        (
            Action::SetRole(SetRole { member, role }),
            Default::default(),
        )
    }

    fn revoke(&self, nth: usize) -> (Action, KeySection) {
        let (device, member) = (self.targets[nth].id(), self.target(nth));
        (
            Action::RevokeDevice(RevokeDevice { device, member }),
            Default::default(),
        )
    }

    fn approve(&self, asking: &Asking) -> (Action, KeySection) {
        let request = self.ada.open_request(asking);
        let approval = Approval {
            invitation: asking.invitation.invite,
            request: &request,
            requests: 1,
            compared: true,
        };
        self.by_ada(|ledger, keys| Ok(ledger.approve(keys, approval, TIME).unwrap()))
    }

    fn put(&self, bundle: BundleId) -> (Action, KeySection) {
        let content = content("two");
        let draft = Draft {
            entry: self.entry,
            version: VersionId::make(),
            predecessors: vec![self.version],
            content: &content,
        };
        self.by_ada(|ledger, keys| ledger.put(keys, bundle, &[draft], TIME))
    }

    fn delete(&self, bundle: BundleId) -> (Action, KeySection) {
        let removal = NewVersion(self.entry, VersionId::make(), vec![self.version]);
        self.by_ada(|ledger, keys| ledger.delete(keys, bundle, vec![removal], TIME))
    }

    fn epoch(&self, bundle: BundleId) -> (Action, KeySection) {
        self.by_ada(|ledger, keys| ledger.start_epoch(keys, bundle, &[], TIME))
    }

    fn reseal(&self, bundle: BundleId) -> (Action, KeySection) {
        let opened = self.ada.open(self.version).unwrap();
        let live = [(self.entry, self.version, opened)];
        self.by_ada(|ledger, keys| ledger.reseal(keys, bundle, &live, TIME))
    }

    fn review(&self, bundle: BundleId, verdict: Reviewed) -> (Action, KeySection) {
        self.by_ada(|ledger, keys| ledger.review(keys, bundle, vec![self.late], verdict, TIME))
    }

    fn settle(&self, bundle: BundleId) -> (Action, KeySection) {
        let version = (bundle, self.entry, self.version);
        self.by_ada(|ledger, keys| ledger.settle_exposure(keys, version, "a test key", TIME))
    }

    fn service(&self, bundles: &[BundleId], signer: DeviceId) -> (Action, KeySection) {
        let ids = (self.ada.ledger.team(), self.ada.ledger.genesis());
        let mut bundles = bundles.to_vec();
        bundles.sort_unstable();
        let (_, service) = make_service(ids, "remote", bundles, terms(signer));
        self.by_ada(|ledger, keys| ledger.add_service(keys, "ci", &service, TIME))
    }

    fn known_service(&self) -> (Action, KeySection) {
        let service = self.ada.ledger.service(&self.service).unwrap();
        self.by_ada(|ledger, keys| ledger.add_service(keys, "ci", &service, TIME))
    }

    fn end(&self, service: MemberId) -> (Action, KeySection) {
        self.by_ada(|ledger, keys| ledger.remove_service(keys, service, TIME))
    }

    /// How an action stands that an actor signs, in knowledge of everything.
    fn outcome(&self, nth: usize, (action, keys): (Action, KeySection)) -> Standing {
        let mut judge = self.ada.twin();
        let packet = self.signed(nth, action, keys);
        applied(&mut judge, &packet).1.standing.unwrap()
    }

    fn signed(&self, nth: usize, action: Action, keys: KeySection) -> Packet {
        let mut forged = Forged::draft(self.actor(nth), beat);
        forged.inner.action = action;
        forged.outer.keys = keys;
        forged.packet(&self.actor(nth).keys)
    }
}

fn terms(signer: DeviceId) -> Terms {
    Terms {
        signers: vec![signer],
        min_count: 1,
        max_age: 60,
        expires: TIME + 60,
    }
}

fn beat(ledger: &Ledger, keys: &Keyring) -> Result<Authored, AuthorError> {
    let heartbeat = Heartbeat {
        audit_head: [0; 32],
        audit_count: 0,
        published: None,
        age: None,
    };
    ledger.heartbeat(keys, heartbeat, TIME)
}

/// What each role may do: `+` stands, `-` is void.
const TABLE: &[(&str, &str, Write)] = &[
    ("invite a writer", "--++", |w, _| {
        w.by_ada(|l, k| l.invite(k, GivenRole::Writer, TIME, TIME))
    }),
    ("invite an owner", "---+", |w, _| {
        w.by_ada(|l, k| l.invite(k, GivenRole::Owner, TIME, TIME))
    }),
    ("approve a writer", "--++", |w, _| w.approve(&w.asking.0)),
    ("approve an owner", "---+", |w, _| w.approve(&w.asking.1)),
    ("approve an owner unread", "----", |w, _| {
        let (mut action, keys) = w.approve(&w.asking.1);
        if let Action::AddMember(add) = &mut action {
            add.compared = false;
        }
        (action, keys)
    }),
    (
        "approve for another role than invited to",
        "----",
        |w, _| {
            let (mut action, keys) = w.approve(&w.asking.0);
            if let Action::AddMember(add) = &mut action {
                add.role = GivenRole::Reader;
            }
            (action, keys)
        },
    ),
    ("raise a reader", "--++", |w, _| {
        w.set_role(w.target(0), GivenRole::Writer)
    }),
    ("raise a reader to admin", "--++", |w, _| {
        w.set_role(w.target(0), GivenRole::Admin)
    }),
    ("raise a reader to owner", "---+", |w, _| {
        w.set_role(w.target(0), GivenRole::Owner)
    }),
    ("lower a writer", "--++", |w, _| {
        w.set_role(w.target(1), GivenRole::Reader)
    }),
    ("lower an admin", "--++", |w, _| {
        w.set_role(w.target(2), GivenRole::Writer)
    }),
    ("lower an owner", "---+", |w, _| {
        w.set_role(w.target(3), GivenRole::Writer)
    }),
    ("a role that is held already", "----", |w, _| {
        w.set_role(w.target(1), GivenRole::Writer)
    }),
    ("raise oneself", "----", |w, n| {
        w.set_role(w.actor(n).member(), GivenRole::Owner)
    }),
    ("lower oneself", "----", |w, n| {
        w.set_role(w.actor(n).member(), GivenRole::Reader)
    }),
    ("a role for a stranger", "----", |w, _| {
        w.set_role(MemberId::from_bytes([7; 32]), GivenRole::Reader)
    }),
    ("remove a reader", "--++", |w, _| {
        w.by_ada(|l, k| l.remove_member(k, w.target(0), TIME))
    }),
    ("remove an admin", "--++", |w, _| {
        w.by_ada(|l, k| l.remove_member(k, w.target(2), TIME))
    }),
    ("remove an owner", "---+", |w, _| {
        w.by_ada(|l, k| l.remove_member(k, w.target(3), TIME))
    }),
    ("remove oneself", "----", |w, n| {
        w.by_ada(|l, k| l.remove_member(k, w.actor(n).member(), TIME))
    }),
    ("add a device of one's own", "++++", |w, n| {
        w.by_actor(n, |l, k| {
            l.add_device(k, k.device(), &DeviceSecret::make(), "new", TIME)
        })
    }),
    ("revoke a device of one's own", "++++", |w, n| {
        let device = super::harness::id(&w.actors[n].1);
        w.by_actor(n, |l, k| l.revoke_device(k, k.device(), device, TIME))
    }),
    ("revoke one's recovery key with a device", "----", |w, n| {
        let member = w.actor(n).member();
        let devices = w.ada.ledger.state().devices();
        let (device, _) = devices
            .iter()
            .find(|(_, of)| of.member == member && of.recovery)
            .unwrap();
        w.by_actor(n, |l, k| l.revoke_device(k, k.device(), *device, TIME))
    }),
    ("revoke a writer's device", "--++", |w, _| w.revoke(1)),
    ("revoke an admin's device", "--++", |w, _| w.revoke(2)),
    ("revoke an owner's device", "---+", |w, _| w.revoke(3)),
    ("rotate one's seed", "++++", |w, n| {
        w.by_actor(n, |l, k| l.rotate_member_key(k, k.device(), TIME))
    }),
    ("create a bundle", "-+++", |w, n| {
        w.by_actor(n, |l, k| {
            l.create_bundle(k, BundleId::make(), ("a", "b"), TIME)
        })
    }),
    ("archive another's bundle", "--++", |w, _| {
        w.by_ada(|l, k| l.archive_bundle(k, w.shared, true, TIME))
    }),
    ("archive a bundle that one was not given", "--++", |w, _| {
        w.by_ada(|l, k| l.archive_bundle(k, w.closed, true, TIME))
    }),
    ("archive one's own bundle", "-+++", |w, n| {
        let own = w.own[n].unwrap_or(w.shared);
        w.by_ada(|l, k| l.archive_bundle(k, own, true, TIME))
    }),
    ("grant another's bundle", "--++", |w, _| {
        w.by_ada(|l, k| l.grant(k, w.shared, w.target(1), false, TIME))
    }),
    ("grant a bundle that one was not given", "----", |w, _| {
        w.by_ada(|l, k| l.grant(k, w.closed, w.target(1), false, TIME))
    }),
    ("grant one's own bundle", "-+++", |w, n| match w.own[n] {
        Some(own) => w.by_actor(n, |l, k| l.grant(k, own, w.target(1), false, TIME)),
        None => w.by_ada(|l, k| l.grant(k, w.shared, w.target(1), false, TIME)),
    }),
    ("grant what is granted", "----", |w, _| {
        let (mut action, keys) = w.by_ada(|l, k| l.grant(k, w.shared, w.target(1), false, TIME));
        if let Action::Grant(grant) = &mut action {
            grant.to[0].0 = w.target(0);
        }
        (action, keys)
    }),
    ("take another's bundle from somebody", "--++", |w, _| {
        w.by_ada(|l, k| l.ungrant(k, w.shared, w.target(0), TIME))
    }),
    ("take one's own bundle from somebody", "-+++", |w, n| {
        let own = w.own[n].unwrap_or(w.shared);
        w.by_ada(|l, k| l.ungrant(k, own, w.target(0), TIME))
    }),
    ("make a service for another's bundle", "--++", |w, _| {
        w.service(&[w.shared], w.ada.id())
    }),
    ("make a service for one's own bundle", "-+++", |w, n| {
        w.service(&[w.own[n].unwrap_or(w.shared)], w.actor(n).id())
    }),
    (
        "make a service for what one was not given",
        "----",
        |w, _| w.service(&[w.closed], w.ada.id()),
    ),
    (
        "make a service for one's own bundle and one that one was not given",
        "----",
        |w, n| w.service(&[w.own[n].unwrap_or(w.shared), w.closed], w.ada.id()),
    ),
    (
        "make a service signed by somebody without the bundle",
        "----",
        |w, _| w.service(&[w.shared], w.targets[1].id()),
    ),
    ("make a service that is known", "----", |w, _| {
        w.known_service()
    }),
    ("end another's service", "--++", |w, _| w.end(w.service)),
    ("end a service that is not there", "----", |w, _| {
        w.end(MemberId::from_bytes([7; 32]))
    }),
    ("start an epoch", "-+++", |w, _| w.epoch(w.shared)),
    (
        "start an epoch of a bundle that one was not given",
        "----",
        |w, _| w.epoch(w.closed),
    ),
    ("reseal", "-+++", |w, _| w.reseal(w.shared)),
    (
        "reseal in a bundle that one was not given",
        "----",
        |w, _| w.reseal(w.closed),
    ),
    ("put", "-+++", |w, _| w.put(w.shared)),
    (
        "put into a bundle that one was not given",
        "----",
        |w, _| w.put(w.closed),
    ),
    ("delete", "-+++", |w, _| w.delete(w.shared)),
    (
        "delete in a bundle that one was not given",
        "----",
        |w, _| w.delete(w.closed),
    ),
    ("adopt", "-+++", |w, _| w.review(w.shared, Reviewed::Adopt)),
    (
        "adopt in a bundle that one was not given",
        "----",
        |w, _| w.review(w.closed, Reviewed::Adopt),
    ),
    ("drop", "-+++", |w, _| w.review(w.shared, Reviewed::Drop)),
    ("settle an exposure", "--++", |w, _| w.settle(w.shared)),
    ("settle an exposure of one's own bundle", "-+++", |w, n| {
        w.settle(w.own[n].unwrap_or(w.shared))
    }),
    ("attest another's key", "++++", |w, _| {
        w.by_ada(|l, k| l.attest(k, w.target(0), TIME))
    }),
    ("attest one's own key", "----", |w, n| {
        w.by_ada(|l, k| l.attest(k, w.actor(n).member(), TIME))
    }),
    ("set the policy", "---+", |w, _| {
        w.by_ada(|l, k| l.set_policy(k, Policy::default(), TIME))
    }),
    ("publish reads", "++++", |w, n| {
        w.by_actor(n, |l, k| l.publish_audit(k, b"reads", TIME))
    }),
    ("give a sign of life", "++++", |w, n| w.by_actor(n, beat)),
];

#[test]
fn every_role_may_do_just_what_the_table_says() {
    // threat 25
    let world = World::new();
    let mut wrong = Vec::new();
    for (act, expected, write) in TABLE {
        let found: String = (0..ROLES.len())
            .map(|nth| match world.outcome(nth, write(&world, nth)) {
                Standing::Valid => '+',
                Standing::Void => '-',
                Standing::Quarantined => '?',
            })
            .collect();
        if found != *expected {
            wrong.push(format!("{act}: expected {expected}, found {found}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "{ROLES:?}");
}

#[test]
fn everyone_rotates_the_log_key_to_just_the_members() {
    // threat 25, for what stands under the key that it brings
    let world = World::new();
    for nth in 0..ROLES.len() {
        let actor = world.actor(nth);
        let rotate = actor.ledger.rotate_log_key(&actor.keys, TIME).unwrap();
        let mut judge = world.ada.twin();
        let (_, effects) = applied(&mut judge, &Packet::from(rotate));
        assert_eq!(effects.standing, Some(Standing::Valid));
    }
}

#[test]
fn who_was_removed_meanwhile_has_no_say_and_their_data_is_kept_for_review() {
    // threats 26 and 28
    let world = World::new();
    // The removal comes from the founder, who outranks everyone.
    for (nth, role) in ROLES.iter().enumerate().skip(1) {
        let mut judge = world.ada.twin();
        let removed = world.actor(nth).member();
        judge.write(|ledger, keys| ledger.remove_member(keys, removed, TIME));
        for (act, allowed, write) in TABLE {
            let (action, keys) = write(&world, nth);
            let allowed = allowed.as_bytes()[nth] == b'+';
            let expected = match action.is_data() && allowed {
                true => Standing::Quarantined,
                false => Standing::Void,
            };
            let packet = world.signed(nth, action, keys);
            let found = applied(&mut judge, &packet).1.standing.unwrap();
            assert_eq!(found, expected, "{act} by {role}");
        }
    }
}

#[test]
fn a_recovery_key_does_nothing_but_its_own_members_devices() {
    // threat 25
    let (recovery, ada) = found();
    let mut paper = Forged::draft(&ada, beat);
    paper.outer.prev = None;
    (paper.outer.seq, paper.inner.seq) = (0, 0);
    // It has seen what Ada has: her head is a citation of its.
    let head = ada.ledger.chains().heads().next().unwrap();
    paper.inner.deps = vec![crate::op::Dep(head.1, head.2, head.3)];
    let packet = paper.signed_by(&recovery.device(), &ada.keys);
    let mut judge = ada.twin();
    assert_eq!(super::forge::standing(&mut judge, &packet), Standing::Void);
}

#[test]
fn a_policy_refuses_grants_to_the_unverified_whoever_writes_them() {
    // threat 35
    let (_, mut ada) = found();
    let (_, mut ben) = ada.take_in("Ben", GivenRole::Writer);
    let bundle = ada.make_bundle();
    // A changed key is unverified again.
    ben.sync(&ada);
    ben.write(|ledger, keys| ledger.rotate_member_key(keys, keys.device(), TIME));
    ada.sync(&ben);
    ada.rotate_all();
    let grant = |ada: &Replica| {
        let member = ben.member();
        let forged = Forged::draft(ada, |l, k| l.grant(k, bundle, member, false, TIME));
        (forged.inner.action, forged.outer.keys)
    };
    let (action, keys) = grant(&ada);
    let policy = Policy {
        stale_after: 0,
        require_verified: true,
        name: None,
    };
    ada.write(|ledger, keys| ledger.set_policy(keys, policy, TIME));
    let mut forged = Forged::draft(&ada, beat);
    (forged.inner.action, forged.outer.keys) = (action, keys);
    let packet = forged.packet(&ada.keys);
    assert_eq!(super::forge::standing(&mut ada, &packet), Standing::Void);
}

#[test]
fn a_bundles_new_key_goes_to_just_those_with_access() {
    // threats 23 and 32: one more or one less, and the epoch is void.
    let world = World::new();
    let extra = world.target(1);
    for change in [0, 1, 2] {
        let (mut action, keys) = world.epoch(world.shared);
        let Action::StartEpoch(start) = &mut action else {
            panic!("an epoch")
        };
        match change {
            0 => {}
            1 => drop(start.epoch.wraps.pop()),
            _ => {
                let wrap = start.epoch.wraps[0].clone();
                start
                    .epoch
                    .wraps
                    .push(crate::op::BundleWrap(extra, 0, wrap.2));
            }
        }
        let expected = if change == 0 {
            Standing::Valid
        } else {
            Standing::Void
        };
        assert_eq!(world.outcome(3, (action, keys)), expected, "{change}");
    }
}
