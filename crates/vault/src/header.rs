//! The header: where the vault stands, authenticated together with its key slots
//! (docs/protocol.md §3).

use crypto::SecretBytes;
use sqlx::SqliteConnection;

use crate::frame::{Columns, Frame};
use crate::keys::{RowKind, SealedRow, VaultKeys};
use crate::root::{RowDigest, Sums, Table};
use crate::schema::{FORMAT, SUITE};
use crate::table::key_slot::SlotRow;
use crate::table::meta::MetaRow;
use crate::table::signed;
use crate::{VaultError, VaultId};

/// Whether this vault may sign ops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its device is enrolled, and nothing says that the vault is an old copy.
    Enrolled,
    /// Its state may be older than what its device has signed already: another device or the
    /// recovery key must enrol it anew first.
    MustEnrol {
        /// How that came to be.
        why: EnrolReason,
    },
}

/// Why a vault must be enrolled anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnrolReason {
    /// It is a backup.
    Restored,
    /// Its anchor is ahead of it.
    RolledBack,
}

impl Standing {
    const fn number(self) -> i64 {
        match self {
            Self::Enrolled => 0,
            Self::MustEnrol {
                why: EnrolReason::Restored,
            } => 1,
            Self::MustEnrol {
                why: EnrolReason::RolledBack,
            } => 2,
        }
    }

    const fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Enrolled),
            1 => Some(Self::MustEnrol {
                why: EnrolReason::Restored,
            }),
            2 => Some(Self::MustEnrol {
                why: EnrolReason::RolledBack,
            }),
            _ => None,
        }
    }
}

/// The end of the audit chain: the last row's hash, and how many rows there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AuditHead {
    pub(crate) hash: [u8; 32],
    pub(crate) count: u64,
}

impl AuditHead {
    /// Before the first row.
    pub(crate) const START: Self = Self {
        hash: [0; 32],
        count: 0,
    };
}

/// A header whose MAC was checked, or that is about to be written.
#[derive(Clone)]
pub(crate) struct Header {
    pub(crate) vault_id: VaultId,
    pub(crate) standing: Standing,
    pub(crate) counter: u64,
    pub(crate) sums: Sums,
    pub(crate) root: [u8; 32],
    pub(crate) audit: AuditHead,
    /// As stored: two headers with the same MAC are the same.
    pub(crate) mac: [u8; 32],
}

impl Header {
    /// The header of a vault without rows and slots.
    pub(crate) fn first(vault_id: VaultId, keys: &VaultKeys) -> Self {
        let sums = Sums::empty();
        Self {
            vault_id,
            standing: Standing::Enrolled,
            counter: 0,
            root: sums.root(keys),
            sums,
            audit: AuditHead::START,
            mac: [0; 32],
        }
    }

    /// Reads header and slots, and checks their MAC.
    ///
    /// # Errors
    /// [`VaultError::HeaderChanged`] if someone without the keys changed them.
    pub(crate) async fn load(
        connection: &mut SqliteConnection,
        keys: &VaultKeys,
    ) -> Result<(Self, Vec<SlotRow>), VaultError> {
        let meta = MetaRow::load(connection).await?;
        let slots = SlotRow::load_all(connection).await?;
        Ok((Self::authenticate(&meta, &slots, keys)?, slots))
    }

    /// Checks the MAC over a stored header and its slots (threats 44, 59).
    pub(crate) fn authenticate(
        meta: &MetaRow,
        slots: &[SlotRow],
        keys: &VaultKeys,
    ) -> Result<Self, VaultError> {
        // SecretBytes compares in constant time.
        let expected = SecretBytes::new(keys.header_mac(&mac_input(meta, slots)?));
        if SecretBytes::new(meta.header_mac) != expected {
            return Err(VaultError::HeaderChanged);
        }
        check_suite(meta)?;
        let counter = meta.counter.to_be_bytes();
        let place = SealedRow {
            vault: &meta.vault_id,
            kind: RowKind::Sums,
            id: &counter,
        };
        let sums = keys
            .open_row(&place, &meta.sums)
            .map_err(|_| VaultError::Sealed { table: "meta" })?;
        // EXPOSE: the sums are no secret of the person's, and are compared and added to.
        let sums = Sums::from_bytes(sums.expose())?;
        if sums.root(keys) != meta.root {
            return Err(VaultError::HeaderChanged);
        }
        Ok(Self {
            vault_id: meta.vault_id,
            standing: Standing::from_number(meta.standing).ok_or(VaultError::HeaderChanged)?,
            counter: meta.counter,
            sums,
            root: meta.root,
            audit: AuditHead {
                hash: meta.audit_head,
                count: meta.audit_count,
            },
            mac: meta.header_mac,
        })
    }

    /// Works out root and MAC, and writes the header.
    pub(crate) async fn store(
        &mut self,
        slots: &[SlotRow],
        connection: &mut SqliteConnection,
        keys: &VaultKeys,
    ) -> Result<(), VaultError> {
        self.root = self.sums.root(keys);
        let counter = self.counter.to_be_bytes();
        let place = SealedRow {
            vault: &self.vault_id,
            kind: RowKind::Sums,
            id: &counter,
        };
        let mut meta = MetaRow {
            format: FORMAT,
            suite: SUITE,
            vault_id: self.vault_id,
            standing: self.standing.number(),
            counter: self.counter,
            sums: keys.seal_row(&place, &self.sums.to_bytes()),
            root: self.root,
            audit_head: self.audit.hash,
            audit_count: self.audit.count,
            header_mac: [0; 32],
        };
        meta.header_mac = keys.header_mac(&mac_input(&meta, slots)?);
        self.mac = meta.header_mac;
        meta.store(connection).await
    }

    /// Compares the rows that were read with the sums (threat 46).
    ///
    /// # Errors
    /// [`VaultError::RowsChanged`] names the first table that differs.
    pub(crate) fn check_rows(
        &self,
        digests: &[(Table, RowDigest)],
        keys: &VaultKeys,
    ) -> Result<(), VaultError> {
        let mut found = Sums::empty();
        for (table, digest) in digests {
            found.add(keys, *table, *digest);
        }
        match found.first_difference(&self.sums) {
            None => Ok(()),
            Some(table) => Err(VaultError::RowsChanged {
                table: table.name(),
            }),
        }
    }
}

/// Refuses formats and suites that this program does not accept (threat 59).
pub(crate) fn check_suite(meta: &MetaRow) -> Result<(), VaultError> {
    if (meta.format, meta.suite) == (FORMAT, SUITE) {
        Ok(())
    } else {
        Err(VaultError::UnsupportedSuite {
            format: meta.format,
            suite: meta.suite,
        })
    }
}

/// All of the header but the MAC, and all slots in the order of their ids.
fn mac_input(meta: &MetaRow, slots: &[SlotRow]) -> Result<Frame, VaultError> {
    let mut frame = Frame::new("header");
    frame.int(meta.format);
    frame.int(meta.suite);
    frame.bytes(meta.vault_id.as_bytes());
    frame.int(meta.standing);
    frame.int(signed(meta.counter)?);
    frame.bytes(&meta.sums);
    frame.bytes(&meta.root);
    frame.bytes(&meta.audit_head);
    frame.int(signed(meta.audit_count)?);
    let mut slots: Vec<&SlotRow> = slots.iter().collect();
    slots.sort_by_key(|slot| slot.id);
    for slot in slots {
        slot.visit(&mut frame);
    }
    Ok(frame)
}
