//! Who is given a bundle, and what becomes of quarantined data and of exposed versions, as ops.

use super::Ledger;
use super::author::Authored;
use crate::error::AuthorError;
use crate::ids::{BundleId, EntryId, MemberId, OpId, VersionId};
use crate::keyring::Keyring;
use crate::op::{Action, Review, SettleExposure, Ungrant};
use crate::rules::Role;

/// What a reviewer decides on quarantined data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reviewed {
    /// It is taken back in. It wins over dropping.
    Adopt,
    /// It is hidden for all.
    Drop,
}

impl Ledger {
    /// Gives a bundle to a member, as [`Ledger::grant_to`].
    pub fn grant(
        &self,
        keyring: &Keyring,
        bundle: BundleId,
        member: MemberId,
        history: bool,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.grant_to(keyring, bundle, &[member], history, time)
    }

    /// Gives a bundle to members: its current key, and with `history` every older one that is here,
    /// at most [`crate::caps::GRANTED_KEYS`] of them altogether. Live versions that stand under another epoch
    /// are resealed before.
    pub fn grant_to(
        &self,
        keyring: &Keyring,
        bundle: BundleId,
        members: &[MemberId],
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
        let refused = |member: &MemberId| {
            let verified = self.state.members.get(member).map(|of| of.is_verified());
            self.state.has_access(member, known)
                || self.state.policy.require_verified && verified != Some(true)
        };
        if !may || !self.state.has_access(&own, known) || members.iter().any(refused) {
            return Err(AuthorError::NotAllowed);
        }
        let mut keys = vec![current];
        if history {
            let held = |key: &&_| **key != current && keyring.bundle_key(key).is_some();
            keys.extend(known.epochs.keys().filter(held));
        }
        let to: Vec<_> = members.iter().map(|to| (*to, keys.clone())).collect();
        self.hand_over(keyring, bundle, &to, false, time)
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
}
