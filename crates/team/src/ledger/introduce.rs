//! How devices enter: the ops that introduce them, and what each must show.
//!
//! Anyone may repeat a device's statement in an op of their own, at any place that they can sign
//! for. So a device may be introduced more than once, and nothing here may depend on which of
//! those ops came first: a device has one age, the least; and an op of a device hangs on an
//! introduction in its own past.

use crypto::{DevicePublic, Purpose};

use super::{DeviceAge, Ledger};
use crate::chains::Place;
use crate::error::Malformed;
use crate::ids::{DeviceId, MemberId, OpId, TeamId};
use crate::op::{Action, AddDevice, AddMember, Entrant, Genesis, NewMember};
use crate::past::Frontier;
use crate::statement::verify_statement;
use crate::wire::{OpenedOp, VerifiedOp};

/// A device as ops introduced it, whether those are valid or not.
#[derive(Debug, Clone)]
pub(super) struct Introduced {
    pub keys: DevicePublic,
    /// In the order of the ages that they give. Never empty.
    introductions: Vec<Introduction>,
}

/// One op's introduction of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Introduction {
    pub member: MemberId,
    pub age: DeviceAge,
    /// Where the op that introduces it stands.
    pub place: Place,
    /// The `add_device` that the device's rights hang on; none for one that came with its member.
    pub by: Option<OpId>,
}

impl Introduced {
    /// The device's age, the same for all of the team.
    pub fn age(&self) -> DeviceAge {
        self.introductions[0].age
    }

    /// By whom and how it was introduced, the earliest first.
    pub fn introductions(&self) -> impl Iterator<Item = &Introduction> {
        self.introductions.iter()
    }

    /// Those that somebody with this past has seen.
    pub fn within<'a>(&'a self, past: &'a Frontier) -> impl Iterator<Item = &'a Introduction> {
        self.introductions
            .iter()
            .filter(|one| past.includes(one.place.chain, one.place.seq))
    }

    /// Whether it came as its member's recovery key.
    pub fn is_recovery_key(&self) -> bool {
        !self.age().ordinary
    }
}

/// What an op says of a new device.
pub(super) struct Newcomer {
    /// Whose it is.
    pub member: MemberId,
    pub device: DeviceId,
    pub recovery: bool,
    /// Its keys, shown by a statement; none for a known device that returns.
    pub keys: Option<DevicePublic>,
}

impl Newcomer {
    fn new(member: MemberId, keys: DevicePublic, recovery: bool) -> Self {
        Self {
            member,
            device: DeviceId::of(&keys),
            recovery,
            keys: Some(keys),
        }
    }
}

impl Ledger {
    /// The introduction that an op with this past hangs on: the first that is valid for its
    /// author, else the first. None when its author was not introduced in its past.
    pub(super) fn introduction(
        &mut self,
        device: &DeviceId,
        past: &Frontier,
    ) -> Option<Introduction> {
        let seen: Vec<_> = self.introduced.get(device)?.within(past).copied().collect();
        match seen[..] {
            [] => None,
            [only] => Some(only),
            [first, ..] => {
                let view = self.core.at(past);
                // Of somebody who came back, the op that named the device, not the one before.
                let ended = |one: &Introduction| {
                    let known = self.chains.past_of(one.place).0;
                    let mut removals = self.removals.get(&one.member).into_iter().flatten();
                    removals.any(|(removal, place)| {
                        past.includes(place.chain, place.seq)
                            && !known.includes(place.chain, place.seq)
                            && view.is_valid(removal)
                    })
                };
                let lasting: Vec<_> = seen.iter().filter(|one| !ended(one)).copied().collect();
                let valid = |one: &&Introduction| one.by.is_none_or(|by| view.is_valid(&by));
                let mut all = lasting.iter().chain(&seen);
                Some(all.find(valid).copied().unwrap_or(first))
            }
        }
    }

    /// Takes in the devices that a placed op introduces. True when a known device's age changed,
    /// so that what hangs on ages has to be worked out anew.
    pub(super) fn introduce(&mut self, op: &VerifiedOp, newcomers: &[Newcomer]) -> bool {
        let mut aged = false;
        for new in newcomers {
            let device = new.device;
            let age = DeviceAge {
                ordinary: !new.recovery,
                lamport: op.placed.lamport,
                added_by: op.id,
                device,
            };
            let introduction = Introduction {
                member: new.member,
                age,
                place: op.placed.place,
                by: (!matches!(op.action, Action::Genesis(_))).then_some(op.id),
            };
            match (self.introduced.get_mut(&device), new.keys) {
                (Some(known), Some(_)) => {
                    let before = known.age();
                    known.introductions.push(introduction);
                    known.introductions.sort_by_key(|one| one.age);
                    aged |= known.age() != before;
                }
                // A known device returns: its statement is in the op that first brought it, which
                // this one must know, so that its age stays.
                (Some(known), None) => {
                    if known.within(&op.placed.past).next().is_none() {
                        continue;
                    }
                    let age = DeviceAge {
                        ordinary: known.age().ordinary,
                        ..age
                    };
                    known.introductions.push(Introduction {
                        age,
                        ..introduction
                    });
                    known.introductions.sort_by_key(|one| one.age);
                }
                (None, Some(keys)) => {
                    let introductions = vec![introduction];
                    self.introduced.insert(
                        device,
                        Introduced {
                            keys,
                            introductions,
                        },
                    );
                    self.waiting.introduce(&device);
                }
                (None, None) => continue,
            }
            self.brought.entry(op.id).or_default().push(device);
        }
        aged
    }

