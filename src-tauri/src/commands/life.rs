//! Made, unlocked, locked.

use app::vaults::{Init, Key, Status, StatusView, Unlock};
use app::{Code, Door, Fault, Plaintext};
use serde::Serialize;
use tauri::State;

use crate::clipboard::Clipboard;
use crate::vault::Vault;

/// The words of a new vault.
#[derive(Serialize)]
pub struct Created {
    words: Vec<String>,
}

/// What is worth saying of an unlock.
#[derive(Serialize)]
pub struct Unlocked {
    warnings: Vec<String>,
}

#[tauri::command]
pub async fn status(vault: State<'_, Vault>) -> Result<StatusView, Fault> {
    vault.ask(Status {}).await
}

#[tauri::command]
pub async fn create_vault(
    vault: State<'_, Vault>,
    member: String,
    passphrase: String,
) -> Result<Created, Fault> {
    let passphrase = Plaintext::from_text(passphrase);
    // EXPOSE: a second copy, to open what is being made.
    let again = Plaintext::new(passphrase.expose().to_vec());
    let init = Init {
        passphrase,
        keychain: false,
        unlock_millis: None,
        member_name: Some(member),
        device_name: None,
    };
    let created = vault.ask_here(init).await?;
    open(&vault, again).await?;
    // EXPOSE: the words are shown this once.
    let words = created.recovery_words.expose_text();
    let words = words.ok_or_else(|| Fault::new(Code::Unexpected, "The words are no text."))?;
    Ok(Created {
        words: words.split_whitespace().map(str::to_owned).collect(),
    })
}

#[tauri::command]
pub async fn unlock(vault: State<'_, Vault>, passphrase: String) -> Result<Unlocked, Fault> {
    open(&vault, Plaintext::from_text(passphrase)).await
}

async fn open(vault: &Vault, passphrase: Plaintext) -> Result<Unlocked, Fault> {
    let unlock = Unlock {
        key: Key::Passphrase(passphrase),
        ttl_seconds: None,
        full_check: true,
    };
    let unlocked = vault.ask_agent(unlock).await?;
    Ok(Unlocked {
        warnings: unlocked.warnings,
    })
}

#[tauri::command]
pub async fn lock(vault: State<'_, Vault>, clipboard: State<'_, Clipboard>) -> Result<(), Fault> {
    clipboard.clear();
    vault.with(|home| Door::lock(home).map(|_| ())).await
}
