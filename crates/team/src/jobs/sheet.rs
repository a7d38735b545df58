//! Sheets: the current values of a service's bundles, sealed to it and signed.

use crypto::{DeviceSecret, KeyId, Purpose, SecretBytes, SecretVec, Signed, Wrapped};
use serde::{Deserialize, Serialize};
use serde_bytes::Bytes;
use thiserror::Error;
use zeroize::Zeroizing;

use super::token::{Service, Token};
use crate::caps;
use crate::cbor;
use crate::entry::{self, Content, Opened};
use crate::error::AuthorError;
use crate::ids::{BundleId, DeviceId, EntryId, MemberId, OpId, TeamId, VersionId};

/// How far a signer's clock may be ahead of the reader's, in seconds.
const AHEAD: u64 = 600;

/// A fingerprint of which versions a sheet holds. Ids are random, so it tells nothing of values.
pub type SheetState = [u8; 32];

/// What a sheet says of itself, beside its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Publication {
    /// More than any sheet that is there has.
    pub count: u64,
    /// Unix seconds, by the signer's clock.
    pub time: u64,
    /// What [`sheet_state`] gives for the versions in it.
    pub state: SheetState,
}

/// A sheet that another signer published, looked at without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Who signed it.
    pub signer: DeviceId,
    /// What it says of itself.
    pub publication: Publication,
}

/// A value that goes into a sheet.
#[derive(Debug, Clone, Copy)]
pub struct Value<'a> {
    /// Its bundle.
    pub bundle: BundleId,
    /// `api` of `api/prod`.
    pub project: &'a str,
    /// `prod` of `api/prod`.
    pub environment: &'a str,
    /// The version that readers choose.
    pub content: &'a Content,
    /// Who wrote it.
    pub author: DeviceId,
}

/// A sheet that was checked and opened.
#[derive(Debug)]
pub struct Sheet {
    /// One more than the one before.
    pub count: u64,
    /// Unix seconds, by its signer's clock.
    pub time: u64,
    /// Who signed it.
    pub signer: DeviceId,
    /// The values.
    pub values: Vec<SheetValue>,
}

/// A value in a sheet.
#[derive(Debug)]
pub struct SheetValue {
    /// Its bundle.
    pub bundle: BundleId,
    /// `api` of `api/prod`.
    pub project: String,
    /// `prod` of `api/prod`.
    pub environment: String,
    /// What it holds.
    pub opened: Opened,
}

/// Why a job gets no values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SheetError {
    /// The token has expired.
    #[error("the token has expired")]
    Expired,
    /// No sheet is there that a device which the token names has signed for this service.
    #[error("no sheet is there that the token's devices have signed for it")]
    Missing,
    /// The newest sheet is below the token's least count: an old state of the remote.
    #[error("ROLLBACK: the newest sheet has count {count}, below the token's least")]
    RolledBack {
        /// Its count.
        count: u64,
    },
    /// The newest sheet is older than the token allows, or from the future.
    #[error("STALE: the newest sheet, of count {count}, is older than the token allows")]
    Stale {
        /// Its count.
        count: u64,
    },
    /// Two sheets of the highest count hold different values.
    #[error("two different sheets have count {count}")]
    Contradiction {
        /// Their count.
        count: u64,
    },
    /// The newest sheet does not open, or is not in the protocol's encoding.
    #[error("the newest sheet can't be opened")]
    Sealed,
}

/// What is signed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    states: Tag,
    v: u8,
    team: TeamId,
    genesis: OpId,
    service: MemberId,
    count: u64,
    time: u64,
    #[serde(with = "serde_bytes")]
    state: SheetState,
    /// Id of the key over `sealed`, which serves this once.
    key: KeyId,
    wrapped: Wrapped,
    #[serde(with = "serde_bytes")]
    sealed: Vec<u8>,
}

/// Tells a sheet from whatever else a device signs.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Tag {
    Sheet,
}

/// What wrap and seal are bound to.
#[derive(Serialize)]
struct Bound {
    kind: &'static str,
    team: TeamId,
    genesis: OpId,
    service: MemberId,
    signer: DeviceId,
    count: u64,
    time: u64,
    #[serde(with = "serde_bytes")]
    state: SheetState,
    key: KeyId,
}

