//! The window itself: how it is set, and which vault it is about.

use app::vaults::{Status, StatusView};
use app::{Code, Door, DoorOptions, Fault, Home};
use serde::Deserialize;
use tauri::{AppHandle, Manager, Runtime};
use ts_rs::TS;

use super::Desk;
use crate::chosen_files::Purpose;
use crate::dialogs::confirm;
use crate::frame::{self, WINDOW, on_main_thread};
use crate::instance::{self, Taken, Wanted};
use crate::quick;
use crate::settings::{Chosen, Settings};
use crate::shortcut::Shortcut;

/// Asks how the window is set.
#[derive(Deserialize, TS)]
pub struct AskSettings {}

/// Another vault file, until the window is closed.
#[derive(Deserialize, TS)]
pub struct OpenOther {
    /// Ticket of the file.
    file: u32,
}

/// Leaves quick access.
#[derive(Deserialize, TS)]
pub struct LeaveQuick {}

pub async fn settings<R: Runtime>(desk: Desk<R>, _: AskSettings) -> Result<Chosen, Fault> {
    Ok(desk.program.state::<Settings>().chosen())
}

pub async fn save_settings<R: Runtime>(desk: Desk<R>, chosen: Chosen) -> Result<Chosen, Fault> {
    let settings = desk.program.state::<Settings>();
    let before = settings.chosen();
    // A page that was taken over must not keep the vault open.
    if chosen.locks_later_than(&before)
        && !confirm(&desk.program, |texts| texts.lock_later, "").await?
    {
        return Err(Fault::new(Code::Aborted, "The vault locks as before."));
    }
    if chosen.quick_shortcut != before.quick_shortcut
        && let Err(fault) = set_shortcut(&desk, chosen.quick_shortcut.clone()).await
    {
        // The other one could be had before.
        let _ = set_shortcut(&desk, before.quick_shortcut).await;
        return Err(fault);
    }
    #[cfg(target_os = "linux")]
    if chosen.tray != before.tray {
        let (program, wanted) = (desk.program.clone(), chosen.tray);
        let set = desk.vault.with(move |_| {
            program
                .state::<crate::tray::Tray<R>>()
                .set(&program, wanted);
            Ok(())
        });
        set.await?;
    }
    let kept = settings.change(chosen)?;
    if before.locks_later_than(&kept) {
        desk.vault.ask_if_open(settings.tighten()).await?;
    }
    if let Some(window) = desk.program.get_webview_window(WINDOW) {
        if kept.zoom != before.zoom {
            frame::zoom(&window, kept.zoom);
        }
        if kept.theme != before.theme {
            frame::set_theme(&window, kept.theme);
        }
    }
    Ok(kept)
}

async fn set_shortcut<R: Runtime>(desk: &Desk<R>, wanted: Option<String>) -> Result<(), Fault> {
    let set = move |program: &AppHandle<R>| program.state::<Shortcut>().set(wanted.as_deref());
    on_main_thread(&desk.program, set).await?
}

pub async fn open_other<R: Runtime>(desk: Desk<R>, other: OpenOther) -> Result<StatusView, Fault> {
    let file = desk.files.lend(other.file, Purpose::Open)?;
    let home = desk.vault.home().with_vault(file.path().to_owned())?;
    home.must_have_vault()?;
    let asked = home.clone();
    let look = move |_: &Home| Door::here(asked, DoorOptions::default()).ask(Status {});
    let status = desk.vault.with(look).await?;
    if status.vault.is_none() {
        return Err(Fault::new(Code::Integrity, "This file is no vault.")
            .about(status.path)
            .next("Choose another: it is called vault.sealfold where nobody named it otherwise."));
    }
    if desk.vault.look().await?.is_some() {
        return Err(Fault::new(Code::Conflict, "A vault is open.")
            .about(desk.vault.home().vault_file().display().to_string())
            .next("Lock it first: from another it would stay open unseen."));
    }
    let place = match instance::take(&home.window_socket(), Wanted::Window) {
        Taken::Here(place) => Some(place),
        Taken::Nowhere => None,
        Taken::Elsewhere => {
            return Err(
                Fault::new(Code::Conflict, "This vault has a window already.")
                    .about(status.path)
                    .next("It has come to the front."),
            );
        }
    };
    file.spend();
    desk.vault.turn_to(home);
    crate::settle(&desk.program, place);
    Ok(status)
}

pub async fn leave_quick<R: Runtime>(desk: Desk<R>, _: LeaveQuick) -> Result<(), Fault> {
    on_main_thread(&desk.program, quick::close).await
}
