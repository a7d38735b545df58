//! What is shown to a person once, to be written down or carried to somebody.

use app::services::{CreateService, ServiceView};
use app::team::Invite;
use app::vaults::NewRecovery;
use app::{Code, Fault, Plaintext};
use serde::Serialize;
use tauri::Runtime;
use ts_rs::TS;

use super::Desk;

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

pub async fn new_recovery<R: Runtime>(
    desk: Desk<R>,
    recovery: NewRecovery,
) -> Result<NewWords, Fault> {
    let made = desk.vault.ask(recovery).await?;
    Ok(NewWords {
        words: words(&made.words)?,
        team: made.team,
        genesis: made.genesis,
    })
}

/// Recovery words, one by one.
pub fn words(text: &Plaintext) -> Result<Vec<String>, Fault> {
    let words = shown(text)?.split_whitespace();
    Ok(words.map(str::to_owned).collect())
}

/// A value as the page shows it.
pub fn shown(value: &Plaintext) -> Result<&str, Fault> {
    // EXPOSE: a person asked to see it; the view forgets it on hide, blur and lock.
    value.expose_text().ok_or_else(|| {
        Fault::new(
            Code::Usage,
            "The value is no text, so it can't be shown or copied.",
        )
        .next("`sealfold get NAME > FILE` writes its bytes.")
    })
}
