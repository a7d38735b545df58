//! The one function that changes a vault. Nobody else opens a write transaction on it.

use sqlx::{Connection, SqliteConnection};

use crate::changes::Changes;
use crate::connection::{Durability, data_version, set_durability};
use crate::crash::{Step, reached};
use crate::header::Header;
use crate::keys::VaultKeys;
use crate::slot::check_new_slots;
use crate::table::key_slot::SlotRow;
use crate::table::root_history::RootHistoryRow;
use crate::table::{Writer, signed};
use crate::{NewSlot, SlotId, Vault, VaultError, VaultId};

/// A commit that was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// How many commits the vault has seen.
    pub counter: u64,
}

impl Vault {
    /// Stores all changes in one transaction, or none.
    ///
    /// The write lock is taken first, and then the vault must still be as this process last saw
    /// it. So whoever took a seq from that state is the only one who did.
    ///
    /// # Errors
    /// [`VaultError::Moved`] if another process wrote: `refresh`, and build the changes anew.
    /// [`VaultError::FrontierBackwards`], [`VaultError::AlreadyStored`], [`VaultError::NotStored`],
    /// [`VaultError::LastSlot`], [`VaultError::TooManySlots`], [`VaultError::WeakKdf`] and
    /// [`VaultError::OutOfRange`] for changes that do not fit; [`VaultError::Busy`],
    /// [`VaultError::DiskFull`] and [`VaultError::ReadOnly`] from the system.
    pub async fn commit(
        &mut self,
        mut changes: Changes,
        durability: Durability,
    ) -> Result<Committed, VaultError> {
        // Argon2 takes a second, in which no other process should wait for the lock.
        let new_slots = seal_slots(
            std::mem::take(&mut changes.slots_added),
            self.header.vault_id,
            &self.keys,
        )
        .await?;
        if self.durability != durability {
            set_durability(&mut self.connection, durability).await?;
            self.durability = durability;
        }

        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        reached(Step::Begun);
        // Nobody else wrote: then the header is still the one that this process knows.
        if data_version(&mut transaction).await? != self.data_version {
            return Err(VaultError::Moved);
        }
        let mut next = Next {
            header: self.header.clone(),
            slots: self.slots.clone(),
        };
        next.change_slots(new_slots, &changes.slots_removed, &mut transaction)
            .await?;
        let changes_versions = !(changes.versions.is_empty()
            && changes.superseded.is_empty()
            && changes.version_states.is_empty()
            && changes.names.is_empty()
            && changes.versions_removed.is_empty()
            && changes.reseals.is_empty());
        next.apply(changes, &mut transaction, &self.keys).await?;
        reached(Step::Written);
        transaction.commit().await?;
        reached(Step::Committed);

        if changes_versions {
            self.recent_heads = None;
        }

        self.header = next.header;
        self.slots = next.slots;
        // A durable commit syncs the whole WAL, and so the lazy ones before it.
        self.unsynced = durability == Durability::Lazy;
        Ok(Committed {
            counter: self.header.counter,
        })
    }
}

/// Seals the master key into each new slot.
pub(crate) async fn seal_slots(
    slots: Vec<NewSlot>,
    vault: VaultId,
    keys: &VaultKeys,
) -> Result<Vec<SlotRow>, VaultError> {
    let mut rows = Vec::with_capacity(slots.len());
    for slot in slots {
        rows.push(slot.seal(vault, &keys.master).await?);
    }
    Ok(rows)
}

/// The state that a transaction leads to; the vault's own once it is committed.
pub(crate) struct Next {
    pub(crate) header: Header,
    pub(crate) slots: Vec<SlotRow>,
}

impl Next {
    /// Adds and removes key slots; at least one stays.
    pub(crate) async fn change_slots(
        &mut self,
        added: Vec<SlotRow>,
        removed: &[SlotId],
        connection: &mut SqliteConnection,
    ) -> Result<(), VaultError> {
        for id in removed {
            let place = self.slots.iter().position(|slot| slot.id == *id);
            self.slots
                .remove(place.ok_or(VaultError::NotStored { table: "key_slot" })?);
            SlotRow::delete(id, connection).await?;
        }
        if !added.is_empty() {
            for slot in &added {
                slot.insert(connection).await?;
            }
            self.slots.extend(added);
            check_new_slots(&self.slots)?;
        }
        if self.slots.is_empty() {
            return Err(VaultError::LastSlot);
        }
        Ok(())
    }

    /// Writes all rows, then the header that covers them.
    pub(crate) async fn apply(
        &mut self,
        changes: Changes,
        connection: &mut SqliteConnection,
        keys: &VaultKeys,
    ) -> Result<(), VaultError> {
        let Self { header, slots } = self;
        let vault = header.vault_id;
        let past = RootHistoryRow {
            counter: signed(header.counter)?,
            root: header.root,
        };
        let mut writer = Writer {
            connection: &mut *connection,
            keys,
            sums: &mut header.sums,
        };

        for identity in &changes.identities {
            writer.put_identity(identity.seal(&vault, keys)).await?;
        }
        writer.remove_keys(&changes.keys_removed).await?;
        let sealed = changes.keys.into_iter().map(|key| key.seal(&vault, keys));
        writer.put_keys(sealed.collect()).await?;
        writer.add_ops(changes.ops).await?;
        for (id, status) in &changes.op_statuses {
            writer.set_op_status(id, *status).await?;
        }
        for frontier in changes.frontier {
            writer.advance(frontier).await?;
        }
        writer.add_versions(&changes.versions).await?;
        writer.reseal(changes.reseals).await?;
        writer.supersede(&changes.superseded).await?;
        writer.set_version_states(&changes.version_states).await?;
        writer.set_names(&changes.names).await?;
        writer.remove_versions_of(&changes.versions_removed).await?;
        writer.insert_new(&changes.packs).await?;
        writer.remove_packs(&changes.packs_removed).await?;
        writer.add_waiting(changes.waiting).await?;
        writer.remove_waiting(&changes.waiting_removed).await?;
        writer.add_to_outbox(&changes.outbox).await?;
        writer.remove_from_outbox(&changes.outbox_removed).await?;
        writer.remove_remotes(&changes.remotes_removed).await?;
        for remote in &changes.remotes {
            writer.put_remote(remote.seal(&vault, keys)).await?;
        }
        writer.forget_objects(&changes.objects_forgotten).await?;
        writer.insert_new(&changes.objects).await?;
        let sealed = changes
            .evidence
            .iter()
            .map(|found| found.seal(&vault, keys));
        writer.insert(&sealed.collect::<Vec<_>>()).await?;
        writer.remove_evidence(&changes.evidence_removed).await?;
        reached(Step::RowsWritten);
        writer
            .append_audit(&vault, &mut header.audit, changes.audit)
            .await?;
        writer.insert(&[past]).await?;

        header.standing = changes.standing.unwrap_or(header.standing);
        header.counter += 1;
        header.store(slots, connection, keys).await
    }
}
