//! When a removal, a revocation or a review arrives, data that came before it may stand otherwise:
//! it is judged again, and what readers are shown is worked out anew.

use std::collections::{BTreeMap, BTreeSet};

use team::VerifiedOp;
use team::ids::{BundleId, DeviceId, EntryId, MemberId, OpId, TeamId, VersionId};
use team::ledger::{Arrival, Effects, Settled, Standing};
use team::op::{Action, Entrant};
use team::pack;
use team::siblings::{self, KnownVersion};
use vault::{Changes, Op, OpKind, OpStatus, Pack, StateChange, Vault, VersionState};

use super::absorb::name_of;
use super::places::Places;
use crate::Fault;
use crate::open::{Author, Open, Team, resealed_bundle, status};

/// Whose data is to be judged again.
#[derive(Debug, Default)]
pub(super) struct Rejudge {
    ops: BTreeSet<OpId>,
    members: BTreeSet<MemberId>,
    devices: BTreeSet<DeviceId>,
    everyone: bool,
    /// Acts that seal versions anew and are valid only now.
    reseals: BTreeSet<OpId>,
}

impl Rejudge {
    /// Takes note of what an op's effects ask for.
    pub fn note(&mut self, op: &VerifiedOp, effects: &Effects) {
        if effects.rejudge_data {
            self.concern(op.action());
        }
    }

    /// Takes note of what the end of a round showed, and adds how control ops stand to the commit.
    pub fn note_settled(&mut self, team: &Team, settled: &Settled, changes: &mut Changes) {
        self.ops.extend(&settled.data);
        let changed: BTreeMap<_, _> = settled.changed.iter().copied().collect();
        let mut stands: BTreeMap<_, _> = settled.settled.iter().copied().collect();
        // What was stored without a standing is void so far.
        stands.retain(|_, standing| *standing != Standing::Void);
        stands.extend(&changed);
        if stands.is_empty() {
            return;
        }
        let statuses = stands.iter().map(|(op, standing)| (*op, status(*standing)));
        changes.op_statuses.extend(statuses);
        for (op, _) in team.ledger.control_ops() {
            let id = op.id();
            if changed.contains_key(&id) {
                self.concern(op.action());
            }
            let valid = stands.get(&id) == Some(&Standing::Valid);
            if valid && resealed_bundle(op.action()).is_some() {
                self.reseals.insert(id);
                // Its content will be in the versions that it seals anew.
                changes.packs.retain(|pack| pack.op != id);
            }
        }
    }

    /// Whether nothing is to be judged again.
    pub fn is_empty(&self) -> bool {
        !self.everyone
            && self.ops.is_empty()
            && self.members.is_empty()
            && self.devices.is_empty()
            && self.reseals.is_empty()
    }

    fn concern(&mut self, action: &Action) {
        match action {
            Action::Adopt(review) | Action::Drop(review) => self.ops.extend(&review.ops),
            Action::RemoveMember(act) => drop(self.members.insert(act.member)),
            Action::SetRole(act) => drop(self.members.insert(act.member)),
            Action::RevokeDevice(act) => drop(self.devices.insert(act.device)),
            Action::AddMember(add) => match &add.entrant {
                Entrant::Back(back) => drop(self.members.insert(back.member)),
                Entrant::New(_) => self.everyone = true,
            },
            Action::Heartbeat(_)
            | Action::Attest(_)
            | Action::Audit(_)
            | Action::SettleExposure(_)
            | Action::Policy(_)
            | Action::Invite(_) => {}
            _ => self.everyone = true,
        }
    }

    /// Judges again, and adds what changed to the commit.
    pub async fn carry_out(
        self,
        open: &mut Open,
        id: &TeamId,
        places: &Places,
        changes: &mut Changes,
        packs: &BTreeMap<OpId, Vec<u8>>,
    ) -> Result<(), Fault> {
        let mut entries = BTreeSet::new();
        for op in self.data_ops(open, id, changes).await? {
            let Some(effects) = judge(open, id, places, &op, packs).await? else {
                continue;
            };
            let standing = effects.standing.unwrap_or(Standing::Void);
            if status(standing) == op.status {
                continue;
            }
            let of_version = effects.versions.iter();
            entries.extend(of_version.map(|version| (version.bundle, version.entry)));
            restate(open, id, places, changes, packs, &op, effects).await?;
        }
        let mut verdicts = Verdicts {
            places,
            packs,
            judged: BTreeMap::new(),
        };
        for (bundle, entry) in entries {
            show_heads(open, id, changes, &mut verdicts, bundle, entry).await?;
        }
        for op in &self.reseals {
            let Some(op) = find_op(open, changes, op).await? else {
                continue;
            };
            let effects = judge(open, id, places, &op, packs).await?;
            let team = &open.teams[id];
            let verified = team.ledger.control_ops().find(|(of, _)| of.id() == op.id);
            if let (Some(effects), Some((verified, _))) = (effects, verified)
                && let Some(bundle) = resealed_bundle(verified.action())
            {
                team.store_reseals(changes, verified, bundle, effects.reseals);
            }
        }
        Ok(())
    }

