//! Entries are copied from one environment to another.

use team::entry::{Content, Metadata, Opened};
use team::ids::{EntryId, VersionId};

use super::{Promote, Promoted, PromotedEntry};
use crate::bundles::BundleAt;
use crate::clock::now;
use crate::entries::{
    self, Change, Listed, expiry_warning, live_by_name, live_entries, no_entry, open_version,
    unreadable,
};
use crate::open::Open;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, bundles};

impl UseCase for Promote {
    async fn carry_out(self, session: &mut Session) -> Result<Promoted, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        if self.names.is_empty() && !self.all {
            return Err(Fault::new(
                Code::Usage,
                "Nothing is named that could be promoted.",
            ));
        }
        open.write_or_rehearse(self.dry_run, async |open, changes| {
            let from = bundles::find_usable(&open.teams, Some(&self.from))?;
            let to = bundles::find_usable(&open.teams, Some(&self.to))?;
            if from == to {
                let fault = Fault::new(Code::Usage, "Both environments are the same.");
                return Err(fault.about(&*self.to).into());
            }
            let origin = format!("from {}", bundles::full_name(&open.teams, &from));
            let plan = plan(open, &self, &from, &to, &origin).await?;
            let versions: Vec<_> = plan
                .versions
                .iter()
                .map(|(entry, before, content)| (*entry, before.clone(), content))
                .collect();
            entries::put(open, changes, to, &versions)?;
            let names = plan
                .versions
                .iter()
                .map(|(_, _, content)| content.name.clone());
            let names = names.collect();
            entries::audit(open, changes, &caller, "promote", to, names, Some(origin));
            Ok(Promoted {
                from: bundles::full_name(&open.teams, &from),
                to: bundles::full_name(&open.teams, &to),
                entries: plan.report,
                warnings: plan.warnings,
            })
        })
        .await
    }
}

/// What will be written.
#[derive(Default)]
struct Plan {
    versions: Vec<(EntryId, Vec<VersionId>, Content)>,
    report: Vec<PromotedEntry>,
    warnings: Vec<String>,
}

async fn plan(
    open: &mut Open,
    wish: &Promote,
    from: &BundleAt,
    to: &BundleAt,
    origin: &str,
) -> Result<Plan, Fault> {
    let sources = match wish.all {
        true => all(open, from).await?,
        false => named(open, from, &wish.names).await?,
    };
    let mut plan = Plan::default();
    for source in sources {
        plan.warnings.extend(expiry_warning(&source));
        let source = source.content;
        let (name, kind) = (source.name.clone(), source.kind);
        let heads = live_by_name(open, to, &name).await?;
        let change = match heads.first() {
            None => {
                let content = promoted(source, None, origin);
                plan.versions.push((EntryId::make(), Vec::new(), content));
                Change::Created
            }
            Some(first) => {
                let before = open_version(&open.teams, first)?.content;
                let is_same = (before.kind, &before.fields) == (source.kind, &source.fields);
                if is_same && heads.len() == 1 {
                    Change::Same
                } else {
                    let predecessors = entries::ids_of(&heads, &first.entry);
                    let content = promoted(source, Some(before), origin);
                    plan.versions.push((first.entry, predecessors, content));
                    Change::Changed
                }
            }
        };
        plan.report.push(PromotedEntry {
            name,
            kind: kind.into(),
            change,
        });
    }
    Ok(plan)
}

async fn all(open: &mut Open, from: &BundleAt) -> Result<Vec<Opened>, Fault> {
    let Listed {
        live,
        unreadable: broken,
    } = live_entries(open, from).await?;
    // It may be any of the names: who says "all" means it too.
    if let Some(version) = broken.first() {
        return Err(unreadable(&open.teams, version));
    }
    let settled = live.into_iter().map(|one| match one.conflict {
        true => Err(several_values(&one.opened.content.name)),
        false => Ok(one.opened),
    });
    settled.collect()
}

async fn named(open: &mut Open, from: &BundleAt, names: &[String]) -> Result<Vec<Opened>, Fault> {
    let mut names = names.to_vec();
    names.sort();
    names.dedup();
    let mut opened = Vec::with_capacity(names.len());
    for name in names {
        let heads = live_by_name(open, from, &name).await?;
        match heads.as_slice() {
            [] => return Err(no_entry(&name, &bundles::full_name(&open.teams, from))),
            [only] => opened.push(open_version(&open.teams, only)?),
            _ => return Err(several_values(&name)),
        }
    }
    Ok(opened)
}

/// Nobody but a person says which of several values goes on.
fn several_values(name: &str) -> Fault {
    Fault::new(Code::Conflict, "An entry has several values side by side.")
        .about(name)
        .next("`sealfold conflicts ls` shows them and `sealfold conflicts resolve` takes one.")
}

/// The value goes over, with how long it is good for. What is said of the entry in the environment that
/// is written stays said; where nothing is, what the other says of it.
fn promoted(source: Content, before: Option<Content>, origin: &str) -> Content {
    let lineage = Some(format!("promoted {origin}"));
    let written = now();
    let Some(before) = before else {
        return Content {
            metadata: Metadata {
                lineage,
                ..source.metadata
            },
            written,
            ..source
        };
    };
    let kept = before.metadata;
    Content {
        metadata: Metadata {
            purpose: kept.purpose.or(source.metadata.purpose),
            owner: kept.owner.or(source.metadata.owner),
            rotate_days: kept.rotate_days.or(source.metadata.rotate_days),
            expires: source.metadata.expires,
            lineage,
        },
        note: if before.note.is_empty() {
            source.note
        } else {
            before.note
        },
        tags: if before.tags.is_empty() {
            source.tags
        } else {
            before.tags
        },
        written,
        name: source.name,
        kind: source.kind,
        fields: source.fields,
    }
}
