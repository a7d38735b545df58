//! The member seed: one secret a generation, that all of a member's devices share.

use crate::{ExchangeSecret, KeyId, Purpose, SecretBytes, derive, key_id};

/// The 32 bytes from which a member's X25519 key, sealing key and age identity of one generation
/// come, each under a purpose of its own (`docs/protocol.md` section 2).
#[derive(Debug)]
pub struct MemberSeed(SecretBytes<32>);

impl MemberSeed {
    /// The seed that was unwrapped or opened.
    #[must_use]
    pub fn new(seed: SecretBytes<32>) -> Self {
        Self(seed)
    }

    /// A new random seed.
    #[must_use]
    pub fn make() -> Self {
        Self(SecretBytes::make())
    }

    /// The seed itself, for wrapping it to a device.
    #[must_use]
    pub fn secret(&self) -> &SecretBytes<32> {
        &self.0
    }

    /// The key that bundle keys and log keys are wrapped to.
    #[must_use]
    pub fn exchange(&self) -> ExchangeSecret {
        ExchangeSecret::new(derive(&self.0, Purpose::MemberExchange))
    }

    /// The key of the member's age identity: for files that stock `age` opens, and for nothing of
    /// ours.
    #[must_use]
    pub fn age(&self) -> ExchangeSecret {
        ExchangeSecret::new(derive(&self.0, Purpose::MemberAge))
    }

    /// The key under which this generation seals its predecessors.
    #[must_use]
    pub fn sealing_key(&self) -> SecretBytes<32> {
        derive(&self.0, Purpose::MemberSealing)
    }

    /// The name of this seed.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        key_id(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_independent_keys() {
        let seed = MemberSeed::new(SecretBytes::new([5; 32]));
        assert_ne!(seed.exchange().secret(), &seed.sealing_key());
        assert_ne!(seed.secret(), &seed.sealing_key());
        assert_ne!(seed.age().secret(), seed.exchange().secret());
        assert_ne!(seed.age().secret(), &seed.sealing_key());
        assert_eq!(
            seed.exchange().public(),
            MemberSeed::new(SecretBytes::new([5; 32]))
                .exchange()
                .public()
        );
        assert_ne!(seed.key_id(), MemberSeed::make().key_id());
    }
}
