//! An unlocked vault with its teams loaded: what use cases read from and write through.

mod anchor;
mod effects;
mod team;
mod teams;

use std::collections::BTreeMap;
use std::sync::Arc;

use ::team::AuthorError;
use ::team::ids::TeamId;
use vault::{Changes, Durability, Standing, Vault, VaultError};

use crate::crash::reached;
use crate::records::AuditEntry;
use crate::refusals::{must_enrol, no_anchor};
use crate::session::Caller;
use crate::sync::Progress;
use crate::{Code, Fault, Home, notes};

pub(crate) use anchor::AnchorState;
pub(crate) use effects::{Author, resealed_bundle, status};
pub(crate) use team::{HeadsOnly, Team, not_allowed};
pub(crate) use teams::{Teams, Unreadable};

/// How often a write is tried again when other processes keep coming first.
const TRIES: u32 = 20;

/// An unlocked vault.
pub(crate) struct Open {
    pub vault: Vault,
    pub teams: Teams,
    pub anchor: AnchorState,
    /// Whether every row was checked against the root.
    pub fully_checked: bool,
    /// Where a sync counts what it has done.
    pub progress: Arc<Progress>,
    /// Whether something waits for [`Open::flush`].
    unflushed: bool,
    /// Why the last flush did not come about; the next one tries again. A sentence.
    pub flush_failure: Option<String>,
    /// For each team with escape files, what they were last compared with.
    pub escapes_seen: BTreeMap<TeamId, [u8; 32]>,
}

/// Why a write did not come about.
pub(crate) enum WriteError {
    /// Another process came first: everything is to be worked out anew.
    Moved,
    Fault(Fault),
}

impl From<VaultError> for WriteError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Moved => WriteError::Moved,
            error => WriteError::Fault(error.into()),
        }
    }
}

impl From<Fault> for WriteError {
    fn from(fault: Fault) -> Self {
        WriteError::Fault(fault)
    }
}

impl From<AuthorError> for WriteError {
    fn from(error: AuthorError) -> Self {
        WriteError::Fault(error.into())
    }
}

impl Open {
    /// Loads the teams of an unlocked vault.
    pub(crate) async fn load(mut vault: Vault, fully_checked: bool) -> Result<Self, Fault> {
        let teams = Teams::load(&mut vault).await?;
        Ok(Self {
            vault,
            teams,
            anchor: AnchorState::Absent,
            fully_checked,
            progress: Arc::default(),
            unflushed: false,
            flush_failure: None,
            escapes_seen: BTreeMap::new(),
        })
    }

    /// Work on a connection of its own has ended: the next flush makes safe what it committed.
    #[cfg(unix)]
    pub(crate) fn went_on_elsewhere(&mut self) {
        self.unflushed = true;
    }

    /// Takes in what other processes wrote since the last request.
    pub(crate) async fn catch_up(&mut self) -> Result<(), Fault> {
        if self.vault.refresh().await? {
            self.reload().await?;
        }
        Ok(())
    }

    pub(crate) async fn reload(&mut self) -> Result<(), Fault> {
        self.teams = Teams::load(&mut self.vault).await?;
        Ok(())
    }

    /// Writes failed attempts to unlock into the audit.
    pub(crate) async fn take_in_failed_unlocks(
        &mut self,
        home: &Home,
        caller: &Caller,
    ) -> Result<(), Fault> {
        let times = notes::take_failed_unlocks(home);
        if times.is_empty() {
            return Ok(());
        }
        let failed = AuditEntry {
            operation: "unlock".to_owned(),
            failure: Some(Code::WrongKey),
            ..AuditEntry::default()
        };
        let row = |open: &Open, at| {
            let entry = open.stamp(caller, failed.clone());
            AuditEntry { at, ..entry }.encode()
        };
        let changes = |open: &Open| Changes {
            audit: times.iter().map(|at| row(open, *at)).collect(),
            ..Changes::default()
        };
        let taken_in = self.commit_after_others(Durability::Durable, changes).await;
        if taken_in.is_err() {
            notes::note_failed_unlocks(home, &times);
        }
        taken_in
    }

