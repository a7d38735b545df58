//! The anchor: a vault's state in 89 bytes, kept in the keychain, so that an older copy of the
//! file put back is noticed (docs/protocol.md §3, threat 45).

use crate::connection::sync_wal;
use crate::table::root_history::root_after;
use crate::{Vault, VaultError, VaultId};

/// A state of a vault that was on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Which vault.
    pub vault_id: VaultId,
    /// How many commits it had seen.
    pub counter: u64,
    /// The root over all its rows.
    pub root: [u8; 32],
    /// The end of its audit chain.
    pub audit_head: [u8; 32],
}

impl Anchor {
    /// Length of the encoding in bytes.
    pub const SIZE: usize = 1 + 16 + 8 + 32 + 32;

    /// First byte of the encoding.
    const VERSION: u8 = 1;

    /// Version, vault id, counter (big-endian), root, audit head.
    pub fn to_bytes(&self) -> [u8; Self::SIZE] {
        let mut bytes = [Self::VERSION; Self::SIZE];
        bytes[1..17].copy_from_slice(self.vault_id.as_bytes());
        bytes[17..25].copy_from_slice(&self.counter.to_be_bytes());
        bytes[25..57].copy_from_slice(&self.root);
        bytes[57..].copy_from_slice(&self.audit_head);
        bytes
    }

    /// The anchor of this encoding, if it is one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (version, bytes) = bytes.split_first()?;
        let (vault_id, bytes) = bytes.split_first_chunk()?;
        let (counter, bytes) = bytes.split_first_chunk()?;
        let (root, bytes) = bytes.split_first_chunk()?;
        let audit_head = bytes.try_into().ok()?;
        (*version == Self::VERSION).then_some(Self {
            vault_id: VaultId::from_bytes(*vault_id),
            counter: u64::from_be_bytes(*counter),
            root: *root,
            audit_head,
        })
    }
}

/// How a vault stands to its anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchorVerdict {
    /// They agree.
    Same,
    /// The vault went on from the anchor's state: store the new anchor.
    Healed {
        /// By how many commits the anchor was behind.
        behind: u64,
    },
    /// The vault is older than its anchor: an old copy was put back. Nothing may be signed
    /// until the device is enrolled anew.
    RolledBack {
        /// Commits that the anchor had seen.
        anchor_counter: u64,
        /// Commits that the file has.
        found_counter: u64,
    },
    /// The vault was never in the anchor's state: it is another copy that went its own way.
    /// Treat it as rolled back.
    Forked,
}

impl Vault {
    /// The vault's present state, to be put into the keychain. Waits until it is on disk, so
    /// that a power cut never leaves the file behind its own anchor.
    pub async fn anchor(&mut self) -> Result<Anchor, VaultError> {
        self.sync().await?;
        Ok(Anchor {
            vault_id: self.header.vault_id,
            counter: self.header.counter,
            root: self.header.root,
            audit_head: self.header.audit.hash,
        })
    }

    /// Syncs lazy commits to disk. Cheap when there are none.
    pub async fn sync(&mut self) -> Result<(), VaultError> {
        if self.unsynced {
            sync_wal(&self.path).await?;
            self.unsynced = false;
        }
        Ok(())
    }

    /// Compares the file, as it is now, with what the keychain remembers of it. Read the
    /// anchor before calling this: another process may move both in between.
    ///
    /// # Errors
    /// [`VaultError::ForeignAnchor`] if the anchor is another vault's; whatever the full check
    /// finds, if the vault was unlocked without one and its past must be believed.
    pub async fn compare_anchor(&mut self, anchor: &Anchor) -> Result<AnchorVerdict, VaultError> {
        self.refresh().await?;
        if anchor.vault_id != self.header.vault_id {
            return Err(VaultError::ForeignAnchor);
        }
        let found_counter = self.header.counter;
        if anchor.counter > found_counter {
            let anchor_counter = anchor.counter;
            return Ok(AnchorVerdict::RolledBack {
                anchor_counter,
                found_counter,
            });
        }
        if anchor.counter == found_counter {
            let same =
                (anchor.root, anchor.audit_head) == (self.header.root, self.header.audit.hash);
            return Ok(if same {
                AnchorVerdict::Same
            } else {
                AnchorVerdict::Forked
            });
        }
        // The chain of roots counts only if the root covers it as it stands.
        if !self.rows_checked {
            self.verify_rows().await?;
        }
        match root_after(&mut self.connection, anchor.counter).await? {
            Some(root) if root == anchor.root => Ok(AnchorVerdict::Healed {
                behind: found_counter - anchor.counter,
            }),
            _ => Ok(AnchorVerdict::Forked),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn encoding_round_trips_and_is_exact() {
        let anchor = Anchor {
            vault_id: VaultId::from_bytes([1; 16]),
            counter: 0x0203,
            root: [4; 32],
            audit_head: [5; 32],
        };
        let bytes = anchor.to_bytes();
        assert_eq!(Anchor::from_bytes(&bytes), Some(anchor));
        for length in 0..bytes.len() {
            assert_eq!(Anchor::from_bytes(&bytes[..length]), None);
        }
        assert_eq!(Anchor::from_bytes(&[bytes.as_slice(), &[0]].concat()), None);
        let mut other_version = bytes;
        other_version[0] = 2;
        assert_eq!(Anchor::from_bytes(&other_version), None);
    }
}
