//! New keys out of what others wrapped and sealed.

use crypto::{KeyId, MemberSeed, Purpose, SecretBytes};

use super::{BadWrap, Keyring, Learned, Recipient, Taken};
use crate::ids::{BundleId, DeviceId};
use crate::op::{BundleWrap, KeySection, KeyWrap, PredecessorSeal, TransportKind};

impl Keyring {
    /// Takes what it can open out of an op's key section: seeds wrapped to this device, log keys
    /// wrapped to its seeds, and predecessors of both. What is for us and does not open is
    /// reported, and no verdict depends on it (threat 17).
    ///
    /// `may_bring_seeds`: not whoever is known to be somebody else. A seed is made by its own
    /// member's devices, and each one that is here is tried on every bundle key.
    pub fn take_from(
        &mut self,
        section: &KeySection,
        author: DeviceId,
        may_bring_seeds: bool,
    ) -> Taken {
        let mut taken = Taken::default();
        // Seeds first: a log key of the same section may be wrapped to one of them.
        let (seeds, others): (Vec<_>, Vec<_>) = section
            .wraps
            .iter()
            .partition(|wrap| matches!(wrap.kind, TransportKind::Seed(_)));
        let own = self.device.exchange.public().recipient_key_id();
        let seeds = seeds
            .into_iter()
            .filter(|wrap| may_bring_seeds && wrap.to == own);
        for wrap in seeds.chain(others) {
            match self.take_wrap(wrap, author) {
                Ok(learned) => taken.learned.extend(learned),
                Err(BadWrap) => taken.unopened.push(wrap.key),
            }
        }
        // Each seal is tried once: as soon as the key that it stands under is here.
        let mut seals: Vec<&PredecessorSeal> = section.seals.iter().collect();
        loop {
            let (ready, rest): (Vec<_>, Vec<_>) = seals
                .into_iter()
                .partition(|seal| self.holds(seal.kind, &seal.under));
            if ready.is_empty() {
                return taken;
            }
            for seal in ready {
                match self.take_predecessor(seal) {
                    Ok(learned) => taken.learned.extend(learned),
                    Err(BadWrap) => taken.unopened.push(seal.key),
                }
            }
            seals = rest;
        }
    }

    fn holds(&self, kind: TransportKind, key: &KeyId) -> bool {
        match kind {
            TransportKind::Seed(_) => self.seeds.contains_key(key),
            TransportKind::Log => self.log.contains_key(key),
        }
    }

    fn take_wrap(&mut self, wrap: &KeyWrap, author: DeviceId) -> Result<Option<Learned>, BadWrap> {
        let KeyWrap {
            kind,
            key,
            to,
            wrapped,
        } = wrap;
        if self.holds(*kind, key) {
            return Ok(None);
        }
        match *kind {
            TransportKind::Seed(generation) => {
                let own = self.device.exchange.public();
                let recipient = Recipient::Device(DeviceId::of(&self.device.public()), own);
                let context = self.context(kind.label(), None, *key, &recipient, author);
                let seed = crypto::unwrap(&self.device.exchange, &context, wrapped, *key)
                    .map_err(|_| BadWrap)?;
                Ok(Some(self.add_seed(generation, MemberSeed::new(seed))))
            }
            TransportKind::Log => {
                let seed = self.by_recipient.get(to).and_then(|id| self.seeds.get(id));
                let Some((generation, seed)) = seed else {
                    return Ok(None);
                };
                let (generation, seed) = (*generation, seed.exchange());
                let recipient = Recipient::Member(self.member, generation, seed.public());
                let context = self.context(kind.label(), None, *key, &recipient, author);
                let log_key =
                    crypto::unwrap(&seed, &context, wrapped, *key).map_err(|_| BadWrap)?;
                Ok(Some(self.add_log_key(log_key)))
            }
        }
    }

    /// Takes a bundle key out of the wraps of an epoch, if one of them is for this member. Each of
    /// the member's seeds is tried: two may be of one generation, and a number proves nothing.
    pub(crate) fn take_bundle_key(
        &mut self,
        bundle: BundleId,
        key: KeyId,
        wraps: &[BundleWrap],
        author: DeviceId,
    ) -> Result<Option<Learned>, BadWrap> {
        // A key that came as another bundle's is news for this one: whoever has it may have put it
        // there first, and its versions are named once it is learned.
        let known = self.bundles.get(&key);
        if known.is_some_and(|(of, _)| *of == bundle) {
            return Ok(None);
        }
        let Some(BundleWrap(_, generation, wrapped)) =
            wraps.iter().find(|wrap| wrap.0 == self.member)
        else {
            return Ok(None);
        };
        let secret = self.unwrap_as("bundle", Some(bundle), (key, *generation, wrapped), author);
        match secret {
            Some(secret) => Ok(Some(self.add_bundle_key(bundle, secret))),
            None if self.seeds.values().any(|(own, _)| own == generation) => Err(BadWrap),
            None => Ok(None),
        }
    }

    fn take_predecessor(&mut self, seal: &PredecessorSeal) -> Result<Option<Learned>, BadWrap> {
        if self.holds(seal.kind, &seal.key) {
            return Ok(None);
        }
        let aad = self.predecessor_aad(seal.kind, seal.under, seal.key);
        let opened = match seal.kind {
            TransportKind::Seed(_) => {
                let (_, under) = self.seeds.get(&seal.under).ok_or(BadWrap)?;
                crypto::open(
                    &under.sealing_key(),
                    Purpose::MemberSeed,
                    &aad,
                    &seal.sealed,
                )
            }
            TransportKind::Log => {
                let under = self.log.get(&seal.under).ok_or(BadWrap)?;
                crypto::open(under, Purpose::LogKey, &aad, &seal.sealed)
            }
        };
        let opened = opened.map_err(|_| BadWrap)?;
        // EXPOSE: 32 bytes go from one secret type into another.
        let key = SecretBytes::from_slice(opened.expose()).ok_or(BadWrap)?;
        if crypto::key_id(&key) != seal.key {
            return Err(BadWrap);
        }
        Ok(Some(match seal.kind {
            TransportKind::Seed(generation) => self.add_seed(generation, MemberSeed::new(key)),
            TransportKind::Log => self.add_log_key(key),
        }))
    }
}
