//! Invitations: one string, sent out of band, with everything that a newcomer needs but the ops.
//!
//! The string holds a code; the secret half of the invitation's key and the code once more stand in
//! the `invite` op, wrapped to owners and admins only. So a stolen database of a member gives
//! neither (threat 30), and a remote that reads all learns nothing to answer with.

use crypto::{ExchangePublic, ExchangeSecret, SecretBytes, SecretText};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::carried::{bytes_of, to_secret_text};
use crate::cbor;
use crate::ids::{DeviceId, OpId, TeamId};
use crate::op::GivenRole;

/// What an invitation string begins with.
pub const PREFIX: &str = "sealfold-invitation-1-";

/// An invitation, as the newcomer holds it.
#[derive(Debug)]
pub struct Invitation {
    /// Where the team's ops are.
    pub hint: String,
    /// Which team.
    pub team: TeamId,
    /// Its genesis: the newcomer trusts no other.
    pub genesis: OpId,
    /// The op that invites.
    pub invite: OpId,
    /// What the request is sealed to.
    pub public: ExchangePublic,
    /// The device that invites, for people to compare.
    pub inviter: DeviceId,
    /// Shows that a request comes from whom the string was sent to.
    pub code: SecretBytes<32>,
    /// The role that it is for.
    pub role: GivenRole,
    /// Unix seconds.
    pub expires: u64,
}

/// What approvers hold of an invitation.
#[derive(Debug)]
pub struct InvitationSecrets {
    /// Opens requests.
    pub secret: SecretBytes<32>,
    /// The code in the string.
    pub code: SecretBytes<32>,
}

/// The string is no invitation of ours, or not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is no whole invitation")]
pub struct InvitationError;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Encoded<'a> {
    hint: &'a str,
    team: TeamId,
    genesis: OpId,
    invite: OpId,
    public: ExchangePublic,
    inviter: DeviceId,
    #[serde(with = "serde_bytes")]
    code: &'a [u8],
    role: GivenRole,
    expires: u64,
}

impl InvitationSecrets {
    /// New ones, from the system's randomness.
    pub(crate) fn make() -> Self {
        Self {
            secret: SecretBytes::make(),
            code: SecretBytes::make(),
        }
    }

    /// What requests are sealed to.
    pub(crate) fn public(&self) -> ExchangePublic {
        self.exchange().public()
    }

    pub(crate) fn exchange(&self) -> ExchangeSecret {
        // EXPOSE: 32 bytes go from one secret type into another.
        ExchangeSecret::new(SecretBytes::new(*self.secret.expose()))
    }
}

impl Invitation {
    /// The string to send. It is a secret until it is used.
    pub fn to_text(&self) -> SecretText {
        to_secret_text(
            PREFIX,
            &Encoded {
                hint: &self.hint,
                team: self.team,
                genesis: self.genesis,
                invite: self.invite,
                public: self.public,
                inviter: self.inviter,
                // EXPOSE: the code goes into the string that is sent.
                code: self.code.expose(),
                role: self.role,
                expires: self.expires,
            },
        )
    }

    /// Reads a string that was sent; white space around it does not matter.
    pub fn from_text(text: &str) -> Result<Self, InvitationError> {
        let bytes = bytes_of(PREFIX, text).ok_or(InvitationError)?;
        let encoded: Encoded<'_> = cbor::decode(&bytes).map_err(|_| InvitationError)?;
        if !encoded.public.is_sound() {
            return Err(InvitationError);
        }
        Ok(Self {
            hint: encoded.hint.to_owned(),
            team: encoded.team,
            genesis: encoded.genesis,
            invite: encoded.invite,
            public: encoded.public,
            inviter: encoded.inviter,
            code: SecretBytes::from_slice(encoded.code).ok_or(InvitationError)?,
            role: encoded.role,
            expires: encoded.expires,
        })
    }
}
