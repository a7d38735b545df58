//! Several people: one invites, another asks, both compare words, and the newcomer reads everything
//! from nothing but the invitation and their own keys.

use crypto::RecoveryKey;

use super::super::team::invitation::Invitation;
use super::super::team::join::{self, Joining, Request};
use super::super::team::ledger::{Approval, ApproveError, Ledger};
use super::super::team::op::GivenRole;
use super::{BundleId, MemberId, Packet, Replica, TIME};

/// Somebody who has asked to join and waits to be taken in.
pub struct Asking {
    pub recovery: RecoveryKey,
    pub joining: Joining,
    pub invitation: Invitation,
}

impl Asking {
    /// Answers the string of an invitation.
    pub fn by(text: &str, name: &str) -> Self {
        let recovery = RecoveryKey::make();
        let invitation = Invitation::from_text(text).unwrap();
        let joining = join::ask_to_join(&invitation, &recovery, name, "laptop").unwrap();
        Self {
            recovery,
            joining,
            invitation,
        }
    }

    /// The newcomer's own ledger, still empty.
    pub fn replica(self) -> (RecoveryKey, Replica) {
        let ledger = Ledger::new(self.invitation.team, self.invitation.genesis);
        (self.recovery, Replica::new(ledger, self.joining.keyring))
    }
}

impl Replica {
    pub fn invite(&mut self, role: GivenRole) -> (Packet, String) {
        let packet = self.write(|ledger, keys| ledger.invite(keys, role, TIME + 1_000, TIME));
        let invitation = self
            .ledger
            .invitation(&self.keys, &packet.id(), "file:///remote");
        let text = invitation.expect("its own").to_text();
        (packet, text.expose().to_owned())
    }

    pub fn open_request(&self, asking: &Asking) -> Request {
        let secrets = self
            .ledger
            .invitation_secrets(&self.keys, &asking.invitation.invite)
            .expect("an approver has them");
        let ids = (self.ledger.team(), self.ledger.genesis());
        Request::open(&asking.joining.request, ids, &secrets).unwrap()
    }

    pub fn try_approve(&mut self, asking: &Asking, compared: bool) -> Result<Packet, ApproveError> {
        let request = self.open_request(asking);
        let approval = Approval {
            invitation: asking.invitation.invite,
            request: &request,
            requests: 1,
            compared,
        };
        let packet = Packet::from(self.ledger.approve(&self.keys, approval, TIME)?);
        self.receive(&packet);
        Ok(packet)
    }

    /// Takes somebody in, with the words compared, who then reads everything.
    pub fn take_in(&mut self, name: &str, role: GivenRole) -> (RecoveryKey, Replica) {
        let (_, text) = self.invite(role);
        let asking = Asking::by(&text, name);
        assert_eq!(self.open_request(&asking).words(), asking.joining.words);
        self.try_approve(&asking, true).unwrap();
        let (recovery, mut new) = asking.replica();
        new.sync(self);
        (recovery, new)
    }

    /// Gives a bundle to a member, live versions resealed first.
    pub fn grant(&mut self, bundle: BundleId, member: MemberId) -> Packet {
        let current = self.ledger.current_epoch(&bundle).unwrap();
        let mut live = self.live(bundle);
        live.retain(|(_, version, _)| {
            let sealed = self.versions[version].sealed.as_ref();
            sealed.is_some_and(|sealed| sealed.epoch != current)
        });
        if !live.is_empty() {
            self.write(|ledger, keys| ledger.reseal(keys, bundle, &live, TIME));
        }
        self.write(|ledger, keys| ledger.grant(keys, bundle, member, false, TIME))
    }

    /// Takes in what the others have, and they what it has.
    pub fn meet(&mut self, others: &mut [&mut Replica]) {
        for other in others.iter_mut() {
            self.sync(other);
        }
        for other in others {
            other.sync(self);
        }
    }
}

impl Replica {
    /// The same device with its keys, and nothing read yet.
    pub fn ledger_of_its_own(&self) -> Replica {
        let mut fresh = Replica::joining(self, super::copy(self.keys.device()));
        let seeds: Vec<_> = self.keys.seeds().collect();
        for (id, generation) in seeds {
            let (_, seed) = self.keys.seed(&id).unwrap();
            let copy = crypto::SecretBytes::new(*seed.secret().expose());
            fresh
                .keys
                .add_seed(generation, crypto::MemberSeed::new(copy));
        }
        fresh
    }
}
