//! The keys that exist while a vault is unlocked: the vault master key and what is derived from
//! it (docs/protocol.md §2). Dropped, and so zeroised, when the vault is locked.

use crypto::{OpenError, Purpose, SecretBytes, SecretVec, derive, keyed_hash, open, seal};

use crate::VaultId;
use crate::frame::{Columns, Frame};

/// The vault master key and the database keys derived from it.
pub(crate) struct VaultKeys {
    /// 32 random bytes, made once; what every key slot seals.
    pub(crate) master: SecretBytes<32>,
    /// Seals rows that hold keys, remotes or evidence, and the root's sums.
    record: SecretBytes<32>,
    /// Hashes names for look-up.
    index: SecretBytes<32>,
    /// Seals what this device is in each team.
    identity: SecretBytes<32>,
    /// Seals audit rows.
    audit: SecretBytes<32>,
    /// Hashes rows into the root.
    root: SecretBytes<32>,
    /// Authenticates the header and the key slots.
    header_mac: SecretBytes<32>,
}

impl VaultKeys {
    pub(crate) fn derive(master: SecretBytes<32>) -> Self {
        Self {
            record: derive(&master, Purpose::DbRecord),
            index: derive(&master, Purpose::DbIndex),
            identity: derive(&master, Purpose::DbIdentity),
            audit: derive(&master, Purpose::DbAudit),
            root: derive(&master, Purpose::DbRoot),
            header_mac: derive(&master, Purpose::DbHeaderMac),
            master,
        }
    }

    /// Seals a row's payload, bound to this vault, table and row (docs/protocol.md §3).
    pub(crate) fn seal_row(&self, row: &SealedRow<'_>, payload: &[u8]) -> Vec<u8> {
        let (key, purpose) = self.row_key(row);
        seal(key, purpose, row.aad().as_slice(), payload)
    }

    /// Opens what [`Self::seal_row`] sealed for the very same row.
    pub(crate) fn open_row(
        &self,
        row: &SealedRow<'_>,
        sealed: &[u8],
    ) -> Result<SecretVec, OpenError> {
        let (key, purpose) = self.row_key(row);
        open(key, purpose, row.aad().as_slice(), sealed)
    }

    fn row_key(&self, row: &SealedRow<'_>) -> (&SecretBytes<32>, Purpose) {
        match row.kind {
            RowKind::Key | RowKind::Remote | RowKind::Evidence => (&self.record, Purpose::DbRecord),
            RowKind::Sums => (&self.record, Purpose::DbRoot),
            RowKind::Identity => (&self.identity, Purpose::DbIdentity),
            RowKind::Audit => (&self.audit, Purpose::AuditRow),
        }
    }

    /// The keyed hash of a framed name, for the index.
    pub(crate) fn index_hash(&self, frame: &Frame) -> [u8; 32] {
        keyed_hash(&self.index, frame.as_slice())
    }

    /// The keyed hash that a row, or the sums of all rows, enters the root with.
    pub(crate) fn root_hash(&self, bytes: &[u8]) -> [u8; 32] {
        keyed_hash(&self.root, bytes)
    }

    /// The authenticator of a framed header.
    pub(crate) fn header_mac(&self, frame: &Frame) -> [u8; 32] {
        keyed_hash(&self.header_mac, frame.as_slice())
    }
}

/// Which sealed payload, in which row of which vault.
pub(crate) struct SealedRow<'a> {
    pub(crate) vault: &'a VaultId,
    pub(crate) kind: RowKind,
    /// The row's id, as bytes.
    pub(crate) id: &'a [u8],
}

/// The payloads that the vault itself seals.
#[derive(Clone, Copy)]
pub(crate) enum RowKind {
    Identity,
    Key,
    Remote,
    Evidence,
    Audit,
    Sums,
}

impl SealedRow<'_> {
    fn aad(&self) -> Frame {
        let mut aad = Frame::new(match self.kind {
            RowKind::Identity => "identity",
            RowKind::Key => "key",
            RowKind::Remote => "remote",
            RowKind::Evidence => "evidence",
            RowKind::Audit => "audit",
            RowKind::Sums => "sums",
        });
        aad.bytes(self.vault.as_bytes());
        aad.bytes(self.id);
        aad
    }
}
