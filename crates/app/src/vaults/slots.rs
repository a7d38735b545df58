//! Key slots: what opens the vault.

use vault::{Check, LockedVault, NewSlot, Slot, SlotKind, VaultError};

use super::life::{calibrate, keychain_slot};
use super::{AddSlot, ChangePassphrase, Key, ListSlots, RemoveSlot, SlotView};
use crate::open::{Open, WriteError};
use crate::records::AuditEntry;
use crate::refusals::keychain_fault;
use crate::requests::UseCase;
use crate::session::{Session, not_text};
use crate::{Code, Fault};

impl From<&Slot> for SlotView {
    fn from(slot: &Slot) -> Self {
        let kdf = |kdf: crypto::KdfParams| {
            format!("m={},t={},p={}", kdf.memory_kib, kdf.passes, kdf.lanes)
        };
        Self {
            id: slot.id.to_string(),
            kind: slot.kind.to_string(),
            kdf: slot.kdf.map(kdf),
        }
    }
}

/// Checks a key against the vault file without changing anything.
pub(crate) async fn verify_key(session: &mut Session, key: Key) -> Result<(), Fault> {
    let locked = LockedVault::open(session.home.vault_file()).await?;
    let key = session.slot_key(&locked, key).await?;
    locked.unlock(key, Check::Header).await?;
    Ok(())
}

/// A new slot, for the one try that it is good for: its secret is not copied.
fn take(slot: &mut Option<NewSlot>) -> Result<NewSlot, WriteError> {
    slot.take()
        .ok_or_else(|| VaultError::Busy)
        .map_err(Fault::from)
        .map_err(WriteError::from)
}

impl UseCase for ListSlots {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<SlotView>, Fault> {
        let slots = match &session.open {
            Some(open) => open.vault.slots(),
            None => LockedVault::open(session.home.vault_file())
                .await?
                .slots()
                .to_vec(),
        };
        Ok(slots.iter().map(SlotView::from).collect())
    }
}

impl UseCase for ChangePassphrase {
    async fn carry_out(self, session: &mut Session) -> Result<SlotView, Fault> {
        let (open, _) = session.opened()?;
        let passphrases = open
            .vault
            .slots()
            .iter()
            .filter(|slot| slot.kind == SlotKind::Passphrase)
            .count();
        if passphrases > 1 {
            return Err(Fault::new(Code::Conflict, "The vault has several passphrases, and which one is meant can't be told.")
                .next("`sealfold slot add passphrase` adds the new one, `sealfold slot rm ID` removes an old one."));
        }
        verify_key(session, Key::Passphrase(self.current)).await?;
        let new = self.new.into_secret_text().map_err(|_| not_text())?;
        let slot = NewSlot::passphrase(new, calibrate(None).await?);
        replace_slots(session, SlotKind::Passphrase, slot, "passphrase change").await
    }
}

/// Puts a slot in the place of all others of its kind.
pub(super) async fn replace_slots(
    session: &mut Session,
    kind: SlotKind,
    slot: NewSlot,
    operation: &str,
) -> Result<SlotView, Fault> {
    let (open, caller) = session.opened()?;
    let caller = caller.clone();
    let id = slot.id();
    let entry = open.stamp(
        &caller,
        AuditEntry {
            operation: operation.to_owned(),
            ..AuditEntry::default()
        },
    );
    let mut slot = Some(slot);
    open.write_unenrolled(async |open, changes| {
        changes.slots_removed = open
            .vault
            .slots()
            .iter()
            .filter(|slot| slot.kind == kind)
            .map(|slot| slot.id)
            .collect();
        changes.slots_added.push(take(&mut slot)?);
        changes.audit.push(entry.encode());
        Ok(())
    })
    .await?;
    find(open, |slot| slot.id == id)
}

