//! A team with a crowd of members, whose history is written with one ledger and everybody's keys:
//! a year of many people in seconds. The ops are as their own vaults would have written them.

use std::collections::BTreeMap;

use crypto::{KeyId, RecoveryKey, SecretBytes, SecretVec};
use remotes::Remote;
use team::SignedOp;
use team::entry::{Content, EntryKind, Metadata};
use team::ids::{BundleId, DeviceId, EntryId, MemberId, OpId, TeamId, VersionId};
use team::join::{Request, ask_to_join};
use team::keyring::Keyring;
use team::ledger::{Approval, Arrival, Authored, Draft, Ledger, Receipt};
use team::op::{GivenRole, Heartbeat};
use team::segment;

use super::homes::{PLACE, Person};
use crate::open::{HeadsOnly, Team};
use crate::sync::TeamSync;
use crate::sync::names::Run;

/// Far in the future, in Unix seconds.
const EVER: u64 = 1 << 40;

/// Ops of a segment: few enough for its bytes.
const A_SEGMENT: usize = 4_000;

/// The members beside the founder, and what they have not pushed yet.
pub struct Crowd {
    id: TeamId,
    bundle: BundleId,
    epoch: KeyId,
    keyrings: Vec<Keyring>,
    unpushed: BTreeMap<DeviceId, Vec<(u64, Vec<u8>)>>,
    entries: Vec<(EntryId, VersionId)>,
    written: usize,
    remote: Remote,
}

/// Somebody who has seen nothing for long.
pub struct Away {
    ledger: Ledger,
    keyring: Keyring,
}

impl Crowd {
    /// Lets members in and grants each of them the founder's only bundle. The founder's ledger in
    /// memory goes on with all that is written here; [`Self::part`] takes it back to the vault's.
    pub async fn gather(founder: &mut Person, remote: Remote, members: usize, day: u32) -> Self {
        let team = shared(founder);
        let id = team.id;
        let bundle = *team.ledger.state().bundles().keys().next().unwrap();
        let epoch = team.ledger.current_epoch(&bundle).unwrap();
        let mut crowd = Self {
            id,
            bundle,
            epoch,
            keyrings: Vec::new(),
            unpushed: BTreeMap::new(),
            entries: Vec::new(),
            written: 0,
            remote,
        };
        for number in 0..members {
            let keyring = crowd.let_in(team, &format!("member-{number}"), GivenRole::Writer);
            crowd.keyrings.push(keyring);
        }
        crowd.push_all(day).await;
        crowd
    }

    fn let_in(&mut self, team: &mut Team, name: &str, role: GivenRole) -> Keyring {
        let authored = team.ledger.invite(&team.keyring, role, EVER, 1);
        let invite = self.take_founders(team, authored.unwrap());
        let invitation = team
            .ledger
            .invitation(&team.keyring, &invite, PLACE)
            .unwrap();
        let joining = ask_to_join(&invitation, &RecoveryKey::make(), name, name).unwrap();
        let secrets = team
            .ledger
            .invitation_secrets(&team.keyring, &invite)
            .unwrap();
        let request = Request::open(&joining.request, (team.id, team.genesis), &secrets).unwrap();
        let approval = Approval {
            invitation: invite,
            request: &request,
            requests: 1,
            compared: true,
        };
        let authored = team.ledger.approve(&team.keyring, approval, 1).unwrap();
        let signed = SignedOp::verify(&authored.op).unwrap();
        let mut keyring = joining.keyring;
        keyring.take_from(signed.keys(), team.device, false);
        self.take_founders(team, authored);
        let member = MemberId::derive(&team.id, &request.member().public);
        let granted = team
            .ledger
            .grant(&team.keyring, self.bundle, member, false, 1);
        self.take_founders(team, granted.unwrap());
        let key = team.keyring.bundle_key(&self.epoch).unwrap().expose();
        keyring.add_bundle_key(self.bundle, SecretBytes::new(*key));
        keyring
    }

    /// An admin who is let in and at once goes away: what they write once they are back knows of
    /// nothing that came later.
    pub async fn admin_goes_away(&mut self, founder: &mut Person, day: u32) -> Away {
        let team = shared(founder);
        let keyring = self.let_in(team, "admin", GivenRole::Admin);
        let ledger = team.ledger.clone();
        self.push_all(day).await;
        Away { ledger, keyring }
    }

