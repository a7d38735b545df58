//! Table `meta`: one row, the header.

use sqlx::SqliteConnection;

use super::{Found, signed};
use crate::VaultError;
use crate::ids::VaultId;

/// The header as it is stored.
#[derive(Clone)]
pub(crate) struct MetaRow {
    pub(crate) format: i64,
    pub(crate) suite: i64,
    pub(crate) vault_id: VaultId,
    pub(crate) standing: i64,
    pub(crate) counter: u64,
    pub(crate) sums: Vec<u8>,
    pub(crate) root: [u8; 32],
    pub(crate) audit_head: [u8; 32],
    pub(crate) audit_count: u64,
    pub(crate) header_mac: [u8; 32],
}

impl MetaRow {
    /// Reads the header. It is not to be believed before its MAC was checked.
    pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Self, VaultError> {
        let row = sqlx::query(
            "SELECT format, suite, vault_id, standing, counter, sums, root, audit_head, \
             audit_count, header_mac FROM meta WHERE id = 1",
        )
        .fetch_optional(connection)
        .await?
        .ok_or(VaultError::HeaderChanged)?;
        let row = Found::new(&row, "meta");
        let read = || {
            Ok(Self {
                format: row.int(0)?,
                suite: row.int(1)?,
                vault_id: VaultId::from_bytes(row.array(2)?),
                standing: row.int(3)?,
                counter: row.unsigned(4)?,
                sums: row.bytes(5)?.to_vec(),
                root: row.array(6)?,
                audit_head: row.array(7)?,
                audit_count: row.unsigned(8)?,
                header_mac: row.array(9)?,
            })
        };
        read().map_err(|_: VaultError| VaultError::HeaderChanged)
    }

    pub(crate) async fn store(&self, connection: &mut SqliteConnection) -> Result<(), VaultError> {
        sqlx::query(
            "INSERT INTO meta (id, format, suite, vault_id, standing, counter, sums, root, \
             audit_head, audit_count, header_mac) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (id) DO UPDATE SET format = excluded.format, suite = excluded.suite, \
             vault_id = excluded.vault_id, standing = excluded.standing, \
             counter = excluded.counter, sums = excluded.sums, root = excluded.root, \
             audit_head = excluded.audit_head, audit_count = excluded.audit_count, \
             header_mac = excluded.header_mac",
        )
        .bind(self.format)
        .bind(self.suite)
        .bind(self.vault_id.as_bytes().to_vec())
        .bind(self.standing)
        .bind(signed(self.counter)?)
        .bind(self.sums.clone())
        .bind(self.root.to_vec())
        .bind(self.audit_head.to_vec())
        .bind(signed(self.audit_count)?)
        .bind(self.header_mac.to_vec())
        .execute(connection)
        .await?;
        Ok(())
    }
}
