//! Backups: a consistent encrypted copy, checked, and put back.
//!
//! A backup is a vault file like any other, without the keychain slot. It is never opened where it
//! lies, but in a private copy, for SQLite would write beside it.

use std::fs;
use std::path::{Path, PathBuf};

use vault::{Changes, Check, Durability, EnrolReason, LockedVault, Standing, Vault};

use super::{BackupView, CreateBackup, Key, RestoreBackup, VerifyBackup};
use crate::open::Open;
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, notes};

impl UseCase for CreateBackup {
    async fn carry_out(self, session: &mut Session) -> Result<BackupView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let path = PathBuf::from(&self.path);
        if !open.fully_checked {
            open.vault.verify_full().await?;
            open.fully_checked = true;
        }
        let entry = AuditEntry {
            operation: "backup create".to_owned(),
            detail: Some(self.path),
            ..AuditEntry::default()
        };
        open.record(&caller, entry).await?;
        open.vault
            .backup_to(&path)
            .await
            .map_err(|error| Fault::from(error).about(path.display().to_string()))?;
        view(&path, open, None).await
    }
}

impl UseCase for VerifyBackup {
    async fn carry_out(self, session: &mut Session) -> Result<BackupView, Fault> {
        let path = PathBuf::from(&self.path);
        let copy = private_copy(&path, session.home.vault_file())?;
        let vault = open_copy(session, &copy, self.key).await?;
        let mut open = Open::load(vault, true).await?;
        check_audit(&mut open).await?;
        let view = view(&path, &mut open, None).await?;
        open.vault.lock().await?;
        Ok(view)
    }
}

impl UseCase for RestoreBackup {
    async fn carry_out(self, session: &mut Session) -> Result<BackupView, Fault> {
        let (path, target) = (
            PathBuf::from(&self.path),
            session.home.vault_file().to_owned(),
        );
        if !self.replace {
            let room = session.home.must_have_room();
            room.map_err(|fault| {
                fault.next("`--yes` moves it aside and puts the backup in its place.")
            })?;
        }
        let copy = private_copy(&path, &target)?;
        let vault = open_copy(session, &copy, self.key).await?;
        let mut open = Open::load(vault, true).await?;
        check_audit(&mut open).await?;
        let entry = AuditEntry {
            operation: "backup restore".to_owned(),
            detail: Some(self.path),
            ..AuditEntry::default()
        };
        let changes = Changes {
            audit: vec![open.stamp(&session.caller, entry).encode()],
            standing: Some(Standing::MustEnrol {
                why: EnrolReason::Restored,
            }),
            ..Changes::default()
        };
        open.vault.commit(changes, Durability::Durable).await?;
        let mut view = view(&path, &mut open, None).await?;
        open.vault.lock().await?;

        session.lock().await;
        let aside = vault::replace_file(copy, &target)
            .await
            .map_err(|error| Fault::from(error).about(target.display().to_string()))?;
        view.moved_aside = aside.map(|path| path.display().to_string());
        view.path = target.display().to_string();
        notes::resume_keychain(&session.home)?;
        Ok(view)
    }
}

async fn open_copy(session: &mut Session, copy: &Path, key: Key) -> Result<Vault, Fault> {
    let locked = LockedVault::open(copy).await?;
    if matches!(key, Key::Keychain) {
        return Err(Fault::new(Code::Usage, "A backup has no keychain slot.")
            .next("Give the passphrase or the recovery words."));
    }
    let key = session.slot_key(&locked, key).await?;
    Ok(locked.unlock(key, Check::Full).await?)
}

async fn check_audit(open: &mut Open) -> Result<(), Fault> {
    if open.vault.audit_verify().await?.is_whole() {
        Ok(())
    } else {
        Err(
            Fault::new(Code::Integrity, "The backup's audit chain does not hold.")
                .next("Use another backup."),
        )
    }
}

async fn view(
    path: &Path,
    open: &mut Open,
    moved_aside: Option<String>,
) -> Result<BackupView, Fault> {
    let bytes = fs::metadata(path)
        .map_err(|error| io_fault(&error, path))?
        .len();
    Ok(BackupView {
        path: path.display().to_string(),
        vault: open.vault.id().to_string(),
        counter: open.vault.counter(),
        entries: crate::bundles::count_entries(open).await?,
        bytes,
        moved_aside,
    })
}

/// A copy in the vault's own folder, so that it can be renamed into place. Gone when dropped.
fn private_copy(from: &Path, beside: &Path) -> Result<tempfile::TempPath, Fault> {
    let copy = || {
        let folder = beside.parent().unwrap_or(Path::new("."));
        vault::create_private_folder(folder)?;
        let mut source = fs::File::open(from)?;
        let mut file = tempfile::Builder::new()
            .prefix(".sealfold-")
            .tempfile_in(folder)?;
        std::io::copy(&mut source, file.as_file_mut())?;
        file.as_file().sync_all()?;
        Ok(file.into_temp_path())
    };
    copy().map_err(|error: std::io::Error| io_fault(&error, from))
}

fn io_fault(error: &std::io::Error, path: &Path) -> Fault {
    let code = if error.kind() == std::io::ErrorKind::NotFound {
        Code::NotFound
    } else {
        Code::Io
    };
    Fault::new(code, format!("The file can't be used: {}.", error.kind()))
        .about(path.display().to_string())
}
