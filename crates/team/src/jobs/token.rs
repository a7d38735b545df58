//! What a job holds, and what is known of it to those who publish for it.

use crypto::{ExchangePublic, ExchangeSecret, SecretBytes, SecretText};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::carried::{bytes_of, to_secret_text};
use crate::cbor;
use crate::ids::{BundleId, MemberId, OpId, TeamId};
use crate::op::Terms;

/// What a token begins with.
const PREFIX: &str = "sealfold-service-1-";

/// What a job holds. Whoever has it reads every sheet that was ever published to it.
#[derive(Debug)]
pub struct Token {
    /// Where the sheets are.
    pub hint: String,
    /// The team.
    pub team: TeamId,
    /// Its genesis.
    pub genesis: OpId,
    /// Opens the sheets.
    pub(super) secret: SecretBytes<32>,
    /// What holds for it.
    pub terms: Terms,
}

/// What the ledger knows of a service. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The team.
    pub team: TeamId,
    /// Its genesis.
    pub genesis: OpId,
    /// What its sheets are sealed to.
    pub public: ExchangePublic,
    /// The bundles whose values it is given.
    pub bundles: Vec<BundleId>,
    /// What holds for it.
    pub terms: Terms,
}

/// The text is no token of ours, or not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is no whole token of a service")]
pub struct TokenError;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Encoded<'a> {
    hint: &'a str,
    team: TeamId,
    genesis: OpId,
    #[serde(with = "serde_bytes")]
    secret: &'a [u8],
    terms: Terms,
}

/// Makes a service with new keys, and so under a new member id. `hint` says where its sheets are.
pub fn make_service(
    (team, genesis): (TeamId, OpId),
    hint: &str,
    bundles: Vec<BundleId>,
    terms: Terms,
) -> (Token, Service) {
    let token = Token {
        hint: hint.to_owned(),
        team,
        genesis,
        secret: SecretBytes::make(),
        terms: terms.clone(),
    };
    let service = Service {
        team,
        genesis,
        public: token.exchange().public(),
        bundles,
        terms,
    };
    (token, service)
}

impl Token {
    /// The service's member id, under which its sheets lie.
    pub fn service(&self) -> MemberId {
        MemberId::derive(&self.team, &self.exchange().public())
    }

    /// The text for `SEALFOLD_TOKEN`.
    pub fn to_text(&self) -> SecretText {
        to_secret_text(
            PREFIX,
            &Encoded {
                hint: &self.hint,
                team: self.team,
                genesis: self.genesis,
                // EXPOSE: the secret goes into the token that the job is given.
                secret: self.secret.expose(),
                terms: self.terms.clone(),
            },
        )
    }

    /// Reads it; white space around it does not matter.
    pub fn from_text(text: &str) -> Result<Self, TokenError> {
        let bytes = bytes_of(PREFIX, text).ok_or(TokenError)?;
        let encoded: Encoded<'_> = cbor::decode(&bytes).map_err(|_| TokenError)?;
        Ok(Self {
            hint: encoded.hint.to_owned(),
            team: encoded.team,
            genesis: encoded.genesis,
            secret: SecretBytes::from_slice(encoded.secret).ok_or(TokenError)?,
            terms: encoded.terms,
        })
    }

    pub(super) fn exchange(&self) -> ExchangeSecret {
        // EXPOSE: 32 bytes go from one secret type into another.
        ExchangeSecret::new(SecretBytes::new(*self.secret.expose()))
    }
}

impl Service {
    /// Its member id, under which its sheets lie.
    pub fn id(&self) -> MemberId {
        MemberId::derive(&self.team, &self.public)
    }
}
