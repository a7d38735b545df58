//! A `.env` comes in: read in its dialect, compared with what is there, written as one act.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crypto::SecretVec;
use formats::dotenv::{self, Dialect, Document, Reading};
use team::entry::{Content, EntryKind, Metadata};
use team::ids::{EntryId, TeamId, VersionId};
use vault::{Changes, NameHash, Version};

use super::{Import, ImportRemark, ImportReport, ImportedEntry};
use crate::bundles::BundleAt;
use crate::clock::now;
use crate::entries::{self, Change, open_named};
use crate::names::{self, BundleName};
use crate::open::{Open, Teams, WriteError};
use crate::requests::UseCase;
use crate::session::{Caller, Session};
use crate::{Code, Fault, Plaintext, age, bundles};

/// One variable on its way in.
struct Incoming {
    name: String,
    value: SecretVec,
}

impl UseCase for Import {
    async fn carry_out(self, session: &mut Session) -> Result<ImportReport, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let dialect = dialect(self.dialect.as_deref())?;
        let opened = open_age_file(open, &self)?;
        let (incoming, remarks) = read(opened.as_ref().unwrap_or(&self.data), &self, dialect)?;
        let unverified = opened.is_some();
        let lineage = match unverified {
            true => format!("imported from {}, unverified", self.source),
            false => format!("imported from {}", self.source),
        };
        let report = |bundle: String, bundle_created, entries| ImportReport {
            bundle,
            bundle_created,
            dialect: dialect.name().to_owned(),
            unverified,
            entries,
            remarks: remarks.clone(),
        };
        let target = target(open, self.bundle.as_deref())?;
        if self.dry_run {
            let (name, entries) = match &target {
                Target::There(id) => {
                    let plan = plan(open, Some(id), &incoming, &lineage).await?;
                    (bundles::full_name(&open.teams, id), plan.report)
                }
                Target::New(_, name) => (
                    name.to_string(),
                    plan(open, None, &incoming, &lineage).await?.report,
                ),
            };
            return Ok(report(name, matches!(target, Target::New(..)), entries));
        }
        let (bundle, created, entries) = open
            .write(async |open, changes| {
                store(
                    open,
                    changes,
                    &caller,
                    self.bundle.as_deref(),
                    &incoming,
                    &lineage,
                )
                .await
            })
            .await?;
        Ok(report(
            bundles::full_name(&open.teams, &bundle),
            created,
            entries,
        ))
    }
}

async fn store(
    open: &mut Open,
    changes: &mut Changes,
    caller: &Caller,
    bundle: Option<&str>,
    incoming: &[Incoming],
    lineage: &str,
) -> Result<(BundleAt, bool, Vec<ImportedEntry>), WriteError> {
    let (id, created, plan) = match target(open, bundle)? {
        Target::There(id) => (id, false, plan(open, Some(&id), incoming, lineage).await?),
        Target::New(team, name) => {
            let plan = plan(open, None, incoming, lineage).await?;
            let at = bundles::create(&mut open.teams[&team], changes, &name)?;
            (at, true, plan)
        }
    };
    let versions: Vec<_> = plan
        .versions
        .iter()
        .map(|(entry, before, content)| (*entry, before.clone(), content))
        .collect();
    entries::put(open, changes, id, &versions)?;
    let names = plan
        .versions
        .iter()
        .map(|(_, _, content)| content.name.clone())
        .collect();
    entries::audit(
        open,
        changes,
        caller,
        "import",
        id,
        names,
        Some(lineage.to_owned()),
    );
    Ok((id, created, plan.report))
}

enum Target {
    There(BundleAt),
    New(TeamId, BundleName),
}

fn target(open: &Open, bundle: Option<&str>) -> Result<Target, Fault> {
    match bundle {
        Some(text) => match bundles::find_usable(&open.teams, Some(text)) {
            Err(fault) if fault.code == Code::NotFound => {
                let name = BundleName::parse(text)?;
                let team = bundles::team_for_new(&open.teams, &name)?;
                Ok(Target::New(team, name))
            }
            found => found.map(Target::There),
        },
        None => bundles::find_usable(&open.teams, None).map(Target::There),
    }
}

