//! A copy of the vault to keep elsewhere.

use std::path::Path;

use sqlx::{Connection, SqliteConnection};

use crate::commit::Next;
use crate::connection::{checkpoint_and_close, connect, use_wal};
use crate::crash::{Step, reached};
use crate::header::Header;
use crate::place::{private_file_beside, put_in_place};
use crate::{EnrolReason, SlotId, SlotKind, Standing, Vault, VaultError};

impl Vault {
    /// Writes a consistent copy to `path`, mode 0600, replacing nothing. The copy has no
    /// keychain slot, as no other machine's keychain knows its secret, and must be enrolled
    /// before it signs, however it is put back.
    ///
    /// # Errors
    /// [`VaultError::AlreadyExists`]; [`VaultError::LastSlot`] if only the keychain opens this
    /// vault.
    pub async fn backup_to(&mut self, path: &Path) -> Result<(), VaultError> {
        if std::fs::exists(path)? {
            return Err(VaultError::AlreadyExists);
        }
        let copy = private_file_beside(path).await?;
        let name = copy.to_str().ok_or_else(|| {
            std::io::Error::new(std::io::ErrorKind::InvalidFilename, "the path is not UTF-8")
        })?;
        sqlx::query("VACUUM INTO ?")
            .bind(name.to_owned())
            .execute(&mut self.connection)
            .await?;
        reached(Step::Copied);

        let mut connection = connect(&copy).await?;
        let stripped = self.strip(&mut connection).await;
        // Closed in any case, so that the WAL goes with the temporary file.
        let closed = checkpoint_and_close(connection).await;
        stripped.and(closed)?;
        put_in_place(copy, path).await
    }

    /// Takes from a copy what must not leave this machine, and its right to sign.
    async fn strip(&self, copy: &mut SqliteConnection) -> Result<(), VaultError> {
        use_wal(copy).await?;
        let mut transaction = copy.begin_with("BEGIN IMMEDIATE").await?;
        let (header, slots) = Header::load(&mut transaction, &self.keys).await?;
        let mut next = Next { header, slots };
        let keychain: Vec<SlotId> = next
            .slots
            .iter()
            .filter(|slot| slot.kind == SlotKind::Keychain)
            .map(|slot| slot.id)
            .collect();
        next.change_slots(Vec::new(), &keychain, &mut transaction)
            .await?;
        next.header.standing = Standing::MustEnrol {
            why: EnrolReason::Restored,
        };
        next.header
            .store(&next.slots, &mut transaction, &self.keys)
            .await?;
        Ok(transaction.commit().await?)
    }
}
