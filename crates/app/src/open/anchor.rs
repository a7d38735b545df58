//! The vault against its anchor in the keychain: was an older copy of the file put in its place?

use vault::{
    AnchorVerdict, Changes, Durability, EnrolReason, Keychain, KeychainError, SlotKind, Standing,
};

use super::Open;
use crate::refusals::keychain_fault;
use crate::{Fault, counted};

/// How the vault stood to the anchor in the keychain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnchorState {
    /// They agree, or the vault went on from it in its own chain.
    Same,
    /// There was none yet; the next flush writes it.
    New,
    /// No keychain is used: local rollback goes undetected.
    Absent,
    /// The vault has a keychain slot, so that there is an anchor too, but the keychain does not
    /// give it. Nothing is signed: to stop the keychain must not be a way to have an older copy
    /// believed.
    Unreadable,
    /// The vault is older than the anchor, or another branch. It stays as it is for evidence.
    RolledBack,
}

impl AnchorState {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            AnchorState::Same => "same",
            AnchorState::New => "new",
            AnchorState::Absent => "absent",
            AnchorState::Unreadable => "unreadable",
            AnchorState::RolledBack => "rolled_back",
        }
    }
}

impl Open {
    /// Compares the vault with its anchor, and says what a person should know.
    pub(crate) async fn check_anchor(
        &mut self,
        keychain: Option<&Keychain>,
    ) -> Result<Vec<String>, Fault> {
        let unprotected = |why: &str| {
            format!("{why}: an older copy of the vault file put in its place would go undetected")
        };
        let Some(keychain) = keychain else {
            self.anchor = AnchorState::Absent;
            return Ok(Vec::new());
        };
        let mut slots = self.vault.slots().into_iter();
        let has_slot = slots.any(|slot| slot.kind == SlotKind::Keychain);
        let anchor = match keychain.anchor(&self.vault.id()).await {
            Ok(Some(anchor)) => anchor,
            Ok(None) => {
                self.anchor = AnchorState::New;
                self.unflushed = true;
                return Ok(Vec::new());
            }
            Err(error) if has_slot => {
                self.anchor = AnchorState::Unreadable;
                return Ok(vec![format!(
                    "{error}: this could be an older copy of the vault file, so it reads, but will not write without `--no-keychain`"
                )]);
            }
            Err(error) => {
                self.anchor = AnchorState::Absent;
                return Ok(match error {
                    KeychainError::Absent(_) | KeychainError::Unsupported => Vec::new(),
                    error => vec![unprotected(&error.to_string())],
                });
            }
        };
        match self.vault.compare_anchor(&anchor).await? {
            AnchorVerdict::Same => self.anchor = AnchorState::Same,
            AnchorVerdict::Healed { .. } => {
                self.anchor = AnchorState::Same;
                self.unflushed = true;
            }
            AnchorVerdict::RolledBack {
                anchor_counter,
                found_counter,
            } => {
                self.mark_rolled_back().await?;
                let lost = counted(anchor_counter - found_counter, "commit", "commits");
                return Ok(vec![format!(
                    "ROLLBACK: this vault file is older than the one last used here, by {lost}. It reads, but will not write until `sealfold recovery use` enrols this device anew"
                )]);
            }
            AnchorVerdict::Forked => {
                self.mark_rolled_back().await?;
                return Ok(vec![
                    "ROLLBACK: this vault file is a copy that went its own way from the one last used here. It reads, but will not write until `sealfold recovery use` enrols this device anew".to_owned(),
                ]);
            }
        }
        Ok(Vec::new())
    }

    pub(super) async fn mark_rolled_back(&mut self) -> Result<(), Fault> {
        self.anchor = AnchorState::RolledBack;
        if self.vault.standing() != Standing::Enrolled {
            return Ok(());
        }
        let changes = |_: &Open| Changes {
            standing: Some(Standing::MustEnrol {
                why: EnrolReason::RolledBack,
            }),
            ..Changes::default()
        };
        self.commit_after_others(Durability::Durable, changes).await
    }

    /// Makes safe what was committed lazily, and moves the anchor on: database first, then anchor.
    /// What fails waits for the next flush, and `status` and `doctor` tell why.
    pub(crate) async fn flush(&mut self, keychain: Option<&Keychain>) {
        if !self.unflushed {
            return;
        }
        // Already said: nobody waits for a keychain that doesn't answer, and this is then dropped.
        self.flush_failure = Some("The keychain has not answered yet.".to_owned());
        let done = self.make_safe(keychain).await;
        self.flush_failure = done.err().map(|fault| fault.message);
        self.unflushed = self.flush_failure.is_some();
    }

    async fn make_safe(&mut self, keychain: Option<&Keychain>) -> Result<(), Fault> {
        self.vault.sync().await?;
        if let (Some(keychain), AnchorState::Same | AnchorState::New) = (keychain, self.anchor) {
            let anchor = self.vault.anchor().await?;
            let stored = keychain.set_anchor(&anchor).await;
            stored.map_err(|error| keychain_fault(&error))?;
            self.anchor = AnchorState::Same;
        }
        Ok(())
    }

    /// The device was enrolled anew: the vault's present state is what the anchor shall hold.
    pub(crate) fn trust_present_state(&mut self, keychain: Option<&Keychain>) {
        self.anchor = if keychain.is_some() {
            AnchorState::New
        } else {
            AnchorState::Absent
        };
        self.unflushed = true;
    }
}
