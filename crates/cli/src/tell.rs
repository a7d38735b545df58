//! What a change did, told to the person or as JSON: for the commands that change the same kind of
//! thing.

use app::entries::{Change, Saved};
use app::vaults::SlotView;

use crate::context::Context;
use crate::exit::{Ending, Outcome};
use crate::output::escaped;

/// What a write of an entry did, or would do.
pub fn saved(context: &Context, saved: &Saved, dry_run: bool) -> Outcome {
    context.output.warn(&saved.warnings);
    if context.output.is_json() {
        context.output.json(saved)?;
        return Ok(Ending::Done);
    }
    let (name, bundle) = (escaped(&saved.name), escaped(&saved.bundle));
    let version = saved.version;
    context.output.note(match (saved.change, dry_run) {
        (Change::Created, false) => format!("{name} is new in {bundle}."),
        (Change::Created, true) => format!("{name} would be new in {bundle}."),
        (Change::Changed, false) => format!("{name} in {bundle} is at version {version} now."),
        (Change::Changed, true) => format!("{name} in {bundle} would be at version {version}."),
        (Change::Same, _) => format!("{name} in {bundle} is so already."),
    });
    Ok(Ending::Done)
}

/// What happened to a slot.
pub fn slot(context: &Context, slot: &SlotView, done: &str) -> Outcome {
    if context.output.is_json() {
        context.output.json(slot)?;
    } else {
        let (kind, id) = (escaped(&slot.kind), escaped(&slot.id));
        context.output.note(format!("The {kind} slot {id} {done}."));
    }
    Ok(Ending::Done)
}
