//! Requests to join: what a newcomer answers to an invitation with.
//!
//! A request holds the newcomer's keys, each shown to be theirs by its own statement, and a tag
//! under the invitation's code over all of it, so that only who was sent the string can have made
//! it. It is sealed to the invitation's key. Whether the string reached the right person is for
//! people to find out: they compare the safety words (threats 18 and 30).

use crypto::{
    DevicePublic, DeviceSecret, ExchangePublic, KeyId, MemberSeed, Purpose, RecoveryKey,
    SecretBytes, Wrapped,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::caps;
use crate::cbor;
use crate::error::AuthorError;
use crate::ids::{DeviceId, MemberId, OpId, TeamId};
use crate::invitation::{Invitation, InvitationSecrets};
use crate::keyring::Keyring;
use crate::op::{NewDevice, NewMember};
use crate::statement::{make_statement, verify_statement};
use crate::words::derive_words;

/// Keeps these words apart from any other hash.
const WORDS_DOMAIN: &[u8; 32] = b"sealfold/1/safety-words/joining\0";

/// A newcomer who has asked to join: their keys, and the request to be published.
pub struct Joining {
    /// Their keyring: device and seed.
    pub keyring: Keyring,
    /// Generation 0 of their seed, to be stored.
    pub seed: KeyId,
    /// The sealed request.
    pub request: Vec<u8>,
    /// What they read to an approver.
    pub words: Vec<&'static str>,
}

/// A request that an approver has opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    invitation: ExchangePublic,
    member: NewMember,
    statement: Vec<u8>,
    words: Vec<&'static str>,
}

/// Why a request is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RequestError {
    /// Not in the protocol's encoding, or too large.
    #[error("the request to join is malformed")]
    Malformed,
    /// It is for another invitation, or sealed to another key.
    #[error("the request to join is not for this invitation")]
    OtherInvitation,
    /// Who made it does not have the invitation's code.
    #[error("the request to join does not show the invitation's code")]
    WrongCode,
    /// Its keys are not shown to be its sender's.
    #[error("the request to join does not show its own keys")]
    Statement,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    v: u8,
    /// Id of the invitation's key.
    invitation: KeyId,
    /// Id of the key over `sealed`, which serves this once.
    key: KeyId,
    wrapped: Wrapped,
    #[serde(with = "serde_bytes")]
    sealed: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    member: NewMember,
    #[serde(with = "serde_bytes")]
    statement: Vec<u8>,
    #[serde(with = "serde_bytes")]
    tag: [u8; 32],
}

/// What the seal, the wrap and the tag are bound to.
#[derive(Serialize)]
struct Bound<'a> {
    kind: &'static str,
    team: TeamId,
    genesis: OpId,
    invitation: ExchangePublic,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<&'a NewMember>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<&'a serde_bytes::Bytes>,
}

#[derive(Serialize)]
struct Compared {
    team: TeamId,
    genesis: OpId,
    invitation: ExchangePublic,
    public: ExchangePublic,
    device: DevicePublic,
    recovery: DeviceId,
}

/// Makes a newcomer's keys and their request. `member_name` and `device_name` are for people.
pub fn ask_to_join(
    invitation: &Invitation,
    recovery: &RecoveryKey,
    member_name: &str,
    device_name: &str,
) -> Result<Joining, AuthorError> {
    if member_name.len().max(device_name.len()) > caps::NAME_BYTES {
        return Err(AuthorError::TooLarge);
    }
    let Invitation { team, genesis, .. } = *invitation;
    let (device, seed) = (DeviceSecret::make(), MemberSeed::make());
    let public = seed.exchange().public();
    let id = MemberId::derive(&team, &public);
    let states = |signer: &DeviceSecret, purpose| make_statement(signer, purpose, &team, &id);
    let member = NewMember {
        name: member_name.to_owned(),
        public,
        seed: seed.key_id(),
        recovery: states(&recovery.device(), Purpose::RecoveryStatement),
        device: NewDevice {
            name: device_name.to_owned(),
            keys: device.public(),
        },
    };
    let statement = states(&device, Purpose::DeviceStatement);
    let words = words((team, genesis), invitation.public, &member, &statement)
        .expect("its statements were signed here");

    let bound = |kind| Bound::new(kind, (team, genesis), invitation.public);
    let tag = tag(&invitation.code, bound("join_tag"), &member, &statement);
    let inner = cbor::encode(&Inner {
        member,
        statement,
        tag,
    });
    let key = SecretBytes::make();
    let context = cbor::encode(&bound("join"));
    let wrapped =
        crypto::wrap(&invitation.public, &context, &key).map_err(|_| AuthorError::BadRecipient)?;
    // The key seals this one text, so the purpose keeps nothing else apart; the aad says what it is.
    let sealed = crypto::seal(&key, Purpose::OpBody, &with_key(&context, &key), &inner);
    let request = cbor::encode(&Sealed {
        v: 1,
        invitation: invitation.public.recipient_key_id(),
        key: crypto::key_id(&key),
        wrapped,
        sealed,
    });
    let mut keyring = Keyring::new(team, id, device);
    let seed_id = seed.key_id();
    keyring.add_seed(0, seed);
    Ok(Joining {
        keyring,
        seed: seed_id,
        request,
        words,
    })
}

