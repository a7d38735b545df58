//! What can be asked at the door, by terminal, window and the agent's socket alike. Each use-case
//! module owns its requests; this table only says which request gets which answer.

use serde::{Deserialize, Serialize};

use crate::{
    Fault, age, agent, audit, bundles, entries, environments, escape, services, session::Session,
    sync, team, transfer, vaults,
};

/// Something that can be asked at the door, with the type of its answer.
pub trait Ask: Sized {
    /// What comes back when all went well.
    type Answer;

    /// The request as it crosses the door.
    fn into_request(self) -> Request;

    /// The answer out of a reply; nothing when the reply belongs to another request.
    fn answer(reply: Reply) -> Option<Self::Answer>;
}

/// A request's work, done in an open or locked session.
pub(crate) trait UseCase: Ask {
    async fn carry_out(self, session: &mut Session) -> Result<Self::Answer, Fault>;
}

macro_rules! requests {
    ($($(#[$doc:meta])* $name:ident($request:path) -> $answer:ty;)*) => {
        /// Everything that can be asked.
        #[allow(clippy::large_enum_variant, reason = "one at a time, moved a few times")]
        #[derive(Debug, Serialize, Deserialize)]
        pub enum Request {
            $($(#[$doc])* $name($request),)*
        }

        /// Everything that can be answered, under the names of [`Request`].
        #[allow(clippy::large_enum_variant, reason = "one at a time, moved a few times")]
        #[derive(Debug, Serialize, Deserialize)]
        pub enum Reply {
            $($(#[$doc])* $name($answer),)*
        }

        $(impl Ask for $request {
            type Answer = $answer;

            fn into_request(self) -> Request {
                Request::$name(self)
            }

            fn answer(reply: Reply) -> Option<Self::Answer> {
                match reply {
                    Reply::$name(answer) => Some(answer),
                    _ => None,
                }
            }
        })*

        /// Carries a request to the module that owns it.
        pub(crate) async fn dispatch(session: &mut Session, request: Request) -> Result<Reply, Fault> {
            match request {
                $(Request::$name(request) => Ok(Reply::$name(Box::pin(request.carry_out(session)).await?)),)*
            }
        }
    };
}

requests! {
    /// `init`
    Init(vaults::Init) -> vaults::Created;
    /// `unlock`
    Unlock(vaults::Unlock) -> vaults::Unlocked;
    /// `lock`
    Lock(vaults::Lock) -> vaults::Locked;
    /// `status`
    Status(vaults::Status) -> vaults::StatusView;
    /// What a window asks all the time.
    Pulse(vaults::Pulse) -> Option<vaults::PulseView>;
    /// `doctor`
    Doctor(vaults::Doctor) -> vaults::DoctorReport;
    /// `passphrase change`
    ChangePassphrase(vaults::ChangePassphrase) -> vaults::SlotView;
    /// `slot ls`
    ListSlots(vaults::ListSlots) -> Vec<vaults::SlotView>;
    /// `slot add`
    AddSlot(vaults::AddSlot) -> vaults::SlotView;
    /// `slot rm`
    RemoveSlot(vaults::RemoveSlot) -> vaults::SlotView;
    /// `recovery new`
    NewRecovery(vaults::NewRecovery) -> vaults::RecoveryWords;
    /// `recovery use`
    UseRecovery(vaults::UseRecovery) -> vaults::Recovered;
    /// `recovery use --remote`
    RecoverTeam(vaults::RecoverTeam) -> vaults::RecoveredTeam;
    /// `backup create`
    CreateBackup(vaults::CreateBackup) -> vaults::BackupView;
    /// `backup verify`
    VerifyBackup(vaults::VerifyBackup) -> vaults::BackupView;
    /// `backup restore`
    RestoreBackup(vaults::RestoreBackup) -> vaults::BackupView;

    /// `bundle ls`
    ListBundles(bundles::List) -> Vec<bundles::BundleView>;
    /// `bundle new`
    NewBundle(bundles::New) -> bundles::BundleView;
    /// `bundle archive`
    ArchiveBundle(bundles::Archive) -> bundles::BundleView;

    /// `ls`
    ListEntries(entries::List) -> Vec<entries::EntryView>;
    /// `find`
    Find(entries::Find) -> Vec<entries::EntryView>;
    /// `get` and `read`
    Reveal(entries::Reveal) -> entries::Revealed;
    /// `get --field code`, with how long it is good
    RevealCode(entries::RevealCode) -> entries::OneTimeCode;
    /// `generate`
    Generate(entries::Generate) -> entries::Generated;
    /// `set`
    SetEntry(entries::Set) -> entries::Saved;
    /// `mv`
    MoveEntry(entries::Move) -> entries::Saved;
    /// `rm`
    RemoveEntries(entries::Remove) -> Vec<entries::EntryView>;
    /// `history`
    History(entries::History) -> entries::HistoryView;
    /// `restore`
    RestoreEntry(entries::Restore) -> entries::Saved;

    /// `import`
    Import(transfer::Import) -> transfer::ImportReport;
    /// `export`
    Export(transfer::Export) -> transfer::Exported;
    /// `run`
    Environment(transfer::Environment) -> transfer::Variables;

    /// `edit -b`, before the editor
    RawEnv(transfer::RawEnv) -> transfer::RawEnvText;
    /// `edit -b`, after it
    SaveRawEnv(transfer::SaveRawEnv) -> transfer::RawEnvSaved;

    /// `diff`
    Diff(environments::Diff) -> environments::DiffView;
    /// `diff PROJECT`
    Matrix(environments::Matrix) -> environments::MatrixView;
    /// `promote`
    Promote(environments::Promote) -> environments::Promoted;

    /// `remote add`
    AddRemote(sync::AddRemote) -> sync::RemoteView;
    /// `remote ls`
    ListRemotes(sync::ListRemotes) -> Vec<sync::RemoteView>;
    /// `remote rm`
    RemoveRemote(sync::RemoveRemote) -> sync::RemoteView;
    /// `remote move`
    MoveRemote(sync::MoveRemote) -> sync::RemoteView;
    /// `sync`
    Sync(sync::Sync) -> sync::SyncReport;
    /// What an agent reaches remotes with.
    Lend(sync::Lend) -> sync::Lent;
    /// How far the sync that goes on has come.
    SyncProgress(sync::AskProgress) -> sync::ProgressView;
    /// Ends the sync that goes on.
    StopSync(sync::StopSync) -> ();
    /// `findings ls`
    ListFindings(sync::ListFindings) -> Vec<sync::FindingView>;
    /// `findings acknowledge`
    AcknowledgeFinding(sync::AcknowledgeFinding) -> sync::FindingView;
    /// `findings export`
    ExportEvidence(sync::ExportEvidence) -> sync::EvidenceFile;
    /// `findings verify`
    CheckEvidence(sync::CheckEvidence) -> sync::EvidenceView;

    /// `conflicts ls`
    ListConflicts(sync::ListConflicts) -> Vec<sync::ConflictView>;
    /// `conflicts resolve`
    ResolveConflict(sync::ResolveConflict) -> entries::Saved;

    /// `team new`
    NewTeam(team::NewTeam) -> team::TeamView;
    /// `team ls`
    ListTeams(team::ListTeams) -> Vec<team::TeamView>;
    /// `team policy`
    SetPolicy(team::SetPolicy) -> team::PolicyView;
    /// `invite`
    Invite(team::Invite) -> team::Invited;
    /// `join`
    Join(team::Join) -> team::Joining;
    /// `join --again`
    AskToReturn(team::AskToReturn) -> team::Return;
    /// `approve --again`
    TakeBack(team::TakeBack) -> team::MemberView;
    /// `requests`
    ListRequests(team::ListRequests) -> Vec<team::RequestView>;
    /// `approve`
    Approve(team::Approve) -> team::MemberView;
    /// `members`
    ListMembers(team::ListMembers) -> Vec<team::MemberView>;
    /// `role`
    SetRole(team::SetRole) -> team::MemberView;
    /// `remove`
    RemoveMember(team::RemoveMember) -> team::Removed;
    /// `verify`
    Verify(team::Verify) -> team::Fingerprint;
    /// `device ls`
    ListDevices(team::ListDevices) -> Vec<team::DeviceView>;
    /// `device add`, on the old device
    LinkDevice(team::LinkDevice) -> team::DeviceLinkView;
    /// `device join`, on the new one
    AnswerLink(team::AnswerLink) -> team::LinkAnswer;
    /// `device add`, with the new one's answer
    AddDevice(team::AddDevice) -> team::DeviceView;
    /// `device revoke`
    RevokeDevice(team::RevokeDevice) -> team::Revoked;
    /// `share`
    Share(team::Share) -> bundles::BundleView;
    /// `unshare`
    Unshare(team::Unshare) -> bundles::BundleView;
    /// `access who`
    AccessWho(team::AccessWho) -> Vec<team::AccessView>;
    /// `access what`
    AccessWhat(team::AccessWhat) -> Vec<team::ExposedView>;
    /// `exposed ls`
    ListExposed(team::ListExposed) -> Vec<team::ExposedView>;
    /// `exposed done`
    SettleExposed(team::SettleExposed) -> Vec<team::ExposedView>;
    /// `service create`
    CreateService(services::CreateService) -> services::CreatedService;
    /// `service ls`
    ListServices(services::ListServices) -> Vec<services::ServiceView>;
    /// `service remove`
    RemoveService(services::RemoveService) -> services::ServiceView;
    /// `quarantine ls`
    ListQuarantine(team::ListQuarantine) -> Vec<team::QuarantineView>;
    /// `quarantine adopt` and `drop`
    Review(team::Review) -> Vec<team::QuarantineView>;

    /// `escape on`
    TurnOnEscape(escape::TurnOn) -> escape::EscapeView;
    /// `escape off`
    TurnOffEscape(escape::TurnOff) -> escape::EscapeView;
    /// `escape ls`
    ListEscapes(escape::ListEscapes) -> Vec<escape::EscapeView>;
    /// `age identity`
    HandOutIdentity(age::HandOutIdentity) -> age::IdentityFile;

    /// `audit`
    ListAudit(audit::List) -> Vec<audit::AuditView>;
    /// `audit verify`
    VerifyAudit(audit::Verify) -> audit::Verdict;
    /// An act of a face that has to stand in the audit: a start that failed, a copy.
    RecordAct(audit::Record) -> ();

    /// `agent status`
    AgentStatus(agent::Status) -> agent::AgentView;
    /// `agent stop`
    StopAgent(agent::Stop) -> ();
    /// What a person set in the window, or said to `unlock`: the agent locks sooner.
    Tighten(agent::Tighten) -> ();
    /// A window is there whose person can be asked.
    Attend(agent::Attend) -> Vec<agent::AskedView>;
    /// What that person said.
    Decide(agent::Decide) -> ();
}
