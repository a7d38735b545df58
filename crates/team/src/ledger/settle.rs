//! Judging an op that has its place, and working out what it changes: for data the verdict alone;
//! for a control op the rule core, the state, and which earlier verdicts it touches.

use super::introduce::{Introduction, Newcomer};
use super::receive::sealed_versions;
use super::{AppliedVersion, Arrival, DeviceAge, Effects, Ledger, Standing};
use crate::chains::{Archive, Placed};
use crate::ids::{BundleId, DeviceId, MemberId, OpId};
use crate::keyring::{BadWrap, Keyring, Learned};
use crate::op::{Action, EpochKey, NewVersion};
use crate::pack::SealedVersions;
use crate::rules::{Act, Control, Core, Origin};
use crate::wire::{SignedOp, VerifiedOp};

impl Ledger {
    /// Judges a placed op and works out what it changes.
    pub(super) fn settle(
        &mut self,
        op: &VerifiedOp,
        newcomers: &[Newcomer],
        sealed: SealedVersions,
        keys: &mut Keyring,
    ) -> Effects {
        if op.action.is_data() {
            return self.settle_data(op, sealed);
        }
        let mut effects = Effects::default();
        let aged = self.introduce(op, newcomers);
        effects.introduced = newcomers
            .iter()
            .map(|new| DeviceId::of(&new.keys))
            .collect();
        let latest = self
            .control
            .last_key_value()
            .is_none_or(|(last, _)| *last < op.order());
        let disturbed = self.insert_into_core(op);
        self.control.insert(op.order(), op.clone());
        // A reduction bears on acts that the rule core does not know, if it had not seen them.
        let reduces = matches!(op.action, Action::RevokeDevice(_)) && !self.has_seen_all(op);
        if latest && !disturbed && !aged && !reduces {
            self.apply_last(op);
        } else {
            if aged {
                self.rebuild_core();
            }
            let before = self.state.standings().clone();
            self.rebuild();
            effects.changed = self.state.changes_since(&before, &op.id);
            effects.rejudge_data = true;
        }
        let standing = self.state.standing(&op.id);
        effects.standing = Some(standing);
        match take_bundle_key(op, keys) {
            Ok(learned) => effects.learned.extend(learned),
            Err(BadWrap) => effects
                .unopened
                .extend(epoch_of(op).map(|(_, epoch)| epoch.key)),
        }
        if let (Action::StartEpoch(start), Standing::Valid) = (&op.action, standing) {
            effects.reseals = super::judge::applied_reseals(op, start, sealed);
        }
        effects
    }

    fn settle_data(&self, op: &VerifiedOp, sealed: SealedVersions) -> Effects {
        let standing = self.judge_data(op);
        let versions = if standing == Standing::Void {
            Vec::new()
        } else {
            applied_versions(op, sealed)
        };
        Effects {
            standing: Some(standing),
            versions,
            ..Effects::default()
        }
    }

    /// How a data op stands now that was applied before, and what it brings: to be asked of the
    /// team's data ops when another op's effects say [`Effects::rejudge_data`]. None if this is no
    /// data op that was applied, or its pack is missing.
    pub fn judge_again(
        &mut self,
        arrival: Arrival<'_>,
        keys: &Keyring,
        archive: &dyn Archive,
    ) -> Option<Effects> {
        let signed = SignedOp::verify(arrival.op)
            .ok()
            .filter(|signed| signed.team() == self.team)?;
        let device = signed.device();
        let place = self
            .chains
            .find(&device, signed.seq(), &signed.id(), archive)?;
        let log_key = keys.log_key(&signed.log_key())?;
        let opened = signed
            .open(log_key)
            .ok()
            .filter(|opened| opened.action().is_data())?;
        let (past, lamport) = self.chains.past_of(place);
        let author = self.author_by(&device, &past)?;
        let sealed = sealed_versions(opened.action(), arrival.pack).ok()?;
        let op = opened.verified(
            author,
            Placed {
                place,
                past,
                lamport,
            },
        );
        Some(self.settle_data(&op, sealed))
    }