/// (bundle, project, environment, content as in an entry version).
#[derive(Serialize, Deserialize)]
struct Encoded<'a>(BundleId, &'a str, &'a str, #[serde(borrow)] &'a Bytes);

/// The fingerprint of these versions, whatever their order.
pub fn sheet_state(
    versions: impl IntoIterator<Item = (BundleId, EntryId, VersionId)>,
) -> SheetState {
    let mut versions: Vec<_> = versions.into_iter().collect();
    versions.sort_unstable();
    versions.dedup();
    crypto::hash(Purpose::SheetState, &cbor::encode(&versions))
}

/// Signs a sheet. Of several values of one name the one that readers choose comes first.
pub fn seal_sheet(
    signer: &DeviceSecret,
    service: &Service,
    publication: Publication,
    values: &[Value<'_>],
) -> Result<Vec<u8>, AuthorError> {
    let contents: Vec<_> = values
        .iter()
        .map(|value| entry::encode(value.content, value.author))
        .collect();
    let pairs = values.iter().zip(&contents);
    let plaintext = encode(pairs.map(|(value, content)| {
        let content = Bytes::new(content);
        Encoded(value.bundle, value.project, value.environment, content)
    }));
    let key = SecretBytes::make();
    let Publication { count, time, state } = publication;
    let bound = cbor::encode(&Bound {
        kind: "sheet",
        team: service.team,
        genesis: service.genesis,
        service: service.id(),
        signer: DeviceId::of(&signer.public()),
        count,
        time,
        state,
        key: crypto::key_id(&key),
    });
    let wrapped =
        crypto::wrap(&service.public, &bound, &key).map_err(|_| AuthorError::BadRecipient)?;
    let signature = Signature {
        states: Tag::Sheet,
        v: 1,
        team: service.team,
        genesis: service.genesis,
        service: service.id(),
        count,
        time,
        state,
        key: crypto::key_id(&key),
        wrapped,
        sealed: crypto::seal(&key, Purpose::SheetBody, &bound, &plaintext),
    };
    let payload = cbor::encode(&signature);
    if payload.len() > caps::PACK_BYTES {
        return Err(AuthorError::TooLarge);
    }
    Ok(crypto::sign(signer, Purpose::SheetSignature, &payload))
}

/// Looks at an object that is there as the sheet of this count, as a signer does.
pub fn look_at_sheet(service: &Service, count: u64, bytes: &[u8]) -> Option<Seen> {
    let addressee = Addressee {
        team: service.team,
        genesis: service.genesis,
        service: service.id(),
        signers: &service.terms.signers,
    };
    let (signer, sheet) = addressee.verify(count, bytes)?;
    let publication = Publication {
        count,
        time: sheet.time,
        state: sheet.state,
    };
    Some(Seen {
        signer,
        publication,
    })
}

/// Whether an object is a sheet of this count that the token believes, without opening it.
pub fn is_sheet_for(token: &Token, count: u64, bytes: &[u8]) -> bool {
    Addressee::of(token).verify(count, bytes).is_some()
}

/// Chooses among the sheets that the remote shows, each with the count that its name promises, and
/// opens the newest. What no device of the token signed for this service and this count is passed
/// over: anybody can put files there.
pub fn read_sheets<'a>(
    token: &Token,
    sheets: impl IntoIterator<Item = (u64, &'a [u8])>,
    now: u64,
) -> Result<Sheet, SheetError> {
    if now > token.terms.expires {
        return Err(SheetError::Expired);
    }
    let addressee = Addressee::of(token);
    let sheets = sheets.into_iter();
    let all: Vec<(DeviceId, Signature)> = sheets
        .filter_map(|(count, bytes)| addressee.verify(count, bytes))
        .collect();
    let newest = all.iter().map(|(_, sheet)| sheet.count).max();
    let count = newest.ok_or(SheetError::Missing)?;
    if count < token.terms.min_count {
        return Err(SheetError::RolledBack { count });
    }
    let highest = all.into_iter().filter(|(_, sheet)| sheet.count == count);
    let mut chosen: Option<(DeviceId, u64, SecretVec)> = None;
    for (signer, sheet) in highest {
        let plaintext = open(token, signer, &sheet)?;
        chosen = Some(match chosen {
            Some((.., before)) if before != plaintext => {
                return Err(SheetError::Contradiction { count });
            }
            // Of equal ones the newer time counts.
            Some(before) if before.1 >= sheet.time => before,
            _ => (signer, sheet.time, plaintext),
        });
    }
    let (signer, time, plaintext) = chosen.ok_or(SheetError::Missing)?;
    if now.saturating_sub(time) > token.terms.max_age || time.saturating_sub(now) > AHEAD {
        return Err(SheetError::Stale { count });
    }
    // EXPOSE: decoded here; every value goes straight into a secret of its own.
    let values = decode(plaintext.expose()).ok_or(SheetError::Sealed)?;
    Ok(Sheet {
        count,
        time,
        signer,
        values,
    })
}

/// For whom a sheet has to be, and by whom.
struct Addressee<'a> {
    team: TeamId,
    genesis: OpId,
    service: MemberId,
    signers: &'a [DeviceId],
}