fn dialect(name: Option<&str>) -> Result<Dialect, Fault> {
    let Some(name) = name else {
        return Ok(Dialect::default());
    };
    Dialect::from_name(name).ok_or_else(|| {
        Fault::new(Code::Usage, "There is no such dialect.")
            .about(name)
            .next("Dialects: node, python, compose.")
    })
}

/// What an age file holds; nothing if it is none. Whoever knows a recipient can write one, so it is
/// taken in only by somebody who says so (protocol §10); what it would change can be seen before.
fn open_age_file(open: &Open, import: &Import) -> Result<Option<Plaintext>, Fault> {
    // EXPOSE: only its beginning is looked at, and ciphertext opened.
    let data = import.data.expose();
    if !age::is_age_file(data) {
        return Ok(None);
    }
    let opened = age::open(data, &age::Identities::of_member(open.teams.iter()))?;
    if !import.unverified && !import.dry_run {
        return Err(Fault::new(Code::NotAllowed, "Nothing in the age file shows who wrote it.")
            .next("Ask who sent it to you, look at it with `--dry-run`, and add `--unverified` to take it in."));
    }
    Ok(Some(Plaintext::from(opened)))
}

/// What the file says, and what there is to say about it.
fn read(
    data: &Plaintext,
    import: &Import,
    dialect: Dialect,
) -> Result<(Vec<Incoming>, Vec<ImportRemark>), Fault> {
    let wrong = |error: &dyn std::fmt::Display| {
        Fault::new(Code::Usage, format!("The file can't be read: {error}."))
            .next("Nothing was changed.")
    };
    // EXPOSE: parsed here; every value becomes a secret of its own.
    let data = data.expose();
    let mut document = dotenv::parse(data, dialect).map_err(|error| wrong(&error))?;
    let mut remarks = document_remarks(&document);
    let disagreements = dotenv::disagreements(data, dialect).map_err(|error| wrong(&error))?;
    remarks.extend(disagreements.iter().map(disagreement_remark));
    if import.interpolate {
        // Only what the file itself sets: the environment of whoever imports is no part of it.
        document = dotenv::interpolate(&document, |_| None).map_err(|error| wrong(&error))?;
    }
    let mut incoming = Vec::new();
    for assignment in document.into_in_effect() {
        if names::check_name(&assignment.name).is_err() {
            remarks.push(remark(
                assignment.line,
                Some(&assignment.name),
                true,
                "this name can't be an entry's".to_owned(),
            ));
            continue;
        }
        let value = SecretVec::new(assignment.value.into_string().into_bytes());
        incoming.push(Incoming {
            name: assignment.name,
            value,
        });
    }
    remarks.sort_by_key(|remark| remark.line);
    Ok((incoming, remarks))
}

fn remark(line: usize, name: Option<&str>, lost: bool, sentence: String) -> ImportRemark {
    ImportRemark {
        line: line as u64,
        name: name.map(str::to_owned),
        lost,
        sentence,
    }
}

fn document_remarks(document: &Document) -> Vec<ImportRemark> {
    let problems = document.problems.iter().map(|problem| {
        let mut sentence = format!("not kept: {}", problem.kind);
        if problem.stops {
            sentence.push_str("; this dialect's reader refuses the file here");
        }
        remark(problem.line, problem.name.as_deref(), true, sentence)
    });
    let overridden = document.overridden().into_iter().map(|assignment| {
        remark(
            assignment.line,
            Some(&assignment.name),
            false,
            "set again further down; the last one counts".to_owned(),
        )
    });
    problems.chain(overridden).collect()
}

