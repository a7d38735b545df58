//! Recipients by what a person calls them: a key, or a member of a team.

use team::ids::MemberId;
use team::rules::Role;

use super::Recipient;
use crate::open::Team;
use crate::team::member_named;
use crate::{Code, Fault};

/// One of those that a file is encrypted to.
pub(crate) struct To {
    /// What it is encrypted to.
    pub key: Recipient,
    /// Whose key that is, of a member.
    pub member: Option<MemberId>,
}

/// Finds the keys of all that are named. A key that is a member's own is that member, so that what
/// follows members follows them however they were named.
pub(crate) fn resolve(team: &Team, texts: &[String]) -> Result<Vec<To>, Fault> {
    let mut found: Vec<To> = Vec::new();
    for text in texts {
        let to = match Recipient::parse(text)? {
            Some(key) => To {
                member: whose(team, &key),
                key,
            },
            None => member(team, text)?,
        };
        let key = to.key.to_string();
        if found.iter().all(|other| other.key.to_string() != key) {
            found.push(to);
        }
    }
    Ok(found)
}

fn member(team: &Team, text: &str) -> Result<To, Fault> {
    let member = member_named(team, text).map_err(|fault| match fault.code {
        Code::NotFound => Fault::new(Code::NotFound, "This is no recipient.").about(text).next(
            "Give an age1… key, an ssh-ed25519 or ssh-rsa key, or the name of a member, as `sealfold members` shows it.",
        ),
        _ => fault,
    })?;
    if team.ledger.role(&member) == Role::None {
        return Err(Fault::new(Code::NotAllowed, "They are no member any more.")
            .about(text)
            .next("If it is meant all the same, give their age1… or SSH key."));
    }
    let key = of_member(team, &member).ok_or_else(|| {
        Fault::new(
            Code::NotFound,
            "The age recipient of this member is not known here.",
        )
        .about(text)
        .next("Their next `sealfold sync` publishes it, and yours takes it in.")
    })?;
    Ok(To {
        key,
        member: Some(member),
    })
}

/// The key of a member's current generation, if it is known and nobody else has its seed.
pub(crate) fn of_member(team: &Team, member: &MemberId) -> Option<Recipient> {
    if *member == team.member {
        let own = team.ledger.own_age_recipient(&team.keyring)?;
        return Some(Recipient::of(&own.public));
    }
    let public = team.ledger.age_recipient(member)?;
    Some(Recipient::of(&public))
}

fn whose(team: &Team, key: &Recipient) -> Option<MemberId> {
    let Recipient::Age(_) = key else { return None };
    let text = key.to_string();
    let is_theirs = |member: &MemberId| {
        of_member(team, member).is_some_and(|theirs| theirs.to_string() == text)
    };
    team.members().find(is_theirs)
}

/// How recipients stand in an audit row or a message.
pub(crate) fn shown(team: &Team, to: &[To]) -> Vec<String> {
    let one = |to: &To| match &to.member {
        Some(member) => team.member_name(member),
        None => to.key.shown(),
    };
    to.iter().map(one).collect()
}
