//! Table `op`: signed ops as received.

use futures_util::TryStreamExt;
use team::ids::{DeviceId, OpId, TeamId};

use super::row_key::ByChain;
use super::{Found, RootRow, Writer, find_named, read_all, read_asked, signed};
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
}

impl OpStatus {
    const fn number(self) -> i64 {
        match self {
            Self::Applied => 0,
            Self::Void => 1,
            Self::Quarantined => 2,
        }
    }

    const fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Applied),
            1 => Some(Self::Void),
            2 => Some(Self::Quarantined),
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
    pub(crate) arrival: i64,
    seq: i64,
    pub(crate) op: Op,
}

impl RootRow for OpRow {
    const TABLE: Table = Table::Op;
    const COLUMNS: &'static str = "arrival, id, team, device, seq, kind, status, deps, raw";
    const INDEXED: bool = true;

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

/// What a device wrote from a place on. Its keys may be in use in another team too.
pub(crate) const CHAIN: &str = "WHERE device = ? AND seq >= ?";

/// What stands at one place of a device's chain.
pub(crate) const PLACE: &str = "WHERE device = ? AND seq = ?";

/// A page of a team's ops.
pub(crate) const PAGE: &str = "WHERE arrival > ? AND team = ? ORDER BY arrival LIMIT ?";

impl Vault {
    /// What the ledger replays: a team's control ops, those data ops that cite other devices, and
    /// every op of a device that forked, in the order of arrival.
    pub async fn ledger_ops(&mut self, team: &TeamId) -> Result<Vec<Op>, VaultError> {
        let rows = sqlx::query(OpRow::select_by_index(LEDGER, "ORDER BY arrival"))
            .bind(team.as_bytes().to_vec())
            .fetch_all(&mut self.connection)
            .await?;
        let asked = |row: &OpRow| {
            let counts = row.op.kind == OpKind::Control || !row.op.deps.is_empty();
            row.op.team == *team && counts
        };
        let mut found = read_asked(&rows, asked)?;
        let frontier = self.frontier(team).await?;
        let forked: Vec<_> = frontier.iter().filter(|head| head.forked).collect();
        if !forked.is_empty() {
            for head in forked {
                found.extend(self.chain(team, &head.device, 0).await?);
            }
            found.sort_unstable_by_key(|row| row.arrival);
            found.dedup_by_key(|row| row.arrival);
        }
        Ok(found.into_iter().map(|row| row.op).collect())
    }

