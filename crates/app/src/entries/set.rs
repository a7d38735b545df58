//! An entry is set: made, or given another version.

use std::collections::BTreeMap;

use crypto::SecretVec;
use team::entry::{Content, EntryKind, Metadata as Kept};
use team::ids::EntryId;
use vault::Version;

use super::code::check as check_one_time;
use super::find::{live_by_name, open_version};
use super::generate::generate;
use super::history::versions_in_order;
use super::write::{Written, audit, copy, ids_of, put};
use super::{Change, Kind, Metadata, NewValue, Saved, Set};
use crate::bundles::BundleAt;
use crate::clock::now;
use crate::names::check_name;
use crate::open::Open;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, bundles};

/// What an entry shall become; what is absent stays as it is.
struct Wish {
    name: String,
    kind: Option<Kind>,
    fields: Vec<(String, SecretVec)>,
    without_fields: Vec<String>,
    tags: Option<Vec<String>>,
    metadata: Metadata,
    expected_version: Option<u64>,
}

impl UseCase for Set {
    async fn carry_out(self, session: &mut Session) -> Result<Saved, Fault> {
        check_name(&self.name)?;
        let wish = Wish {
            fields: values(self.fields)?,
            name: self.name,
            kind: self.kind,
            without_fields: self.without_fields,
            tags: self.tags,
            metadata: self.metadata,
            expected_version: self.expected_version,
        };
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let written = open
            .write_or_rehearse(self.dry_run, async |open, changes| {
                let bundle = bundles::find_usable(&open.teams, self.bundle.as_deref())?;
                let heads = live_by_name(open, &bundle, &wish.name).await?;
                if let Some(expected) = wish.expected_version {
                    must_be_at(open, &bundle, &heads, expected).await?;
                }
                let (content, change) = edited(open, &heads, &wish)?;
                let entry = heads.first().map_or_else(EntryId::make, |head| head.entry);
                let name = wish.name.clone();
                let written = Written::new(open, bundle, entry, name.clone(), change).await?;
                if change != Change::Same {
                    put(
                        open,
                        changes,
                        bundle,
                        &[(entry, ids_of(&heads, &entry), &content)],
                    )?;
                }
                audit(open, changes, &caller, "set", bundle, vec![name], None);
                Ok(written)
            })
            .await?;
        Ok(written.tell(open))
    }
}

/// Refuses where another version is current than the writer has seen.
async fn must_be_at(
    open: &mut Open,
    bundle: &BundleAt,
    heads: &[Version],
    expected: u64,
) -> Result<(), Fault> {
    let mut found = None;
    if let Some(head) = heads.first() {
        let all = versions_in_order(open, bundle, &head.entry).await?;
        let numbered = all.iter().zip(1_u64..);
        found = numbered
            .filter(|(version, _)| version.id == head.id)
            .map(|(_, number)| number)
            .last();
    }
    if found == Some(expected) {
        return Ok(());
    }
    Err(
        Fault::new(Code::Conflict, "The entry was changed meanwhile.")
            .next("Nothing was written: look at it again, and make the change there."),
    )
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
fn edited(open: &Open, heads: &[Version], wish: &Wish) -> Result<(Content, Change), Fault> {
    let before = heads
        .first()
        .map(|head| open_version(&open.teams, head))
        .transpose()?;
    let is_new = before.is_none();
    let kind: EntryKind = match (&before, wish.kind) {
        (_, Some(kind)) => kind.into(),
        (Some(before), None) => before.content.kind,
        (None, None) => EntryKind::Variable,
    };
    let mut content = before.map_or_else(|| empty(&wish.name), |before| before.content);
    let mut changed = content.kind != kind && !is_new;
    content.kind = kind;
    for field in &wish.without_fields {
        changed |= content.fields.remove(field).is_some();
    }
    for (field, value) in &wish.fields {
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
        return Err(Fault::new(Code::Usage, "An entry needs a value.").about(&*wish.name));
    }
    if changed || is_new {
        check_one_time(&content)?;
    }
    if let Some(tags) = &wish.tags {
        tags.iter().try_for_each(|tag| check_name(tag))?;
        changed |= content.tags != *tags;
        content.tags.clone_from(tags);
    }
    changed |= change_metadata(&mut content, &wish.metadata);
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
