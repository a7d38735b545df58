//! Sync: ops and their packs travel to a team's remote and back.
//!
//! Network and vault are apart, so that nobody who reads waits for a network: `fetch` knows only
//! the remote, `absorb` takes what came through the ledger into the vault, and `push` works out
//! what goes the other way. `pull` and `act` put them in their order, and `duties` does what others'
//! acts ask for. What a remote shows is never believed: what is wrong with it becomes a
//! finding (`findings`), which is kept until it is resolved, and `evidence` shows it to others.
//!
//! On the way in `names` and `segment` say what an object may be, `incoming` verifies and orders ops,
//! `places` tells the ledger of older ones, and `rejudge` and `seals` look again at data that new ops
//! put in another light. `covers` spares newcomers many requests; `newcomer`, `requests_to_join`,
//! `invited` and `recovery_notes` are about who comes in or comes back; `remote` and `moving` about
//! where a team syncs; `couriers` and `lent` about how this process gets there.

mod absorb;
mod act;
mod conflicts;
mod couriers;
mod covers;
mod duties;
mod evidence;
mod fetch;
mod findings;
mod incoming;
mod invited;
mod lent;
mod moving;
mod names;
mod newcomer;
mod places;
mod progress;
mod pull;
mod push;
mod recovery_notes;
mod rejudge;
mod remote;
mod requests_to_join;
mod seals;
#[cfg(test)]
pub(crate) mod tests;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Plaintext;

pub use lent::{Lend, Lent};
pub use progress::{AskProgress, ProgressView, StopSync, Watch};

pub(crate) use act::{pull_everything, sync_team};
pub(crate) use couriers::Couriers;
pub(crate) use duties::{do_what_is_due, reseal_older, rotate_after, write};
pub use evidence::{
    AcknowledgeFinding, CheckEvidence, CheckedFinding, EvidenceFile, EvidenceFinding, EvidenceView,
    ExportEvidence, Proof,
};
pub(crate) use fetch::{get_packs, list, store};
pub(crate) use findings::{kept, seen_new_devices};
pub(crate) use invited::{invited, invited_row};
pub(crate) use progress::Progress;
pub(crate) use recovery_notes::find_notes;
pub(crate) use rejudge::judge_reviewed;
pub(crate) use remote::RemoteSettings;
pub(crate) use requests_to_join::{Kept, requests};

/// Names the remote of a team. What the team has already is pushed there by the next sync.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct AddRemote {
    /// Which team; the only one when absent. A personal vault may have a remote too, for its
    /// owner's other devices.
    pub team: Option<String>,
    /// Where: `https://…`, `ssh://…`, `USER@HOST:PATH`, `file://…`, `s3://…`, `folder:/PATH` or a
    /// full path. It never holds credentials.
    pub location: String,
}

/// Lists the remotes of all teams.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct ListRemotes {}

/// Forgets the remote of a team. Nothing there is removed.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct RemoveRemote {
    /// Which team; the only one when absent.
    pub team: Option<String>,
}

/// Moves a team to another remote: takes in what the old one still has if it can be reached, then
/// pushes everything to the new one. The same place again brings back what it lost.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct MoveRemote {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Where to.
    pub location: String,
    /// Go although the old remote can't be reached, or is not to be trusted any more.
    pub without_old: bool,
}

/// A team's remote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RemoteView {
    /// The team.
    pub team: String,
    /// Where it is, in its canonical form.
    pub location: String,
    /// `git`, `s3` or `folder`.
    pub kind: String,
    /// Unix seconds of the last sync that came to its end.
    pub last_sync: Option<u64>,
    /// Whether this member was removed from the team, or this device revoked.
    pub out: bool,
    /// The first digits of what members, rights and devices come to, hex: two members who have synced see
    /// the same.
    pub head: String,
    /// Why the newest sync did not come to its end, if it did not: a sentence.
    pub trouble: Option<String>,
    /// Ops that wait to be pushed.
    pub to_push: u64,
    /// Findings that are not resolved.
    pub findings: u64,
    /// After a move: services whose values this device can't bring to the new place, because others sign
    /// for them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub services: Vec<String>,
}

/// Syncs: takes in what others wrote, does what is due, pushes what was written here.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Sync {
    /// Which team; all that have a remote when absent.
    pub team: Option<String>,
    /// List and look at everything on the remote.
    pub full: bool,
}

/// What a sync did, team by team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SyncReport {
    /// One for each team that was synced.
    pub teams: Vec<TeamSync>,
}

