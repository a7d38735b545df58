//! Caps and agreements inside an action, whoever wrote it: the last step of decoding (threats 13
//! and 14).

use crypto::ExchangePublic;

use super::{Action, AddMember, Content, Entrant, Granted, NewMember, Reseal};
use crate::caps;
use crate::error::Malformed;

/// Checks what the encoding alone does not.
pub(crate) fn check_action(action: &Action) -> Result<(), Malformed> {
    match action {
        Action::Genesis(genesis) => {
            name(&genesis.team_name)?;
            new_member(&genesis.founder)
        }
        Action::AddDevice(add) => name(&add.name),
        Action::CreateBundle(create) => {
            name(&create.project)?;
            name(&create.environment)
        }
        Action::StartEpoch(start) if start.reseals.is_empty() => match &start.content {
            Content::Inline(inline) if inline.is_empty() => Ok(()),
            _ => Err(Malformed::Inconsistent),
        },
        Action::StartEpoch(start) => reseals(&start.reseals, &start.content),
        Action::Reseal(reseal) => reseals(&reseal.reseals, &reseal.content),
        Action::Put(put) => {
            content(put.versions.len(), &put.content)?;
            once(put.versions.iter().map(|new| new.1))
        }
        Action::Delete(delete) => {
            count(delete.removals.len(), caps::VERSIONS)?;
            once(delete.removals.iter().map(|new| new.1))
        }
        Action::AddMember(AddMember { entrant, .. }) => match entrant {
            Entrant::New(new) => new_member(&new.member),
            Entrant::Back(back) => {
                count(back.devices.len(), caps::RETURNING_DEVICES)?;
                let states = back.states().ok_or(Malformed::Inconsistent)?;
                sound(&states.public)?;
                ascending(&back.devices)
            }
        },
        Action::Grant(grant) => {
            let keys = grant.to.iter().map(|Granted(.., keys)| keys.len());
            count(keys.sum(), caps::GRANTED_KEYS)?;
            let to: Vec<_> = grant.to.iter().map(|to| to.0).collect();
            ascending(&to)?;
            grant.to.iter().try_for_each(|Granted(.., keys)| {
                count(keys.len(), caps::GRANTED_KEYS)?;
                once(keys.iter().map(|key| key.0))
            })
        }
        Action::AddService(service) => {
            name(&service.name)?;
            count(service.bundles.len(), caps::SERVICE_BUNDLES)?;
            ascending(&service.bundles)?;
            count(service.terms.signers.len(), caps::SERVICE_SIGNERS)?;
            ascending(&service.terms.signers)
        }
        Action::Adopt(review) | Action::Drop(review) => {
            count(review.ops.len(), caps::REVIEWED)?;
            ascending(&review.ops)
        }
        Action::Policy(policy) => policy.name.as_deref().map_or(Ok(()), name),
        Action::SettleExposure(settle) => text(&settle.reason, caps::REASON_BYTES),
        Action::Invite(invite) => sound(&invite.public),
        Action::RotateMemberKey(rotate) => sound(&rotate.public),
        Action::SetRole(_)
        | Action::RemoveMember(_)
        | Action::Ungrant(_)
        | Action::RemoveService(_)
        | Action::Attest(_)
        | Action::Audit(_)
        | Action::Heartbeat(_)
        | Action::RevokeDevice(_)
        | Action::RotateLogKey(_)
        | Action::ArchiveBundle(_) => Ok(()),
    }
}

fn new_member(member: &NewMember) -> Result<(), Malformed> {
    name(&member.name)?;
    name(&member.device.name)?;
    sound(&member.public)
}

/// A key that nothing can be wrapped to would stop everyone who has to wrap to all (threat 24).
fn sound(public: &ExchangePublic) -> Result<(), Malformed> {
    match public.is_sound() {
        true => Ok(()),
        false => Err(Malformed::Inconsistent),
    }
}

fn name(given: &str) -> Result<(), Malformed> {
    text(given, caps::NAME_BYTES)
}

fn text(given: &str, most: usize) -> Result<(), Malformed> {
    match given.len() <= most {
        true => Ok(()),
        false => Err(Malformed::TooLarge),
    }
}

/// At least one, and not too many.
fn count(items: usize, most: usize) -> Result<(), Malformed> {
    match items {
        0 => Err(Malformed::Inconsistent),
        _ if items > most => Err(Malformed::TooLarge),
        _ => Ok(()),
    }
}

fn content(items: usize, content: &Content) -> Result<(), Malformed> {
    match content {
        Content::Inline(inline) if inline.len() != items => Err(Malformed::Inconsistent),
        _ => count(items, caps::VERSIONS),
    }
}

fn reseals(reseals: &[Reseal], sealed: &Content) -> Result<(), Malformed> {
    content(reseals.len(), sealed)?;
    once(reseals.iter().map(|reseal| reseal.1))
}

/// One set has one encoding.
fn ascending<T: PartialOrd>(items: &[T]) -> Result<(), Malformed> {
    match items.is_sorted_by(|a, b| a < b) {
        true => Ok(()),
        false => Err(Malformed::Inconsistent),
    }
}

/// Nothing stands twice in one op.
fn once<T: Ord>(items: impl Iterator<Item = T>) -> Result<(), Malformed> {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    ascending(&items)
}
