//! What is wrong with what a remote shows (protocol §9): nothing here changes the state, and every
//! finding names the device and the seq.
//!
//! The remote is untrusted, so none of this is proof of malice: a finding says what was seen, and
//! stays until it is resolved. The ops themselves are the evidence; the vault keeps them.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Ledger, Missing};
use crate::chains::Archive;
use crate::ids::{DeviceId, MemberId, OpId};
use crate::rules::Role;
use crate::wire::SignedOp;

/// Something that people have to be told of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum Finding {
    /// The remote does not show an op any more that it showed before.
    #[error("ROLLBACK: the remote lost op {known} of device {device} at seq {seq}")]
    Rollback {
        /// Whose op.
        device: DeviceId,
        /// Its place.
        seq: u64,
        /// Which op.
        known: OpId,
    },
    /// Somebody cites an op that the remote does not show.
    #[error("WITHHELD: op {op} of device {device} at seq {seq} is cited and not there")]
    Withheld {
        /// Whose op.
        device: DeviceId,
        /// Its place.
        seq: u64,
        /// Which op.
        op: OpId,
        /// An op that cites it, and waits for it.
        by: OpId,
    },
    /// Ops of a device wait for a key or a pack, which others have and the remote does not show.
    #[error(
        "WITHHELD: what is needed to read op {op} of device {device} at seq {seq} is not there"
    )]
    Unread {
        /// Whose op: the first of this device that waits so.
        device: DeviceId,
        /// Its place.
        seq: u64,
        /// Which op.
        op: OpId,
    },
    /// A device has written two ops at one seq: it was copied, or lies.
    #[error("EQUIVOCATION: device {device} wrote several ops at seq {seq}")]
    Equivocation {
        /// Which device. Revoking it is the answer.
        device: DeviceId,
        /// Where its chain parts.
        seq: u64,
        /// The ops there.
        ops: Vec<OpId>,
        /// Whether it is this device: it signs nothing any more.
        own: bool,
    },
    /// Somebody cites an op where another one stands here: they were shown other things.
    #[error(
        "FORK: op {by} cites op {cited} of device {device} at seq {seq}, where {} stands",
        listed(known)
    )]
    Fork {
        /// Whose op.
        device: DeviceId,
        /// Its place.
        seq: u64,
        /// Which op is cited.
        cited: OpId,
        /// Which ops are known there.
        known: Vec<OpId>,
        /// The op that cites it.
        by: OpId,
    },
    /// A device has given no sign of life for longer than the team allows.
    #[error("STALE: nothing has come from device {device} for longer than the team allows")]
    Stale {
        /// Which device.
        device: DeviceId,
        /// Whose.
        member: MemberId,
        /// Its last sign of life by its own clock, in Unix seconds.
        since: u64,
    },
}

fn listed(ops: &[OpId]) -> String {
    let ops: Vec<String> = ops.iter().map(|op| format!("op {op}")).collect();
    ops.join(" and ")
}

/// What a complete listing of a remote shows.
pub trait Shown {
    /// Whether some file covers a device's op at this seq.
    fn covers(&self, device: &DeviceId, seq: u64) -> bool;
}

/// Of ops that were on a remote before (read from it, or pushed there), those that its complete
/// listing does not cover any more. Heads are enough: give the newest of each device.
pub fn rolled_back(
    known: impl IntoIterator<Item = (DeviceId, u64, OpId)>,
    shown: &dyn Shown,
) -> Vec<Finding> {
    let lost = known
        .into_iter()
        .filter(|(device, seq, _)| !shown.covers(device, *seq));
    lost.map(|(device, seq, known)| Finding::Rollback { device, seq, known })
        .collect()
}

