//! One file for each table: its row type and all its SQL.
//!
//! A [`RootRow`] lists its columns once, for binding as well as for the root's digest, so what
//! is written and what is covered can't differ.

pub(crate) mod audit;
mod count;
pub(crate) mod frontier;
pub(crate) mod identity;
pub(crate) mod key;
pub(crate) mod key_slot;
pub(crate) mod meta;
pub(crate) mod op;
pub(crate) mod root_history;
pub(crate) mod version;

use futures_util::TryStreamExt;
use sqlx::query_builder::{QueryBuilder, Separated};
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Decode, Row, Type, ValueRef};

use crate::VaultError;
use crate::frame::{Columns, Frame};
use crate::keys::VaultKeys;
use crate::root::{RowDigest, Sums, Table};

/// Rows in one INSERT. SQLite takes 32,766 parameters; the widest table has 12 columns.
const ROWS_PER_INSERT: usize = 500;

/// Ids in one `IN (…)`.
pub(crate) const IDS_PER_QUERY: usize = 500;

/// A row of a table that the root covers.
pub(crate) trait RootRow: Sized {
    const TABLE: Table;

    /// The table's columns, in the order of [`Self::visit`] and [`Self::read`].
    const COLUMNS: &'static str;

    /// Hands over each column in order.
    fn visit(&self, columns: &mut impl Columns);

    /// What finds a row in the table itself, for tables that have indexes beside it.
    const KEY: &'static str = "rowid";

    /// The row that a query for [`Self::COLUMNS`] found.
    fn read(row: &Found<'_>) -> Result<Self, VaultError>;

    fn digest(&self) -> RowDigest {
        let mut frame = Frame::new(Self::TABLE.name());
        self.visit(&mut frame);
        RowDigest::of(&frame)
    }

    /// `SELECT` of all columns, to be followed by a condition.
    fn select(rest: &str) -> AssertSqlSafe<String> {
        AssertSqlSafe(format!(
            "SELECT {} FROM {} {rest}",
            Self::COLUMNS,
            Self::TABLE.name()
        ))
    }

    /// `SELECT` of the rows that an index finds by `condition`, to be followed by an order. The
    /// index only says which rows: left to itself, SQLite also reads the columns that an index
    /// holds from there, and [`Self::from_index`] would compare the index with itself.
    fn select_by_index(condition: &str, rest: &str) -> AssertSqlSafe<String> {
        let (table, key) = (Self::TABLE.name(), Self::KEY);
        Self::select(&format!(
            "WHERE {key} IN (SELECT {key} FROM {table} {condition}) {rest}"
        ))
    }

    fn from_sqlite(row: &SqliteRow) -> Result<Self, VaultError> {
        Self::read(&Found {
            row,
            table: Self::TABLE.name(),
        })
    }

    /// A row that was found by an index, if it is what was asked for.
    ///
    /// # Errors
    /// [`VaultError::RowsChanged`] if it is another one: the index was rewritten (threat 46).
    fn from_index(row: &SqliteRow, asked: impl FnOnce(&Self) -> bool) -> Result<Self, VaultError> {
        let row = Self::from_sqlite(row)?;
        if asked(&row) {
            Ok(row)
        } else {
            Err(VaultError::RowsChanged {
                table: Self::TABLE.name(),
            })
        }
    }
}

/// A row as SQLite returns it. Any column that does not hold what our schema and writer put
/// there means that someone else changed the table.
pub(crate) struct Found<'a> {
    row: &'a SqliteRow,
    table: &'static str,
}

impl<'a> Found<'a> {
    pub(crate) fn new(row: &'a SqliteRow, table: &'static str) -> Self {
        Self { row, table }
    }

    pub(crate) fn changed(&self) -> VaultError {
        VaultError::RowsChanged { table: self.table }
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<&'a [u8], VaultError> {
        self.optional_bytes(column)?.ok_or_else(|| self.changed())
    }

    pub(crate) fn array<const N: usize>(&self, column: usize) -> Result<[u8; N], VaultError> {
        self.bytes(column)?.try_into().map_err(|_| self.changed())
    }

    pub(crate) fn optional_bytes(&self, column: usize) -> Result<Option<&'a [u8]>, VaultError> {
        let value = self.row.try_get_raw(column).map_err(|_| self.changed())?;
        // Text would be taken for bytes, has the same digest, and is found by no index.
        if !value.is_null() && *value.type_info() != <[u8] as Type<Sqlite>>::type_info() {
            return Err(self.changed());
        }
        <Option<&[u8]>>::decode(value).map_err(|_| self.changed())
    }

    pub(crate) fn int(&self, column: usize) -> Result<i64, VaultError> {
        self.row.try_get(column).map_err(|_| self.changed())
    }

    pub(crate) fn optional_int(&self, column: usize) -> Result<Option<i64>, VaultError> {
        self.row.try_get(column).map_err(|_| self.changed())
    }

    pub(crate) fn unsigned(&self, column: usize) -> Result<u64, VaultError> {
        u64::try_from(self.int(column)?).map_err(|_| self.changed())
    }

    pub(crate) fn known<T>(
        &self,
        column: usize,
        from_number: impl FnOnce(i64) -> Option<T>,
    ) -> Result<T, VaultError> {
        from_number(self.int(column)?).ok_or_else(|| self.changed())
    }
}

