//! One locked or unlocked vault, and who is asking: what the door's requests are carried out in.

use std::sync::Arc;

use vault::{Check, Keychain, LockedVault, SlotKey, SlotKind};

use crate::agent::Running;
use crate::open::{AnchorState, Open};
use crate::refusals::keychain_fault;
use crate::requests::{Reply, Request, dispatch};
use crate::sync::{Couriers, Progress};
use crate::vaults::Key;
use crate::{Code, Fault, Home, notes, system};

/// Who asks, for the audit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// Process id; 0 when unknown.
    pub pid: u32,
    /// Name of its program.
    pub program: String,
}

/// What the requests of one process, or of all clients of an agent, are carried out in.
pub(crate) struct Session {
    pub(crate) home: Home,
    /// None when the person asked to leave the keychain alone.
    pub(crate) keychain: Option<Keychain>,
    /// Set in an agent's process.
    pub(crate) agent: Option<Running>,
    pub(crate) caller: Caller,
    pub(crate) open: Option<Open>,
    pub(crate) until: Option<u64>,
    /// What carries ops to the teams' remotes.
    pub(crate) couriers: Couriers,
    /// How far the present sync has come, here or beside.
    pub(crate) progress: Arc<Progress>,
}

/// A session to be, over a vault that is open already.
#[cfg(unix)]
pub(crate) struct Unloaded {
    home: Home,
    vault: vault::Vault,
    fully_checked: bool,
    anchor: AnchorState,
    couriers: Couriers,
    progress: Arc<Progress>,
}

#[cfg(unix)]
impl Unloaded {
    /// Loads the teams.
    pub(crate) async fn load(self) -> Result<Session, Fault> {
        let mut open = Open::load(self.vault, self.fully_checked).await?;
        open.anchor = self.anchor;
        open.progress = Arc::clone(&self.progress);
        let mut session = Session::new(self.home, None);
        session.couriers = self.couriers;
        session.progress = self.progress;
        session.open = Some(open);
        Ok(session)
    }
}

impl Session {
    /// A session over a vault that is locked, or not made yet.
    pub(crate) fn new(home: Home, keychain: Option<Keychain>) -> Self {
        Self {
            couriers: Couriers::new(&home),
            progress: Arc::default(),
            home,
            keychain,
            agent: None,
            caller: Caller::default(),
            open: None,
            until: None,
        }
    }

    /// Answers one request. What fails on an open vault is written to the audit; a wrong key, while
    /// the vault is locked, is noted for it.
    pub(crate) async fn ask(
        &mut self,
        mut request: Request,
        caller: Caller,
    ) -> Result<Reply, Fault> {
        self.caller = caller;
        // Asked while others work, again and again: nothing of the vault is looked at.
        if let Request::SyncProgress(_) = request {
            return Ok(Reply::SyncProgress(self.progress.read()));
        }
        if let Some(open) = &mut self.open
            && let Err(fault) = open.catch_up().await
        {
            // threats 46, 48: somebody without the keys wrote to the file while it was open.
            if fault.code == Code::Integrity {
                self.lock().await;
            }
            match &mut request {
                // This is what it was asked to find.
                Request::Doctor(doctor) if fault.code == Code::Integrity => {
                    doctor.refused = Some(fault);
                }
                _ => return Err(fault),
            }
        }
        let trace = crate::audit::trace(&request);
        let outcome = Box::pin(dispatch(self, request)).await;
        if let (Err(fault), Some(mut entry)) = (&outcome, trace) {
            entry.failure = Some(fault.code);
            self.record_failure(entry).await;
        }
        if let Some(open) = &mut self.open {
            // It hides no answer, and is tried again after the next request.
            let _ = crate::escape::follow(open, &self.caller).await;
        }
        // The key of a backup is the vault's too.
        if matches!(&outcome, Err(fault) if fault.code == Code::WrongKey)
            && !self.is_unlocked()
            && self.home.vault_file().exists()
        {
            notes::note_failed_unlock(&self.home);
        }
        outcome
    }

    /// A failure to record a failure must not hide the failure itself.
    async fn record_failure(&mut self, entry: crate::records::AuditEntry) {
        let caller = self.caller.clone();
        if let Some(open) = &mut self.open {
            let _ = open.record(&caller, entry).await;
        }
    }

    /// A connection of its own to the same open vault, for work on another thread. Its teams are
    /// loaded there: with years of history that takes a while, and nobody here should wait for it.
    #[cfg(unix)]
    pub(crate) async fn beside(&self) -> Result<Unloaded, Fault> {
        let open = self.open.as_ref().ok_or_else(locked)?;
        Ok(Unloaded {
            home: self.home.clone(),
            vault: open.vault.beside().await?,
            fully_checked: open.fully_checked,
            anchor: open.anchor,
            couriers: self.couriers.like(),
            progress: Arc::clone(&self.progress),
        })
    }

