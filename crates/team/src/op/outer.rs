//! The two shells of an op.

use crypto::KeyId;
use serde::{Deserialize, Serialize};

use super::{Action, KeySection};
use crate::cbor;
use crate::ids::{DeviceId, OpId, TeamId};

/// Version of the op format.
pub(crate) const VERSION: u8 = 1;
/// The only suite of primitives (protocol §1).
pub(crate) const SUITE: u8 = 1;

/// What is signed, and readable without any key but for `sealed`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outer {
    pub v: u8,
    pub suite: u8,
    pub team: TeamId,
    pub device: DeviceId,
    /// Place in the device's chain, from 0.
    pub seq: u64,
    /// The op before it in the chain; none at seq 0.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub prev: Option<OpId>,
    /// Under which log key `sealed` stands.
    pub log_key: KeyId,
    pub keys: KeySection,
    #[serde(with = "serde_bytes")]
    pub sealed: Vec<u8>,
}

/// All of [`Outer`] but `sealed`: what the sealed part is bound to.
#[derive(Serialize)]
struct OuterAad<'a> {
    v: u8,
    suite: u8,
    team: &'a TeamId,
    device: &'a DeviceId,
    seq: u64,
    prev: &'a Option<OpId>,
    log_key: &'a KeyId,
    keys: &'a KeySection,
}

/// The associated data of an op's sealed part.
pub(crate) fn sealing_aad(outer: &Outer) -> Vec<u8> {
    let Outer {
        v,
        suite,
        team,
        device,
        seq,
        prev,
        log_key,
        keys,
        sealed: _,
    } = outer;
    cbor::encode(&OuterAad {
        v: *v,
        suite: *suite,
        team,
        device,
        seq: *seq,
        prev,
        log_key,
        keys,
    })
}

/// The sealed part: repeats who and where, and adds what was seen and what is done.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Inner {
    pub team: TeamId,
    pub device: DeviceId,
    pub seq: u64,
    /// 1 + the greatest of prev and deps; 0 at the genesis.
    pub lamport: u64,
    /// Heads of other devices that the author had applied since its own previous op.
    pub deps: Vec<Dep>,
    /// Unix seconds by the author's clock: advice for people, never for rules.
    pub time: u64,
    pub action: Action,
}

/// A citation of another device's op: (device, seq, op id).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dep(pub DeviceId, pub u64, pub OpId);
