//! Table `evidence`: what was found about a team or its remote, kept until it is resolved.

use crypto::SecretVec;
use team::ids::TeamId;

use super::row_key::{ByTeam, ByTeamAndEvidence};
use super::{Found, RootRow, Writer, find_named};
use crate::frame::Columns;
use crate::keys::{RowKind, SealedRow, VaultKeys};
use crate::root::Table;
use crate::{EvidenceId, Vault, VaultError, VaultId};

/// A finding that is kept.
#[derive(Debug)]
pub struct Evidence {
    /// Its name.
    pub id: EvidenceId,
    /// The team.
    pub team: TeamId,
    /// Opaque here: `app` encodes what was found.
    pub payload: SecretVec,
}

pub(crate) struct EvidenceRow {
    team: TeamId,
    id: EvidenceId,
    sealed: Vec<u8>,
}

impl RootRow for EvidenceRow {
    const TABLE: Table = Table::Evidence;
    const COLUMNS: &'static str = "team, id, sealed";
    const INDEXED: bool = false;

    fn visit(&self, columns: &mut impl Columns) {
        columns.bytes(self.team.as_bytes());
        columns.bytes(self.id.as_bytes());
        columns.bytes(&self.sealed);
    }

    fn read(row: &Found<'_>) -> Result<Self, VaultError> {
        Ok(Self {
            team: TeamId::from_bytes(row.array(0)?),
            id: EvidenceId::from_bytes(row.array(1)?),
            sealed: row.bytes(2)?.to_vec(),
        })
    }
}

fn sealed_row<'a>(vault: &'a VaultId, id: &'a [u8]) -> SealedRow<'a> {
    SealedRow {
        vault,
        kind: RowKind::Evidence,
        id,
    }
}

impl Evidence {
    /// Evidence under a new random name.
    pub fn new(team: TeamId, payload: SecretVec) -> Self {
        Self {
            id: EvidenceId::make(),
            team,
            payload,
        }
    }

    pub(crate) fn seal(&self, vault: &VaultId, keys: &VaultKeys) -> EvidenceRow {
        let id = ByTeamAndEvidence(self.team, self.id).to_bytes();
        // EXPOSE: to seal it for the table.
        let sealed = keys.seal_row(&sealed_row(vault, &id), self.payload.expose());
        EvidenceRow {
            team: self.team,
            id: self.id,
            sealed,
        }
    }
}

impl Writer<'_> {
    pub(crate) async fn remove_evidence(
        &mut self,
        resolved: &[(TeamId, EvidenceId)],
    ) -> Result<(), VaultError> {
        let names: Vec<_> = resolved
            .iter()
            .map(|of| ByTeamAndEvidence(of.0, of.1))
            .collect();
        self.remove::<EvidenceRow, _>(&names).await?;
        Ok(())
    }
}

impl Vault {
    /// How many rows there are, of all teams.
    pub async fn evidence_count(&mut self) -> Result<u64, VaultError> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM evidence")
            .fetch_one(&mut self.connection)
            .await?;
        Ok(count.cast_unsigned())
    }

    /// What is kept about a team.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] if something does not open.
    pub async fn evidence(&mut self, team: &TeamId) -> Result<Vec<Evidence>, VaultError> {
        let name = |row: &EvidenceRow| ByTeam(row.team);
        let rows = find_named(&mut self.connection, &[ByTeam(*team)], name).await?;
        rows.into_iter()
            .map(|row| {
                let id = ByTeamAndEvidence(row.team, row.id).to_bytes();
                let place = sealed_row(&self.header.vault_id, &id);
                let payload =
                    self.keys
                        .open_row(&place, &row.sealed)
                        .map_err(|_| VaultError::Sealed {
                            table: EvidenceRow::TABLE.name(),
                        })?;
                Ok(Evidence {
                    id: row.id,
                    team: row.team,
                    payload,
                })
            })
            .collect()
    }
}
