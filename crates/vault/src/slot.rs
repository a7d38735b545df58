//! Key slots: each seals the vault master key under something else that opens the vault
//! (docs/protocol.md §3).

use std::fmt;

use crypto::{
    KdfError, KdfParams, Purpose, RecoveryKey, SecretBytes, SecretText, derive,
    derive_password_key, make_bytes, open, seal,
};

use crate::frame::{Columns, Frame};
use crate::table::key_slot::SlotRow;
use crate::{SlotId, VaultError, VaultId};

/// More slots than anyone needs.
pub(crate) const MAX_SLOTS: usize = 16;

/// A wrong passphrase is tried on each of its slots, and takes as long as all of them together.
const MAX_PASSPHRASE_SLOTS: usize = 4;

/// Whether a vault may be given these slots.
///
/// # Errors
/// [`VaultError::TooManySlots`], also for passphrase slots that are too costly together.
pub(crate) fn check_new_slots(slots: &[SlotRow]) -> Result<(), VaultError> {
    let passphrases = slots
        .iter()
        .filter(|row| row.kind == SlotKind::Passphrase)
        .count();
    if slots.len() > MAX_SLOTS || passphrases > MAX_PASSPHRASE_SLOTS || too_costly(slots) {
        return Err(VaultError::TooManySlots);
    }
    Ok(())
}

/// Whether trying a passphrase on all of these slots costs more than the costliest single slot
/// may (threat 43).
fn too_costly(slots: &[SlotRow]) -> bool {
    slots.iter().map(cost).sum::<u64>() > kdf_cost(KdfParams::READ_MAX)
}

/// What trying a passphrase on a slot costs.
fn cost(row: &SlotRow) -> u64 {
    row.kdf.map_or(0, kdf_cost)
}

/// KiB of memory passed over.
fn kdf_cost(kdf: KdfParams) -> u64 {
    u64::from(kdf.memory_kib) * u64::from(kdf.passes)
}

/// What opens a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// A passphrase, through Argon2id.
    Passphrase,
    /// 32 random bytes that the operating system's keychain keeps.
    Keychain,
    /// The recovery key on paper.
    Recovery,
}

impl SlotKind {
    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::Passphrase => 0,
            Self::Keychain => 1,
            Self::Recovery => 2,
        }
    }

    pub(crate) const fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Passphrase),
            1 => Some(Self::Keychain),
            2 => Some(Self::Recovery),
            _ => None,
        }
    }

    const fn purpose(self) -> Purpose {
        match self {
            Self::Passphrase => Purpose::SlotPassphrase,
            Self::Keychain => Purpose::SlotKeychain,
            Self::Recovery => Purpose::SlotRecovery,
        }
    }
}

impl fmt::Display for SlotKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passphrase => "passphrase",
            Self::Keychain => "keychain",
            Self::Recovery => "recovery",
        })
    }
}

/// A key slot as anyone may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its name, under which the keychain keeps the secret of a keychain slot.
    pub id: SlotId,
    /// What opens it.
    pub kind: SlotKind,
    /// Argon2id's parameters, if it is a passphrase slot.
    pub kdf: Option<KdfParams>,
}

/// A key slot to be added by a commit.
#[derive(Debug)]
pub struct NewSlot {
    id: SlotId,
    secret: SlotSecret,
    kdf: Option<KdfParams>,
}

impl NewSlot {
    /// A slot that this passphrase opens. The parameters are at least `KdfParams::DEFAULT`,
    /// else the commit fails with [`VaultError::WeakKdf`].
    pub fn passphrase(passphrase: SecretText, kdf: KdfParams) -> Self {
        Self {
            id: SlotId::make(),
            secret: SlotSecret::Passphrase(passphrase),
            kdf: Some(kdf),
        }
    }

    /// A slot that this secret opens, which the caller puts into the keychain under
    /// [`Self::id`] before the commit.
    pub fn keychain(secret: SecretBytes<32>) -> Self {
        Self {
            id: SlotId::make(),
            secret: SlotSecret::Keychain(secret),
            kdf: None,
        }
    }

    /// A slot that the recovery key opens.
    pub fn recovery(key: &RecoveryKey) -> Self {
        Self {
            id: SlotId::make(),
            secret: SlotSecret::Recovery(key.slot_secret()),
            kdf: None,
        }
    }

    /// The slot's future id.
    pub fn id(&self) -> SlotId {
        self.id
    }

    /// Seals the master key into the slot. Argon2 runs on a thread of its own.
    pub(crate) async fn seal(
        self,
        vault: VaultId,
        master: &SecretBytes<32>,
    ) -> Result<SlotRow, VaultError> {
        if self.kdf.is_some_and(|kdf| kdf.check_new().is_err()) {
            return Err(VaultError::WeakKdf);
        }
        let kind = self.secret.kind();
        let mut row = SlotRow {
            id: self.id,
            kind,
            kdf: self.kdf,
            salt: make_bytes(),
            sealed: Vec::new(),
        };
        let key = slot_key(self.secret, row.salt, row.kdf).await?;
        let aad = row_aad(&vault, &row);
        // EXPOSE: the master key is what a slot seals.
        row.sealed = seal(&key, kind.purpose(), aad.as_slice(), master.expose());
        Ok(row)
    }
}

/// What someone brings to open the vault.
#[derive(Debug)]
pub struct SlotKey(pub(crate) Bring);

#[derive(Debug)]
pub(crate) enum Bring {
    Passphrase {
        passphrase: SecretText,
        ram_bytes: u64,
    },
    Keychain {
        slot: SlotId,
        secret: SecretBytes<32>,
    },
    Recovery {
        secret: SecretBytes<32>,
    },
}