impl<'a> Addressee<'a> {
    fn of(token: &'a Token) -> Self {
        Self {
            team: token.team,
            genesis: token.genesis,
            service: token.service(),
            signers: &token.terms.signers,
        }
    }

    /// A sheet of this count for this service, if one of its devices has signed it.
    fn verify(&self, count: u64, bytes: &[u8]) -> Option<(DeviceId, Signature)> {
        if bytes.len() > caps::PACK_BYTES + crypto::ENVELOPE_OVERHEAD {
            return None;
        }
        let signed = Signed::parse(bytes).ok()?;
        let verified = signed.verify_and_open(Purpose::SheetSignature).ok()?;
        let signer = DeviceId::of(&verified.signer());
        if !self.signers.contains(&signer) {
            return None;
        }
        let sheet: Signature = cbor::decode(verified.payload()).ok()?;
        let own = (
            sheet.v,
            sheet.team,
            sheet.genesis,
            sheet.service,
            sheet.count,
        ) == (1, self.team, self.genesis, self.service, count);
        own.then_some((signer, sheet))
    }
}

fn open(token: &Token, signer: DeviceId, sheet: &Signature) -> Result<SecretVec, SheetError> {
    let bound = cbor::encode(&Bound {
        kind: "sheet",
        team: sheet.team,
        genesis: sheet.genesis,
        service: sheet.service,
        signer,
        count: sheet.count,
        time: sheet.time,
        state: sheet.state,
        key: sheet.key,
    });
    let key = crypto::unwrap(&token.exchange(), &bound, &sheet.wrapped, sheet.key);
    let key = key.map_err(|_| SheetError::Sealed)?;
    crypto::open(&key, Purpose::SheetBody, &bound, &sheet.sealed).map_err(|_| SheetError::Sealed)
}

/// One buffer of the right size, which never moves and is wiped.
fn encode<'a>(values: impl Iterator<Item = Encoded<'a>>) -> Zeroizing<Vec<u8>> {
    let values: Vec<Encoded<'_>> = values.collect();
    let size = |value: &Encoded<'_>| value.1.len() + value.2.len() + value.3.len() + 64;
    let capacity = 16 + values.iter().map(size).sum::<usize>();
    let mut out = Zeroizing::new(Vec::with_capacity(capacity));
    serde_ipld_dagcbor::to_writer(&mut *out, &values).expect("a list of texts and bytes encodes");
    out
}

/// Decodes the plaintext of a sheet. Public for the fuzz target only.
#[doc(hidden)]
pub fn decode_values(plaintext: &[u8]) -> Option<usize> {
    decode(plaintext).map(|values| values.len())
}

fn decode(plaintext: &[u8]) -> Option<Vec<SheetValue>> {
    let encoded: Vec<Encoded<'_>> = cbor::decode_loosely(plaintext).ok()?;
    let values = encoded.iter().map(|value| {
        Some(SheetValue {
            bundle: value.0,
            project: value.1.to_owned(),
            environment: value.2.to_owned(),
            opened: entry::decode(value.3).ok()?,
        })
    });
    let values = values.collect::<Option<_>>()?;
    (*encode(encoded.into_iter()) == *plaintext).then_some(values)
}
