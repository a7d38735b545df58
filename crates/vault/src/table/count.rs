//! Counting without opening anything.

use std::collections::BTreeMap;

use team::ids::{BundleId, EntryId, TeamId};

use super::Found;
use crate::{Vault, VaultError};

impl Vault {
    /// Number of entries of a bundle that are there now: with a head that is no removal.
    pub async fn count_entries(
        &mut self,
        team: &TeamId,
        bundle: &BundleId,
    ) -> Result<u64, VaultError> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(DISTINCT entry) FROM version \
             WHERE bundle = ? AND state = 0 AND deleted = 0 AND team = ?",
        )
        .bind(bundle.as_bytes().as_slice())
        .bind(team.as_bytes().as_slice())
        .fetch_one(&mut self.connection)
        .await?;
        Ok(count.cast_unsigned())
    }

    /// Number of versions of each entry of a bundle.
    pub async fn version_counts(
        &mut self,
        team: &TeamId,
        bundle: &BundleId,
    ) -> Result<BTreeMap<EntryId, u64>, VaultError> {
        let counts =
            "SELECT entry, count(*) FROM version WHERE bundle = ? AND team = ? GROUP BY entry";
        let rows = sqlx::query(counts)
            .bind(bundle.as_bytes().as_slice())
            .bind(team.as_bytes().as_slice())
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