fn disagreement_remark(disagreement: &dotenv::Disagreement) -> ImportRemark {
    let other = |(dialect, reading): &(Dialect, Reading)| match reading {
        Reading::Same => None,
        Reading::Differs if disagreement.is_read => Some(format!("{dialect} reads another value")),
        Reading::Differs => Some(format!("{dialect} reads a value here")),
        Reading::NotAtAll => Some(format!("{dialect} does not read it")),
        Reading::Refuses => Some(format!("{dialect} refuses the file here")),
    };
    let others: Vec<String> = disagreement.others.iter().filter_map(other).collect();
    let sentence = format!("readers disagree: {}", others.join(", "));
    remark(
        disagreement.line,
        disagreement.name.as_deref(),
        false,
        sentence,
    )
}

/// What an import will write.
struct Plan {
    versions: Vec<(EntryId, Vec<VersionId>, Content)>,
    report: Vec<ImportedEntry>,
}

async fn plan(
    open: &mut Open,
    bundle: Option<&BundleAt>,
    incoming: &[Incoming],
    lineage: &str,
) -> Result<Plan, Fault> {
    let there = match bundle {
        Some(bundle) => live_by_hash(open, bundle).await?,
        None => HashMap::new(),
    };
    let mut plan = Plan {
        versions: Vec::with_capacity(incoming.len()),
        report: Vec::with_capacity(incoming.len()),
    };
    let mut seen = BTreeSet::new();
    for new in incoming.iter().filter(|new| seen.insert(&new.name)) {
        let hash = bundle.map(|bundle| open.vault.name_hash(&bundle.id, &new.name));
        let heads = hash
            .and_then(|hash| there.get(&hash))
            .map_or(&[][..], Vec::as_slice);
        let change = match heads {
            [] => {
                let content = variable(&new.name, &new.value, lineage);
                plan.versions.push((EntryId::make(), Vec::new(), content));
                Change::Created
            }
            [first, ..] => match changed(&open.teams, heads, first, new, lineage)? {
                None => Change::Same,
                Some(content) => {
                    let before = entries::ids_of(heads, &first.entry);
                    plan.versions.push((first.entry, before, content));
                    Change::Changed
                }
            },
        };
        plan.report.push(ImportedEntry {
            name: new.name.clone(),
            change,
        });
    }
    Ok(plan)
}

/// The content of an entry that is there with the value that comes in, if that changes anything:
/// several versions side by side are settled too.
fn changed(
    teams: &Teams,
    heads: &[Version],
    first: &Version,
    new: &Incoming,
    lineage: &str,
) -> Result<Option<Content>, Fault> {
    let mut content = open_named(teams, first, &new.name)?.content;
    let field = content.kind.fields()[0];
    if content.fields.get(field) == Some(&new.value) && heads.len() == 1 {
        return Ok(None);
    }
    content
        .fields
        .insert(field.to_owned(), entries::copy(&new.value));
    content.metadata.lineage = Some(lineage.to_owned());
    content.written = now();
    Ok(Some(content))
}

/// All live versions of a bundle by the keyed hash of their names: one query for the whole file.
async fn live_by_hash(
    open: &mut Open,
    bundle: &BundleAt,
) -> Result<HashMap<NameHash, Vec<Version>>, Fault> {
    let mut there: HashMap<NameHash, Vec<Version>> = HashMap::new();
    let mut heads = open.vault.heads(&bundle.team, &bundle.id).await?;
    entries::make_readable(open, &mut heads).await?;
    entries::chosen_first(&mut heads);
    let live: BTreeSet<EntryId> = entries::live(&heads).map(|live| live.entry).collect();
    for version in heads.into_iter().filter(|head| live.contains(&head.entry)) {
        if let Some(hash) = version.name_hash {
            there.entry(hash).or_default().push(version);
        }
    }
    Ok(there)
}

fn variable(name: &str, value: &SecretVec, lineage: &str) -> Content {
    let kind = EntryKind::Variable;
    Content {
        name: name.to_owned(),
        kind,
        fields: BTreeMap::from([(kind.fields()[0].to_owned(), entries::copy(value))]),
        note: String::new(),
        tags: Vec::new(),
        metadata: Metadata {
            lineage: Some(lineage.to_owned()),
            ..Metadata::default()
        },
        written: now(),
    }
}
