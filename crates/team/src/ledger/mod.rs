//! The ledger: a pure function from a set of ops to what the team is.
//!
//! [`Ledger::receive`] takes bytes from anywhere, in any order, and answers for each op: applied
//! with its effects, waiting for something, known, or rejected for good. Control ops are kept in
//! memory; of data ops only their place, for their content is the vault's. The same ops give the
//! same state whatever the order (protocol §0), because every verdict looks at an op's own past
//! and at the settled control ops, never at the order of arrival.
//!
//! The way in: `receive.rs` walks an op from bytes to its place, `waiting.rs` keeps those that can't
//! go all the way yet, `settle.rs` works out what a placed op changes, `round.rs` does so for many at
//! once, and `restore.rs` fills a ledger from what the vault stored. `introduce.rs` knows how devices
//! enter, and `age.rs` how old they are.
//!
//! The verdicts: `judge.rs` holds those that the rule core does not make, `state.rs` what follows from
//! valid ops, `right.rs` what was given and taken away, `fold.rs` how all of it is worked out, and
//! `seen.rs` the same for what authors of concurrent ops had seen.
//!
//! The way out: `author.rs`, `citations.rs` (what an op cites), `draft.rs` (bundles and entries),
//! `enrol.rs` (devices and their keys), `people.rs` (members), `sharing.rs` (grants and reviews),
//! `published.rs` (reads), `services.rs` and `repair.rs` (keys that others lack).
//!
//! For people: `exposure.rs` says what the removed could read, `freshness.rs` what is wrong with what a
//! remote shows, and `reasons.rs` why things are as they are.

mod age;
mod author;
mod citations;
mod draft;
mod enrol;
mod exposure;
mod fold;
mod freshness;
mod introduce;
mod judge;
mod people;
mod published;
mod reasons;
mod receive;
mod repair;
mod restore;
mod right;
mod round;
mod seen;
mod services;
mod settle;
mod sharing;
mod state;
#[cfg(feature = "testing")]
mod testing;
#[cfg(test)]
mod tests;
mod waiting;

use std::collections::BTreeMap;

pub use author::Authored;
use crypto::KeyId;
pub use draft::{Draft, Founding, found_team};
pub use exposure::{ExposedKey, ExposedVersion, ExposureState, Lost, SealedVersion};
pub use freshness::{Finding, Shown, rolled_back};
pub use people::{Approval, ApproveError, Entering, ask_to_return};
pub use reasons::{Duty, Reason};
pub use receive::{Arrival, Receipt};
pub use repair::Owed;
pub use round::Settled;
pub use sharing::Reviewed;
pub use state::{
    Bundle, Device, Due, Epoch, Generation, Invitation, KnownService, LastHeartbeat, Member,
    Settlement, State,
};
#[cfg(feature = "testing")]
pub use testing::op_of_a_stranger;
pub use waiting::Missing;

use crate::chains::{Chains, Place};
use crate::ids::{BundleId, DeviceId, EntryId, MemberId, OpId, TeamId, VersionId};
use crate::keyring::Learned;
use crate::rules::{self, Core, Origin, Role};
use crate::wire::VerifiedOp;

/// Age of a device within the team: the recovery key counts as its member's first device, then
/// the earlier added (protocol §2, §6 rule 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceAge {
    ordinary: bool,
    lamport: u64,
    added_by: OpId,
    device: DeviceId,
}

impl rules::Device for DeviceAge {
    fn is_recovery_key(&self) -> bool {
        !self.ordinary
    }
}

/// How an op stands. It can change when ops arrive later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// In force.
    Valid,
    /// Without effect.
    Void,
    /// Data of a removed author or revoked device that the removal had not seen: kept for review.
    Quarantined,
}

/// The team as this device knows it. It holds no secret: a copy is good for trying something out.
#[derive(Clone)]
pub struct Ledger {
    team: TeamId,
    genesis: OpId,
    chains: Chains,
    core: Core<OpId, MemberId, DeviceAge>,
    introduced: BTreeMap<DeviceId, introduce::Introduced>,
    /// All control ops, by (lamport, id): a causal order that does not depend on arrival.
    control: BTreeMap<(u64, OpId), VerifiedOp>,
    /// Whether each control op was allowed to its author by what they had seen. Judged once.
    born: BTreeMap<OpId, bool>,
    /// Which devices each op introduces.
    brought: BTreeMap<OpId, Vec<DeviceId>>,
    /// Removals of each member, valid or not.
    removals: BTreeMap<MemberId, Vec<(OpId, Place)>>,
    /// Control ops that may bear on others. On remarks nothing else depends: they disturb nobody,
    /// whenever they come.
    marks: seen::Marks,
    /// The last of them.
    last_control: Option<(u64, OpId)>,
    state: State,
    /// Whether `state` lacks ops: it is worked out once somebody asks.
    unfolded: bool,
    /// The round in work, if there is one.
    round: Option<round::Round>,
    seen: seen::Seen,
    /// How many verdicts were worked out in all.
    #[cfg(test)]
    judged: usize,
    waiting: waiting::WaitingRoom,
    /// How many keys were taken from ops of devices that no op had introduced.
    taken_from_strangers: usize,
}

