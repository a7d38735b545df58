//! Entries without their values.

use globset::Glob;
use team::entry::{EntryKind, Opened};
use team::ids::BundleId;
use vault::Version;

use super::find::{open_version, rank};
use super::{EntryView, Kind, List, Metadata};
use crate::door::UseCase;
use crate::names::BundleName;
use crate::open::Open;
use crate::session::Session;
use crate::{Code, Fault, bundles};

impl UseCase for List {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<EntryView>, Fault> {
        let (open, _) = session.opened()?;
        let pattern = self.pattern.as_deref().map(glob).transpose()?;
        let wanted: Vec<BundleId> = match &self.bundle {
            Some(name) => vec![bundles::find_any(&open.team, &BundleName::parse(name)?)?],
            None => {
                let all = open.team.ledger.state().bundles().iter();
                all.filter(|(_, bundle)| !bundle.archived)
                    .map(|(id, _)| *id)
                    .collect()
            }
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

/// The live entries of a bundle, each with the version that readers choose, opened; in the order
/// of their names. `true` where others stand beside it.
pub(crate) async fn live_entries(
    open: &mut Open,
    bundle: &BundleId,
) -> Result<Vec<(Version, Opened, bool)>, Fault> {
    let Open { vault, team, .. } = open;
    let mut live: Vec<(Version, Opened, bool)> = Vec::new();
    vault
        .visit_heads(bundle, |version| {
            if !version.deleted {
                let opened = open_version(team, &version)?;
                live.push((version, opened, false));
            }
            Ok::<_, Fault>(())
        })
        .await?;
    live.sort_by(|a, b| {
        let by_name = a.1.content.name.cmp(&b.1.content.name);
        by_name.then_with(|| rank(&b.0).cmp(&rank(&a.0)))
    });
    live.dedup_by(|later, first| {
        let same = later.1.content.name == first.1.content.name;
        first.2 |= same;
        same
    });
    Ok(live)
}

async fn list_bundle(open: &mut Open, bundle: &BundleId) -> Result<Vec<EntryView>, Fault> {
    let name = bundles::full_name(&open.team, bundle);
    let live = live_entries(open, bundle).await?;
    let counts = open.vault.version_counts(bundle).await?;
    Ok(live
        .into_iter()
        .map(|(version, opened, conflict)| {
            let versions = counts.get(&version.entry).copied().unwrap_or(1);
            view(&name, &version, &opened, versions, conflict)
        })
        .collect())
}

pub(super) fn view(
    bundle: &str,
    version: &Version,
    opened: &Opened,
    versions: u64,
    conflict: bool,
) -> EntryView {
    let content = &opened.content;
    EntryView {
        id: version.entry.to_string(),
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
        updated: content.written,
        versions,
        conflict,
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
