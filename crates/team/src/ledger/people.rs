//! Acts about members, as ops: inviting, approving, roles, removing, coming back, attesting.

use std::collections::BTreeSet;

use crypto::{DeviceSecret, MemberSeed, Purpose, SecretBytes};
use thiserror::Error;

use super::Ledger;
use super::author::Authored;
use crate::cbor;
use crate::error::AuthorError;
use crate::ids::{DeviceId, MemberId, OpId};
use crate::invitation::{Invitation, InvitationSecrets};
use crate::join::Request;
use crate::keyring::{Keyring, Recipient, SecretKind};
use crate::op::{
    Action, AddMember, Attest, Entrant, GivenRole, Heartbeat, InvitationWrap, Invite, KeySection,
    Newcomer, Policy, RemoveMember, ReturnStatement, ReturnTag, Returning, SetRole, TransportKind,
};
use crate::rules::Role;
use crate::wire::VerifiedOp;

/// What an approver knows of a request.
#[derive(Debug, Clone, Copy)]
pub struct Approval<'a> {
    /// The `invite` that it answers.
    pub invitation: OpId,
    /// The request, opened.
    pub request: &'a Request,
    /// How many different requests for this invitation are here, this one included.
    pub requests: usize,
    /// Whether the approver compared the safety words with the newcomer.
    pub compared: bool,
}

/// Why a request was not approved.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ApproveError {
    /// There is no such invitation, or not for this member.
    #[error("there is no such invitation")]
    NoInvitation,
    /// It has expired.
    #[error("the invitation has expired")]
    Expired,
    /// Somebody has come in by it.
    #[error("the invitation has been used")]
    Used,
    /// Owners and admins, and one of several requests, need their words compared.
    #[error("the safety words must be compared first")]
    NotCompared,
    /// It could not be written.
    #[error(transparent)]
    Author(#[from] AuthorError),
}

/// What a former member's device asks for, to come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entering {
    /// Who, which devices, and in which generation, signed.
    pub returning: Returning,
    /// As what.
    pub role: GivenRole,
    /// Whether their words were compared.
    pub compared: bool,
}

impl Ledger {
    /// Invites somebody. The string to send them is [`Ledger::invitation`] once the op is applied.
    pub fn invite(
        &self,
        keyring: &Keyring,
        role: GivenRole,
        expires: u64,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let secrets = InvitationSecrets::make();
        let author = DeviceId::of(&keyring.device().public());
        let wraps = self.state.approvers().map(|to| {
            let wrap = |kind, secret| keyring.wrap_secret(kind, secret, to, author);
            let half = wrap(SecretKind::Invitation, &secrets.secret)?;
            let code = wrap(SecretKind::InvitationCode, &secrets.code)?;
            Ok(InvitationWrap(to.0, to.1, half, code))
        });
        let invite = Invite {
            public: secrets.public(),
            role,
            expires,
            secret: crypto::key_id(&secrets.secret),
            code: crypto::key_id(&secrets.code),
            wraps: wraps.collect::<Result<_, AuthorError>>()?,
        };
        self.write(keyring, Action::Invite(invite), None, time)
    }

    /// The secrets of an invitation, for those who were owner or admin when it was made.
    pub fn invitation_secrets(&self, keyring: &Keyring, op: &OpId) -> Option<InvitationSecrets> {
        let op = self.control_op(op)?;
        let Action::Invite(invite) = op.action() else {
            return None;
        };
        let own = invite.wraps.iter().find(|wrap| wrap.0 == keyring.member());
        let InvitationWrap(_, generation, half, code) = own?;
        let unwrap =
            |kind, key, wrap| keyring.unwrap_secret(kind, (key, *generation, wrap), op.device());
        Some(InvitationSecrets {
            secret: unwrap(SecretKind::Invitation, invite.secret, half)?,
            code: unwrap(SecretKind::InvitationCode, invite.code, code)?,
        })
    }

    /// What to send to whom is invited: everything that they need but the ops. `hint` says where
    /// these are.
    pub fn invitation(&self, keyring: &Keyring, op: &OpId, hint: &str) -> Option<Invitation> {
        let secrets = self.invitation_secrets(keyring, op)?;
        let invitation = self.state.invitations.get(op)?;
        let inviter = self.control_op(op)?.device();
        Some(Invitation {
            hint: hint.to_owned(),
            team: self.team,
            genesis: self.genesis,
            invite: *op,
            public: invitation.public,
            inviter,
            code: secrets.code,
            role: invitation.role,
            expires: invitation.expires,
        })
    }

    /// Takes in whom an opened request is from. `now` in Unix seconds: it is the approver who
    /// judges whether an invitation has expired (threat 30).
    pub fn approve(
        &self,
        keyring: &Keyring,
        approval: Approval<'_>,
        now: u64,
    ) -> Result<Authored, ApproveError> {
        let Approval {
            invitation: id,
            request,
            requests,
            compared,
        } = approval;
        let invitation = self.state.invitations.get(&id);
        let invitation = invitation.ok_or(ApproveError::NoInvitation)?;
        if request.invitation() != invitation.public {
            return Err(ApproveError::NoInvitation);
        }
        if now > invitation.expires {
            return Err(ApproveError::Expired);
        }
        if invitation.used_by.is_some() {
            return Err(ApproveError::Used);
        }
        let must_compare =
            Role::from(invitation.role) >= Role::Admin || requests != 1 || !self.is_confined(&id);
        if must_compare && !compared {
            return Err(ApproveError::NotCompared);
        }
        let new = Newcomer {
            member: request.member().clone(),
            statement: request.statement().to_vec(),
            invitation: id,
        };
        let member = MemberId::derive(&self.team, &new.member.public);
        let to = Recipient::Member(member, 0, new.member.public);
        let add = AddMember {
            entrant: Entrant::New(Box::new(new)),
            role: invitation.role,
            compared,
        };
        Ok(self.let_in(keyring, add, &to, now)?)
    }

