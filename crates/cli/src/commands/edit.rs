//! `edit`: a value, or a whole bundle as a `.env`, in the person's editor.

use app::entries::{Metadata, NewValue, Reveal, Revealed, Set};
use app::transfer::{RawEnv, RawEnvChange, RawEnvSaved, RawEnvText, SaveRawEnv};
use app::{Code, Door, Fault, Plaintext};
use clap::Args;

use super::{import, naming};
use crate::args::{BundleArg, DryRunArg};
use crate::context::Context;
use crate::door::{self, Access};
use crate::editor;
use crate::exit::{Ending, Failure, Outcome};
use crate::input::without_line_end;
use crate::output::{Table, escaped};
use crate::{prompt, tell};

/// Edit a value, or a whole bundle as a .env, in your editor
///
/// VISUAL or EDITOR says which. Without NAME the bundle's variables are opened as a .env, in the
/// order of their names: a line that is new comes in, one that is gone is removed, all at once,
/// after a look at what would change. Comments and the order of lines are not kept; entries that a
/// .env can't hold stay as they are. What others changed meanwhile is a conflict and no loss.
///
/// The file is yours alone, lies in memory (the runtime folder, or /dev/shm), and is wiped when the
/// editor ends. What the editor itself keeps elsewhere, such as its undo files, is the editor's.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    sealfold edit -b api/dev\n  \
    sealfold edit -b api/dev TLS_KEY\n  \
    EDITOR='code --wait' sealfold edit -b api/dev")]
pub struct EditArgs {
    /// The entry's name, or a reference; the whole bundle when absent
    name: Option<String>,
    #[command(flatten)]
    bundle: BundleArg,
    /// Which field; the kind's own first one when absent
    #[arg(long, requires = "name")]
    field: Option<String>,
    /// Where there is no private place in memory, let the file lie on a disk
    #[arg(long)]
    allow_disk: bool,
    #[command(flatten)]
    dry_run: DryRunArg,
}

impl EditArgs {
    pub fn carry_out(mut self, context: &Context) -> Outcome {
        let mut door = door::open(context, Access::Write)?;
        match self.name.take() {
            Some(name) => self.value(context, &mut door, name),
            None => self.whole(context, &mut door),
        }
    }

    fn value(self, context: &Context, door: &mut Door, name: String) -> Outcome {
        let revealed = door.ask(Reveal {
            entry: naming::entry(self.bundle.bundle, name),
            field: self.field,
            version: None,
            operation: "edit".to_owned(),
        })?;
        context.output.warn(&revealed.warnings);
        must_be_editable(&revealed)?;
        let value = edit_value(context, &revealed.value, self.allow_disk)?;
        if value == revealed.value {
            context.output.note("Nothing was changed.");
            return Ok(Ending::Done);
        }
        if value.is_empty() {
            let fault = Fault::new(Code::Aborted, "The text is empty, and nothing was changed.");
            return Err(fault
                .next("`sealfold set --stdin` sets an empty value, if that is meant.")
                .into());
        }
        let dry_run = self.dry_run.dry_run;
        let saved = door.ask(Set {
            bundle: Some(revealed.bundle),
            name: revealed.name,
            kind: None,
            fields: vec![(revealed.field, NewValue::Given(value))],
            without_fields: Vec::new(),
            tags: None,
            metadata: Metadata::default(),
            expected_version: Some(revealed.version),
            dry_run,
        })?;
        tell::saved(context, &saved, dry_run)
    }

