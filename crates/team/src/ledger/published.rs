//! Reads that devices publish to owners and admins, and how far what a device published goes.

use crypto::{Purpose, SecretBytes, SecretVec};
use serde::Serialize;

use super::Ledger;
use super::author::Authored;
use crate::cbor;
use crate::error::{AuthorError, EntryError};
use crate::ids::{BundleId, DeviceId, MemberId, TeamId};
use crate::keyring::{Keyring, SecretKind};
use crate::op::{Action, Audit, AuditWrap};
use crate::wire::VerifiedOp;

/// What published reads are bound to.
#[derive(Serialize)]
struct AuditAad {
    team: TeamId,
    member: MemberId,
    device: DeviceId,
}

impl Ledger {
    /// Publishes reads of this device to owners and admins; `rows` is what the app makes of them.
    pub fn publish_audit(
        &self,
        keyring: &Keyring,
        rows: &[u8],
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let key = SecretBytes::make();
        let device = DeviceId::of(&keyring.device().public());
        let wraps = self.state.approvers().map(|to| {
            let wrapped = keyring.wrap_secret(SecretKind::Audit, &key, to, device)?;
            Ok(AuditWrap(to.0, to.1, wrapped))
        });
        let wraps = wraps.collect::<Result<_, AuthorError>>()?;
        let aad = self.audit_aad(keyring.member(), device);
        let action = Action::Audit(Audit {
            key: crypto::key_id(&key),
            wraps,
            sealed: crypto::seal(&key, Purpose::AuditRow, &aad, rows),
        });
        self.write(keyring, action, None, time)
    }

    /// All that a device published, void or not: it says so itself. What was published before this
    /// member was owner or admin does not open.
    pub fn published_by<'a>(
        &'a self,
        keyring: &'a Keyring,
        device: &'a DeviceId,
    ) -> impl Iterator<Item = Result<SecretVec, EntryError>> + 'a {
        let own = self.control.values().filter(|op| op.device == *device);
        own.filter_map(|op| match op.action() {
            Action::Audit(audit) => Some(self.open_audit(keyring, op, audit)),
            _ => None,
        })
    }

    /// The Unix time at which a device said that all its reads till then are published: if that was
    /// the last that it said, if it knew by then of every key of the bundle that its member was
    /// handed, and if it speaks with one voice.
    pub fn published_until(&self, device: &DeviceId, bundle: &BundleId) -> Option<u64> {
        let last = self.state.heartbeats.get(device)?;
        let (head, _) = self.chains.head(device)?;
        let beat = &last.heartbeat;
        let whole = beat.published == Some(beat.audit_count)
            && head == last.made.place
            && !self.chains.forked(device);
        let member = self.state.devices.get(device)?.member;
        let (past, _) = self.chains.past_of(head);
        let given = self.state.bundles.get(bundle)?.given.values().flatten();
        let mut theirs = given.filter(|(to, ..)| *to == member);
        let known = theirs.all(|(.., made)| made.within(&past));
        (whole && known).then_some(last.time)
    }

    fn open_audit(
        &self,
        keyring: &Keyring,
        op: &VerifiedOp,
        audit: &Audit,
    ) -> Result<SecretVec, EntryError> {
        let own = audit.wraps.iter().find(|wrap| wrap.0 == keyring.member());
        let AuditWrap(_, generation, wrapped) = own.ok_or(EntryError)?;
        let wrapped = (audit.key, *generation, wrapped);
        let key = keyring.unwrap_secret(SecretKind::Audit, wrapped, op.device);
        let key = key.ok_or(EntryError)?;
        let aad = self.audit_aad(op.member, op.device);
        crypto::open(&key, Purpose::AuditRow, &aad, &audit.sealed).map_err(|_| EntryError)
    }

    fn audit_aad(&self, member: MemberId, device: DeviceId) -> Vec<u8> {
        cbor::encode(&AuditAad {
            team: self.team,
            member,
            device,
        })
    }
}
