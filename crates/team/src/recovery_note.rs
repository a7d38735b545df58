//! Recovery notes: what the 24 words on paper need, beside the remote, to find their place in a team.
//!
//! A member lays one beside the team's ops, sealed to the recovery key on paper: which genesis, which
//! member, one of their seeds, and the words of the recovery key that the team knows where it is
//! another one than the paper's. So one paper serves every team, and a newcomer's serves them before
//! they have written anything. No name and no op says to whom a note is sealed: who has the paper
//! tries them all.
//!
//! Anybody who knows the paper's public key can make a note; it proves nothing. What it says holds
//! only as far as the ledger under its genesis bears it out.

use crypto::{ExchangePublic, KeyId, MemberSeed, Purpose, RecoveryKey, SecretBytes, SecretVec};
use serde::{Deserialize, Serialize};

use crate::caps;
use crate::cbor;
use crate::error::AuthorError;
use crate::ids::{MemberId, OpId, TeamId};

/// Bytes before the words: genesis, member, generation, seed.
const FIXED: usize = 32 + 32 + 4 + 32;

/// A recovery note, opened or about to be sealed.
pub struct RecoveryNote {
    /// The team's genesis op.
    pub genesis: OpId,
    /// Whose note it is.
    pub member: MemberId,
    /// Number of the seed.
    pub generation: u32,
    /// One of the member's seeds: later ones are wrapped to the recovery key by ops.
    pub seed: MemberSeed,
    /// The recovery key that the team knows, where it is not the one on paper.
    pub own: Option<RecoveryKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    v: u8,
    /// Id of the key over `sealed`, which serves this once.
    key: KeyId,
    wrapped: crypto::Wrapped,
    #[serde(with = "serde_bytes")]
    sealed: Vec<u8>,
}

/// What the wrap and, with the id of the key, the seal are bound to.
#[derive(Serialize)]
struct Bound {
    kind: &'static str,
    team: TeamId,
    key: KeyId,
}

fn bound(team: &TeamId, key: KeyId) -> Vec<u8> {
    cbor::encode(&Bound {
        kind: "recovery_note",
        team: *team,
        key,
    })
}

impl RecoveryNote {
    /// Seals it to the recovery key on paper.
    ///
    /// # Errors
    /// [`AuthorError::BadRecipient`] when that public key is none.
    pub fn seal(&self, team: &TeamId, paper: &ExchangePublic) -> Result<Vec<u8>, AuthorError> {
        let words = self.own.as_ref().map(RecoveryKey::to_words);
        // EXPOSE: sealed below, out of a buffer that is wiped.
        let words = words.as_ref().map_or("", |words| words.expose()).as_bytes();
        let mut plaintext = Vec::with_capacity(FIXED + words.len());
        plaintext.extend_from_slice(self.genesis.as_bytes());
        plaintext.extend_from_slice(self.member.as_bytes());
        plaintext.extend_from_slice(&self.generation.to_be_bytes());
        // EXPOSE: sealed below, out of a buffer that is wiped.
        plaintext.extend_from_slice(self.seed.secret().expose());
        plaintext.extend_from_slice(words);
        let plaintext = SecretVec::new(plaintext);

        let key = SecretBytes::make();
        let id = crypto::key_id(&key);
        let bound = bound(team, id);
        let wrapped = crypto::wrap(paper, &bound, &key).map_err(|_| AuthorError::BadRecipient)?;
        // EXPOSE: sealed here.
        let sealed = crypto::seal(&key, Purpose::RecoveryNote, &bound, plaintext.expose());
        Ok(cbor::encode(&Sealed {
            v: 1,
            key: id,
            wrapped,
            sealed,
        }))
    }