    /// The place of the newest op in the order of arrival, over all teams; 0 before the first. It says
    /// whether anything was written or came in since it was asked for last.
    pub async fn last_arrival(&mut self) -> Result<u64, VaultError> {
        let last: i64 = sqlx::query_scalar("SELECT coalesce(max(arrival), 0) FROM op")
            .fetch_one(&mut self.connection)
            .await?;
        Ok(last.cast_unsigned())
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

    /// At most `limit` ops of a team, whatever became of them, in the order of arrival, each with
    /// its place in it: those after the place `after`, which is 0 for the first page.
    pub async fn all_ops(
        &mut self,
        team: &TeamId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Op)>, VaultError> {
        let rows = sqlx::query(OpRow::select(PAGE))
            .bind(signed(after)?)
            .bind(team.as_bytes().to_vec())
            .bind(limit)
            .fetch_all(&mut self.connection)
            .await?;
        let found = read_all::<OpRow>(&rows)?.into_iter();
        Ok(found
            .map(|row| (row.arrival.cast_unsigned(), row.op))
            .collect())
    }

    /// Ids of the applied ops of a device at a place of its chain, whatever became of them: none,
    /// one, or several where it forked.
    pub async fn ops_at(
        &mut self,
        team: &TeamId,
        device: &DeviceId,
        seq: u64,
    ) -> Result<Vec<OpId>, VaultError> {
        let rows = sqlx::query(OpRow::select_by_index(PLACE, "ORDER BY arrival"))
            .bind(device.as_bytes().to_vec())
            .bind(signed(seq)?)
            .fetch_all(&mut self.connection)
            .await?;
        let asked = |row: &OpRow| row.op.device == *device && row.op.seq == seq;
        let found = read_asked(&rows, asked)?.into_iter();
        Ok(found
            .filter(|row| row.op.team == *team)
            .map(|row| row.op.id)
            .collect())
    }

    /// What [`Vault::ops_at`] answers, for several places: those that are taken, each with an op.
    pub async fn ops_at_places(
        &mut self,
        team: &TeamId,
        places: &[(DeviceId, u64)],
    ) -> Result<Vec<(DeviceId, u64, OpId)>, VaultError> {
        let names = places
            .iter()
            .map(|(device, seq)| Ok(ByChain(*device, signed(*seq)?)))
            .collect::<Result<Vec<_>, VaultError>>()?;
        let name = |row: &OpRow| ByChain(row.op.device, row.seq);
        let found = find_named(&mut self.connection, &names, name).await?;
        let of_team = found.into_iter().filter(|row| row.op.team == *team);
        Ok(of_team
            .map(|row| (row.op.device, row.op.seq, row.op.id))
            .collect())
    }

    /// The place of every applied op of a team: what [`Vault::ops_at`] answers, for all places at
    /// once. In no order.
    pub async fn op_places(
        &mut self,
        team: &TeamId,
    ) -> Result<Vec<(DeviceId, u64, OpId)>, VaultError> {
        let mut rows = sqlx::query("SELECT team, device, seq, id FROM op NOT INDEXED")
            .fetch(&mut self.connection);
        let mut places = Vec::new();
        while let Some(row) = rows.try_next().await? {
            let row = Found::new(&row, OpRow::TABLE.name());
            if row.array(0)? == *team.as_bytes() {
                places.push((
                    DeviceId::from_bytes(row.array(1)?),
                    row.unsigned(2)?,
                    OpId::from_bytes(row.array(3)?),
                ));
            }
        }
        Ok(places)
    }

    /// How many ops of a team were applied, whatever became of them.
    pub async fn count_ops(&mut self, team: &TeamId) -> Result<u64, VaultError> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM op WHERE team = ?")
            .bind(team.as_bytes().to_vec())
            .fetch_one(&mut self.connection)
            .await?;
        Ok(count.cast_unsigned())
    }

    /// At most `limit` ops of a team in the order of arrival, after so many others of it.
    pub async fn ops_in_order(
        &mut self,
        team: &TeamId,
        after: u64,
        limit: u64,
    ) -> Result<Vec<Op>, VaultError> {
        let rows = sqlx::query(OpRow::select(
            "WHERE team = ? ORDER BY arrival LIMIT ? OFFSET ?",
        ))
        .bind(team.as_bytes().to_vec())
        .bind(signed(limit)?)
        .bind(signed(after)?)
        .fetch_all(&mut self.connection)
        .await?;
        Ok(read_all::<OpRow>(&rows)?
            .into_iter()
            .map(|row| row.op)
            .collect())
    }

    /// A device's ops from the place `seq` of its chain on, in the order of arrival.
    pub async fn ops_from(
        &mut self,
        team: &TeamId,
        device: &DeviceId,
        seq: u64,
    ) -> Result<Vec<Op>, VaultError> {
        let found = self.chain(team, device, seq).await?.into_iter();
        Ok(found.map(|row| row.op).collect())
    }

    /// A device's data ops from the place `seq` of its chain on, in the order of arrival: those
    /// that an op had not seen which had seen the device up to the place before.
    pub async fn data_ops_of(
        &mut self,
        team: &TeamId,
        device: &DeviceId,
        seq: u64,
    ) -> Result<Vec<Op>, VaultError> {
        let found = self.chain(team, device, seq).await?.into_iter();
        Ok(found
            .map(|row| row.op)
            .filter(|op| op.kind == OpKind::Data)
            .collect())
    }

    async fn chain(
        &mut self,
        team: &TeamId,
        device: &DeviceId,
        from: u64,
    ) -> Result<Vec<OpRow>, VaultError> {
        let rows = sqlx::query(OpRow::select_by_index(CHAIN, "ORDER BY arrival"))
            .bind(device.as_bytes().to_vec())
            .bind(signed(from)?)
            .fetch_all(&mut self.connection)
            .await?;
        let asked = |row: &OpRow| row.op.device == *device && row.op.seq >= from;
        let mut found = read_asked(&rows, asked)?;
        found.retain(|row| row.op.team == *team);
        Ok(found)
    }
}
