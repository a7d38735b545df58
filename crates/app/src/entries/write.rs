//! Versions are added: set, moved, removed, restored.

use std::collections::BTreeMap;

use crypto::SecretVec;
use team::entry::{Content, EntryKind, Metadata as Kept};
use team::ids::{BundleId, EntryId, VersionId};
use team::ledger::Draft;
use team::op::NewVersion;
use vault::{Changes, Version};

use super::find::{Found, find, live_by_name, no_entry, open_version};
use super::generate::generate;
use super::history::{find_ever, versions_in_order};
use super::{Change, EntryRef, EntryView, Metadata, Move, NewValue, Remove, Restore, Saved, Set};
use crate::clock::now;
use crate::door::UseCase;
use crate::names::check_name;
use crate::open::{Open, WriteError};
use crate::records::AuditEntry;
use crate::session::Session;
use crate::{Code, Fault, bundles};

impl UseCase for Set {
    async fn carry_out(self, session: &mut Session) -> Result<Saved, Fault> {
        check_name(&self.name)?;
        let Set {
            bundle,
            name,
            kind,
            fields,
            without_fields,
            tags,
            metadata,
            dry_run,
        } = self;
        let fields = values(fields)?;
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        if dry_run {
            let id = bundles::find_usable(&open.team, bundle.as_deref())?;
            let heads = live_by_name(open, &id, &name).await?;
            let content = edited(
                open,
                &heads,
                &name,
                kind,
                &fields,
                &without_fields,
                &tags,
                &metadata,
            );
            return match content {
                Err(fault) if fault.code == Code::Usage && heads.is_empty() => {
                    saved(open, id, None, &name, Change::Created).await
                }
                content => {
                    let (_, change) = content?;
                    saved(
                        open,
                        id,
                        heads.first().map(|head| head.entry),
                        &name,
                        change,
                    )
                    .await
                }
            };
        }
        let (id, entry, change) = open
            .write(async |open, changes| {
                let id = bundles::find_usable(&open.team, bundle.as_deref())?;
                let heads = live_by_name(open, &id, &name).await?;
                let (content, change) = edited(
                    open,
                    &heads,
                    &name,
                    kind,
                    &fields,
                    &without_fields,
                    &tags,
                    &metadata,
                )?;
                let entry = heads.first().map_or_else(EntryId::make, |head| head.entry);
                if change != Change::Same {
                    let predecessors = heads
                        .iter()
                        .filter(|head| head.entry == entry)
                        .map(|head| head.id)
                        .collect();
                    put(open, changes, id, &[(entry, predecessors, &content)])?;
                }
                audit(open, changes, &caller, "set", id, vec![name.clone()], None);
                Ok((id, entry, change))
            })
            .await?;
        saved(open, id, Some(entry), &name, change).await
    }
}

/// Field names with their values; what is to be generated is made here.
fn values(fields: Vec<(String, NewValue)>) -> Result<Vec<(String, SecretVec)>, Fault> {
    let value = |(name, value)| {
        let value = match value {
            NewValue::Given(plaintext) => plaintext.into_secret(),
            NewValue::Generate { length, symbols } => generate(length, symbols)?,
        };
        Ok((name, value))
    };
    fields.into_iter().map(value).collect()
}

/// The new content of an entry out of its present one and the wishes.
#[allow(clippy::too_many_arguments)]
fn edited(
    open: &Open,
    heads: &[Version],
    name: &str,
    kind: Option<super::Kind>,
    fields: &[(String, SecretVec)],
    without: &[String],
    tags: &Option<Vec<String>>,
    metadata: &Metadata,
) -> Result<(Content, Change), Fault> {
    let before = heads
        .first()
        .map(|head| open_version(&open.team, head))
        .transpose()?;
    let is_new = before.is_none();
    let kind: EntryKind = match (&before, kind) {
        (_, Some(kind)) => kind.into(),
        (Some(before), None) => before.content.kind,
        (None, None) => EntryKind::Variable,
    };
    let mut content = before.map_or_else(|| empty(name), |before| before.content);
    let mut changed = content.kind != kind && !is_new;
    content.kind = kind;
    for field in without {
        changed |= content.fields.remove(field).is_some();
    }
    for (field, value) in fields {
        let field = if field.is_empty() {
            kind.fields()[0].to_owned()
        } else {
            field.clone()
        };
        check_name(&field)?;
        let value = copy(value);
        if content.fields.get(&field) != Some(&value) {
            changed = true;
            // What was said of the old value's origin is not true of the new one's.
            content.metadata.lineage = None;
        }
        content.fields.insert(field, value);
    }
    if content.fields.is_empty() {
        return Err(Fault::new(Code::Usage, "An entry needs a value.").about(name));
    }
    if let Some(tags) = tags {
        tags.iter().try_for_each(|tag| check_name(tag))?;
        changed |= content.tags != *tags;
        content.tags.clone_from(tags);
    }
    changed |= change_metadata(&mut content, metadata);
    content.written = now();
    // Several versions side by side are settled by writing one that follows all of them.
    let change = match (is_new, changed || heads.len() > 1) {
        (true, _) => Change::Created,
        (false, true) => Change::Changed,
        (false, false) => Change::Same,
    };
    Ok((content, change))
}

