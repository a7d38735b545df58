//! A `.env` that was dropped or pasted: looked at first, then taken in.

use app::transfer::{Import, ImportReport};
use app::{Fault, Plaintext};
use tauri::State;

use crate::vault::Vault;

#[tauri::command]
pub async fn preview_env(
    vault: State<'_, Vault>,
    bundle: String,
    text: String,
) -> Result<ImportReport, Fault> {
    vault.ask(import(bundle, text, true)).await
}

#[tauri::command]
pub async fn import_env(
    vault: State<'_, Vault>,
    bundle: String,
    text: String,
) -> Result<(), Fault> {
    vault.ask(import(bundle, text, false)).await.map(|_| ())
}

fn import(bundle: String, text: String, dry_run: bool) -> Import {
    Import {
        bundle: Some(bundle),
        data: Plaintext::from_text(text),
        unverified: false,
        source: "the window".to_owned(),
        dialect: None,
        interpolate: false,
        dry_run,
    }
}
