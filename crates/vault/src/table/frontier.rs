//! Table `frontier`: the newest applied op of each device.

use std::cmp::Ordering;

use team::ids::{DeviceId, OpId, TeamId};

use super::{Found, RootRow, Writer, flag, read_all, signed};
use crate::frame::Columns;
use crate::root::Table;
use crate::{Vault, VaultError};

/// Where a device's chain stands; of a device that forked, the first of its chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frontier {
    /// The team.
    pub team: TeamId,
    /// The device.
    pub device: DeviceId,
    /// Number of its newest applied op, at most 2^63 - 1.
    pub seq: u64,
    /// That op.
    pub op: OpId,
    /// Whether the device has written two ops at one place. Once set, it stays.
    pub forked: bool,
}

impl RootRow for Frontier {
    const TABLE: Table = Table::Frontier;
    const COLUMNS: &'static str = "team, device, seq, op, forked";
    const INDEXED: bool = false;

    fn visit(&self, columns: &mut impl Columns) {
        columns.bytes(self.team.as_bytes());
        columns.bytes(self.device.as_bytes());
        // Checked before it is written.
        columns.int(self.seq.cast_signed());
        columns.bytes(self.op.as_bytes());
        columns.int(self.forked.into());
    }

    fn read(row: &Found<'_>) -> Result<Self, VaultError> {
        Ok(Self {
            team: TeamId::from_bytes(row.array(0)?),
            device: DeviceId::from_bytes(row.array(1)?),
            seq: row.unsigned(2)?,
            op: OpId::from_bytes(row.array(3)?),
            forked: row.known(4, flag)?,
        })
    }
}

impl Writer<'_> {
    /// Moves a device's frontier on.
    ///
    /// # Errors
    /// [`VaultError::FrontierBackwards`] if it would go back, or aside.
    pub(crate) async fn advance(&mut self, mut new: Frontier) -> Result<(), VaultError> {
        let seq = signed(new.seq)?;
        let found = sqlx::query(Frontier::select("WHERE team = ? AND device = ?"))
            .bind(new.team.as_bytes().to_vec())
            .bind(new.device.as_bytes().to_vec())
            .fetch_optional(&mut *self.connection)
            .await?;
        let Some(found) = found else {
            return self.insert(&[new]).await;
        };
        let old = Frontier::from_sqlite(&found)?;
        match new.seq.cmp(&old.seq) {
            Ordering::Greater => {}
            Ordering::Equal if new.op == old.op => {}
            _ => return Err(VaultError::FrontierBackwards),
        }
        new.forked |= old.forked;
        self.forget(&old);
        self.remember(&new);
        let update =
            "UPDATE frontier SET seq = ?, op = ?, forked = ? WHERE team = ? AND device = ?";
        sqlx::query(update)
            .bind(seq)
            .bind(new.op.as_bytes().to_vec())
            .bind(new.forked)
            .bind(new.team.as_bytes().to_vec())
            .bind(new.device.as_bytes().to_vec())
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }
}

impl Vault {
    /// Where each device of a team stands.
    pub async fn frontier(&mut self, team: &TeamId) -> Result<Vec<Frontier>, VaultError> {
        let rows = sqlx::query(Frontier::select("WHERE team = ? ORDER BY device"))
            .bind(team.as_bytes().to_vec())
            .fetch_all(&mut self.connection)
            .await?;
        read_all(&rows)
    }
}
