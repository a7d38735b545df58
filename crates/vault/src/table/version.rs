//! Table `version`: every version of every entry.

use crypto::KeyId;
use futures_util::TryStreamExt;
use sqlx::query_builder::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteRow};
use team::ids::{BundleId, DeviceId, EntryId, OpId, VersionId};

use super::{Found, IDS_PER_QUERY, RootRow, Writer, read_all, read_asked, signed};
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
    /// Its id.
    pub id: VersionId,
    /// The entry.
    pub entry: EntryId,
    /// The bundle that the entry is in.
    pub bundle: BundleId,
    /// The op that brought it.
    pub op: OpId,
    /// Its place in that op.
    pub pos: u32,
    /// The device that sealed it.
    pub sealed_by: DeviceId,
    /// The bundle key that it is sealed under.
    pub key: KeyId,
    /// Logical time of the op, at most 2^63 - 1.
    pub lamport: u64,
    /// Whether it is shown.
    pub state: VersionState,
    /// Whether it says that the entry is gone.
    pub deleted: bool,
    /// Where to find it by name; see [`Vault::name_hash`].
    pub name_hash: Option<NameHash>,
    /// The sealed content as it came in the op, if it was kept.
    pub sealed: Option<Vec<u8>>,
}

/// A version sealed anew under another bundle key: the same version in every other respect
/// (docs/protocol.md §8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reseal {
    /// The version.
    pub version: VersionId,
    /// The op that brought the new seal.
    pub op: OpId,
    /// Its place in that op.
    pub pos: u32,
    /// The device that sealed it.
    pub sealed_by: DeviceId,
    /// The bundle key that it is sealed under now.
    pub key: KeyId,
    /// The new sealed content.
    pub sealed: Vec<u8>,
}

impl RootRow for Version {
    const TABLE: Table = Table::Version;
    const COLUMNS: &'static str =
        "id, entry, bundle, op, pos, author, key, lamport, state, deleted, name_hash, sealed";

    fn visit(&self, columns: &mut impl Columns) {
        columns.bytes(self.id.as_bytes());
        columns.bytes(self.entry.as_bytes());
        columns.bytes(self.bundle.as_bytes());
        columns.bytes(self.op.as_bytes());
        columns.int(self.pos.into());
        columns.bytes(self.sealed_by.as_bytes());
        columns.bytes(self.key.as_bytes());
        // Checked before it is written.
        columns.int(self.lamport.cast_signed());
        columns.int(self.state.number());
        columns.int(self.deleted.into());
        columns.optional_bytes(
            self.name_hash
                .as_ref()
                .map(|hash| hash.as_bytes().as_slice()),
        );
        columns.optional_bytes(self.sealed.as_deref());
    }

    fn read(row: &Found<'_>) -> Result<Self, VaultError> {
        let name_hash = row
            .optional_bytes(10)?
            .map(<[u8; 16]>::try_from)
            .transpose();
        Ok(Self {
            id: VersionId::from_bytes(row.array(0)?),
            entry: EntryId::from_bytes(row.array(1)?),
            bundle: BundleId::from_bytes(row.array(2)?),
            op: OpId::from_bytes(row.array(3)?),
            pos: u32::try_from(row.int(4)?).map_err(|_| row.changed())?,
            sealed_by: DeviceId::from_bytes(row.array(5)?),
            key: KeyId::from_bytes(row.array(6)?),
            lamport: row.unsigned(7)?,
            state: row.known(8, VersionState::from_number)?,
            deleted: row.known(9, |number| match number {
                0 => Some(false),
                1 => Some(true),
                _ => None,
            })?,
            name_hash: name_hash
                .map_err(|_| row.changed())?
                .map(NameHash::from_bytes),
            sealed: row.optional_bytes(11)?.map(<[u8]>::to_vec),
        })
    }
}

impl Version {
    fn is_head_of(&self, bundle: &BundleId) -> bool {
        self.bundle == *bundle && self.state == VersionState::Head
    }
}

