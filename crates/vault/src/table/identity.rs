//! Table `identity`: what this device is in each team.

use crypto::SecretVec;
use team::ids::TeamId;

use super::row_key::ByTeam;
use super::{Found, RootRow, Writer, read_all};
use crate::frame::Columns;
use crate::keys::{RowKind, SealedRow, VaultKeys};
use crate::root::Table;
use crate::{Vault, VaultError, VaultId};

/// This device's secrets in a team.
#[derive(Debug)]
pub struct Identity {
    /// The team.
    pub team: TeamId,
    /// Opaque here: `app` encodes the device's keys and what belongs to them.
    pub payload: SecretVec,
}

pub(crate) struct IdentityRow {
    team: TeamId,
    sealed: Vec<u8>,
}

impl RootRow for IdentityRow {
    const TABLE: Table = Table::Identity;
    const COLUMNS: &'static str = "team, sealed";
    const INDEXED: bool = false;

    fn visit(&self, columns: &mut impl Columns) {
        columns.bytes(self.team.as_bytes());
        columns.bytes(&self.sealed);
    }

    fn read(row: &Found<'_>) -> Result<Self, VaultError> {
        Ok(Self {
            team: TeamId::from_bytes(row.array(0)?),
            sealed: row.bytes(1)?.to_vec(),
        })
    }
}

fn sealed_row<'a>(vault: &'a VaultId, team: &'a TeamId) -> SealedRow<'a> {
    SealedRow {
        vault,
        kind: RowKind::Identity,
        id: team.as_bytes(),
    }
}

impl Identity {
    pub(crate) fn seal(&self, vault: &VaultId, keys: &VaultKeys) -> IdentityRow {
        // EXPOSE: to seal it for the table.
        let sealed = keys.seal_row(&sealed_row(vault, &self.team), self.payload.expose());
        IdentityRow {
            team: self.team,
            sealed,
        }
    }
}

impl Writer<'_> {
    /// Sets the identity of a team.
    pub(crate) async fn put_identity(&mut self, row: IdentityRow) -> Result<(), VaultError> {
        self.remove::<IdentityRow, _>(&[ByTeam(row.team)]).await?;
        self.insert(&[row]).await
    }
}

impl Vault {
    /// This device's identities, one for each team.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] if one does not open.
    pub async fn identities(&mut self) -> Result<Vec<Identity>, VaultError> {
        let rows = sqlx::query(IdentityRow::select("ORDER BY team"))
            .fetch_all(&mut self.connection)
            .await?;
        read_all::<IdentityRow>(&rows)?
            .into_iter()
            .map(|row| {
                let place = sealed_row(&self.header.vault_id, &row.team);
                let payload =
                    self.keys
                        .open_row(&place, &row.sealed)
                        .map_err(|_| VaultError::Sealed {
                            table: IdentityRow::TABLE.name(),
                        })?;
                Ok(Identity {
                    team: row.team,
                    payload,
                })
            })
            .collect()
    }
}
