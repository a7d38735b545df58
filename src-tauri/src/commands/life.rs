//! Made, recovered, unlocked, locked.

use app::vaults::{
    Init, Key, RecoverTeam, Recovered, RecoveredTeam, Status, StatusView, Unlock, Unlocked,
    UseRecovery,
};
use app::{Door, Fault, Plaintext};
use serde::{Deserialize, Serialize};
use tauri::{Manager, Runtime};
use ts_rs::TS;

use super::Desk;
use super::values::words;
use crate::settings::Settings;
use crate::watch::Watch;

/// Makes a vault and opens it.
#[derive(Deserialize, TS)]
pub struct CreateVault {
    /// How its owner is called.
    member: String,
    passphrase: Plaintext,
    /// Whether the keychain opens it too.
    keychain: bool,
    /// Words from `draft_words`, on paper by now.
    words: Plaintext,
}

/// Asks for recovery words to write down. They open nothing until a vault is made with them.
#[derive(Deserialize, TS)]
pub struct DraftWords {}

/// What a person should know of the new vault.
#[derive(Serialize, TS)]
pub struct NewVault {
    warnings: Vec<String>,
}

/// Locks, for every window and terminal.
#[derive(Deserialize, TS)]
pub struct LockAll {}

pub async fn draft_words<R: Runtime>(_: Desk<R>, _: DraftWords) -> Result<Vec<String>, Fault> {
    words(&app::vaults::draft_words())
}

pub async fn create_vault<R: Runtime>(
    desk: Desk<R>,
    asked: CreateVault,
) -> Result<NewVault, Fault> {
    let again = copy_of(&asked.passphrase);
    let init = Init {
        passphrase: asked.passphrase,
        keychain: asked.keychain,
        unlock_millis: None,
        member_name: Some(asked.member),
        device_name: None,
        recovery_words: Some(asked.words),
    };
    let created = desk.vault.ask_here(init).await?;
    open_with(&desk, again).await?;
    Ok(NewVault {
        warnings: created.warnings,
    })
}

pub async fn unlock<R: Runtime>(desk: Desk<R>, unlock: Unlock) -> Result<Unlocked, Fault> {
    open(&desk, unlock).await
}

/// How things stand. What is open will be shown.
pub async fn status<R: Runtime>(desk: Desk<R>, status: Status) -> Result<StatusView, Fault> {
    let seen = desk.vault.ask(status).await?;
    if !seen.locked {
        desk.program.state::<Watch>().opened();
    }
    Ok(seen)
}

pub async fn lock<R: Runtime>(desk: Desk<R>, _: LockAll) -> Result<(), Fault> {
    desk.clipboard.clear_soon();
    desk.vault.with(|home| Door::lock(home).map(|_| ())).await?;
    desk.program.state::<Watch>().locked();
    Ok(())
}

/// The words open the vault for this once; the passphrase that they set opens it from then on.
pub async fn use_recovery<R: Runtime>(
    desk: Desk<R>,
    recovery: UseRecovery,
) -> Result<Recovered, Fault> {
    let passphrase = recovery.new_passphrase.as_ref().map(copy_of);
    let key = Key::RecoveryWords(copy_of(&recovery.words));
    let unlock = Unlock {
        key,
        ttl_seconds: None,
        full_check: true,
    };
    open(&desk, unlock).await?;
    let recovered = desk.vault.ask(recovery).await?;
    if let Some(passphrase) = passphrase {
        open_with(&desk, passphrase).await?;
    }
    Ok(recovered)
}

/// On an empty machine the vault is made here, and opened; else the team is added to the open one.
pub async fn recover_team<R: Runtime>(
    desk: Desk<R>,
    recovery: RecoverTeam,
) -> Result<RecoveredTeam, Fault> {
    if desk.vault.ask(Status {}).await?.exists {
        return desk.vault.ask(recovery).await;
    }
    let new = recovery.new_vault.as_ref();
    let passphrase = new.map(|keys| copy_of(&keys.passphrase));
    let recovered = desk.vault.ask_here(recovery).await?;
    if let Some(passphrase) = passphrase {
        open_with(&desk, passphrase).await?;
    }
    Ok(recovered)
}

async fn open_with<R: Runtime>(desk: &Desk<R>, passphrase: Plaintext) -> Result<Unlocked, Fault> {
    let unlock = Unlock {
        key: Key::Passphrase(passphrase),
        ttl_seconds: None,
        full_check: true,
    };
    open(desk, unlock).await
}

async fn open<R: Runtime>(desk: &Desk<R>, unlock: Unlock) -> Result<Unlocked, Fault> {
    let unlocked = desk.vault.ask_agent(unlock).await?;
    desk.program.state::<Watch>().opened();
    // It may be a terminal's, that locks later than this window's person wants.
    let tighten = desk.program.state::<Settings>().tighten();
    desk.vault.ask_if_open(tighten).await?;
    Ok(unlocked)
}

fn copy_of(secret: &Plaintext) -> Plaintext {
    // EXPOSE: a second copy, to open what is being made with it.
    Plaintext::new(secret.expose().to_vec())
}
