//! Table `key`: member seeds, log keys and bundle keys.

use std::collections::BTreeMap;

use crypto::{KeyId, SecretVec};
use team::ids::TeamId;

use super::row_key::ByUse;
use super::{Found, RootRow, Writer, read_all};
use crate::frame::Columns;
use crate::keys::{RowKind, SealedRow, VaultKeys};
use crate::root::Table;
use crate::{Vault, VaultError, VaultId};

/// What a stored key is for (docs/protocol.md §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// A generation of a member's seed.
    MemberSeed,
    /// A key of the team's log.
    LogKey,
    /// An epoch's key of a bundle.
    BundleKey,
}

impl KeyKind {
    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::MemberSeed => 0,
            Self::LogKey => 1,
            Self::BundleKey => 2,
        }
    }

    const fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::MemberSeed),
            1 => Some(Self::LogKey),
            2 => Some(Self::BundleKey),
            _ => None,
        }
    }
}

/// A key and what is known about it.
#[derive(Debug)]
pub struct Key {
    /// Its id, derived from the key.
    pub id: KeyId,
    /// The team it belongs to.
    pub team: TeamId,
    /// What it is for.
    pub kind: KeyKind,
    /// Id of the member, team or bundle whose key it is. Stored in plain: ids only.
    pub owner: Vec<u8>,
    /// Opaque here: `app` encodes the key and its metadata.
    pub payload: SecretVec,
}

pub(crate) struct KeyRow {
    id: KeyId,
    team: TeamId,
    kind: KeyKind,
    owner: Vec<u8>,
    sealed: Vec<u8>,
}

impl RootRow for KeyRow {
    const TABLE: Table = Table::Key;
    const COLUMNS: &'static str = "team, id, kind, owner, sealed";
    const INDEXED: bool = false;

    fn visit(&self, columns: &mut impl Columns) {
        columns.bytes(self.team.as_bytes());
        columns.bytes(self.id.as_bytes());
        columns.int(self.kind.number());
        columns.bytes(&self.owner);
        columns.bytes(&self.sealed);
    }

    fn read(row: &Found<'_>) -> Result<Self, VaultError> {
        Ok(Self {
            team: TeamId::from_bytes(row.array(0)?),
            id: KeyId::from_bytes(row.array(1)?),
            kind: row.known(2, KeyKind::from_number)?,
            owner: row.bytes(3)?.to_vec(),
            sealed: row.bytes(4)?.to_vec(),
        })
    }
}

fn sealed_row<'a>(vault: &'a VaultId, id: &'a [u8]) -> SealedRow<'a> {
    SealedRow {
        vault,
        kind: RowKind::Key,
        id,
    }
}

impl Key {
    pub(crate) fn seal(self, vault: &VaultId, keys: &VaultKeys) -> KeyRow {
        let id = ByUse(self.team, self.kind, self.id).to_bytes();
        // EXPOSE: to seal it for the table.
        let sealed = keys.seal_row(&sealed_row(vault, &id), self.payload.expose());
        KeyRow {
            id: self.id,
            team: self.team,
            kind: self.kind,
            owner: self.owner,
            sealed,
        }
    }
}

impl KeyRow {
    fn open(self, vault: &VaultId, keys: &VaultKeys) -> Result<Key, VaultError> {
        let id = ByUse(self.team, self.kind, self.id).to_bytes();
        let payload = keys
            .open_row(&sealed_row(vault, &id), &self.sealed)
            .map_err(|_| VaultError::Sealed {
                table: Self::TABLE.name(),
            })?;
        Ok(Key {
            id: self.id,
            team: self.team,
            kind: self.kind,
            owner: self.owner,
            payload,
        })
    }
}

impl Writer<'_> {
    /// Adds keys, or replaces what is stored of them for the same use in their teams.
    pub(crate) async fn put_keys(&mut self, rows: Vec<KeyRow>) -> Result<(), VaultError> {
        let name = |row: &KeyRow| ByUse(row.team, row.kind, row.id);
        // Of one that is there twice, the later one counts.
        let rows: BTreeMap<_, _> = rows.into_iter().map(|row| (name(&row), row)).collect();
        let names: Vec<_> = rows.keys().copied().collect();
        self.remove::<KeyRow, _>(&names).await?;
        self.insert(&rows.into_values().collect::<Vec<_>>()).await
    }

    /// Erases keys.
    pub(crate) async fn remove_keys(
        &mut self,
        keys: &[(TeamId, KeyKind, KeyId)],
    ) -> Result<(), VaultError> {
        let names: Vec<_> = keys.iter().map(|key| ByUse(key.0, key.1, key.2)).collect();
        if self.remove::<KeyRow, _>(&names).await?.len() == names.len() {
            Ok(())
        } else {
            Err(VaultError::NotStored {
                table: KeyRow::TABLE.name(),
            })
        }
    }
}

impl Vault {
    /// All keys of a team.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] if one does not open.
    pub async fn keys(&mut self, team: &TeamId) -> Result<Vec<Key>, VaultError> {
        let rows = sqlx::query(KeyRow::select("WHERE team = ? ORDER BY kind, id"))
            .bind(team.as_bytes().to_vec())
            .fetch_all(&mut self.connection)
            .await?;
        read_all::<KeyRow>(&rows)?
            .into_iter()
            .map(|row| row.open(&self.header.vault_id, &self.keys))
            .collect()
    }

    /// A team's key of this id, as what it is used for.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] if it does not open.
    pub async fn key(
        &mut self,
        team: &TeamId,
        kind: KeyKind,
        id: &KeyId,
    ) -> Result<Option<Key>, VaultError> {
        let row = sqlx::query(KeyRow::select("WHERE team = ? AND kind = ? AND id = ?"))
            .bind(team.as_bytes().to_vec())
            .bind(kind.number())
            .bind(id.as_bytes().to_vec())
            .fetch_optional(&mut self.connection)
            .await?;
        row.map(|row| KeyRow::from_sqlite(&row)?.open(&self.header.vault_id, &self.keys))
            .transpose()
    }
}
