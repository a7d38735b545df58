//! What is wrong with a remote, or with what others wrote (protocol §9): worked out after each
//! sync, kept in the vault as evidence until it is resolved, and never believed away.

mod kept;

use std::collections::{BTreeMap, BTreeSet};

use crypto::KeyId;
use team::chains::Archive;
use team::ids::{DeviceId, OpId, TeamId};
use team::ledger::{Shown, rolled_back};
use vault::{Changes, EvidenceId};

pub(crate) use self::kept::{KeptFinding, KeptRecord};
use super::absorb::Absorbed;
use super::names::{self, Named, Run};
use super::places::Places;
use super::{FindingKind, FindingView};
use crate::Fault;
use crate::clock::now;
use crate::open::{HeadsOnly, Open, Team};
use crate::records::decode;

/// Most findings of one kind that are kept for one team (threat 13).
const MOST_OF_A_KIND: usize = 200;

/// What was found wrong with what members gave to this one: keys that do not open (threat 17), and
/// contents put under others' versions (threat 34). Only of devices that stand: who was revoked has
/// been answered.
pub(super) fn of_members(team: &Team, absorbed: &Absorbed) -> Vec<KeptFinding> {
    let finding = |kind, device: &DeviceId, what: String, sentence: String| KeptFinding {
        kind,
        device: Some(device.to_string()),
        seq: None,
        ops: vec![what],
        object: None,
        sentence,
        since: now(),
        acknowledged: None,
    };
    let unopened = absorbed.unopened.iter().map(|(device, key)| {
        let sentence = format!("UNREADABLE: key {key} from device {device} does not open.");
        (device, FindingKind::Unreadable, key.to_string(), sentence)
    });
    let altered = absorbed.altered.iter().map(|(device, version)| {
        let sentence =
            format!("ALTERED: device {device} sealed another content as version {version}.");
        (device, FindingKind::Altered, version.to_string(), sentence)
    });
    let standing = unopened
        .chain(altered)
        .filter(|(device, ..)| team.ledger.device_stands(device));
    standing
        .map(|(device, kind, what, sentence)| finding(kind, device, what, sentence))
        .collect()
}

/// Of those, what still stands: its device does, and the key is not here by another way.
async fn of_members_still(open: &mut Open, id: &TeamId) -> Result<Vec<KeptFinding>, Fault> {
    let mut still = Vec::new();
    for row in open.vault.evidence(id).await? {
        let KeptRecord::Finding(kept) = decode(&row.payload)? else {
            continue;
        };
        if !matches!(kept.kind, FindingKind::Unreadable | FindingKind::Altered) {
            continue;
        }
        let team = &open.teams[id];
        let mut devices = team.ledger.state().devices().keys();
        let stands = devices.any(|device| {
            Some(device.to_string()) == kept.device && team.ledger.device_stands(device)
        });
        let keyring = &team.keyring;
        let holds = |key: KeyId| {
            keyring.log_key(&key).is_some()
                || keyring.bundle_key(&key).is_some()
                || keyring.seed(&key).is_some()
        };
        let key = kept.ops.first().and_then(|key| hex::decode(key).ok());
        let key = key.and_then(|key| Some(KeyId::from_bytes(key.try_into().ok()?)));
        let came = kept.kind == FindingKind::Unreadable && key.is_some_and(holds);
        if stands && !came {
            still.push(kept);
        }
    }
    Ok(still)
}

/// The devices of this member that stand, this one and the recovery key apart. None while this device
/// is not let in: all of them are older then.
pub(super) fn own_devices(team: &Team) -> Option<BTreeSet<DeviceId>> {
    let devices = team.ledger.state().devices().iter();
    let own = devices.filter(|(id, device)| {
        device.member == team.member
            && !device.recovery
            && **id != team.device
            && team.ledger.device_stands(id)
    });
    team.is_let_in().then(|| own.map(|(id, _)| *id).collect())
}

/// A device that came to this member's without this one: whoever stole one may have added it.
pub(super) fn new_devices(team: &Team, before: &Option<BTreeSet<DeviceId>>) -> Vec<KeptFinding> {
    let (Some(before), Some(now_own)) = (before, own_devices(team)) else {
        return Vec::new();
    };
    let finding = |device: &DeviceId| KeptFinding {
        kind: FindingKind::NewDevice,
        device: Some(device.to_string()),
        seq: None,
        ops: Vec::new(),
        object: None,
        sentence: format!("NEW DEVICE: {device} was added to yours."),
        since: now(),
        acknowledged: None,
    };
    now_own.difference(before).map(finding).collect()
}

/// The person has looked at their devices.
pub(crate) async fn seen_new_devices(open: &mut Open, id: &TeamId) -> Result<(), Fault> {
    keep(open, id, &[], |kept| kept.kind == FindingKind::NewDevice).await
}

/// Which ops the names of a listing cover.
#[derive(Debug, Default)]
pub(super) struct Covered(BTreeMap<DeviceId, Vec<Run>>);

impl Covered {
    pub fn by<'a>(team: &TeamId, names: impl Iterator<Item = &'a str>) -> Self {
        let mut covered = Self::default();
        covered.add(team, names);
        covered
    }

    pub fn add<'a>(&mut self, team: &TeamId, names: impl Iterator<Item = &'a str>) {
        for name in names {
            if let Named::Segment { run, .. } = names::read(team, name) {
                self.0.entry(run.device).or_default().push(run);
            }
        }
    }
}

