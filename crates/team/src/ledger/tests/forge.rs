//! Ops taken apart, changed, and put together again with valid seals and signatures.

use crypto::{DeviceSecret, Purpose, SecretBytes, Signed};

use super::harness::{Packet, Replica};
use crate::cbor;
use crate::error::{AuthorError, Rejection};
use crate::ids::DeviceId;
use crate::keyring::Keyring;
use crate::ledger::{Authored, Effects, Ledger, Receipt, Standing};
use crate::op::{Inner, Outer, sealing_aad};
use crate::wire::VerifiedOp;

/// Both shells of an op.
pub(super) struct Forged {
    pub outer: Outer,
    pub inner: Inner,
}

impl Forged {
    /// What a replica would write now, without writing it.
    pub fn draft(
        replica: &Replica,
        act: impl FnOnce(&Ledger, &Keyring) -> Result<Authored, AuthorError>,
    ) -> Self {
        let authored = act(&replica.ledger, &replica.keys).unwrap();
        Self::of(&Packet::from(authored), &replica.keys)
    }

    /// An op whose log key is at hand, taken apart.
    pub fn of(packet: &Packet, keys: &Keyring) -> Self {
        let signed = Signed::parse(packet.op.clone()).unwrap();
        let verified = signed.verify_and_open(Purpose::OpSignature).unwrap();
        let outer: Outer = cbor::decode(verified.payload()).unwrap();
        // Only a rotation stands under a key that isn't held yet; those tests don't come here.
        let log_key = keys
            .log_key(&outer.log_key)
            .expect("the log key is at hand");
        let inner = crypto::open(
            log_key,
            Purpose::OpBody,
            &sealing_aad(&outer),
            &outer.sealed,
        )
        .unwrap();
        let inner = cbor::decode(inner.expose()).unwrap();
        Self { outer, inner }
    }

    /// Sealed and signed again, as its author's device would.
    pub fn packet(self, keys: &Keyring) -> Packet {
        self.signed_by(keys.device(), keys)
    }

    /// Sealed under a key that a keyring holds, and signed by any device as its own.
    pub fn signed_by(mut self, device: &DeviceSecret, keys: &Keyring) -> Packet {
        let id = DeviceId::of(&device.public());
        (self.outer.device, self.inner.device) = (id, id);
        self.packet_as_is(device, keys)
    }

    /// As [`Self::signed_by`], with the device id that it claims left as it is.
    pub fn packet_as_is(self, device: &DeviceSecret, keys: &Keyring) -> Packet {
        let inner = cbor::encode(&self.inner);
        let log_key = keys
            .log_key(&self.outer.log_key)
            .expect("the log key is at hand");
        seal_and_sign(self.outer, &inner, device, log_key)
    }
}

/// An op with these very bytes inside.
pub(super) fn seal_and_sign(
    mut outer: Outer,
    inner: &[u8],
    device: &DeviceSecret,
    log_key: &SecretBytes<32>,
) -> Packet {
    outer.sealed = crypto::seal(log_key, Purpose::OpBody, &sealing_aad(&outer), inner);
    sign(&cbor::encode(&outer), device)
}

/// An op with these very bytes as its outer shell.
pub(super) fn sign(outer: &[u8], device: &DeviceSecret) -> Packet {
    Packet::new(crypto::sign(device, Purpose::OpSignature, outer))
}

/// The reason for which an op is refused; nothing may have changed.
pub(super) fn rejection(replica: &mut Replica, packet: &Packet) -> Rejection {
    let before = (replica.ledger.state_hash(), replica.log.len());
    let mut receipts = replica.receive(packet);
    assert_eq!((replica.ledger.state_hash(), replica.log.len()), before);
    match (receipts.remove(0), receipts.len()) {
        (Receipt::Rejected { rejection, .. }, 0) => rejection,
        (other, _) => panic!("it should be refused: {other:?}"),
    }
}

/// The op and what it changed.
pub(super) fn applied(replica: &mut Replica, packet: &Packet) -> (VerifiedOp, Effects) {
    match replica.receive(packet).remove(0) {
        Receipt::Applied(op, effects) => (*op, effects),
        other => panic!("it should apply: {other:?}"),
    }
}

/// How an op stands that applies.
pub(super) fn standing(replica: &mut Replica, packet: &Packet) -> Standing {
    applied(replica, packet).1.standing.unwrap()
}
