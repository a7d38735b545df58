//! The recovery key: made anew, and used, to open the vault and to enrol this device again.

use crypto::{DeviceSecret, RecoveryKey};
use team::ids::{DeviceId, TeamId};
use vault::{Changes, Check, NewSlot, SlotKind, Standing};

use super::life::{calibrate, given_or_new, recovery_key};
use super::paper::recovery_of;
use super::slots::{replace_slots, verify_key};
use super::{Key, NewRecovery, Recovered, RecoveryWords, UseRecovery};
use crate::clock::now;
use crate::open::{Open, Teams, WriteError};
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::{Session, not_text};
use crate::sync::{do_what_is_due, sync_team, write};
use crate::{Code, Fault, Plaintext};

impl UseCase for UseRecovery {
    async fn carry_out(self, session: &mut Session) -> Result<Recovered, Fault> {
        let recovery = recovery_key(&self.words)?;
        let mut warnings = Vec::new();
        if session.open.is_some() {
            verify_key(session, Key::RecoveryWords(self.words)).await?;
        } else {
            warnings = session
                .open_vault(Key::RecoveryWords(self.words), Check::Full)
                .await?;
        }
        let passphrase_changed = self.new_passphrase.is_some();
        if let Some(new) = self.new_passphrase {
            let new = new.into_secret_text().map_err(|_| not_text())?;
            let slot = NewSlot::passphrase(new, calibrate(None).await?);
            replace_slots(session, SlotKind::Passphrase, slot, "passphrase change").await?;
        }
        let (open, _) = session.opened()?;
        let enrolled = open.vault.standing() != Standing::Enrolled;
        if enrolled {
            warnings.extend(catch_up_with_remotes(session).await?);
            let elsewhere = enrol(session, &recovery).await?;
            warnings.retain(|warning| !warning.starts_with("ROLLBACK"));
            warnings.extend(elsewhere.iter().map(|team| {
                format!("{team}: its recovery words are another vault's, so this machine has to be linked anew: `sealfold device link` on another device of yours, `sealfold device answer` here")
            }));
        }
        Ok(Recovered {
            passphrase_changed,
            enrolled,
            warnings,
        })
    }
}

/// Takes in what the remotes have, before the lost device is revoked: what it published after this
/// copy was made stands if the revocation has seen it, and waits for a review otherwise.
async fn catch_up_with_remotes(session: &mut Session) -> Result<Vec<String>, Fault> {
    let (open, _) = session.opened()?;
    let with_remote = open.teams.iter().filter(|team| team.remote.is_some());
    let ids: Vec<TeamId> = with_remote.map(|team| team.id).collect();
    let mut warnings = Vec::new();
    for id in ids {
        let report = Box::pin(sync_team(session, &id, true)).await?;
        if let Some(fault) = report.failure {
            warnings.push(format!(
                "{}: {} What this device wrote there after the copy was made waits for a review: `sealfold sync`, then `sealfold quarantine ls`",
                report.team, fault.message
            ));
        }
    }
    Ok(warnings)
}

/// Puts a new device in the place of the one whose state can't be trusted, in every team: the
/// recovery key revokes it, rotates the member seed and adds the new one (protocol §2, in this
/// order); the new one rotates what is then stale. All of it is one commit. Gives the teams that
/// know another vault's paper, where this device has to be linked anew.
async fn enrol(session: &mut Session, paper: &RecoveryKey) -> Result<Vec<String>, Fault> {
    let keychain = session.keychain.clone();
    let (open, caller) = session.opened()?;
    let caller = caller.clone();
    let elsewhere = open
        .write_unenrolled(async |open, changes| {
            let mut elsewhere = Vec::new();
            for id in open.teams.ids() {
                // Elsewhere there is nothing that this device could write.
                if !open.teams[&id].is_member() {
                    continue;
                }
                let lost = enrol_in(open, changes, &id, paper).await?;
                let team = &open.teams[&id];
                if !team.is_let_in() {
                    elsewhere.push(open.teams.label(team));
                }
                let entry = AuditEntry {
                    operation: "enrol".to_owned(),
                    detail: Some(format!("in place of {lost}")),
                    ..AuditEntry::default()
                };
                changes.audit.push(open.stamp(&caller, entry).encode());
            }
            changes.standing = Some(Standing::Enrolled);
            Ok(elsewhere)
        })
        .await?;
    open.trust_present_state(keychain.as_ref());
    Ok(elsewhere)
}

