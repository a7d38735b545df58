//! Ops that can't be placed yet, and what each of them waits for.
//!
//! Anybody can sign an op, so what waits is capped (threat 13). What goes first is what waits
//! longest from devices that no known op has added; whatever goes can be had from the remote again.

use std::collections::{BTreeMap, BTreeSet};

use crypto::KeyId;

use super::Arrival;
use crate::caps;
use crate::ids::{BlobId, DeviceId, OpId};

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

/// What ends a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum News {
    Op(OpId),
    LogKey(KeyId),
    /// A seed was learned: what is wrapped to it in the key sections of waiting ops opens now.
    Seed,
    Device(DeviceId),
    /// Comes with the op itself, when it is received again.
    Pack(BlobId),
}

/// What can be told of an op before it is opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Envelope {
    pub op: OpId,
    pub device: DeviceId,
    /// Whether some op has introduced the device.
    pub known: bool,
    /// Whether there is anything in its key section.
    pub carries_keys: bool,
}

/// The waiting ops of one ledger.
#[derive(Debug, Clone, Default)]
pub(super) struct WaitingRoom {
    ops: BTreeMap<OpId, Waiting>,
    by_news: BTreeMap<News, BTreeSet<OpId>>,
    /// Ops of known devices, in the order of arrival.
    known: BTreeMap<u64, OpId>,
    /// Ops of devices that no known op has added, likewise.
    strangers: BTreeMap<u64, OpId>,
    arrivals: u64,
    bytes: usize,
}

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub bytes: Vec<u8>,
    pub pack: Option<Vec<u8>>,
    device: DeviceId,
    missing: Missing,
    carries_keys: bool,
    arrival: u64,
}

impl Waiting {
    fn ended_by(&self) -> impl Iterator<Item = News> + use<> {
        let news = match self.missing {
            Missing::Op { op, .. } => News::Op(op),
            Missing::LogKey(key) => News::LogKey(key),
            Missing::Device(device) => News::Device(device),
            Missing::Pack(blob) => News::Pack(blob),
        };
        let seed = matches!(self.missing, Missing::LogKey(_)) && self.carries_keys;
        [Some(news), seed.then_some(News::Seed)]
            .into_iter()
            .flatten()
    }

    fn size(&self) -> usize {
        self.bytes.len() + self.pack.as_ref().map_or(0, Vec::len)
    }
}

impl WaitingRoom {
    /// Lets an op wait.
    pub fn admit(&mut self, envelope: Envelope, arrival: Arrival<'_>, missing: Missing) {
        let Envelope {
            op,
            device,
            known,
            carries_keys,
        } = envelope;
        self.remove(&op);
        self.arrivals += 1;
        // What waits for its pack came without it, or with another one.
        let pack = arrival
            .pack
            .filter(|_| !matches!(missing, Missing::Pack(_)))
            .map(<[u8]>::to_vec);
        let bytes = arrival.op.to_vec();
        let waiting = Waiting {
            bytes,
            pack,
            device,
            missing,
            carries_keys,
            arrival: self.arrivals,
        };
        self.bytes += waiting.size();
        for news in waiting.ended_by() {
            self.by_news.entry(news).or_default().insert(op);
        }
        let queue = if known {
            &mut self.known
        } else {
            &mut self.strangers
        };
        queue.insert(waiting.arrival, op);
        self.ops.insert(op, waiting);
        while self.strangers.len() > caps::WAITING_UNKNOWN {
            self.evict();
        }
        while self.ops.len() > caps::WAITING || self.bytes > caps::WAITING_BYTES {
            self.evict();
        }
    }

    /// Ops of devices that were introduced when they came, with device and bytes.
    pub fn of_known_devices(&self) -> impl Iterator<Item = (&OpId, &DeviceId, &Missing, &[u8])> {
        let ops = self.known.values();
        ops.filter_map(|op| self.ops.get_key_value(op))
            .map(|(op, waiting)| (op, &waiting.device, &waiting.missing, &*waiting.bytes))
    }

    /// The bytes of all ops that wait for a pack.
    pub fn for_pack(&self, pack: &BlobId) -> impl Iterator<Item = &[u8]> {
        let ops = self.by_news.get(&News::Pack(*pack)).into_iter().flatten();
        ops.filter_map(|op| Some(&*self.ops.get(op)?.bytes))
    }

    /// Ops that wait, and for what.
    pub fn iter(&self) -> impl Iterator<Item = (&OpId, &Missing)> {
        self.ops.iter().map(|(op, waiting)| (op, &waiting.missing))
    }

    /// An op of this device was applied that introduces it: its ops are no strangers' any more.
    pub fn introduce(&mut self, device: &DeviceId) {
        for (op, waiting) in self
            .ops
            .iter()
            .filter(|(_, waiting)| waiting.device == *device)
        {
            if self.strangers.remove(&waiting.arrival).is_some() {
                self.known.insert(waiting.arrival, *op);
            }
        }
    }

    /// Takes out everything that has waited for this, in the order of ids.
    pub fn release(&mut self, news: News) -> Vec<Waiting> {
        let ops = self.by_news.get(&news).cloned().unwrap_or_default();
        ops.iter().filter_map(|op| self.remove(op)).collect()
    }

    fn evict(&mut self) {
        let oldest = self
            .strangers
            .first_key_value()
            .or_else(|| self.known.first_key_value());
        if let Some(op) = oldest.map(|(_, op)| *op) {
            self.remove(&op);
        }
    }

    /// Takes an op out.
    pub fn remove(&mut self, op: &OpId) -> Option<Waiting> {
        let waiting = self.ops.remove(op)?;
        self.bytes -= waiting.size();
        self.known.remove(&waiting.arrival);
        self.strangers.remove(&waiting.arrival);
        for news in waiting.ended_by() {
            if let Some(ops) = self.by_news.get_mut(&news) {
                ops.remove(op);
                if ops.is_empty() {
                    self.by_news.remove(&news);
                }
            }
        }
        Some(waiting)
    }
}
