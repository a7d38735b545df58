//! Files that a person chose (`chosen_files.rs`): the page has their tickets, and names no path.

use app::escape::{EscapeView, ListEscapes, TurnOff, TurnOn};
use app::private_file::{Existing, write};
use app::transfer::Export;
use app::vaults::{BackupView, CreateBackup, Key, RestoreBackup, Status, VerifyBackup};
use app::{Code, Fault, Plaintext};
use serde::{Deserialize, Serialize};
use tauri::Runtime;
use ts_rs::TS;

use super::Desk;
use super::values::{FieldOf, question};
use crate::chosen_files::{Lent, Purpose};
use crate::dialogs;

/// Opens the system's dialog for a file.
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

/// What a person chose.
#[derive(Serialize, TS)]
pub struct ChosenFile {
    /// For the command that it was chosen for, once.
    ticket: u32,
    /// To be shown.
    path: String,
}

pub async fn choose_path<R: Runtime>(
    desk: Desk<R>,
    asked: ChoosePath,
) -> Result<Option<ChosenFile>, Fault> {
    let purpose = match asked.save {
        true => Purpose::Save,
        false => Purpose::Open,
    };
    let chosen = dialogs::choose(&desk.program, purpose, asked.title, asked.name).await?;
    Ok(chosen.map(|path| ChosenFile {
        path: path.display().to_string(),
        ticket: desk.files.keep(path, purpose),
    }))
}

/// Writes a field to a file.
#[derive(Deserialize, TS)]
pub struct SaveField {
    field: FieldOf,
    /// Ticket of the file.
    file: u32,
}

pub async fn save_field<R: Runtime>(desk: Desk<R>, asked: SaveField) -> Result<(), Fault> {
    let file = desk.files.lend(asked.file, Purpose::Save)?;
    let reveal = question("get", asked.field);
    let revealed = desk.vault.ask(reveal).await?;
    write_out(&desk, file, revealed.value).await
}

/// Writes a bundle to a file.
#[derive(Deserialize, TS)]
pub struct ExportTo {
    export: Export,
    /// Ticket of the file.
    file: u32,
}

/// What was written.
#[derive(Serialize, TS)]
pub struct ExportedTo {
    /// Names that are in it.
    names: Vec<String>,
    /// Those who can open it; empty for plaintext.
    to: Vec<String>,
    warnings: Vec<String>,
}

pub async fn export<R: Runtime>(desk: Desk<R>, asked: ExportTo) -> Result<ExportedTo, Fault> {
    let file = desk.files.lend(asked.file, Purpose::Save)?;
    let exported = desk.vault.ask(asked.export).await?;
    write_out(&desk, file, exported.data).await?;
    Ok(ExportedTo {
        names: exported.names,
        to: exported.to,
        warnings: exported.warnings,
    })
}

/// Writes a backup of the vault.
#[derive(Deserialize, TS)]
pub struct BackUp {
    /// Ticket of a file that is not there yet.
    file: u32,
    /// Encrypted to these once more: keys, or names of members.
    to: Vec<String>,
    /// Encrypted to recipients, as text instead of bytes.
    armored: bool,
}

pub async fn create_backup<R: Runtime>(desk: Desk<R>, asked: BackUp) -> Result<BackupView, Fault> {
    let file = desk.files.lend(asked.file, Purpose::Save)?;
    let create = CreateBackup {
        path: file.text()?,
        to: asked.to,
        armored: asked.armored,
    };
    let made = desk.vault.ask(create).await?;
    file.spend();
    Ok(made)
}

/// Opens a backup and checks all of it.
#[derive(Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct CheckBackup {
    /// Ticket of the file.
    file: u32,
    key: Key,
    /// Of one that is encrypted to recipients: an age identity file or an SSH key.
    identity: Option<Plaintext>,
}

pub async fn verify_backup<R: Runtime>(
    desk: Desk<R>,
    asked: CheckBackup,
) -> Result<BackupView, Fault> {
    let file = desk.files.lend(asked.file, Purpose::Open)?;
    let verify = VerifyBackup {
        path: file.text()?,
        key: asked.key,
        identity: asked.identity,
    };
    // What was only read can be read again.
    desk.vault.ask(verify).await
}

/// Puts a backup in the place of the vault. One that is there is moved aside, if its person says so to
/// the program.
#[derive(Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct PutBack {
    /// Ticket of the file.
    file: u32,
    key: Key,
    /// As in `verify_backup`.
    identity: Option<Plaintext>,
}

pub async fn restore_backup<R: Runtime>(
    desk: Desk<R>,
    asked: PutBack,
) -> Result<BackupView, Fault> {
    let file = desk.files.lend(asked.file, Purpose::Open)?;
    let status = desk.vault.ask(Status {}).await?;
    if status.exists {
        must_be_wanted(
            dialogs::confirm(&desk.program, |texts| texts.move_aside, &status.path).await?,
        )?;
    }
    let restore = RestoreBackup {
        path: file.text()?,
        key: asked.key,
        identity: asked.identity,
        replace: status.exists,
    };
    let restored = desk.vault.ask_here(restore).await?;
    file.spend();
    Ok(restored)
}

/// Keeps a file up to date with a bundle that stock `age` opens.
#[derive(Deserialize, TS)]
pub struct KeepEscape {
    bundle: String,
    /// Who opens it: keys, or names of members.
    to: Vec<String>,
    /// Ticket of the file.
    file: u32,
}

pub async fn turn_on_escape<R: Runtime>(
    desk: Desk<R>,
    asked: KeepEscape,
) -> Result<EscapeView, Fault> {
    let file = desk.files.lend(asked.file, Purpose::Save)?;
    let turn_on = TurnOn {
        bundle: Some(asked.bundle),
        to: asked.to,
        path: file.text()?,
        replace: file.replaces(),
    };
    let kept = desk.vault.ask(turn_on).await?;
    file.spend();
    Ok(kept)
}

/// Keeps no such file of a bundle any more.
#[derive(Deserialize, TS)]
pub struct StopEscape {
    bundle: String,
    /// Whether the file stays as it is; else its person says to the program that it goes.
    keep: bool,
}

pub async fn turn_off_escape<R: Runtime>(
    desk: Desk<R>,
    asked: StopEscape,
) -> Result<EscapeView, Fault> {
    if !asked.keep {
        let escapes = desk.vault.ask(ListEscapes {}).await?;
        let meant = escapes.iter().find(|one| one.bundle == asked.bundle);
        let path = meant.map(|one| one.path.as_str()).unwrap_or_default();
        must_be_wanted(dialogs::confirm(&desk.program, |texts| texts.remove_file, path).await?)?;
    }
    let turn_off = TurnOff {
        bundle: Some(asked.bundle),
        keep: asked.keep,
    };
    desk.vault.ask(turn_off).await
}

async fn write_out<R: Runtime>(desk: &Desk<R>, file: Lent, bytes: Plaintext) -> Result<(), Fault> {
    let existing = match file.replaces() {
        true => Existing::Replace,
        false => Existing::Keep,
    };
    let work = move |_: &app::Home| {
        // EXPOSE: written where a person wants it.
        write(file.path(), bytes.expose(), existing)?;
        file.spend();
        Ok(())
    };
    desk.vault.with(work).await
}

fn must_be_wanted(wanted: bool) -> Result<(), Fault> {
    match wanted {
        true => Ok(()),
        false => Err(Fault::new(Code::Aborted, "Nothing was changed.")),
    }
}
