//! Table `waiting`: ops that came and wait for something that did not.

use team::ids::{OpId, TeamId};

use super::row_key::{ByOp, ByTeam};
use super::{Found, RootRow, Writer, find_named};
use crate::frame::Columns;
use crate::root::Table;
use crate::{Vault, VaultError};

/// An op that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingOp {
    /// Its id, a hash of its bytes.
    pub op: OpId,
    /// The team it says it belongs to.
    pub team: TeamId,
    /// The signed bytes, as received.
    pub raw: Vec<u8>,
}

/// An op that waits, and its place in the order of coming.
pub(crate) struct WaitingRow {
    came: i64,
    waiting: WaitingOp,
}

impl RootRow for WaitingRow {
    const TABLE: Table = Table::Waiting;
    const COLUMNS: &'static str = "came, op, team, raw";
    const INDEXED: bool = true;

    fn visit(&self, columns: &mut impl Columns) {
        columns.int(self.came);
        columns.bytes(self.waiting.op.as_bytes());
        columns.bytes(self.waiting.team.as_bytes());
        columns.bytes(&self.waiting.raw);
    }

    fn read(row: &Found<'_>) -> Result<Self, VaultError> {
        Ok(Self {
            came: row.int(0)?,
            waiting: WaitingOp {
                op: OpId::from_bytes(row.array(1)?),
                team: TeamId::from_bytes(row.array(2)?),
                raw: row.bytes(3)?.to_vec(),
            },
        })
    }
}

impl Writer<'_> {
    /// Adds ops after all others; one that waits already keeps its place.
    pub(crate) async fn add_waiting(&mut self, ops: Vec<WaitingOp>) -> Result<(), VaultError> {
        if ops.is_empty() {
            return Ok(());
        }
        let last: i64 = sqlx::query_scalar("SELECT coalesce(max(came), 0) FROM waiting")
            .fetch_one(&mut *self.connection)
            .await?;
        let rows: Vec<_> = ops
            .into_iter()
            .zip(last + 1..)
            .map(|(waiting, came)| WaitingRow { came, waiting })
            .collect();
        self.insert_new(&rows).await
    }

    pub(crate) async fn remove_waiting(&mut self, ops: &[OpId]) -> Result<(), VaultError> {
        let names: Vec<ByOp> = ops.iter().copied().map(ByOp).collect();
        self.remove::<WaitingRow, _>(&names).await?;
        Ok(())
    }
}

impl Vault {
    /// Whether any op of a team waits.
    pub async fn has_waiting(&mut self, team: &TeamId) -> Result<bool, VaultError> {
        let any = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM waiting WHERE team = ?)")
            .bind(team.as_bytes().as_slice())
            .fetch_one(&mut self.connection);
        Ok(any.await?)
    }

    /// A team's ops that wait, in the order of coming.
    pub async fn waiting_ops(&mut self, team: &TeamId) -> Result<Vec<WaitingOp>, VaultError> {
        let name = |row: &WaitingRow| ByTeam(row.waiting.team);
        let mut found = find_named(&mut self.connection, &[ByTeam(*team)], name).await?;
        found.sort_unstable_by_key(|row| row.came);
        Ok(found.into_iter().map(|row| row.waiting).collect())
    }
}