/// SQLite's integers are signed.
pub(crate) fn signed(number: u64) -> Result<i64, VaultError> {
    i64::try_from(number).map_err(|_| VaultError::OutOfRange)
}

/// Binds columns as the values of one row.
struct Binder<'a, 'q>(&'a mut Separated<'q, Sqlite, &'static str>);

impl Columns for Binder<'_, '_> {
    fn bytes(&mut self, value: &[u8]) {
        self.0.push_bind(value.to_vec());
    }

    fn optional_bytes(&mut self, value: Option<&[u8]>) {
        self.0.push_bind(value.map(<[u8]>::to_vec));
    }

    fn int(&mut self, value: i64) {
        self.0.push_bind(value);
    }

    fn optional_int(&mut self, value: Option<i64>) {
        self.0.push_bind(value);
    }
}

/// The write end of a transaction: keeps the sums in step with the rows.
pub(crate) struct Writer<'a> {
    pub(crate) connection: &'a mut SqliteConnection,
    pub(crate) keys: &'a VaultKeys,
    pub(crate) sums: &'a mut Sums,
}

impl Writer<'_> {
    /// Adds rows whose ids are new.
    ///
    /// # Errors
    /// [`VaultError::AlreadyStored`] if one is not.
    pub(crate) async fn insert<R: RootRow>(&mut self, rows: &[R]) -> Result<(), VaultError> {
        for chunk in rows.chunks(ROWS_PER_INSERT) {
            let mut query = QueryBuilder::<Sqlite>::new(format!(
                "INSERT INTO {} ({}) ",
                R::TABLE.name(),
                R::COLUMNS
            ));
            query.push_values(chunk, |mut values, row| row.visit(&mut Binder(&mut values)));
            // Only full chunks and single rows recur, and are worth a cached statement.
            let recurs = chunk.len() == ROWS_PER_INSERT || chunk.len() == 1;
            query
                .build()
                .persistent(recurs)
                .execute(&mut *self.connection)
                .await
                .map_err(|error| match &error {
                    sqlx::Error::Database(database) if database.is_unique_violation() => {
                        VaultError::AlreadyStored {
                            table: R::TABLE.name(),
                        }
                    }
                    _ => error.into(),
                })?;
            for row in chunk {
                self.sums.add(self.keys, R::TABLE, row.digest());
            }
        }
        Ok(())
    }

    /// Deletes the one row that `condition` finds by its only parameter, and tells whether
    /// there was one.
    pub(crate) async fn delete<R: RootRow>(
        &mut self,
        condition: &str,
        id: &[u8],
    ) -> Result<bool, VaultError> {
        let found = sqlx::query(R::select(condition))
            .bind(id)
            .fetch_optional(&mut *self.connection)
            .await?;
        let Some(found) = found else { return Ok(false) };
        self.forget(&R::from_sqlite(&found)?);
        sqlx::query(AssertSqlSafe(format!(
            "DELETE FROM {} {condition}",
            R::TABLE.name()
        )))
        .bind(id)
        .execute(&mut *self.connection)
        .await?;
        Ok(true)
    }

    /// Takes a row that is about to change or go out of the sums.
    pub(crate) fn forget<R: RootRow>(&mut self, row: &R) {
        self.sums.subtract(self.keys, R::TABLE, row.digest());
    }

    /// Takes a changed row into the sums.
    pub(crate) fn remember<R: RootRow>(&mut self, row: &R) {
        self.sums.add(self.keys, R::TABLE, row.digest());
    }
}

/// Digests of every row of every table that the root covers, read without any key.
pub(crate) async fn digest_all(
    connection: &mut SqliteConnection,
) -> Result<Vec<(Table, RowDigest)>, VaultError> {
    let mut digests = Vec::new();
    digest_table::<identity::IdentityRow>(connection, &mut digests).await?;
    digest_table::<key::KeyRow>(connection, &mut digests).await?;
    digest_table::<op::OpRow>(connection, &mut digests).await?;
    digest_table::<frontier::Frontier>(connection, &mut digests).await?;
    digest_table::<version::Version>(connection, &mut digests).await?;
    digest_table::<audit::AuditRow>(connection, &mut digests).await?;
    digest_table::<root_history::RootHistoryRow>(connection, &mut digests).await?;
    Ok(digests)
}

async fn digest_table<R: RootRow>(
    connection: &mut SqliteConnection,
    digests: &mut Vec<(Table, RowDigest)>,
) -> Result<(), VaultError> {
    let mut rows = sqlx::query(R::select("NOT INDEXED")).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        digests.push((R::TABLE, R::from_sqlite(&row)?.digest()));
    }
    Ok(())
}

/// As [`RootRow::from_index`], for all rows that a query found.
pub(crate) fn read_asked<R: RootRow>(
    rows: &[SqliteRow],
    asked: impl Fn(&R) -> bool,
) -> Result<Vec<R>, VaultError> {
    rows.iter().map(|row| R::from_index(row, &asked)).collect()
}

/// All rows that a prepared query finds, read as `R`.
pub(crate) fn read_all<R: RootRow>(rows: &[SqliteRow]) -> Result<Vec<R>, VaultError> {
    rows.iter().map(R::from_sqlite).collect()
}
