//! Table `outbox`: ops that were written here and are not pushed yet.

use team::ids::{OpId, TeamId};

use super::op::OpRow;
use super::row_key::{ById, ByTeam, ByTeamAndOp};
use super::{Found, RootRow, Writer, find_named};
use crate::frame::Columns;
use crate::root::Table;
use crate::{Op, Vault, VaultError};

/// An op that is to be pushed.
pub(crate) struct OutboxRow {
    pub(crate) team: TeamId,
    pub(crate) op: OpId,
}

impl RootRow for OutboxRow {
    const TABLE: Table = Table::Outbox;
    const COLUMNS: &'static str = "team, op";
    const INDEXED: bool = false;

    fn visit(&self, columns: &mut impl Columns) {
        columns.bytes(self.team.as_bytes());
        columns.bytes(self.op.as_bytes());
    }

    fn read(row: &Found<'_>) -> Result<Self, VaultError> {
        Ok(Self {
            team: TeamId::from_bytes(row.array(0)?),
            op: OpId::from_bytes(row.array(1)?),
        })
    }
}

impl Writer<'_> {
    pub(crate) async fn add_to_outbox(&mut self, ops: &[(TeamId, OpId)]) -> Result<(), VaultError> {
        let rows: Vec<_> = ops
            .iter()
            .map(|&(team, op)| OutboxRow { team, op })
            .collect();
        self.insert_new(&rows).await
    }

    pub(crate) async fn remove_from_outbox(
        &mut self,
        ops: &[(TeamId, OpId)],
    ) -> Result<(), VaultError> {
        let names: Vec<_> = ops.iter().map(|op| ByTeamAndOp(op.0, op.1)).collect();
        self.remove::<OutboxRow, _>(&names).await?;
        Ok(())
    }
}

impl Vault {
    /// A team's ops that are to be pushed, in the order of arrival.
    ///
    /// # Errors
    /// [`VaultError::NotStored`] if one of them is no stored op.
    pub async fn outbox(&mut self, team: &TeamId) -> Result<Vec<Op>, VaultError> {
        let name = |row: &OutboxRow| ByTeam(row.team);
        let rows = find_named(&mut self.connection, &[ByTeam(*team)], name).await?;
        let ids: Vec<ById> = rows.iter().map(|row| ById(row.op)).collect();
        let name = |row: &OpRow| ById(row.op.id);
        let mut found = find_named(&mut self.connection, &ids, name).await?;
        if found.len() != ids.len() {
            return Err(VaultError::NotStored {
                table: OpRow::TABLE.name(),
            });
        }
        found.sort_unstable_by_key(|row| row.arrival);
        Ok(found.into_iter().map(|row| row.op).collect())
    }
}
