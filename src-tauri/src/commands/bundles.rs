//! Bundles.

use app::bundles::{BundleView, List, New};
use app::Fault;
use tauri::State;

use crate::vault::Vault;

#[tauri::command]
pub async fn bundles(vault: State<'_, Vault>) -> Result<Vec<BundleView>, Fault> {
    vault.ask(List { archived: false }).await
}

#[tauri::command]
pub async fn new_bundle(vault: State<'_, Vault>, name: String) -> Result<(), Fault> {
    let new = New {
        name,
        dry_run: false,
    };
    vault.ask(new).await.map(|_| ())
}
