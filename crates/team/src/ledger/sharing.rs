//! Who is given a bundle, what becomes of quarantined data and of exposed versions, and reads that
//! are published, as ops.

use crypto::{Purpose, SecretBytes, SecretVec};
use serde::Serialize;

use super::Ledger;
use super::author::Authored;
use crate::cbor;
use crate::error::{AuthorError, EntryError};
use crate::ids::{BundleId, DeviceId, EntryId, MemberId, OpId, TeamId, VersionId};
use crate::keyring::{Keyring, SecretKind};
use crate::op::{Action, Audit, AuditWrap, Review, SettleExposure, Ungrant};
use crate::rules::Role;

/// What a reviewer decides on quarantined data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reviewed {
    /// It is taken back in. It wins over dropping.
    Adopt,
    /// It is hidden for all.
    Drop,
}

/// What published reads are bound to.
#[derive(Serialize)]
struct AuditAad {
    team: TeamId,
    member: MemberId,
    device: DeviceId,
}

impl Ledger {
    /// Gives a bundle to a member: its current key, and with `history` every older one that is
    /// here. Live versions that stand under another epoch are resealed before.
    pub fn grant(
        &self,
        keyring: &Keyring,
        bundle: BundleId,
        member: MemberId,
        history: bool,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let known = self
            .state
            .bundles
            .get(&bundle)
            .ok_or(AuthorError::NoSuchBundle)?;
        let current = self.state.current_epoch(known);
        let current = current.ok_or(AuthorError::NoBundleKey)?;
        let own = keyring.member();
        let role = self.role(&own);
        let may = role >= Role::Admin || role == Role::Writer && known.creator == own;
        let unverified = || {
            let members = &self.state.members;
            !members.get(&member).is_some_and(|of| of.is_verified())
        };
        if !may
            || !self.state.has_access(&own, known)
            || self.state.has_access(&member, known)
            || self.state.policy.require_verified && unverified()
        {
            return Err(AuthorError::NotAllowed);
        }
        let mut keys = vec![current];
        if history {
            let held = |key: &&_| **key != current && keyring.bundle_key(key).is_some();
            keys.extend(known.epochs.keys().filter(held));
        }
        self.hand_over(keyring, (bundle, member), &keys, false, time)
    }

    /// Takes a bundle from a member. A new epoch is due then.
    pub fn ungrant(
        &self,
        keyring: &Keyring,
        bundle: BundleId,
        member: MemberId,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let action = Action::Ungrant(Ungrant { bundle, member });
        self.write(keyring, action, None, time)
    }

    /// Decides on quarantined data ops of a bundle.
    pub fn review(
        &self,
        keyring: &Keyring,
        bundle: BundleId,
        mut ops: Vec<OpId>,
        verdict: Reviewed,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        ops.sort_unstable();
        ops.dedup();
        let review = Review { bundle, ops };
        let action = match verdict {
            Reviewed::Adopt => Action::Adopt(review),
            Reviewed::Drop => Action::Drop(review),
        };
        self.write(keyring, action, None, time)
    }

    /// Says why an exposed version needs no rotation.
    pub fn settle_exposure(
        &self,
        keyring: &Keyring,
        (bundle, entry, version): (BundleId, EntryId, VersionId),
        reason: &str,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let action = Action::SettleExposure(SettleExposure {
            bundle,
            entry,
            version,
            reason: reason.to_owned(),
        });
        self.write(keyring, action, None, time)
    }

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

    /// Opens reads that a device published, if they were published to this member.
    pub fn open_audit(&self, keyring: &Keyring, op: &OpId) -> Result<SecretVec, EntryError> {
        let op = self.control_op(op).ok_or(EntryError)?;
        let Action::Audit(audit) = op.action() else {
            return Err(EntryError);
        };
        let own = audit.wraps.iter().find(|wrap| wrap.0 == keyring.member());
        let AuditWrap(_, generation, wrapped) = own.ok_or(EntryError)?;
        let wrapped = (audit.key, *generation, wrapped);
        let key = keyring.unwrap_secret(SecretKind::Audit, wrapped, op.device());
        let aad = self.audit_aad(op.member(), op.device());
        crypto::open(
            &key.ok_or(EntryError)?,
            Purpose::AuditRow,
            &aad,
            &audit.sealed,
        )
        .map_err(|_| EntryError)
    }

    fn audit_aad(&self, member: MemberId, device: DeviceId) -> Vec<u8> {
        cbor::encode(&AuditAad {
            team: self.team,
            member,
            device,
        })
    }
}
