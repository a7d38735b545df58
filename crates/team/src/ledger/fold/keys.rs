//! Which keys came up where, and who was given them, whatever became of the ops that say so: that
//! is what makes a key stale (protocol §2, *stale*).

use std::collections::BTreeSet;

use super::super::right::Made;
use super::super::state::Transported;
use super::Fold;
use crate::ids::MemberId;
use crate::op::{Action, Entrant, Granted, GrantedKey, TransportKind};
use crate::wire::VerifiedOp;
use crypto::{DevicePublic, KeyId};

impl Fold<'_> {
    /// Where log keys and seeds come up. An op that stands under a log key shows it to everyone who
    /// can read the op, so it counts as well.
    pub(super) fn note_keys_made(&mut self, op: &VerifiedOp) {
        let mut keys = vec![(op.log_key, None)];
        match self.made_by(op) {
            Some(MadeKey::Log(key)) => keys.push((key, None)),
            Some(MadeKey::Seed(member, number, seed)) => {
                keys.push((seed, Some(member)));
                let numbered = self.state.seed_numbers.entry((member, number));
                numbered.or_default().insert(seed);
            }
            None => {}
        }
        for key in keys {
            self.state.made_in.entry(key).or_default().note(op);
        }
    }

    /// Whether the author of an op could have a key that it names.
    fn could_have(&self, op: &VerifiedOp, key: Transported) -> bool {
        let known = self.state.made_in.get(&key);
        known.is_some_and(|known| known.holds(op) || known.within(&op.placed.past))
    }

    /// Who was given a key once has it, so wraps count even where the op is void by now. But only
    /// from authors who could have the key: a seed's own member, a holder of the bundle key, and
    /// for log keys any member who had seen it come up. Nobody else can make a key stale by naming
    /// it (threat 17). `could`: the author was a member with a device of theirs, as they saw it.
    /// One who was not may still hand on a seed that their device was given, and what it opens.
    pub(super) fn note_wraps(&mut self, op: &VerifiedOp, could: bool) {
        let made = Made::by(op);
        let past = &op.placed.past;
        for wrap in &op.keys.wraps {
            let key = (wrap.key, owner(wrap.kind, op));
            if could && self.could_have(op, key) || self.holds_seed(op, &wrap.key) {
                let wrapped = self.state.wrapped_to.entry(key).or_default();
                wrapped.insert(wrap.to);
            }
        }
        for seal in &op.keys.seals {
            let owner = owner(seal.kind, op);
            let could_have = |key: KeyId| {
                could && self.could_have(op, (key, owner)) || self.holds_seed(op, &key)
            };
            if could_have(seal.under) && could_have(seal.key) {
                let sealed = self.state.seals.entry(seal.under).or_default();
                sealed.insert(seal.key);
            }
        }
        let Action::Grant(grant) = &op.action else {
            return;
        };
        let held = |(member, generation, by): &(MemberId, u32, Made)| {
            let opens = || {
                let seeds = self.state.seed_numbers.get(&(*member, *generation));
                let mut seeds = seeds.into_iter().flatten();
                seeds.any(|seed| self.holds_seed(op, seed))
            };
            *member == op.member && by.within(past) && (could || opens())
        };
        let Some(bundle) = self.state.bundles.get(&grant.bundle) else {
            return;
        };
        let holds = |key: &KeyId| {
            let mut given = bundle.given.get(key).into_iter().flatten();
            given.any(held)
        };
        let named = grant.to.iter().flat_map(|Granted(.., keys)| keys);
        let mut keys: BTreeSet<KeyId> = named.map(|key| key.0).collect();
        keys.retain(holds);
        let Some(bundle) = self.state.bundles.get_mut(&grant.bundle) else {
            return;
        };
        for Granted(member, generation, granted) in &grant.to {
            for GrantedKey(key, _) in granted.iter().filter(|key| keys.contains(&key.0)) {
                let given = bundle.given.entry(*key).or_default();
                given.push((*member, *generation, made));
            }
        }
    }

    /// Whether the author's device was given a seed of the author's.
    fn holds_seed(&self, op: &VerifiedOp, seed: &KeyId) -> bool {
        let holders = self.state.wrapped_to.get(&(*seed, Some(op.member)));
        holders.is_some_and(|holders| {
            let device = &self.introduced[&op.device].keys;
            holders.contains(&device.exchange.recipient_key_id())
        })
    }

    /// The key that an op makes.
    fn made_by(&self, op: &VerifiedOp) -> Option<MadeKey> {
        Some(match &op.action {
            Action::Genesis(genesis) => MadeKey::Seed(op.member, 0, genesis.founder.seed),
            Action::RotateMemberKey(rotate) => {
                MadeKey::Seed(op.member, rotate.generation, rotate.seed)
            }
            Action::RotateLogKey(rotate) => MadeKey::Log(rotate.key),
            Action::AddMember(add) => match &add.entrant {
                Entrant::New(new) => MadeKey::Seed(self.brought_member(op)?, 0, new.member.seed),
                Entrant::Back(back) => {
                    let states = back.states()?;
                    MadeKey::Seed(back.member, states.generation, states.seed)
                }
            },
            _ => return None,
        })
    }

    /// A device that has a seed without a wrap, for it made it.
    pub(super) fn note_holder(&mut self, seed: KeyId, member: MemberId, device: &DevicePublic) {
        let holders = self.state.wrapped_to.entry((seed, Some(member)));
        let to = device.exchange.recipient_key_id();
        holders.or_default().insert(to);
    }
}

/// Whose a transported key is: a seed is its author's.
fn owner(kind: TransportKind, op: &VerifiedOp) -> Option<MemberId> {
    match kind {
        TransportKind::Log => None,
        TransportKind::Seed(_) => Some(op.member),
    }
}

/// A log key, or the seed of a member with its number.
enum MadeKey {
    Log(KeyId),
    Seed(MemberId, u32, KeyId),
}