fn empty(name: &str) -> Content {
    Content {
        name: name.to_owned(),
        kind: EntryKind::Variable,
        fields: BTreeMap::new(),
        note: String::new(),
        tags: Vec::new(),
        metadata: Kept::default(),
        written: 0,
    }
}

/// A second copy of a value, because a write that another process came before is done anew.
fn copy(value: &SecretVec) -> SecretVec {
    // EXPOSE: from one secret into another.
    SecretVec::new(value.expose().to_vec())
}

/// What is absent stays; an empty text or a zero clears.
fn change_metadata(content: &mut Content, wish: &Metadata) -> bool {
    let before = (content.metadata.clone(), content.note.clone());
    let text = |kept: &mut Option<String>, wish: &Option<String>| {
        if let Some(wish) = wish {
            *kept = (!wish.is_empty()).then(|| wish.clone());
        }
    };
    let kept = &mut content.metadata;
    text(&mut kept.purpose, &wish.purpose);
    text(&mut kept.owner, &wish.owner);
    text(&mut kept.lineage, &wish.lineage);
    if let Some(expires) = wish.expires {
        kept.expires = (expires > 0).then_some(expires);
    }
    if let Some(days) = wish.rotate_every_days {
        kept.rotate_days = (days > 0).then_some(days);
    }
    if let Some(note) = &wish.note {
        content.note.clone_from(note);
    }
    before != (content.metadata.clone(), content.note.clone())
}

/// Adds the op that puts versions to a commit, as several ops where one can't hold them.
pub(crate) fn put(
    open: &mut Open,
    changes: &mut Changes,
    bundle: BundleId,
    versions: &[(EntryId, Vec<VersionId>, &Content)],
) -> Result<(), WriteError> {
    let mut rest = versions;
    while !rest.is_empty() {
        let (now_put, later) = rest.split_at(fitting(rest)?);
        rest = later;
        let drafts: Vec<Draft<'_>> = now_put
            .iter()
            .map(|(entry, predecessors, content)| Draft {
                entry: *entry,
                version: VersionId::make(),
                predecessors: predecessors.clone(),
                content,
            })
            .collect();
        let hash = |draft: &Draft<'_>| {
            (
                draft.version,
                open.vault.name_hash(&bundle, &draft.content.name),
            )
        };
        let names = drafts.iter().map(hash).collect();
        let authored = open
            .team
            .ledger
            .put(&open.team.keyring, bundle, &drafts, now())?;
        open.team.apply(changes, &authored, &names)?;
    }
    Ok(())
}

/// How many versions from the front fit one op and its pack.
fn fitting(versions: &[(EntryId, Vec<VersionId>, &Content)]) -> Result<usize, Fault> {
    // Names, tags and encoding come on top of the fields; a quarter is ample, and padding adds at
    // most an eighth.
    let most = team::caps::PACK_BYTES / 2;
    let mut bytes = 0;
    for (count, (_, _, content)) in versions.iter().enumerate() {
        let size =
            content.fields.values().map(SecretVec::len).sum::<usize>() + content.note.len() + 1_024;
        if size > most {
            return Err(Fault::new(
                Code::Usage,
                "A value is larger than 32 MiB, which a vault can't hold.",
            )
            .about(&*content.name));
        }
        bytes += size;
        if count == team::caps::VERSIONS || bytes > most {
            return Ok(count);
        }
    }
    Ok(versions.len())
}

/// Adds an audit row to a commit.
pub(crate) fn audit(
    open: &Open,
    changes: &mut Changes,
    caller: &crate::session::Caller,
    operation: &str,
    bundle: BundleId,
    mut names: Vec<String>,
    detail: Option<String>,
) {
    let count = names.len() as u64;
    names.truncate(crate::audit::MOST_NAMES);
    let bundle = Some(bundles::full_name(&open.team, &bundle));
    let entry = AuditEntry {
        operation: operation.to_owned(),
        bundle,
        names,
        count,
        detail,
        ..AuditEntry::default()
    };
    changes.audit.push(open.stamp(caller, entry).encode());
}

