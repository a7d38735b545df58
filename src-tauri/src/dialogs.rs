//! The system's own dialogs. They belong to the program: a page can have one opened, and can't answer it.

use std::path::PathBuf;

use app::Fault;
use rfd::{AsyncFileDialog, AsyncMessageDialog, MessageButtons, MessageDialogResult, MessageLevel};
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::oneshot;

#[cfg(debug_assertions)]
use crate::automation;
use crate::chosen_files::Purpose;
use crate::frame::on_main_thread;
use crate::settings::Settings;
use crate::texts::{Texts, texts};

/// Longest name that is proposed, in characters.
const NAME_MAX: usize = 100;

/// Asks for a file. None where nobody chose one.
pub async fn choose<R: Runtime>(
    program: &AppHandle<R>,
    purpose: Purpose,
    title: Option<String>,
    name: Option<String>,
) -> Result<Option<PathBuf>, Fault> {
    #[cfg(debug_assertions)]
    if automation::is_asked_for() {
        return Ok(automation::chosen_file());
    }
    let (chosen, choice) = oneshot::channel();
    let open = move |_: &AppHandle<R>| {
        let mut dialog = AsyncFileDialog::new();
        if let Some(title) = title {
            dialog = dialog.set_title(title);
        }
        if let Some(name) = name {
            dialog = dialog.set_file_name(harmless(&name));
        }
        let (saved, picked) = match purpose {
            Purpose::Save => (Some(dialog.save_file()), None),
            Purpose::Open => (None, Some(dialog.pick_file())),
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
    on_main_thread(program, open).await?;
    Ok(choice.await.ok().flatten())
}

/// Asks whether something is to be done that a page must not decide: to a file, which is named, or
/// to how the vault is kept.
pub async fn confirm<R: Runtime>(
    program: &AppHandle<R>,
    question: impl FnOnce(&Texts) -> &'static str,
    about: &str,
) -> Result<bool, Fault> {
    #[cfg(debug_assertions)]
    if automation::is_asked_for() {
        return Ok(true);
    }
    let question = question(texts(&program.state::<Settings>().chosen()));
    let description = match about {
        "" => question.to_owned(),
        about => format!("{question}\n\n{about}"),
    };
    let (chosen, choice) = oneshot::channel();
    let open = move |_: &AppHandle<R>| {
        let dialog = AsyncMessageDialog::new()
            .set_level(MessageLevel::Warning)
            .set_title("Sealfold")
            .set_description(description)
            .set_buttons(MessageButtons::OkCancel)
            .show();
        tauri::async_runtime::spawn(async move {
            // As above.
            let _ = chosen.send(dialog.await == MessageDialogResult::Ok);
        });
    };
    on_main_thread(program, open).await?;
    Ok(choice.await.unwrap_or_default())
}

/// A name as a file may be called. Others choose the names of entries, and could choose one that a
/// system starts or hides.
fn harmless(name: &str) -> String {
    let plain = name.chars().filter(|one| !one.is_control());
    let plain = plain.map(|one| {
        if "/\\:*?\"<>|".contains(one) {
            '-'
        } else {
            one
        }
    });
    let plain: String = plain.take(NAME_MAX).collect();
    let plain = plain
        .trim_start_matches(['.', '-', ' '])
        .trim_end_matches(['.', ' ']);
    if plain.is_empty() { "file" } else { plain }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposed_name_is_a_name_in_the_folder_and_is_seen_there() {
        for (name, proposed) in [
            ("tls.key", "tls.key"),
            (".bashrc", "bashrc"),
            ("../../.config/autostart/x", "config-autostart-x"),
            ("C:\\Users\\x", "C--Users-x"),
            ("a\nb\u{7}", "ab"),
            ("...", "file"),
            ("", "file"),
        ] {
            assert_eq!(harmless(name), proposed, "{name}");
        }
        assert_eq!(harmless(&"x".repeat(1000)).len(), NAME_MAX);
    }
}
