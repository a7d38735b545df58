//! Table `version`: every version of every entry.

mod write;

use crypto::KeyId;
use futures_util::TryStreamExt;
use team::ids::{BundleId, DeviceId, EntryId, OpId, TeamId, VersionId};

use super::row_key::{ByOp, VersionPlace};
use super::{Found, RootRow, find_named, flag, read_asked};
use crate::frame::{Columns, Frame};
use crate::root::Table;
use crate::{NameHash, Vault, VaultError};

/// Whether a version is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionState {
    /// Current, or one of several siblings that are.
    Head,
    /// A later one knows and replaces it.
    Superseded,
    /// Kept for a review.
    Quarantined,
}

impl VersionState {
    const fn number(self) -> i64 {
        match self {
            Self::Head => 0,
            Self::Superseded => 1,
            Self::Quarantined => 2,
        }
    }

    const fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Head),
            1 => Some(Self::Superseded),
            2 => Some(Self::Quarantined),
            _ => None,
        }
    }
}

/// A version of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its id. Its author chose it: only [`Self::op`] and [`Self::pos`] name a version for certain.
    pub id: VersionId,
    /// The team that the bundle belongs to.
    pub team: TeamId,
    /// The entry.
    pub entry: EntryId,
    /// The bundle that the entry is in.
    pub bundle: BundleId,
    /// The op that brought it.
    pub op: OpId,
    /// Its place in that op.
    pub pos: u32,
    /// Logical time of the op, at most 2^63 - 1.
    pub lamport: u64,
    /// Whether it is shown.
    pub state: VersionState,
    /// Whether it says that the entry is gone.
    pub deleted: bool,
    /// Where to find it by name; see [`Vault::name_hash`].
    pub name_hash: Option<NameHash>,
    /// What brought the seal below, if that is not the op that brought the version.
    pub resealed: Option<Resealed>,
    /// The device that sealed it.
    pub sealed_by: DeviceId,
    /// The bundle key that it is sealed under.
    pub key: KeyId,
    /// The sealed content as it came in its op, if there is any.
    pub sealed: Option<Vec<u8>>,
}

/// Where a version's newest seal came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resealed {
    /// The op that brought it.
    pub op: OpId,
    /// Its place in that op.
    pub pos: u32,
    /// Logical time of that op.
    pub lamport: u64,
}

/// A state to give to a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateChange {
    /// The op that brought the version.
    pub op: OpId,
    /// The version's place in that op.
    pub pos: u32,
    /// Whether it is shown from now on.
    pub state: VersionState,
}

/// A name to find a version by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameChange {
    /// The op that brought the version.
    pub op: OpId,
    /// The version's place in that op.
    pub pos: u32,
    /// The keyed hash of its bundle and name.
    pub name_hash: NameHash,
}

/// A version sealed anew under another bundle key: the same version in every other respect
/// (docs/protocol.md §8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reseal {
    /// The version.
    pub place: VersionPlace,
    /// The op that brought the new seal.
    pub op: OpId,
    /// Its place in that op.
    pub pos: u32,
    /// Logical time of that op, at most 2^63 - 1.
    pub lamport: u64,
    /// The device that sealed it.
    pub sealed_by: DeviceId,
    /// The bundle key that it is sealed under.
    pub key: KeyId,
    /// The sealed content.
    pub sealed: Vec<u8>,
    /// Whether it stands beside the version's own whatever its age: somebody put another content
    /// there. It is kept for the op that brought it.
    pub aside: bool,
}

impl RootRow for Version {
    const TABLE: Table = Table::Version;
    const COLUMNS: &'static str = "id, team, entry, bundle, op, pos, lamport, state, deleted, \
        name_hash, reseal, sealed_by, key, sealed";
    const INDEXED: bool = true;

    fn visit(&self, columns: &mut impl Columns) {
        columns.bytes(self.id.as_bytes());
        columns.bytes(self.team.as_bytes());
        columns.bytes(self.entry.as_bytes());
        columns.bytes(self.bundle.as_bytes());
        columns.bytes(self.op.as_bytes());
        columns.int(self.pos.into());
        // Times are checked before they are written.
        columns.int(self.lamport.cast_signed());
        columns.int(self.state.number());
        columns.int(self.deleted.into());
        let name_hash = self.name_hash.as_ref().map(NameHash::as_bytes);
        columns.optional_bytes(name_hash.map(<[u8; 16]>::as_slice));
        let resealed = self.resealed.map(Resealed::to_bytes);
        columns.optional_bytes(resealed.as_ref().map(<[u8; Resealed::SIZE]>::as_slice));
        columns.bytes(self.sealed_by.as_bytes());
        columns.bytes(self.key.as_bytes());
        columns.optional_bytes(self.sealed.as_deref());
    }

