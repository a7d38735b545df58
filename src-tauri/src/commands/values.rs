//! Values: shown in the page where a person asks for one; copied and written to files without it.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use app::entries::{EntryRef, Generate, Reveal, RevealCode, Revealed};
use app::sync::ListConflicts;
use app::transfer::{Export, LeftOut, RawEnv};
use app::{Code, Fault, Plaintext};
use serde::{Deserialize, Serialize};
use tauri::{Manager, Runtime};
use ts_rs::TS;

use super::Desk;
use super::papers::shown;
use crate::settings::Settings;

/// A field of an entry.
#[derive(Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct FieldOf {
    bundle: String,
    name: String,
    field: String,
    /// Counted from 1, the oldest; the current one when absent.
    version: Option<u64>,
}

/// A value in the page.
#[derive(Serialize, TS)]
pub struct Shown {
    value: String,
    warnings: Vec<String>,
}

/// For how long a copied value stays.
#[derive(Serialize, TS)]
pub struct Copied {
    seconds: u64,
}

/// Text of the page's own, such as an invitation.
#[derive(Deserialize, TS)]
pub struct CopyText {
    text: Plaintext,
}

/// Empties the clipboard, if what is there is ours.
#[derive(Deserialize, TS)]
pub struct ClearClipboard {}

/// A conflict whose values are asked for.
#[derive(Deserialize, TS)]
pub struct RevealConflict {
    bundle: String,
    name: String,
}

/// The values of one side.
#[derive(Serialize, TS)]
pub struct SideValues {
    /// Number among the sides, from 1; 0 for the base.
    number: u64,
    /// Field and value.
    values: Vec<(String, String)>,
}

/// A bundle written to a file.
#[derive(Deserialize, TS)]
pub struct ExportTo {
    export: Export,
    /// Where. Nothing that is there is overwritten.
    path: PathBuf,
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

/// A bundle as the text of a `.env`.
#[derive(Serialize, TS)]
pub struct RawText {
    bundle: String,
    text: String,
    /// `save_raw_env` wants it back.
    made_from: String,
    /// Names that are in it.
    names: Vec<String>,
    left_out: Vec<LeftOut>,
    warnings: Vec<String>,
}

/// An entry of kind one-time password.
#[derive(Deserialize, TS)]
pub struct CodeOf {
    bundle: String,
    name: String,
}

/// The code of now.
#[derive(Serialize, TS)]
pub struct ShownCode {
    code: String,
    /// Unix seconds at which the next one begins.
    until: u64,
    seconds_left: u32,
    /// Seconds.
    period: u32,
    warnings: Vec<String>,
}

/// A value made up.
#[derive(Serialize, TS)]
pub struct MadeUp {
    value: String,
    /// Whole bits of entropy.
    bits: u32,
}

/// A field written to a file.
#[derive(Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct SaveField {
    bundle: String,
    name: String,
    field: String,
    /// As in [`FieldOf`].
    version: Option<u64>,
    /// Where. Nothing that is there is overwritten.
    path: PathBuf,
}

pub async fn raw_env<R: Runtime>(desk: Desk<R>, raw: RawEnv) -> Result<RawText, Fault> {
    let raw = desk.vault.ask(raw).await?;
    Ok(RawText {
        text: shown(&raw.text)?.to_owned(),
        bundle: raw.bundle,
        made_from: raw.made_from,
        names: raw.names,
        left_out: raw.left_out,
        warnings: raw.warnings,
    })
}

pub async fn code<R: Runtime>(desk: Desk<R>, of: CodeOf) -> Result<ShownCode, Fault> {
    let reveal = RevealCode {
        entry: EntryRef::Named {
            bundle: Some(of.bundle),
            name: of.name,
        },
        operation: "reveal".to_owned(),
    };
    let code = desk.vault.ask(reveal).await?;
    Ok(ShownCode {
        code: shown(&code.code)?.to_owned(),
        until: code.until,
        seconds_left: code.seconds_left,
        period: code.period,
        warnings: code.warnings,
    })
}

pub async fn generate<R: Runtime>(desk: Desk<R>, generate: Generate) -> Result<MadeUp, Fault> {
    let made = desk.vault.ask(generate).await?;
    Ok(MadeUp {
        value: shown(&made.value)?.to_owned(),
        bits: made.bits,
    })
}

