//! A vault is made, unlocked and locked.

use std::collections::BTreeMap;
use std::time::Instant;

use crypto::{KdfParams, RecoveryKey, SecretBytes, SecretText};
use team::ledger::{Founding, found_team};
use vault::{Changes, Check, Keychain, NewSlot, NewVault, SlotKind};

use super::{Created, Init, Key, Lock, Locked, NewKeys, Unlock, Unlocked};
use crate::clock::now;
use crate::fault::sentence;
use crate::open::{Open, Team};
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::{Session, not_text};
use crate::{Fault, Plaintext, names, notes, system};

/// How long deriving a passphrase's key takes when nothing else is asked, in milliseconds.
const UNLOCK_MILLIS: u64 = 1_000;

impl UseCase for Init {
    async fn carry_out(self, session: &mut Session) -> Result<Created, Fault> {
        let member_name = self.member_name.unwrap_or_else(system::user_name);
        let device_name = self.device_name.unwrap_or_else(system::host_name);
        names::check_name(&member_name)?;
        names::check_name(&device_name)?;
        session.home.must_have_room()?;
        let recovery = given_or_new(self.recovery_words.as_ref())?;
        let founding = found_team(&recovery, "", &member_name, &device_name, now())?;
        let (team, changes) = first_changes(founding)?;
        let (id, genesis) = (team.id, team.genesis);
        let keys = NewKeys {
            passphrase: self.passphrase,
            keychain: self.keychain,
            unlock_millis: self.unlock_millis,
        };
        let (vault, warnings) = make_vault(session, keys, (&recovery, &team), changes).await?;
        Ok(Created {
            path: session.home.vault_file().display().to_string(),
            vault: vault.to_string(),
            team: id.to_string(),
            genesis: genesis.to_string(),
            recovery_words: recovery.to_words().into(),
            warnings,
        })
    }
}

/// Makes the vault file with its slots and what is to be in it from the first, and opens it. Gives
/// its id, and what a person should know.
pub(super) async fn make_vault(
    session: &mut Session,
    keys: NewKeys,
    (recovery, home): (&RecoveryKey, &Team),
    mut changes: Changes,
) -> Result<(vault::VaultId, Vec<String>), Fault> {
    let passphrase = keys.passphrase.into_secret_text().map_err(|_| not_text())?;
    let kdf = calibrate(keys.unlock_millis).await?;
    let new = NewVault::make();
    let mut warnings = Vec::new();
    changes.slots_added = vec![
        NewSlot::passphrase(passphrase, kdf),
        NewSlot::recovery(recovery),
    ];
    let keychain = session.keychain.as_ref().filter(|_| keys.keychain);
    match slot_in(keychain, &new.id()).await {
        Ok(slot) => changes.slots_added.push(slot),
        Err(warning) => warnings.push(warning),
    }
    let entry = AuditEntry {
        operation: "init".to_owned(),
        ..AuditEntry::default()
    };
    changes
        .audit
        .push(home.stamp(&session.caller, entry).encode());
    let id = new.id();
    let vault = new.create(session.home.vault_file(), changes).await?;
    let mut open = Open::load(vault, true).await?;
    open.check_anchor(session.keychain.as_ref()).await?;
    session.open = Some(open);
    notes::resume_keychain(&session.home)?;
    notes::forget_failed_unlocks(&session.home);
    Ok((id, warnings))
}

/// The founder's team, and the commit that holds it.
pub(crate) fn first_changes(founding: Founding) -> Result<(Team, Changes), Fault> {
    let mut team = Team::new(founding.ledger, founding.keyring);
    let mut changes = Changes::default();
    team.apply(&mut changes, &founding.genesis, &BTreeMap::new())?;
    changes.identities.push(team.identity());
    Ok((team, changes))
}

/// A keychain slot for a new vault, or what a person should know who goes without.
async fn slot_in(keychain: Option<&Keychain>, vault: &vault::VaultId) -> Result<NewSlot, String> {
    let keychain = keychain.ok_or(
        "without the keychain an older copy of the vault file put in its place would go undetected",
    )?;
    keychain_slot(keychain, vault).await.map_err(|error| {
        format!("{error}: the passphrase alone opens this vault, and an older copy of its file put in its place would go undetected")
    })
}

