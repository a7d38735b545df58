//! One team, one remote whose view per client is in our hand, and what can be tried with it. Each
//! attack ends with the truth shown to all, and everybody agreed. In memory each is a test of its
//! own; a folder, Git and S3 each get all of them, one after the other, on one team.

mod copies;
mod flooding;
mod strangers;
mod tampering;
mod views;

use std::rc::Rc;

use remotes::{MemoryStore, ObjectName};
use vault::Changes;

use super::grounds::{Ground, Server};
use super::homes::Person;
use crate::Code;
use crate::bundles;
use crate::sync::{FindingKind, FindingView, TeamSync};

/// Ann owns the team, bob is admin, cyd and dan write; all four have `api/prod`.
struct Team {
    ground: Ground,
    store: MemoryStore,
    ann: Person,
    bob: Person,
    cyd: Person,
    dan: Person,
}

impl Team {
    async fn gather(ground: Ground) -> Self {
        let store = MemoryStore::default();
        let mut ann = Person::on("ann", &store, &ground).await;
        let mut bob = Person::on("bob", &store, &ground).await;
        let mut cyd = Person::on("cyd", &store, &ground).await;
        let mut dan = Person::on("dan", &store, &ground).await;
        ann.found("acme").await;
        let new = bundles::New {
            name: "api/prod".to_owned(),
            dry_run: false,
        };
        ann.ask(new).await;
        ann.set("api/prod", "KEY", "one").await;
        let others = [
            (&mut bob, "admin"),
            (&mut cyd, "writer"),
            (&mut dan, "writer"),
        ];
        for (other, role) in others {
            ann.let_in(other, role).await;
        }
        for name in ["bob", "cyd", "dan"] {
            ann.share("api/prod", name).await;
        }
        let mut team = Self {
            ground,
            store,
            ann,
            bob,
            cyd,
            dan,
        };
        team.agree().await;
        team
    }

    fn everybody(&mut self) -> [&mut Person; 4] {
        [&mut self.ann, &mut self.bob, &mut self.cyd, &mut self.dan]
    }

    /// Shows everybody everything: whatever was tried, nothing of it is left.
    async fn agree(&mut self) {
        self.store.join_sides(None);
        for person in self.everybody() {
            person.view.tell_the_truth();
        }
        let mut news = true;
        for _ in 0..6 {
            news = false;
            for person in self.everybody() {
                let report = person.look(true).await;
                news |= report.received + report.pushed > 0;
            }
            if !news {
                break;
            }
        }
        assert!(!news, "they never come to an end");
        let hash = self.ann.state_hash();
        for person in self.everybody() {
            let report = person.look(true).await;
            // Who was removed, or whose device was revoked, reads no later ops.
            if report.out {
                continue;
            }
            assert_eq!((report.failure, report.findings), (None, Vec::new()));
            assert_eq!(report.waiting, 0);
            assert_eq!(person.state_hash(), hash);
        }
    }

    /// What was created since there were so many objects.
    fn since(&self, then: usize) -> Vec<(ObjectName, Vec<u8>)> {
        self.store.objects().split_off(then)
    }
}

/// What a client may not do because of what it is shown: its last good state is the one that counts,
/// and can be read.
struct Before {
    hash: [u8; 32],
    value: String,
}

impl Before {
    async fn of(person: &mut Person) -> Self {
        Self {
            hash: person.state_hash(),
            value: person.get("api/prod", "KEY").await,
        }
    }

    async fn is_kept_by(&self, person: &mut Person) {
        assert_eq!(person.state_hash(), self.hash);
        assert_eq!(person.get("api/prod", "KEY").await, self.value);
    }
}

/// The findings of one kind, and no other.
fn all_of(report: &TeamSync, kind: FindingKind) -> &[FindingView] {
    let others: Vec<_> = report
        .findings
        .iter()
        .filter(|one| one.kind != kind)
        .collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(!report.findings.is_empty(), "{report:?}");
    &report.findings
}

fn team_id(person: &Person) -> team::ids::TeamId {
    let teams = &person.session.open.as_ref().unwrap().teams;
    teams.iter().find(|team| !team.is_personal()).unwrap().id
}

