//! Table `root_history`: the vault's own chain of roots, by which an anchor from some commits
//! ago is known again (docs/protocol.md §3).

use sqlx::SqliteConnection;

use super::{Found, RootRow, signed};
use crate::VaultError;
use crate::frame::Columns;
use crate::root::Table;

/// The root after commit `counter`, written by the commit after it, whose root covers it.
pub(crate) struct RootHistoryRow {
    pub(crate) counter: i64,
    pub(crate) root: [u8; 32],
}

impl RootRow for RootHistoryRow {
    const TABLE: Table = Table::RootHistory;
    const COLUMNS: &'static str = "counter, root";
    const INDEXED: bool = false;

    fn visit(&self, columns: &mut impl Columns) {
        columns.int(self.counter);
        columns.bytes(&self.root);
    }

    fn read(row: &Found<'_>) -> Result<Self, VaultError> {
        Ok(Self {
            counter: row.int(0)?,
            root: row.array(1)?,
        })
    }
}

/// The root that this vault had after commit `counter`, if that is a past one.
pub(crate) async fn root_after(
    connection: &mut SqliteConnection,
    counter: u64,
) -> Result<Option<[u8; 32]>, VaultError> {
    let row = sqlx::query(RootHistoryRow::select("WHERE counter = ?"))
        .bind(signed(counter)?)
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(RootHistoryRow::from_sqlite(&row)?.root))
        .transpose()
}
