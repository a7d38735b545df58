//! The recovery key: made anew, and used, to open the vault and to enrol this device again.

use std::collections::BTreeMap;

use crypto::{DeviceSecret, RecoveryKey};
use team::entry;
use team::ids::{BundleId, DeviceId};
use team::ledger::Due;
use vault::{Changes, Check, Identity as IdentityRow, NewSlot, SlotKind, Standing};

use super::life::{calibrate, recovery_key};
use super::slots::{replace_slots, verify_key};
use super::{Key, NewRecovery, Recovered, RecoveryWords, UseRecovery};
use crate::clock::now;
use crate::door::UseCase;
use crate::open::{Open, Team, WriteError};
use crate::records::{AuditEntry, Identity};
use crate::session::{Session, not_text};
use crate::{Fault, Plaintext, entries};

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
            enrol(session, &recovery).await?;
            warnings.retain(|warning| !warning.starts_with("ROLLBACK"));
        }
        Ok(Recovered {
            passphrase_changed,
            enrolled,
            warnings,
        })
    }
}

/// Puts a new device in the place of the one whose state can't be trusted: the recovery key
/// revokes it, rotates the member seed and adds the new one (protocol §2, in this order); the new
/// one rotates what is then stale. All of it is one commit.
async fn enrol(session: &mut Session, recovery: &RecoveryKey) -> Result<(), Fault> {
    let keychain = session.keychain.clone();
    let (open, caller) = session.opened()?;
    let caller = caller.clone();
    open.write_unenrolled(async |open, changes| {
        let lost = open.team.device;
        let name = open
            .team
            .ledger
            .state()
            .devices()
            .get(&lost)
            .map_or("", |device| &device.name)
            .to_owned();
        let (new, signer) = (DeviceSecret::make(), recovery.device());
        open.team.hand_to(recovery.device());
        apply(&mut open.team, changes, |team| {
            team.ledger
                .revoke_device(&team.keyring, &signer, lost, now())
        })?;
        apply(&mut open.team, changes, |team| {
            team.ledger.rotate_member_key(&team.keyring, &signer, now())
        })?;
        apply(&mut open.team, changes, |team| {
            team.ledger
                .add_device(&team.keyring, &signer, &new, &name, now())
        })?;
        let identity = Identity {
            team: open.team.id,
            genesis: open.team.genesis,
            member: open.team.member,
            device: DeviceSecret::from_bytes(&new.to_bytes()),
        };
        changes.identities.push(IdentityRow {
            team: identity.team,
            payload: identity.encode(),
        });
        open.team.hand_to(new);
        do_what_is_due(open, changes).await?;
        changes.standing = Some(Standing::Enrolled);
        let entry = AuditEntry {
            operation: "enrol".to_owned(),
            detail: Some(format!("in place of {lost}")),
            ..AuditEntry::default()
        };
        changes.audit.push(open.stamp(&caller, entry).encode());
        Ok(())
    })
    .await?;
    open.trust_present_state(keychain.as_ref());
    Ok(())
}

/// Writes an op and takes it in.
fn apply(
    team: &mut Team,
    changes: &mut Changes,
    author: impl FnOnce(&Team) -> Result<team::ledger::Authored, team::AuthorError>,
) -> Result<(), WriteError> {
    let authored = author(team)?;
    team.apply(changes, &authored, &BTreeMap::new())?;
    Ok(())
}

/// Does all rotations that are due for this member, in their order.
async fn do_what_is_due(open: &mut Open, changes: &mut Changes) -> Result<(), WriteError> {
    // Each rotation settles its own due; the number of them bounds the loop.
    let most = 2 + open.team.ledger.state().bundles().len();
    for _ in 0..most {
        match open.team.ledger.next_due(&open.team.keyring) {
            None => return Ok(()),
            Some(Due::MemberKey) => {
                let device = DeviceSecret::from_bytes(&open.team.keyring.device().to_bytes());
                apply(&mut open.team, changes, |team| {
                    team.ledger.rotate_member_key(&team.keyring, &device, now())
                })?;
            }
            Some(Due::LogKey) => apply(&mut open.team, changes, |team| {
                team.ledger.rotate_log_key(&team.keyring, now())
            })?,
            Some(Due::Epoch(bundle)) => start_epoch(open, changes, bundle).await?,
        }
    }
    Ok(())
}

async fn start_epoch(
    open: &mut Open,
    changes: &mut Changes,
    bundle: BundleId,
) -> Result<(), WriteError> {
    let heads = open.vault.heads(&open.team.id, &bundle).await?;
    let mut live = Vec::new();
    let mut bytes = 0;
    // What one op and its pack can't hold stays under the older epoch, and readable.
    for version in heads
        .iter()
        .filter(|version| !version.deleted)
        .take(team::caps::VERSIONS)
    {
        bytes += version.sealed.as_ref().map_or(0, Vec::len);
        if bytes > team::caps::PACK_BYTES / 2 {
            break;
        }
        live.push((
            version.entry,
            version.id,
            entries::open_version(&open.team, version)?,
        ));
    }
    let live: Vec<(_, _, entry::Opened)> = live;
    apply(&mut open.team, changes, |team| {
        team.ledger.start_epoch(&team.keyring, bundle, &live, now())
    })
}

impl UseCase for NewRecovery {
    async fn carry_out(self, session: &mut Session) -> Result<RecoveryWords, Fault> {
        session.opened()?;
        let old = recovery_key(&self.current_words)?;
        verify_key(session, Key::RecoveryWords(self.current_words)).await?;
        let new = RecoveryKey::make();
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        open.write(async |open, changes| {
            let signer = old.device();
            let old_id = DeviceId::of(&signer.public());
            apply(&mut open.team, changes, |team| {
                team.ledger
                    .add_recovery_key(&team.keyring, &signer, &new, now())
            })?;
            apply(&mut open.team, changes, |team| {
                team.ledger
                    .revoke_device(&team.keyring, &signer, old_id, now())
            })?;
            do_what_is_due(open, changes).await?;
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
        let words: Plaintext = new.to_words().into();
        Ok(RecoveryWords {
            words,
            team: open.team.id.to_string(),
            genesis: open.team.genesis.to_string(),
        })
    }
}
