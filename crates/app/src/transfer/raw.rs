//! A bundle as the text of a `.env`, and the text, edited, as the bundle.

use std::collections::{BTreeMap, HashMap};

use crypto::{Hasher, Purpose, SecretVec};
use formats::export::{Format, Written, write};
use team::entry::{Content, EntryKind};
use team::ids::{EntryId, VersionId};
use vault::{Changes, Version, VersionState};

use super::dotenv::{Incoming, read};
use super::import::variable;
use super::{LeftOut, RawEnv, RawEnvChange, RawEnvEntry, RawEnvSaved, RawEnvText, SaveRawEnv};
use crate::audit::{MOST_NAMES, Reads};
use crate::bundles::BundleAt;
use crate::clock::now;
use crate::entries::{self, Found, Listed, Live, live_by_name, live_entries};
use crate::open::{Open, WriteError};
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::{Caller, Session};
use crate::{Code, Fault, Plaintext, bundles};

/// What the audit calls both halves of it.
const OPERATION: &str = "edit";

impl UseCase for RawEnv {
    async fn carry_out(self, session: &mut Session) -> Result<RawEnvText, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let at = bundles::find_usable(&open.teams, self.bundle.as_deref())?;
        let bundle = bundles::full_name(&open.teams, &at);
        let made_from = state(open, &at).await?;
        let Lines {
            written,
            left_out,
            mut warnings,
        } = lines(open, &at).await?;
        let conflicts = written.iter().filter(|line| line.live.conflict);
        warnings.extend(conflicts.map(|line| {
            let name = line.name();
            format!("{name} has several values side by side; the newest is in the text")
        }));
        // EXPOSE: only how long they are.
        let size = written.iter().map(|line| line.text.expose().len()).sum();
        let mut text = Vec::with_capacity(size);
        for line in &written {
            // EXPOSE: into the text that was asked for; the audit says so.
            text.extend_from_slice(line.text.expose());
        }
        let text = Plaintext::new(text);
        let names: Vec<String> = written.iter().map(|line| line.name().to_owned()).collect();
        let versions = written.iter().map(|line| line.live.version);
        let entry = AuditEntry {
            operation: OPERATION.to_owned(),
            bundle: Some(bundle.clone()),
            names: names.iter().take(MOST_NAMES).cloned().collect(),
            count: names.len() as u64,
            detail: Some("opened as text".to_owned()),
            reads: Reads::of(&open.teams[&at.team], at.id, versions),
            ..AuditEntry::default()
        };
        open.record(&caller, entry).await?;
        Ok(RawEnvText {
            bundle,
            text,
            made_from,
            names,
            left_out,
            warnings,
        })
    }
}

impl UseCase for SaveRawEnv {
    async fn carry_out(self, session: &mut Session) -> Result<RawEnvSaved, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let (incoming, remarks) = read(&self.text, Default::default(), false)?;
        if let Some(lost) = remarks.iter().find(|remark| remark.lost && !self.dry_run) {
            // What can't be read may be the line of a name, which would be removed then.
            return Err(Fault::new(Code::Usage, "A line of the text can't be kept.")
                .about(format!("line {}: {}", lost.line, lost.sentence))
                .next("Nothing was changed: correct the line."));
        }
        let (bundle, entries) = open
            .write_or_rehearse(self.dry_run, async |open, changes| {
                let at = bundles::find_usable(&open.teams, self.bundle.as_deref())?;
                if state(open, &at).await? != self.made_from {
                    return Err(changed_meanwhile(&bundles::full_name(&open.teams, &at)).into());
                }
                let entries = save(open, changes, &caller, at, &incoming).await?;
                Ok((bundles::full_name(&open.teams, &at), entries))
            })
            .await?;
        Ok(RawEnvSaved {
            bundle,
            entries,
            remarks,
        })
    }
}

fn changed_meanwhile(bundle: &str) -> Fault {
    Fault::new(
        Code::Conflict,
        "The bundle was changed since the text was made from it.",
    )
    .about(bundle)
    .next("Nothing was written: open the text anew, and make the change there.")
}

/// What a text is made from: all current versions of the bundle.
async fn state(open: &mut Open, at: &BundleAt) -> Result<String, Fault> {
    let mut versions = Vec::new();
    open.vault
        .visit_heads(&at.team, &at.id, |version: &Version| {
            if version.state == VersionState::Head {
                versions.push((version.op, version.pos));
            }
            Ok::<_, Fault>(())
        })
        .await?;
    versions.sort_unstable();
    let mut hasher = Hasher::new(Purpose::StateHash);
    hasher.update(at.id.as_bytes());
    for (op, pos) in versions {
        hasher.update(op.as_bytes());
        hasher.update(&pos.to_be_bytes());
    }
    Ok(hex::encode(hasher.finish()))
}

/// One variable as it is written.
struct Line {
    live: Live,
    text: Written,
}

impl Line {
    fn name(&self) -> &str {
        &self.live.opened.content.name
    }

    fn value(&self) -> Option<&SecretVec> {
        let content = &self.live.opened.content;
        content.fields.get(content.kind.fields()[0])
    }
}

/// What of a bundle a text holds, in the order of names, and what not.
struct Lines {
    written: Vec<Line>,
    left_out: Vec<LeftOut>,
    warnings: Vec<String>,
}

