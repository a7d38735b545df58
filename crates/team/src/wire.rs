//! From bytes to a verified op, in the only order there is: size, signature, encoding, key,
//! sealed part, encoding again. Each step can be taken only with what the step before gave, so
//! that nothing is opened or believed before its signature held (threat 16).

use crypto::{DevicePublic, KeyId, Purpose, SecretBytes, Signed};

use crate::caps;
use crate::cbor;
use crate::chains::Placed;
use crate::error::{Malformed, Rejection};
use crate::ids::{DeviceId, MemberId, OpId, TeamId};
use crate::keyring::Keyring;
use crate::op::{Action, Dep, Inner, KeySection, Outer, SUITE, VERSION, check_action, sealing_aad};

/// An op whose signature holds. What it does is not told before it has its place.
pub struct SignedOp {
    id: OpId,
    signer: DevicePublic,
    outer: Outer,
    /// The sealed part, where it was opened ahead.
    inner: Option<Inner>,
}

impl SignedOp {
    /// Verifies the signature of an op's bytes, then decodes its outer part.
    pub fn verify(bytes: &[u8]) -> Result<Self, Rejection> {
        if bytes.len() > caps::OP_BYTES {
            return Err(Malformed::TooLarge.into());
        }
        let signed = Signed::parse(bytes.to_vec()).map_err(|_| Malformed::Encoding)?;
        let verified = signed
            .verify_and_open(Purpose::OpSignature)
            .map_err(|_| Rejection::Signature)?;
        let outer: Outer = cbor::decode(verified.payload())?;
        if outer.v != VERSION || outer.suite != SUITE {
            return Err(Malformed::Suite.into());
        }
        let first = outer.seq == 0;
        if outer.device != DeviceId::of(&verified.signer()) || first != outer.prev.is_none() {
            return Err(Malformed::Inconsistent.into());
        }
        if outer.keys.wraps.len() + outer.keys.seals.len() > caps::KEYS {
            return Err(Malformed::TooLarge.into());
        }
        let id = OpId::from_bytes(crypto::hash(Purpose::OpId, verified.payload()));
        Ok(Self {
            id,
            signer: verified.signer(),
            outer,
            inner: None,
        })
    }

    /// Opens the sealed part ahead, if its log key is here, so that it is known after what the op
    /// comes. Neither this nor [`Self::verify`] needs the ledger: for many ops both can be done on
    /// several processors. What does not open is judged by the ledger.
    pub fn open_ahead(&mut self, keys: &Keyring) {
        if let (None, Some(log_key)) = (&self.inner, keys.log_key(&self.outer.log_key)) {
            self.inner = self.open_inner(log_key).ok();
        }
    }

    /// The lamport time that it gives itself, where it was opened ahead. An op comes after all that
    /// it cites, so honest ops in the order of this are in a causal one.
    pub fn lamport(&self) -> Option<u64> {
        Some(self.inner.as_ref()?.lamport)
    }

    /// The ops that it continues or cites: device, seq and id. Citations only where it was opened
    /// ahead.
    pub fn cited(&self) -> impl Iterator<Item = (DeviceId, u64, OpId)> + '_ {
        let seq = self.outer.seq;
        let prev = self
            .outer
            .prev
            .and_then(|prev| Some((self.outer.device, seq.checked_sub(1)?, prev)));
        let deps = self.inner.iter().flat_map(|inner| &inner.deps);
        prev.into_iter()
            .chain(deps.map(|dep| (dep.0, dep.1, dep.2)))
    }

    /// The op's id.
    pub fn id(&self) -> OpId {
        self.id
    }

    /// The device that signed it.
    pub fn device(&self) -> DeviceId {
        self.outer.device
    }

    /// The team it says it belongs to.
    pub fn team(&self) -> TeamId {
        self.outer.team
    }

    /// Its place in the device's chain.
    pub fn seq(&self) -> u64 {
        self.outer.seq
    }

    /// The op before it.
    pub fn prev(&self) -> Option<OpId> {
        self.outer.prev
    }

    /// The log key it is sealed under.
    pub fn log_key(&self) -> KeyId {
        self.outer.log_key
    }

    /// Its key section.
    pub fn keys(&self) -> &KeySection {
        &self.outer.keys
    }

    /// Opens the sealed part.
    pub(crate) fn open(mut self, log_key: &SecretBytes<32>) -> Result<OpenedOp, Rejection> {
        let inner = match self.inner.take() {
            Some(inner) => inner,
            None => self.open_inner(log_key)?,
        };
        Ok(OpenedOp {
            signed: self,
            inner,
        })
    }

    fn open_inner(&self, log_key: &SecretBytes<32>) -> Result<Inner, Rejection> {
        let op = self.id;
        let aad = sealing_aad(&self.outer);
        let inner = crypto::open(log_key, Purpose::OpBody, &aad, &self.outer.sealed)
            .map_err(|_| Rejection::Sealed { op })?;
        // EXPOSE: the inner part is decoded; it holds ids, names and sealed versions, no values.
        let inner = decode_inner(inner.expose())?;
        let Outer {
            team, device, seq, ..
        } = &self.outer;
        if (inner.team, inner.device, inner.seq) != (*team, *device, *seq) {
            return Err(Malformed::Inconsistent.into());
        }
        Ok(inner)
    }
}