    fn whole(self, context: &Context, door: &mut Door) -> Outcome {
        let raw = self.open(door)?;
        context.output.warn(&raw.warnings);
        for left_out in &raw.left_out {
            let (name, why) = (escaped(&left_out.name), escaped(&left_out.why));
            context
                .output
                .note(format!("{name} is left out and stays: {why}."));
        }
        let text = with_heading(&raw);
        let mut made_from = raw.made_from;
        let mut edited = editor::edit(context, "bundle.env", &text, self.allow_disk)?;
        if edited == text {
            context.output.note("Nothing was changed.");
            return Ok(Ending::Done);
        }
        loop {
            match self.save(context, door, &edited, &made_from) {
                Ok(Next::Done(ending)) => return Ok(ending),
                Ok(Next::EditAgain) => {
                    edited = editor::edit(context, "bundle.env", &edited, self.allow_disk)?;
                }
                Err(Failure::Fault(fault)) if fault.code == Code::Conflict && may_ask(context) => {
                    let question = "The bundle was changed meanwhile. Compare your text with what is there now?";
                    prompt::confirm(context, question)?;
                    made_from = self.open(door)?.made_from;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    fn open(&self, door: &mut Door) -> Result<RawEnvText, Fault> {
        door.ask(RawEnv {
            bundle: self.bundle.bundle.clone(),
        })
    }

    /// Shows what the text would change, asks, and saves it.
    fn save(
        &self,
        context: &Context,
        door: &mut Door,
        text: &Plaintext,
        made_from: &str,
    ) -> Result<Next, Failure> {
        let wish = |dry_run| SaveRawEnv {
            bundle: self.bundle.bundle.clone(),
            // EXPOSE: a second copy for a second request.
            text: Plaintext::new(text.expose().to_vec()),
            made_from: made_from.to_owned(),
            dry_run,
        };
        let preview = door.ask(wish(true))?;
        import::remark(context, &preview.remarks);
        if preview.remarks.iter().any(|remark| remark.lost) && may_ask(context) {
            prompt::confirm(context, "Not all of it can be kept. Edit it again?")?;
            return Ok(Next::EditAgain);
        }
        let bundle = escaped(&preview.bundle);
        let changes = preview.entries.iter();
        if changes.clone().all(|one| one.change == RawEnvChange::Same) {
            context.output.note(format!("{bundle} is so already."));
            return Ok(Next::Done(Ending::Done));
        }
        let dry_run = self.dry_run.dry_run;
        if dry_run && !context.output.is_json() {
            context.output.table(&table(&preview))?;
        }
        if !dry_run {
            context.output.talk(&table(&preview));
            prompt::confirm(context, &format!("Save it in {bundle}?"))?;
            door.ask(wish(false))?;
        }
        if context.output.is_json() {
            context.output.json(&preview)?;
        }
        let done = if dry_run { "Would save" } else { "Saved" };
        let counts = counts(&preview);
        context.output.note(format!("{done} {counts} in {bundle}."));
        Ok(Next::Done(Ending::Done))
    }
}

/// What follows a look at an edited text.
enum Next {
    Done(Ending),
    EditAgain,
}

/// Whether a person may be asked something that `--yes` is no answer to.
fn may_ask(context: &Context) -> bool {
    !context.globals.yes && prompt::possible(context).is_ok()
}

fn must_be_editable(revealed: &Revealed) -> Result<(), Fault> {
    if revealed.field == "note" {
        let fault = Fault::new(Code::Usage, "A note is no field that can be edited.");
        return Err(fault.next("`sealfold set NAME --note TEXT` sets it."));
    }
    if revealed.until.is_some() {
        let fault = Fault::new(
            Code::Usage,
            "A code can't be edited; the secret that it comes from can.",
        );
        return Err(fault.next("Leave `--field` out."));
    }
    // EXPOSE: only whether it is text.
    if revealed.value.expose_text().is_none() {
        let fault = Fault::new(Code::Usage, "The value is not text, and can't be edited.");
        return Err(fault.next("`sealfold set --file` replaces it."));
    }
    Ok(())
}

/// A value that ends without a newline gets one for the editor, and loses it again.
fn edit_value(context: &Context, value: &Plaintext, disk: bool) -> Result<Plaintext, Fault> {
    // EXPOSE: into the text that is edited.
    let bytes = value.expose();
    if bytes.ends_with(b"\n") {
        return editor::edit(context, "value", value, disk);
    }
    let mut line = Vec::with_capacity(bytes.len() + 1);
    line.extend_from_slice(bytes);
    line.push(b'\n');
    editor::edit(context, "value", &Plaintext::new(line), disk).map(without_line_end)
}

/// The text with a few words on top, which are a comment and not kept.
fn with_heading(raw: &RawEnvText) -> Plaintext {
    let bundle = escaped(&raw.bundle);
    let heading = format!(
        "# {bundle}: save and close to take the changes in. A line that is gone removes its entry.\n\
         # Comments and the order of lines are not kept.\n"
    );
    let mut text = Vec::with_capacity(heading.len() + raw.text.len());
    text.extend_from_slice(heading.as_bytes());
    // EXPOSE: into the text that is edited.
    text.extend_from_slice(raw.text.expose());
    Plaintext::new(text)
}

fn counts(saved: &RawEnvSaved) -> String {
    let count = |change| {
        let entries = saved.entries.iter();
        entries.filter(|one| one.change == change).count()
    };
    format!(
        "{} new, {} changed, {} removed",
        count(RawEnvChange::Created),
        count(RawEnvChange::Changed),
        count(RawEnvChange::Removed)
    )
}

fn table(saved: &RawEnvSaved) -> Table {
    let mut table = Table::new(["NAME", "CHANGE"]);
    for entry in &saved.entries {
        let change = match entry.change {
            RawEnvChange::Created => "new",
            RawEnvChange::Changed => "changed",
            RawEnvChange::Removed => "removed",
            RawEnvChange::Same => continue,
        };
        table.row([entry.name.clone(), change.to_owned()]);
    }
    table
}