    fn has_seen_all(&self, op: &VerifiedOp) -> bool {
        let Placed { place, past, .. } = &op.placed;
        self.chains
            .heads()
            .all(|(chain, _, seq, _)| chain == place.chain || past.includes(chain, seq))
    }

    /// Hands an op that the rule core judges to it. True when another op's verdict changed.
    pub(super) fn insert_into_core(&mut self, op: &VerifiedOp) -> bool {
        let Some(control) = self.control_of(op) else {
            return false;
        };
        let changes = self
            .core
            .insert(control)
            .expect("places are handed out once and in order");
        changes
            .valid
            .iter()
            .chain(&changes.void)
            .any(|changed| *changed != op.id)
    }

    /// Fills the rule core anew, after a device's age changed.
    pub(super) fn rebuild_core(&mut self) {
        let controls: Vec<_> = self
            .control
            .values()
            .filter_map(|op| self.control_of(op))
            .collect();
        self.core = Core::new(self.genesis);
        self.core
            .extend(controls)
            .expect("(lamport, id) is a causal order, and ids are unique");
    }

    /// The op as the rule core sees it, if it is one of those that the core judges.
    fn control_of(&self, op: &VerifiedOp) -> Option<Control<OpId, MemberId, DeviceAge>> {
        let act = match &op.action {
            Action::Genesis(_) => Act::Genesis,
            Action::AddDevice(_) => {
                let brought = |one: &Introduction| one.by == Some(op.id);
                let new = self
                    .introduced
                    .values()
                    .find(|device| device.introductions().any(brought))?;
                Act::AddDevice {
                    member: op.member,
                    device: new.age(),
                }
            }
            Action::RevokeDevice(revoke) => {
                let target = self.introduced.get(&revoke.device)?;
                target
                    .within(&op.placed.past)
                    .find(|one| one.member == revoke.member)?;
                Act::RevokeDevice {
                    member: revoke.member,
                    device: target.age(),
                }
            }
            _ => return None,
        };
        Some(Control {
            id: op.id,
            origin: self.origin(op),
            lamport: op.placed.lamport,
            act,
        })
    }

    pub(super) fn origin(&self, op: &VerifiedOp) -> Origin<OpId, MemberId, DeviceAge> {
        Origin {
            author: op.member,
            device: self.introduced[&op.device].age(),
            device_added_by: op.added_by,
            chain: op.placed.place.chain,
            position: op.placed.place.seq,
            past: op.placed.past.clone(),
        }
    }
}

/// The bundle and key of the epoch that an op starts.
fn epoch_of(op: &VerifiedOp) -> Option<(BundleId, &EpochKey)> {
    match &op.action {
        Action::CreateBundle(create) => Some((create.bundle, &create.epoch)),
        Action::StartEpoch(start) => Some((start.bundle, &start.epoch)),
        _ => None,
    }
}

/// Takes the key of the epoch that an op starts, valid or not: puts may stand under it.
pub(super) fn take_bundle_key(
    op: &VerifiedOp,
    keys: &mut Keyring,
) -> Result<Option<Learned>, BadWrap> {
    let Some((bundle, epoch)) = epoch_of(op) else {
        return Ok(None);
    };
    keys.take_bundle_key(bundle, epoch.key, &epoch.wraps, op.device)
}

fn applied_versions(op: &VerifiedOp, sealed: SealedVersions) -> Vec<AppliedVersion> {
    let version = |bundle, new: &NewVersion, sealed| AppliedVersion {
        bundle,
        entry: new.0,
        version: new.1,
        predecessors: new.2.clone(),
        sealed,
    };
    match &op.action {
        Action::Put(put) => put
            .versions
            .iter()
            .zip(sealed)
            .map(|(new, sealed)| version(put.bundle, new, Some((put.epoch, sealed.into_vec()))))
            .collect(),
        Action::Delete(delete) => delete
            .removals
            .iter()
            .map(|new| version(delete.bundle, new, None))
            .collect(),
        _ => Vec::new(),
    }
}