    /// Opens it with the recovery key on paper; none where it is another's, or no note at all.
    pub fn open(bytes: &[u8], team: &TeamId, paper: &RecoveryKey) -> Option<Self> {
        if bytes.len() > caps::RECOVERY_NOTE_BYTES {
            return None;
        }
        let Sealed {
            v,
            key,
            wrapped,
            sealed,
        } = cbor::decode(bytes).ok()?;
        if v != 1 {
            return None;
        }
        let bound = bound(team, key);
        let key = crypto::unwrap(&paper.device().exchange, &bound, &wrapped, key).ok()?;
        let plaintext = crypto::open(&key, Purpose::RecoveryNote, &bound, &sealed).ok()?;
        // EXPOSE: the secrets in it go into their own types at once.
        decode(plaintext.expose())
    }
}

/// Decodes the plaintext of a note. Public for the fuzz target only.
#[doc(hidden)]
pub fn decode(plaintext: &[u8]) -> Option<RecoveryNote> {
    let (fixed, words) = plaintext.split_first_chunk::<FIXED>()?;
    let (ids, rest) = fixed.split_at(64);
    let (generation, seed) = rest.split_first_chunk::<4>()?;
    let own = match words {
        [] => None,
        words => Some(RecoveryKey::from_words(std::str::from_utf8(words).ok()?).ok()?),
    };
    Some(RecoveryNote {
        genesis: OpId::from_slice(&ids[..32])?,
        member: MemberId::from_slice(&ids[32..])?,
        generation: u32::from_be_bytes(*generation),
        seed: MemberSeed::new(SecretBytes::from_slice(seed)?),
        own,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn note(own: Option<RecoveryKey>) -> RecoveryNote {
        RecoveryNote {
            genesis: OpId::from_bytes([1; 32]),
            member: MemberId::from_bytes([2; 32]),
            generation: 3,
            seed: MemberSeed::make(),
            own,
        }
    }

    #[test]
    fn the_paper_alone_opens_it_in_its_team() {
        let (paper, other) = (RecoveryKey::make(), RecoveryKey::make());
        let (team, elsewhere) = (TeamId::from_bytes([7; 32]), TeamId::from_bytes([8; 32]));
        for own in [None, Some(RecoveryKey::make())] {
            let id = |key: &RecoveryKey| key.device().public();
            let (made, key) = (note(None), own.as_ref().map(id));
            let made = RecoveryNote { own, ..made };
            let bytes = made.seal(&team, &paper.device().exchange.public()).unwrap();
            assert!(bytes.len() <= caps::RECOVERY_NOTE_BYTES);
            let read = RecoveryNote::open(&bytes, &team, &paper).unwrap();
            assert_eq!((read.genesis, read.member), (made.genesis, made.member));
            assert_eq!(read.generation, 3);
            assert_eq!(read.seed.key_id(), made.seed.key_id());
            assert_eq!(read.own.as_ref().map(id), key);

            assert!(RecoveryNote::open(&bytes, &team, &other).is_none());
            assert!(RecoveryNote::open(&bytes, &elsewhere, &paper).is_none());
            // Each byte once would take long, so a few of each part.
            for at in (0..bytes.len()).step_by(11) {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1;
                assert!(
                    RecoveryNote::open(&flipped, &team, &paper).is_none(),
                    "{at}"
                );
            }
            assert!(RecoveryNote::open(&bytes[1..], &team, &paper).is_none());
        }
    }

    #[test]
    fn two_notes_to_one_paper_have_nothing_in_common() {
        // Whoever keeps the remotes of two teams can't tell that one person is in both.
        let paper = RecoveryKey::make().device().exchange.public();
        let bytes = [[7; 32], [8; 32]]
            .map(|team| note(None).seal(&TeamId::from_bytes(team), &paper).unwrap());
        let id = paper.recipient_key_id();
        for one in &bytes {
            let shows = |part: &[u8]| one.windows(part.len()).any(|window| window == part);
            assert!(!shows(id.as_bytes()) && !shows(&[2; 32]) && !shows(&[1; 32]));
        }
    }
}
