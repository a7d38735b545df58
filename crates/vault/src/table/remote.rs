//! Table `remote`: where each team's remote is, and how far it was read.

use crypto::SecretVec;
use team::ids::TeamId;

use super::row_key::ByTeam;
use super::{Found, RootRow, Writer, find_named};
use crate::frame::Columns;
use crate::keys::{RowKind, SealedRow, VaultKeys};
use crate::root::Table;
use crate::{Vault, VaultError, VaultId};

/// What is known about a team's remote.
#[derive(Debug)]
pub struct Remote {
    /// The team.
    pub team: TeamId,
    /// Opaque here: `app` encodes location, cursor, and when it was last listed in full.
    pub payload: SecretVec,
}

pub(crate) struct RemoteRow {
    team: TeamId,
    sealed: Vec<u8>,
}

impl RootRow for RemoteRow {
    const TABLE: Table = Table::Remote;
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
        kind: RowKind::Remote,
        id: team.as_bytes(),
    }
}

impl Remote {
    pub(crate) fn seal(&self, vault: &VaultId, keys: &VaultKeys) -> RemoteRow {
        // EXPOSE: to seal it for the table.
        let sealed = keys.seal_row(&sealed_row(vault, &self.team), self.payload.expose());
        RemoteRow {
            team: self.team,
            sealed,
        }
    }
}

impl Writer<'_> {
    /// Sets the remote of a team.
    pub(crate) async fn put_remote(&mut self, row: RemoteRow) -> Result<(), VaultError> {
        self.remove::<RemoteRow, _>(&[ByTeam(row.team)]).await?;
        self.insert(&[row]).await
    }

    pub(crate) async fn remove_remotes(&mut self, teams: &[TeamId]) -> Result<(), VaultError> {
        let names: Vec<ByTeam> = teams.iter().copied().map(ByTeam).collect();
        self.remove::<RemoteRow, _>(&names).await?;
        Ok(())
    }
}

impl Vault {
    /// The remote of a team, if it has one.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] if it does not open.
    pub async fn remote(&mut self, team: &TeamId) -> Result<Option<Remote>, VaultError> {
        let name = |row: &RemoteRow| ByTeam(row.team);
        let found = find_named(&mut self.connection, &[ByTeam(*team)], name).await?;
        let Some(row) = found.into_iter().next() else {
            return Ok(None);
        };
        let place = sealed_row(&self.header.vault_id, &row.team);
        let payload = self
            .keys
            .open_row(&place, &row.sealed)
            .map_err(|_| VaultError::Sealed {
                table: RemoteRow::TABLE.name(),
            })?;
        Ok(Some(Remote {
            team: row.team,
            payload,
        }))
    }
}
