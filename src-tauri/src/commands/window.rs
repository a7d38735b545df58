//! The window itself: how it is set, which vault it is about, the system's file dialogs.

use std::path::PathBuf;

use app::vaults::{Status, StatusView};
use app::{Code, Door, DoorOptions, Fault, Home};
use serde::Deserialize;
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::oneshot;
use ts_rs::TS;

use super::Desk;
use crate::quick;
use crate::settings::{Chosen, Settings};
use crate::shortcut::Shortcut;

/// Asks how the window is set.
#[derive(Deserialize, TS)]
pub struct AskSettings {}

/// Another vault file, until the window is closed.
#[derive(Deserialize, TS)]
pub struct OpenOther {
    path: PathBuf,
}

/// The system's dialog for a file.
#[derive(Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct ChoosePath {
    /// Whether a file is to be written, else one that is there is chosen.
    save: bool,
    /// What a new one is called, if nothing else is said.
    name: Option<String>,
    /// The dialog's title.
    title: Option<String>,
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
    settings.change(chosen)
}

async fn set_shortcut<R: Runtime>(desk: &Desk<R>, wanted: Option<String>) -> Result<(), Fault> {
    let set = move |program: &AppHandle<R>| program.state::<Shortcut>().set(wanted.as_deref());
    on_main_thread(desk, set).await?
}

pub async fn open_other<R: Runtime>(desk: Desk<R>, other: OpenOther) -> Result<StatusView, Fault> {
    let home = desk.vault.home().with_vault(other.path)?;
    home.must_have_vault()?;
    let asked = home.clone();
    let look = move |_: &Home| Door::here(asked, DoorOptions::default()).ask(Status {});
    let status = desk.vault.with(look).await?;
    if status.vault.is_none() {
        return Err(Fault::new(Code::Integrity, "This file is no vault.")
            .about(status.path)
            .next("Choose another: it is called vault.sealfold where nobody named it otherwise."));
    }
    desk.vault.turn_to(home);
    Ok(status)
}

pub async fn choose_path<R: Runtime>(
    desk: Desk<R>,
    asked: ChoosePath,
) -> Result<Option<PathBuf>, Fault> {
    let (chosen, choice) = oneshot::channel();
    let open = move |_: &AppHandle<R>| {
        let mut dialog = rfd::AsyncFileDialog::new();
        if let Some(title) = asked.title {
            dialog = dialog.set_title(title);
        }
        if let Some(name) = asked.name {
            dialog = dialog.set_file_name(name);
        }
        let (saved, picked) = match asked.save {
            true => (Some(dialog.save_file()), None),
            false => (None, Some(dialog.pick_file())),
        };
        tauri::async_runtime::spawn(async move {
            let file = match (saved, picked) {
                (Some(saved), _) => saved.await,
                (None, Some(picked)) => picked.await,
                (None, None) => None,
            };
            // A window that was closed meanwhile wants no answer.
            let _ = chosen.send(file.map(|file| file.path().to_owned()));
        });
    };
    on_main_thread(&desk, open).await?;
    Ok(choice.await.ok().flatten())
}

pub async fn leave_quick<R: Runtime>(desk: Desk<R>, _: LeaveQuick) -> Result<(), Fault> {
    on_main_thread(&desk, quick::close).await
}

async fn on_main_thread<R: Runtime, T: Send + 'static>(
    desk: &Desk<R>,
    work: impl FnOnce(&AppHandle<R>) -> T + Send + 'static,
) -> Result<T, Fault> {
    let closing = || Fault::new(Code::Aborted, "The window is closing.");
    let (done, answer) = oneshot::channel();
    let program = desk.program.clone();
    let asked = desk.program.run_on_main_thread(move || {
        let _ = done.send(work(&program));
    });
    asked.map_err(|_| closing())?;
    answer.await.map_err(|_| closing())
}
