//! Entries, without their values.

use app::entries::{
    EntryRef, EntryView, History, HistoryView, Kind, List, Metadata, NewValue, Remove, Restore, Set,
};
use app::{Fault, Plaintext};
use serde::Deserialize;
use tauri::State;

use crate::vault::Vault;

/// A value as the window writes it.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Written {
    Given(String),
    Generate { length: u32, punctuation: bool },
}

/// An entry, by bundle and name.
pub fn named(bundle: String, name: String) -> EntryRef {
    EntryRef::Named {
        bundle: Some(bundle),
        name,
    }
}

#[tauri::command]
pub async fn entries(
    vault: State<'_, Vault>,
    bundle: Option<String>,
) -> Result<Vec<EntryView>, Fault> {
    let list = List {
        bundle,
        ..List::default()
    };
    vault.ask(list).await
}

#[tauri::command]
pub async fn set_entry(
    vault: State<'_, Vault>,
    bundle: String,
    name: String,
    field: String,
    kind: Kind,
    value: Written,
) -> Result<(), Fault> {
    let value = match value {
        Written::Given(text) => NewValue::Given(Plaintext::from_text(text)),
        Written::Generate {
            length,
            punctuation,
        } => NewValue::Generate {
            length,
            symbols: punctuation,
        },
    };
    let set = Set {
        bundle: Some(bundle),
        name,
        kind: Some(kind),
        fields: vec![(field, value)],
        without_fields: Vec::new(),
        tags: None,
        metadata: Metadata::default(),
        dry_run: false,
    };
    vault.ask(set).await.map(|_| ())
}

#[tauri::command]
pub async fn remove_entry(
    vault: State<'_, Vault>,
    bundle: String,
    name: String,
) -> Result<(), Fault> {
    let remove = Remove {
        bundle: Some(bundle),
        names: vec![name],
        dry_run: false,
    };
    vault.ask(remove).await.map(|_| ())
}

#[tauri::command]
pub async fn restore_entry(
    vault: State<'_, Vault>,
    bundle: String,
    name: String,
    version: u64,
) -> Result<(), Fault> {
    let restore = Restore {
        entry: named(bundle, name),
        version: Some(version),
        dry_run: false,
    };
    vault.ask(restore).await.map(|_| ())
}

#[tauri::command]
pub async fn history(
    vault: State<'_, Vault>,
    bundle: String,
    name: String,
) -> Result<HistoryView, Fault> {
    let entry = named(bundle, name);
    vault.ask(History { entry }).await
}
