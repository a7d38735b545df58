//! What the recovery key on paper opens: each team of the vault knows it, or another one that lies
//! sealed to it in the team's recovery note.

use crypto::{ExchangePublic, MemberSeed, RecoveryKey, SecretBytes};
use team::ids::DeviceId;
use team::recovery_note::RecoveryNote;

use crate::open::{Open, Team};
use crate::{Code, Fault};

/// The public half of the key on paper, that of the team which was founded with the vault.
pub(crate) fn paper_of(open: &Open) -> Result<ExchangePublic, Fault> {
    open.teams.all_readable()?;
    let missing = || Fault::new(Code::NotFound, "This vault has no recovery key.");
    standing_key(open.teams.home()).ok_or_else(missing)
}

/// The recovery key that a team knows for this vault's member.
fn standing_key(team: &Team) -> Option<ExchangePublic> {
    let mut devices = team.ledger.state().devices().iter();
    let own = devices.find(|(id, device)| {
        device.recovery && device.member == team.member && team.ledger.device_stands(id)
    });
    own.map(|(_, device)| device.keys.exchange)
}

/// A recovery note for a team, with a recovery key of the team's own where there is one.
pub(crate) fn make_note(
    team: &Team,
    paper: &ExchangePublic,
    own: Option<RecoveryKey>,
) -> Result<Vec<u8>, Fault> {
    let newest = team
        .keyring
        .seeds()
        .max_by_key(|(_, generation)| *generation);
    let (id, generation) = newest.ok_or_else(crate::open::not_allowed)?;
    let (_, seed) = team.keyring.seed(&id).expect("the keyring just named it");
    // EXPOSE: copied into a type of its own, to be sealed.
    let seed = MemberSeed::new(SecretBytes::new(*seed.secret().expose()));
    let note = RecoveryNote {
        genesis: team.genesis,
        member: team.member,
        generation,
        seed,
        own,
    };
    Ok(note.seal(&team.id, paper)?)
}

/// The recovery note that belongs on a team's remote; none while there is nothing to say.
pub(crate) fn note_of(team: &Team) -> Result<Option<Vec<u8>>, Fault> {
    match (&team.facts.note, standing_key(team)) {
        (Some(note), _) => Ok(Some(note.clone())),
        (None, Some(paper)) if team.is_let_in() => make_note(team, &paper, None).map(Some),
        (None, _) => Ok(None),
    }
}

/// The recovery key of a team, by the one that is on paper.
pub(crate) fn recovery_of(team: &Team, paper: &RecoveryKey) -> Result<RecoveryKey, Fault> {
    let stands = |key: &RecoveryKey| {
        let id = DeviceId::of(&key.device().public());
        team.ledger.device_stands(&id)
    };
    let note = match &team.facts.note {
        Some(note) if !stands(paper) => note,
        _ => return Ok(copy(paper)),
    };
    match RecoveryNote::open(note, &team.id, paper) {
        Some(note) => Ok(note.own.unwrap_or_else(|| copy(paper))),
        None => Err(Fault::new(
            Code::WrongKey,
            "These recovery words are not those of this vault.",
        )
        .next("Check the words against the paper.")),
    }
}

pub(super) fn copy(key: &RecoveryKey) -> RecoveryKey {
    let words = key.to_words();
    // EXPOSE: read back into a key at once.
    RecoveryKey::from_words(words.expose()).expect("words that were just made from a key")
}
