//! What a change did, told to the person or as JSON: for the commands that change the same kind of
//! thing.

use app::bundles::BundleView;
use app::entries::{Change, Saved};
use app::sync::FindingView;
use app::team::{MemberView, RequestView};
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

/// What happened to a bundle.
pub fn bundle(context: &Context, bundle: &BundleView, done: &str) -> Outcome {
    if context.output.is_json() {
        context.output.json(bundle)?;
    } else {
        let name = escaped(&bundle.name);
        context.output.note(format!("{name} {done}."));
    }
    Ok(Ending::Done)
}

/// Requests in a name that is taken for a member's (threat 38): whose, with their id.
pub fn confused(requests: &[RequestView]) -> Vec<String> {
    let confused = requests.iter().filter_map(|request| {
        let other = request.looks_like.as_ref()?;
        let name = &request.name;
        Some(format!(
            "{name} is not {other}, who is a member: the names read alike. Compare the words."
        ))
    });
    confused.collect()
}

/// What a member is now.
pub fn member(context: &Context, member: &MemberView) -> Outcome {
    if context.output.is_json() {
        context.output.json(member)?;
        return Ok(Ending::Done);
    }
    let (name, team, role) = (
        escaped(&member.name),
        escaped(&member.team),
        escaped(&member.role),
    );
    let article = if role.starts_with(['a', 'o']) {
        "an"
    } else {
        "a"
    };
    context
        .output
        .note(format!("{name} is {article} {role} of {team} now."));
    Ok(Ending::Done)
}

/// What is wrong with a team's remote, each with what to do next.
pub fn findings(context: &Context, findings: &[FindingView]) {
    for finding in findings {
        let sentence = format!("{}: {}", finding.team, finding.about());
        context.output.warn(&[sentence]);
        context
            .output
            .note(format!("  next: {}", escaped(&finding.next)));
    }
}

/// Names in a row, for a sentence.
pub fn names(names: &[String]) -> String {
    if names.is_empty() {
        return "nobody".to_owned();
    }
    let mut names = names.to_vec();
    names.sort();
    escaped(&names.join(", "))
}