    /// The data ops concerned: those of the vault, and those of this commit.
    async fn data_ops(
        &self,
        open: &mut Open,
        id: &TeamId,
        changes: &Changes,
    ) -> Result<Vec<Op>, Fault> {
        let team = &open.teams[id];
        let heads = team.ledger.chains().heads().map(|head| head.1);
        let of_member = |device: &DeviceId| {
            let device = team.ledger.state().devices().get(device);
            device.is_some_and(|device| self.members.contains(&device.member))
        };
        let devices: BTreeSet<DeviceId> = heads
            .filter(|device| self.everyone || self.devices.contains(device) || of_member(device))
            .collect();
        let mut found = BTreeMap::new();
        for device in &devices {
            for op in open.vault.data_ops_of(id, device, 0).await? {
                found.insert(op.id, op);
            }
        }
        for op in &self.ops {
            if let Some(op) = open.vault.op(op).await? {
                found.insert(op.id, op);
            }
        }
        let own = changes.ops.iter().filter(|op| op.kind == OpKind::Data);
        for op in own.filter(|op| devices.contains(&op.device) || self.ops.contains(&op.id)) {
            found.insert(op.id, op.clone());
        }
        found.retain(|_, op| op.kind == OpKind::Data && op.team == *id);
        Ok(found.into_values().collect())
    }
}

/// After a review that was written here: what it is about stands otherwise now.
pub(crate) async fn judge_reviewed(
    open: &mut Open,
    id: &TeamId,
    changes: &mut Changes,
    ops: &[OpId],
) -> Result<(), Fault> {
    let places = Places::load(&mut open.vault, id).await?;
    let rejudge = Rejudge {
        ops: ops.iter().copied().collect(),
        ..Rejudge::default()
    };
    let packs = BTreeMap::new();
    rejudge.carry_out(open, id, &places, changes, &packs).await
}

/// How an op stands now, and what it brings.
async fn judge(
    open: &mut Open,
    id: &TeamId,
    places: &Places,
    op: &Op,
    packs: &BTreeMap<OpId, Vec<u8>>,
) -> Result<Option<Effects>, Fault> {
    let team = &mut open.teams[id];
    let bare = Arrival {
        op: &op.raw,
        pack: None,
    };
    if let Some(effects) = team.ledger.judge_again(bare, &team.keyring, places) {
        return Ok(Some(effects));
    }
    let pack = match packs.get(&op.id) {
        Some(pack) => Some(pack.clone()),
        None => pack_of(&mut open.vault, &op.id).await?,
    };
    let whole = Arrival {
        op: &op.raw,
        pack: pack.as_deref(),
    };
    let team = &mut open.teams[id];
    Ok(team.ledger.judge_again(whole, &team.keyring, places))
}

/// An op of this commit or of the vault.
async fn find_op(open: &mut Open, changes: &Changes, op: &OpId) -> Result<Option<Op>, Fault> {
    match changes.ops.iter().find(|new| new.id == *op) {
        Some(new) => Ok(Some(new.clone())),
        None => Ok(open.vault.op(op).await?),
    }
}

/// The pack that an op cites, if it cites one: kept as it came, or put together from its versions.
pub(super) async fn pack_of(vault: &mut Vault, op: &OpId) -> Result<Option<Vec<u8>>, Fault> {
    if let Some(pack) = vault.pack(op).await? {
        return Ok(Some(pack));
    }
    let sealed = vault.sealed_by_op(op).await?.into_iter();
    let sealed = sealed.map(|(_, sealed)| serde_bytes::ByteBuf::from(sealed));
    Ok(pack::make_content(sealed.collect()).1)
}

