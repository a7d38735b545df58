//! Values that come into the page, where a person asks for one.

use app::entries::{EntryRef, Generate, Reveal, RevealCode};
use app::sync::ListConflicts;
use app::transfer::{LeftOut, RawEnv};
use app::{Code, Fault, Plaintext};
use serde::{Deserialize, Serialize};
use tauri::Runtime;
use ts_rs::TS;

use super::Desk;

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

pub async fn reveal<R: Runtime>(desk: Desk<R>, field: FieldOf) -> Result<Shown, Fault> {
    let revealed = desk.vault.ask(question("reveal", field)).await?;
    Ok(Shown {
        value: shown(&revealed.value)?.to_owned(),
        warnings: revealed.warnings,
    })
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

/// A value made up.
#[derive(Serialize, TS)]
pub struct MadeUp {
    value: String,
    /// Whole bits of entropy.
    bits: u32,
}

pub async fn generate<R: Runtime>(desk: Desk<R>, generate: Generate) -> Result<MadeUp, Fault> {
    let made = desk.vault.ask(generate).await?;
    Ok(MadeUp {
        value: shown(&made.value)?.to_owned(),
        bits: made.bits,
    })
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

/// The question for a field, under the name that the audit has for it.
pub fn question(operation: &str, field: FieldOf) -> Reveal {
    Reveal {
        entry: EntryRef::Named {
            bundle: Some(field.bundle),
            name: field.name,
        },
        field: Some(field.field),
        version: field.version,
        operation: operation.to_owned(),
    }
}

/// Recovery words, one by one.
pub fn words(text: &Plaintext) -> Result<Vec<String>, Fault> {
    let words = shown(text)?.split_whitespace();
    Ok(words.map(str::to_owned).collect())
}

/// A value as the page shows it. Nothing else brings one into the page.
pub fn shown(value: &Plaintext) -> Result<&str, Fault> {
    // EXPOSE: a person asked to see it; the view forgets it on hide, blur and lock.
    value.expose_text().ok_or_else(|| {
        Fault::new(
            Code::Usage,
            "The value is no text, so it can't be shown or copied.",
        )
        .next("Save it to a file instead.")
    })
}