async fn saved(
    open: &mut Open,
    bundle: BundleId,
    entry: Option<EntryId>,
    name: &str,
    change: Change,
) -> Result<Saved, Fault> {
    let version = match &entry {
        Some(entry) => open.vault.versions_of(entry).await?.len() as u64,
        None => 0,
    };
    Ok(Saved {
        id: entry.map(|entry| entry.to_string()).unwrap_or_default(),
        bundle: bundles::full_name(&open.team, &bundle),
        name: name.to_owned(),
        version,
        change,
        warnings: Vec::new(),
    })
}

fn predecessors(found: &Found) -> Vec<VersionId> {
    found
        .heads
        .iter()
        .filter(|head| head.entry == found.entry)
        .map(|head| head.id)
        .collect()
}

impl UseCase for Move {
    async fn carry_out(self, session: &mut Session) -> Result<Saved, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        if let Some(name) = &self.to_name {
            check_name(name)?;
        }
        let dry_run = self.dry_run;
        let work = async |open: &mut Open, changes: &mut Changes| {
            let found = find(open, &self.entry).await?;
            let chosen = found.chosen().ok_or_else(|| no_entry("", ""))?;
            let mut content = open_version(&open.team, chosen)?.content;
            let old_name = content.name.clone();
            let name = self.to_name.clone().unwrap_or_else(|| old_name.clone());
            let bundle = match &self.to_bundle {
                Some(name) => bundles::find_usable(&open.team, Some(name))?,
                None => found.bundle,
            };
            if (bundle, &name) == (found.bundle, &old_name) {
                return Ok((bundle, found.entry, name, Change::Same));
            }
            if !live_by_name(open, &bundle, &name).await?.is_empty() {
                let fault = Fault::new(Code::Conflict, "There is an entry of this name already.")
                    .about(&*name);
                return Err(fault.next("Remove or rename it first.").into());
            }
            let from = bundles::full_name(&open.team, &found.bundle);
            content.name.clone_from(&name);
            content.written = now();
            content.metadata.lineage = Some(format!("moved from {from}/{old_name}"));
            let entry = if bundle == found.bundle {
                put(
                    open,
                    changes,
                    bundle,
                    &[(found.entry, predecessors(&found), &content)],
                )?;
                found.entry
            } else {
                let entry = EntryId::make();
                put(open, changes, bundle, &[(entry, Vec::new(), &content)])?;
                delete(open, changes, found.bundle, &[(&found, old_name.clone())])?;
                entry
            };
            audit(
                open,
                changes,
                &caller,
                "mv",
                bundle,
                vec![name.clone()],
                Some(format!("from {from}/{old_name}")),
            );
            Ok::<_, WriteError>((bundle, entry, name, Change::Changed))
        };
        if dry_run {
            return dry(
                open,
                &self.entry,
                self.to_name.clone(),
                self.to_bundle.as_deref(),
            )
            .await;
        }
        let (bundle, entry, name, change) = open
            .write(async |open, changes| work(open, changes).await)
            .await?;
        saved(open, bundle, Some(entry), &name, change).await
    }
}

/// What a move would do, without writing.
async fn dry(
    open: &mut Open,
    entry: &EntryRef,
    to_name: Option<String>,
    to_bundle: Option<&str>,
) -> Result<Saved, Fault> {
    let found = find(open, entry).await?;
    let chosen = found.chosen().ok_or_else(|| no_entry("", ""))?;
    let old_name = open_version(&open.team, chosen)?.content.name;
    let name = to_name.unwrap_or_else(|| old_name.clone());
    let bundle = match to_bundle {
        Some(name) => bundles::find_usable(&open.team, Some(name))?,
        None => found.bundle,
    };
    let same = (bundle, &name) == (found.bundle, &old_name);
    if !same && !live_by_name(open, &bundle, &name).await?.is_empty() {
        return Err(
            Fault::new(Code::Conflict, "There is an entry of this name already.").about(name),
        );
    }
    saved(
        open,
        bundle,
        Some(found.entry),
        &name,
        if same { Change::Same } else { Change::Changed },
    )
    .await
}

/// Adds the op that removes entries to a commit. The tombstone keeps the name's hash, so that the
/// entry can be found and restored.
fn delete(
    open: &mut Open,
    changes: &mut Changes,
    bundle: BundleId,
    found: &[(&Found, String)],
) -> Result<(), WriteError> {
    for some in found.chunks(team::caps::VERSIONS) {
        let mut names = BTreeMap::new();
        let mut removals = Vec::with_capacity(some.len());
        for (found, name) in some {
            let version = VersionId::make();
            names.insert(version, open.vault.name_hash(&bundle, name));
            removals.push(NewVersion(found.entry, version, predecessors(found)));
        }
        let authored = open
            .team
            .ledger
            .delete(&open.team.keyring, bundle, removals, now())?;
        open.team.apply(changes, &authored, &names)?;
    }
    Ok(())
}

