//! The operating system's keychain: 32-byte secrets of keychain slots, and anchors.
//!
//! Its calls may block for as long as a dialog waits for a person, so each runs on a thread of
//! its own that nobody waits for beyond a time limit: a thread of tokio's pool would keep the
//! runtime from ending.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crypto::{SecretBytes, SecretVec};
use keyring_core::{CredentialStore, Entry};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::{Anchor, KeychainError, SlotId, VaultId};

/// The service under which everything of ours is stored.
const SERVICE: &str = "sealfold";

type Store = Arc<CredentialStore>;

/// The person's keychain.
#[derive(Clone)]
pub struct Keychain {
    /// Connected at the first use, and again after the keychain's own restart.
    store: Arc<Mutex<Option<Store>>>,
    limit: Duration,
    patience: Duration,
    on_wait: Arc<dyn Fn() + Send + Sync>,
}

impl Default for Keychain {
    /// Waits up to 30 seconds, silently.
    fn default() -> Self {
        Self::telling(|| ())
    }
}

impl Keychain {
    /// A keychain that is given up on after 30 seconds. `on_wait` is called once for each request
    /// that takes longer than one.
    pub fn telling(on_wait: impl Fn() + Send + Sync + 'static) -> Self {
        Self::new(Duration::from_secs(30), Duration::from_secs(1), on_wait)
    }

    /// A keychain that is given up on after `limit`. `on_wait` is called once for each request
    /// that takes longer than `patience`, so that a person can be told that a dialog waits.
    pub fn new(
        limit: Duration,
        patience: Duration,
        on_wait: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self {
            store: Arc::default(),
            limit,
            patience,
            on_wait: Arc::new(on_wait),
        }
    }

    /// The secret of a keychain slot.
    ///
    /// # Errors
    /// [`KeychainError::NotFound`] if there is none, and the others of [`KeychainError`].
    pub async fn slot_secret(
        &self,
        vault: &VaultId,
        slot: &SlotId,
    ) -> Result<SecretBytes<32>, KeychainError> {
        let secret = self.get(slot_user(vault, slot)).await?;
        // EXPOSE: only to move the secret into its own type.
        SecretBytes::from_slice(secret.expose()).ok_or(KeychainError::Malformed)
    }

    /// Stores the secret of a keychain slot.
    pub async fn set_slot_secret(
        &self,
        vault: &VaultId,
        slot: &SlotId,
        secret: &SecretBytes<32>,
    ) -> Result<(), KeychainError> {
        // EXPOSE: to hand a copy to the keychain, which keeps it from now on.
        let secret = SecretVec::new(secret.expose().to_vec());
        self.set(slot_user(vault, slot), secret).await
    }

    /// Deletes the secret of a keychain slot. It is no error if there is none.
    pub async fn delete_slot_secret(
        &self,
        vault: &VaultId,
        slot: &SlotId,
    ) -> Result<(), KeychainError> {
        self.delete(slot_user(vault, slot)).await
    }

    /// The anchor of a vault, if one was stored.
    pub async fn anchor(&self, vault: &VaultId) -> Result<Option<Anchor>, KeychainError> {
        match self.get(anchor_user(vault)).await {
            // EXPOSE: an anchor is no secret; the keychain keeps it from being changed.
            Ok(bytes) => match Anchor::from_bytes(bytes.expose()) {
                Some(anchor) => Ok(Some(anchor)),
                None => Err(KeychainError::Malformed),
            },
            Err(KeychainError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Stores a vault's anchor.
    pub async fn set_anchor(&self, anchor: &Anchor) -> Result<(), KeychainError> {
        let bytes = SecretVec::new(anchor.to_bytes().to_vec());
        self.set(anchor_user(&anchor.vault_id), bytes).await
    }

    async fn get(&self, user: String) -> Result<SecretVec, KeychainError> {
        self.ask(user, |entry| entry.get_secret().map(SecretVec::new))
            .await
    }

    async fn set(&self, user: String, secret: SecretVec) -> Result<(), KeychainError> {
        // EXPOSE: the keychain takes the bytes.
        self.ask(user, move |entry| entry.set_secret(secret.expose()))
            .await
    }

    async fn delete(&self, user: String) -> Result<(), KeychainError> {
        match self.ask(user, Entry::delete_credential).await {
            Err(KeychainError::NotFound) => Ok(()),
            other => other,
        }
    }

    /// Runs one request on a thread of its own, within the time limit.
    async fn ask<T: Send + 'static>(
        &self,
        user: String,
        request: impl Fn(&Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let (answer, mut answered) = oneshot::channel();
        let cached = Arc::clone(&self.store);
        std::thread::Builder::new()
            .name("keychain".to_owned())
            .spawn(move || {
                // An error here means that nobody waits any more.
                let _ = answer.send(ask_store(&cached, &user, &request));
            })
            .map_err(|error| KeychainError::Failed(error.into()))?;

        let reply = match timeout(self.patience.min(self.limit), &mut answered).await {
            Ok(reply) => reply,
            Err(_) => {
                (self.on_wait)();
                match timeout(self.limit.saturating_sub(self.patience), answered).await {
                    Ok(reply) => reply,
                    Err(_) => {
                        // The store stays busy with the dialog: the next request gets its own.
                        self.store
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .take();
                        return Err(KeychainError::TimedOut);
                    }
                }
            }
        };
        reply.map_err(|error| KeychainError::Failed(error.into()))?
    }
}

fn slot_user(vault: &VaultId, slot: &SlotId) -> String {
    format!("{vault}/slot/{slot}")
}

fn anchor_user(vault: &VaultId) -> String {
    format!("{vault}/anchor")
}

/// Asks the store that is connected; if that fails, which it does for ever once the keychain
/// was restarted, connects anew and asks once more.
fn ask_store<T>(
    cached: &Mutex<Option<Store>>,
    user: &str,
    request: &impl Fn(&Entry) -> keyring_core::Result<T>,
) -> Result<T, KeychainError> {
    let ask = |store: &Store| request(&store.build(SERVICE, user, None)?);
    let connected = cached
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    if let Some(store) = connected {
        match ask(&store) {
            Err(keyring_core::Error::PlatformFailure(_)) => {}
            other => return other.map_err(sort_error),
        }
    }
    let fresh = connect()?;
    *cached.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&fresh));
    ask(&fresh).map_err(sort_error)
}

#[cfg(target_os = "linux")]
fn connect() -> Result<Store, KeychainError> {
    match zbus_secret_service_keyring_store::Store::new() {
        Ok(store) => Ok(store),
        Err(error) => Err(KeychainError::Absent(error.into())),
    }
}

#[cfg(not(target_os = "linux"))]
fn connect() -> Result<Store, KeychainError> {
    Err(KeychainError::Unsupported)
}

fn sort_error(error: keyring_core::Error) -> KeychainError {
    use keyring_core::Error;
    match error {
        Error::NoEntry => KeychainError::NotFound,
        Error::NoStorageAccess(source) => KeychainError::Locked(source),
        // The store hands D-Bus errors on as they are; their names are part of the D-Bus
        // specification, and stand in the message.
        Error::PlatformFailure(source) if source.to_string().contains("AccessDenied") => {
            KeychainError::Denied(source)
        }
        Error::PlatformFailure(source) => KeychainError::Failed(source),
        // The secret itself may be inside these two.
        Error::BadEncoding(_) | Error::BadDataFormat(..) => KeychainError::Malformed,
        other => KeychainError::Failed(other.into()),
    }
}