impl Writer<'_> {
    pub(crate) async fn add_versions(&mut self, versions: &[Version]) -> Result<(), VaultError> {
        for version in versions {
            signed(version.lamport)?;
        }
        self.insert(versions).await
    }

    /// Sets whether versions are shown, many at a time.
    pub(crate) async fn set_version_states(
        &mut self,
        changes: &[(VersionId, VersionState)],
    ) -> Result<(), VaultError> {
        for state in [
            VersionState::Head,
            VersionState::Superseded,
            VersionState::Quarantined,
        ] {
            let ids: Vec<VersionId> = changes
                .iter()
                .filter(|(_, new)| *new == state)
                .map(|(id, _)| *id)
                .collect();
            for ids in ids.chunks(IDS_PER_QUERY) {
                let mut found = read_all::<Version>(&self.versions_among(ids).await?)?;
                if found.len() != ids.len() {
                    return Err(VaultError::NotStored {
                        table: Version::TABLE.name(),
                    });
                }
                for version in &mut found {
                    self.forget(version);
                    version.state = state;
                    self.remember(version);
                }
                let mut query = QueryBuilder::<Sqlite>::new("UPDATE version SET state = ");
                query.push_bind(state.number());
                push_ids(&mut query, ids);
                query
                    .build()
                    .persistent(ids.len() == 1)
                    .execute(&mut *self.connection)
                    .await?;
            }
        }
        Ok(())
    }

    async fn versions_among(&mut self, ids: &[VersionId]) -> Result<Vec<SqliteRow>, VaultError> {
        let mut query =
            QueryBuilder::<Sqlite>::new(format!("SELECT {} FROM version", Version::COLUMNS));
        push_ids(&mut query, ids);
        Ok(query
            .build()
            .persistent(ids.len() == 1)
            .fetch_all(&mut *self.connection)
            .await?)
    }

    /// Replaces a version's seal.
    pub(crate) async fn reseal(&mut self, new: Reseal) -> Result<(), VaultError> {
        let row = sqlx::query(Version::select("WHERE id = ?"))
            .bind(new.version.as_bytes().to_vec())
            .fetch_optional(&mut *self.connection)
            .await?
            .ok_or(VaultError::NotStored {
                table: Version::TABLE.name(),
            })?;
        let mut version = Version::from_sqlite(&row)?;
        self.delete::<Version>("WHERE id = ?", new.version.as_bytes())
            .await?;
        version.op = new.op;
        version.pos = new.pos;
        version.sealed_by = new.sealed_by;
        version.key = new.key;
        version.sealed = Some(new.sealed);
        self.insert(&[version]).await
    }
}

fn push_ids(query: &mut QueryBuilder<Sqlite>, ids: &[VersionId]) {
    query.push(" WHERE id IN (");
    let mut values = query.separated(", ");
    for id in ids {
        values.push_bind(id.as_bytes().to_vec());
    }
    query.push(")");
}

/// Conditions that repeat that of the index `version_head` word for word.
pub(crate) const HEADS: &str = "WHERE bundle = ? AND state = 0";
pub(crate) const HEADS_BY_NAME: &str = "WHERE bundle = ? AND name_hash = ? AND state = 0";

/// Bundles of more versions are read anew each time.
const MOST_RECENT_HEADS: usize = 1_000;

/// The current versions of the bundle that was read last, sealed as they are in the file: programs
/// are started with the same bundle again and again. Forgotten when this process changes a
/// version, or another one writes anything.
pub(crate) struct RecentHeads {
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
    pub async fn heads(&mut self, bundle: &BundleId) -> Result<Vec<Version>, VaultError> {
        let mut heads = Vec::new();
        self.visit_heads(bundle, |version| {
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
        bundle: &BundleId,
        mut visit: impl FnMut(&Version) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Some(recent) = &self.recent_heads
            && recent.bundle == *bundle
        {
            return recent.heads.iter().try_for_each(visit);
        }
        let mut recent = Some(Vec::new());
        let mut rows = sqlx::query(Version::select_by_index(HEADS, ""))
            .bind(bundle.as_bytes().to_vec())
            .fetch(&mut self.connection);
        while let Some(row) = rows.try_next().await.map_err(VaultError::from)? {
            let version = Version::from_index(&row, |found| found.is_head_of(bundle))?;
            visit(&version)?;
            recent = recent.filter(|heads| heads.len() < MOST_RECENT_HEADS);
            if let Some(heads) = &mut recent {
                heads.push(version);
            }
        }
        drop(rows);
        self.recent_heads = recent.map(|heads| RecentHeads {
            bundle: *bundle,
            heads,
        });
        Ok(())
    }

    /// The current versions of the entries of one name. Needs no scan.
    pub async fn heads_by_name(
        &mut self,
        bundle: &BundleId,
        name: &NameHash,
    ) -> Result<Vec<Version>, VaultError> {
        let rows = sqlx::query(Version::select_by_index(HEADS_BY_NAME, ""))
            .bind(bundle.as_bytes().to_vec())
            .bind(name.as_bytes().to_vec())
            .fetch_all(&mut self.connection)
            .await?;
        read_asked(&rows, |found: &Version| {
            found.is_head_of(bundle) && found.name_hash == Some(*name)
        })
    }

    /// Every version of an entry, by logical time.
    pub async fn versions_of(&mut self, entry: &EntryId) -> Result<Vec<Version>, VaultError> {
        let order = "ORDER BY lamport, op, pos";
        let rows = sqlx::query(Version::select_by_index("WHERE entry = ?", order))
            .bind(entry.as_bytes().to_vec())
            .fetch_all(&mut self.connection)
            .await?;
        read_asked(&rows, |found: &Version| found.entry == *entry)
    }

    /// The version of this id.
    pub async fn version(&mut self, id: &VersionId) -> Result<Option<Version>, VaultError> {
        let row = sqlx::query(Version::select_by_index("WHERE id = ?", ""))
            .bind(id.as_bytes().to_vec())
            .fetch_optional(&mut self.connection)
            .await?;
        row.map(|row| Version::from_index(&row, |found| found.id == *id))
            .transpose()
    }
}