    fn read(row: &Found<'_>) -> Result<Self, VaultError> {
        Ok(Self {
            id: VersionId::from_bytes(row.array(0)?),
            team: TeamId::from_bytes(row.array(1)?),
            entry: EntryId::from_bytes(row.array(2)?),
            bundle: BundleId::from_bytes(row.array(3)?),
            op: OpId::from_bytes(row.array(4)?),
            pos: row.small(5)?,
            lamport: row.unsigned(6)?,
            state: row.known(7, VersionState::from_number)?,
            deleted: row.known(8, flag)?,
            name_hash: row.optional_array(9)?.map(NameHash::from_bytes),
            resealed: row
                .optional_array(10)?
                .map(|bytes| Resealed::from_bytes(&bytes)),
            sealed_by: DeviceId::from_bytes(row.array(11)?),
            key: KeyId::from_bytes(row.array(12)?),
            sealed: row.optional_bytes(13)?.map(<[u8]>::to_vec),
        })
    }
}

impl Resealed {
    const SIZE: usize = OpId::SIZE + 8 + 4;

    fn to_bytes(self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        let (op, rest) = bytes.split_at_mut(OpId::SIZE);
        let (lamport, pos) = rest.split_at_mut(8);
        op.copy_from_slice(self.op.as_bytes());
        lamport.copy_from_slice(&self.lamport.to_be_bytes());
        pos.copy_from_slice(&self.pos.to_be_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; Self::SIZE]) -> Self {
        let (op, rest) = bytes
            .split_first_chunk()
            .expect("44 bytes have 32 first ones");
        let (lamport, pos) = rest
            .split_first_chunk()
            .expect("12 bytes have 8 first ones");
        let pos = pos.first_chunk().expect("4 bytes are left");
        Self {
            op: OpId::from_bytes(*op),
            lamport: u64::from_be_bytes(*lamport),
            pos: u32::from_be_bytes(*pos),
        }
    }
}

impl Version {
    /// Where it stands by its author's word.
    pub fn place(&self) -> VersionPlace {
        VersionPlace {
            team: self.team,
            bundle: self.bundle,
            entry: self.entry,
            version: self.id,
        }
    }

    /// What brought its newest seal.
    fn seal_origin(&self) -> Resealed {
        self.resealed.unwrap_or(Resealed {
            op: self.op,
            pos: self.pos,
            lamport: self.lamport,
        })
    }

    fn is_head_of(&self, bundle: &BundleId) -> bool {
        self.bundle == *bundle && self.state == VersionState::Head
    }
}

/// Conditions that repeat that of the index `version_head` word for word.
pub(crate) const HEADS: &str = "WHERE bundle = ? AND state = 0";
pub(crate) const HEADS_BY_NAME: &str = "WHERE bundle = ? AND name_hash = ? AND state = 0";

/// What one op sealed anew: its id comes first in the column.
pub(crate) const RESEALED: &str = "WHERE reseal BETWEEN ? AND ?";

/// Bundles of more versions are read anew each time.
const MOST_RECENT_HEADS: usize = 1_000;

/// The current versions of the bundle that was read last, sealed as they are in the file: programs
/// are started with the same bundle again and again. Forgotten when this process changes a
/// version, or another one writes anything.
pub(crate) struct RecentHeads {
    team: TeamId,
    bundle: BundleId,
    heads: Vec<Version>,
}

impl Vault {
    /// The hash by which one name in a bundle is found. The name is used as it is: the caller
    /// normalises it, if names that look the same are to be the same.
    pub fn name_hash(&self, bundle: &BundleId, name: &str) -> NameHash {
        let mut frame = Frame::new("name");
        frame.bytes(bundle.as_bytes());
        frame.bytes(name.as_bytes());
        let hash = self.keys.index_hash(&frame);
        NameHash::from_bytes(*hash.first_chunk().expect("32 bytes have 16 first ones"))
    }