impl UseCase for Remove {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<EntryView>, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let mut names = self.names.clone();
        names.sort();
        names.dedup();
        if self.dry_run {
            let (_, views) = to_remove(open, self.bundle.as_deref(), &names).await?;
            return Ok(views);
        }
        open.write(async |open, changes| {
            let (found, views) = to_remove(open, self.bundle.as_deref(), &names).await?;
            let Some(bundle) = found.first().map(|(found, _)| found.bundle) else {
                return Ok(views);
            };
            let found: Vec<(&Found, String)> = found
                .iter()
                .map(|(found, name)| (found, name.clone()))
                .collect();
            delete(open, changes, bundle, &found)?;
            audit(open, changes, &caller, "rm", bundle, names.clone(), None);
            Ok(views)
        })
        .await
    }
}

async fn to_remove(
    open: &mut Open,
    bundle: Option<&str>,
    names: &[String],
) -> Result<(Vec<(Found, String)>, Vec<EntryView>), Fault> {
    let (mut all, mut views) = (Vec::new(), Vec::new());
    for name in names {
        let entry = EntryRef::Named {
            bundle: bundle.map(str::to_owned),
            name: name.clone(),
        };
        let found = find(open, &entry).await?;
        let chosen = found.chosen().ok_or_else(|| no_entry(name, ""))?;
        let opened = open_version(&open.team, chosen)?;
        let full_name = bundles::full_name(&open.team, &found.bundle);
        let versions = open.vault.versions_of(&found.entry).await?.len() as u64;
        views.push(super::list::view(
            &full_name,
            chosen,
            &opened,
            versions,
            found.conflict(),
        ));
        // Entries that got the same name apart go together: the name is what was asked for.
        let mut entries: Vec<EntryId> = found.heads.iter().map(|head| head.entry).collect();
        entries.sort();
        entries.dedup();
        for entry in entries {
            let heads = found
                .heads
                .iter()
                .filter(|head| head.entry == entry)
                .cloned()
                .collect();
            all.push((
                Found {
                    bundle: found.bundle,
                    entry,
                    field: None,
                    heads,
                },
                name.clone(),
            ));
        }
    }
    Ok((all, views))
}

impl UseCase for Restore {
    async fn carry_out(self, session: &mut Session) -> Result<Saved, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        if self.dry_run {
            let (found, content, change) = to_restore(open, &self).await?;
            return saved(open, found.bundle, Some(found.entry), &content.name, change).await;
        }
        let (bundle, entry, name, change) = open
            .write(async |open, changes| {
                let (found, content, change) = to_restore(open, &self).await?;
                if change != Change::Same {
                    put(
                        open,
                        changes,
                        found.bundle,
                        &[(found.entry, predecessors(&found), &content)],
                    )?;
                }
                audit(
                    open,
                    changes,
                    &caller,
                    "restore",
                    found.bundle,
                    vec![content.name.clone()],
                    content.metadata.lineage.clone(),
                );
                Ok((found.bundle, found.entry, content.name, change))
            })
            .await?;
        saved(open, bundle, Some(entry), &name, change).await
    }
}

async fn to_restore(open: &mut Open, wish: &Restore) -> Result<(Found, Content, Change), Fault> {
    let found = find_ever(open, &wish.entry).await?;
    let versions = versions_in_order(open, &found.entry).await?;
    let numbered = || versions.iter().zip(1u64..);
    let chosen = match wish.version {
        Some(wanted) => numbered().find(|(_, number)| *number == wanted),
        None => numbered().filter(|(version, _)| !version.deleted).last(),
    };
    let missing = || {
        Fault::new(Code::NotFound, "There is no such version.")
            .next("`sealfold history` shows them.")
    };
    let (version, number) = chosen.ok_or_else(missing)?;
    let mut content = open_version(&open.team, version)?.content;
    if found.heads.len() == 1 && found.heads[0].id == version.id {
        return Ok((found, content, Change::Same));
    }
    let others = live_by_name(open, &found.bundle, &content.name).await?;
    if others.iter().any(|other| other.entry != found.entry) {
        return Err(
            Fault::new(Code::Conflict, "Another entry has this name now.")
                .about(content.name)
                .next("Rename it first."),
        );
    }
    content.written = now();
    content.metadata.lineage = Some(format!("restored from version {number}"));
    Ok((found, content, Change::Changed))
}
