//! What came in goes through the ledger into the vault, commit by commit.

mod names;
mod room;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crypto::KeyId;
use team::ids::{BlobId, BundleId, DeviceId, OpId, TeamId, VersionId};
use team::keyring::Learned;
use team::ledger::{Arrival, Missing, Receipt};
use vault::{Changes, Object, Pack, Vault, WaitingOp};

pub(super) use self::names::name_of;
use self::names::{name_removals, name_what_opens};
use self::room::{ROOM, ROOM_FOR_STRANGERS};
use super::incoming::{Incoming, in_order};
use super::places::Places;
use super::rejudge::Rejudge;
use super::seals;
use crate::Fault;
use crate::open::{Open, Team, WriteError};

/// Most ops of one commit.
const A_COMMIT: usize = 4_000;

/// What a round came to.
#[derive(Debug, Default)]
pub(super) struct Absorbed {
    pub applied: u64,
    /// Packs that ops wait for.
    pub packs: BTreeSet<BlobId>,
    /// Whether ops wait for others that are cited.
    pub lacks_cited: bool,
    /// Bundles whose entries have news.
    pub bundles: BTreeSet<BundleId>,
    /// Objects with ops that will never hold.
    pub bad: BTreeSet<String>,
    /// Objects with ops that wait, and for which there is no room: they are fetched again.
    pub beyond: BTreeSet<String>,
    /// Devices that gave this member a key that does not open, and which.
    pub unopened: BTreeSet<(DeviceId, KeyId)>,
    /// Devices that sealed another content under a version that is here, and of which.
    pub altered: BTreeSet<(DeviceId, VersionId)>,
}

impl Absorbed {
    /// Together with what came after it.
    pub fn add(&mut self, later: Self) {
        self.applied += later.applied;
        self.packs = later.packs;
        self.lacks_cited = later.lacks_cited;
        self.bundles.extend(later.bundles);
        self.bad.extend(later.bad);
        self.beyond.extend(later.beyond);
        self.unopened.extend(later.unopened);
        self.altered.extend(later.altered);
    }

    /// Whether an object brought something that is not here now.
    fn leaves_out(&self, object: &str) -> bool {
        self.bad.contains(object) || self.beyond.contains(object)
    }
}

/// Takes ops in, and remembers the objects that brought them, in commits of a bounded size: whoever
/// writes meanwhile does not wait long, and what is interrupted goes on from the last. A vault that
/// must not write absorbs too.
pub(super) async fn absorb(
    open: &mut Open,
    id: &TeamId,
    mut incoming: Vec<Rc<Incoming>>,
    objects: &[String],
) -> Result<Absorbed, Fault> {
    let learned = in_order(&mut open.teams[id], &mut incoming);
    if !learned.is_empty() {
        keep_keys(open, id, &learned).await?;
    }
    let mut whole = WholeObjects::of(&incoming, objects);
    let mut all = Absorbed::default();
    for some in incoming.chunks(A_COMMIT) {
        let done = whole.after(some);
        let absorbed = commit(open, id, some, &done, &all).await?;
        open.progress.has_received(absorbed.applied);
        all.add(absorbed);
    }
    Ok(all)
}

/// Tries what is stored as waiting once more.
pub(super) async fn retry(open: &mut Open, id: &TeamId) -> Result<Absorbed, Fault> {
    commit(open, id, &[], &[], &Absorbed::default()).await
}

async fn commit(
    open: &mut Open,
    id: &TeamId,
    incoming: &[Rc<Incoming>],
    done: &[String],
    before: &Absorbed,
) -> Result<Absorbed, Fault> {
    let asked = open.teams[id].facts.asked.is_some();
    open.write_unenrolled(async |open, changes| {
        let absorbed = receive_all(open, id, incoming, changes).await?;
        let team = &mut open.teams[id];
        if asked && team.is_let_in() {
            team.facts.asked = None;
            changes.identities.push(team.identity());
        }
        let left_out = |name: &&String| before.leaves_out(name) || absorbed.leaves_out(name);
        let done = done.iter().filter(|name| !left_out(name));
        changes.objects.extend(done.map(|name| Object {
            team: *id,
            name: name.clone(),
        }));
        Ok(absorbed)
    })
    .await
}

/// Keys that were learned from what is not absorbed yet.
pub(super) async fn keep_keys(
    open: &mut Open,
    id: &TeamId,
    learned: &[Learned],
) -> Result<(), Fault> {
    open.write_unenrolled(async |open, changes: &mut Changes| {
        let team = &open.teams[id];
        let keys = learned.iter();
        changes.keys = keys.filter_map(|key| team.stored_key(*key)).collect();
        Ok(())
    })
    .await
}

/// Which objects are done with, once so many of their ops were taken in.
struct WholeObjects {
    /// Objects, and how many of their ops are still to come.
    left: BTreeMap<String, usize>,
}

