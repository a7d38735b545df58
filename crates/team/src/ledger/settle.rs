//! Judging an op that has its place, and working out what it changes: for data the verdict alone;
//! for a control op the rule core, the state, and which earlier verdicts it touches.

use crypto::KeyId;

use super::fold::Fold;
use super::introduce::{Introduction, Newcomer};
use super::receive::sealed_versions;
use super::seen::{Marks, Seen};
use super::state::State;
use super::{AppliedVersion, Arrival, DeviceAge, Effects, Ledger, Standing, origin_of};
use crate::chains::{Archive, Placed};
use crate::ids::{MemberId, OpId};
use crate::keyring::{BadWrap, Keyring, Learned};
use crate::op::{
    Action, BundleWrap, Entrant, EpochKey, Granted, GrantedKey, KeySection, NewVersion,
};
use crate::pack::SealedVersions;
use crate::rules::{Act, Control, Core, Once, Role};
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
            if self.unfolded
                && let Some(round) = &mut self.round
            {
                round.has_guessed(op.id);
            }
            return self.settle_data(op, sealed);
        }
        let mut effects = Effects {
            introduced: newcomers.iter().map(|new| new.device).collect(),
            ..Effects::default()
        };
        match self.take_control(op, newcomers) {
            Taken::InOrder => {
                // A review is about data alone, and changes nothing else.
                effects.rejudge_data = matches!(op.action, Action::Adopt(_) | Action::Drop(_));
            }
            Taken::Disturbing => {
                effects.rejudge_data = true;
                match &mut self.round {
                    Some(round) => round.is_disturbed(&self.state.standings),
                    None => {
                        let before = self.state.standings.clone();
                        self.rebuild();
                        effects.changed = self.state.changes_since(&before, &op.id);
                    }
                }
                self.unfolded = self.round.is_some();
            }
        }
        effects.standing = (!self.unfolded).then(|| self.state.standing(&op.id));
        if let Some(round) = &mut self.round {
            round.tell(op.id, effects.standing);
        }
        let (learned, unopened) = take_bundle_keys(op, keys);
        effects.learned.extend(learned);
        effects.unopened.extend(unopened);
        if effects.standing == Some(Standing::Valid) {
            effects.reseals = super::judge::applied_reseals(op, sealed);
        }
        effects
    }

    /// Takes a placed control op into the rule core and the list of control ops, and applies it if
    /// that is all there is to do; else the state has to be worked out anew.
    pub(super) fn take_control(&mut self, op: &VerifiedOp, newcomers: &[Newcomer]) -> Taken {
        let aged = self.introduce(op, newcomers);
        let born = self.judge_birth(op);
        let place = op.placed.place;
        if let Action::RemoveMember(remove) = &op.action {
            let removals = self.removals.entry(remove.member).or_default();
            removals.push((op.id, place));
        }
        // A remark is judged by its own past, and nothing by it: its place in the order is all one.
        let remark = self.is_remark(op);
        let latest = remark || self.last_control.is_none_or(|last| last < op.order());
        // A reduction bears on acts that the rule core does not know, if it had not seen them.
        let bears = op.action.is_membership() && !self.has_seen_all(op);
        self.born.insert(op.id, born);
        let disturbed = born && self.insert_into_core(op);
        self.control.insert(op.order(), op.clone());
        if !remark {
            self.marks.add(op);
            self.last_control = self.last_control.max(Some(op.order()));
        }
        if aged {
            self.replay();
        }
        if !latest || disturbed || aged || bears {
            return Taken::Disturbing;
        }
        if !self.unfolded {
            self.fold_into_state(std::iter::once(op));
        }
        Taken::InOrder
    }

    /// Whether nothing else depends on an op: it carries no keys, and stands under a log key that
    /// its author had seen in use.
    fn is_remark(&self, op: &VerifiedOp) -> bool {
        let known = self.state.made_in.get(&(op.log_key, None));
        op.action.is_remark()
            && op.keys == KeySection::default()
            && known.is_some_and(|known| known.within(&op.placed.past))
    }

    /// Works the state out from all control ops, in an order that does not depend on arrival.
    pub(super) fn rebuild(&mut self) {
        self.unfolded = false;
        self.state = State::default();
        let control = std::mem::take(&mut self.control);
        #[cfg(test)]
        {
            self.judged += control.len();
        }
        self.fold_into_state(control.values());
        self.control = control;
    }

    fn fold_into_state<'a>(&mut self, ops: impl Iterator<Item = &'a VerifiedOp>) {
        let fold = Fold {
            team: self.team,
            scope: self.core.whole(),
            introduced: &self.introduced,
            brought: &self.brought,
            born: &self.born,
            state: &mut self.state,
        };
        fold.apply_all(ops);
    }

    fn settle_data(&self, op: &VerifiedOp, sealed: SealedVersions) -> Effects {
        let (standing, quarantined_by) = self.judge_data(op);
        let versions = if standing == Standing::Void {
            Vec::new()
        } else {
            applied_versions(op, sealed)
        };
        Effects {
            standing: Some(standing),
            quarantined_by,
            versions,
            ..Effects::default()
        }
    }

    /// How an op stands now that was applied before, and what content it brings: to be asked of
    /// the team's data ops when another op's effects say [`Effects::rejudge_data`], and of a
    /// `start_epoch` or `reseal` that is valid only now. None if no such op was applied, or its
    /// pack is missing.
    pub fn judge_again(
        &mut self,
        arrival: Arrival<'_>,
        keys: &Keyring,
        archive: &dyn Archive,
    ) -> Option<Effects> {
        let signed = SignedOp::verify(arrival.op)
            .ok()
            .filter(|signed| signed.team() == self.team)?;
        let (id, device) = (signed.id(), signed.device());
        let place = self.chains.find(&device, signed.seq(), &id, archive)?;
        let log_key = keys.log_key(&signed.log_key())?;
        let opened = signed.open(log_key).ok()?;
        let sealed = sealed_versions(opened.action(), arrival.pack).ok()?;
        if !opened.action().is_data() {
            let standing = self.state.standing(&id);
            let valid = (standing == Standing::Valid).then(|| self.control_op(&id));
            return Some(Effects {
                standing: Some(standing),
                reseals: valid
                    .flatten()
                    .map_or_else(Vec::new, |op| super::judge::applied_reseals(op, sealed)),
                ..Effects::default()
            });
        }
        let (past, lamport) = self.chains.past_of(place);
        let author = self.author_by(&device, &past)?;
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

    /// Judges all control ops anew, after a device's age changed: births too hang on ages, by the
    /// reductions in their pasts.
    fn replay(&mut self) {
        self.core = Core::new(self.genesis);
        self.born.clear();
        self.removals.clear();
        self.marks = Marks::default();
        self.seen = Seen::default();
        self.last_control = None;
        let before = std::mem::take(&mut self.state).standings;
        self.unfolded = true;
        for op in std::mem::take(&mut self.control).into_values() {
            // Its devices are known: nothing ages any more.
            if let Taken::Disturbing = self.take_control(&op, &[]) {
                self.unfolded = true;
            }
        }
        // What stands otherwise is told by what stood before.
        self.state.standings = before;
        self.unfolded = true;
    }

    /// The op as the rule core sees it, if it is one of those that the core judges.
    fn control_of(&self, op: &VerifiedOp) -> Option<Control<OpId, MemberId, DeviceAge>> {
        let mut once = Vec::new();
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
            Action::AddMember(add) => {
                let member = match &add.entrant {
                    Entrant::New(new) => {
                        let member = MemberId::derive(&self.team, &new.member.public);
                        once = vec![Once::Invitation(new.invitation), Once::Entry(member)];
                        member
                    }
                    Entrant::Back(back) => back.member,
                };
                let role = add.role.into();
                Act::SetRole { member, role }
            }
            Action::SetRole(set) => Act::SetRole {
                member: set.member,
                role: set.role.into(),
            },
            Action::RemoveMember(remove) => Act::SetRole {
                member: remove.member,
                role: Role::None,
            },
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
            origin: origin_of(op, &self.introduced),
            lamport: op.placed.lamport,
            act,
            once,
        })
    }
}

