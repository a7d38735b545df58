//! Table `op`: signed ops as received.

use team::ids::{DeviceId, OpId, TeamId};

use super::{Found, RootRow, Writer, read_asked, signed};
use crate::frame::Columns;
use crate::root::Table;
use crate::{Vault, VaultError};

/// What the ledger needs an op for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpKind {
    /// It bears on membership, keys or bundles.
    Control,
    /// It brings or hides versions of entries.
    Data,
}

impl OpKind {
    const fn number(self) -> i64 {
        match self {
            Self::Control => 0,
            Self::Data => 1,
        }
    }

    const fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Control),
            1 => Some(Self::Data),
            _ => None,
        }
    }
}

/// What the ledger made of an op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpStatus {
    /// It counts.
    Applied,
    /// It is valid in form and has no effect.
    Void,
    /// Its data waits for a review.
    Quarantined,
    /// Something that it cites is missing.
    Pending,
}

impl OpStatus {
    const fn number(self) -> i64 {
        match self {
            Self::Applied => 0,
            Self::Void => 1,
            Self::Quarantined => 2,
            Self::Pending => 3,
        }
    }

    const fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Applied),
            1 => Some(Self::Void),
            2 => Some(Self::Quarantined),
            3 => Some(Self::Pending),
            _ => None,
        }
    }
}

/// A signed op.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// Its id, a hash of its bytes.
    pub id: OpId,
    /// The team it belongs to.
    pub team: TeamId,
    /// The device that signed it.
    pub device: DeviceId,
    /// Its place in that device's chain.
    pub seq: u64,
    /// What the ledger needs it for.
    pub kind: OpKind,
    /// What the ledger made of it.
    pub status: OpStatus,
    /// The ops of other devices that it cites.
    pub deps: Vec<OpId>,
    /// The signed bytes, as received.
    pub raw: Vec<u8>,
}

/// An op and its place in the order of arrival.
pub(crate) struct OpRow {
    arrival: i64,
    seq: i64,
    op: Op,
}

impl RootRow for OpRow {
    const TABLE: Table = Table::Op;
    const COLUMNS: &'static str = "arrival, id, team, device, seq, kind, status, deps, raw";

    fn visit(&self, columns: &mut impl Columns) {
        columns.int(self.arrival);
        columns.bytes(self.op.id.as_bytes());
        columns.bytes(self.op.team.as_bytes());
        columns.bytes(self.op.device.as_bytes());
        columns.int(self.seq);
        columns.int(self.op.kind.number());
        columns.int(self.op.status.number());
        let deps: Vec<u8> = self.op.deps.iter().flat_map(|id| *id.as_bytes()).collect();
        columns.bytes(&deps);
        columns.bytes(&self.op.raw);
    }

    fn read(row: &Found<'_>) -> Result<Self, VaultError> {
        let deps = row.bytes(7)?.chunks(OpId::SIZE).map(OpId::from_slice);
        Ok(Self {
            arrival: row.int(0)?,
            seq: row.int(4)?,
            op: Op {
                id: OpId::from_bytes(row.array(1)?),
                team: TeamId::from_bytes(row.array(2)?),
                device: DeviceId::from_bytes(row.array(3)?),
                seq: row.unsigned(4)?,
                kind: row.known(5, OpKind::from_number)?,
                status: row.known(6, OpStatus::from_number)?,
                deps: deps.collect::<Option<_>>().ok_or_else(|| row.changed())?,
                raw: row.bytes(8)?.to_vec(),
            },
        })
    }
}

impl Writer<'_> {
    /// Adds ops in the order given, after all others.
    pub(crate) async fn add_ops(&mut self, ops: Vec<Op>) -> Result<(), VaultError> {
        if ops.is_empty() {
            return Ok(());
        }
        let last: i64 = sqlx::query_scalar("SELECT coalesce(max(arrival), 0) FROM op")
            .fetch_one(&mut *self.connection)
            .await?;
        let rows = ops
            .into_iter()
            .zip(last + 1..)
            .map(|(op, arrival)| {
                Ok(OpRow {
                    arrival,
                    seq: signed(op.seq)?,
                    op,
                })
            })
            .collect::<Result<Vec<_>, VaultError>>()?;
        self.insert(&rows).await
    }

    /// Sets what the ledger makes of an op.
    pub(crate) async fn set_op_status(
        &mut self,
        id: &OpId,
        status: OpStatus,
    ) -> Result<(), VaultError> {
        let row = sqlx::query(OpRow::select("WHERE id = ?"))
            .bind(id.as_bytes().to_vec())
            .fetch_optional(&mut *self.connection)
            .await?
            .ok_or(VaultError::NotStored {
                table: OpRow::TABLE.name(),
            })?;
        let mut row = OpRow::from_sqlite(&row)?;
        self.forget(&row);
        row.op.status = status;
        self.remember(&row);
        sqlx::query("UPDATE op SET status = ? WHERE id = ?")
            .bind(status.number())
            .bind(id.as_bytes().to_vec())
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }
}

/// The condition repeats that of the index `op_ledger` word for word, else SQLite won't use it.
pub(crate) const LEDGER: &str = "WHERE team = ? AND (kind = 0 OR length(deps) > 0)";

impl Vault {
    /// What the ledger replays: a team's control ops and those data ops that cite other
    /// devices, in the order of arrival.
    pub async fn ledger_ops(&mut self, team: &TeamId) -> Result<Vec<Op>, VaultError> {
        let rows = sqlx::query(OpRow::select_by_index(LEDGER, "ORDER BY arrival"))
            .bind(team.as_bytes().to_vec())
            .fetch_all(&mut self.connection)
            .await?;
        let asked = |row: &OpRow| {
            let counts = row.op.kind == OpKind::Control || !row.op.deps.is_empty();
            row.op.team == *team && counts
        };
        let found = read_asked(&rows, asked)?;
        Ok(found.into_iter().map(|row| row.op).collect())
    }

    /// The op of this id.
    pub async fn op(&mut self, id: &OpId) -> Result<Option<Op>, VaultError> {
        let row = sqlx::query(OpRow::select_by_index("WHERE id = ?", ""))
            .bind(id.as_bytes().to_vec())
            .fetch_optional(&mut self.connection)
            .await?;
        row.map(|row| Ok(OpRow::from_index(&row, |found| found.op.id == *id)?.op))
            .transpose()
    }
}