impl Shown for Covered {
    fn covers(&self, device: &DeviceId, seq: u64) -> bool {
        let runs = self.0.get(device).into_iter().flatten();
        runs.into_iter()
            .any(|run| run.first <= seq && seq <= run.last)
    }
}

/// Of what was known to lie on the remote after a name, what a listing from there does not show
/// any more (threats 5, 6). Names of every op that was there, so that one lost in the middle shows.
pub(super) async fn missing(
    open: &mut Open,
    id: &TeamId,
    after: Option<&str>,
    shown: &Covered,
    known: &[String],
) -> Result<Vec<KeptFinding>, Fault> {
    let listed = known
        .iter()
        .filter(|name| after.is_none_or(|after| name.as_str() > after));
    let mut lost = Vec::new();
    for name in listed {
        let Named::Segment { run, .. } = names::read(id, name) else {
            continue;
        };
        for seq in [run.last, run.first] {
            if shown.covers(&run.device, seq) {
                continue;
            }
            // Of what was never applied here nothing is missing.
            let ids = open.vault.ops_at(id, &run.device, seq).await?;
            if let Some(op) = ids.first() {
                lost.push((run.device, seq, *op));
                break;
            }
        }
    }
    // The newest of each device says enough.
    let mut newest: BTreeMap<DeviceId, (DeviceId, u64, OpId)> = BTreeMap::new();
    for (device, seq, op) in lost {
        let of_device = newest.entry(device).or_insert((device, seq, op));
        if seq > of_device.1 {
            *of_device = (device, seq, op);
        }
    }
    let nothing = Covered::default();
    let found = rolled_back(newest.into_values(), &nothing);
    Ok(found.iter().map(KeptFinding::of).collect())
}

/// What is wrong with the ops that are here.
pub(super) async fn in_ledger(open: &mut Open, id: &TeamId) -> Result<Vec<KeptFinding>, Fault> {
    let team = &open.teams[id];
    let chains = team.ledger.chains();
    let mut heads = chains.heads();
    let quiet = team.ledger.waiting().next().is_none()
        && !heads.any(|(_, device, ..)| chains.forked(&device));
    drop(heads);
    // Where nothing waits and nobody forked, no op has to be looked up.
    let places = match quiet {
        true => None,
        false => Some(Places::load(&mut open.vault, id).await?),
    };
    let archive: &dyn Archive = match &places {
        Some(places) => places,
        None => &HeadsOnly,
    };
    let team = &open.teams[id];
    let mut found = team.ledger.contradictions(&team.device, archive);
    found.extend(team.ledger.stale_devices(&team.device, now()));
    let mut found: Vec<KeptFinding> = found.iter().map(KeptFinding::of).collect();
    found.extend(of_members_still(open, id).await?);
    Ok(found)
}

/// Keeps what is found now, and lets go of what is resolved: what was just looked for and is not
/// there any more. Of one kind only so many are kept (threat 13).
pub(super) async fn keep(
    open: &mut Open,
    id: &TeamId,
    found: &[KeptFinding],
    looked_for: impl Fn(&KeptFinding) -> bool,
) -> Result<(), Fault> {
    let (mut there, mut resolved) = (BTreeSet::new(), Vec::new());
    for (row, kept) in stored(open, id).await? {
        let again = found.iter().any(|new| new.key() == kept.key());
        if !again && looked_for(&kept) {
            resolved.push((*id, row));
        } else {
            there.insert(kept);
        }
    }
    let mut counts: BTreeMap<FindingKind, usize> = BTreeMap::new();
    for kept in &there {
        *counts.entry(kept.kind).or_default() += 1;
    }
    let is_new = |new: &&KeptFinding| !there.iter().any(|kept| kept.key() == new.key());
    let has_room = |new: &&KeptFinding| {
        let count = counts.entry(new.kind).or_default();
        *count += 1;
        *count <= MOST_OF_A_KIND
    };
    let new = found.iter().filter(is_new).filter(has_room);
    let new: Vec<&KeptFinding> = new.collect();
    if new.is_empty() && resolved.is_empty() {
        return Ok(());
    }
    open.write_unenrolled(async |_, changes: &mut Changes| {
        changes.evidence = new.iter().map(|new| (*new).record(*id)).collect();
        changes.evidence_removed.clone_from(&resolved);
        Ok(())
    })
    .await
}

/// The findings of a team as they are stored, each with its row.
pub(super) async fn stored(
    open: &mut Open,
    id: &TeamId,
) -> Result<Vec<(EvidenceId, KeptFinding)>, Fault> {
    let mut findings = Vec::new();
    for row in open.vault.evidence(id).await? {
        if let KeptRecord::Finding(kept) = decode(&row.payload)? {
            findings.push((row.id, kept));
        }
    }
    Ok(findings)
}

/// The findings of a team that are not resolved.
pub(crate) async fn kept(open: &mut Open, id: &TeamId) -> Result<Vec<FindingView>, Fault> {
    let stored = stored(open, id).await?;
    let team = &open.teams[id];
    let label = open.teams.label(team);
    let views = stored.iter().map(|(_, kept)| kept.view(team, &label));
    let mut views: Vec<FindingView> = views.collect();
    views.sort();
    Ok(views)
}
