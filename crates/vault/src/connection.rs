//! Opening the SQLite file with the settings that everything else relies on.

use std::fs;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use crate::VaultError;

/// How long to wait for another process's write before saying [`VaultError::Busy`].
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How sure a commit is when it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Synced to disk: it survives a power cut.
    Durable,
    /// Survives the death of every process; a power cut can lose it until the next durable
    /// commit or `Vault::sync`.
    Lazy,
}

/// Opens an existing file, and writes nothing to it: it may be anyone's.
pub(crate) async fn connect(path: &Path) -> Result<SqliteConnection, VaultError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .synchronous(SqliteSynchronous::Full)
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .row_buffer_size(512)
        .disable_statement_logging();
    Ok(options.connect().await?)
}

/// Turns on the write-ahead log, which the file then remembers.
pub(crate) async fn use_wal(connection: &mut SqliteConnection) -> Result<(), VaultError> {
    sqlx::raw_sql("PRAGMA journal_mode = WAL")
        .execute(connection)
        .await?;
    Ok(())
}

/// SQLite's own word for "another connection wrote": a number that is another one after that.
/// Inside a transaction it is that of its snapshot.
pub(crate) async fn data_version(connection: &mut SqliteConnection) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar("PRAGMA data_version")
        .fetch_one(connection)
        .await?)
}

/// Sets what the next commit waits for.
pub(crate) async fn set_durability(
    connection: &mut SqliteConnection,
    durability: Durability,
) -> Result<(), VaultError> {
    sqlx::raw_sql(match durability {
        Durability::Durable => "PRAGMA synchronous = FULL",
        Durability::Lazy => "PRAGMA synchronous = NORMAL",
    })
    .execute(connection)
    .await?;
    Ok(())
}

/// Moves everything from the WAL into the file, syncs it, empties the WAL, and closes. Readers in other
/// processes may keep the WAL; then they, or the next one to close, do it.
pub(crate) async fn checkpoint_and_close(
    mut connection: SqliteConnection,
) -> Result<(), VaultError> {
    match sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_all(&mut connection)
        .await
    {
        Ok(_) => {}
        Err(error) => match VaultError::from(error) {
            VaultError::Busy => {}
            error => return Err(error),
        },
    }
    connection.close().await?;
    Ok(())
}

/// Syncs the WAL. SQLite keeps no locks on this file, so another handle to it is safe.
pub(crate) async fn sync_wal(database: &Path) -> Result<(), VaultError> {
    let mut wal = database.as_os_str().to_owned();
    wal.push("-wal");
    run_blocking(move || match fs::File::open(wal) {
        Ok(file) => file.sync_data(),
        // A checkpoint by the last one to close moved and synced everything.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    })
    .await
}

/// Syncs a folder, so that a rename in it is on disk. Only Unix can.
pub(crate) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) {
        fs::File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

/// Runs file operations that may block on a thread for that.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, VaultError> {
    Ok(tokio::task::spawn_blocking(work)
        .await
        .expect("file operations do not panic and are never aborted")?)
}
