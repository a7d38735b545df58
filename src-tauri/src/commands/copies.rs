//! The clipboard: what is copied goes there without coming into the page.

use app::{Code, Fault, Plaintext};
use serde::{Deserialize, Serialize};
use tauri::{Manager, Runtime};
use ts_rs::TS;

use super::Desk;
use super::values::{FieldOf, question, shown};
use crate::settings::Settings;

/// For how long a copied value stays.
#[derive(Serialize, TS)]
pub struct Copied {
    seconds: u64,
}

pub async fn copy<R: Runtime>(desk: Desk<R>, field: FieldOf) -> Result<Copied, Fault> {
    let revealed = desk.vault.ask(question("copy", field)).await?;
    put(&desk, &revealed.value)
}

/// Text of the page's own, such as an invitation.
#[derive(Deserialize, TS)]
pub struct CopyText {
    text: Plaintext,
}

pub async fn copy_text<R: Runtime>(desk: Desk<R>, asked: CopyText) -> Result<Copied, Fault> {
    put(&desk, &asked.text)
}

/// Empties the clipboard, if what is there is ours.
#[derive(Deserialize, TS)]
pub struct ClearClipboard {}

pub async fn clear_clipboard<R: Runtime>(desk: Desk<R>, _: ClearClipboard) -> Result<(), Fault> {
    let clipboard = desk.clipboard.clone();
    let cleared = desk.vault.with(move |_| Ok(clipboard.clear())).await?;
    if cleared {
        return Ok(());
    }
    desk.clipboard.clear_soon();
    Err(Fault::new(
        Code::Io,
        "The clipboard does not answer: the value may still be there.",
    )
    .next("It is tried for some seconds more. Copy something else over it to be sure."))
}

fn put<R: Runtime>(desk: &Desk<R>, value: &Plaintext) -> Result<Copied, Fault> {
    let stays = desk.program.state::<Settings>().clipboard();
    desk.clipboard.put(shown(value)?, stays)?;
    Ok(Copied {
        seconds: stays.as_secs(),
    })
}
