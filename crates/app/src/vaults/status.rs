//! How things stand.

use vault::{KeychainError, LockedVault, Standing};

use super::{OpenStatus, Pulse, PulseView, Status, StatusView};
use crate::open::{AnchorState, Open, Unreadable};
use crate::requests::UseCase;
use crate::session::Session;
use crate::{Fault, bundles, sync};

impl UseCase for Status {
    async fn carry_out(self, session: &mut Session) -> Result<StatusView, Fault> {
        let path = session.home.vault_file().to_owned();
        let mut view = StatusView {
            exists: path.exists(),
            path: path.display().to_string(),
            locked: !session.is_unlocked(),
            suspended: session.home.suspended_marker().exists(),
            vault: None,
            format: None,
            slots: Vec::new(),
            keychain: String::new(),
            open: None,
            agent: session
                .agent
                .as_ref()
                .map(|running| running.view(session.until())),
            warnings: Vec::new(),
        };
        let mut id = None;
        if let Some(open) = &mut session.open {
            id = Some(open.vault.id());
            view.slots = open
                .vault
                .slots()
                .iter()
                .map(|slot| slot.kind.to_string())
                .collect();
            view.open = Some(open_status(open).await?);
        } else if view.exists {
            let locked = LockedVault::open(&path).await?;
            id = Some(locked.id());
            view.slots = locked
                .slots()
                .iter()
                .map(|slot| slot.kind.to_string())
                .collect();
        }
        view.vault = id.map(|id| id.to_string());
        view.format = id.map(|_| 1);
        view.keychain = match (&session.keychain, id) {
            (None, _) => "not used".to_owned(),
            (Some(keychain), id) => {
                let probe = id.unwrap_or(vault::VaultId::from_bytes([0; 16]));
                match keychain.anchor(&probe).await {
                    Ok(_) => "ok".to_owned(),
                    Err(KeychainError::Absent(_)) => "none".to_owned(),
                    Err(KeychainError::Locked(_)) => "locked".to_owned(),
                    Err(error) => error.to_string(),
                }
            }
        };
        view.warnings = warnings(&view);
        Ok(view)
    }
}

impl UseCase for Pulse {
    /// None where no agent holds an open vault.
    async fn carry_out(self, session: &mut Session) -> Result<Option<PulseView>, Fault> {
        let Some(agent) = session.agent.as_ref().map(|agent| agent.pid) else {
            return Ok(None);
        };
        let Ok((open, _)) = session.opened() else {
            return Ok(None);
        };
        Ok(Some(PulseView {
            agent,
            ops: open.vault.last_arrival().await?,
            kept: open.vault.evidence_count().await?,
        }))
    }
}

async fn open_status(open: &mut Open) -> Result<OpenStatus, Fault> {
    let standing = standing_word(open.vault.standing());
    let entries = bundles::count_entries(open).await?;
    let mut findings = Vec::new();
    for id in open.teams.ids() {
        findings.extend(sync::kept(open, &id).await?);
    }
    let escapes = crate::escape::all(open);
    let team = open.teams.home();
    let state = team.ledger.state();
    Ok(OpenStatus {
        team: team.id.to_string(),
        member: state
            .members()
            .get(&team.member)
            .map(|member| member.name.clone())
            .unwrap_or_default(),
        device: team.device.to_string(),
        device_name: state
            .devices()
            .get(&team.device)
            .map(|device| device.name.clone())
            .unwrap_or_default(),
        bundles: bundles::usable(&open.teams).len() as u64,
        entries,
        counter: open.vault.counter(),
        standing,
        anchor: open.anchor.word().to_owned(),
        audit_rows: open.vault.audit_count(),
        fully_checked: open.fully_checked,
        flush_failure: open.flush_failure.clone(),
        escapes,
        findings,
        unreadable_teams: open
            .teams
            .unreadable()
            .iter()
            .map(Unreadable::label)
            .collect(),
    })
}

pub(super) fn standing_word(standing: Standing) -> String {
    match standing {
        Standing::Enrolled => "enrolled".to_owned(),
        Standing::MustEnrol {
            why: vault::EnrolReason::Restored,
        } => "restored from a backup".to_owned(),
        Standing::MustEnrol { .. } => "rolled back".to_owned(),
    }
}

fn warnings(view: &StatusView) -> Vec<String> {
    let mut warnings = Vec::new();
    if view.exists && view.keychain != "ok" {
        warnings.push("no keychain is in use: an older copy of the vault file put in its place would go undetected".to_owned());
    }
    if let Some(open) = &view.open {
        if open.standing != "enrolled" {
            warnings.push("this vault reads, but will not write until `sealfold recovery use` enrols this device anew".to_owned());
        }
        if open.anchor == AnchorState::Unreadable.word() {
            warnings.push("the keychain does not give the anchor: this vault reads, but will not write without `--no-keychain`".to_owned());
        }
        if let Some(why) = &open.flush_failure {
            let why = why.trim_end_matches('.');
            warnings.push(format!(
                "the vault's newest state is not safe yet, and the next command tries again: {why}"
            ));
        }
        for team in &open.unreadable_teams {
            warnings.push(format!(
                "team {team} can't be read, and nothing of it is shown: run `sealfold doctor`"
            ));
        }
        for escape in &open.escapes {
            if let Some(trouble) = &escape.trouble {
                warnings.push(format!("the escape file of {}: {trouble}", escape.bundle));
            }
        }
        let pressing = |finding: &&sync::FindingView| finding.acknowledged.is_none();
        for finding in open.findings.iter().filter(pressing) {
            let (team, about, next) = (&finding.team, finding.about(), &finding.next);
            warnings.push(format!("{team}: {about} {next}"));
        }
        if !open.fully_checked {
            warnings.push("only the header was checked: a row put back to an older state would be found by `sealfold unlock` or `sealfold doctor`".to_owned());
        }
    }
    warnings
}
