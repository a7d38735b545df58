//! Making a vault file: whole under its name, or not there at all (threat 49).

use std::path::Path;

use crypto::SecretBytes;
use sqlx::{Connection, SqliteConnection};

use crate::changes::Changes;
use crate::commit::{Next, seal_slots};
use crate::connection::{Durability, checkpoint_and_close, connect, data_version, use_wal};
use crate::crash::{Step, reached};
use crate::header::Header;
use crate::keys::VaultKeys;
use crate::place::{private_file_beside, put_in_place};
use crate::table::key_slot::SlotRow;
use crate::{Vault, VaultError, VaultId, schema};

/// A vault that is about to be made. Its id is known before it exists, so that the secret of a
/// keychain slot can be put into the keychain first.
pub struct NewVault {
    id: VaultId,
    keys: VaultKeys,
}

impl NewVault {
    /// A new vault with a random id and master key.
    pub fn make() -> Self {
        Self {
            id: VaultId::make(),
            keys: VaultKeys::derive(SecretBytes::make()),
        }
    }

    /// The future vault's id.
    pub fn id(&self) -> VaultId {
        self.id
    }

    /// Makes the file, with `first` as its first commit; `first.slots_added` must have at least
    /// one slot. It is written under a temporary name beside `path`, synced, and renamed
    /// without replacing anything; a WAL that another vault of this name left is renamed to
    /// `….before-N-wal` first. File mode 0600; folders that are missing are made 0700.
    ///
    /// # Errors
    /// [`VaultError::AlreadyExists`], and those of [`Vault::commit`].
    pub async fn create(self, path: &Path, mut first: Changes) -> Result<Vault, VaultError> {
        if std::fs::exists(path)? {
            return Err(VaultError::AlreadyExists);
        }
        let slots = seal_slots(std::mem::take(&mut first.slots_added), self.id, &self.keys).await?;
        let temporary = private_file_beside(path).await?;
        reached(Step::FileMade);

        let mut connection = connect(&temporary).await?;
        let filled = self.fill(&mut connection, slots, first).await;
        // Closed in any case, so that the WAL goes with the temporary file.
        let closed = checkpoint_and_close(connection).await;
        filled.and(closed)?;
        put_in_place(temporary, path).await?;

        let mut connection = connect(path).await?;
        let data_version = data_version(&mut connection).await?;
        let (header, slots) = Header::load(&mut connection, &self.keys).await?;
        Ok(Vault {
            path: path.to_owned(),
            connection,
            keys: self.keys,
            header,
            slots,
            durability: Durability::Durable,
            unsynced: false,
            rows_checked: true,
            data_version,
            recent_heads: None,
        })
    }

    /// Writes schema, slots and first rows into an empty file.
    async fn fill(
        &self,
        connection: &mut SqliteConnection,
        slots: Vec<SlotRow>,
        first: Changes,
    ) -> Result<(), VaultError> {
        use_wal(connection).await?;
        schema::create(connection).await?;
        reached(Step::SchemaMade);
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let mut next = Next {
            header: Header::first(self.id, &self.keys),
            slots: Vec::new(),
        };
        next.change_slots(slots, &[], &mut transaction).await?;
        next.apply(first, &mut transaction, &self.keys).await?;
        Ok(transaction.commit().await?)
    }
}
