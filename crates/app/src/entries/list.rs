//! Entries without their values.

use std::collections::BTreeSet;

use globset::Glob;
use team::entry::{EntryKind, Opened};
use team::ids::{EntryId, OpId, VersionId};
use vault::Version;

use super::find::{make_openable, open_version, rank};
use super::{EntryView, Kind, List, Metadata};
use crate::bundles::BundleAt;
use crate::names::BundleName;
use crate::open::{Open, Teams};
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, bundles};

impl UseCase for List {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<EntryView>, Fault> {
        let (open, _) = session.opened()?;
        let pattern = self.pattern.as_deref().map(glob).transpose()?;
        let wanted: Vec<BundleAt> = match &self.bundle {
            Some(name) => vec![bundles::find_any(&open.teams, &BundleName::parse(name)?)?],
            None => bundles::usable(&open.teams),
        };
        let mut views = Vec::new();
        for bundle in wanted {
            for view in list_bundle(open, &bundle).await? {
                let named = pattern
                    .as_ref()
                    .is_none_or(|pattern| pattern.is_match(&view.name));
                let of_kind = self.kind.is_none_or(|kind| kind == view.kind);
                let tagged = self.tag.as_ref().is_none_or(|tag| view.tags.contains(tag));
                if named && of_kind && tagged {
                    views.push(view);
                }
            }
        }
        views.sort_by(|a, b| (&a.bundle, &a.name).cmp(&(&b.bundle, &b.name)));
        Ok(views)
    }
}

/// A name pattern as shells know it; `*` matches any characters.
pub(crate) fn glob(pattern: &str) -> Result<globset::GlobMatcher, Fault> {
    let glob = Glob::new(pattern)
        .map_err(|_| Fault::new(Code::Usage, "The pattern is not a glob.").about(pattern))?;
    Ok(glob.compile_matcher())
}

/// An entry with the content that readers choose.
pub(crate) struct Live {
    pub entry: EntryId,
    pub version: VersionId,
    pub opened: Opened,
    /// Whether other versions, or other entries of the name, stand beside it.
    pub conflict: bool,
    rank: (u64, OpId, u32),
}

impl Live {
    fn open(teams: &Teams, version: &Version) -> Result<Self, Fault> {
        Ok(Self {
            entry: version.entry,
            version: version.id,
            opened: open_version(teams, version)?,
            conflict: false,
            rank: rank(version),
        })
    }
}

/// The live entries of a bundle.
pub(crate) struct Listed {
    /// In the order of their names.
    pub live: Vec<Live>,
    /// Those whose content does not open though its key is here.
    pub unreadable: Vec<Version>,
}

/// The live entries of a bundle. One that does not open takes no other along.
pub(crate) async fn live_entries(open: &mut Open, bundle: &BundleAt) -> Result<Listed, Fault> {
    let Open { vault, teams, .. } = open;
    let mut live: Vec<Live> = Vec::new();
    let (mut older, mut removed) = (Vec::new(), BTreeSet::new());
    vault
        .visit_heads(&bundle.team, &bundle.id, |version| {
            if version.deleted {
                removed.insert(version.entry);
            } else {
                match Live::open(teams, version) {
                    Ok(opened) => live.push(opened),
                    Err(_) => older.push(version.clone()),
                }
            }
            Ok::<_, Fault>(())
        })
        .await?;
    make_openable(open, &mut older).await?;
    let mut unreadable = Vec::new();
    for version in older {
        let keyring = &open.teams[&version.team].keyring;
        match Live::open(&open.teams, &version) {
            Ok(opened) => live.push(opened),
            Err(_) if keyring.bundle_key(&version.key).is_some() => unreadable.push(version),
            // What even an older seal does not open was never shared with this member.
            Err(_) => {}
        }
    }
    for one in &mut live {
        one.conflict = removed.contains(&one.entry);
    }
    live.sort_by(|a, b| {
        let by_name = a.opened.content.name.cmp(&b.opened.content.name);
        by_name.then_with(|| b.rank.cmp(&a.rank))
    });
    live.dedup_by(|later, first| {
        let same = later.opened.content.name == first.opened.content.name;
        first.conflict |= same;
        same
    });
    Ok(Listed { live, unreadable })
}

/// The entries of a bundle as lists show them.
pub(super) async fn list_bundle(
    open: &mut Open,
    bundle: &BundleAt,
) -> Result<Vec<EntryView>, Fault> {
    let name = bundles::full_name(&open.teams, bundle);
    let Listed { live, unreadable } = live_entries(open, bundle).await?;
    let counts = open.vault.version_counts(&bundle.team, &bundle.id).await?;
    let count = |entry| counts.get(entry).copied().unwrap_or(1);
    let readable = live.iter().map(|one| {
        let versions = count(&one.entry);
        view(&name, &one.entry, &one.opened, versions, one.conflict)
    });
    let unreadable = unreadable
        .iter()
        .map(|head| view_unreadable(&open.teams, &name, head, count(&head.entry)));
    Ok(readable.chain(unreadable).collect())
}

/// An entry that does not open, by its id.
pub(super) fn view_unreadable(
    teams: &Teams,
    bundle: &str,
    head: &Version,
    versions: u64,
) -> EntryView {
    EntryView {
        id: head.entry.to_string(),
        bundle: bundle.to_owned(),
        name: head.entry.to_string(),
        kind: Kind::Variable,
        fields: Vec::new(),
        tags: Vec::new(),
        metadata: Metadata::default(),
        has_note: false,
        updated: 0,
        versions,
        conflict: false,
        unreadable: Some(teams[&head.team].device_name(&head.sealed_by)),
    }
}

pub(super) fn view(
    bundle: &str,
    entry: &EntryId,
    opened: &Opened,
    versions: u64,
    conflict: bool,
) -> EntryView {
    let content = &opened.content;
    EntryView {
        id: entry.to_string(),
        bundle: bundle.to_owned(),
        name: content.name.clone(),
        kind: content.kind.into(),
        fields: content.fields.keys().cloned().collect(),
        tags: content.tags.clone(),
        metadata: Metadata {
            purpose: content.metadata.purpose.clone(),
            owner: content.metadata.owner.clone(),
            expires: content.metadata.expires,
            rotate_every_days: content.metadata.rotate_days,
            lineage: content.metadata.lineage.clone(),
            // As secret as a value: it is revealed like one.
            note: None,
        },
        has_note: !content.note.is_empty(),
        updated: content.written,
        versions,
        conflict,
        unreadable: None,
    }
}

impl From<EntryKind> for Kind {
    fn from(kind: EntryKind) -> Self {
        match kind {
            EntryKind::Variable => Kind::Variable,
            EntryKind::Login => Kind::Login,
            EntryKind::Key => Kind::Key,
            EntryKind::Certificate => Kind::Certificate,
            EntryKind::File => Kind::File,
            EntryKind::Note => Kind::Note,
            EntryKind::OneTimePassword => Kind::OneTimePassword,
        }
    }
}

impl From<Kind> for EntryKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Variable => EntryKind::Variable,
            Kind::Login => EntryKind::Login,
            Kind::Key => EntryKind::Key,
            Kind::Certificate => EntryKind::Certificate,
            Kind::File => EntryKind::File,
            Kind::Note => EntryKind::Note,
            Kind::OneTimePassword => EntryKind::OneTimePassword,
        }
    }
}
