//! Table `seal`: seals of versions other than the newest.
//!
//! The newest seal of a version, by (lamport, op), stands in `version`. Earlier ones are kept: who
//! lost a bundle, or lacks its newest key, reads by an older one; and the pack of an op that
//! brought them can be put together again. A seal of a version that is not here stands here too.

use crypto::KeyId;
use team::ids::{DeviceId, EntryId, OpId, VersionId};

use super::row_key::{ByOp, ByVersion, VersionPlace};
use super::{Found, RootRow, find_named};
use crate::frame::Columns;
use crate::root::Table;
use crate::{Vault, VaultError, Version};

/// One seal of a version: its content as some device sealed it under some key of the bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// The entry.
    pub entry: EntryId,
    /// The version.
    pub version: VersionId,
    /// The op that brought it.
    pub op: OpId,
    /// Its place in that op.
    pub pos: u32,
    /// Logical time of that op, at most 2^63 - 1.
    pub lamport: u64,
    /// The device that sealed it.
    pub sealed_by: DeviceId,
    /// The bundle key that it is sealed under.
    pub key: KeyId,
    /// The sealed content as it came in the op.
    pub sealed: Vec<u8>,
}

impl RootRow for Seal {
    const TABLE: Table = Table::Seal;
    const COLUMNS: &'static str = "entry, version, op, pos, lamport, sealed_by, key, sealed";
    const INDEXED: bool = true;

    fn visit(&self, columns: &mut impl Columns) {
        columns.bytes(self.entry.as_bytes());
        columns.bytes(self.version.as_bytes());
        columns.bytes(self.op.as_bytes());
        columns.int(self.pos.into());
        // Checked before it is written.
        columns.int(self.lamport.cast_signed());
        columns.bytes(self.sealed_by.as_bytes());
        columns.bytes(self.key.as_bytes());
        columns.bytes(&self.sealed);
    }

    fn read(row: &Found<'_>) -> Result<Self, VaultError> {
        Ok(Self {
            entry: EntryId::from_bytes(row.array(0)?),
            version: VersionId::from_bytes(row.array(1)?),
            op: OpId::from_bytes(row.array(2)?),
            pos: row.small(3)?,
            lamport: row.unsigned(4)?,
            sealed_by: DeviceId::from_bytes(row.array(5)?),
            key: KeyId::from_bytes(row.array(6)?),
            sealed: row.bytes(7)?.to_vec(),
        })
    }
}

impl Vault {
    /// Seals of these versions other than the one in `version`, the newest first. Whoever wrote
    /// them chose the ids: each is worth trying, and none is believed before it opens.
    pub async fn seals(&mut self, versions: &[VersionPlace]) -> Result<Vec<Seal>, VaultError> {
        let names: Vec<_> = versions
            .iter()
            .map(|place| ByVersion(place.entry, place.version))
            .collect();
        let name = |seal: &Seal| ByVersion(seal.entry, seal.version);
        let mut seals = find_named(&mut self.connection, &names, name).await?;
        seals.sort_by_key(|seal| std::cmp::Reverse((seal.lamport, seal.op, seal.pos)));
        Ok(seals)
    }

    /// The sealed versions that an op brought or sealed anew, with their places in it, in that
    /// order: what its pack is put together from.
    pub async fn sealed_by_op(&mut self, op: &OpId) -> Result<Vec<(u32, Vec<u8>)>, VaultError> {
        let connection = &mut self.connection;
        let mut found: Vec<(u32, Vec<u8>)> = Vec::new();
        let brought = find_named(connection, &[ByOp(*op)], |row: &Version| ByOp(row.op)).await?;
        let own = brought.into_iter().filter(|row| row.resealed.is_none());
        found.extend(own.filter_map(|row| Some((row.pos, row.sealed?))));
        let older = find_named(connection, &[ByOp(*op)], |row: &Seal| ByOp(row.op)).await?;
        found.extend(older.into_iter().map(|row| (row.pos, row.sealed)));
        let newest = self.resealed_by(op).await?.into_iter();
        found.extend(newest.filter_map(|row| Some((row.resealed?.pos, row.sealed?))));
        found.sort_unstable_by_key(|(pos, _)| *pos);
        found.dedup_by_key(|(pos, _)| *pos);
        Ok(found)
    }
}