/// Whether a recovery key signs for this member in a team. Not where the team knows another vault's: a
/// linked device is its member's by other words.
///
/// # Errors
/// `not_allowed` where the key was this member's and was revoked: what a thief did, or new words that
/// are to be used instead, must not pass for another vault's paper.
fn serves(teams: &Teams, id: &TeamId, recovery: &RecoveryKey) -> Result<bool, Fault> {
    let team = &teams[id];
    let device = DeviceId::of(&recovery.device().public());
    if team.ledger.device_stands(&device) {
        return Ok(true);
    }
    let known = team.ledger.state().devices().get(&device);
    if known.is_none_or(|known| known.member != team.member) {
        return Ok(false);
    }
    Err(Fault::new(
        Code::NotAllowed,
        "The recovery key of these words was revoked in a team. Nothing was changed.",
    )
    .about(teams.label(team))
    .next("If newer words were made, use those: `sealfold recovery use --remote` on an empty machine. If you made none, somebody else did: tell an admin, who removes and invites you."))
}

async fn enrol_in(
    open: &mut Open,
    changes: &mut Changes,
    id: &TeamId,
    paper: &RecoveryKey,
) -> Result<DeviceId, WriteError> {
    let team = &open.teams[id];
    let recovery = recovery_of(team, paper)?;
    let lost = team.device;
    if !serves(&open.teams, id, &recovery)? {
        let team = &mut open.teams[id];
        // The member's paper key is another vault's. This copy must never sign as the device that it
        // was: it is linked again as a new one.
        team.hand_to(DeviceSecret::make());
        changes.identities.push(team.identity());
        return Ok(lost);
    }
    let team = &mut open.teams[id];
    let name = team.device_name(&lost);
    let (new, signer) = (DeviceSecret::make(), recovery.device());
    team.hand_to(recovery.device());
    write(team, changes, |team| {
        team.ledger
            .revoke_device(&team.keyring, &signer, lost, now())
    })?;
    write(team, changes, |team| {
        team.ledger.rotate_member_key(&team.keyring, &signer, now())
    })?;
    write(team, changes, |team| {
        team.ledger
            .add_device(&team.keyring, &signer, &new, &name, now())
    })?;
    team.hand_to(new);
    changes.identities.push(team.identity());
    do_what_is_due(open, changes, id).await?;
    Ok(lost)
}

/// Checks that these words are this vault's.
pub(crate) async fn verify_recovery(session: &mut Session, words: Plaintext) -> Result<(), Fault> {
    verify_key(session, Key::RecoveryWords(words)).await
}

impl UseCase for NewRecovery {
    async fn carry_out(self, session: &mut Session) -> Result<RecoveryWords, Fault> {
        // A team that is passed over would go on with the old paper.
        session.opened()?.0.teams.all_readable()?;
        let old = recovery_key(&self.current_words)?;
        verify_key(session, Key::RecoveryWords(self.current_words)).await?;
        let new = given_or_new(self.new_words.as_ref())?;
        if new.device().public() == old.device().public() {
            return Err(
                Fault::new(Code::Usage, "The new recovery words are the present ones.")
                    .next("Have new words made, and write those down."),
            );
        }
        let (open, caller) = session.opened()?;
        if self.draft {
            return Ok(words_of(&new, open));
        }
        let caller = caller.clone();
        open.write(async |open, changes| {
            for id in open.teams.ids() {
                if !open.teams[&id].is_member() {
                    continue;
                }
                let key = recovery_of(&open.teams[&id], &old)?;
                let serves = serves(&open.teams, &id, &key)?;
                let team = &mut open.teams[&id];
                let signer = key.device();
                let old_id = DeviceId::of(&signer.public());
                if !serves {
                    continue;
                }
                write(team, changes, |team| {
                    team.ledger
                        .add_recovery_key(&team.keyring, &signer, &new, now())
                })?;
                write(team, changes, |team| {
                    team.ledger
                        .revoke_device(&team.keyring, &signer, old_id, now())
                })?;
                // From now on the paper key is this team's too.
                if team.facts.note.take().is_some() {
                    changes.identities.push(team.identity());
                }
                if let Some(settings) = &mut team.remote {
                    settings.noted = false;
                    changes.remotes.push(vault::Remote {
                        team: id,
                        payload: settings.encode(),
                    });
                }
                do_what_is_due(open, changes, &id).await?;
            }
            let slots = open.vault.slots();
            changes.slots_removed = slots
                .iter()
                .filter(|slot| slot.kind == SlotKind::Recovery)
                .map(|slot| slot.id)
                .collect();
            changes.slots_added = vec![NewSlot::recovery(&new)];
            let entry = AuditEntry {
                operation: "recovery new".to_owned(),
                ..AuditEntry::default()
            };
            changes.audit.push(open.stamp(&caller, entry).encode());
            Ok(())
        })
        .await?;
        Ok(words_of(&new, open))
    }
}

fn words_of(key: &RecoveryKey, open: &Open) -> RecoveryWords {
    RecoveryWords {
        words: key.to_words().into(),
        team: open.teams.home().id.to_string(),
        genesis: open.teams.home().genesis.to_string(),
    }
}