pub async fn save_field<R: Runtime>(desk: Desk<R>, asked: SaveField) -> Result<(), Fault> {
    let path = asked.path;
    let field = FieldOf {
        bundle: asked.bundle,
        name: asked.name,
        field: asked.field,
        version: asked.version,
    };
    let revealed = take(&desk, "get", field).await?;
    // EXPOSE: written where a person wants it.
    let write = move |_: &app::Home| write_out(&path, revealed.value.expose());
    desk.vault.with(write).await
}

pub async fn reveal<R: Runtime>(desk: Desk<R>, field: FieldOf) -> Result<Shown, Fault> {
    let revealed = take(&desk, "reveal", field).await?;
    Ok(Shown {
        value: shown(&revealed.value)?.to_owned(),
        warnings: revealed.warnings,
    })
}

pub async fn copy<R: Runtime>(desk: Desk<R>, field: FieldOf) -> Result<Copied, Fault> {
    let revealed = take(&desk, "copy", field).await?;
    put(&desk, &revealed.value)
}

pub async fn copy_text<R: Runtime>(desk: Desk<R>, asked: CopyText) -> Result<Copied, Fault> {
    put(&desk, &asked.text)
}

pub async fn clear_clipboard<R: Runtime>(desk: Desk<R>, _: ClearClipboard) -> Result<(), Fault> {
    desk.clipboard.clear();
    Ok(())
}

pub async fn reveal_conflict<R: Runtime>(
    desk: Desk<R>,
    asked: RevealConflict,
) -> Result<Vec<SideValues>, Fault> {
    let list = ListConflicts {
        bundle: Some(asked.bundle),
        name: Some(asked.name.clone()),
        reveal: true,
    };
    let conflicts = desk.vault.ask(list).await?;
    let meant = conflicts.into_iter().find(|one| one.name == asked.name);
    let meant = meant.ok_or_else(|| {
        Fault::new(Code::NotFound, "This conflict is settled by now.").about(asked.name)
    })?;
    let sides = meant.base.into_iter().chain(meant.sides);
    let values = sides.map(|side| {
        let pairs = side.values.iter();
        let values = pairs.map(|(field, value)| Ok((field.clone(), shown(value)?.to_owned())));
        Ok(SideValues {
            number: side.number,
            values: values.collect::<Result<_, Fault>>()?,
        })
    });
    values.collect()
}

pub async fn export<R: Runtime>(desk: Desk<R>, asked: ExportTo) -> Result<ExportedTo, Fault> {
    let ExportTo { export, path } = asked;
    let exported = desk.vault.ask(export).await?;
    // EXPOSE: written where a person wants it.
    let write = move |_: &app::Home| write_out(&path, exported.data.expose());
    desk.vault.with(write).await?;
    Ok(ExportedTo {
        names: exported.names,
        to: exported.to,
        warnings: exported.warnings,
    })
}

async fn take<R: Runtime>(
    desk: &Desk<R>,
    operation: &str,
    field: FieldOf,
) -> Result<Revealed, Fault> {
    let reveal = Reveal {
        entry: EntryRef::Named {
            bundle: Some(field.bundle),
            name: field.name,
        },
        field: Some(field.field),
        version: field.version,
        operation: operation.to_owned(),
    };
    desk.vault.ask(reveal).await
}

fn put<R: Runtime>(desk: &Desk<R>, value: &Plaintext) -> Result<Copied, Fault> {
    let stays = desk.program.state::<Settings>().clipboard();
    desk.clipboard.put(shown(value)?, stays)?;
    Ok(Copied {
        seconds: stays.as_secs(),
    })
}

fn write_out(path: &PathBuf, bytes: &[u8]) -> Result<(), Fault> {
    let written = write_new(path, bytes);
    written.map_err(|error| unwritten(&error).about(path.display().to_string()))
}

/// Readable by its owner alone.
fn write_new(path: &PathBuf, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn unwritten(error: &std::io::Error) -> Fault {
    let fault = Fault::new(Code::Io, format!("The file can't be written: {error}."));
    fault.next("Choose a folder that you may write to, and a name that is not taken.")
}
