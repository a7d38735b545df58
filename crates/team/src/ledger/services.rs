//! Services on the ledger: who makes and ends them, which devices publish for them, and what they
//! could read (protocol §7).

use std::collections::BTreeSet;

use super::Ledger;
use super::author::Authored;
use super::exposure::{Lost, SealedVersion};
use super::right::Made;
use super::state::KnownService;
use crate::error::AuthorError;
use crate::ids::{BundleId, DeviceId, MemberId};
use crate::jobs::{Service, ServiceDue};
use crate::keyring::Keyring;
use crate::op::{Action, AddService, RemoveService};
use crate::past::Frontier;

impl Ledger {
    /// Makes a service known. Its token counts once the op was applied.
    pub fn add_service(
        &self,
        keyring: &Keyring,
        name: &str,
        service: &Service,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let add = AddService {
            name: name.to_owned(),
            public: service.public,
            bundles: service.bundles.clone(),
            terms: service.terms.clone(),
        };
        self.write(keyring, Action::AddService(add), None, time)
    }

    /// Ends a service.
    pub fn remove_service(
        &self,
        keyring: &Keyring,
        service: MemberId,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let action = Action::RemoveService(RemoveService { service });
        self.write(keyring, action, None, time)
    }

    /// What is needed to publish for a service.
    pub fn service(&self, id: &MemberId) -> Option<Service> {
        let known = self.state.services.get(id)?;
        Some(Service {
            team: self.team,
            genesis: self.genesis,
            public: known.public,
            bundles: known.bundles.clone(),
            terms: known.terms.clone(),
        })
    }

    /// The listed bundles that a signing device's member may read, but for archived ones.
    pub fn readable_for(&self, service: &Service, signer: &DeviceId) -> BTreeSet<BundleId> {
        let Some(device) = self.state.devices.get(signer) else {
            return BTreeSet::new();
        };
        let readable = service.bundles.iter().filter(|id| {
            let bundle = self.state.bundles.get(id);
            bundle.is_some_and(|of| !of.archived && self.state.has_access(&device.member, of))
        });
        readable.copied().collect()
    }

    /// Whether it is for this device to publish: it signs, and no other standing signer can read
    /// more. So devices that read different bundles never publish by turns.
    pub fn publishes(&self, service: &Service, device: &DeviceId) -> bool {
        let signers = service.terms.signers.iter();
        let standing = signers.filter(|signer| self.device_stands(signer));
        let best = standing
            .map(|signer| self.readable_for(service, signer))
            .max_by(|a, b| a.len().cmp(&b.len()).then_with(|| b.cmp(a)));
        service.terms.signers.contains(device)
            && self.device_stands(device)
            && best.is_some_and(|best| best == self.readable_for(service, device))
    }

    /// What a service needs at `now`, in Unix seconds.
    pub fn service_due(&self, id: &MemberId, now: u64) -> Option<ServiceDue> {
        let known = self.state.services.get(id)?;
        if has_ended(known, now) {
            return Some(ServiceDue::Ended);
        }
        let mut signers = known.terms.signers.iter();
        let gone = signers.find(|device| !self.device_stands(device));
        gone.map(|device| ServiceDue::NewToken(*device))
    }

    /// The bundles of services that ended by `now`.
    pub fn bundles_of_ended_services(&self, now: u64) -> BTreeSet<BundleId> {
        let services = self.state.services.values();
        let ended = services.filter(|service| has_ended(service, now));
        ended.flat_map(|service| service.bundles.clone()).collect()
    }

    /// The services that ended by `now` and whose sheets could hold a version: it was current when
    /// the service was made or came later, and its author did not know yet that it ended.
    pub(super) fn ended_services_with<'a>(
        &'a self,
        version: &'a SealedVersion,
        now: u64,
    ) -> impl Iterator<Item = Lost> + 'a {
        let listed = |service: &KnownService| service.bundles.contains(&version.bundle);
        let held = move |(_, service): &(&MemberId, &KnownService)| {
            let since = version.in_use || version.lamport >= service.made.order.0;
            let until = version.written <= service.terms.expires
                && !service.ends.iter().any(|end| self.was_known(end, version));
            listed(service) && has_ended(service, now) && since && until
        };
        let services = self.state.services.iter().filter(held);
        services.map(|(id, _)| Lost::Service(*id))
    }

    /// Whether who had seen this much knew of a service and of everything that ended it. Of its
    /// expiry all know.
    pub(super) fn knew_of_end(&self, service: &MemberId, past: &Frontier) -> bool {
        let service = self.state.services.get(service);
        service.is_some_and(|service| {
            let mut all = service.ends.iter().chain([&service.made]);
            all.all(|made| made.within(past))
        })
    }

    /// Whether the author of a version had seen what made a fact.
    fn was_known(&self, made: &Made, version: &SealedVersion) -> bool {
        let (device, seq) = version.by;
        let place = self.chains.place_at(&device, seq);
        place.is_some_and(|place| made.within(&self.chains.past_of(place).0))
    }
}

fn has_ended(service: &KnownService, now: u64) -> bool {
    service.is_removed() || now > service.terms.expires
}