    /// Whether one device was added before another, so that it outranks it within their member
    /// (protocol §6 rule 4).
    pub fn is_earlier_device(&self, one: &DeviceId, than: &DeviceId) -> bool {
        match (self.introduced.get(one), self.introduced.get(than)) {
            (Some(one), Some(than)) => one.age() < than.age(),
            _ => false,
        }
    }

    /// Whether a device may act for its member now.
    pub fn device_stands(&self, device: &DeviceId) -> bool {
        let known = self.state.devices.get(device);
        known.is_some_and(|known| {
            let standing = self.state.standing.get(&known.member);
            standing.is_some_and(|devices| devices.contains_key(device))
        })
    }
}

/// The devices that an op of this member introduces, with their statements checked. `by_recovery`:
/// the author is the recovery key; only it can bring in another one.
pub(super) fn newcomers(
    team: &TeamId,
    opened: &OpenedOp,
    member: &MemberId,
    by_recovery: bool,
) -> Result<Vec<Newcomer>, Malformed> {
    match opened.action() {
        Action::Genesis(genesis) => {
            let founder = Newcomer::new(*member, opened.signer(), false);
            with_recovery_key(team, member, founder, &genesis.founder)
        }
        Action::AddMember(AddMember {
            entrant: Entrant::New(new),
            ..
        }) => {
            let member = MemberId::derive(team, &new.member.public);
            let purpose = Purpose::DeviceStatement;
            let keys = stated(team, &member, &new.statement, purpose)?;
            if keys != new.member.device.keys {
                return Err(Malformed::Inconsistent);
            }
            let first = Newcomer::new(member, keys, false);
            with_recovery_key(team, &member, first, &new.member)
        }
        Action::AddMember(AddMember {
            entrant: Entrant::Back(back),
            ..
        }) => {
            if back.states().is_none() {
                return Err(Malformed::Inconsistent);
            }
            let returns = |device: &DeviceId| Newcomer {
                member: back.member,
                device: *device,
                recovery: false,
                keys: None,
            };
            Ok(back.devices.iter().map(returns).collect())
        }
        Action::AddDevice(add) => {
            let keys = check_statement(team, member, add)?;
            let allowed = by_recovery || !add.recovery;
            Ok(Vec::from_iter(
                allowed.then(|| Newcomer::new(*member, keys, add.recovery)),
            ))
        }
        _ => Ok(Vec::new()),
    }
}

/// A member's first device, and the recovery key whose statement they bring.
fn with_recovery_key(
    team: &TeamId,
    member: &MemberId,
    first: Newcomer,
    new: &NewMember,
) -> Result<Vec<Newcomer>, Malformed> {
    let keys = stated(team, member, &new.recovery, Purpose::RecoveryStatement)?;
    match first.keys == Some(keys) {
        true => Err(Malformed::Inconsistent),
        false => Ok(vec![first, Newcomer::new(*member, keys, true)]),
    }
}

/// The founder's member id, when the genesis founds just this team.
pub(super) fn check_genesis(
    team: &TeamId,
    opened: &OpenedOp,
    genesis: &Genesis,
) -> Result<MemberId, Malformed> {
    let device = opened.signed().device();
    let first = opened.signed().seq() == 0 && opened.deps().is_empty();
    let own = genesis.founder.device.keys == opened.signer()
        && TeamId::derive(&device, &genesis.nonce) == *team;
    if first && own {
        Ok(MemberId::derive(team, &genesis.founder.public))
    } else {
        Err(Malformed::Inconsistent)
    }
}

/// The keys of the device that an `add_device` brings, when its statement shows them.
fn check_statement(
    team: &TeamId,
    member: &MemberId,
    add: &AddDevice,
) -> Result<DevicePublic, Malformed> {
    let purpose = if add.recovery {
        Purpose::RecoveryStatement
    } else {
        Purpose::DeviceStatement
    };
    stated(team, member, &add.statement, purpose)
}

fn stated(
    team: &TeamId,
    member: &MemberId,
    statement: &[u8],
    purpose: Purpose,
) -> Result<DevicePublic, Malformed> {
    verify_statement(statement, purpose, team, member).ok_or(Malformed::Inconsistent)
}
