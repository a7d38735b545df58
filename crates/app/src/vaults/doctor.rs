//! The doctor: looks at everything, and says of each thing how it stands and what to do.

use vault::{KeychainError, SlotKind, Standing};

use super::status::standing_word;
use super::{Check, CheckState, Doctor, DoctorReport};
use crate::clock::now;
use crate::open::{AnchorState, Open};
use crate::records::AuditEntry;
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Code, Fault, agent, counted, sync};

impl UseCase for Doctor {
    async fn carry_out(self, session: &mut Session) -> Result<DoctorReport, Fault> {
        // So that what is said of the anchor is tried and not remembered.
        session.flush().await;
        let mut checks = vec![file(session), keychain(session).await, process(session)];
        match (self.refused, &mut session.open) {
            (Some(fault), _) => checks.push(failed("vault", fault)),
            (None, Some(open)) => checks.extend(contents(open).await),
            (None, None) => checks.push(warning(
                "unlocked",
                "The vault is locked, so its contents were not looked at.",
                "Run `sealfold unlock` first.",
            )),
        }
        Ok(DoctorReport { checks })
    }
}

fn ok(name: &str, sentence: impl Into<String>) -> Check {
    Check {
        name: name.to_owned(),
        state: CheckState::Ok,
        sentence: sentence.into(),
        next: None,
        failure: None,
    }
}

fn warning(name: &str, sentence: impl Into<String>, next: &str) -> Check {
    Check {
        state: CheckState::Warning,
        next: Some(next.to_owned()),
        ..ok(name, sentence)
    }
}

fn bad(name: &str, failure: Code, sentence: impl Into<String>, next: &str) -> Check {
    Check {
        state: CheckState::Bad,
        failure: Some(failure),
        ..warning(name, sentence, next)
    }
}

/// What the vault itself says is wrong.
fn failed(name: &str, fault: Fault) -> Check {
    let next = fault.next.as_deref().unwrap_or(RESTORE);
    bad(name, fault.code, fault.message, next)
}

const RESTORE: &str = "Keep the file, and restore a backup with `sealfold backup restore FILE`.";

fn file(session: &Session) -> Check {
    let path = session.home.vault_file();
    let Ok(found) = std::fs::metadata(path) else {
        return bad(
            "file",
            Code::NotFound,
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
        format!(
            "The vault file is there, private, {}.",
            counted(found.len(), "byte", "bytes")
        ),
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
        let sentence = if session.is_unlocked() {
            "This command asked no agent; it opened the vault by itself."
        } else {
            "This command asked no agent."
        };
        return ok("agent", sentence);
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
    let mut checks = vec![
        rows(open).await,
        audit(open).await,
        anchor(open),
        standing(open),
        slots(open),
        clock(open).await,
        keys(open),
    ];
    checks.extend(teams(open).await);
    checks
}

async fn rows(open: &mut Open) -> Check {
    match open.vault.verify_full().await {
        Ok(()) => {
            open.fully_checked = true;
            ok("rows", "Every row of the vault is as it was written.")
        }
        Err(error) => failed("rows", error.into()),
    }
}

async fn audit(open: &mut Open) -> Check {
    match open.vault.audit_verify().await {
        Ok(verdict) if verdict.is_whole() => {
            let rows = counted(verdict.rows, "row", "rows");
            ok("audit", format!("The audit chain holds over {rows}."))
        }
        Ok(_) => bad(
            "audit",
            Code::Integrity,
            "The audit chain is broken.",
            RESTORE,
        ),
        Err(error) => failed("audit", error.into()),
    }
}

fn anchor(open: &Open) -> Check {
    if let Some(why) = &open.flush_failure {
        return warning(
            "anchor",
            format!(
                "The newest state of the vault is not safe yet, on disk and in the keychain's anchor. {why}"
            ),
            "See to the keychain and the disk; the next command tries again.",
        );
    }
    match open.anchor {
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
            Code::Integrity,
            "ROLLBACK: the vault file is an older copy or another branch.",
            "Find out who put it there; then run `sealfold recovery use`.",
        ),
    }
}

fn standing(open: &Open) -> Check {
    match open.vault.standing() {
        Standing::Enrolled => outside(open),
        other => bad(
            "standing",
            Code::NotAllowed,
            format!("This device must not write: {}.", standing_word(other)),
            "Run `sealfold recovery use`.",
        ),
    }
}

/// Teams in which this device has no say any more.
fn outside(open: &Open) -> Check {
    let out = open.teams.iter().filter(|team| team.is_out());
    let names: Vec<String> = out.map(|team| open.teams.label(team)).collect();
    if names.is_empty() {
        return ok("standing", "This device may write.");
    }
    let names = names.join(", ");
    warning(
        "standing",
        format!("This member was removed from {names}, or this device was revoked there."),
        "An admin can take you back in: `sealfold join --again`. A device of yours that stands can add this one anew: `sealfold device add`.",
    )
}

fn keys(open: &Open) -> Check {
    let due: usize = open
        .teams
        .iter()
        .filter(|team| team.is_let_in())
        .map(|team| team.ledger.due(&team.member).len())
        .sum();
    let due = due as u64;
    if due == 0 {
        return ok("keys", "No key rotation is due.");
    }
    let due = counted(due, "key rotation is", "key rotations are");
    warning(
        "keys",
        format!("{due} due."),
        "Run `sealfold sync`, which does them; in a vault without a remote, `sealfold recovery new` does.",
    )
}

/// One check for each finding.
async fn teams(open: &mut Open) -> Vec<Check> {
    if let Some(team) = open.teams.unreadable().first() {
        let sentence = format!(
            "The stored ops of team {} do not add up: nothing of it is shown or signed.",
            team.label()
        );
        return vec![bad("teams", Code::Integrity, sentence, RESTORE)];
    }
    let mut findings = Vec::new();
    for id in open.teams.ids() {
        match sync::kept(open, &id).await {
            Ok(kept) => findings.extend(kept),
            Err(fault) => return vec![failed("teams", fault)],
        }
    }
    if findings.is_empty() {
        let sentence = "Nothing is found against a team's remote or members.";
        return vec![ok("teams", sentence)];
    }
    let check = |finding: &sync::FindingView| {
        let sentence = format!("{}: {}", finding.team, finding.about());
        match finding.acknowledged {
            Some(_) => ok("teams", format!("{sentence} It is known.")),
            None => bad("teams", finding.kind.code(), sentence, &finding.next),
        }
    };
    findings.iter().map(check).collect()
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
    let count = counted(slots.len() as u64, "key slot", "key slots");
    ok("slots", format!("{count}, as strong as new ones."))
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
