//! Entries with several values side by side: shown by name and who and when, and settled by a
//! version that knows all sides.

use std::collections::BTreeMap;

use crypto::SecretVec;
use team::entry::Content;
use team::ids::VersionId;
use team::ledger::Arrival;
use team::siblings::{self, KnownVersion};
use vault::Version;

use super::places::Places;
use super::rejudge::pack_of;
use super::{ConflictView, ListConflicts, ResolveConflict, SideView};
use crate::audit::Reads;
use crate::bundles::{self, BundleAt};
use crate::clock::now;
use crate::entries::{self, Change, Saved, Written};
use crate::names::BundleName;
use crate::open::Open;
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, Plaintext};

impl UseCase for ListConflicts {
    async fn carry_out(self, session: &mut Session) -> Result<Vec<ConflictView>, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let wanted = match &self.bundle {
            Some(name) => vec![bundles::find_any(&open.teams, &BundleName::parse(name)?)?],
            None => bundles::usable(&open.teams),
        };
        let mut views = Vec::new();
        for at in wanted {
            let live = entries::live_entries(open, &at).await?.live;
            let torn = live.into_iter().filter(|one| one.conflict);
            let names = torn.map(|one| one.opened.content.name);
            for name in names.filter(|name| self.name.as_ref().is_none_or(|meant| meant == name)) {
                let (view, versions) = view(open, &at, &name, self.reveal).await?;
                if self.reveal {
                    let entry = AuditEntry {
                        operation: "conflicts".to_owned(),
                        bundle: Some(view.bundle.clone()),
                        names: vec![name],
                        count: view.sides.len() as u64,
                        reads: Reads::of(&open.teams[&at.team], at.id, versions),
                        ..AuditEntry::default()
                    };
                    // Before anything is given out.
                    open.record(&caller, entry).await?;
                }
                views.push(view);
            }
        }
        Ok(views)
    }
}

impl UseCase for ResolveConflict {
    async fn carry_out(self, session: &mut Session) -> Result<Saved, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let written = open
            .write_or_rehearse(self.dry_run, async |open, changes| {
                let at = bundles::find_usable(&open.teams, self.bundle.as_deref())?;
                let heads = entries::live_by_name(open, &at, &self.name).await?;
                if heads.len() < 2 {
                    return Err(Fault::new(Code::NotFound, "This entry has one value only.")
                        .about(&*self.name)
                        .into());
                }
                let side = usize::try_from(self.take)
                    .ok()
                    .and_then(|take| take.checked_sub(1));
                let side = side.and_then(|side| heads.get(side)).ok_or_else(|| {
                    Fault::new(Code::Usage, "There is no such side.")
                        .next("`sealfold conflicts ls` numbers them.")
                })?;
                let name = self.name.clone();
                let (entry, change) = (heads[0].entry, Change::Changed);
                let written = Written::new(open, at, entry, name.clone(), change).await?;
                // Other entries of the name, and all of them where a removal is taken.
                let gone = heads
                    .iter()
                    .filter(|head| side.deleted || head.entry != entry);
                let mut gone: Vec<_> = gone.map(|head| head.entry).collect();
                gone.sort_unstable();
                gone.dedup();
                if !side.deleted {
                    let mut content = entries::open_version(&open.teams, side)?.content;
                    content.written = now();
                    let before = entries::ids_of(&heads, &entry);
                    entries::put(open, changes, at, &[(entry, before, &content)])?;
                }
                for entry in gone {
                    let own = heads.iter().filter(|head| head.entry == entry);
                    let found = entries::Found {
                        bundle: at,
                        entry,
                        field: None,
                        heads: own.cloned().collect(),
                    };
                    entries::delete(open, changes, at, &[(&found, name.clone())])?;
                }
                let detail = Some(format!("side {} of {}", self.take, heads.len()));
                entries::audit(
                    open,
                    changes,
                    &caller,
                    "conflicts resolve",
                    at,
                    vec![name],
                    detail,
                );
                Ok(written)
            })
            .await?;
        Ok(written.tell(open))
    }
}