    /// An admin who was away removes a member, whose ops since then they have not seen.
    pub async fn removes_late(&mut self, away: &Away, member: usize, day: u32) {
        let target = self.keyrings[member].member();
        let authored = away.ledger.remove_member(&away.keyring, target, 1).unwrap();
        let signed = SignedOp::verify(&authored.op).unwrap();
        let unpushed = self.unpushed.entry(signed.device()).or_default();
        unpushed.push((signed.seq(), authored.op));
        self.push_all(day).await;
    }

    fn take_founders(&mut self, team: &mut Team, authored: Authored) -> OpId {
        let device = team.device;
        self.take(team, device, authored)
    }

    fn take(&mut self, team: &mut Team, device: DeviceId, authored: Authored) -> OpId {
        let arrival = Arrival {
            op: &authored.op,
            pack: authored.pack.as_deref(),
        };
        let receipts = team.ledger.receive(arrival, &mut team.keyring, &HeadsOnly);
        let Receipt::Applied(op, _) = &receipts[0] else {
            panic!("{:?}", receipts[0]);
        };
        let unpushed = self.unpushed.entry(device).or_default();
        unpushed.push((op.seq(), authored.op));
        authored.id
    }

    /// A member changes so many entries, each in an op of its own; every tenth op brings a new
    /// one.
    pub fn write(&mut self, founder: &mut Person, member: usize, ops: usize) {
        let team = shared(founder);
        for _ in 0..ops {
            let number = self.entries.len();
            let known = match self.written / 10 >= number {
                true => None,
                false => self.entries.get(self.written * 7 % number),
            };
            let (entry, predecessors) = match known {
                Some((entry, version)) => (*entry, vec![*version]),
                None => (EntryId::make(), Vec::new()),
            };
            self.written += 1;
            let content = content(&entry);
            let version = VersionId::make();
            let draft = Draft {
                entry,
                version,
                predecessors,
                content: &content,
            };
            let keyring = &self.keyrings[member];
            let device = DeviceId::of(&keyring.device().public());
            let authored = team.ledger.put(keyring, self.bundle, &[draft], 1).unwrap();
            self.take(team, device, authored);
            match self.entries.iter_mut().find(|(known, _)| *known == entry) {
                Some(known) => known.1 = version,
                None => self.entries.push((entry, version)),
            }
        }
    }

    /// A member gives the sign of life of a day.
    pub fn beat(&mut self, founder: &mut Person, member: usize) {
        let team = shared(founder);
        let keyring = &self.keyrings[member];
        let device = DeviceId::of(&keyring.device().public());
        let heartbeat = Heartbeat {
            audit_head: [0; 32],
            audit_count: 0,
            published: None,
            age: None,
        };
        let authored = team.ledger.heartbeat(keyring, heartbeat, 1).unwrap();
        self.take(team, device, authored);
    }

    /// Pushes what each has written, as their syncs would on that day.
    pub async fn push_all(&mut self, day: u32) {
        let mut objects = Vec::new();
        for (device, ops) in std::mem::take(&mut self.unpushed) {
            for ops in ops.chunks(A_SEGMENT) {
                let raw: Vec<&[u8]> = ops.iter().map(|(_, op)| op.as_slice()).collect();
                let bytes = segment::encode(&raw);
                assert!(bytes.len() <= segment::BYTES);
                let run = Run {
                    device,
                    first: ops[0].0,
                    last: ops[ops.len() - 1].0,
                };
                objects.push((run.name(&self.id, day, &bytes), bytes));
            }
        }
        self.remote.create_many(&objects).await.unwrap();
    }

    /// How many there are beside the founder.
    pub fn members(&self) -> usize {
        self.keyrings.len()
    }

    /// All that was pushed comes to the founder's own vault by a sync.
    pub async fn part(&mut self, founder: &mut Person) -> TeamSync {
        let open = founder.session.open.as_mut().unwrap();
        open.reload().await.unwrap();
        founder.sync().await
    }
}

fn shared(person: &mut Person) -> &mut Team {
    let open = person.session.open.as_mut().unwrap();
    let id = open
        .teams
        .iter()
        .find(|team| !team.is_personal())
        .unwrap()
        .id;
    &mut open.teams[&id]
}

fn content(entry: &EntryId) -> Content {
    let name = format!("VARIABLE_{entry}");
    let value = SecretVec::new(b"value-0123456789abcdef0123456789abcdef".to_vec());
    Content {
        name,
        kind: EntryKind::Variable,
        fields: BTreeMap::from([(String::new(), value)]),
        note: String::new(),
        tags: Vec::new(),
        metadata: Metadata::default(),
        written: 1,
    }
}