impl Ledger {
    /// What is wrong with the ops that came: citations of what is not there, and forks. To be
    /// asked after everything that the remote lists was received.
    pub fn contradictions(&self, own: &DeviceId, archive: &dyn Archive) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (by, missing) in self.waiting() {
            let Missing::Op {
                device, seq, op, ..
            } = *missing
            else {
                continue;
            };
            let known = archive.ids_at(&device, seq);
            findings.push(if self.chains.reaches(&device, seq) && !known.is_empty() {
                Finding::Fork {
                    device,
                    seq,
                    cited: op,
                    known,
                    by: *by,
                }
            } else {
                Finding::Withheld {
                    device,
                    seq,
                    op,
                    by: *by,
                }
            });
        }
        if self.is_let_in(own) {
            findings.extend(self.unread(archive));
        }
        for (device, introduced) in &self.introduced {
            // The recovery key keeps no state: two of its ops at one seq are none of its faults.
            // A device that was revoked is answered.
            if introduced.is_recovery_key() || !self.device_stands(device) {
                continue;
            }
            for seq in self.chains.partings(device) {
                let mut ops = archive.ids_at(device, seq);
                ops.sort_unstable();
                findings.push(Finding::Equivocation {
                    device: *device,
                    seq,
                    ops,
                    own: device == own,
                });
            }
        }
        findings.sort();
        findings
    }

    /// Whether ops of introduced devices wait for what a complete listing may show: others that they
    /// cite, or the keys that those bring. Who is out of the team waits for no key.
    pub fn lacks_cited(&self, own: &DeviceId) -> bool {
        let let_in = self.is_let_in(own);
        self.waiting()
            .any(|(_, missing)| matches!(missing, Missing::Op { .. }))
            || let_in
                && self
                    .waiting
                    .of_known_devices()
                    .any(|(.., missing, _)| matches!(missing, Missing::LogKey(_)))
    }

    fn is_let_in(&self, device: &DeviceId) -> bool {
        let known = self.state.devices.get(device);
        let member = known.is_some_and(|known| self.role(&known.member) > Role::None);
        member && self.device_stands(device)
    }

    /// Of each introduced device the first op that waits for a key or a pack. It says by itself what
    /// is withheld where its predecessor is not here; else that something is: a key comes with an
    /// op, and whoever writes under one has shown that op to the remote first (threat 9).
    fn unread(&self, archive: &dyn Archive) -> Vec<Finding> {
        let mut first: BTreeMap<DeviceId, (u64, OpId, Option<OpId>)> = BTreeMap::new();
        for (op, device, missing, bytes) in self.waiting.of_known_devices() {
            if matches!(missing, Missing::Op { .. }) {
                continue;
            }
            let Ok(signed) = SignedOp::verify(bytes) else {
                continue;
            };
            let this = (signed.seq(), *op, signed.prev());
            let least = first.entry(*device).or_insert(this);
            *least = this.min(*least);
        }
        let of_device = |(device, (seq, op, prev)): (DeviceId, (u64, OpId, Option<OpId>))| {
            let unknown = prev.filter(|prev| {
                let before = seq.saturating_sub(1);
                self.chains.find(&device, before, prev, archive).is_none()
            });
            match unknown {
                Some(prev) => Finding::Withheld {
                    device,
                    seq: seq.saturating_sub(1),
                    op: prev,
                    by: op,
                },
                None => Finding::Unread { device, seq, op },
            }
        };
        first.into_iter().map(of_device).collect()
    }

    /// Standing devices that have given no sign of life for longer than the team's policy allows,
    /// at `now` in Unix seconds. None in a team of one, and never one's own device.
    pub fn stale_devices(&self, own: &DeviceId, now: u64) -> Vec<Finding> {
        let limit = self.state.policy.stale_after;
        let members = self.state.roles.values();
        if limit == 0 || members.filter(|role| **role > Role::None).count() < 2 {
            return Vec::new();
        }
        let devices = self.state.devices.iter();
        let silent = devices.filter_map(|(id, device)| {
            let beat = self.state.heartbeats.get(id).map(|last| last.time);
            let since = beat.unwrap_or(device.added).max(device.added);
            let counts = id != own && !device.recovery && self.device_stands(id);
            (counts && now.saturating_sub(since) > limit).then_some(Finding::Stale {
                device: *id,
                member: device.member,
                since,
            })
        });
        silent.collect()
    }
}
