//! The way in: from bytes to a place in the history.

use std::collections::{BTreeSet, VecDeque};

use crypto::KeyId;

use super::introduce::{Introduced, Introduction, Newcomer, check_genesis, newcomers};
use super::settle::take_bundle_keys;
use super::waiting::{Envelope, Missing, News, Waiting};
use super::{Effects, Ledger};
use crate::caps;
use crate::chains::Archive;
use crate::error::{Malformed, Rejection};
use crate::ids::{BlobId, DeviceId, OpId};
use crate::keyring::{Keyring, Learned, Taken};
use crate::op::{Action, Content};
use crate::pack;
use crate::past::Frontier;
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
        /// The device that signed it.
        device: DeviceId,
        /// Ids of keys that it gives to this device or member, and that do not open.
        unopened: Vec<KeyId>,
    },
    /// It was applied before.
    Known(OpId),
    /// It will never be applied, and changes nothing but keys.
    Rejected {
        /// Why.
        rejection: Rejection,
        /// Keys from its key section: a key is none the worse for who brought it, and other ops
        /// may stand under it.
        learned: Vec<Learned>,
    },
}

impl From<Rejection> for Receipt {
    fn from(rejection: Rejection) -> Self {
        Receipt::Rejected {
            rejection,
            learned: Vec::new(),
        }
    }
}

impl Ledger {
    /// Receives an op, and then whatever had waited for it. The first receipt is the op's own.
    pub fn receive(
        &mut self,
        arrival: Arrival<'_>,
        keys: &mut Keyring,
        archive: &dyn Archive,
    ) -> Vec<Receipt> {
        self.receive_verified(SignedOp::verify(arrival.op), arrival, keys, archive)
    }

    /// As [`Self::receive`], for an op whose signature was verified already: from the same bytes.
    pub fn receive_signed(
        &mut self,
        signed: SignedOp,
        arrival: Arrival<'_>,
        keys: &mut Keyring,
        archive: &dyn Archive,
    ) -> Vec<Receipt> {
        self.receive_verified(Ok(signed), arrival, keys, archive)
    }

    /// Takes the keys that an op brings before it is received. They may only open, they prove
    /// nothing; what can be opened ahead can be received in its order.
    pub fn take_keys_ahead(&mut self, signed: &SignedOp, keys: &mut Keyring) -> Vec<Learned> {
        if signed.team() != self.team {
            return Vec::new();
        }
        let known = self.introduced.contains_key(&signed.device());
        self.take_keys(signed, known, keys).learned
    }

    fn receive_verified(
        &mut self,
        signed: Result<SignedOp, Rejection>,
        arrival: Arrival<'_>,
        keys: &mut Keyring,
        archive: &dyn Archive,
    ) -> Vec<Receipt> {
        let mut known = Known {
            archive,
            just_applied: BTreeSet::new(),
        };
        let mut receipts = vec![self.receive_one(signed, arrival, keys, &known)];
        let mut ready = known.note(&receipts[0]);
        while let Some(news) = ready.pop_front() {
            for Waiting { bytes, pack, .. } in self.waiting.release(news) {
                let arrival = Arrival {
                    op: &bytes,
                    pack: pack.as_deref(),
                };
                let signed = SignedOp::verify(&bytes);
                let mut receipt = self.receive_one(signed, arrival, keys, &known);
                ready.extend(known.note(&receipt));
                if let Receipt::Applied(_, effects) = &mut receipt {
                    effects.waited = Some((bytes, pack));
                }
                receipts.push(receipt);
            }
        }
        receipts
    }

    /// Ops that wait, and for what.
    pub fn waiting(&self) -> impl Iterator<Item = (&OpId, &Missing)> {
        self.waiting.iter()
    }

    /// The bytes of all ops that wait for a pack.
    pub fn waiting_for_pack(&self, pack: &BlobId) -> impl Iterator<Item = &[u8]> {
        self.waiting.for_pack(pack)
    }

    /// Ops that wait, of devices that some op has introduced: more room is theirs than strangers'.
    pub fn waiting_of_known(&self) -> impl Iterator<Item = &OpId> {
        self.waiting.of_known_devices().map(|(op, ..)| op)
    }

    fn receive_one(
        &mut self,
        signed: Result<SignedOp, Rejection>,
        arrival: Arrival<'_>,
        keys: &mut Keyring,
        archive: &dyn Archive,
    ) -> Receipt {
        let signed = match signed {
            Ok(signed) if signed.team() != self.team => {
                return Rejection::from(Malformed::OtherTeam).into();
            }
            Ok(signed) => signed,
            Err(rejection) => return rejection.into(),
        };
        let (op, device) = (signed.id(), signed.device());
        if self
            .chains
            .find(&device, signed.seq(), &op, archive)
            .is_some()
        {
            return Receipt::Known(op);
        }
        let known = self.introduced.contains_key(&device);
        let carries_keys = !signed.keys().wraps.is_empty() || !signed.keys().seals.is_empty();
        let taken = self.take_keys(&signed, known, keys);
        self.waiting.remove(&op);
        match self.place(signed, arrival, keys, archive) {
            Ok(Found {
                op,
                sealed,
                newcomers,
            }) => {
                let mut effects = self.settle(&op, &newcomers, sealed, keys);
                effects.learned.splice(0..0, taken.learned);
                effects.unopened.splice(0..0, taken.unopened);
                Receipt::Applied(Box::new(op), effects)
            }
            Err(Unplaced::Missing(missing)) => {
                self.waiting.admit(
                    Envelope {
                        op,
                        device,
                        known,
                        carries_keys,
                    },
                    arrival,
                    missing,
                );
                Receipt::Waiting {
                    op,
                    missing,
                    learned: taken.learned,
                    device,
                    unopened: taken.unopened,
                }
            }
            Err(Unplaced::Rejected(rejection)) => Receipt::Rejected {
                rejection,
                learned: taken.learned,
            },
        }
    }