/// Writes down an op's new standing, and what it brings or takes away.
async fn restate(
    open: &mut Open,
    id: &TeamId,
    places: &Places,
    changes: &mut Changes,
    packs: &BTreeMap<OpId, Vec<u8>>,
    op: &Op,
    effects: Effects,
) -> Result<(), Fault> {
    let standing = effects.standing.unwrap_or(Standing::Void);
    changes.op_statuses.push((op.id, status(standing)));
    match (op.status, standing) {
        (_, Standing::Void) => {
            let own = packs.get(&op.id).cloned();
            let pack = match own {
                Some(pack) => Some(pack),
                None => pack_of(&mut open.vault, &op.id).await?,
            };
            if let Some(bytes) = pack {
                changes.packs.push(Pack { op: op.id, bytes });
            }
            changes.versions_removed.push(op.id);
        }
        (OpStatus::Void, _) => {
            let team = &open.teams[id];
            let chains = team.ledger.chains();
            let place = chains.find(&op.device, op.seq, &op.id, places);
            let lamport = place.map_or(0, |place| chains.past_of(place).1);
            let author = Author {
                op: op.id,
                device: op.device,
                lamport,
            };
            for (version, pos) in effects.versions.into_iter().zip(0..) {
                let name = name_of(&open.vault, team, &op.device, &version);
                let state = VersionState::Quarantined;
                let row = team.version_row(author, pos, version, state, name);
                changes.versions.push(row);
            }
            changes.packs_removed.push(op.id);
        }
        _ => {}
    }
    Ok(())
}

/// What each op's versions follow, of valid ones: judged once, for one op and its pack may bring
/// thousands of versions (threat 13).
struct Verdicts<'a> {
    places: &'a Places,
    packs: &'a BTreeMap<OpId, Vec<u8>>,
    judged: BTreeMap<OpId, Option<Vec<Vec<VersionId>>>>,
}

impl Verdicts<'_> {
    /// The predecessors of each version that an op brought; none where it is not valid.
    async fn of(
        &mut self,
        open: &mut Open,
        id: &TeamId,
        changes: &Changes,
        op: &OpId,
    ) -> Result<Option<&Vec<Vec<VersionId>>>, Fault> {
        if !self.judged.contains_key(op) {
            let effects = match find_op(open, changes, op).await? {
                Some(row) => judge(open, id, self.places, &row, self.packs).await?,
                None => None,
            };
            let valid = effects.filter(|effects| effects.standing == Some(Standing::Valid));
            let predecessors = valid.map(|effects| {
                let versions = effects.versions.into_iter();
                versions.map(|version| version.predecessors).collect()
            });
            self.judged.insert(*op, predecessors);
        }
        Ok(self.judged.get(op).and_then(Option::as_ref))
    }
}

/// Works out which versions of an entry readers are shown, from all of them.
async fn show_heads(
    open: &mut Open,
    id: &TeamId,
    changes: &mut Changes,
    verdicts: &mut Verdicts<'_>,
    bundle: BundleId,
    entry: EntryId,
) -> Result<(), Fault> {
    let mut versions = open.vault.versions_of_entry(id, &bundle, &entry).await?;
    let own = |version: &&vault::Version| (version.bundle, version.entry) == (bundle, entry);
    versions.extend(changes.versions.iter().filter(own).cloned());
    versions.retain(|version| !changes.versions_removed.contains(&version.op));
    let mut known = Vec::new();
    let mut valid: BTreeMap<VersionId, (OpId, u32)> = BTreeMap::new();
    let mut states: BTreeMap<(OpId, u32), VersionState> = BTreeMap::new();
    for version in &versions {
        let key = (version.op, version.pos);
        states.insert(key, VersionState::Quarantined);
        let Some(predecessors) = verdicts.of(open, id, changes, &version.op).await? else {
            continue;
        };
        let own = predecessors.get(version.pos as usize);
        known.push(KnownVersion {
            entry,
            version: version.id,
            predecessors: own.cloned().unwrap_or_default(),
            order: (version.lamport, version.op, version.pos),
        });
        valid.insert(version.id, key);
        states.insert(key, VersionState::Superseded);
    }
    for heads in siblings::heads(&known) {
        for head in heads.heads {
            if let Some(key) = valid.get(&head) {
                states.insert(*key, VersionState::Head);
            }
        }
    }
    let of_state = states.into_iter();
    changes
        .version_states
        .extend(of_state.map(|((op, pos), state)| StateChange { op, pos, state }));
    Ok(())
}