/// What the sync of one team did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct TeamSync {
    /// The team.
    pub team: String,
    /// Ops that came and were applied.
    pub received: u64,
    /// Ops that went out.
    pub pushed: u64,
    /// Ops that wait for something that did not come.
    pub waiting: u64,
    /// Requests to join that came.
    pub requests: u64,
    /// Whether joining is still to be approved.
    pub asked: bool,
    /// Whether this member was removed, or this device revoked: nothing new can be read or written.
    pub out: bool,
    /// Bundles with news that this member may read, by name.
    pub changed_bundles: Vec<String>,
    /// Entries with several values side by side.
    pub conflicts: u64,
    /// What is wrong; empty when all is well.
    pub findings: Vec<FindingView>,
    /// Why it did not come to its end, if it did not. Other teams were synced all the same.
    pub failure: Option<crate::Fault>,
    /// Network requests that were made.
    pub network_requests: u64,
}

/// Something that is wrong with a team's remote or with what others wrote (protocol §9).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct FindingView {
    /// The team.
    pub team: String,
    /// By what it is named, hex: the same finding has the same.
    pub id: String,
    /// What it is.
    pub kind: FindingKind,
    /// What happened, in a sentence that names device and place.
    pub sentence: String,
    /// What to do, for the terminal. The window says it in its own languages, by `kind` and `own_device`.
    pub next: String,
    /// Device id, hex, where it is about one.
    pub device: Option<String>,
    /// Name of that device, where it is known.
    pub device_name: Option<String>,
    /// Whether it is one of this member's own.
    pub own_device: bool,
    /// Place in that device's chain.
    pub seq: Option<u64>,
    /// Name of the remote's object that it is about.
    pub object: Option<String>,
    /// Unix seconds at which it was first seen here.
    pub since: u64,
    /// Unix seconds at which a person said that they know of it: from then on no command fails
    /// because of it.
    pub acknowledged: Option<u64>,
}

impl FindingView {
    /// What happened, with the names of object and device where there are any.
    pub fn about(&self) -> String {
        let object = self.object.as_ref().map(|name| format!("object {name}"));
        let device = self
            .device_name
            .as_ref()
            .map(|name| format!("device {name}"));
        let names: Vec<String> = [object, device].into_iter().flatten().collect();
        match names.is_empty() {
            true => self.sentence.clone(),
            false => {
                let sentence = self.sentence.trim_end_matches('.');
                format!("{sentence} ({}).", names.join(", "))
            }
        }
    }
}

/// Kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// What was on the remote before is missing.
    Rollback,
    /// What somebody cites is missing.
    Withheld,
    /// A device wrote two ops at one place.
    Equivocation,
    /// Somebody was shown other ops than this vault.
    Fork,
    /// A device has given no sign of life for too long.
    Stale,
    /// An object on the remote is not what its name says, or holds what does not hold.
    BadObject,
    /// Something lies in the team's folder that does not belong there.
    Stray,
    /// A device gave this member a key that does not open.
    Unreadable,
    /// A device sealed another content under a version that somebody wrote.
    Altered,
    /// A device was added to this member's, by another of them.
    NewDevice,
}

impl FindingKind {
    /// The class that faces react to.
    pub const fn code(self) -> crate::Code {
        match self {
            Self::Rollback
            | Self::Equivocation
            | Self::Fork
            | Self::BadObject
            | Self::Unreadable
            | Self::Altered => crate::Code::Integrity,
            Self::Withheld | Self::Stale => crate::Code::Remote,
            Self::Stray | Self::NewDevice => crate::Code::Findings,
        }
    }
}

/// Lists the findings that are kept.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct ListFindings {}

/// Lists entries with several values side by side.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct ListConflicts {
    /// `[TEAM/]PROJECT/ENV`; all when absent.
    pub bundle: Option<String>,
    /// Only this entry's.
    pub name: Option<String>,
    /// Reveal the values too; each is written to the audit.
    pub reveal: bool,
}

/// An entry with several values side by side.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct ConflictView {
    /// Its bundle.
    pub bundle: String,
    /// Its name.
    pub name: String,
    /// What all sides come from, if there is such a version.
    pub base: Option<SideView>,
    /// The sides, the one that readers are given first.
    pub sides: Vec<SideView>,
}

/// One of several versions.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct SideView {
    /// Number among the sides, from 1; 0 for the base.
    pub number: u64,
    /// Version id, hex.
    pub id: String,
    /// Who wrote it.
    pub member: String,
    /// With which device.
    pub device: String,
    /// Whether that is this device's member.
    pub mine: bool,
    /// Unix seconds, by the author's clock.
    pub at: u64,
    /// Whether it removes the entry.
    pub removal: bool,
    /// Fields whose value differs from the base's.
    pub changed_fields: Vec<String>,
    /// The fields' values, only where they were asked for.
    pub values: Vec<(String, Plaintext)>,
}

/// Settles a conflict: one side's content becomes a version that knows all of them.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct ResolveConflict {
    /// `[TEAM/]PROJECT/ENV`; the only one when absent.
    pub bundle: Option<String>,
    /// The entry's name.
    pub name: String,
    /// Which side, as `conflicts ls` numbers them.
    pub take: u64,
    /// Only say what would happen.
    pub dry_run: bool,
}
