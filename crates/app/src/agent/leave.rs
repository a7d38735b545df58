//! Which requests need a person's leave while a window can ask for it: all that give a value out or
//! change something. What only looks needs none, nor what locks.

use super::Wants;
use crate::Request;
use crate::audit::trace;
use crate::environments::DiffSide;

/// Names that a person is shown.
const NAMES: usize = 10;

/// What a request wants that needs leave; none where it needs none. What is not named here needs it.
pub(super) fn wants(request: &Request) -> Option<Wants> {
    if only_looks(request) {
        return None;
    }
    let row = trace(request).unwrap_or_default();
    let operation = match request {
        Request::LinkDevice(_) => "device add".to_owned(),
        Request::ExportEvidence(_) => "findings export".to_owned(),
        _ => row.operation,
    };
    Some(Wants {
        values: gives_values(request),
        operation,
        bundle: row.bundle,
        names: row.names.into_iter().take(NAMES).collect(),
        count: row.count,
    })
}

fn only_looks(request: &Request) -> bool {
    match request {
        // What is compared with a file could be guessed at by it.
        Request::Diff(diff) => {
            let sides = [&diff.a, &diff.b];
            let bundles = sides
                .into_iter()
                .all(|side| matches!(side, DiffSide::Bundle(_)));
            bundles && !diff.reveal
        }
        Request::ListConflicts(list) => !list.reveal,
        // An unlock brings its own key, and a lock is refused to nobody.
        Request::Unlock(_) | Request::Lock(_) | Request::StopAgent(_) => true,
        // What the window says. Only the one that attends is heard.
        Request::Attend(_) | Request::Decide(_) => true,
        // What the agent does by itself every few minutes, and what goes along with it.
        Request::Sync(_) | Request::SyncProgress(_) | Request::StopSync(_) | Request::Lend(_) => {
            true
        }
        // It adds to the audit what came of something that was allowed.
        Request::RecordAct(_) => true,
        // These make something up, or read a file that the asker has.
        Request::Generate(_) | Request::VerifyBackup(_) | Request::CheckEvidence(_) => true,
        Request::Status(_)
        | Request::Pulse(_)
        | Request::Doctor(_)
        | Request::ListSlots(_)
        | Request::ListBundles(_)
        | Request::ListEntries(_)
        | Request::Find(_)
        | Request::History(_)
        | Request::Matrix(_)
        | Request::ListRemotes(_)
        | Request::ListFindings(_)
        | Request::ListTeams(_)
        | Request::ListRequests(_)
        | Request::ListMembers(_)
        | Request::ListDevices(_)
        | Request::AccessWho(_)
        | Request::AccessWhat(_)
        | Request::ListExposed(_)
        | Request::ListServices(_)
        | Request::ListQuarantine(_)
        | Request::ListEscapes(_)
        | Request::ListAudit(_)
        | Request::VerifyAudit(_)
        | Request::AgentStatus(_) => true,
        _ => false,
    }
}

fn gives_values(request: &Request) -> bool {
    matches!(
        request,
        Request::Reveal(_)
            | Request::RevealCode(_)
            | Request::Export(_)
            | Request::Environment(_)
            | Request::RawEnv(_)
            | Request::Diff(_)
            | Request::ListConflicts(_)
            | Request::HandOutIdentity(_)
            | Request::NewRecovery(_)
            | Request::CreateService(_)
            | Request::CreateBackup(_)
            | Request::ExportEvidence(_)
    )
}
