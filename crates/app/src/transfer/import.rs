//! A `.env` comes in: read in its dialect, compared with what is there, written as one act.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crypto::SecretVec;
use team::entry::{Content, EntryKind, Metadata};
use team::ids::{EntryId, TeamId, VersionId};
use vault::{Changes, NameHash, Version};

use super::dotenv::{Incoming, dialect, read};
use super::{Import, ImportReport, ImportedEntry};
use crate::bundles::BundleAt;
use crate::clock::now;
use crate::entries::{self, Change, open_named};
use crate::names::BundleName;
use crate::open::{Open, Teams, WriteError};
use crate::requests::UseCase;
use crate::session::{Caller, Session};
use crate::{Code, Fault, Plaintext, age, bundles};

impl UseCase for Import {
    async fn carry_out(self, session: &mut Session) -> Result<ImportReport, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let dialect = dialect(self.dialect.as_deref())?;
        let opened = open_age_file(open, &self)?;
        let (incoming, remarks) = read(
            opened.as_ref().unwrap_or(&self.data),
            dialect,
            self.interpolate,
        )?;
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
                let content = variable(&new.name, &new.value, Some(lineage));
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
    entries::check_one_time(&content)?;
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

pub(super) fn variable(name: &str, value: &SecretVec, lineage: Option<&str>) -> Content {
    let kind = EntryKind::Variable;
    Content {
        name: name.to_owned(),
        kind,
        fields: BTreeMap::from([(kind.fields()[0].to_owned(), entries::copy(value))]),
        note: String::new(),
        tags: Vec::new(),
        metadata: Metadata {
            lineage: lineage.map(str::to_owned),
            ..Metadata::default()
        },
        written: now(),
    }
}