/// The time that an op's author gave it, in unix seconds; nothing when it can't be read.
pub fn time_of(bytes: &[u8], keys: &Keyring) -> Option<u64> {
    let signed = SignedOp::verify(bytes).ok()?;
    let log_key = keys.log_key(&signed.log_key())?;
    Some(signed.open(log_key).ok()?.inner.time)
}

/// Decodes the plaintext of a sealed part. Public for the fuzz target only.
#[doc(hidden)]
pub fn decode_body(plaintext: &[u8]) -> Result<(), Malformed> {
    decode_inner(plaintext).map(drop)
}

/// The inner part, in its one encoding and within the caps.
fn decode_inner(plaintext: &[u8]) -> Result<Inner, Malformed> {
    let inner: Inner = cbor::decode(plaintext)?;
    if inner.deps.len() > caps::DEPS {
        return Err(Malformed::TooLarge);
    }
    // One order and no op twice: one set of citations has one encoding. A device that forked
    // may be cited more than once, for each of its branches.
    if !inner.deps.is_sorted_by(|a, b| a < b) {
        return Err(Malformed::Inconsistent);
    }
    check_action(&inner.action)?;
    Ok(inner)
}

/// An op whose sealed part is open, not yet placed in the team's history.
pub(crate) struct OpenedOp {
    signed: SignedOp,
    inner: Inner,
}

impl OpenedOp {
    pub(crate) fn signed(&self) -> &SignedOp {
        &self.signed
    }

    pub(crate) fn signer(&self) -> DevicePublic {
        self.signed.signer
    }

    pub(crate) fn deps(&self) -> &[Dep] {
        &self.inner.deps
    }

    pub(crate) fn lamport(&self) -> u64 {
        self.inner.lamport
    }

    pub(crate) fn action(&self) -> &Action {
        &self.inner.action
    }

    /// The op, once all it cites is applied and its author is known.
    pub(crate) fn verified(self, author: Author, placed: Placed) -> VerifiedOp {
        let SignedOp { id, outer, .. } = self.signed;
        let Inner {
            device,
            seq,
            deps,
            time,
            action,
            ..
        } = self.inner;
        let Author {
            member, added_by, ..
        } = author;
        let Outer { keys, log_key, .. } = outer;
        VerifiedOp {
            id,
            device,
            member,
            added_by,
            seq,
            deps,
            time,
            keys,
            log_key,
            action,
            placed,
        }
    }
}

/// Who wrote an op, by the introduction of its device that it hangs on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Author {
    pub member: MemberId,
    /// The `add_device` that brought the device; none if it came with its member.
    pub added_by: Option<OpId>,
    /// Whether it came as the member's recovery key.
    pub recovery: bool,
}

/// An op whose signature, encoding, chain and citations all hold. Only the ledger makes one.
#[derive(Debug, Clone)]
pub struct VerifiedOp {
    pub(crate) id: OpId,
    pub(crate) device: DeviceId,
    pub(crate) member: MemberId,
    pub(crate) added_by: Option<OpId>,
    pub(crate) seq: u64,
    pub(crate) deps: Vec<Dep>,
    pub(crate) time: u64,
    pub(crate) keys: KeySection,
    pub(crate) log_key: KeyId,
    pub(crate) action: Action,
    pub(crate) placed: Placed,
}

impl VerifiedOp {
    /// The op's id.
    pub fn id(&self) -> OpId {
        self.id
    }

    /// The device that wrote it.
    pub fn device(&self) -> DeviceId {
        self.device
    }

    /// The member whose device that is.
    pub fn member(&self) -> MemberId {
        self.member
    }

    /// Its place in the device's chain, from 0.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// What it cites beyond what its predecessor had seen.
    pub fn deps(&self) -> &[Dep] {
        &self.deps
    }

    /// Unix seconds by its author's clock: advice.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// Its lamport time.
    pub fn lamport(&self) -> u64 {
        self.placed.lamport
    }

    /// The log key it was sealed under.
    pub fn log_key(&self) -> KeyId {
        self.log_key
    }

    /// What it does.
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// The order in which equals are settled: (lamport, op id).
    pub(crate) fn order(&self) -> (u64, OpId) {
        (self.placed.lamport, self.id)
    }
}