fn find(open: &Open, which: impl Fn(&Slot) -> bool) -> Result<SlotView, Fault> {
    let slots = open.vault.slots();
    let slot = slots.iter().find(|slot| which(slot));
    slot.map(SlotView::from).ok_or_else(|| {
        Fault::new(
            Code::Conflict,
            "Another process changed the key slots meanwhile.",
        )
    })
}

impl UseCase for AddSlot {
    async fn carry_out(self, session: &mut Session) -> Result<SlotView, Fault> {
        session.opened()?;
        let slot = match self {
            AddSlot::Keychain => {
                let keychain = session.keychain.clone();
                let keychain = keychain
                    .ok_or_else(|| Fault::new(Code::Usage, "The keychain is not to be used."))?;
                let (open, _) = session.opened()?;
                if open
                    .vault
                    .slots()
                    .iter()
                    .any(|slot| slot.kind == SlotKind::Keychain)
                {
                    return Err(Fault::new(
                        Code::Conflict,
                        "The vault has a keychain slot already.",
                    )
                    .next("`sealfold slot rm keychain` removes it."));
                }
                keychain_slot(&keychain, &open.vault.id())
                    .await
                    .map_err(|error| keychain_fault(&error))?
            }
            AddSlot::Passphrase(passphrase) => {
                let passphrase = passphrase.into_secret_text().map_err(|_| not_text())?;
                NewSlot::passphrase(passphrase, calibrate(None).await?)
            }
        };
        let (open, caller) = session.opened()?;
        let entry = open.stamp(
            caller,
            AuditEntry {
                operation: "slot add".to_owned(),
                ..AuditEntry::default()
            },
        );
        let id = slot.id();
        let mut slot = Some(slot);
        open.write_unenrolled(async |_, changes| {
            changes.slots_added.push(take(&mut slot)?);
            changes.audit.push(entry.encode());
            Ok(())
        })
        .await?;
        find(open, |slot| slot.id == id)
    }
}

impl UseCase for RemoveSlot {
    async fn carry_out(self, session: &mut Session) -> Result<SlotView, Fault> {
        let keychain = session.keychain.clone();
        let (open, caller) = session.opened()?;
        let slots = open.vault.slots();
        let named = |slot: &&Slot| {
            slot.kind.to_string() == self.slot || slot.id.to_string().starts_with(&self.slot)
        };
        let found: Vec<&Slot> = slots.iter().filter(named).collect();
        let slot = match found.as_slice() {
            [slot] if !self.slot.is_empty() => **slot,
            [] => {
                return Err(Fault::new(Code::NotFound, "There is no such slot.")
                    .about(&*self.slot)
                    .next("`sealfold slot ls` shows them."));
            }
            _ => {
                return Err(Fault::new(Code::Usage, "Several slots are called so.")
                    .about(&*self.slot)
                    .next("Give the id that `sealfold slot ls` shows."));
            }
        };
        let same_kind = slots.iter().filter(|other| other.kind == slot.kind).count();
        if slot.kind != SlotKind::Keychain && same_kind == 1 {
            let next = match slot.kind {
                SlotKind::Recovery => "`sealfold recovery new` replaces it.",
                _ => "`sealfold passphrase change` replaces it.",
            };
            return Err(Fault::new(
                Code::NotAllowed,
                "The last slot of this kind stays: without it you could lose the vault.",
            )
            .next(next));
        }
        let entry = open.stamp(
            caller,
            AuditEntry {
                operation: "slot rm".to_owned(),
                ..AuditEntry::default()
            },
        );
        open.write_unenrolled(async |_, changes| {
            changes.slots_removed.push(slot.id);
            changes.audit.push(entry.encode());
            Ok(())
        })
        .await?;
        if let (SlotKind::Keychain, Some(keychain)) = (slot.kind, keychain) {
            // One that stays there opens nothing any more.
            let _ = keychain
                .delete_slot_secret(&open.vault.id(), &slot.id)
                .await;
        }
        Ok(SlotView::from(&slot))
    }
}