/// What an op changed, for the vault to store in one transaction.
#[derive(Debug, Default)]
pub struct Effects {
    /// How the op itself stands. None for a control op within a round: [`Settled`] says it.
    pub standing: Option<Standing>,
    /// The removal, demotion or revocation because of which data is quarantined, or was until a
    /// review.
    pub quarantined_by: Option<OpId>,
    /// Keys that were not here before.
    pub learned: Vec<Learned>,
    /// Ids of keys that the op wraps or seals to this device or member, but that do not open:
    /// placed there by hand, or broken. Nothing depends on them; people are told who did it.
    pub unopened: Vec<KeyId>,
    /// The op's bytes and its pack, where it had waited: whoever stores what is applied has them here,
    /// whether the op was stored while it waited or not.
    pub waited: Option<(Vec<u8>, Option<Vec<u8>>)>,
    /// New versions of entries.
    pub versions: Vec<AppliedVersion>,
    /// Versions whose sealed bytes now stand under a newer epoch.
    pub reseals: Vec<AppliedReseal>,
    /// Earlier control ops whose verdict changed.
    pub changed: Vec<(OpId, Standing)>,
    /// Data ops that this one had not seen may stand otherwise now: [`Ledger::judge_again`].
    pub rejudge_data: bool,
    /// Devices that it introduces, validly or not.
    pub(crate) introduced: Vec<DeviceId>,
}

/// A version that a valid or quarantined op brought.
#[derive(Debug, PartialEq, Eq)]
pub struct AppliedVersion {
    /// Its bundle.
    pub bundle: BundleId,
    /// Its entry.
    pub entry: EntryId,
    /// Its id.
    pub version: VersionId,
    /// The versions that it replaces.
    pub predecessors: Vec<VersionId>,
    /// Key and sealed bytes; none for a removal.
    pub sealed: Option<(KeyId, Vec<u8>)>,
}

/// A version sealed anew.
#[derive(Debug, PartialEq, Eq)]
pub struct AppliedReseal {
    /// Its entry.
    pub entry: EntryId,
    /// Its id.
    pub version: VersionId,
    /// The device that sealed it anew.
    pub sealed_by: DeviceId,
    /// Key and sealed bytes.
    pub sealed: (KeyId, Vec<u8>),
}

impl Ledger {
    /// An empty ledger that trusts one genesis and no other.
    pub fn new(team: TeamId, genesis: OpId) -> Self {
        Self {
            team,
            genesis,
            chains: Chains::default(),
            core: Core::new(genesis),
            introduced: BTreeMap::new(),
            control: BTreeMap::new(),
            born: BTreeMap::new(),
            brought: BTreeMap::new(),
            removals: BTreeMap::new(),
            marks: seen::Marks::default(),
            last_control: None,
            state: State::default(),
            unfolded: false,
            round: None,
            seen: seen::Seen::default(),
            #[cfg(test)]
            judged: 0,
            waiting: waiting::WaitingRoom::default(),
            taken_from_strangers: 0,
        }
    }

    /// The team.
    pub fn team(&self) -> TeamId {
        self.team
    }

    /// The genesis that is trusted.
    pub fn genesis(&self) -> OpId {
        self.genesis
    }

    /// What follows from all valid ops.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Heads, places and pasts.
    pub fn chains(&self) -> &Chains {
        &self.chains
    }

    /// The role of a member now.
    pub fn role(&self, member: &MemberId) -> Role {
        self.core.now().role(member)
    }

    /// Whether a member may read a bundle now.
    pub fn has_access(&self, member: &MemberId, bundle: &Bundle) -> bool {
        self.state.has_access(member, bundle)
    }

    /// The log key to write under: the newest that is not stale.
    pub fn current_log_key(&self) -> Option<KeyId> {
        self.state.current_log_key()
    }

    /// The key of a bundle to write under: the newest epoch that is not stale.
    pub fn current_epoch(&self, bundle: &BundleId) -> Option<KeyId> {
        self.state.current_epoch(self.state.bundles.get(bundle)?)
    }

    /// The newest epoch of a bundle, stale or not: what its live versions stand under.
    pub fn newest_epoch(&self, bundle: &BundleId) -> Option<KeyId> {
        let epochs = self.state.bundles.get(bundle)?.epochs.iter();
        let newest = epochs.max_by_key(|(_, epoch)| epoch.made);
        newest.map(|(key, _)| *key)
    }

    /// The rotations that this member has to do before writing on, in their order.
    pub fn due(&self, member: &MemberId) -> Vec<Due> {
        self.state.due(member)
    }

    /// Control ops with their standing, in (lamport, id) order.
    pub fn control_ops(&self) -> impl Iterator<Item = (&VerifiedOp, Standing)> {
        self.control
            .values()
            .map(|op| (op, self.state.standing(&op.id)))
    }

    /// A fingerprint of everything that the rules decide: equal sets of ops have equal ones.
    pub fn state_hash(&self) -> [u8; 32] {
        let mut hasher = crypto::Hasher::new(crypto::Purpose::StateHash);
        for (op, standing) in self.control_ops() {
            hasher.update(op.id.as_bytes());
            hasher.update(&[standing as u8]);
        }
        for member in self.state.members().keys() {
            hasher.update(member.as_bytes());
            hasher.update(&[self.role(member) as u8]);
        }
        for device in self.introduced.keys() {
            hasher.update(device.as_bytes());
            hasher.update(&[u8::from(self.device_stands(device))]);
        }
        hasher.finish()
    }
}

/// An op's author, as the rules know them.
fn origin_of(
    op: &VerifiedOp,
    introduced: &BTreeMap<DeviceId, introduce::Introduced>,
) -> Origin<OpId, MemberId, DeviceAge> {
    Origin {
        author: op.member,
        device: introduced[&op.device].age(),
        device_added_by: op.added_by,
        chain: op.placed.place.chain,
        position: op.placed.place.seq,
        past: op.placed.past.clone(),
    }
}
