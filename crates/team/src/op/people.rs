//! Acts about who is a member: inviting, taking in, roles, removing, attesting.

use crypto::{ExchangePublic, KeyId, Purpose, Signed, Wrapped};
use serde::{Deserialize, Serialize};

use super::NewMember;
use crate::cbor;
use crate::ids::{DeviceId, MemberId, OpId, TeamId};
use crate::rules::Role;

/// A role that can be given; removing somebody is an action of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GivenRole {
    /// Reads what is granted.
    Reader,
    /// Writes what is granted, and creates bundles.
    Writer,
    /// Manages members up to admin, grants and rotation.
    Admin,
    /// Manages everyone and the team's policy.
    Owner,
}

impl From<GivenRole> for Role {
    fn from(role: GivenRole) -> Self {
        match role {
            GivenRole::Reader => Role::Reader,
            GivenRole::Writer => Role::Writer,
            GivenRole::Admin => Role::Admin,
            GivenRole::Owner => Role::Owner,
        }
    }
}

/// Invites somebody. Its secrets go to the owners and admins of its past, and to nobody else, so
/// that they stand in nobody's database (threat 30).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// What a request to join is sealed to.
    pub public: ExchangePublic,
    /// The role that it is for.
    pub role: GivenRole,
    /// Unix seconds after which no honest approver uses it.
    pub expires: u64,
    /// Id of the secret half.
    pub secret: KeyId,
    /// Id of the code that is in the invitation string.
    pub code: KeyId,
    /// One an owner or admin.
    pub wraps: Vec<InvitationWrap>,
}

/// An invitation's secrets for one approver: (member, generation, secret half, code).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationWrap(pub MemberId, pub u32, pub Wrapped, pub Wrapped);

/// Takes somebody in. `keys` of the op carries every log key that no later one seals, wrapped to
/// their seed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddMember {
    /// Whom.
    pub entrant: Entrant,
    /// As what.
    pub role: GivenRole,
    /// Whether the author compared the safety words with them: it counts as an [`Attest`].
    pub compared: bool,
}

/// Somebody who comes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entrant {
    /// Somebody new, by an invitation.
    New(Box<Newcomer>),
    /// A former member.
    Back(Returning),
}

/// Somebody new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Newcomer {
    /// Who, with their keys.
    pub member: NewMember,
    /// Their first device's own envelope over (team, member): it shows possession.
    #[serde(with = "serde_bytes")]
    pub statement: Vec<u8>,
    /// The `invite` that is used up by this.
    pub invitation: OpId,
}

/// A former member, with the devices that return; those not named do not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returning {
    /// Who.
    pub member: MemberId,
    /// Which devices, the recovery key among them if it returns; ascending.
    pub devices: Vec<DeviceId>,
    /// An envelope of one of those devices over a [`ReturnStatement`]: the generation in which
    /// they return, for their former ones are stale for ever.
    #[serde(with = "serde_bytes")]
    pub statement: Vec<u8>,
}

impl Returning {
    /// What the statement says, if it is signed and well-formed.
    pub(crate) fn states(&self) -> Option<ReturnStatement> {
        let signed = Signed::parse(self.statement.clone()).ok()?;
        let verified = signed.verify_and_open(Purpose::DeviceStatement).ok()?;
        cbor::decode(verified.payload()).ok()
    }

    /// The device that signed it.
    pub(crate) fn signer(&self) -> Option<DeviceId> {
        let signed = Signed::parse(self.statement.clone()).ok()?;
        let verified = signed.verify_and_open(Purpose::DeviceStatement).ok()?;
        Some(DeviceId::of(&verified.signer()))
    }
}

/// What a former member's device signs to come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnStatement {
    /// Tells this from other statements of a device.
    pub states: ReturnTag,
    /// The team.
    pub team: TeamId,
    /// The member.
    pub member: MemberId,
    /// Number of the generation: more than any before.
    pub generation: u32,
    /// Id of its seed.
    pub seed: KeyId,
    /// Its public half.
    pub public: ExchangePublic,
}

/// The word `return`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnTag {
    /// The only value.
    Return,
}

/// Another role for a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetRole {
    /// Whose.
    pub member: MemberId,
    /// Which.
    pub role: GivenRole,
}

/// Ends a membership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveMember {
    /// Whose.
    pub member: MemberId,
}

/// Says that a member's keys were compared with their owner. It is for one generation: a changed
/// key never inherits it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attest {
    /// Whose.
    pub member: MemberId,
    /// Id of the seed whose public half was compared.
    pub seed: KeyId,
}

/// The team's own limits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Seconds without a sign of life after which a device counts as out of touch; 0 for never.
    pub stale_after: u64,
    /// Whether a bundle may be granted only to members whose keys were compared.
    pub require_verified: bool,
    /// What the team is called from now on: a personal vault becomes a team without being made
    /// anew. Without it the name stays.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
}

/// A sign of life. It may carry keys for others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// Head of the device's audit log, so that cutting its tail shows.
    #[serde(with = "serde_bytes")]
    pub audit_head: [u8; 32],
    /// How many rows that log has.
    pub audit_count: u64,
    /// The reads of this team in rows before this number are published, by [`super::Audit`] ops before this
    /// one. As many as there are rows: all that this device read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub published: Option<u64>,
    /// What age files for the device's member are encrypted to. It stands in an op of the member's
    /// own device, because nobody else can say it of a seed that they don't have.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub age: Option<AgeRecipient>,
}

/// The public half of a member's age key of one generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeRecipient {
    /// Id of the seed that it comes from.
    pub seed: KeyId,
    /// The X25519 key.
    pub public: ExchangePublic,
}
