//! Publishing sheets: a duty of the devices that sign for a service. It is due when a listed bundle
//! has news, and before half of the greatest age; whether it is, the vault says without a network.
//! Once a service is removed it gets one last sheet without values: jobs stop at the next run, not
//! when the values that they have are too old.

use std::collections::BTreeSet;

use remotes::Remote;
use serde::{Deserialize, Serialize};
use team::entry::Opened;
use team::ids::{BundleId, MemberId, TeamId};
use team::jobs::{
    Publication, Seen, Service, SheetState, Value, look_at_sheet, seal_sheet, sheet_state,
};
use vault::Remote as RemoteRow;

use super::names;
use crate::Fault;
use crate::bundles::BundleAt;
use crate::clock::now;
use crate::entries::{chosen_first, make_openable, open_version, unreadable};
use crate::open::{Open, Team};
use crate::sync::{get_packs, list, store};

/// Most sheets that are looked at to find the newest that holds (threat 13).
const MOST_LOOKED_AT: usize = 64;

/// What the vault keeps of a service's newest sheet that was seen or published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Remembered {
    pub service: MemberId,
    pub count: u64,
    /// Unix seconds, by its signer's clock.
    pub time: u64,
    #[serde(with = "serde_bytes")]
    pub state: SheetState,
}

impl Remembered {
    /// The same on a remote where it does not lie: one with the next count is due there at once.
    pub(crate) fn elsewhere(&self) -> Self {
        Self {
            time: 0,
            ..self.clone()
        }
    }
}

/// The services that go on and for which others publish, by name.
pub(crate) fn unpublished(team: &Team) -> Vec<String> {
    let known = team.ledger.state().services().iter();
    let going = known.filter(|(_, known)| !known.is_removed() && now() <= known.terms.expires);
    let others = going.filter(|(id, _)| {
        let service = team.ledger.service(id);
        service.is_some_and(|service| !team.ledger.publishes(&service, &team.device))
    });
    others.map(|(id, _)| super::name_of(team, id)).collect()
}

/// What became of a round of publishing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Publishing {
    /// All is as it should be.
    Done,
    /// Another signer knows what is not here yet: what the remote has comes first.
    Behind,
}

/// Publishes what is due for a team. `again`: the remote was read anew since another signer's sheet
/// was found to differ, so this device's own view counts.
pub(crate) async fn publish(
    open: &mut Open,
    id: &TeamId,
    remote: &Remote,
    again: bool,
) -> Result<Publishing, Fault> {
    let (mut publishing, mut failure) = (Publishing::Done, None);
    for due in due(open, id).await? {
        let seen = newest(remote, &due.service).await?;
        let (own, at) = (due.state, now());
        let highest = seen.iter().map(|seen| seen.publication.count).max();
        let count = highest.max(due.remembered.as_ref().map(|before| before.count));
        let floor = due.service.terms.min_count.saturating_sub(1);
        let same = match seen.as_slice() {
            [] => false,
            all => all.iter().all(|seen| seen.publication.state == own),
        };
        let newest = seen.iter().map(|seen| seen.publication.time).max();
        if same && newest.is_some_and(|time| due.holds(time, at)) {
            remember(open, id, &due.service, &seen[0].publication).await?;
            continue;
        }
        let device = open.teams[id].device;
        let known = due.remembered.as_ref().map(|before| before.state);
        let of_another =
            |seen: &Seen| seen.signer != device && Some(seen.publication.state) != known;
        if !again && !same && seen.iter().any(of_another) {
            publishing = Publishing::Behind;
            continue;
        }
        let publication = Publication {
            count: count.unwrap_or(0).max(floor).saturating_add(1),
            time: at,
            state: own,
        };
        let bytes = match seal(open, id, &due, publication).await {
            Ok(bytes) => bytes,
            // One service's trouble keeps no other from its values.
            Err(fault) => {
                failure.get_or_insert(fault);
                continue;
            }
        };
        let name = names::sheet(id, &due.service.id(), publication.count, &bytes);
        store(remote, &[(name, bytes)]).await?;
        remember(open, id, &due.service, &publication).await?;
    }
    failure.map_or(Ok(publishing), Err)
}

/// A service that this device looks after now.
struct Due {
    service: Service,
    /// None for one that was removed.
    bundles: BTreeSet<BundleId>,
    state: SheetState,
    remembered: Option<Remembered>,
    removed: bool,
}

impl Due {
    /// Whether a sheet of this state needs no newer one. The last needs none at all.
    fn holds(&self, time: u64, now: u64) -> bool {
        self.removed || is_fresh(&self.service, time, now)
    }
}

