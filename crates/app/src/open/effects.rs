//! What an applied op changes in the vault: the same whether it was written here or came from
//! others.

use crypto::KeyId;
use team::VerifiedOp;
use team::ids::{BundleId, DeviceId, OpId};
use team::ledger::{AppliedReseal, AppliedVersion, Arrival, Effects, Standing};
use team::op::Action;
use vault::{
    Changes, Frontier, NameHash, Op, OpKind, OpStatus, Pack, Reseal, Version, VersionPlace,
    VersionState,
};

use super::Team;

/// How the vault names what the ledger made of an op.
pub(crate) const fn status(standing: Standing) -> OpStatus {
    match standing {
        Standing::Valid => OpStatus::Applied,
        Standing::Void => OpStatus::Void,
        Standing::Quarantined => OpStatus::Quarantined,
    }
}

/// Who brought a version, and when.
#[derive(Clone, Copy)]
pub(crate) struct Author {
    pub op: OpId,
    pub device: DeviceId,
    pub lamport: u64,
}

impl Team {
    /// Adds to a commit what an op that was taken in changes. `name_of` gives the look-up hash of a
    /// version, where its name can be known.
    pub(crate) fn store(
        &self,
        changes: &mut Changes,
        op: &VerifiedOp,
        effects: Effects,
        arrival: Arrival<'_>,
        name_of: impl Fn(&AppliedVersion) -> Option<NameHash>,
    ) {
        let standing = effects.standing.unwrap_or(Standing::Void);
        self.store_op(changes, op, standing, arrival.op);
        let changed = effects.changed.iter();
        changes
            .op_statuses
            .extend(changed.map(|(op, standing)| (*op, status(*standing))));
        let learned = effects.learned.iter();
        changes
            .keys
            .extend(learned.filter_map(|learned| self.stored_key(*learned)));
        self.store_versions(changes, op, standing, effects.versions, name_of);
        if let Some(bundle) = resealed_bundle(op.action()) {
            self.store_reseals(changes, op, bundle, effects.reseals);
        }
        // What stands in no version has to be kept as it came.
        if let (Standing::Void, Some(pack)) = (standing, arrival.pack) {
            changes.packs.push(Pack {
                op: op.id(),
                bytes: pack.to_vec(),
            });
        }
    }

    fn store_op(&self, changes: &mut Changes, op: &VerifiedOp, standing: Standing, raw: &[u8]) {
        let kind = match op.action().is_data() {
            true => OpKind::Data,
            false => OpKind::Control,
        };
        changes.ops.push(Op {
            id: op.id(),
            team: self.id,
            device: op.device(),
            seq: op.seq(),
            kind,
            status: status(standing),
            deps: op.deps().iter().map(|dep| dep.2).collect(),
            raw: raw.to_vec(),
        });
        let chains = self.ledger.chains();
        // Of a device that forked, the first chain.
        if let Some((place, head)) = chains.head(&op.device()) {
            let own = |head: &Frontier| (head.team, head.device) == (self.id, op.device());
            changes.frontier.retain(|head| !own(head));
            changes.frontier.push(Frontier {
                team: self.id,
                device: op.device(),
                seq: place.seq,
                op: head,
                forked: chains.forked(&op.device()),
            });
        }
    }

    fn store_versions(
        &self,
        changes: &mut Changes,
        op: &VerifiedOp,
        standing: Standing,
        versions: Vec<AppliedVersion>,
        name_of: impl Fn(&AppliedVersion) -> Option<NameHash>,
    ) {
        let author = Author {
            op: op.id(),
            device: op.device(),
            lamport: op.lamport(),
        };
        for (version, pos) in versions.into_iter().zip(0..) {
            if standing == Standing::Valid {
                let before = version.predecessors.iter();
                changes.superseded.extend(before.map(|before| VersionPlace {
                    team: self.id,
                    bundle: version.bundle,
                    entry: version.entry,
                    version: *before,
                }));
            }
            let state = match standing {
                Standing::Valid => VersionState::Head,
                Standing::Void | Standing::Quarantined => VersionState::Quarantined,
            };
            let name_hash = name_of(&version);
            let row = self.version_row(author, pos, version, state, name_hash);
            changes.versions.push(row);
        }
    }

    /// A version as the vault stores it.
    pub(crate) fn version_row(
        &self,
        author: Author,
        pos: u32,
        version: AppliedVersion,
        state: VersionState,
        name_hash: Option<NameHash>,
    ) -> Version {
        let (key, sealed) = match version.sealed {
            Some((key, sealed)) => (key, Some(sealed)),
            None => (KeyId::from_bytes([0; 16]), None),
        };
        Version {
            id: version.version,
            team: self.id,
            entry: version.entry,
            bundle: version.bundle,
            op: author.op,
            pos,
            lamport: author.lamport,
            state,
            deleted: sealed.is_none(),
            name_hash,
            resealed: None,
            sealed_by: author.device,
            key,
            sealed,
        }
    }

    /// Adds versions that an op sealed anew to a commit.
    pub(crate) fn store_reseals(
        &self,
        changes: &mut Changes,
        op: &VerifiedOp,
        bundle: BundleId,
        reseals: Vec<AppliedReseal>,
    ) {
        let reseals = reseals.into_iter().zip(0..);
        changes.reseals.extend(reseals.map(|(reseal, pos)| Reseal {
            place: VersionPlace {
                team: self.id,
                bundle,
                entry: reseal.entry,
                version: reseal.version,
            },
            op: op.id(),
            pos,
            lamport: op.lamport(),
            sealed_by: reseal.sealed_by,
            key: reseal.sealed.0,
            sealed: reseal.sealed.1,
            aside: false,
        }));
    }
}

/// The bundle whose versions an op seals anew.
pub(crate) fn resealed_bundle(action: &Action) -> Option<BundleId> {
    match action {
        Action::StartEpoch(start) => Some(start.bundle),
        Action::Reseal(reseal) => Some(reseal.bundle),
        _ => None,
    }
}