impl SlotKey {
    /// A passphrase. `ram_bytes` is this machine's memory, of which Argon2 may be asked to take
    /// half at most (threat 43).
    pub fn passphrase(passphrase: SecretText, ram_bytes: u64) -> Self {
        Self(Bring::Passphrase {
            passphrase,
            ram_bytes,
        })
    }

    /// The secret that the keychain keeps for this slot.
    pub fn keychain(slot: SlotId, secret: SecretBytes<32>) -> Self {
        Self(Bring::Keychain { slot, secret })
    }

    /// The recovery key.
    pub fn recovery(key: &RecoveryKey) -> Self {
        Self(Bring::Recovery {
            secret: key.slot_secret(),
        })
    }

    /// The kind of slot it opens.
    pub fn kind(&self) -> SlotKind {
        match &self.0 {
            Bring::Passphrase { .. } => SlotKind::Passphrase,
            Bring::Keychain { .. } => SlotKind::Keychain,
            Bring::Recovery { .. } => SlotKind::Recovery,
        }
    }

    /// The slots to try, the cheapest first, once it is clear that deriving their keys is safe.
    fn candidates(&self, slots: &[SlotRow]) -> Result<Vec<SlotRow>, VaultError> {
        let kind = self.kind();
        let mut found: Vec<SlotRow> = slots
            .iter()
            .filter(|row| row.kind == kind)
            .filter(|row| match &self.0 {
                Bring::Keychain { slot, .. } => row.id == *slot,
                _ => true,
            })
            .cloned()
            .collect();
        if found.is_empty() {
            return Err(VaultError::NoSuchSlot { kind });
        }
        if let Bring::Passphrase { ram_bytes, .. } = &self.0 {
            // threats 42, 43: before Argon2 runs on any of them. The header's MAC can only be
            // checked once one of them is open.
            for kdf in found.iter().filter_map(|row| row.kdf) {
                kdf.check_read(*ram_bytes).map_err(VaultError::Kdf)?;
            }
            if too_costly(&found) {
                return Err(VaultError::Kdf(KdfError::TooCostly));
            }
        }
        found.sort_by_key(cost);
        Ok(found)
    }

    /// Opens the first slot that this key fits.
    ///
    /// # Errors
    /// [`VaultError::NoSuchSlot`], [`VaultError::Kdf`], [`VaultError::CannotUnlock`].
    pub(crate) async fn open(
        self,
        vault: VaultId,
        slots: &[SlotRow],
    ) -> Result<SecretBytes<32>, VaultError> {
        let candidates = self.candidates(slots)?;
        tokio::task::spawn_blocking(move || {
            for row in &candidates {
                let key = match &self.0 {
                    Bring::Passphrase { passphrase, .. } => {
                        passphrase_key(passphrase, &row.salt, row.kdf)?
                    }
                    Bring::Keychain { secret, .. } | Bring::Recovery { secret } => {
                        derive(secret, row.kind.purpose())
                    }
                };
                let aad = row_aad(&vault, row);
                if let Ok(master) = open(&key, row.kind.purpose(), aad.as_slice(), &row.sealed) {
                    // EXPOSE: only to move the opened key into its own type.
                    return SecretBytes::from_slice(master.expose())
                        .ok_or(VaultError::CannotUnlock);
                }
            }
            Err(VaultError::CannotUnlock)
        })
        .await
        .expect("opening a slot does not panic and is never aborted")
    }
}

#[derive(Debug)]
enum SlotSecret {
    Passphrase(SecretText),
    Keychain(SecretBytes<32>),
    Recovery(SecretBytes<32>),
}

impl SlotSecret {
    const fn kind(&self) -> SlotKind {
        match self {
            Self::Passphrase(_) => SlotKind::Passphrase,
            Self::Keychain(_) => SlotKind::Keychain,
            Self::Recovery(_) => SlotKind::Recovery,
        }
    }
}

async fn slot_key(
    secret: SlotSecret,
    salt: [u8; 32],
    kdf: Option<KdfParams>,
) -> Result<SecretBytes<32>, VaultError> {
    match secret {
        SlotSecret::Passphrase(passphrase) => {
            tokio::task::spawn_blocking(move || passphrase_key(&passphrase, &salt, kdf))
                .await
                .expect("deriving a key does not panic and is never aborted")
        }
        SlotSecret::Keychain(secret) => Ok(derive(&secret, Purpose::SlotKeychain)),
        SlotSecret::Recovery(secret) => Ok(derive(&secret, Purpose::SlotRecovery)),
    }
}

fn passphrase_key(
    passphrase: &SecretText,
    salt: &[u8; 32],
    kdf: Option<KdfParams>,
) -> Result<SecretBytes<32>, VaultError> {
    // The row's reader refuses a passphrase slot without parameters.
    let kdf = kdf.ok_or(VaultError::HeaderChanged)?;
    let output = derive_password_key(passphrase, salt, kdf).map_err(VaultError::Kdf)?;
    Ok(derive(&output, Purpose::SlotPassphrase))
}

/// Binds everything about the slot, so that no field of it can be changed alone.
fn row_aad(vault: &VaultId, row: &SlotRow) -> Frame {
    let mut aad = Frame::new("key_slot");
    aad.bytes(vault.as_bytes());
    aad.int(crate::schema::FORMAT);
    row.visit_plain(&mut aad);
    aad
}

#[cfg(test)]
mod tests;
