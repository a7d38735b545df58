//! What an op does. Teams add actions here; the format around them stays.

use crypto::{DevicePublic, ExchangePublic, KeyId, Wrapped};
use serde::{Deserialize, Serialize};

use super::{
    AddMember, AddService, Attest, Audit, Grant, Heartbeat, Invite, Policy, RemoveMember,
    RemoveService, ResealVersions, Review, SetRole, SettleExposure, Ungrant,
};
use crate::ids::{BlobId, BundleId, DeviceId, EntryId, MemberId, VersionId};

/// One act of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Founds the team. Seq 0 of its founder's device, and nothing before it.
    Genesis(Genesis),
    /// Adds a device of the author's own member.
    AddDevice(AddDevice),
    /// Ends a device's right to act.
    RevokeDevice(RevokeDevice),
    /// A new generation of the author's member seed.
    RotateMemberKey(RotateMemberKey),
    /// A new log key.
    RotateLogKey(RotateLogKey),
    /// Makes a bundle and its first epoch.
    CreateBundle(CreateBundle),
    /// Hides a bundle from use, or brings it back.
    ArchiveBundle(ArchiveBundle),
    /// A new bundle key; live versions are sealed anew under it.
    StartEpoch(StartEpoch),
    /// New versions of entries.
    Put(Put),
    /// Removals of entries, kept as versions without content.
    Delete(Delete),
    /// Invites somebody who has no keys here yet.
    Invite(Invite),
    /// Takes somebody in, or back in.
    AddMember(AddMember),
    /// Another role for a member.
    SetRole(SetRole),
    /// Ends a membership.
    RemoveMember(RemoveMember),
    /// Gives a bundle to members, or hands its key to some who were given it before.
    Grant(Grant),
    /// Takes a bundle from a member.
    Ungrant(Ungrant),
    /// Makes a service known, which is given the values of some bundles.
    AddService(AddService),
    /// Ends a service.
    RemoveService(RemoveService),
    /// Live versions sealed anew under a key that the bundle has already.
    Reseal(ResealVersions),
    /// Takes quarantined data back in.
    Adopt(Review),
    /// Hides quarantined data for all.
    Drop(Review),
    /// Says why an exposed version needs no rotation.
    SettleExposure(SettleExposure),
    /// Says that a member's keys were compared with their owner.
    Attest(Attest),
    /// The team's own limits.
    Policy(Policy),
    /// Publishes reads to owners and admins.
    Audit(Audit),
    /// A sign of life.
    Heartbeat(Heartbeat),
}

impl Action {
    /// Whether the rule core judges the op: it concerns who is a member, in which role, with which
    /// devices.
    pub(crate) const fn is_membership(&self) -> bool {
        matches!(
            self,
            Action::Genesis(_)
                | Action::AddMember(_)
                | Action::SetRole(_)
                | Action::RemoveMember(_)
                | Action::AddDevice(_)
                | Action::RevokeDevice(_)
        )
    }

    /// Whether no other op's verdict depends on this one, but for the keys that it carries.
    pub(crate) const fn is_remark(&self) -> bool {
        matches!(
            self,
            Action::Heartbeat(_) | Action::Audit(_) | Action::SettleExposure(_)
        )
    }

    /// Whether the op is about content only. All others are control ops, which the ledger holds
    /// in memory.
    pub const fn is_data(&self) -> bool {
        matches!(self, Action::Put(_) | Action::Delete(_))
    }
}

/// The founding act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// With the founder's device id, this makes the team id.
    #[serde(with = "serde_bytes")]
    pub nonce: [u8; 32],
    /// What the team is called; empty for a personal vault.
    pub team_name: String,
    /// The founder, who is its first owner.
    pub founder: NewMember,
}

/// A member as they enter: their keys, shown to be theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// What they are called.
    pub name: String,
    /// Public half of their seed's first generation. With the team it makes the member id.
    pub public: ExchangePublic,
    /// Id of that seed.
    pub seed: KeyId,
    /// The recovery key's statement: an envelope signed by it over (team, member id).
    #[serde(with = "serde_bytes")]
    pub recovery: Vec<u8>,
    /// Their first device.
    pub device: NewDevice,
}

/// A device as it enters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewDevice {
    /// What it is called.
    pub name: String,
    /// Its keys.
    pub keys: DevicePublic,
}

/// Adds a device. `keys` of the op carries the seed wrapped to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddDevice {
    /// What it is called.
    pub name: String,
    /// Its own envelope over (team, member): it shows possession, and carries the keys.
    #[serde(with = "serde_bytes")]
    pub statement: Vec<u8>,
    /// Whether it is the member's new recovery key.
    pub recovery: bool,
}

/// Revokes a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeDevice {
    /// Which one.
    pub device: DeviceId,
    /// Whose it is.
    pub member: MemberId,
}

/// A new member seed. `keys` of the op wraps it to exactly the member's standing devices and
/// recovery key, and seals the older one under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotateMemberKey {
    /// One more than the generation before.
    pub generation: u32,
    /// Id of the new seed.
    pub seed: KeyId,
    /// Its public half.
    pub public: ExchangePublic,
}

/// A new log key. `keys` of the op wraps it to exactly the members' current generations, and
/// seals every predecessor that is not yet sealed by another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotateLogKey {
    /// Id of the new log key.
    pub key: KeyId,
}

/// A key of a bundle, wrapped to those with access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochKey {
    /// Id of the bundle key: the epoch's name.
    pub key: KeyId,
    /// One wrap a recipient.
    pub wraps: Vec<BundleWrap>,
}

/// A bundle key wrapped to one member's generation: (member, generation, wrap).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleWrap(pub MemberId, pub u32, pub Wrapped);

/// Makes a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateBundle {
    /// Its id.
    pub bundle: BundleId,
    /// `api` of `api/prod`.
    pub project: String,
    /// `prod` of `api/prod`.
    pub environment: String,
    /// The first key, wrapped to its creator.
    pub epoch: EpochKey,
}

/// Archives a bundle, or brings it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveBundle {
    /// Which one.
    pub bundle: BundleId,
    /// The state wanted.
    pub archived: bool,
}

/// Starts an epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartEpoch {
    /// Of which bundle.
    pub bundle: BundleId,
    /// The new key; its recipients must be exactly those with access in the op's past.
    pub epoch: EpochKey,
    /// The epochs it follows.
    pub follows: Vec<KeyId>,
    /// The live versions, sealed anew: no new versions, they make no siblings.
    pub reseals: Vec<Reseal>,
    /// Their sealed bytes, in the same order.
    pub content: Content,
}

/// Which version is sealed anew: (entry, version). Its predecessors and author stay what the
/// version's own op says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reseal(pub EntryId, pub VersionId);

/// New versions of entries of one bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Put {
    /// Which bundle.
    pub bundle: BundleId,
    /// Under which bundle key the content stands.
    pub epoch: KeyId,
    /// The versions.
    pub versions: Vec<NewVersion>,
    /// Their sealed bytes, in the same order.
    pub content: Content,
}

/// A version: (entry, version, the versions it replaces).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewVersion(pub EntryId, pub VersionId, pub Vec<VersionId>);

/// Removals of entries of one bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delete {
    /// Which bundle.
    pub bundle: BundleId,
    /// Versions without content.
    pub removals: Vec<NewVersion>,
}

/// Where sealed bytes are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// In the op.
    Inline(Vec<serde_bytes::ByteBuf>),
    /// In a pack of their own, because together they pass [`crate::caps::INLINE_BYTES`].
    Pack(BlobId),
}
