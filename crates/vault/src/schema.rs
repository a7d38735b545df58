//! The schema: its migrations, and the checks that a file has it and nothing else.
//!
//! sqlx's own migrator is not used: its book-keeping table holds the time of installation and
//! rows that the root can't cover, and `PRAGMA user_version` says all that is needed.

use crypto::{Purpose, hash};
use sqlx::{Connection, Row, SqliteConnection};

use crate::VaultError;
use crate::frame::{Columns, Frame};

/// Version of the file's format, bound into every slot and the header.
pub(crate) const FORMAT: i64 = 1;

/// The suite of docs/protocol.md §1, the only one.
pub(crate) const SUITE: i64 = 1;

/// "SEFO", in the database header: tells a vault from other SQLite files.
const APPLICATION_ID: i64 = 0x5345_464f;

/// Append only: a released migration never changes.
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/0001_first.sql")];

/// The schema version that this program writes.
const CURRENT: i64 = MIGRATIONS.len() as i64;

/// Digest of everything in `sqlite_schema` after all migrations; a test keeps it current.
const DIGEST: [u8; 32] = [
    0x17, 0xbe, 0xf3, 0xe9, 0xfd, 0x4b, 0x32, 0xc4, 0x85, 0xd7, 0x83, 0x9d, 0x40, 0xe0, 0xf6, 0xb6,
    0x1c, 0xbe, 0xb5, 0xd5, 0x4a, 0x64, 0xb0, 0xdf, 0x17, 0x90, 0x4f, 0x68, 0x48, 0x3f, 0xef, 0xd0,
];

/// Makes the schema in an empty database.
pub(crate) async fn create(connection: &mut SqliteConnection) -> Result<(), VaultError> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "PRAGMA application_id = {APPLICATION_ID}"
    )))
    .execute(&mut *connection)
    .await?;
    migrate(connection, 0).await
}

/// Checks that the file is a vault, brings an older one up to date, and refuses any schema but
/// ours, before anything is run that a foreign trigger or view could take part in (threat 48).
pub(crate) async fn check(connection: &mut SqliteConnection) -> Result<(), VaultError> {
    let id: i64 = pragma(connection, "PRAGMA application_id").await?;
    if id != APPLICATION_ID {
        return Err(VaultError::NotAVault);
    }
    let found: i64 = pragma(connection, "PRAGMA user_version").await?;
    match found {
        CURRENT => {}
        found if found > CURRENT => return Err(VaultError::Newer { found }),
        // An older file with a foreign trigger would run it in a migration. No older version
        // exists yet; the second migration brings the digest to compare with first.
        _ => return Err(VaultError::ForeignSchema),
    }
    if digest(connection).await? == DIGEST {
        Ok(())
    } else {
        Err(VaultError::ForeignSchema)
    }
}

/// Runs the migrations after version `from`, each in a transaction.
async fn migrate(connection: &mut SqliteConnection, from: usize) -> Result<(), VaultError> {
    for (version, sql) in MIGRATIONS.iter().enumerate().skip(from) {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(*sql).execute(&mut *transaction).await?;
        let version = version + 1;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "PRAGMA user_version = {version}"
        )))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// A digest of every table, index, trigger and view, SQLite's own indexes among them.
async fn digest(connection: &mut SqliteConnection) -> Result<[u8; 32], VaultError> {
    let rows =
        sqlx::query("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name, type")
            .fetch_all(connection)
            .await?;
    let mut frame = Frame::new("schema");
    for row in &rows {
        for column in 0..4 {
            let text: Option<&str> = row.try_get(column).map_err(|_| VaultError::ForeignSchema)?;
            frame.optional_bytes(text.map(str::as_bytes));
        }
    }
    Ok(hash(Purpose::RowDigest, frame.as_slice()))
}

async fn pragma(connection: &mut SqliteConnection, sql: &'static str) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(sql).fetch_one(connection).await?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_digest_is_that_of_the_migrations() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        create(&mut connection).await.unwrap();
        let digest = digest(&mut connection).await.unwrap();
        assert_eq!(
            digest, DIGEST,
            "migrations changed; the digest is now {digest:#04x?}"
        );
        check(&mut connection).await.unwrap();
    }

    #[test]
    fn each_migration_is_a_file() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), MIGRATIONS.len());
    }
}
