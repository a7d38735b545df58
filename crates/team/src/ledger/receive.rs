//! The way in: from bytes to a verdict.

use std::collections::{BTreeSet, VecDeque};

use super::introduce::{Introduction, Newcomer, check_genesis, newcomers};
use super::waiting::{Envelope, Missing, News, Waiting};
use super::{DeviceAge, Effects, Ledger, Standing};
use crate::caps;
use crate::chains::{Archive, Placed};
use crate::error::{Malformed, Rejection};
use crate::ids::{BundleId, DeviceId, MemberId, OpId};
use crate::keyring::{BadWrap, Keyring, Learned, Taken};
use crate::op::{Action, Content, EpochKey};
use crate::pack;
use crate::past::Frontier;
use crate::rules::{Act, Control, Core, Origin};
use crate::wire::{Author, SignedOp, VerifiedOp};

/// Bytes that arrived, or were written here.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The op.
    pub op: &'a [u8],
    /// The pack that it cites, when it is here.
    pub pack: Option<&'a [u8]>,
}

/// The answer for one op.
#[derive(Debug)]
pub enum Receipt {
    /// It has its place in the history; what changed.
    Applied(Box<VerifiedOp>, Effects),
    /// It can't be placed yet. Keys may have been learned from it all the same.
    Waiting {
        /// Which op.
        op: OpId,
        /// What it waits for.
        missing: Missing,
        /// Keys from its key section.
        learned: Vec<Learned>,
    },
    /// It was applied before.
    Known(OpId),
    /// It will never be applied, and changes nothing.
    Rejected(Rejection),
}

impl Ledger {
    /// Receives an op, and then whatever had waited for it. The first receipt is the op's own.
    pub fn receive(&mut self, arrival: Arrival<'_>, keys: &mut Keyring, archive: &dyn Archive) -> Vec<Receipt> {
        let mut known = Known { archive, just_applied: BTreeSet::new() };
        let mut receipts = vec![self.receive_one(arrival, keys, &known)];
        let mut ready = known.note(&receipts[0]);
        while let Some(news) = ready.pop_front() {
            for Waiting { bytes, pack, .. } in self.waiting.release(news) {
                let receipt = self.receive_one(Arrival { op: &bytes, pack: pack.as_deref() }, keys, &known);
                ready.extend(known.note(&receipt));
                receipts.push(receipt);
            }
        }
        receipts
    }

    /// Ops that wait, and for what.
    pub fn waiting(&self) -> impl Iterator<Item = (&OpId, &Missing)> {
        self.waiting.iter()
    }

    fn receive_one(&mut self, arrival: Arrival<'_>, keys: &mut Keyring, archive: &dyn Archive) -> Receipt {
        let signed = match SignedOp::verify(arrival.op) {
            Ok(signed) if signed.team() != self.team => return Receipt::Rejected(Malformed::OtherTeam.into()),
            Ok(signed) => signed,
            Err(rejection) => return Receipt::Rejected(rejection),
        };
        let (op, device) = (signed.id(), signed.device());
        if self.chains.find(&device, signed.seq(), &op, archive).is_some() {
            return Receipt::Known(op);
        }
        let known = self.introduced.contains_key(&device);
        let carries_keys = !signed.keys().wraps.is_empty() || !signed.keys().seals.is_empty();
        let taken = self.take_keys(&signed, known, keys);
        self.waiting.remove(&op);
        match self.place(signed, arrival, keys, archive) {
            Ok(Found { op, sealed, newcomers }) => {
                let mut effects = self.settle(&op, &newcomers, sealed, keys);
                effects.learned.splice(0..0, taken.learned);
                effects.unopened.splice(0..0, taken.unopened);
                Receipt::Applied(Box::new(op), effects)
            }
            Err(Unplaced::Missing(missing)) => {
                self.waiting.admit(Envelope { op, device, known, carries_keys }, arrival, missing);
                Receipt::Waiting { op, missing, learned: taken.learned }
            }
            Err(Unplaced::Rejected(rejection)) => Receipt::Rejected(rejection),
        }
    }

    /// Takes the keys that an op brings, before its author is known: they may only open, they
    /// prove nothing.
    fn take_keys(&mut self, signed: &SignedOp, known: bool, keys: &mut Keyring) -> Taken {
        if !known && self.taken_from_strangers >= caps::KEYS_FROM_STRANGERS {
            return Taken::default();
        }
        let mut taken = keys.take_from(signed.keys(), signed.device());
        if !known {
            self.taken_from_strangers += taken.learned.len();
        }
        if taken.learned.iter().any(|learned| matches!(learned, Learned::Seed(..))) {
            // Epochs that were started before this seed was here may be wrapped to it.
            for op in self.control.values() {
                taken.learned.extend(take_bundle_key(op, keys).ok().flatten());
            }
        }
        taken
    }

