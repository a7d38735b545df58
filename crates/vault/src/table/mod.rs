//! One file for each table: its row type and all its SQL.
//!
//! A [`RootRow`] lists its columns once, for binding as well as for the root's digest, so what
//! is written and what is covered can't differ.

pub(crate) mod audit;
mod count;
pub(crate) mod evidence;
pub(crate) mod frontier;
pub(crate) mod identity;
pub(crate) mod key;
pub(crate) mod key_slot;
pub(crate) mod meta;
pub(crate) mod object;
pub(crate) mod op;
pub(crate) mod outbox;
pub(crate) mod pack;
pub(crate) mod remote;
pub(crate) mod root_history;
pub(crate) mod row_key;
pub(crate) mod seal;
pub(crate) mod version;
pub(crate) mod waiting;

use std::collections::BTreeSet;

use futures_util::TryStreamExt;
use sqlx::query_builder::{QueryBuilder, Separated};
use sqlx::sqlite::{Sqlite, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Decode, Row, Type, ValueRef};

use self::row_key::RowKey;

use crate::VaultError;
use crate::frame::{Columns, Frame};
use crate::keys::VaultKeys;
use crate::root::{RowDigest, Sums, Table};

/// Rows in one INSERT. SQLite takes 32,766 parameters; the widest table has 14 columns.
const ROWS_PER_INSERT: usize = 500;

/// Rows asked for by name in one query.
const NAMED_PER_QUERY: usize = 500;

/// A row of a table that the root covers.
pub(crate) trait RootRow: Sized {
    const TABLE: Table;

    /// The table's columns, in the order of [`Self::visit`] and [`Self::read`].
    const COLUMNS: &'static str;

    /// Hands over each column in order.
    fn visit(&self, columns: &mut impl Columns);

    /// Whether rows are found by indexes beside the table. Where not, the primary key is the
    /// table.
    const INDEXED: bool;

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
        let table = Self::TABLE.name();
        Self::select(&format!(
            "WHERE rowid IN (SELECT rowid FROM {table} {condition}) {rest}"
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

    pub(crate) fn optional_array<const N: usize>(
        &self,
        column: usize,
    ) -> Result<Option<[u8; N]>, VaultError> {
        let array = self.optional_bytes(column)?.map(<[u8; N]>::try_from);
        array.transpose().map_err(|_| self.changed())
    }

    pub(crate) fn optional_bytes(&self, column: usize) -> Result<Option<&'a [u8]>, VaultError> {
        let value = self.row.try_get_raw(column).map_err(|_| self.changed())?;
        // Text would be taken for bytes, has the same digest, and is found by no index.
        if !value.is_null() && *value.type_info() != <[u8] as Type<Sqlite>>::type_info() {
            return Err(self.changed());
        }
        <Option<&[u8]>>::decode(value).map_err(|_| self.changed())
    }

    pub(crate) fn text(&self, column: usize) -> Result<&'a str, VaultError> {
        self.row.try_get(column).map_err(|_| self.changed())
    }

    pub(crate) fn int(&self, column: usize) -> Result<i64, VaultError> {
        self.row.try_get(column).map_err(|_| self.changed())
    }

    pub(crate) fn optional_int(&self, column: usize) -> Result<Option<i64>, VaultError> {
        self.row.try_get(column).map_err(|_| self.changed())
    }