impl Request {
    /// Opens a request with the secrets of the invitation that it answers.
    pub fn open(
        bytes: &[u8],
        (team, genesis): (TeamId, OpId),
        secrets: &InvitationSecrets,
    ) -> Result<Self, RequestError> {
        if bytes.len() > caps::REQUEST_BYTES {
            return Err(RequestError::Malformed);
        }
        let sealed: Sealed = cbor::decode(bytes).map_err(|_| RequestError::Malformed)?;
        if sealed.v != 1 {
            return Err(RequestError::Malformed);
        }
        let invitation = secrets.public();
        if sealed.invitation != invitation.recipient_key_id() {
            return Err(RequestError::OtherInvitation);
        }
        let bound = |kind| Bound::new(kind, (team, genesis), invitation);
        let inner = open_inner(&sealed, &cbor::encode(&bound("join")), secrets)?;
        let Inner {
            member,
            statement,
            tag: given,
        } = inner;
        let expected = tag(&secrets.code, bound("join_tag"), &member, &statement);
        if SecretBytes::new(given) != SecretBytes::new(expected) {
            return Err(RequestError::WrongCode);
        }
        if member.name.len().max(member.device.name.len()) > caps::NAME_BYTES {
            return Err(RequestError::Malformed);
        }
        let words = words((team, genesis), invitation, &member, &statement);
        Ok(Self {
            invitation,
            words: words.ok_or(RequestError::Statement)?,
            member,
            statement,
        })
    }

    /// The key of the invitation that it answers.
    pub fn invitation(&self) -> ExchangePublic {
        self.invitation
    }

    /// Whom it is from, as they say.
    pub fn member(&self) -> &NewMember {
        &self.member
    }

    /// Their device's statement.
    pub fn statement(&self) -> &[u8] {
        &self.statement
    }

    /// What the newcomer must read, word for word.
    pub fn words(&self) -> &[&'static str] {
        &self.words
    }
}

/// Decodes the plaintext of a request. Public for the fuzz target only.
#[doc(hidden)]
pub fn decode_inner(plaintext: &[u8]) -> Result<(), RequestError> {
    let inner = cbor::decode::<Inner>(plaintext);
    inner.map(drop).map_err(|_| RequestError::Malformed)
}

/// The key id of the invitation that a request says to answer; it proves nothing.
pub fn invitation_of(bytes: &[u8]) -> Option<KeyId> {
    if bytes.len() > caps::REQUEST_BYTES {
        return None;
    }
    let sealed: Sealed = cbor::decode(bytes).ok()?;
    Some(sealed.invitation)
}

impl<'a> Bound<'a> {
    fn new(
        kind: &'static str,
        (team, genesis): (TeamId, OpId),
        invitation: ExchangePublic,
    ) -> Self {
        Self {
            kind,
            team,
            genesis,
            invitation,
            member: None,
            statement: None,
        }
    }
}

fn tag<'a>(
    code: &SecretBytes<32>,
    bound: Bound<'a>,
    member: &'a NewMember,
    statement: &'a [u8],
) -> [u8; 32] {
    let bound = Bound {
        member: Some(member),
        statement: Some(serde_bytes::Bytes::new(statement)),
        ..bound
    };
    crypto::keyed_hash(code, &cbor::encode(&bound))
}

fn with_key(context: &[u8], key: &SecretBytes<32>) -> Vec<u8> {
    [context, crypto::key_id(key).as_bytes()].concat()
}

fn open_inner(
    sealed: &Sealed,
    context: &[u8],
    secrets: &InvitationSecrets,
) -> Result<Inner, RequestError> {
    let other = |_| RequestError::OtherInvitation;
    let key =
        crypto::unwrap(&secrets.exchange(), context, &sealed.wrapped, sealed.key).map_err(other)?;
    let aad = with_key(context, &key);
    let inner = crypto::open(&key, Purpose::OpBody, &aad, &sealed.sealed).map_err(other)?;
    // EXPOSE: public keys, statements and a tag are decoded.
    cbor::decode(inner.expose()).map_err(|_| RequestError::Malformed)
}

/// The safety words over a newcomer's keys; none if their statements do not hold.
fn words(
    (team, genesis): (TeamId, OpId),
    invitation: ExchangePublic,
    member: &NewMember,
    statement: &[u8],
) -> Option<Vec<&'static str>> {
    let id = MemberId::derive(&team, &member.public);
    let states = |statement, purpose| verify_statement(statement, purpose, &team, &id);
    let recovery = states(&member.recovery, Purpose::RecoveryStatement)?;
    let device = states(statement, Purpose::DeviceStatement)?;
    let own = device == member.device.keys && recovery != device && member.public.is_sound();
    own.then(|| {
        let compared = Compared {
            team,
            genesis,
            invitation,
            public: member.public,
            device,
            recovery: DeviceId::of(&recovery),
        };
        derive_words(WORDS_DOMAIN, &cbor::encode(&compared))
    })
}