impl WholeObjects {
    fn of(incoming: &[Rc<Incoming>], objects: &[String]) -> Self {
        let mut left: BTreeMap<String, usize> =
            objects.iter().map(|name| (name.clone(), 0)).collect();
        for name in incoming.iter().filter_map(|op| op.object.as_ref()) {
            if let Some(left) = left.get_mut(name) {
                *left += 1;
            }
        }
        Self { left }
    }

    fn after(&mut self, taken: &[Rc<Incoming>]) -> Vec<String> {
        for name in taken.iter().filter_map(|op| op.object.as_ref()) {
            if let Some(left) = self.left.get_mut(name) {
                *left -= 1;
            }
        }
        let done = self.left.extract_if(.., |_, left| *left == 0);
        done.map(|(name, _)| name).collect()
    }
}

/// One round in work.
struct Round<'a> {
    places: Places,
    changes: &'a mut Changes,
    absorbed: Absorbed,
    /// Ops that wait: those of the vault, and those of this round.
    waiting: BTreeMap<OpId, Rc<Incoming>>,
    /// Those of the vault.
    stored: BTreeSet<OpId>,
    rejudge: Rejudge,
    /// Packs of ops that were applied in this round: the vault has them only after its commit.
    packs: BTreeMap<OpId, Vec<u8>>,
}

async fn receive_all(
    open: &mut Open,
    id: &TeamId,
    incoming: &[Rc<Incoming>],
    changes: &mut Changes,
) -> Result<Absorbed, WriteError> {
    let mut round = Round {
        places: Places::default(),
        changes,
        absorbed: Absorbed::default(),
        waiting: BTreeMap::new(),
        stored: BTreeSet::new(),
        rejudge: Rejudge::default(),
        packs: BTreeMap::new(),
    };
    for WaitingOp { op, raw, .. } in open.vault.waiting_ops(id).await? {
        let pack = open.vault.pack(&op).await?;
        let waiting = Incoming::new(raw, pack, None);
        round.stored.insert(op);
        round.waiting.insert(op, Rc::new(waiting));
    }
    open.teams[id].ledger.begin_round();
    let mut arrivals: Vec<Rc<Incoming>> = incoming.to_vec();
    arrivals.extend(round.waiting.values().cloned());
    // Keys may be learned, and devices introduced, by what comes last: whatever still waits is
    // handed in again as long as that leads anywhere.
    loop {
        let learned = in_order(&mut open.teams[id], &mut arrivals);
        let team = &open.teams[id];
        let keys = learned.into_iter();
        round
            .changes
            .keys
            .extend(keys.filter_map(|learned| team.stored_key(learned)));
        round.places.look_up(open, id, &arrivals).await?;
        let before = round.came_to();
        for arrival in &arrivals {
            round.receive(open, id, arrival);
        }
        arrivals = round.waiting.values().cloned().collect();
        if arrivals.is_empty() || round.came_to() == before {
            break;
        }
    }
    round.finish(open, id).await
}

