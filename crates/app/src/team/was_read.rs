//! What published reads say of an exposed version: that it was read, that it was not, or nothing.

use std::collections::{BTreeMap, BTreeSet};

use team::ids::{BundleId, DeviceId, MemberId, VersionId};
use team::ledger::Lost;

use crate::audit::ReadTimes;
use crate::open::Team;

/// The answer for one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WasRead {
    /// Last at this Unix time, as far as is known.
    Yes(u64),
    /// Not before this Unix time: up to then their devices published all that they read.
    No(u64),
    /// They did not publish everything, or not to this member.
    Unknown,
}

/// What devices published to this member, each opened once.
#[derive(Default)]
pub(super) struct PublishedReads(BTreeMap<DeviceId, Device>);

struct Device {
    reads: ReadTimes,
    /// Whether all that it published opens.
    whole: bool,
}

impl PublishedReads {
    /// Whether a version was read by those who lost it.
    pub fn of(
        &mut self,
        team: &Team,
        lost: &BTreeSet<Lost>,
        (bundle, version): (BundleId, &VersionId),
    ) -> WasRead {
        let mut answer: Option<WasRead> = None;
        for device in lost.iter().flat_map(|lost| devices(team, lost)) {
            let own = match device {
                Some(device) => self.of_device(team, &device, (bundle, version)),
                None => WasRead::Unknown,
            };
            answer = Some(answer.map_or(own, |before| both(before, own)));
        }
        answer.unwrap_or(WasRead::Unknown)
    }

    fn of_device(
        &mut self,
        team: &Team,
        device: &DeviceId,
        (bundle, version): (BundleId, &VersionId),
    ) -> WasRead {
        let known = self.0.entry(*device);
        let known = known.or_insert_with(|| Device::opened(team, device));
        let until = team.ledger.published_until(device, &bundle);
        match (known.reads.of(bundle, version), until) {
            (Some(at), _) => WasRead::Yes(at),
            (None, Some(until)) if known.whole => WasRead::No(until),
            (None, _) => WasRead::Unknown,
        }
    }
}

impl Device {
    fn opened(team: &Team, device: &DeviceId) -> Self {
        let mut reads = ReadTimes::default();
        let mut whole = true;
        for published in team.ledger.published_by(&team.keyring, device) {
            // EXPOSE: only times and the beginnings of ids.
            whole &= published.is_ok_and(|published| reads.take_in(published.expose()));
        }
        Self { reads, whole }
    }
}

/// The devices that it may have been read on; None for one that is not known.
fn devices(team: &Team, lost: &Lost) -> Vec<Option<DeviceId>> {
    let of_member = |member: &MemberId| {
        let all = team.ledger.state().devices().iter();
        let own = all.filter(|(_, device)| device.member == *member && !device.recovery);
        own.map(|(id, _)| Some(*id)).collect()
    };
    match lost {
        Lost::Member(member) => of_member(member),
        Lost::Device(_, device) => vec![Some(*device)],
        // A job publishes no reads.
        Lost::Unknown(..) | Lost::Service(_) => vec![None],
    }
}

fn both(one: WasRead, other: WasRead) -> WasRead {
    match (one, other) {
        (WasRead::Yes(a), WasRead::Yes(b)) => WasRead::Yes(a.max(b)),
        (WasRead::Yes(at), _) | (_, WasRead::Yes(at)) => WasRead::Yes(at),
        (WasRead::Unknown, _) | (_, WasRead::Unknown) => WasRead::Unknown,
        (WasRead::No(a), WasRead::No(b)) => WasRead::No(a.min(b)),
    }
}
