//! What is shown to a person once, to be written down or carried to somebody.

use app::services::{CreateService, ServiceView};
use app::team::Invite;
use app::vaults::NewRecovery;
use app::{Fault, Plaintext};
use serde::{Deserialize, Serialize};
use tauri::Runtime;
use ts_rs::TS;

use super::Desk;
use super::values::{shown, words};

/// An invitation, to be sent by a way that both trust.
#[derive(Serialize, TS)]
pub struct InvitationText {
    text: String,
    team: String,
    role: String,
    /// Unix seconds.
    expires: u64,
    /// Where the newcomer will look.
    remote: String,
}

/// A service's token, shown only now.
#[derive(Serialize, TS)]
pub struct ServiceToken {
    token: String,
    service: ServiceView,
    /// Where the job looks.
    remote: String,
    warnings: Vec<String>,
}

/// Asks for recovery words to write down. The present ones hold until `new_recovery`.
#[derive(Deserialize, TS)]
pub struct DraftRecovery {
    current_words: Plaintext,
}

/// Puts drafted words in the place of the present ones.
#[derive(Deserialize, TS)]
pub struct TakeRecovery {
    current_words: Plaintext,
    /// From `draft_recovery`, on paper by now.
    new_words: Plaintext,
}

/// New recovery words, shown once.
#[derive(Serialize, TS)]
pub struct NewWords {
    words: Vec<String>,
    /// Team id, hex: to be kept with them.
    team: String,
    /// Genesis op id, hex: to be kept with them.
    genesis: String,
}

pub async fn invite<R: Runtime>(desk: Desk<R>, invite: Invite) -> Result<InvitationText, Fault> {
    let invited = desk.vault.ask(invite).await?;
    Ok(InvitationText {
        text: shown(&invited.text)?.to_owned(),
        team: invited.team,
        role: invited.role,
        expires: invited.expires,
        remote: invited.remote,
    })
}

pub async fn create_service<R: Runtime>(
    desk: Desk<R>,
    create: CreateService,
) -> Result<ServiceToken, Fault> {
    let created = desk.vault.ask(create).await?;
    Ok(ServiceToken {
        token: shown(&created.token)?.to_owned(),
        service: created.service,
        remote: created.remote,
        warnings: created.warnings,
    })
}

pub async fn draft_recovery<R: Runtime>(
    desk: Desk<R>,
    asked: DraftRecovery,
) -> Result<NewWords, Fault> {
    let draft = NewRecovery {
        current_words: asked.current_words,
        new_words: None,
        draft: true,
    };
    let made = desk.vault.ask(draft).await?;
    Ok(NewWords {
        words: words(&made.words)?,
        team: made.team,
        genesis: made.genesis,
    })
}

pub async fn new_recovery<R: Runtime>(desk: Desk<R>, asked: TakeRecovery) -> Result<(), Fault> {
    let recovery = NewRecovery {
        current_words: asked.current_words,
        new_words: Some(asked.new_words),
        draft: false,
    };
    desk.vault.ask(recovery).await.map(|_| ())
}
