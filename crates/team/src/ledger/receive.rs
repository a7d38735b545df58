//! The way in: from bytes to a verdict.

use std::collections::BTreeMap;

use crypto::{KeyId, Purpose, Signed};

use super::{DeviceAge, Effects, Introduced, Ledger, Standing};
use crate::caps;
use crate::chains::{Archive, Place};
use crate::error::{Malformed, Rejection};
use crate::ids::{BlobId, DeviceId, MemberId, OpId, TeamId};
use crate::keyring::{Keyring, Learned};
use crate::op::{Action, AddDevice, Content, Genesis};
use crate::pack;
use crate::rules::{Act, Control, Origin, Role};
use crate::wire::{OpenedOp, SignedOp, VerifiedOp};

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

/// What an op waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// An op that it continues or cites. `another_stands`: a different op is known there (a fork,
    /// or a citation of what the author's device never wrote here).
    Op {
        /// Whose.
        device: DeviceId,
        /// At which seq.
        seq: u64,
        /// Which op.
        op: OpId,
        /// Whether another op is known at that place.
        another_stands: bool,
    },
    /// The log key it is sealed under.
    LogKey(KeyId),
    /// The op that introduces its author.
    Device(DeviceId),
    /// The pack it cites.
    Pack(BlobId),
}

/// Ops that can't be placed yet, capped.
#[derive(Debug, Default)]
pub(super) struct WaitingRoom {
    ops: BTreeMap<OpId, Waiting>,
    arrivals: u64,
}

#[derive(Debug)]
struct Waiting {
    arrival: u64,
    bytes: Vec<u8>,
    pack: Option<Vec<u8>>,
    missing: Missing,
}

impl WaitingRoom {
    fn admit(&mut self, op: OpId, arrival: Arrival<'_>, missing: Missing) {
        self.arrivals += 1;
        let waiting = Waiting {
            arrival: self.arrivals,
            bytes: arrival.op.to_vec(),
            pack: arrival.pack.map(<[u8]>::to_vec),
            missing,
        };
        self.ops.insert(op, waiting);
        let unknown = |waiting: &Waiting| matches!(waiting.missing, Missing::Device(_));
        if self.ops.values().filter(|w| unknown(w)).count() > caps::WAITING_UNKNOWN {
            self.evict(unknown);
        }
        if self.ops.len() > caps::WAITING {
            self.evict(|_| true);
        }
    }

    /// Drops the one that has waited longest: it can be had from the remote again.
    fn evict(&mut self, which: impl Fn(&Waiting) -> bool) {
        let oldest = self.ops.iter().filter(|(_, w)| which(w)).min_by_key(|(_, w)| w.arrival).map(|(id, _)| *id);
        if let Some(oldest) = oldest {
            self.ops.remove(&oldest);
        }
    }

    fn take_ready(&mut self, ready: impl Fn(&Missing) -> bool) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
        let id = *self.ops.iter().find(|(_, waiting)| ready(&waiting.missing))?.0;
        self.ops.remove(&id).map(|waiting| (waiting.bytes, waiting.pack))
    }
}

impl Ledger {
    /// Receives an op, and then whatever had waited for it. The first receipt is the op's own.
    pub fn receive(&mut self, arrival: Arrival<'_>, keys: &mut Keyring, archive: &dyn Archive) -> Vec<Receipt> {
        let mut receipts = vec![self.receive_one(arrival, keys, archive)];
        while let Some((op, pack)) = self.take_ready(keys, archive) {
            receipts.push(self.receive_one(Arrival { op: &op, pack: pack.as_deref() }, keys, archive));
        }
        receipts
    }

    /// Ops that wait, and for what.
    pub fn waiting(&self) -> impl Iterator<Item = (&OpId, &Missing)> {
        self.waiting.ops.iter().map(|(id, waiting)| (id, &waiting.missing))
    }