    /// Opens the op and finds its place; nothing is changed unless all of it holds.
    fn place(
        &mut self,
        signed: SignedOp,
        arrival: Arrival<'_>,
        keys: &Keyring,
        archive: &dyn Archive,
    ) -> Result<Found, Unplaced> {
        let (id, device, seq, prev) = (signed.id(), signed.device(), signed.seq(), signed.prev());
        let log_key = keys.log_key(&signed.log_key()).ok_or(Missing::LogKey(signed.log_key()))?;
        let opened = signed.open(log_key)?;
        let founder = match opened.action() {
            Action::Genesis(genesis) if id == self.genesis => Some(check_genesis(&self.team, &opened, genesis)?),
            Action::Genesis(_) => return Err(Rejection::OtherGenesis { op: id }.into()),
            _ if self.introduced.contains_key(&device) => None,
            _ => return Err(Missing::Device(device).into()),
        };

        let find = |device: DeviceId, seq: u64, op: OpId| {
            self.chains.find(&device, seq, &op, archive).ok_or_else(|| Missing::Op {
                device,
                seq,
                op,
                another_stands: self.chains.reaches(&device, seq),
            })
        };
        let misplaced = Rejection::Chain { op: id, device, seq };
        let prev = match prev {
            Some(prev) if self.chains.stands_elsewhere(&device, seq - 1, &prev) => return Err(misplaced.into()),
            Some(prev) => Some(find(device, seq - 1, prev)?),
            None => None,
        };
        let deps = opened.deps().iter().map(|dep| find(dep.0, dep.1, dep.2)).collect::<Result<Vec<_>, _>>()?;
        let seen = prev.map(|prev| self.chains.seen_with(prev).0).unwrap_or_default();
        if deps.iter().any(|dep| seen.includes(dep.chain, dep.seq)) {
            // Citations are what is new since the author's own previous op.
            return Err(misplaced.into());
        }
        let placed = self.chains.plan(&device, prev, &deps);
        if placed.lamport != opened.lamport() {
            return Err(Rejection::Lamport { op: id }.into());
        }
        let author = match founder {
            Some(member) => Author { member, added_by: None, recovery: false },
            // Introduced somewhere, but not in what the op had seen.
            None => self.author_by(&device, &placed.past).ok_or(misplaced)?,
        };
        let newcomers = newcomers(&self.team, &opened, &author.member, author.recovery)?;
        let sealed = sealed_versions(opened.action(), arrival.pack)?;
        self.chains.place(device, id, &placed, !opened.action().is_data());
        Ok(Found { op: opened.verified(author, placed), sealed, newcomers })
    }

    /// Who writes with a device, by what an op with this past had seen.
    pub(super) fn author_by(&mut self, device: &DeviceId, past: &Frontier) -> Option<Author> {
        let Introduction { member, age, by, .. } = self.introduction(device, past)?;
        Some(Author { member, added_by: by, recovery: !age.ordinary })
    }

    /// Judges a placed op and works out what it changes.
    fn settle(
        &mut self,
        op: &VerifiedOp,
        newcomers: &[Newcomer],
        sealed: pack::SealedVersions,
        keys: &mut Keyring,
    ) -> Effects {
        if op.action.is_data() {
            return self.settle_data(op, sealed);
        }
        let mut effects = Effects::default();
        let aged = self.introduce(op, newcomers);
        effects.introduced = newcomers.iter().map(|new| DeviceId::of(&new.keys)).collect();
        let latest = self.control.last_key_value().is_none_or(|(last, _)| *last < op.order());
        let disturbed = self.insert_into_core(op);
        self.control.insert(op.order(), op.clone());
        // A reduction bears on acts that the rule core does not know, if it had not seen them.
        let reduces = matches!(op.action, Action::RevokeDevice(_)) && !self.has_seen_all(op);
        if latest && !disturbed && !aged && !reduces {
            self.apply_last(op);
        } else {
            if aged {
                self.rebuild_core();
            }
            let before = self.state.standings().clone();
            self.rebuild();
            effects.changed = self.state.changes_since(&before, &op.id);
            effects.rejudge_data = true;
        }
        let standing = self.state.standing(&op.id);
        effects.standing = Some(standing);
        match take_bundle_key(op, keys) {
            Ok(learned) => effects.learned.extend(learned),
            Err(BadWrap) => effects.unopened.extend(epoch_of(op).map(|(_, epoch)| epoch.key)),
        }
        if let (Action::StartEpoch(start), Standing::Valid) = (&op.action, standing) {
            effects.reseals = super::judge::applied_reseals(op, start, sealed);
        }
        effects
    }

