//! Counting without opening anything.

use std::collections::BTreeMap;

use team::ids::{BundleId, EntryId};

use super::Found;
use crate::{Vault, VaultError};

impl Vault {
    /// Number of entries of a bundle that are there now: with a head that is no removal.
    pub async fn count_entries(&mut self, bundle: &BundleId) -> Result<u64, VaultError> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(DISTINCT entry) FROM version WHERE bundle = ? AND state = 0 AND deleted = 0",
        )
        .bind(bundle.as_bytes().as_slice())
        .fetch_one(&mut self.connection)
        .await?;
        Ok(count.cast_unsigned())
    }

    /// Number of versions of each entry of a bundle.
    pub async fn version_counts(
        &mut self,
        bundle: &BundleId,
    ) -> Result<BTreeMap<EntryId, u64>, VaultError> {
        let rows =
            sqlx::query("SELECT entry, count(*) FROM version WHERE bundle = ? GROUP BY entry")
                .bind(bundle.as_bytes().as_slice())
                .fetch_all(&mut self.connection)
                .await?;
        rows.iter()
            .map(|row| {
                let row = Found::new(row, "version");
                Ok((EntryId::from_bytes(row.array(0)?), row.unsigned(1)?))
            })
            .collect()
    }
}
