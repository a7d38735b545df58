//! Everything in the file, as a full check sees it: every row, and whether the indexes that find
//! the rows agree with them.

use sqlx::SqliteConnection;

use crate::VaultError;
use crate::header::Header;
use crate::keys::VaultKeys;
use crate::root::{RowDigest, Table};
use crate::table::digest_all;

/// What was found in one snapshot of the file. Reading it needs no key; believing it does.
pub(crate) struct Contents {
    digests: Vec<(Table, RowDigest)>,
    /// Whether SQLite's own check found nothing.
    consistent: bool,
}

impl Contents {
    /// Reads all tables and all indexes. The connection is inside a transaction, so that both
    /// are of one state.
    pub(crate) async fn read(snapshot: &mut SqliteConnection) -> Result<Self, VaultError> {
        let digests = digest_all(snapshot).await?;
        // The root covers rows and not the indexes, by which they are found: an index rewritten
        // by hand would hide a row, or give another one in its place (threats 45, 46).
        // `quick_check` leaves that out.
        let verdict: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
            .fetch_one(snapshot)
            .await?;
        Ok(Self {
            digests,
            consistent: verdict == "ok",
        })
    }

    /// Compares what was read with the header of the same snapshot.
    ///
    /// # Errors
    /// [`VaultError::RowsChanged`], or [`VaultError::IntegrityCheck`] if the rows are as they
    /// were written but the file around them is not.
    pub(crate) fn check(&self, header: &Header, keys: &VaultKeys) -> Result<(), VaultError> {
        header.check_rows(&self.digests, keys)?;
        if self.consistent {
            Ok(())
        } else {
            Err(VaultError::IntegrityCheck)
        }
    }
}
