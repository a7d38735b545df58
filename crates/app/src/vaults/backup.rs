//! Backups: a consistent encrypted copy, checked, and put back.
//!
//! A backup is a vault file like any other, without the keychain slot; it may be encrypted once more,
//! to age recipients, so that whoever finds it can't even guess at the passphrase. It is never opened
//! where it lies, but in a private copy, for SQLite would write beside it.

use std::fs;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use vault::{Changes, Check, Durability, EnrolReason, LockedVault, Standing, Vault};

use super::{BackupView, CreateBackup, Key, RestoreBackup, VerifyBackup};
use crate::open::Open;
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, Plaintext, age, notes};

impl UseCase for CreateBackup {
    async fn carry_out(self, session: &mut Session) -> Result<BackupView, Fault> {
        let (open, caller) = session.opened()?;
        let caller = caller.clone();
        let path = PathBuf::from(&self.path);
        if !open.fully_checked {
            open.vault.verify_full().await?;
            open.fully_checked = true;
        }
        let team = open.teams.meant(None).unwrap_or(open.teams.home());
        let to = age::resolve(team, &self.to)?;
        let shown = age::shown(team, &to);
        let detail = match shown.as_slice() {
            [] => self.path,
            shown => format!("{} to {}", self.path, shown.join(", ")),
        };
        let entry = AuditEntry {
            operation: "backup create".to_owned(),
            detail: Some(detail),
            ..AuditEntry::default()
        };
        open.record(&caller, entry).await?;
        let about = |fault: Fault| fault.about(path.display().to_string());
        if to.is_empty() {
            let written = open.vault.backup_to(&path).await;
            written.map_err(|error| about(error.into()))?;
        } else {
            let folder = folder_of(&path);
            let aside = tempfile::Builder::new()
                .prefix(".sealfold-")
                .tempdir_in(folder);
            let aside = aside.map_err(|error| io_fault(&error, &path))?;
            let plain = aside.path().join("backup");
            let written = open.vault.backup_to(&plain).await;
            written.map_err(|error| about(error.into()))?;
            let keys: Vec<_> = to.into_iter().map(|to| to.key).collect();
            encrypt(&plain, &path, &keys, age::Form::armored(self.armored))
                .map_err(|error| io_fault(&error, &path))?;
        }
        let mut view = view(&path, open, None).await?;
        view.to = shown;
        Ok(view)
    }
}

impl UseCase for VerifyBackup {
    async fn carry_out(self, session: &mut Session) -> Result<BackupView, Fault> {
        let path = PathBuf::from(&self.path);
        let copy = private_copy(&path, session.home.vault_file(), self.identity)?;
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
        let copy = private_copy(&path, &target, self.identity)?;
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
        to: Vec::new(),
    })
}

/// Encrypts a file to another, which is new, whole or not there, and this user's alone.
fn encrypt(from: &Path, to: &Path, keys: &[age::Recipient], form: age::Form) -> io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".sealfold-")
        .tempfile_in(folder_of(to))?;
    let mut buffered = io::BufWriter::new(file.as_file_mut());
    age::copy_sealed(&mut fs::File::open(from)?, &mut buffered, keys, form)?;
    buffered
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(to).map_err(|error| error.error)?;
    Ok(())
}

/// A copy in the vault's own folder, so that it can be renamed into place. Gone when dropped. One
/// that is encrypted to recipients is a vault file inside, so its copy holds no plaintext either.
fn private_copy(
    from: &Path,
    beside: &Path,
    identity: Option<Plaintext>,
) -> Result<tempfile::TempPath, Fault> {
    let wrong = |error: io::Error| io_fault(&error, from);
    let folder = folder_of(beside);
    vault::create_private_folder(folder).map_err(wrong)?;
    let mut source = io::BufReader::new(open_file(from)?);
    let temporary = tempfile::Builder::new()
        .prefix(".sealfold-")
        .tempfile_in(folder);
    let mut file = temporary.map_err(wrong)?;
    let encrypted = age::is_age_file(source.fill_buf().map_err(wrong)?);
    match (encrypted, identity) {
        (true, Some(identity)) => {
            let identities = age::Identities::parse(&identity)?;
            age::copy_opened(&mut source, file.as_file_mut(), &identities)?;
        }
        (true, None) => {
            return Err(
                Fault::new(Code::Usage, "The backup is encrypted to age recipients.")
                    .about(from.display().to_string())
                    .next("Give the identity file of one of them with `--identity FILE`."),
            );
        }
        (false, _) => {
            io::copy(&mut source, file.as_file_mut()).map_err(wrong)?;
        }
    }
    file.as_file().sync_all().map_err(wrong)?;
    Ok(file.into_temp_path())
}

/// A file and nothing else: a pipe that nobody writes to, or a device that never ends, would hold up
/// whoever waits for it.
fn open_file(path: &Path) -> Result<fs::File, Fault> {
    let mut options = fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, nix::libc::O_NONBLOCK);
    let wrong = |error: io::Error| io_fault(&error, path);
    let file = options.open(path).map_err(wrong)?;
    if !file.metadata().map_err(wrong)?.is_file() {
        return Err(Fault::new(Code::Usage, "This is no file.")
            .about(path.display().to_string())
            .next("Name the file that holds the backup."));
    }
    Ok(file)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

fn io_fault(error: &io::Error, path: &Path) -> Fault {
    let code = match error.kind() {
        io::ErrorKind::NotFound => Code::NotFound,
        io::ErrorKind::AlreadyExists => Code::Conflict,
        _ => Code::Io,
    };
    Fault::new(code, format!("The file can't be used: {}.", error.kind()))
        .about(path.display().to_string())
}
