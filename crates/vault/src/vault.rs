//! A vault before and after it is unlocked.

use std::path::{Path, PathBuf};

use crypto::SecretBytes;
use sqlx::{Connection, SqliteConnection};

use crate::connection::{Durability, checkpoint_and_close, connect, data_version, use_wal};
use crate::contents::Contents;
use crate::header::{Header, Standing, check_suite};
use crate::keys::VaultKeys;
use crate::slot::{Slot, SlotKey};
use crate::table::key_slot::SlotRow;
use crate::table::meta::MetaRow;
use crate::table::root_history::root_after;
use crate::table::version::RecentHeads;
use crate::{VaultError, VaultId, schema};

/// A vault file of which only the header is read, and nothing is believed yet.
pub struct LockedVault {
    path: PathBuf,
    connection: SqliteConnection,
    vault_id: VaultId,
    slots: Vec<Slot>,
}

/// How much of the file is checked when it is unlocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Every row of every table and every index: for an agent, a window, and before a write.
    Full,
    /// Header and slots: for one read. It does not find a row put back to an older state.
    Header,
}

impl LockedVault {
    /// Opens a vault file without any key. The path should be absolute, and be UTF-8.
    ///
    /// # Errors
    /// [`VaultError::Missing`], [`VaultError::NotAVault`], [`VaultError::Newer`],
    /// [`VaultError::UnsupportedSuite`], [`VaultError::ForeignSchema`],
    /// [`VaultError::HeaderChanged`] for a header that can't be read, and SQLite's.
    pub async fn open(path: &Path) -> Result<Self, VaultError> {
        match std::fs::metadata(path) {
            Ok(found) if found.is_file() => {}
            Ok(_) => return Err(VaultError::NotAVault),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(VaultError::Missing);
            }
            Err(error) => return Err(error.into()),
        }
        let mut connection = connect(path).await?;
        schema::check(&mut connection).await?;
        use_wal(&mut connection).await?;
        let meta = MetaRow::load(&mut connection).await?;
        check_suite(&meta)?;
        let slots = SlotRow::load_all(&mut connection).await?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            vault_id: meta.vault_id,
            slots: slots.iter().map(SlotRow::view).collect(),
        })
    }

    /// The vault's id, by which the keychain knows it. Not believed yet.
    pub fn id(&self) -> VaultId {
        self.vault_id
    }

    /// What may open it. Not believed yet.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Opens the vault. With [`Check::Full`], the file is read while Argon2 runs, all in one
    /// snapshot of it.
    ///
    /// # Errors
    /// [`VaultError::NoSuchSlot`], [`VaultError::Kdf`], [`VaultError::CannotUnlock`],
    /// [`VaultError::ForeignSchema`], [`VaultError::HeaderChanged`],
    /// [`VaultError::RowsChanged`], [`VaultError::IntegrityCheck`], and SQLite's.
    pub async fn unlock(mut self, key: SlotKey, check: Check) -> Result<Vault, VaultError> {
        let mut snapshot = self.connection.begin().await?;
        // Again: since the file was opened, a person may have taken a minute for a passphrase.
        schema::check(&mut snapshot).await?;
        let data_version = data_version(&mut snapshot).await?;
        let meta = MetaRow::load(&mut snapshot).await?;
        let slots = SlotRow::load_all(&mut snapshot).await?;
        let (master, contents) = tokio::join!(key.open(meta.vault_id, &slots), async {
            match check {
                Check::Full => Contents::read(&mut snapshot).await.map(Some),
                Check::Header => Ok(None),
            }
        });
        let keys = VaultKeys::derive(master?);
        let header = Header::authenticate(&meta, &slots, &keys)?;
        if let Some(contents) = contents? {
            contents.check(&header, &keys)?;
        }
        snapshot.commit().await?;
        Ok(Vault {
            path: self.path,
            connection: self.connection,
            keys,
            header,
            slots,
            durability: Durability::Durable,
            // Another process may have committed lazily.
            unsynced: true,
            rows_checked: check == Check::Full,
            data_version,
            recent_heads: None,
        })
    }
}

/// An unlocked vault: the file, and the keys in memory. Reads are in the files of `table/`,
/// the one write is [`Vault::commit`].
pub struct Vault {
    pub(crate) path: PathBuf,
    pub(crate) connection: SqliteConnection,
    pub(crate) keys: VaultKeys,
    /// As this process last saw it.
    pub(crate) header: Header,
    /// As this process last saw them.
    pub(crate) slots: Vec<SlotRow>,
    /// What the connection is set to.
    pub(crate) durability: Durability,
    /// Whether the WAL may hold commits that are not on disk.
    pub(crate) unsynced: bool,
    /// Whether the rows were compared with the root since the vault was unlocked.
    pub(crate) rows_checked: bool,
    /// SQLite's `data_version` of the state that was last seen.
    pub(crate) data_version: i64,
    /// What was read last, as long as it is current.
    pub(crate) recent_heads: Option<RecentHeads>,
}