    fn settle_data(&self, op: &VerifiedOp, sealed: pack::SealedVersions) -> Effects {
        let standing = self.judge_data(op);
        let versions = if standing == Standing::Void { Vec::new() } else { applied_versions(op, sealed) };
        Effects { standing: Some(standing), versions, ..Effects::default() }
    }

    /// How a data op stands now that was applied before, and what it brings: to be asked of the
    /// team's data ops when another op's effects say [`Effects::rejudge_data`]. None if this is no
    /// data op that was applied, or its pack is missing.
    pub fn judge_again(&mut self, arrival: Arrival<'_>, keys: &Keyring, archive: &dyn Archive) -> Option<Effects> {
        let signed = SignedOp::verify(arrival.op).ok().filter(|signed| signed.team() == self.team)?;
        let device = signed.device();
        let place = self.chains.find(&device, signed.seq(), &signed.id(), archive)?;
        let log_key = keys.log_key(&signed.log_key())?;
        let opened = signed.open(log_key).ok().filter(|opened| opened.action().is_data())?;
        let (past, lamport) = self.chains.past_of(place);
        let author = self.author_by(&device, &past)?;
        let sealed = sealed_versions(opened.action(), arrival.pack).ok()?;
        let op = opened.verified(author, Placed { place, past, lamport });
        Some(self.settle_data(&op, sealed))
    }

    fn has_seen_all(&self, op: &VerifiedOp) -> bool {
        let Placed { place, past, .. } = &op.placed;
        self.chains.heads().all(|(chain, _, seq, _)| chain == place.chain || past.includes(chain, seq))
    }

    /// Hands an op that the rule core judges to it. True when another op's verdict changed.
    pub(super) fn insert_into_core(&mut self, op: &VerifiedOp) -> bool {
        let Some(control) = self.control_of(op) else { return false };
        let changes = self.core.insert(control).expect("places are handed out once and in order");
        changes.valid.iter().chain(&changes.void).any(|changed| *changed != op.id)
    }

    /// Fills the rule core anew, after a device's age changed.
    pub(super) fn rebuild_core(&mut self) {
        let controls: Vec<_> = self.control.values().filter_map(|op| self.control_of(op)).collect();
        self.core = Core::new(self.genesis);
        self.core.extend(controls).expect("(lamport, id) is a causal order, and ids are unique");
    }

    /// The op as the rule core sees it, if it is one of those that the core judges.
    fn control_of(&self, op: &VerifiedOp) -> Option<Control<OpId, MemberId, DeviceAge>> {
        let act = match &op.action {
            Action::Genesis(_) => Act::Genesis,
            Action::AddDevice(_) => {
                let brought = |one: &Introduction| one.by == Some(op.id);
                let new = self.introduced.values().find(|device| device.introductions().any(brought))?;
                Act::AddDevice { member: op.member, device: new.age() }
            }
            Action::RevokeDevice(revoke) => {
                let target = self.introduced.get(&revoke.device)?;
                target.within(&op.placed.past).find(|one| one.member == revoke.member)?;
                Act::RevokeDevice { member: revoke.member, device: target.age() }
            }
            _ => return None,
        };
        Some(Control { id: op.id, origin: self.origin(op), lamport: op.placed.lamport, act })
    }

    pub(super) fn origin(&self, op: &VerifiedOp) -> Origin<OpId, MemberId, DeviceAge> {
        Origin {
            author: op.member,
            device: self.introduced[&op.device].age(),
            device_added_by: op.added_by,
            chain: op.placed.place.chain,
            position: op.placed.place.seq,
            past: op.placed.past.clone(),
        }
    }
}

/// The archive, and what it can't know yet: ops that were applied since it was asked to receive.
struct Known<'a> {
    archive: &'a dyn Archive,
    just_applied: BTreeSet<(DeviceId, u64, OpId)>,
}

