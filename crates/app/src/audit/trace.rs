//! What the audit says of a request that failed: who wanted what.

use crate::entries::EntryRef;
use crate::records::AuditEntry;
use crate::requests::Request;

/// The audit row for a request in case it fails; none for those that only look around.
pub(crate) fn trace(request: &Request) -> Option<AuditEntry> {
    let row = |operation: &str, bundle: Option<String>, names: Vec<String>| {
        let count = names.len() as u64;
        Some(AuditEntry {
            operation: operation.to_owned(),
            bundle,
            names,
            count,
            ..AuditEntry::default()
        })
    };
    let entry = |operation: &str, entry: &EntryRef| match entry {
        EntryRef::Named { bundle, name } => row(operation, bundle.clone(), vec![name.clone()]),
        EntryRef::Reference(text) => row(operation, None, vec![text.clone()]),
    };
    match request {
        Request::Reveal(reveal) => entry(&reveal.operation, &reveal.entry),
        Request::RevealCode(wish) => entry(&wish.operation, &wish.entry),
        Request::Export(export) => row("export", export.selection.bundle.clone(), Vec::new()),
        Request::Environment(run) => {
            let trace = row("run", run.selection.bundle.clone(), Vec::new())?;
            Some(AuditEntry {
                detail: Some(run.program.clone()),
                ..trace
            })
        }
        Request::Import(import) => row("import", import.bundle.clone(), Vec::new()),
        Request::RawEnv(wish) => row("edit", wish.bundle.clone(), Vec::new()),
        Request::SaveRawEnv(wish) => row("edit", wish.bundle.clone(), Vec::new()),
        Request::Diff(wish) => row("diff", wish.bundle().map(str::to_owned), Vec::new()),
        Request::Promote(wish) => row("promote", Some(wish.to.clone()), wish.names.clone()),
        Request::SetEntry(set) => row("set", set.bundle.clone(), vec![set.name.clone()]),
        Request::MoveEntry(wish) => entry("mv", &wish.entry),
        Request::RemoveEntries(wish) => row("rm", wish.bundle.clone(), wish.names.clone()),
        Request::RestoreEntry(wish) => entry("restore", &wish.entry),
        Request::NewBundle(wish) => row("bundle new", Some(wish.name.clone()), Vec::new()),
        Request::ArchiveBundle(wish) => row("bundle archive", Some(wish.name.clone()), Vec::new()),
        Request::ChangePassphrase(_) => row("passphrase change", None, Vec::new()),
        Request::AddSlot(_) => row("slot add", None, Vec::new()),
        Request::RemoveSlot(_) => row("slot rm", None, Vec::new()),
        Request::NewRecovery(_) => row("recovery new", None, Vec::new()),
        Request::UseRecovery(_) | Request::RecoverTeam(_) => row("recovery use", None, Vec::new()),
        Request::TurnOnEscape(wish) => row("escape on", wish.bundle.clone(), Vec::new()),
        Request::TurnOffEscape(wish) => row("escape off", wish.bundle.clone(), Vec::new()),
        Request::ListEscapes(_) => None,
        Request::HandOutIdentity(_) => row("age identity", None, Vec::new()),
        Request::CreateBackup(_) => row("backup create", None, Vec::new()),
        Request::RestoreBackup(_) => row("backup restore", None, Vec::new()),
        Request::VerifyAudit(_) => row("audit verify", None, Vec::new()),
        // Of a vault that is open already; on a locked one the failure is noted outside.
        Request::Unlock(_) => row("unlock", None, Vec::new()),
        Request::AddRemote(_) => row("remote add", None, Vec::new()),
        Request::RemoveRemote(_) => row("remote rm", None, Vec::new()),
        Request::AcknowledgeFinding(_) => row("findings acknowledge", None, Vec::new()),
        Request::MoveRemote(_) => row("remote move", None, Vec::new()),
        Request::NewTeam(_) => row("team new", None, Vec::new()),
        Request::SetPolicy(_) => row("team policy", None, Vec::new()),
        Request::Invite(_) => row("invite", None, Vec::new()),
        Request::Join(_) => row("join", None, Vec::new()),
        Request::AskToReturn(_) => row("join again", None, Vec::new()),
        Request::TakeBack(_) => row("approve", None, Vec::new()),
        Request::Approve(wish) => row("approve", None, vec![wish.request.clone()]),
        Request::SetRole(wish) => row("role", None, vec![wish.member.clone()]),
        Request::RemoveMember(wish) => row("remove", None, vec![wish.member.clone()]),
        Request::Verify(wish) => row("verify", None, vec![wish.member.clone()]),
        Request::Share(wish) => row("share", Some(wish.bundle.clone()), Vec::new()),
        Request::Unshare(wish) => row("unshare", Some(wish.bundle.clone()), Vec::new()),
        Request::SettleExposed(wish) => row(
            "exposed done",
            Some(wish.bundle.clone()),
            vec![wish.name.clone()],
        ),
        Request::RevokeDevice(wish) => row("device revoke", None, vec![wish.device.clone()]),
        Request::AddDevice(_) => row("device add", None, Vec::new()),
        Request::AnswerLink(_) => row("device link", None, Vec::new()),
        Request::CreateService(wish) => row("service create", None, vec![wish.name.clone()]),
        Request::RemoveService(wish) => row("service remove", None, vec![wish.name.clone()]),
        Request::LinkDevice(_) | Request::ListServices(_) => None,
        Request::Review(_) => row("quarantine", None, Vec::new()),
        Request::ListConflicts(wish) if wish.reveal => {
            row("conflicts", wish.bundle.clone(), Vec::new())
        }
        Request::ResolveConflict(wish) => row(
            "conflicts resolve",
            wish.bundle.clone(),
            vec![wish.name.clone()],
        ),
        Request::ListConflicts(_)
        | Request::ListDevices(_)
        | Request::AccessWho(_)
        | Request::AccessWhat(_)
        | Request::ListQuarantine(_)
        | Request::ListTeams(_)
        | Request::ListRequests(_)
        | Request::ListMembers(_)
        | Request::ListExposed(_) => None,
        Request::ListRemotes(_)
        | Request::Sync(_)
        | Request::SyncProgress(_)
        | Request::StopSync(_)
        | Request::Lend(_)
        | Request::ListFindings(_)
        | Request::ExportEvidence(_)
        | Request::CheckEvidence(_) => None,
        Request::Init(_)
        | Request::Lock(_)
        | Request::Status(_)
        | Request::Pulse(_)
        | Request::Doctor(_)
        | Request::ListSlots(_)
        | Request::VerifyBackup(_)
        | Request::ListBundles(_)
        | Request::ListEntries(_)
        | Request::Matrix(_)
        | Request::Find(_)
        | Request::Generate(_)
        | Request::History(_)
        | Request::ListAudit(_)
        | Request::RecordAct(_)
        | Request::AgentStatus(_)
        | Request::StopAgent(_)
        | Request::Tighten(_)
        | Request::Attend(_)
        | Request::Decide(_) => None,
    }
}
