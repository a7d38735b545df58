//! Which requests need a person's leave while a window can ask for it: all that give a value out or
//! change something. What only looks needs none, nor what locks.

use super::Wants;
use crate::Request;
use crate::audit::trace;
use crate::environments::DiffSide;

/// How many of each a person is shown.
const SHOWN: usize = 10;

/// Whose leave a request needs.
#[derive(Debug)]
pub(super) enum Leave {
    /// Nobody's.
    None,
    /// That of a request before it: it adds to the audit what came of that.
    AsServed,
    /// A person's. What is not named here needs that.
    Asked(Wants),
}

/// Whose leave a request needs.
pub(super) fn needed(request: &Request) -> Leave {
    match request {
        Request::RecordAct(record) if record.operation == "run" => Leave::AsServed,
        _ if only_looks(request) => Leave::None,
        _ => Leave::Asked(wants(request)),
    }
}

fn wants(request: &Request) -> Wants {
    let row = trace(request).unwrap_or_default();
    // Not as its asker calls it: the audit hears that from the request itself.
    let operation = match request {
        Request::Reveal(_) => "get".to_owned(),
        Request::RevealCode(_) => "get --field code".to_owned(),
        Request::LinkDevice(_) => "device add".to_owned(),
        Request::ExportEvidence(_) => "findings export".to_owned(),
        Request::RecordAct(_) => "audit".to_owned(),
        _ => row.operation,
    };
    Wants {
        values: gives_values(request),
        operation,
        bundle: row.bundle,
        names: row.names.into_iter().take(SHOWN).collect(),
        count: row.count,
        about: about(request).into_iter().take(SHOWN).collect(),
        may_last: reads_or_writes_entries(request),
    }
}

/// Who or what else a request is about.
fn about(request: &Request) -> Vec<String> {
    let with = |name: &Option<String>| Vec::from_iter(name.clone());
    match request {
        Request::Environment(wish) => vec![wish.program.clone()],
        Request::Export(wish) => wish.to.clone(),
        Request::MoveEntry(wish) => with(&wish.to_bundle),
        Request::Promote(wish) => vec![wish.from.clone()],
        Request::Share(wish) => wish.with.clone(),
        Request::Unshare(wish) => wish.with.clone(),
        Request::TurnOnEscape(wish) => [wish.to.clone(), vec![wish.path.clone()]].concat(),
        Request::CreateBackup(wish) => [wish.to.clone(), vec![wish.path.clone()]].concat(),
        Request::AddRemote(wish) => vec![wish.location.clone()],
        Request::MoveRemote(wish) => vec![wish.location.clone()],
        Request::CreateService(wish) => wish.bundles.clone(),
        Request::Invite(wish) => [vec![wish.role.clone()], with(&wish.name)].concat(),
        Request::SetRole(wish) => vec![wish.role.clone()],
        Request::RemoveSlot(wish) => vec![wish.slot.clone()],
        Request::AcknowledgeFinding(wish) => vec![wish.finding.clone()],
        _ => Vec::new(),
    }
}

/// What a terminal may go on doing once it is allowed. What is not named here is asked for each time.
fn reads_or_writes_entries(request: &Request) -> bool {
    matches!(
        request,
        Request::Reveal(_)
            | Request::RevealCode(_)
            | Request::Environment(_)
            | Request::Export(_)
            | Request::RawEnv(_)
            | Request::SaveRawEnv(_)
            | Request::Diff(_)
            | Request::Promote(_)
            | Request::Import(_)
            | Request::SetEntry(_)
            | Request::MoveEntry(_)
            | Request::RemoveEntries(_)
            | Request::RestoreEntry(_)
            | Request::NewBundle(_)
            | Request::ArchiveBundle(_)
            | Request::ListConflicts(_)
            | Request::ResolveConflict(_)
            | Request::SettleExposed(_)
    )
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
        // An unlock brings its own key, and a lock, or an earlier one, is refused to nobody.
        Request::Unlock(_) | Request::Lock(_) | Request::StopAgent(_) | Request::Tighten(_) => true,
        // What the window says. Only the one that attends is heard.
        Request::Attend(_) | Request::Decide(_) => true,
        // What the agent does by itself every few minutes, and what goes along with it.
        Request::Sync(_) | Request::SyncProgress(_) | Request::StopSync(_) | Request::Lend(_) => {
            true
        }
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