async fn lines(open: &mut Open, at: &BundleAt) -> Result<Lines, Fault> {
    let Listed { live, unreadable } = live_entries(open, at).await?;
    let mut lines = Lines {
        written: Vec::with_capacity(live.len()),
        left_out: Vec::new(),
        warnings: Vec::new(),
    };
    for one in live {
        let name = one.opened.content.name.clone();
        match line(&one) {
            Ok(text) => {
                if !text.not_portable.is_empty() {
                    lines.warnings.push(format!(
                        "{name}: only readers of the npm package dotenv get this value back; it is read so here"
                    ));
                }
                lines.written.push(Line { live: one, text });
            }
            Err(why) => lines.left_out.push(LeftOut { name, why }),
        }
    }
    lines
        .left_out
        .extend(unreadable.iter().map(|version| LeftOut {
            name: version.entry.to_string(),
            why: "it can't be opened".to_owned(),
        }));
    Ok(lines)
}

/// A variable as one line, or more where its value has several; or why it can't be one.
fn line(live: &Live) -> Result<Written, String> {
    let content = &live.opened.content;
    let value = match content.fields.get(content.kind.fields()[0]) {
        Some(value) if content.kind == EntryKind::Variable => value,
        _ => return Err("it is no variable".to_owned()),
    };
    // EXPOSE: into the written form, which is wiped when dropped.
    let pair = (content.name.as_str(), value.expose());
    write(&[pair], Format::Dotenv).map_err(|error| error.why.to_string())
}

/// What an edited text changes.
#[derive(Default)]
struct Plan {
    versions: Vec<(EntryId, Vec<VersionId>, Content)>,
    removed: Vec<(Found, String)>,
    report: Vec<RawEnvEntry>,
}

async fn save(
    open: &mut Open,
    changes: &mut Changes,
    caller: &Caller,
    at: BundleAt,
    incoming: &[Incoming],
) -> Result<Vec<RawEnvEntry>, WriteError> {
    let plan = plan(open, &at, incoming).await?;
    let versions: Vec<_> = plan
        .versions
        .iter()
        .map(|(entry, before, content)| (*entry, before.clone(), content))
        .collect();
    entries::put(open, changes, at, &versions)?;
    let removed: Vec<_> = plan
        .removed
        .iter()
        .map(|(found, name)| (found, name.clone()))
        .collect();
    entries::delete(open, changes, at, &removed)?;
    let touched = plan
        .report
        .iter()
        .filter(|one| one.change != RawEnvChange::Same);
    let names = touched.map(|one| one.name.clone()).collect();
    let count = |change| {
        plan.report
            .iter()
            .filter(|one| one.change == change)
            .count()
    };
    let detail = format!(
        "{} new, {} changed, {} removed",
        count(RawEnvChange::Created),
        count(RawEnvChange::Changed),
        count(RawEnvChange::Removed)
    );
    entries::audit(open, changes, caller, OPERATION, at, names, Some(detail));
    Ok(plan.report)
}

async fn plan(open: &mut Open, at: &BundleAt, incoming: &[Incoming]) -> Result<Plan, Fault> {
    let Lines {
        written, left_out, ..
    } = lines(open, at).await?;
    let mut there: BTreeMap<String, Line> = BTreeMap::new();
    for line in written {
        there.insert(line.name().to_owned(), line);
    }
    let left_out: HashMap<&str, &str> = left_out
        .iter()
        .map(|one| (one.name.as_str(), one.why.as_str()))
        .collect();
    let mut plan = Plan::default();
    for new in incoming {
        if let Some(why) = left_out.get(new.name.as_str()) {
            return Err(Fault::new(
                Code::Conflict,
                "An entry of this name is there, and is left out of the text.",
            )
            .about(format!("{}: {why}", new.name))
            .next("Give the line another name, or change that entry with `sealfold set`."));
        }
        let change = match there.remove(&new.name) {
            // Several values side by side stay so, unless one is written.
            Some(line) if line.value() == Some(&new.value) => RawEnvChange::Same,
            Some(line) => {
                changed(open, at, &mut plan, line, new).await?;
                RawEnvChange::Changed
            }
            None => {
                // There may be one that can't be opened.
                live_by_name(open, at, &new.name).await?;
                let content = variable(&new.name, &new.value, None);
                plan.versions.push((EntryId::make(), Vec::new(), content));
                RawEnvChange::Created
            }
        };
        plan.report.push(RawEnvEntry {
            name: new.name.clone(),
            change,
        });
    }
    for name in there.into_keys() {
        gone(open, at, &mut plan, &name).await?;
        plan.report.push(RawEnvEntry {
            name,
            change: RawEnvChange::Removed,
        });
    }
    Ok(plan)
}

/// Another value for what is there; all else that is known of it stays but where the old value came
/// from.
async fn changed(
    open: &mut Open,
    at: &BundleAt,
    plan: &mut Plan,
    line: Line,
    new: &Incoming,
) -> Result<(), Fault> {
    let heads = live_by_name(open, at, &new.name).await?;
    let entry = heads.first().map_or(line.live.entry, |head| head.entry);
    let mut content = line.live.opened.content;
    let field = content.kind.fields()[0].to_owned();
    content.fields.insert(field, entries::copy(&new.value));
    content.metadata.lineage = None;
    content.written = now();
    let before = entries::ids_of(&heads, &entry);
    plan.versions.push((entry, before, content));
    Ok(())
}

/// What is gone from the text; entries that got the same name apart go together.
async fn gone(open: &mut Open, at: &BundleAt, plan: &mut Plan, name: &str) -> Result<(), Fault> {
    let mut by_entry: BTreeMap<EntryId, Vec<Version>> = BTreeMap::new();
    for head in live_by_name(open, at, name).await? {
        by_entry.entry(head.entry).or_default().push(head);
    }
    let found = by_entry.into_iter().map(|(entry, heads)| {
        let found = Found {
            bundle: *at,
            entry,
            field: None,
            heads,
        };
        (found, name.to_owned())
    });
    plan.removed.extend(found);
    Ok(())
}
