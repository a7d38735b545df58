//! The way out: an action becomes a signed op, and takes the same way in as everyone else's.

use crypto::{DeviceSecret, Purpose, SecretBytes};

use super::Ledger;
use crate::caps;
use crate::cbor;
use crate::error::{AuthorError, Rejection};
use crate::ids::{DeviceId, OpId};
use crate::op::{Action, Inner, KeySection, Outer, SUITE, VERSION, check_action, sealing_aad};

/// An op written here. It counts only once the ledger has received it and the vault committed it.
#[derive(Debug)]
pub struct Authored {
    /// Its id.
    pub id: OpId,
    /// Its bytes.
    pub op: Vec<u8>,
    /// The pack it cites.
    pub pack: Option<Vec<u8>>,
}

/// Everything in an op but what the ledger adds.
#[derive(Debug)]
pub(super) struct Body {
    pub action: Action,
    pub keys: KeySection,
    pub pack: Option<Vec<u8>>,
}

impl Ledger {
    /// Signs an op of a device (or the recovery key) after all that this ledger has applied, and
    /// seals it under a log key.
    pub(super) fn author(
        &self,
        signer: &DeviceSecret,
        body: Body,
        log_key: &SecretBytes<32>,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        check_action(&body.action).map_err(Rejection::from)?;
        let device = DeviceId::of(&signer.public());
        let head = self.chains.head(&device);
        let seen = head
            .map(|(place, _)| self.chains.seen_with(place).0)
            .unwrap_or_default();
        let cited = self.citations(&seen);
        let places: Vec<_> = cited.iter().map(|(_, place)| *place).collect();
        let placed = self
            .chains
            .plan(&device, head.map(|(place, _)| place), &places);
        let inner = Inner {
            team: self.team,
            device,
            seq: placed.place.seq,
            lamport: placed.lamport,
            deps: cited.into_iter().map(|(dep, _)| dep).collect(),
            time,
            action: body.action,
        };
        let mut outer = Outer {
            v: VERSION,
            suite: SUITE,
            team: self.team,
            device,
            seq: inner.seq,
            prev: head.map(|(_, op)| op),
            log_key: crypto::key_id(log_key),
            keys: body.keys,
            sealed: Vec::new(),
        };
        let plaintext = cbor::encode(&inner);
        outer.sealed = crypto::seal(log_key, Purpose::OpBody, &sealing_aad(&outer), &plaintext);
        let payload = cbor::encode(&outer);
        let op = crypto::sign(signer, Purpose::OpSignature, &payload);
        if op.len() > caps::OP_BYTES {
            return Err(AuthorError::TooLarge);
        }
        Ok(Authored {
            id: OpId::from_bytes(crypto::hash(Purpose::OpId, &payload)),
            op,
            pack: body.pack,
        })
    }
}
