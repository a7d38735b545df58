//! Making a vault file: whole under its name, or not there at all (threat 49).

use std::fs;
use std::path::{Path, PathBuf};

use crypto::SecretBytes;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempPath;

use crate::changes::Changes;
use crate::commit::{Next, seal_slots};
use crate::connection::{
    Durability, checkpoint_and_close, connect, run_blocking, sync_folder, use_wal,
};
use crate::crash::{Step, reached};
use crate::header::Header;
use crate::keys::VaultKeys;
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
    /// without replacing anything. File mode 0600; folders that are missing are made 0700.
    ///
    /// # Errors
    /// [`VaultError::AlreadyExists`], and those of [`Vault::commit`].
    pub async fn create(self, path: &Path, mut first: Changes) -> Result<Vault, VaultError> {
        if fs::exists(path)? {
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
            data_version: None,
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

/// An empty file of mode 0600 in the folder of `path`; removed when dropped.
pub(crate) async fn private_file_beside(path: &Path) -> Result<TempPath, VaultError> {
    let folder = folder_of(path);
    run_blocking(move || {
        make_private_folder(&folder)?;
        // tempfile makes files of mode 0600.
        let file = tempfile::Builder::new()
            .prefix(".sealfold-")
            .tempfile_in(&folder)?;
        // Its handle is closed before SQLite opens the file: closing it later would drop the
        // locks that SQLite holds in this process.
        Ok(file.into_temp_path())
    })
    .await
}

/// Gives a file its name, unless something has that name already. It was closed after a
/// checkpoint, which synced it.
pub(crate) async fn put_in_place(temporary: TempPath, path: &Path) -> Result<(), VaultError> {
    let path = path.to_owned();
    let renamed = run_blocking(move || {
        reached(Step::FileSynced);
        temporary
            .persist_noclobber(&path)
            .map_err(|error| error.error)?;
        reached(Step::Renamed);
        sync_folder(&folder_of(&path))
    })
    .await;
    match renamed {
        Err(VaultError::Io(error)) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(VaultError::AlreadyExists)
        }
        other => other,
    }
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
