//! Table `key_slot`: what a slot is and the master key under it. Under the header's MAC.

use crypto::KdfParams;
use sqlx::SqliteConnection;

use super::Found;
use crate::frame::Columns;
use crate::slot::MAX_SLOTS;
use crate::{Slot, SlotId, SlotKind, VaultError};

#[derive(Clone)]
pub(crate) struct SlotRow {
    pub(crate) id: SlotId,
    pub(crate) kind: SlotKind,
    /// Present in passphrase slots, absent in others.
    pub(crate) kdf: Option<KdfParams>,
    pub(crate) salt: [u8; 32],
    pub(crate) sealed: Vec<u8>,
}

impl SlotRow {
    /// Hands over every field but what is sealed.
    pub(crate) fn visit_plain(&self, columns: &mut impl Columns) {
        columns.bytes(self.id.as_bytes());
        columns.int(self.kind.number());
        columns.optional_int(self.kdf.map(|kdf| kdf.memory_kib.into()));
        columns.optional_int(self.kdf.map(|kdf| kdf.passes.into()));
        columns.optional_int(self.kdf.map(|kdf| kdf.lanes.into()));
        columns.bytes(&self.salt);
    }

    /// Hands over every field.
    pub(crate) fn visit(&self, columns: &mut impl Columns) {
        self.visit_plain(columns);
        columns.bytes(&self.sealed);
    }

    pub(crate) fn view(&self) -> Slot {
        Slot {
            id: self.id,
            kind: self.kind,
            kdf: self.kdf,
        }
    }

    /// All slots by id. They are not to be believed before the header's MAC was checked.
    pub(crate) async fn load_all(
        connection: &mut SqliteConnection,
    ) -> Result<Vec<Self>, VaultError> {
        let rows = sqlx::query(
            "SELECT id, kind, kdf_memory_kib, kdf_passes, kdf_lanes, salt, sealed \
             FROM key_slot ORDER BY id LIMIT ?",
        )
        .bind(MAX_SLOTS as i64 + 1)
        .fetch_all(connection)
        .await?;
        if rows.len() > MAX_SLOTS {
            return Err(VaultError::HeaderChanged);
        }
        rows.iter()
            .map(|row| Self::read(&Found::new(row, "key_slot")))
            .collect::<Result<_, _>>()
            .map_err(|_| VaultError::HeaderChanged)
    }

    fn read(row: &Found<'_>) -> Result<Self, VaultError> {
        let kind = row.known(1, SlotKind::from_number)?;
        let kdf = match (
            row.optional_int(2)?,
            row.optional_int(3)?,
            row.optional_int(4)?,
        ) {
            (Some(memory), Some(passes), Some(lanes)) => {
                let number = |value: i64| u32::try_from(value).map_err(|_| row.changed());
                Some(KdfParams {
                    memory_kib: number(memory)?,
                    passes: number(passes)?,
                    lanes: number(lanes)?,
                })
            }
            (None, None, None) => None,
            _ => return Err(row.changed()),
        };
        if kdf.is_some() != (kind == SlotKind::Passphrase) {
            return Err(row.changed());
        }
        Ok(Self {
            id: SlotId::from_bytes(row.array(0)?),
            kind,
            kdf,
            salt: row.array(5)?,
            sealed: row.bytes(6)?.to_vec(),
        })
    }

    pub(crate) async fn insert(&self, connection: &mut SqliteConnection) -> Result<(), VaultError> {
        sqlx::query(
            "INSERT INTO key_slot (id, kind, kdf_memory_kib, kdf_passes, kdf_lanes, salt, sealed) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(self.id.as_bytes().to_vec())
        .bind(self.kind.number())
        .bind(self.kdf.map(|kdf| kdf.memory_kib))
        .bind(self.kdf.map(|kdf| kdf.passes))
        .bind(self.kdf.map(|kdf| kdf.lanes))
        .bind(self.salt.to_vec())
        .bind(self.sealed.clone())
        .execute(connection)
        .await?;
        Ok(())
    }

    pub(crate) async fn delete(
        id: &SlotId,
        connection: &mut SqliteConnection,
    ) -> Result<(), VaultError> {
        sqlx::query("DELETE FROM key_slot WHERE id = ?")
            .bind(id.as_bytes().to_vec())
            .execute(connection)
            .await?;
        Ok(())
    }
}
