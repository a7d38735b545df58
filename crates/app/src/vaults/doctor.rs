//! The doctor: looks at everything, and says of each thing how it stands and what to do.

use vault::{KeychainError, SlotKind, Standing};

use super::{Check, CheckState, Doctor, DoctorReport};
use crate::clock::now;
use crate::door::UseCase;
use crate::open::{AnchorState, Open};
use crate::records::AuditEntry;
use crate::session::Session;
use crate::{Fault, agent};

impl UseCase for Doctor {
    async fn carry_out(self, session: &mut Session) -> Result<DoctorReport, Fault> {
        let mut checks = vec![file(session), keychain(session).await, process(session)];
        match &mut session.open {
            None => checks.push(warning(
                "unlocked",
                "The vault is locked, so its contents were not looked at.",
                "Run `sealfold unlock` first.",
            )),
            Some(open) => checks.extend(contents(open).await),
        }
        Ok(DoctorReport { checks })
    }
}

fn check(name: &str, state: CheckState, sentence: impl Into<String>, next: Option<&str>) -> Check {
    Check {
        name: name.to_owned(),
        state,
        sentence: sentence.into(),
        next: next.map(str::to_owned),
    }
}

fn ok(name: &str, sentence: impl Into<String>) -> Check {
    check(name, CheckState::Ok, sentence, None)
}

fn warning(name: &str, sentence: impl Into<String>, next: &str) -> Check {
    check(name, CheckState::Warning, sentence, Some(next))
}

fn bad(name: &str, sentence: impl Into<String>, next: &str) -> Check {
    check(name, CheckState::Bad, sentence, Some(next))
}

const RESTORE: &str = "Keep the file, and restore a backup with `sealfold backup restore FILE`.";

fn file(session: &Session) -> Check {
    let path = session.home.vault_file();
    let Ok(found) = std::fs::metadata(path) else {
        return bad(
            "file",
            "There is no vault file.",
            "Make one with `sealfold init`, or restore a backup.",
        );
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let mode = found.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return warning(
                "file",
                format!("Others may open the vault file (mode {mode:03o})."),
                "Run `chmod 600` on it.",
            );
        }
        if found.uid() != nix::unistd::Uid::effective().as_raw() {
            return warning(
                "file",
                "The vault file belongs to another user.",
                "Check whose it is.",
            );
        }
    }
    ok(
        "file",
        format!("The vault file is there, private, {} bytes.", found.len()),
    )
}

async fn keychain(session: &Session) -> Check {
    let Some(keychain) = &session.keychain else {
        return warning(
            "keychain",
            "The keychain is not used: an older copy of the vault file would go undetected.",
            "Leave `--no-keychain` out.",
        );
    };
    let id = session
        .open
        .as_ref()
        .map_or(vault::VaultId::from_bytes([0; 16]), |open| open.vault.id());
    match keychain.anchor(&id).await {
        Ok(_) => ok("keychain", "The keychain answers."),
        Err(KeychainError::Absent(_)) => warning(
            "keychain",
            "No keychain is running: an older copy of the vault file would go undetected.",
            "Start a Secret Service such as gnome-keyring or KeePassXC.",
        ),
        Err(error) => warning(
            "keychain",
            format!("The keychain can't be used: {error}."),
            "Unlock or repair the keychain.",
        ),
    }
}

fn process(session: &Session) -> Check {
    let Some(running) = &session.agent else {
        return ok(
            "agent",
            "No agent is running; each command opens the vault by itself.",
        );
    };
    let guards = &running.guards;
    let off = [
        &guards.memory_locked,
        &guards.core_dumps_off,
        &guards.tracing_off,
    ];
    let why = |guard: &agent::Guard| match guard {
        agent::Guard::On => None,
        agent::Guard::Off(why) => Some(why.clone()),
    };
    let reasons: Vec<String> = off.into_iter().filter_map(why).collect();
    if reasons.is_empty() {
        ok(
            "agent",
            "The agent's memory is locked, and neither dumped nor traceable.",
        )
    } else {
        warning(
            "agent",
            format!(
                "The agent's memory is not fully guarded: {}.",
                reasons.join("; ")
            ),
            "Raise the limit for locked memory (ulimit -l) if you can.",
        )
    }
}