impl Known<'_> {
    /// Takes note of an answer, and says what may end the wait of others.
    fn note(&mut self, receipt: &Receipt) -> VecDeque<News> {
        if let Receipt::Applied(op, _) = receipt {
            self.just_applied.insert((op.device, op.seq, op.id));
        }
        news_in(receipt).into()
    }
}

impl Archive for Known<'_> {
    fn ids_at(&self, device: &DeviceId, seq: u64) -> Vec<OpId> {
        let mut ids = self.archive.ids_at(device, seq);
        let just = self.just_applied.iter().filter(|(by, at, _)| (by, *at) == (device, seq));
        ids.extend(just.map(|(_, _, op)| *op));
        ids
    }
}

/// An op that has its place, with what goes along.
struct Found {
    op: VerifiedOp,
    sealed: pack::SealedVersions,
    newcomers: Vec<Newcomer>,
}

/// The bundle and key of the epoch that an op starts.
fn epoch_of(op: &VerifiedOp) -> Option<(BundleId, &EpochKey)> {
    match &op.action {
        Action::CreateBundle(create) => Some((create.bundle, &create.epoch)),
        Action::StartEpoch(start) => Some((start.bundle, &start.epoch)),
        _ => None,
    }
}

/// Takes the key of the epoch that an op starts, valid or not: puts may stand under it.
fn take_bundle_key(op: &VerifiedOp, keys: &mut Keyring) -> Result<Option<Learned>, BadWrap> {
    let Some((bundle, epoch)) = epoch_of(op) else { return Ok(None) };
    keys.take_bundle_key(bundle, epoch.key, &epoch.wraps, op.device)
}

/// What an answer may end the wait of others with.
fn news_in(receipt: &Receipt) -> Vec<News> {
    let learned = |learned: &[Learned]| -> Vec<News> {
        let news = |learned: &Learned| match learned {
            Learned::Log(key) => Some(News::LogKey(*key)),
            Learned::Seed(..) => Some(News::Seed),
            Learned::Bundle(..) => None,
        };
        learned.iter().filter_map(news).collect()
    };
    match receipt {
        Receipt::Applied(op, effects) => {
            let mut news = learned(&effects.learned);
            news.push(News::Op(op.id));
            news.extend(effects.introduced.iter().map(|device| News::Device(*device)));
            news
        }
        Receipt::Waiting { learned: keys, .. } => learned(keys),
        Receipt::Known(_) | Receipt::Rejected(_) => Vec::new(),
    }
}

enum Unplaced {
    Missing(Missing),
    Rejected(Rejection),
}

impl From<Missing> for Unplaced {
    fn from(missing: Missing) -> Self {
        Unplaced::Missing(missing)
    }
}

impl From<Rejection> for Unplaced {
    fn from(rejection: Rejection) -> Self {
        Unplaced::Rejected(rejection)
    }
}

impl From<Malformed> for Unplaced {
    fn from(malformed: Malformed) -> Self {
        Unplaced::Rejected(malformed.into())
    }
}

/// The sealed versions of an op, from itself or from its pack.
fn sealed_versions(action: &Action, pack: Option<&[u8]>) -> Result<pack::SealedVersions, Unplaced> {
    let (content, count) = match action {
        Action::Put(put) => (&put.content, put.versions.len()),
        Action::StartEpoch(start) => (&start.content, start.reseals.len()),
        _ => return Ok(Vec::new()),
    };
    match content {
        Content::Inline(sealed) => Ok(sealed.clone()),
        Content::Pack(id) => {
            let pack = pack.ok_or(Missing::Pack(*id))?;
            pack::read_pack(id, pack, count).map_err(|malformed| match malformed {
                // Another pack than the one that the op cites says nothing against the op.
                Malformed::TooLarge | Malformed::Inconsistent if pack::pack_id(pack) != *id => Missing::Pack(*id).into(),
                malformed => malformed.into(),
            })
        }
    }
}

fn applied_versions(op: &VerifiedOp, sealed: pack::SealedVersions) -> Vec<super::AppliedVersion> {
    let version = |bundle, new: &crate::op::NewVersion, sealed| super::AppliedVersion {
        bundle,
        entry: new.0,
        version: new.1,
        predecessors: new.2.clone(),
        sealed,
    };
    match &op.action {
        Action::Put(put) => put
            .versions
            .iter()
            .zip(sealed)
            .map(|(new, sealed)| version(put.bundle, new, Some((put.epoch, sealed.into_vec()))))
            .collect(),
        Action::Delete(delete) => delete.removals.iter().map(|new| version(delete.bundle, new, None)).collect(),
        _ => Vec::new(),
    }
}