    /// Takes the keys that an op brings, before its author is known: they may only open, they
    /// prove nothing.
    fn take_keys(&mut self, signed: &SignedOp, known: bool, keys: &mut Keyring) -> Taken {
        if !known && self.taken_from_strangers >= caps::KEYS_FROM_STRANGERS {
            return Taken::default();
        }
        let device = self.introduced.get(&signed.device());
        let own = |device: &Introduced| {
            let mut introductions = device.introductions();
            introductions.any(|one| one.member == keys.member())
        };
        let may_bring_seeds = device.is_none_or(own);
        let mut taken = keys.take_from(signed.keys(), signed.device(), may_bring_seeds);
        if !known {
            // What was tried in vain costs as much.
            self.taken_from_strangers += taken.learned.len() + taken.unopened.len();
        }
        if taken
            .learned
            .iter()
            .any(|learned| matches!(learned, Learned::Seed(..)))
        {
            // Epochs that were started before this seed was here may be wrapped to it.
            for op in self.control.values() {
                taken.learned.extend(take_bundle_keys(op, keys).0);
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
        let log_key = keys
            .log_key(&signed.log_key())
            .ok_or(Missing::LogKey(signed.log_key()))?;
        let opened = signed.open(log_key)?;
        let founder = match opened.action() {
            Action::Genesis(genesis) if id == self.genesis => {
                Some(check_genesis(&self.team, &opened, genesis)?)
            }
            Action::Genesis(_) => return Err(Rejection::OtherGenesis { op: id }.into()),
            _ if self.introduced.contains_key(&device) => None,
            _ => return Err(Missing::Device(device).into()),
        };

        let find = |device: DeviceId, seq: u64, op: OpId| {
            self.chains
                .find(&device, seq, &op, archive)
                .ok_or_else(|| Missing::Op {
                    device,
                    seq,
                    op,
                    another_stands: self.chains.reaches(&device, seq),
                })
        };
        let misplaced = Rejection::Chain {
            op: id,
            device,
            seq,
        };
        let prev = match prev {
            Some(prev) => match find(device, seq - 1, prev) {
                Err(_) if self.chains.stands_elsewhere(&device, seq - 1, &prev) => {
                    return Err(misplaced.into());
                }
                found => Some(found?),
            },
            None => None,
        };
        let deps = opened
            .deps()
            .iter()
            .map(|dep| find(dep.0, dep.1, dep.2))
            .collect::<Result<Vec<_>, _>>()?;
        let seen = prev
            .map(|prev| self.chains.seen_with(prev).0)
            .unwrap_or_default();
        if deps.iter().any(|dep| seen.includes(dep.chain, dep.seq)) {
            // Citations are what is new since the author's own previous op.
            return Err(misplaced.into());
        }
        let placed = self.chains.plan(&device, prev, &deps);
        if placed.lamport != opened.lamport() {
            return Err(Rejection::Lamport { op: id }.into());
        }
        let author = match founder {
            Some(member) => Author {
                member,
                added_by: None,
                recovery: false,
            },
            // Introduced somewhere, but not in what the op had seen.
            None => self.author_by(&device, &placed.past).ok_or(misplaced)?,
        };
        let newcomers = newcomers(&self.team, &opened, &author.member, author.recovery)?;
        let sealed = sealed_versions(opened.action(), arrival.pack)?;
        self.chains
            .place(device, id, &placed, !opened.action().is_data());
        Ok(Found {
            op: opened.verified(author, placed),
            sealed,
            newcomers,
        })
    }

    /// Who writes with a device, by what an op with this past had seen.
    pub(super) fn author_by(&mut self, device: &DeviceId, past: &Frontier) -> Option<Author> {
        let Introduction {
            member, age, by, ..
        } = self.introduction(device, past)?;
        Some(Author {
            member,
            added_by: by,
            recovery: !age.ordinary,
        })
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
        let just = self
            .just_applied
            .iter()
            .filter(|(by, at, _)| (by, *at) == (device, seq));
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
            news.extend(
                effects
                    .introduced
                    .iter()
                    .map(|device| News::Device(*device)),
            );
            news
        }
        Receipt::Waiting { learned: keys, .. } | Receipt::Rejected { learned: keys, .. } => {
            learned(keys)
        }
        Receipt::Known(_) => Vec::new(),
    }
}

pub(super) enum Unplaced {
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
pub(super) fn sealed_versions(
    action: &Action,
    pack: Option<&[u8]>,
) -> Result<pack::SealedVersions, Unplaced> {
    let (content, count) = match action {
        Action::Put(put) => (&put.content, put.versions.len()),
        Action::StartEpoch(start) => (&start.content, start.reseals.len()),
        Action::Reseal(reseal) => (&reseal.content, reseal.reseals.len()),
        _ => return Ok(Vec::new()),
    };
    match content {
        Content::Inline(sealed) => Ok(sealed.clone()),
        Content::Pack(id) => {
            let pack = pack.ok_or(Missing::Pack(*id))?;
            pack::read_pack(id, pack, count).map_err(|malformed| match malformed {
                // Another pack than the one that the op cites says nothing against the op.
                Malformed::TooLarge | Malformed::Inconsistent if pack::pack_id(pack) != *id => {
                    Missing::Pack(*id).into()
                }
                malformed => malformed.into(),
            })
        }
    }
}