/// What taking in a control op came to.
pub(super) enum Taken {
    /// It follows all others, and is applied.
    InOrder,
    /// It bears on others: the state must be worked out anew.
    Disturbing,
}

/// Takes the bundle keys that an op carries, valid or not: puts may stand under them. Also the ids
/// of those that name this member and do not open.
pub(super) fn take_bundle_keys(op: &VerifiedOp, keys: &mut Keyring) -> (Vec<Learned>, Vec<KeyId>) {
    let (mut learned, mut unopened) = (Vec::new(), Vec::new());
    let mut note = |key, taken: Result<Option<Learned>, BadWrap>| match taken {
        Ok(new) => learned.extend(new),
        Err(BadWrap) => unopened.push(key),
    };
    let mut epoch = |bundle, epoch: &EpochKey| {
        note(
            epoch.key,
            keys.take_bundle_key(bundle, epoch.key, &epoch.wraps, op.device),
        );
    };
    match &op.action {
        Action::CreateBundle(create) => epoch(create.bundle, &create.epoch),
        Action::StartEpoch(start) => epoch(start.bundle, &start.epoch),
        Action::Grant(grant) => {
            let own = grant.to.iter().find(|to| to.0 == keys.member());
            if let Some(Granted(member, generation, granted)) = own {
                for GrantedKey(key, wrapped) in granted {
                    let wrap = BundleWrap(*member, *generation, *wrapped);
                    let taken = keys.take_bundle_key(grant.bundle, *key, &[wrap], op.device);
                    note(*key, taken);
                }
            }
        }
        _ => {}
    }
    (learned, unopened)
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