    /// The current versions of a bundle's entries, deletions among them.
    pub async fn heads(
        &mut self,
        team: &TeamId,
        bundle: &BundleId,
    ) -> Result<Vec<Version>, VaultError> {
        let mut heads = Vec::new();
        self.visit_heads(team, bundle, |version| {
            heads.push(version.clone());
            Ok::<_, VaultError>(())
        })
        .await?;
        Ok(heads)
    }

    /// Visits the current versions of a bundle's entries, deletions among them, as they are read:
    /// SQLite, on a thread of its own, reads the next ones meanwhile. Those of the bundle that was
    /// asked for last are still at hand. Ends at the first error.
    pub async fn visit_heads<E: From<VaultError>>(
        &mut self,
        team: &TeamId,
        bundle: &BundleId,
        mut visit: impl FnMut(&Version) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Some(recent) = &self.recent_heads
            && (recent.team, recent.bundle) == (*team, *bundle)
        {
            return recent.heads.iter().try_for_each(visit);
        }
        let mut recent = Some(Vec::new());
        let mut rows = sqlx::query(Version::select_by_index(HEADS, ""))
            .bind(bundle.as_bytes().to_vec())
            .fetch(&mut self.connection);
        while let Some(row) = rows.try_next().await.map_err(VaultError::from)? {
            let version = Version::from_index(&row, |found| found.is_head_of(bundle))?;
            if version.team != *team {
                continue;
            }
            visit(&version)?;
            recent = recent.filter(|heads| heads.len() < MOST_RECENT_HEADS);
            if let Some(heads) = &mut recent {
                heads.push(version);
            }
        }
        drop(rows);
        self.recent_heads = recent.map(|heads| RecentHeads {
            team: *team,
            bundle: *bundle,
            heads,
        });
        Ok(())
    }

    /// The current versions of the entries of one name. Needs no scan.
    pub async fn heads_by_name(
        &mut self,
        team: &TeamId,
        bundle: &BundleId,
        name: &NameHash,
    ) -> Result<Vec<Version>, VaultError> {
        let rows = sqlx::query(Version::select_by_index(HEADS_BY_NAME, ""))
            .bind(bundle.as_bytes().to_vec())
            .bind(name.as_bytes().to_vec())
            .fetch_all(&mut self.connection)
            .await?;
        let mut found = read_asked(&rows, |found: &Version| {
            found.is_head_of(bundle) && found.name_hash == Some(*name)
        })?;
        found.retain(|version| version.team == *team);
        Ok(found)
    }

    /// Every version of an entry, whatever its state, by logical time.
    pub async fn versions_of_entry(
        &mut self,
        team: &TeamId,
        bundle: &BundleId,
        entry: &EntryId,
    ) -> Result<Vec<Version>, VaultError> {
        let order = "ORDER BY lamport, op, pos";
        let rows = sqlx::query(Version::select_by_index("WHERE entry = ?", order))
            .bind(entry.as_bytes().to_vec())
            .fetch_all(&mut self.connection)
            .await?;
        let mut found = read_asked(&rows, |found: &Version| found.entry == *entry)?;
        found.retain(|version| (version.team, version.bundle) == (*team, *bundle));
        Ok(found)
    }

    /// Every version that these ops brought, whatever its state. In no order.
    pub async fn versions_of_ops(&mut self, ops: &[OpId]) -> Result<Vec<Version>, VaultError> {
        let ops: Vec<ByOp> = ops.iter().copied().map(ByOp).collect();
        find_named(&mut self.connection, &ops, |row: &Version| ByOp(row.op)).await
    }

    /// The versions whose newest seal an op brought that did not bring the version.
    pub(super) async fn resealed_by(&mut self, op: &OpId) -> Result<Vec<Version>, VaultError> {
        let [from, to] = [0, 0xff].map(|fill| {
            let mut bytes = vec![fill; Resealed::SIZE];
            bytes[..OpId::SIZE].copy_from_slice(op.as_bytes());
            bytes
        });
        let rows = sqlx::query(Version::select_by_index(RESEALED, ""))
            .bind(from)
            .bind(to)
            .fetch_all(&mut self.connection)
            .await?;
        read_asked(&rows, |found: &Version| {
            found.resealed.is_some_and(|by| by.op == *op)
        })
    }

    /// What stands at these places, whatever its state: for each usually one version, none where
    /// it never came, several where authors chose one id twice. In no order.
    pub async fn versions_at(
        &mut self,
        places: &[VersionPlace],
    ) -> Result<Vec<Version>, VaultError> {
        find_named(&mut self.connection, places, Version::place).await
    }
}
