//! Which versions were read: noted in the audit row of the read, and published from there to the
//! team's owners and admins, with a sign of life, so that a removal can say what was read
//! (docs/protocol.md §9).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use team::ids::{BundleId, DeviceId, TeamId, VersionId};

use crate::Fault;
use crate::open::{Open, Team};
use crate::records::AuditEntry;

/// Rows of the audit that are read at a time.
const PAGE: u32 = 500;
/// Most reads in one op.
const MOST: usize = 32_000;
/// Bytes that a version is told by: enough for no two of a team to be alike by chance.
const SHORT: usize = 8;

/// The beginning of a version's id.
pub(crate) type Short = [u8; SHORT];

/// Versions of one bundle that were released together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reads {
    /// The device that read; it is of one team.
    by: DeviceId,
    bundle: BundleId,
    /// The beginnings of the versions' ids, one after the other.
    #[serde(with = "serde_bytes")]
    versions: Vec<u8>,
}

impl Reads {
    /// What is noted of reads; nothing where nobody else is in the team.
    pub fn of(
        team: &Team,
        bundle: BundleId,
        versions: impl IntoIterator<Item = VersionId>,
    ) -> Vec<Self> {
        if team.ledger.state().members().len() < 2 {
            return Vec::new();
        }
        let versions = versions.into_iter().flat_map(|version| short(&version));
        vec![Self {
            by: team.device,
            bundle,
            versions: versions.collect(),
        }]
    }
}

fn short(version: &VersionId) -> Short {
    let bytes = version.as_bytes();
    *bytes.first_chunk().expect("an id has 16 bytes")
}

/// When each version was read last, in Unix seconds.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ReadTimes(BTreeMap<(BundleId, Short), u64>);

impl ReadTimes {
    /// When a version was read last.
    pub fn of(&self, bundle: BundleId, version: &VersionId) -> Option<u64> {
        self.0.get(&(bundle, short(version))).copied()
    }

    fn note(&mut self, bundle: BundleId, version: Short, at: u64) {
        let last = self.0.entry((bundle, version)).or_default();
        *last = at.max(*last);
    }

    /// As they are published: for each bundle the beginning of a version's id and the time, 8 bytes
    /// each, big-endian. Several where one op can't hold them.
    fn encode(&self) -> Vec<Vec<u8>> {
        let all: Vec<_> = self.0.iter().collect();
        let portion = |part: &[(&(BundleId, Short), &u64)]| {
            let mut bundles: BTreeMap<BundleId, ByteBuf> = BTreeMap::new();
            for ((bundle, version), at) in part {
                let reads = bundles.entry(*bundle).or_default();
                reads.extend_from_slice(version);
                reads.extend_from_slice(&at.to_be_bytes());
            }
            let list: Vec<_> = bundles.into_iter().collect();
            serde_ipld_dagcbor::to_vec(&list).expect("ids and bytes are DAG-CBOR")
        };
        all.chunks(MOST).map(portion).collect()
    }

    /// Takes in what a device published. False if it is nothing of the kind.
    pub fn take_in(&mut self, published: &[u8]) -> bool {
        type Published = Vec<(BundleId, ByteBuf)>;
        let Ok(list) = serde_ipld_dagcbor::from_slice::<Published>(published) else {
            return false;
        };
        for (bundle, reads) in &list {
            let (pairs, rest) = reads.as_chunks::<{ 2 * SHORT }>();
            if !rest.is_empty() {
                return false;
            }
            for pair in pairs {
                let (version, at) = pair.split_at(SHORT);
                let at = at.try_into().map(u64::from_be_bytes);
                let (Ok(version), Ok(at)) = (version.try_into(), at) else {
                    return false;
                };
                self.note(*bundle, version, at);
            }
        }
        true
    }
}

/// This device's reads in a team that are not published yet, as ops would carry them.
pub(crate) async fn to_publish(open: &mut Open, id: &TeamId) -> Result<Vec<Vec<u8>>, Fault> {
    Ok(unpublished(open, id).await?.encode())
}

/// Whether somebody waits for reads: this member lost a bundle and has not said yet what they read
/// in it.
pub(crate) async fn are_awaited(open: &mut Open, id: &TeamId) -> Result<bool, Fault> {
    let team = &open.teams[id];
    let keys = team.ledger.keys_of(&team.member).into_iter();
    let lost = |bundle: &BundleId| !team.bundle(bundle).is_some_and(|known| team.has(known));
    let lost: BTreeSet<BundleId> = keys.map(|(bundle, _)| bundle).filter(lost).collect();
    if lost.is_empty() {
        return Ok(false);
    }
    let reads = unpublished(open, id).await?;
    Ok(reads.0.keys().any(|(bundle, _)| lost.contains(bundle)))
}

async fn unpublished(open: &mut Open, id: &TeamId) -> Result<ReadTimes, Fault> {
    let team = &open.teams[id];
    let device = team.device;
    let last = team.ledger.state().heartbeats().get(&device);
    let published = last.and_then(|last| last.heartbeat.published).unwrap_or(0);
    let mut times = ReadTimes::default();
    let mut before = None;
    loop {
        let page = open.vault.audit_page(before, PAGE).await?;
        for row in page.iter().filter(|row| row.index >= published) {
            let entry = AuditEntry::decode(&row.payload)?;
            for reads in entry.reads.iter().filter(|reads| reads.by == device) {
                let (versions, _) = reads.versions.as_chunks::<SHORT>();
                for version in versions {
                    times.note(reads.bundle, *version, entry.at);
                }
            }
        }
        match page.last() {
            Some(row) if row.index > published => before = Some(row.index),
            _ => return Ok(times),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_is_published_comes_back() {
        let (bundle, versions) = (BundleId::make(), [VersionId::make(), VersionId::make()]);
        let mut times = ReadTimes::default();
        for (version, at) in versions.iter().zip([7, 9]) {
            times.note(bundle, short(version), at);
            times.note(bundle, short(version), at - 1);
        }
        let mut found = ReadTimes::default();
        for published in times.encode() {
            assert!(found.take_in(&published));
        }
        assert_eq!(found, times);
        assert_eq!(found.of(bundle, &versions[1]), Some(9));
        assert_eq!(found.of(bundle, &VersionId::make()), None);
        assert_eq!(ReadTimes::default().encode(), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn very_many_are_published_in_portions() {
        let mut times = ReadTimes::default();
        let bundle = BundleId::make();
        for nth in 0..=MOST as u64 {
            times.note(bundle, nth.to_be_bytes(), nth);
        }
        let published = times.encode();
        assert_eq!(published.len(), 2);
        assert!(published[0].len() < team::caps::OP_BYTES / 2 + 1_000);
    }

    #[test]
    fn what_is_broken_is_not_believed() {
        let broken = [(BundleId::make(), ByteBuf::from(vec![0; 17]))];
        let broken = serde_ipld_dagcbor::to_vec(&broken).unwrap();
        for bytes in [broken.as_slice(), b"", b"\x81\x01"] {
            assert!(!ReadTimes::default().take_in(bytes));
        }
    }
}