impl Vault {
    /// The vault's id.
    pub fn id(&self) -> VaultId {
        self.header.vault_id
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of commits, as last seen.
    pub fn counter(&self) -> u64 {
        self.header.counter
    }

    /// Whether the vault may sign ops. The vault itself stores and reports this; `app` obeys.
    pub fn standing(&self) -> Standing {
        self.header.standing
    }

    /// What opens the vault.
    pub fn slots(&self) -> Vec<Slot> {
        self.slots.iter().map(SlotRow::view).collect()
    }

    /// Takes in what other processes committed, and tells whether there was anything. Costs one
    /// question where nobody wrote. Where somebody wrote and no new header came of it, nobody
    /// with the keys did: then everything is checked that was checked at unlock.
    ///
    /// # Errors
    /// [`VaultError::ForeignSchema`], [`VaultError::HeaderChanged`] if the new header is not
    /// authentic, [`VaultError::HistoryChanged`] if it does not continue the state known so far,
    /// [`VaultError::RowsChanged`], [`VaultError::IntegrityCheck`]: the vault is not to be used
    /// any more. Asking again gives the same answer.
    pub async fn refresh(&mut self) -> Result<bool, VaultError> {
        if data_version(&mut self.connection).await? == self.data_version {
            return Ok(false);
        }
        let mut snapshot = self.connection.begin().await?;
        // threat 48: a trigger may be new, too.
        schema::check(&mut snapshot).await?;
        // Of this snapshot: what is written after it is seen next time.
        let data_version = data_version(&mut snapshot).await?;
        let (header, slots) = Header::load(&mut snapshot, &self.keys).await?;
        let moved = header.mac != self.header.mac;
        if moved {
            let known = root_after(&mut snapshot, self.header.counter).await?;
            if header.vault_id != self.header.vault_id || known != Some(self.header.root) {
                return Err(VaultError::HistoryChanged);
            }
        } else if self.rows_checked {
            // threat 46: emptying the WAL looks the same from here, and is rare.
            let contents = Contents::read(&mut snapshot).await?;
            contents.check(&header, &self.keys)?;
        }
        snapshot.commit().await?;
        self.header = header;
        self.slots = slots;
        self.unsynced |= moved;
        self.data_version = data_version;
        self.recent_heads = None;
        Ok(moved)
    }

    /// The doctor's check: everything that is checked at unlock, on the file as it is now.
    ///
    /// # Errors
    /// As of [`Vault::refresh`].
    pub async fn verify_full(&mut self) -> Result<(), VaultError> {
        self.refresh().await?;
        self.verify_rows().await
    }

    /// Compares every row with the root and every index with its table, in one snapshot: what
    /// [`Check::Full`] does, for a vault that was unlocked without it and is about to be written
    /// to.
    ///
    /// # Errors
    /// [`VaultError::HeaderChanged`], [`VaultError::RowsChanged`],
    /// [`VaultError::IntegrityCheck`].
    pub async fn verify_rows(&mut self) -> Result<(), VaultError> {
        let mut snapshot = self.connection.begin().await?;
        let (header, _) = Header::load(&mut snapshot, &self.keys).await?;
        let contents = Contents::read(&mut snapshot).await?;
        contents.check(&header, &self.keys)?;
        snapshot.commit().await?;
        self.rows_checked = true;
        Ok(())
    }

    /// Another connection to the same file with the same keys, for work that goes on beside this
    /// one's: to each the other is as another process.
    ///
    /// # Errors
    /// As of [`Vault::refresh`].
    pub async fn beside(&self) -> Result<Self, VaultError> {
        let mut connection = connect(&self.path).await?;
        use_wal(&mut connection).await?;
        // EXPOSE: from one set of keys into another.
        let keys = VaultKeys::derive(SecretBytes::new(*self.keys.master.expose()));
        let mut snapshot = connection.begin().await?;
        schema::check(&mut snapshot).await?;
        let data_version = data_version(&mut snapshot).await?;
        let (header, slots) = Header::load(&mut snapshot, &keys).await?;
        let known = match header.counter == self.header.counter {
            true => Some(header.root),
            false => root_after(&mut snapshot, self.header.counter).await?,
        };
        if header.vault_id != self.header.vault_id || known != Some(self.header.root) {
            return Err(VaultError::HistoryChanged);
        }
        snapshot.commit().await?;
        Ok(Self {
            path: self.path.clone(),
            connection,
            keys,
            header,
            slots,
            durability: Durability::Durable,
            unsynced: true,
            rows_checked: self.rows_checked,
            data_version,
            recent_heads: None,
        })
    }

    /// Locks the vault: what was committed is on disk, the WAL is empty, and the keys are gone
    /// from memory. Dropping a vault without this loses nothing but leaves the WAL.
    pub async fn lock(mut self) -> Result<(), VaultError> {
        self.sync().await?;
        checkpoint_and_close(self.connection).await
    }
}