async fn view(
    open: &mut Open,
    at: &BundleAt,
    name: &str,
    reveal: bool,
) -> Result<(ConflictView, Vec<VersionId>), Fault> {
    let heads = entries::live_by_name(open, at, name).await?;
    let base = base(open, at, &heads).await?;
    let versions = heads
        .iter()
        .chain(&base)
        .map(|version| version.id)
        .collect();
    let content = |open: &Open, version: &Version| -> Option<Content> {
        let opened = entries::open_version(&open.teams, version);
        opened.ok().map(|opened| opened.content)
    };
    let base_fields = base.as_ref().and_then(|base| content(open, base));
    let base_fields = base_fields
        .map(|content| content.fields)
        .unwrap_or_default();
    let mut sides = Vec::new();
    for (head, number) in heads.iter().zip(1..) {
        let own = content(open, head);
        sides.push(side(open, head, number, own, &base_fields, reveal).await?);
    }
    let base = match base {
        Some(base) => {
            let own = content(open, &base);
            Some(side(open, &base, 0, own, &base_fields, reveal).await?)
        }
        None => None,
    };
    let view = ConflictView {
        bundle: bundles::full_name(&open.teams, at),
        name: name.to_owned(),
        base,
        sides,
    };
    Ok((view, versions))
}

async fn side(
    open: &mut Open,
    version: &Version,
    number: u64,
    content: Option<Content>,
    base: &BTreeMap<String, SecretVec>,
    reveal: bool,
) -> Result<SideView, Fault> {
    let op = open.vault.op(&version.op).await?;
    let team = &open.teams[&version.team];
    let author = op.as_ref().map_or(version.sealed_by, |op| op.device);
    let member = team
        .ledger
        .state()
        .devices()
        .get(&author)
        .map(|of| of.member);
    let written = content.as_ref().map(|content| content.written);
    let at = written.or_else(|| team::time_of(&op.as_ref()?.raw, &team.keyring));
    let fields = content.map(|content| content.fields).unwrap_or_default();
    let changed = base.keys().chain(fields.keys());
    let mut changed: Vec<String> = changed
        .filter(|name| base.get(*name) != fields.get(*name))
        .cloned()
        .collect();
    changed.sort();
    changed.dedup();
    let values = match reveal {
        true => fields
            .into_iter()
            .map(|(name, value)| (name, Plaintext::from(value)))
            .collect(),
        false => Vec::new(),
    };
    Ok(SideView {
        number,
        id: version.id.to_string(),
        member: member.map(|of| team.member_name(&of)).unwrap_or_default(),
        device: team.device_name(&author),
        mine: member == Some(team.member),
        at: at.unwrap_or(0),
        removal: version.deleted,
        changed_fields: changed,
        values,
    })
}

/// The newest version that all sides of one entry come from.
async fn base(open: &mut Open, at: &BundleAt, heads: &[Version]) -> Result<Option<Version>, Fault> {
    let Some(first) = heads.first() else {
        return Ok(None);
    };
    if heads.iter().any(|head| head.entry != first.entry) {
        return Ok(None);
    }
    let versions = entries::versions_in_order(open, at, &first.entry).await?;
    let places = Places::load(&mut open.vault, &at.team).await?;
    let mut known = Vec::new();
    for version in &versions {
        let Some(op) = open.vault.op(&version.op).await? else {
            continue;
        };
        let pack = pack_of(&mut open.vault, &version.op).await?;
        let arrival = Arrival {
            op: &op.raw,
            pack: pack.as_deref(),
        };
        let team = &mut open.teams[&at.team];
        let again = team.ledger.judge_again(arrival, &team.keyring, &places);
        let brought = again.and_then(|of| of.versions.into_iter().nth(version.pos as usize));
        known.push(KnownVersion {
            entry: first.entry,
            version: version.id,
            predecessors: brought.map_or_else(Vec::new, |of| of.predecessors),
            order: (version.lamport, version.op, version.pos),
        });
    }
    let found: Option<VersionId> = siblings::heads(&known).pop().and_then(|heads| heads.base);
    Ok(versions
        .into_iter()
        .find(|version| Some(version.id) == found && !version.deleted))
}