async fn contents(open: &mut Open) -> Vec<Check> {
    let mut checks = Vec::new();
    checks.push(match open.vault.verify_full().await {
        Ok(()) => {
            open.fully_checked = true;
            ok("rows", "Every row of the vault is as it was written.")
        }
        Err(error) => bad("rows", Fault::from(error).message, RESTORE),
    });
    checks.push(match open.vault.audit_verify().await {
        Ok(verdict) if verdict.is_whole() => ok(
            "audit",
            format!("The audit chain holds over {} rows.", verdict.rows),
        ),
        Ok(_) => bad("audit", "The audit chain is broken.", RESTORE),
        Err(error) => bad("audit", Fault::from(error).message, RESTORE),
    });
    checks.push(match open.anchor {
        AnchorState::Same | AnchorState::New => {
            ok("anchor", "The vault is the one last used here.")
        }
        AnchorState::Absent => warning(
            "anchor",
            "There is no anchor: an older copy of the vault file would go undetected.",
            "Use a keychain.",
        ),
        AnchorState::Unreadable => warning(
            "anchor",
            "The keychain does not give the anchor: this could be an older copy of the vault file, so it will not write.",
            "Start or unlock the keychain.",
        ),
        AnchorState::RolledBack => bad(
            "anchor",
            "ROLLBACK: the vault file is an older copy or another branch.",
            "Find out who put it there; then run `sealfold recovery use`.",
        ),
    });
    checks.push(match open.vault.standing() {
        Standing::Enrolled => ok("standing", "This device may write."),
        other => bad(
            "standing",
            format!(
                "This device must not write: {}.",
                super::status::standing_word(other)
            ),
            "Run `sealfold recovery use`.",
        ),
    });
    checks.push(slots(open));
    checks.push(clock(open).await);
    let due = open.team.ledger.due(&open.team.member);
    checks.push(if due.is_empty() {
        ok("keys", "No key rotation is due.")
    } else {
        warning(
            "keys",
            format!("{} key rotations are due.", due.len()),
            "Run `sealfold recovery use` with the recovery words.",
        )
    });
    checks
}

fn slots(open: &Open) -> Check {
    let slots = open.vault.slots();
    if !slots.iter().any(|slot| slot.kind == SlotKind::Recovery) {
        return warning(
            "slots",
            "There is no recovery slot.",
            "Run `sealfold recovery new`.",
        );
    }
    let floor = crypto::KdfParams::DEFAULT;
    let weak =
        |kdf: crypto::KdfParams| kdf.memory_kib < floor.memory_kib || kdf.passes < floor.passes;
    if slots.iter().any(|slot| slot.kdf.is_some_and(weak)) {
        return warning(
            "slots",
            "A passphrase slot is weaker than new ones are.",
            "Run `sealfold passphrase change`.",
        );
    }
    ok(
        "slots",
        format!("{} key slots, as strong as new ones.", slots.len()),
    )
}

async fn clock(open: &mut Open) -> Check {
    let newest = match open.vault.audit_page(None, 1).await {
        Ok(page) => page
            .first()
            .and_then(|row| AuditEntry::decode(&row.payload).ok())
            .map_or(0, |entry| entry.at),
        Err(_) => 0,
    };
    // An hour of slack: clocks are set, and machines differ.
    if newest > now() + 3_600 {
        return warning(
            "clock",
            "The clock stands before the newest audit row: it has gone back.",
            "Set the clock; the order of the audit holds all the same.",
        );
    }
    ok("clock", "The clock is not behind the audit.")
}
