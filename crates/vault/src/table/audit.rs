//! Table `audit`: who read and did what, each row chained to the one before
//! (docs/protocol.md §9).

use crypto::{Hasher, Purpose, SecretVec};
use futures_util::TryStreamExt;
use sqlx::Connection;

use super::{Found, RootRow, Writer, read_all, signed};
use crate::frame::Columns;
use crate::header::{AuditHead, Header};
use crate::keys::{RowKind, SealedRow};
use crate::root::Table;
use crate::{Vault, VaultError, VaultId};

/// One row of the audit log.
#[derive(Debug)]
pub struct AuditRecord {
    /// Its number, from 0 without gaps.
    pub index: u64,
    /// Opaque here: `app` encodes who, when, what.
    pub payload: SecretVec,
}

/// What a check of the audit chain found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditVerdict {
    /// Rows found.
    pub rows: u64,
    /// The number of the first row that is missing or does not follow from those before it.
    pub first_bad: Option<u64>,
    /// Whether the chain ends where the header says. If no row is bad and this is false, the
    /// tail was cut.
    pub head_matches: bool,
}

impl AuditVerdict {
    /// Whether the log is whole.
    pub fn is_whole(&self) -> bool {
        self.first_bad.is_none() && self.head_matches
    }
}

pub(crate) struct AuditRow {
    idx: i64,
    sealed: Vec<u8>,
    hash: [u8; 32],
}

impl RootRow for AuditRow {
    const TABLE: Table = Table::Audit;
    const COLUMNS: &'static str = "idx, sealed, hash";
    const INDEXED: bool = false;

    fn visit(&self, columns: &mut impl Columns) {
        columns.int(self.idx);
        columns.bytes(&self.sealed);
        columns.bytes(&self.hash);
    }

    fn read(row: &Found<'_>) -> Result<Self, VaultError> {
        Ok(Self {
            idx: row.int(0)?,
            sealed: row.bytes(1)?.to_vec(),
            hash: row.array(2)?,
        })
    }
}

impl AuditHead {
    /// The head after one more row.
    fn after(self, sealed: &[u8]) -> Self {
        let mut hasher = Hasher::new(Purpose::AuditChain);
        hasher.update(&self.hash).update(sealed);
        Self {
            hash: hasher.finish(),
            count: self.count + 1,
        }
    }
}

impl Writer<'_> {
    /// Appends rows and moves the head on.
    pub(crate) async fn append_audit(
        &mut self,
        vault: &VaultId,
        head: &mut AuditHead,
        payloads: Vec<SecretVec>,
    ) -> Result<(), VaultError> {
        let mut rows = Vec::with_capacity(payloads.len());
        for payload in payloads {
            let idx = signed(head.count)?;
            let place = SealedRow {
                vault,
                kind: RowKind::Audit,
                id: &idx.to_be_bytes(),
            };
            // EXPOSE: to seal it for the table.
            let sealed = self.keys.seal_row(&place, payload.expose());
            *head = head.after(&sealed);
            rows.push(AuditRow {
                idx,
                sealed,
                hash: head.hash,
            });
        }
        self.insert(&rows).await
    }
}

impl Vault {
    /// Number of rows in the audit log.
    pub fn audit_count(&self) -> u64 {
        self.header.audit.count
    }

    /// At most `limit` rows of the audit log, the newest first, from the row before `before`
    /// on, or from the last one.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] if one does not open.
    pub async fn audit_page(
        &mut self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, VaultError> {
        let before = before.map_or(Ok(i64::MAX), signed)?;
        let rows = sqlx::query(AuditRow::select("WHERE idx < ? ORDER BY idx DESC LIMIT ?"))
            .bind(before)
            .bind(limit)
            .fetch_all(&mut self.connection)
            .await?;
        read_all::<AuditRow>(&rows)?
            .into_iter()
            .map(|row| {
                let id = row.idx.to_be_bytes();
                let place = SealedRow {
                    vault: &self.header.vault_id,
                    kind: RowKind::Audit,
                    id: &id,
                };
                let payload =
                    self.keys
                        .open_row(&place, &row.sealed)
                        .map_err(|_| VaultError::Sealed {
                            table: AuditRow::TABLE.name(),
                        })?;
                Ok(AuditRecord {
                    index: row.idx.cast_unsigned(),
                    payload,
                })
            })
            .collect()
    }

    /// Follows the audit chain from its first row to its head.
    pub async fn audit_verify(&mut self) -> Result<AuditVerdict, VaultError> {
        let mut snapshot = self.connection.begin().await?;
        let (header, _) = Header::load(&mut snapshot, &self.keys).await?;
        let mut head = AuditHead::START;
        let mut rows = 0;
        let mut first_bad = None;
        let mut found = sqlx::query(AuditRow::select("ORDER BY idx")).fetch(&mut *snapshot);
        while let Some(row) = found.try_next().await? {
            rows += 1;
            let row = AuditRow::from_sqlite(&row)?;
            let expected = head.count;
            head = head.after(&row.sealed);
            if row.idx != signed(expected)? || row.hash != head.hash {
                first_bad.get_or_insert(expected);
            }
        }
        Ok(AuditVerdict {
            rows,
            first_bad,
            head_matches: head == header.audit,
        })
    }
}