    /// Whether the vault is open.
    pub(crate) fn is_unlocked(&self) -> bool {
        self.open.is_some()
    }

    /// Unix seconds at which the vault locks by itself.
    pub(crate) fn until(&self) -> Option<u64> {
        self.until
    }

    /// The open vault.
    ///
    /// # Errors
    /// `locked` when it isn't open.
    pub(crate) fn opened(&mut self) -> Result<(&mut Open, &Caller), Fault> {
        match &mut self.open {
            Some(open) => Ok((open, &self.caller)),
            None => Err(locked()),
        }
    }

    /// Opens the vault file with a key, checks it against the anchor, and loads the team.
    pub(crate) async fn open_vault(
        &mut self,
        key: Key,
        check: Check,
    ) -> Result<Vec<String>, Fault> {
        let locked = LockedVault::open(self.home.vault_file()).await?;
        let by_person = !matches!(key, Key::Keychain);
        let key = self.slot_key(&locked, key).await?;
        let vault = locked.unlock(key, check).await?;
        let mut open = Open::load(vault, check == Check::Full).await?;
        open.progress = Arc::clone(&self.progress);
        let warnings = open.check_anchor(self.keychain.as_ref()).await?;
        open.take_in_failed_unlocks(&self.home, &self.caller)
            .await?;
        self.open = Some(open);
        // One command with a passphrase is not the `unlock` that ends a lock. Where there is no
        // agent, there is no other unlock.
        if by_person && (self.agent.is_some() || !cfg!(unix)) {
            notes::resume_keychain(&self.home)?;
        }
        Ok(warnings)
    }

    /// Compares the open vault with its anchor once more, if the keychain did not give it before.
    pub(crate) async fn look_for_anchor(&mut self) -> Result<Vec<String>, Fault> {
        match &mut self.open {
            Some(open) if open.anchor == AnchorState::Unreadable => {
                open.check_anchor(self.keychain.as_ref()).await
            }
            _ => Ok(Vec::new()),
        }
    }

    pub(crate) async fn slot_key(&self, locked: &LockedVault, key: Key) -> Result<SlotKey, Fault> {
        match key {
            Key::Passphrase(passphrase) => {
                let passphrase = passphrase.into_secret_text().map_err(|_| not_text())?;
                Ok(SlotKey::passphrase(passphrase, system::ram_bytes()))
            }
            Key::RecoveryWords(words) => {
                Ok(SlotKey::recovery(&crate::vaults::recovery_key(&words)?))
            }
            Key::Keychain => {
                if self.home.suspended_marker().exists() {
                    return Err(Fault::new(Code::Locked, "The vault was locked, and the keychain may not open it until it is unlocked by a person.")
                        .next("Run `sealfold unlock`."));
                }
                let slot = locked
                    .slots()
                    .iter()
                    .find(|slot| slot.kind == SlotKind::Keychain);
                let slot = slot.ok_or_else(|| {
                    Fault::new(Code::NotFound, "The vault has no keychain slot.")
                        .next("`sealfold slot add keychain` adds one.")
                })?;
                let keychain = self
                    .keychain
                    .as_ref()
                    .ok_or_else(|| Fault::new(Code::NotFound, "The keychain is not to be used."))?;
                let secret = keychain
                    .slot_secret(&locked.id(), &slot.id)
                    .await
                    .map_err(|error| keychain_fault(&error))?;
                Ok(SlotKey::keychain(slot.id, secret))
            }
        }
    }

    /// Makes safe what reads left for later: audit rows to disk, the anchor to the keychain.
    pub(crate) async fn flush(&mut self) {
        if let Some(open) = &mut self.open {
            open.flush(self.keychain.as_ref()).await;
        }
    }

    /// Makes everything safe, and closes the vault.
    pub(crate) async fn lock(&mut self) {
        self.flush().await;
        self.close().await;
    }

    /// Forgets the keys and closes the file, when everything was made safe or can't be.
    pub(crate) async fn close(&mut self) {
        self.until = None;
        if let Some(open) = self.open.take() {
            // Not closed tidily it is as after a crash: the next one to open it takes in the WAL.
            let _ = open.vault.lock().await;
        }
    }
}

pub(crate) fn locked() -> Fault {
    Fault::new(Code::Locked, "The vault is locked.").next("Run `sealfold unlock`.")
}

pub(crate) fn not_text() -> Fault {
    Fault::new(Code::Usage, "A passphrase has to be UTF-8 text.")
}