/// A keychain slot whose secret the keychain holds already.
pub(super) async fn keychain_slot(
    keychain: &Keychain,
    vault: &vault::VaultId,
) -> Result<NewSlot, vault::KeychainError> {
    let secret = SecretBytes::make();
    // EXPOSE: one copy goes to the keychain, the other seals the slot.
    let slot = NewSlot::keychain(SecretBytes::new(*secret.expose()));
    keychain.set_slot_secret(vault, &slot.id(), &secret).await?;
    Ok(slot)
}

/// Argon2id parameters for this machine.
pub(super) async fn calibrate(millis: Option<u64>) -> Result<KdfParams, Fault> {
    let target = std::time::Duration::from_millis(millis.unwrap_or(UNLOCK_MILLIS));
    let work = move || {
        let probe = SecretText::new("calibration".to_owned());
        crypto::calibrate(target, |params| {
            let start = Instant::now();
            // Parameters that can't even be tried here take for ever.
            match crypto::derive_password_key(&probe, &[0; 32], params) {
                Ok(_) => start.elapsed(),
                Err(_) => std::time::Duration::MAX,
            }
        })
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| {
        Fault::new(
            crate::Code::Unexpected,
            "Calibrating the key derivation failed.",
        )
    })
}

impl UseCase for Unlock {
    async fn carry_out(self, session: &mut Session) -> Result<Unlocked, Fault> {
        let until = self.ttl_seconds.map(|ttl| now().saturating_add(ttl));
        let warnings = if session.is_unlocked() {
            let given = !matches!(self.key, Key::Keychain);
            // More time is an unlock, and takes a key; less is for anyone to say.
            if given || is_later(until, session.until) {
                super::slots::verify_key(session, self.key).await?;
            }
            session.look_for_anchor().await?
        } else {
            let check = if self.full_check {
                Check::Full
            } else {
                Check::Header
            };
            session.open_vault(self.key, check).await?
        };
        session.until = until;
        Ok(Unlocked {
            until: session.until,
            warnings,
        })
    }
}

/// Whether one time limit is later than another; none is the latest.
fn is_later(limit: Option<u64>, than: Option<u64>) -> bool {
    match (limit, than) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(limit), Some(than)) => limit > than,
    }
}

impl UseCase for Lock {
    async fn carry_out(self, session: &mut Session) -> Result<Locked, Fault> {
        let was_unlocked = session.is_unlocked();
        let has_keychain_slot = session.open.as_ref().is_some_and(|open| {
            let slots = open.vault.slots();
            slots.iter().any(|slot| slot.kind == SlotKind::Keychain)
        });
        // The keychain first: if the disk refuses, the person should hear it with the keys gone.
        let suspended = notes::suspend_keychain(&session.home);
        session.lock().await;
        Ok(Locked {
            was_unlocked,
            suspended_now: suspended? && has_keychain_slot,
        })
    }
}

/// Recovery words that open nothing yet: to be written down before anything is made with them.
#[must_use]
pub fn draft_words() -> Plaintext {
    RecoveryKey::make().to_words().into()
}

/// The recovery key of words that were drafted, or a new one.
pub(super) fn given_or_new(words: Option<&Plaintext>) -> Result<RecoveryKey, Fault> {
    words.map_or_else(|| Ok(RecoveryKey::make()), recovery_key)
}

/// The recovery key of words that a person gave.
pub(crate) fn recovery_key(words: &Plaintext) -> Result<RecoveryKey, Fault> {
    let wrong = |what: String| {
        Fault::new(crate::Code::WrongKey, what)
            .next("Check the words against the paper, in their order.")
    };
    // EXPOSE: read into the recovery key at once.
    let text = words
        .expose_text()
        .ok_or_else(|| wrong("Recovery words have to be text.".to_owned()))?;
    RecoveryKey::from_words(text).map_err(|error| wrong(sentence(&error)))
}