async fn device_of(person: &mut Person) -> String {
    let devices = person.ask(crate::team::ListDevices {
        team: None,
        all: false,
        seen: true,
    });
    let own = devices.await.into_iter().find(|device| device.this);
    own.unwrap().id
}

/// Forgets which objects were read: the next listing is read whole, as a newcomer reads it.
async fn forget(person: &mut Person) {
    let open = person.session.open.as_mut().unwrap();
    let teams: Vec<_> = open
        .teams
        .iter()
        .filter(|team| team.remote.is_some())
        .collect();
    let changes = Changes {
        objects_forgotten: teams.iter().map(|team| team.id).collect(),
        ..Changes::default()
    };
    let durable = vault::Durability::Durable;
    open.vault.commit(changes, durable).await.unwrap();
}

/// All of them, in an order in which each leaves a team for the next.
async fn everything(ground: Ground) {
    let mut team = Team::gather(ground).await;
    tampering::cut_flipped_and_empty(&mut team).await;
    tampering::a_pack(&mut team).await;
    tampering::each_object_as_others(&mut team).await;
    strangers::another_teams_ops(&mut team).await;
    views::rolled_back(&mut team).await;
    views::in_any_order(&mut team).await;
    views::withheld(&mut team).await;
    copies::forked_views_and_a_copied_device(&mut team).await;
    views::a_removal_withheld(&mut team).await;
    views::frozen(&mut team).await;
}

// threats 1, 2, 4, 5, 6, 7, 8, 9, 10, 12, 23, 26 and 40
#[tokio::test]
async fn on_a_folder() {
    everything(Ground::Folder).await;
}

// threats 1, 2, 4, 5, 6, 7, 8, 9, 10, 12, 23, 26 and 40
#[tokio::test]
async fn on_git() {
    everything(Ground::Git).await;
}

// threats 1, 2, 4, 5, 6, 7, 8, 9, 10, 12, 23, 26 and 40
#[tokio::test]
async fn on_s3() {
    let Some(server) = Server::start() else {
        eprintln!("skipped: SEALFOLD_TEST_TOOLS holds no S3 server");
        return;
    };
    everything(Ground::S3(Rc::new(server))).await;
}

// threat 1
#[tokio::test]
async fn objects_cut_flipped_and_empty_are_named() {
    let mut team = Team::gather(Ground::Memory).await;
    tampering::cut_flipped_and_empty(&mut team).await;
    tampering::a_pack(&mut team).await;
    tampering::every_byte(&mut team).await;
}

// threats 2, 4, 12, 23 and 26
#[tokio::test]
async fn objects_in_each_others_place_are_named() {
    let mut team = Team::gather(Ground::Memory).await;
    tampering::each_object_as_others(&mut team).await;
    strangers::another_teams_ops(&mut team).await;
}

// threat 13
#[tokio::test]
async fn a_flood_hides_nothing_and_is_told_in_part() {
    let mut team = Team::gather(Ground::Memory).await;
    flooding::junk_among_requests(&mut team).await;
}

// threat 5
#[tokio::test]
async fn every_older_state_of_the_remote_is_refused() {
    let mut team = Team::gather(Ground::Memory).await;
    views::rolled_back(&mut team).await;
}

// threat 17
#[tokio::test]
async fn a_wrap_placed_by_hand_is_told_to_whom_it_was_meant_for() {
    let mut team = Team::gather(Ground::Memory).await;
    strangers::a_wrap_placed_by_hand(&mut team).await;
}

// threats 8, 9 and 10
#[tokio::test]
async fn what_comes_late_in_part_or_in_any_order_is_told_and_agreed_on() {
    let mut team = Team::gather(Ground::Memory).await;
    views::in_any_order(&mut team).await;
    views::withheld(&mut team).await;
    views::a_removal_withheld(&mut team).await;
}

// threats 7 and 40
#[tokio::test]
async fn forked_views_and_a_copied_device_are_found() {
    let mut team = Team::gather(Ground::Memory).await;
    copies::forked_views_and_a_copied_device(&mut team).await;
}

// threat 6
#[tokio::test]
async fn a_frozen_view_is_told() {
    let mut team = Team::gather(Ground::Memory).await;
    views::frozen(&mut team).await;
}