    /// Whether an invitation's secrets are with those alone who may use them today. Whoever left,
    /// or lost a device, since it was made may still answer it in another's name: then only words
    /// tell who asks (threat 30).
    pub fn is_confined(&self, invitation: &OpId) -> bool {
        let Some(op) = self.control_op(invitation) else {
            return false;
        };
        let Action::Invite(invite) = &op.action else {
            return false;
        };
        let approvers = self.state.approvers();
        let present: BTreeSet<_> = approvers
            .map(|(member, number, _)| (member, number))
            .collect();
        let mut wraps = invite.wraps.iter();
        self.device_stands(&op.device)
            && self.role(&op.member) >= Role::Admin
            && wraps.all(|wrap| present.contains(&(wrap.0, wrap.1)))
    }

    /// Takes a former member back in.
    pub fn take_back(
        &self,
        keyring: &Keyring,
        entering: &Entering,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let Entering {
            returning,
            role,
            compared,
        } = entering.clone();
        let states = returning.states().ok_or(AuthorError::BadRecipient)?;
        if self.role(&returning.member) > Role::None {
            return Err(AuthorError::NotAllowed);
        }
        let to = Recipient::Member(returning.member, states.generation, states.public);
        let add = AddMember {
            entrant: Entrant::Back(returning),
            role,
            compared,
        };
        self.let_in(keyring, add, &to, time)
    }

    /// `add_member` with the log keys that bring all others along.
    fn let_in(
        &self,
        keyring: &Keyring,
        add: AddMember,
        to: &Recipient,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let author = DeviceId::of(&keyring.device().public());
        let own = self.role(&keyring.member());
        if own < Role::Admin || Role::from(add.role) > own {
            return Err(AuthorError::NotAllowed);
        }
        let known = self.state.used_log_keys();
        let held = self
            .unsealed(&known)
            .filter_map(|key| keyring.log_key(key))
            .map(|key| keyring.wrap(TransportKind::Log, key, to, author));
        let keys = KeySection {
            wraps: held.collect::<Result<_, _>>()?,
            seals: Vec::new(),
        };
        self.write_with(keyring, Action::AddMember(add), keys, None, time)
    }

    /// Changes a member's role.
    pub fn set_role(
        &self,
        keyring: &Keyring,
        member: MemberId,
        role: GivenRole,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let action = Action::SetRole(SetRole { member, role });
        self.write(keyring, action, None, time)
    }

    /// Ends a membership. New keys are due then.
    pub fn remove_member(
        &self,
        keyring: &Keyring,
        member: MemberId,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let action = Action::RemoveMember(RemoveMember { member });
        self.write(keyring, action, None, time)
    }

    /// Says that a member's current key was compared with them.
    pub fn attest(
        &self,
        keyring: &Keyring,
        member: MemberId,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        let current = self.state.members.get(&member).and_then(|of| of.current());
        let seed = current.ok_or(AuthorError::BadRecipient)?.seed;
        let action = Action::Attest(Attest { member, seed });
        self.write(keyring, action, None, time)
    }

    /// Sets the team's limits.
    pub fn set_policy(
        &self,
        keyring: &Keyring,
        policy: Policy,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.write(keyring, Action::Policy(policy), None, time)
    }

    /// A sign of life, which also carries what others are owed.
    pub fn heartbeat(
        &self,
        keyring: &Keyring,
        heartbeat: Heartbeat,
        time: u64,
    ) -> Result<Authored, AuthorError> {
        self.write(keyring, Action::Heartbeat(heartbeat), None, time)
    }

    pub(super) fn control_op(&self, id: &OpId) -> Option<&VerifiedOp> {
        let mut ops = self.control.values();
        ops.find(|op| op.id == *id)
    }
}

/// What a former member's device signs to come back, with a fresh seed in a generation above all
/// that it knows of. The seed is its own until the member's next op hands it to their other
/// devices.
pub fn ask_to_return(
    ledger: &Ledger,
    keyring: &Keyring,
    mut devices: Vec<DeviceId>,
) -> (Returning, u32, MemberSeed) {
    let member = keyring.member();
    let known = ledger.state.members.get(&member);
    let numbers = known.iter().flat_map(|member| &member.generations);
    let newest = numbers.map(|generation| generation.number).max();
    let generation = newest.map_or(0, |newest| newest.saturating_add(1));
    let seed = MemberSeed::new(SecretBytes::make());
    let states = ReturnStatement {
        states: ReturnTag::Return,
        team: ledger.team,
        member,
        generation,
        seed: seed.key_id(),
        public: seed.exchange().public(),
    };
    let signer: &DeviceSecret = keyring.device();
    devices.push(DeviceId::of(&signer.public()));
    devices.sort_unstable();
    devices.dedup();
    let statement = crypto::sign(signer, Purpose::DeviceStatement, &cbor::encode(&states));
    let returning = Returning {
        member,
        devices,
        statement,
    };
    (returning, generation, seed)
}
