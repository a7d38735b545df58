//! Values: shown in the web view by `reveal` alone; copied without it.

use app::entries::{Reveal, Revealed};
use app::{Code, Fault, Plaintext};
use serde::Serialize;
use tauri::State;

use super::entries::named;
use crate::clipboard::{Clipboard, SECONDS};
use crate::vault::Vault;

/// A value on its way into the web view.
#[derive(Serialize)]
pub struct Shown {
    value: String,
    warnings: Vec<String>,
}

/// For how long a copied value stays.
#[derive(Serialize)]
pub struct Copied {
    seconds: u64,
}

#[tauri::command]
pub async fn reveal(
    vault: State<'_, Vault>,
    bundle: String,
    name: String,
    field: String,
) -> Result<Shown, Fault> {
    let revealed = take(&vault, "reveal", (bundle, name, field)).await?;
    Ok(Shown {
        // EXPOSE: a person asked to see it; the view forgets it on hide, blur and lock.
        value: text(&revealed.value)?.to_owned(),
        warnings: revealed.warnings,
    })
}

#[tauri::command]
pub async fn copy(
    vault: State<'_, Vault>,
    clipboard: State<'_, Clipboard>,
    bundle: String,
    name: String,
    field: String,
) -> Result<Copied, Fault> {
    let revealed = take(&vault, "copy", (bundle, name, field)).await?;
    // EXPOSE: a person asked to paste it elsewhere; it is cleared after its time.
    clipboard.put(text(&revealed.value)?)?;
    Ok(Copied {
        seconds: SECONDS.as_secs(),
    })
}

#[tauri::command]
pub async fn clear_clipboard(clipboard: State<'_, Clipboard>) -> Result<(), Fault> {
    clipboard.clear();
    Ok(())
}

async fn take(
    vault: &Vault,
    operation: &str,
    (bundle, name, field): (String, String, String),
) -> Result<Revealed, Fault> {
    let reveal = Reveal {
        entry: named(bundle, name),
        field: Some(field),
        version: None,
        operation: operation.to_owned(),
    };
    vault.ask(reveal).await
}

fn text(value: &Plaintext) -> Result<&str, Fault> {
    value.expose_text().ok_or_else(|| {
        Fault::new(Code::Usage, "The value is no text, so it can't be shown or copied.")
            .next("`sealfold get NAME > FILE` writes its bytes.")
    })
}
