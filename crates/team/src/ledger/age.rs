//! What age files for a member are encrypted to: their own devices say it, in signs of life.

use std::collections::BTreeSet;

use crypto::ExchangePublic;

use super::Ledger;
use crate::ids::MemberId;
use crate::keyring::Keyring;
use crate::op::AgeRecipient;

impl Ledger {
    /// What a sign of life says of the member whose keyring this is: nothing without their current
    /// seed.
    pub fn own_age_recipient(&self, keyring: &Keyring) -> Option<AgeRecipient> {
        let current = self.state().members().get(&keyring.member())?.current()?;
        let (_, seed) = keyring.seed(&current.seed)?;
        Some(AgeRecipient {
            seed: current.seed,
            public: seed.age().public(),
        })
    }

    /// The age recipient of a member's current generation: as all of their standing devices say
    /// that say anything. Nothing for who is out, whose generation is stale, whose devices
    /// disagree, or did not say yet.
    pub fn age_recipient(&self, member: &MemberId) -> Option<ExchangePublic> {
        let state = self.state();
        state.recipient(member)?;
        let current = state.members().get(member)?.current()?;
        let devices = state.devices().iter();
        let standing = devices.filter(|(id, device)| {
            device.member == *member && !device.recovery && self.device_stands(id)
        });
        let beats = standing.filter_map(|(id, _)| state.heartbeats().get(id));
        let said: BTreeSet<ExchangePublic> = beats
            .filter_map(|last| last.heartbeat.age)
            .filter(|age| age.seed == current.seed)
            .map(|age| age.public)
            .collect();
        let mut said = said.into_iter();
        match (said.next(), said.next()) {
            (Some(only), None) if only.is_sound() => Some(only),
            _ => None,
        }
    }
}