    pub(crate) fn small(&self, column: usize) -> Result<u32, VaultError> {
        u32::try_from(self.int(column)?).map_err(|_| self.changed())
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

/// A column that is 0 or 1.
pub(crate) const fn flag(number: i64) -> Option<bool> {
    match number {
        0 => Some(false),
        1 => Some(true),
        _ => None,
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

    fn text(&mut self, value: &str) {
        self.0.push_bind(value.to_owned());
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
            insertion(chunk)
                .build()
                .persistent(recurs(chunk.len(), ROWS_PER_INSERT))
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

    /// Adds those rows whose ids are new; the others stay as they are.
    pub(crate) async fn insert_new<R: RootRow>(&mut self, rows: &[R]) -> Result<(), VaultError> {
        for chunk in rows.chunks(ROWS_PER_INSERT) {
            let mut query = insertion(chunk);
            query.push(" ON CONFLICT DO NOTHING RETURNING ");
            query.push(R::COLUMNS);
            let added = query
                .build()
                .persistent(recurs(chunk.len(), ROWS_PER_INSERT))
                .fetch_all(&mut *self.connection)
                .await?;
            for row in &added {
                self.remember(&R::from_sqlite(row)?);
            }
        }
        Ok(())
    }

    /// Takes the rows of these names out of the table, and returns those that were there.
    pub(crate) async fn remove<R: RootRow, K: RowKey>(
        &mut self,
        names: &[K],
    ) -> Result<Vec<R>, VaultError> {
        let mut removed = Vec::new();
        for chunk in names.chunks(NAMED_PER_QUERY) {
            let mut query = QueryBuilder::<Sqlite>::new(format!("DELETE FROM {}", R::TABLE.name()));
            push_named(&mut query, chunk);
            query.push(" RETURNING ");
            query.push(R::COLUMNS);
            let rows = query
                .build()
                .persistent(recurs(chunk.len(), NAMED_PER_QUERY))
                .fetch_all(&mut *self.connection)
                .await?;
            for row in &rows {
                let row = R::from_sqlite(row)?;
                self.forget(&row);
                removed.push(row);
            }
        }
        Ok(removed)
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

/// `INSERT` of these rows.
fn insertion<R: RootRow>(rows: &[R]) -> QueryBuilder<Sqlite> {
    let mut query =
        QueryBuilder::<Sqlite>::new(format!("INSERT INTO {} ({}) ", R::TABLE.name(), R::COLUMNS));
    query.push_values(rows, |mut values, row| row.visit(&mut Binder(&mut values)));
    query
}

/// Only full chunks and single rows recur, and are worth a cached statement.
fn recurs(rows: usize, full: usize) -> bool {
    rows == full || rows == 1
}

/// The condition that a row has one of these names. Only in this form does SQLite search an index
/// of several columns.
pub(crate) fn push_named<K: RowKey>(query: &mut QueryBuilder<Sqlite>, names: &[K]) {
    query.push(format!(" WHERE {} IN (SELECT * FROM (", K::COLUMNS));
    query.push_values(names, |mut values, name| {
        name.visit(&mut Binder(&mut values));
    });
    query.push("))");
}

/// The rows of these names. An index only says which rows: see [`RootRow::select_by_index`].
pub(crate) async fn find_named<R: RootRow, K: RowKey + Ord>(
    connection: &mut SqliteConnection,
    names: &[K],
    name_of: impl Fn(&R) -> K,
) -> Result<Vec<R>, VaultError> {
    let mut found = Vec::new();
    for chunk in names.chunks(NAMED_PER_QUERY) {
        let (columns, table) = (R::COLUMNS, R::TABLE.name());
        let mut query = QueryBuilder::<Sqlite>::new(format!("SELECT {columns} FROM {table}"));
        if R::INDEXED {
            query.push(format!(" WHERE rowid IN (SELECT rowid FROM {table}"));
        }
        push_named(&mut query, chunk);
        if R::INDEXED {
            query.push(")");
        }
        let rows = query
            .build()
            .persistent(recurs(chunk.len(), NAMED_PER_QUERY))
            .fetch_all(&mut *connection)
            .await?;
        let asked: BTreeSet<&K> = chunk.iter().collect();
        found.extend(read_asked(&rows, |row| asked.contains(&name_of(row)))?);
    }
    Ok(found)
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
    digest_table::<seal::Seal>(connection, &mut digests).await?;
    digest_table::<pack::Pack>(connection, &mut digests).await?;
    digest_table::<waiting::WaitingRow>(connection, &mut digests).await?;
    digest_table::<remote::RemoteRow>(connection, &mut digests).await?;
    digest_table::<object::Object>(connection, &mut digests).await?;
    digest_table::<outbox::OutboxRow>(connection, &mut digests).await?;
    digest_table::<evidence::EvidenceRow>(connection, &mut digests).await?;
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