    /// Fills in who, when and where.
    pub(crate) fn stamp(&self, caller: &Caller, entry: AuditEntry) -> AuditEntry {
        self.teams.home().stamp(caller, entry)
    }

    /// Commits an audit row for a read, before the value is released. It survives the end of the
    /// process at once, and a power cut after the next flush.
    pub(crate) async fn record(&mut self, caller: &Caller, entry: AuditEntry) -> Result<(), Fault> {
        let changes = |open: &Open| Changes {
            audit: vec![open.stamp(caller, entry.clone()).encode()],
            ..Changes::default()
        };
        self.commit_after_others(Durability::Lazy, changes).await
    }

    /// Commits what is true whatever others wrote meanwhile: when another process came first, once
    /// more on its state.
    async fn commit_after_others(
        &mut self,
        durability: Durability,
        changes: impl Fn(&Open) -> Changes,
    ) -> Result<(), Fault> {
        for _ in 0..TRIES {
            match self.vault.commit(changes(self), durability).await {
                Err(VaultError::Moved) => self.catch_up().await?,
                Err(error) => return Err(error.into()),
                Ok(_) => {
                    self.unflushed = true;
                    return Ok(());
                }
            }
        }
        Err(VaultError::Busy.into())
    }

    /// Does a write: `work` fills a commit, which is stored whole or not at all. When another
    /// process came first it is worked out anew on the new state.
    pub(crate) async fn write<T>(
        &mut self,
        work: impl AsyncFnMut(&mut Open, &mut Changes) -> Result<T, WriteError>,
    ) -> Result<T, Fault> {
        self.write_or_rehearse(false, work).await
    }

    /// As [`Open::write`]; a dry run works everything out, so that it fails as the write would,
    /// and stores nothing.
    pub(crate) async fn write_or_rehearse<T>(
        &mut self,
        dry_run: bool,
        mut work: impl AsyncFnMut(&mut Open, &mut Changes) -> Result<T, WriteError>,
    ) -> Result<T, Fault> {
        self.may_write()?;
        if dry_run {
            let outcome = work(self, &mut Changes::default()).await;
            // The ledger went on with ops that nobody stores.
            self.reload().await?;
            return outcome.map_err(|error| match error {
                WriteError::Moved => VaultError::Busy.into(),
                WriteError::Fault(fault) => fault,
            });
        }
        self.write_unenrolled(&mut work).await
    }

    /// Refuses where nothing may be signed.
    ///
    /// # Errors
    /// `not allowed` then.
    pub(crate) fn may_write(&self) -> Result<(), Fault> {
        if self.vault.standing() != Standing::Enrolled {
            return Err(must_enrol());
        }
        if self.anchor == AnchorState::Unreadable {
            return Err(no_anchor());
        }
        Ok(())
    }

    /// As [`Open::write`], also for a vault that is about to be enrolled or changes only its own
    /// slots.
    pub(crate) async fn write_unenrolled<T>(
        &mut self,
        mut work: impl AsyncFnMut(&mut Open, &mut Changes) -> Result<T, WriteError>,
    ) -> Result<T, Fault> {
        if !self.fully_checked {
            self.vault.verify_rows().await?;
            self.fully_checked = true;
        }
        for _ in 0..TRIES {
            let mut changes = Changes::default();
            let outcome = match work(self, &mut changes).await {
                Ok(value) => {
                    reached();
                    let committed = self.vault.commit(changes, Durability::Durable).await;
                    reached();
                    committed.map(|_| value).map_err(WriteError::from)
                }
                Err(error) => Err(error),
            };
            match outcome {
                Ok(value) => {
                    self.unflushed = true;
                    return Ok(value);
                }
                // The ledger may have gone on with ops that were not stored.
                Err(WriteError::Moved) => {
                    self.vault.refresh().await?;
                    self.reload().await?;
                }
                Err(WriteError::Fault(fault)) => {
                    self.reload().await?;
                    return Err(fault);
                }
            }
        }
        Err(VaultError::Busy.into())
    }
}

#[cfg(test)]
mod tests;