    fn take_ready(&mut self, keys: &Keyring, archive: &dyn Archive) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
        let (chains, introduced) = (&self.chains, &self.introduced);
        self.waiting.take_ready(|missing| match missing {
            Missing::Op { device, seq, op, .. } => chains.find(device, *seq, op, archive).is_some(),
            Missing::LogKey(id) => keys.log_key(id).is_some(),
            Missing::Device(device) => introduced.contains_key(device),
            // The pack comes with the op when it is received again.
            Missing::Pack(_) => false,
        })
    }

    fn receive_one(&mut self, arrival: Arrival<'_>, keys: &mut Keyring, archive: &dyn Archive) -> Receipt {
        let signed = match SignedOp::verify(arrival.op) {
            Ok(signed) if signed.team() != self.team => return Receipt::Rejected(Malformed::OtherTeam.into()),
            Ok(signed) => signed,
            Err(rejection) => return Receipt::Rejected(rejection),
        };
        let op = signed.id();
        if self.chains.find(&signed.device(), signed.seq(), &op, archive).is_some() {
            return Receipt::Known(op);
        }
        // Keys are taken before the author is known: they may only open, they prove nothing.
        let learned = keys.take_from(signed.keys(), signed.device());
        match self.place(signed, arrival, keys, archive) {
            Ok((placed, sealed)) => {
                let mut effects = self.settle(&placed, sealed, keys);
                effects.learned.splice(0..0, learned);
                Receipt::Applied(Box::new(placed), effects)
            }
            Err(Unplaced::Missing(missing)) => {
                self.waiting.admit(op, arrival, missing);
                Receipt::Waiting { op, missing, learned }
            }
            Err(Unplaced::Rejected(rejection)) => Receipt::Rejected(rejection),
        }
    }

    /// Opens the op and finds its place; nothing is changed unless all of it holds.
    fn place(
        &mut self,
        signed: SignedOp,
        arrival: Arrival<'_>,
        keys: &Keyring,
        archive: &dyn Archive,
    ) -> Result<(VerifiedOp, pack::SealedVersions), Unplaced> {
        let (id, device, seq, prev) = (signed.id(), signed.device(), signed.seq(), signed.prev());
        let log_key = keys.log_key(&signed.log_key()).ok_or(Missing::LogKey(signed.log_key()))?;
        let opened = signed.open(log_key)?;

        let genesis = matches!(opened.action(), Action::Genesis(_));
        if genesis != (id == self.genesis) {
            return Err(Rejection::OtherGenesis { op: id }.into());
        }
        let introductions = self.introductions(&opened)?;
        let member = match self.introduced.get(&device) {
            Some(introduced) => introduced.member,
            None if genesis => introductions[0].member,
            None => return Err(Missing::Device(device).into()),
        };

        let find = |device: DeviceId, seq: u64, op: OpId| {
            self.chains.find(&device, seq, &op, archive).ok_or_else(|| Missing::Op {
                device,
                seq,
                op,
                another_stands: self.chains.reaches(&device, seq),
            })
        };
        let prev = match prev {
            Some(prev) => Some(find(device, seq - 1, prev)?),
            None => None,
        };
        let deps = opened.deps().iter().map(|dep| find(dep.0, dep.1, dep.2)).collect::<Result<Vec<_>, _>>()?;
        if !genesis && prev.is_none() && deps.is_empty() {
            return Err(Rejection::Chain { op: id, device, seq }.into());
        }
        let placed = self.chains.plan(&device, prev, &deps);
        if placed.lamport != opened.lamport() {
            return Err(Rejection::Lamport { op: id }.into());
        }
        let sealed = sealed_versions(opened.action(), arrival.pack)?;

        let data = opened.action().is_data();
        self.chains.place(device, id, &placed, !data);
        self.introduce(introductions, placed.place);
        Ok((opened.verified(member, placed), sealed))
    }

    /// Of two ops that introduce one device the earlier in (lamport, id) does.
    fn introduce(&mut self, introductions: Vec<Introduction>, place: Place) {
        for Introduction { member, keys, age, by } in introductions {
            let new = Introduced { member, keys, age, place, by };
            let known = self.introduced.entry(age.device).or_insert(new);
            if new.age < known.age {
                *known = new;
            }
        }
    }

    /// The devices that an op introduces, with their statements checked.
    fn introductions(&self, opened: &OpenedOp) -> Result<Vec<Introduction>, Unplaced> {
        let op = opened.signed().id();
        let lamport = opened.lamport();
        match opened.action() {
            Action::Genesis(genesis) => {
                let (member, recovery) = check_genesis(&self.team, opened, genesis)?;
                let device = opened.signer();
                Ok(vec![
                    Introduction { member, keys: device, age: age(true, lamport, op, device), by: None },
                    Introduction { member, keys: recovery, age: age(false, lamport, op, recovery), by: None },
                ])
            }
            Action::AddDevice(add) => {
                let author = opened.signed().device();
                let Some(introduced) = self.introduced.get(&author) else {
                    return Err(Missing::Device(author).into());
                };
                let member = introduced.member;
                let keys = check_statement(&self.team, &member, add)?;
                let age = age(!add.recovery, lamport, op, keys);
                Ok(vec![Introduction { member, keys, age, by: Some(op) }])
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Judges a placed op and works out what it changes.
    fn settle(&mut self, op: &VerifiedOp, sealed: pack::SealedVersions, keys: &mut Keyring) -> Effects {
        let mut effects = Effects::default();
        if op.action.is_data() {
            let standing = self.judge_data(op);
            effects.standing = Some(standing);
            if standing != Standing::Void {
                effects.versions = applied_versions(op, sealed);
            }
            return effects;
        }
        let before = self.state.standings().clone();
        let latest = self.control.last_key_value().is_none_or(|(last, _)| *last < op.order());
        let disturbed = self.insert_into_core(op);
        self.control.insert(op.order(), op.clone());
        if latest && !disturbed {
            self.apply_last(op);
        } else {
            self.rebuild();
        }
        let standing = self.state.standing(&op.id);
        effects.standing = Some(standing);
        effects.changed = self.state.changes_since(&before, &op.id);
        self.learn_bundle_keys(op, keys, &mut effects);
        if let (Action::StartEpoch(start), Standing::Valid) = (&op.action, standing) {
            effects.reseals = super::judge::applied_reseals(op, start, sealed);
        }
        effects
    }

    /// Hands an op that the rule core judges to it. True when another op's verdict changed.
    fn insert_into_core(&mut self, op: &VerifiedOp) -> bool {
        let act = match &op.action {
            Action::Genesis(_) => Act::Genesis,
            Action::AddDevice(add) => match check_statement(&self.team, &op.member, add) {
                Ok(keys) => Act::AddDevice { member: op.member, device: self.age_of(&keys, op, !add.recovery) },
                Err(_) => return false,
            },
            Action::RevokeDevice(revoke) => match self.introduced.get(&revoke.device) {
                Some(introduced) if introduced.member == revoke.member => {
                    Act::RevokeDevice { member: revoke.member, device: introduced.age }
                }
                _ => return false,
            },
            _ => return false,
        };
        let control = Control { id: op.id, origin: self.origin(op), lamport: op.placed.lamport, act };
        let changes = self.core.insert(control).expect("places are handed out once and in order");
        changes.valid.iter().chain(&changes.void).any(|changed| *changed != op.id)
    }

    fn origin(&self, op: &VerifiedOp) -> Origin<OpId, MemberId, DeviceAge> {
        let introduced = self.introduced[&op.device];
        Origin {
            author: op.member,
            device: introduced.age,
            device_added_by: introduced.by,
            chain: op.placed.place.chain,
            position: op.placed.place.seq,
            past: op.placed.past.clone(),
        }
    }

    fn age_of(&self, keys: &crypto::DevicePublic, op: &VerifiedOp, ordinary: bool) -> DeviceAge {
        self.introduced
            .get(&DeviceId::of(keys))
            .map_or_else(|| age(ordinary, op.placed.lamport, op.id, *keys), |introduced| introduced.age)
    }

    fn learn_bundle_keys(&self, op: &VerifiedOp, keys: &mut Keyring, effects: &mut Effects) {
        let (bundle, epoch) = match &op.action {
            Action::CreateBundle(create) => (create.bundle, &create.epoch),
            Action::StartEpoch(start) => (start.bundle, &start.epoch),
            _ => return,
        };
        effects.learned.extend(keys.take_bundle_key(bundle, epoch.key, &epoch.wraps, op.device));
    }

    /// Puts an op back that this vault applied before, from its own `op` table, in the order in
    /// which it was applied. Ops in between that only put data need not be given: their places are
    /// taken on trust, for the vault's root covers them.
    pub fn restore(&mut self, bytes: &[u8], keys: &Keyring) -> Result<(), Rejection> {
        let signed = SignedOp::verify(bytes)?;
        let (id, device, seq) = (signed.id(), signed.device(), signed.seq());
        if signed.team() != self.team {
            return Err(Malformed::OtherTeam.into());
        }
        if let Some(prev) = signed.prev() {
            self.chains.skip_to(&device, seq - 1, prev);
        }
        let log_key = keys.log_key(&signed.log_key()).ok_or(Rejection::Sealed { op: id })?;
        let opened = signed.open(log_key)?;
        for dep in opened.deps() {
            self.chains.skip_to(&dep.0, dep.1, dep.2);
        }
        let introductions = self.introductions(&opened).map_err(|_| Rejection::Chain { op: id, device, seq })?;
        let known = self.introduced.get(&device).map(|introduced| introduced.member);
        let first = introductions.first().map(|new| new.member);
        let member = known.or(first).ok_or(Rejection::Chain { op: id, device, seq })?;
        let at = |device: &DeviceId, seq: u64| self.chains.head(device).map(|(head, _)| Place { seq, ..head });
        let prev = if seq == 0 { None } else { at(&device, seq - 1) };
        let deps: Vec<Place> = opened.deps().iter().filter_map(|dep| at(&dep.0, dep.1)).collect();
        let placed = self.chains.plan(&device, prev, &deps);
        let data = opened.action().is_data();
        self.chains.place(device, id, &placed, !data);
        self.introduce(introductions, placed.place);
        if !data {
            let op = opened.verified(member, placed);
            self.insert_into_core(&op);
            self.control.insert(op.order(), op);
        }
        Ok(())
    }

    /// Ends a restore: takes the heads on trust, and works the state out once.
    pub fn restored(&mut self, heads: impl IntoIterator<Item = (DeviceId, u64, OpId)>) {
        for (device, seq, op) in heads {
            self.chains.skip_to(&device, seq, op);
        }
        self.rebuild();
    }

    /// The role that a data op's or bundle act's author had in its own past, and whether a
    /// standing reduction cuts it off.
    pub(super) fn author_of(&self, op: &VerifiedOp) -> AuthorView {
        let at = self.core.author_at(&self.origin(op));
        AuthorView { role: if at.device_ok { at.role } else { Role::None }, cut: at.cut_by.is_some() }
    }
}

pub(super) struct AuthorView {
    pub role: Role,
    pub cut: bool,
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

/// A device that an op introduces, before the op has its place.
struct Introduction {
    member: MemberId,
    keys: crypto::DevicePublic,
    age: DeviceAge,
    by: Option<OpId>,
}

fn age(ordinary: bool, lamport: u64, added_by: OpId, keys: crypto::DevicePublic) -> DeviceAge {
    DeviceAge { ordinary, lamport, added_by, device: DeviceId::of(&keys) }
}

/// What a new device or recovery key signs to show that it holds its keys: (team, member).
pub(crate) fn statement_payload(team: &TeamId, member: &MemberId) -> Vec<u8> {
    [team.as_bytes().as_slice(), member.as_bytes()].concat()
}

fn check_genesis(
    team: &TeamId,
    opened: &OpenedOp,
    genesis: &Genesis,
) -> Result<(MemberId, crypto::DevicePublic), Malformed> {
    let founder = &genesis.founder;
    let device = opened.signed().device();
    if founder.device.keys != opened.signer() || TeamId::derive(&device, &genesis.nonce) != *team {
        return Err(Malformed::Inconsistent);
    }
    if opened.signed().seq() != 0 || !opened.deps().is_empty() || opened.lamport() != 0 {
        return Err(Malformed::Inconsistent);
    }
    let member = MemberId::derive(team, &founder.public);
    let recovery = verify_statement(team, &member, &founder.recovery, Purpose::RecoveryStatement)?;
    Ok((member, recovery))
}

fn check_statement(team: &TeamId, member: &MemberId, add: &AddDevice) -> Result<crypto::DevicePublic, Malformed> {
    let purpose = if add.recovery { Purpose::RecoveryStatement } else { Purpose::DeviceStatement };
    verify_statement(team, member, &add.statement, purpose)
}

fn verify_statement(
    team: &TeamId,
    member: &MemberId,
    statement: &[u8],
    purpose: Purpose,
) -> Result<crypto::DevicePublic, Malformed> {
    let signed = Signed::parse(statement).map_err(|_| Malformed::Inconsistent)?;
    let verified = signed.verify_and_open(purpose).map_err(|_| Malformed::Inconsistent)?;
    if verified.payload() == statement_payload(team, member) {
        Ok(verified.signer())
    } else {
        Err(Malformed::Inconsistent)
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
        Content::Pack(id) => Ok(pack::read_pack(id, pack.ok_or(Missing::Pack(*id))?, count)?),
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