impl Round<'_> {
    /// Ops that were applied so far, and keys that were learned.
    fn came_to(&self) -> (u64, usize) {
        (self.absorbed.applied, self.changes.keys.len())
    }

    fn receive(&mut self, open: &mut Open, id: &TeamId, incoming: &Rc<Incoming>) {
        let team = &mut open.teams[id];
        let arrival = Arrival {
            op: &incoming.op,
            pack: incoming.pack.as_deref(),
        };
        let (keys, places) = (&mut team.keyring, &self.places);
        let receipts = match incoming.take_signed() {
            Some(signed) => team.ledger.receive_signed(signed, arrival, keys, places),
            None => team.ledger.receive(arrival, keys, places),
        };
        for (index, receipt) in receipts.into_iter().enumerate() {
            // The first is the op's own; the others had waited.
            let own = (index == 0).then_some(incoming);
            self.take(&open.vault, &open.teams[id], receipt, own);
        }
    }

    fn take(&mut self, vault: &Vault, team: &Team, receipt: Receipt, own: Option<&Rc<Incoming>>) {
        match receipt {
            Receipt::Applied(op, mut effects) => {
                let stored = self.waiting.remove(&op.id());
                let waited = effects.waited.take();
                let waited = waited.map(|(op, pack)| Rc::new(Incoming::new(op, pack, None)));
                let incoming = own.cloned().or(waited).or(stored);
                let incoming = incoming.expect("an op is applied as it arrives or had waited");
                self.places.add(op.device(), op.seq(), op.id());
                self.absorbed.applied += 1;
                if let Some(pack) = &incoming.pack {
                    self.packs.insert(op.id(), pack.clone());
                }
                self.rejudge.note(&op, &effects);
                self.tell_unopened(op.device(), &effects.unopened);
                let versions = effects.versions.iter();
                self.absorbed
                    .bundles
                    .extend(versions.map(|version| version.bundle));
                let arrival = Arrival {
                    op: &incoming.op,
                    pack: incoming.pack.as_deref(),
                };
                team.store(self.changes, &op, effects, arrival, |version| {
                    name_of(vault, team, &op.device(), version)
                });
                if self.stored.remove(&op.id()) {
                    self.changes.waiting_removed.push(op.id());
                    let kept = |pack: &Pack| pack.op == op.id();
                    if !self.changes.packs.iter().any(kept) {
                        self.changes.packs_removed.push(op.id());
                    }
                }
            }
            Receipt::Waiting {
                op,
                learned,
                device,
                unopened,
                ..
            } => {
                self.tell_unopened(device, &unopened);
                self.keep_keys(team, learned);
                if let Some(incoming) = own {
                    self.waiting.insert(op, Rc::clone(incoming));
                }
            }
            Receipt::Known(op) => {
                self.waiting.remove(&op);
                if self.stored.remove(&op) {
                    self.changes.waiting_removed.push(op);
                    self.changes.packs_removed.push(op);
                }
            }
            Receipt::Rejected { learned, .. } => {
                self.keep_keys(team, learned);
                let object = own.and_then(|incoming| incoming.object.clone());
                self.absorbed.bad.extend(object);
                self.forget(own);
            }
        }
    }

    /// Keys that are in the keyring are in the vault too, whatever becomes of the op that brought
    /// them: others may stand under them.
    fn keep_keys(&mut self, team: &Team, learned: Vec<Learned>) {
        let keys = learned.into_iter();
        self.changes
            .keys
            .extend(keys.filter_map(|learned| team.stored_key(learned)));
    }

    fn tell_unopened(&mut self, by: DeviceId, keys: &[KeyId]) {
        let unopened = keys.iter().map(|key| (by, *key));
        self.absorbed.unopened.extend(unopened);
    }

    /// An op that had waited turned out to be none.
    fn forget(&mut self, own: Option<&Rc<Incoming>>) {
        let Some(own) = own else { return };
        let same = |(_, waiting): &(&OpId, &Rc<Incoming>)| Rc::ptr_eq(waiting, own);
        let Some(op) = self.waiting.iter().find(same).map(|(op, _)| *op) else {
            return;
        };
        self.waiting.remove(&op);
        if self.stored.remove(&op) {
            self.changes.waiting_removed.push(op);
            self.changes.packs_removed.push(op);
        }
    }

    /// Stores what waits, as far as there is room: more for devices that were introduced. What has
    /// no room comes again with its object.
    fn keep_waiting(&mut self, team: &Team) {
        let known: BTreeSet<OpId> = team.ledger.waiting_of_known().copied().collect();
        let (mut room, mut for_strangers) = (ROOM, ROOM_FOR_STRANGERS);
        let stored = |(op, _): &(&OpId, &Rc<Incoming>)| self.stored.contains(op);
        let (there, new): (Vec<_>, Vec<_>) = self.waiting.iter().partition(stored);
        for (op, incoming) in there.into_iter().chain(new) {
            let has_room =
                (known.contains(op) || for_strangers.take(incoming)) && room.take(incoming);
            if self.stored.contains(op) {
                continue;
            }
            if !has_room {
                self.absorbed.beyond.extend(incoming.object.clone());
                continue;
            }
            self.changes.waiting.push(WaitingOp {
                op: *op,
                team: team.id,
                raw: incoming.op.clone(),
            });
            if let Some(pack) = &incoming.pack {
                self.changes.packs.push(Pack {
                    op: *op,
                    bytes: pack.clone(),
                });
            }
        }
    }

    /// What follows from all of the round together.
    async fn finish(mut self, open: &mut Open, id: &TeamId) -> Result<Absorbed, WriteError> {
        let team = &mut open.teams[id];
        let settled = team.ledger.end_round();
        let mut rejudge = std::mem::take(&mut self.rejudge);
        rejudge.note_settled(team, &settled, self.changes);
        if !rejudge.is_empty() {
            // It concerns ops of any time.
            let places = Places::load(&mut open.vault, id).await?.with(&self.places);
            rejudge
                .carry_out(open, id, &places, self.changes, &self.packs)
                .await?;
        }
        self.absorbed.altered = seals::put_aside_altered(open, id, self.changes).await?;
        name_what_opens(open, id, self.changes).await?;
        name_removals(open, id, self.changes).await?;
        self.keep_waiting(&open.teams[id]);
        let team = &open.teams[id];
        for (_, missing) in team.ledger.waiting() {
            if let Missing::Pack(blob) = missing {
                self.absorbed.packs.insert(*blob);
            }
        }
        self.absorbed.lacks_cited = team.ledger.lacks_cited(&team.device);
        Ok(self.absorbed)
    }
}
