//! Which op stands where, of those that the vault has applied: the ledger asks while it receives,
//! and can't wait for the database, so what it will ask is looked up before.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use team::chains::Archive;
use team::ids::{DeviceId, OpId, TeamId};
use vault::Vault;

use super::incoming::Incoming;
use crate::Fault;
use crate::open::Open;

/// The answers, by place.
#[derive(Default)]
pub(super) struct Places(RefCell<HashMap<(DeviceId, u64), Vec<OpId>>>);

impl Places {
    /// Those of all ops of a team: for what may concern any of them.
    pub async fn load(vault: &mut Vault, team: &TeamId) -> Result<Self, Fault> {
        let places = Self::default();
        for (device, seq, op) in vault.op_places(team).await? {
            places.add(device, seq, op);
        }
        Ok(places)
    }

    /// Those of a few ops and of what they cite, as far as the ledger does not hold them itself.
    /// To be asked for when the ops were opened, and again when more of them were: a citation that
    /// was not looked up would be taken for one of an op that is not here.
    pub async fn look_up(
        &self,
        open: &mut Open,
        team: &TeamId,
        ops: &[Rc<Incoming>],
    ) -> Result<(), Fault> {
        let chains = open.teams[team].ledger.chains();
        let mut asked = BTreeSet::new();
        for incoming in ops {
            let Some(signed) = &*incoming.signed() else {
                continue;
            };
            let own = (signed.device(), signed.seq(), signed.id());
            for (device, seq, op) in std::iter::once(own).chain(signed.cited()) {
                if chains.needs_archive(&device, seq, &op) && self.at(&device, seq).is_empty() {
                    asked.insert((device, seq));
                }
            }
        }
        let asked: Vec<_> = asked.into_iter().collect();
        for (device, seq, op) in open.vault.ops_at_places(team, &asked).await? {
            self.add(device, seq, op);
        }
        Ok(())
    }

    /// Together with what others know.
    pub fn with(self, others: &Self) -> Self {
        for ((device, seq), ops) in others.0.borrow().iter() {
            for op in ops {
                self.add(*device, *seq, *op);
            }
        }
        self
    }

    /// Takes note of an op that has just got its place.
    pub fn add(&self, device: DeviceId, seq: u64, op: OpId) {
        let mut places = self.0.borrow_mut();
        let at = places.entry((device, seq)).or_default();
        if !at.contains(&op) {
            at.push(op);
        }
    }

    fn at(&self, device: &DeviceId, seq: u64) -> Vec<OpId> {
        let places = self.0.borrow();
        places.get(&(*device, seq)).cloned().unwrap_or_default()
    }
}

impl Archive for Places {
    fn ids_at(&self, device: &DeviceId, seq: u64) -> Vec<OpId> {
        self.at(device, seq)
    }
}