/// The services for which something is due, by what the vault knows.
async fn due(open: &mut Open, id: &TeamId) -> Result<Vec<Due>, Fault> {
    if open.may_write().is_err() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for (service, removed) in own(&open.teams[id]) {
        let team = &open.teams[id];
        let bundles = match removed {
            true => BTreeSet::new(),
            false => team.ledger.readable_for(&service, &team.device),
        };
        let settings = team.remote.as_ref();
        let remembered = settings.and_then(|of| of.sheet_of(&service.id())).cloned();
        let due = Due {
            state: state(open, id, &bundles).await?,
            service,
            bundles,
            remembered,
            removed,
        };
        let before = due.remembered.as_ref();
        let is_done =
            before.is_some_and(|before| before.state == due.state && due.holds(before.time, now()));
        if !is_done {
            all.push(due);
        }
    }
    Ok(all)
}

/// The services that this device publishes for, and whether each was removed. The token of an
/// expired one says so itself.
fn own(team: &Team) -> Vec<(Service, bool)> {
    let ledger = &team.ledger;
    let known = ledger.state().services().iter();
    let current = known.filter(|(_, known)| now() <= known.terms.expires);
    let services =
        current.filter_map(|(id, known)| Some((ledger.service(id)?, known.is_removed())));
    services
        .filter(|(service, _)| ledger.publishes(service, &team.device))
        .collect()
}

/// Whether half of a sheet's greatest age is still ahead.
fn is_fresh(service: &Service, time: u64, now: u64) -> bool {
    time <= now.saturating_add(60) && now.saturating_sub(time) < service.terms.max_age / 2
}

/// The fingerprint of the bundles' current versions.
async fn state(
    open: &mut Open,
    id: &TeamId,
    bundles: &BTreeSet<BundleId>,
) -> Result<SheetState, Fault> {
    let mut versions = Vec::new();
    for bundle in bundles {
        let note = |version: &vault::Version| {
            if !version.deleted {
                versions.push((*bundle, version.entry, version.id));
            }
            Ok::<_, Fault>(())
        };
        open.vault.visit_heads(id, bundle, note).await?;
    }
    Ok(sheet_state(versions))
}

/// The sheets of the highest count that a signer of the service has signed: one, or several where
/// they came apart.
async fn newest(remote: &Remote, service: &Service) -> Result<Vec<Seen>, Fault> {
    let folder = names::folder(&service.team, &service.id());
    let listed = list(remote, &folder, None).await?.names;
    let mut looked_at = 0;
    for (count, sheets) in names::by_count(&folder, &listed) {
        looked_at += sheets.len();
        if looked_at > MOST_LOOKED_AT {
            break;
        }
        let names: Vec<_> = sheets.iter().map(|(name, _)| name.clone()).collect();
        let fetched = get_packs(remote, &names).await?.into_iter();
        let whole = fetched.zip(&sheets).filter_map(|((_, bytes), (_, hash))| {
            let bytes = bytes.filter(|bytes| names::hash_of(bytes) == *hash)?;
            look_at_sheet(service, count, &bytes)
        });
        let seen: Vec<Seen> = whole.collect();
        if !seen.is_empty() {
            return Ok(seen);
        }
    }
    Ok(Vec::new())
}

/// Seals the current values. Of several of one name the one that readers choose comes first.
async fn seal(
    open: &mut Open,
    id: &TeamId,
    due: &Due,
    publication: Publication,
) -> Result<Vec<u8>, Fault> {
    let mut opened: Vec<(BundleId, Opened)> = Vec::new();
    for bundle in &due.bundles {
        let at = BundleAt {
            team: *id,
            id: *bundle,
        };
        let mut heads = open.vault.heads(&at.team, &at.id).await?;
        heads.retain(|version| !version.deleted);
        make_openable(open, &mut heads).await?;
        chosen_first(&mut heads);
        for version in &heads {
            match open_version(&open.teams, version) {
                Ok(content) => opened.push((*bundle, content)),
                // It may be any of the names: no job should run with what was before.
                Err(_) if open.teams[id].keyring.bundle_key(&version.key).is_some() => {
                    return Err(unreadable(&open.teams, version));
                }
                // It was never shared with this member.
                Err(_) => {}
            }
        }
    }
    let team = &open.teams[id];
    let known = team.ledger.state().bundles();
    let values = opened.iter().filter_map(|(bundle, opened)| {
        let known = known.get(bundle)?;
        Some(Value {
            bundle: *bundle,
            project: &known.project,
            environment: &known.environment,
            content: &opened.content,
            author: opened.author,
        })
    });
    let values: Vec<Value<'_>> = values.collect();
    let signer = team.keyring.device();
    Ok(seal_sheet(signer, &due.service, publication, &values)?)
}

async fn remember(
    open: &mut Open,
    id: &TeamId,
    service: &Service,
    publication: &Publication,
) -> Result<(), Fault> {
    let newest = Remembered {
        service: service.id(),
        count: publication.count,
        time: publication.time,
        state: publication.state,
    };
    open.write_unenrolled(async |open, changes| {
        if let Some(settings) = &mut open.teams[id].remote {
            settings
                .sheets
                .retain(|sheet| sheet.service != newest.service);
            settings.sheets.push(newest.clone());
            settings.sheets.sort_by_key(|sheet| sheet.service);
            changes.remotes.push(RemoteRow {
                team: *id,
                payload: settings.encode(),
            });
        }
        Ok(())
    })
    .await
}
