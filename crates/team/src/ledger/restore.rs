//! Filling a ledger from what this vault applied before.

use super::Ledger;
use super::introduce::{check_genesis, newcomers};
use super::settle::Taken;
use crate::chains::Place;
use crate::error::{Malformed, Rejection};
use crate::ids::{DeviceId, OpId};
use crate::keyring::Keyring;
use crate::op::Action;
use crate::wire::{Author, SignedOp};

impl Ledger {
    /// Puts an op back that this vault applied before, from its own `op` table, in the order in
    /// which it was applied. Of data ops, those are needed that cite other devices, and all of a
    /// device that forked. The places of others are taken on trust, for the vault's root covers
    /// them.
    pub fn restore(&mut self, bytes: &[u8], keys: &Keyring) -> Result<(), Rejection> {
        let signed = SignedOp::verify(bytes)?;
        let (id, device, seq, prev) = (signed.id(), signed.device(), signed.seq(), signed.prev());
        if signed.team() != self.team {
            return Err(Malformed::OtherTeam.into());
        }
        let log_key = keys
            .log_key(&signed.log_key())
            .ok_or(Rejection::Sealed { op: id })?;
        let opened = signed.open(log_key)?;
        let prev = prev.and_then(|prev| self.trust(device, seq - 1, prev));
        let deps: Vec<Place> = opened
            .deps()
            .iter()
            .filter_map(|dep| self.trust(dep.0, dep.1, dep.2))
            .collect();
        let placed = self.chains.plan(&device, prev, &deps);
        let misplaced = Rejection::Chain {
            op: id,
            device,
            seq,
        };
        if placed.place.seq != seq || deps.len() != opened.deps().len() {
            return Err(misplaced);
        }
        if placed.lamport != opened.lamport() {
            return Err(Rejection::Lamport { op: id });
        }
        let author = match opened.action() {
            Action::Genesis(_) if id != self.genesis => {
                return Err(Rejection::OtherGenesis { op: id });
            }
            Action::Genesis(genesis) => {
                let member = check_genesis(&self.team, &opened, genesis)?;
                Author {
                    member,
                    added_by: None,
                    recovery: false,
                }
            }
            _ => self.author_by(&device, &placed.past).ok_or(misplaced)?,
        };
        let newcomers = newcomers(&self.team, &opened, &author.member, author.recovery)?;
        let data = opened.action().is_data();
        self.chains.place(device, id, &placed, !data);
        if !data {
            let op = opened.verified(author, placed);
            // Many backdated ops in a row are folded once, not once each.
            if let Taken::Disturbing = self.take_control(&op, &newcomers) {
                self.unfolded = true;
            }
        }
        Ok(())
    }

    /// Ends a restore: takes the heads on trust, and works the state out once.
    pub fn restored(&mut self, heads: impl IntoIterator<Item = (DeviceId, u64, OpId)>) {
        for (device, seq, op) in heads {
            self.trust(device, seq, op);
        }
        self.rebuild();
    }

    /// Where an op stands that was applied before; the head of its chain moves on to it over what
    /// is not held in memory. None for a device of which nothing was restored.
    fn trust(&mut self, device: DeviceId, seq: u64, op: OpId) -> Option<Place> {
        self.chains
            .find_held(&device, seq, &op)
            .or_else(|| self.chains.skip_to(&device, seq, op))
    }
}
