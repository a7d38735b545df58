//! A member takes their age identities along: with them stock `age` reads what was encrypted to
//! them, on a machine that never saw Sealfold.

use super::identity::text_of;
use super::{HandOutIdentity, IdentityFile, Recipient};
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::vaults::{Key, verify_key};
use crate::{Code, Fault, Plaintext};

impl UseCase for HandOutIdentity {
    async fn carry_out(self, session: &mut Session) -> Result<IdentityFile, Fault> {
        let (open, _) = session.opened()?;
        let team = open.teams.meant(self.team.as_deref())?;
        let id = team.id;
        if matches!(self.key, Key::Keychain) {
            return Err(Fault::new(
                Code::Usage,
                "The keychain does not open this: a person does.",
            )
            .next("Give the passphrase or the recovery words."));
        }
        verify_key(session, self.key).await?;
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let team = &open.teams[&id];
        let mut seeds: Vec<_> = team.keyring.seeds().collect();
        let current = team.ledger.own_age_recipient(&team.keyring);
        let current = current
            .ok_or_else(|| Fault::new(Code::NotFound, "There is no key of yours in this team."))?;
        seeds.sort_by_key(|(seed, generation)| {
            (*seed != current.seed, std::cmp::Reverse(*generation))
        });
        let mut text = Vec::with_capacity(256 * (seeds.len() + 1));
        text.extend_from_slice(b"# Keep this secret: it opens what is encrypted to these keys.\n");
        for (seed, generation) in seeds {
            let Some((_, seed)) = team.keyring.seed(&seed) else {
                continue;
            };
            let key = seed.age();
            let public = Recipient::of(&key.public());
            let lines = format!("# generation: {generation}\n# public key: {public}\n");
            text.extend_from_slice(lines.as_bytes());
            // EXPOSE: the person proved anew that they may have it, and asked for it.
            text.extend_from_slice(text_of(&key).expose().as_bytes());
            text.push(b'\n');
        }
        let text = Plaintext::new(text);
        let entry = AuditEntry {
            operation: "age identity".to_owned(),
            team: Some(open.teams.label(team)),
            ..AuditEntry::default()
        };
        open.record(&caller, entry).await?;
        Ok(IdentityFile {
            text,
            recipient: Recipient::of(&current.public).to_string(),
        })
    }
}
