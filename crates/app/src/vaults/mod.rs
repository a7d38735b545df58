//! The life of a vault: made, unlocked, locked, looked at, its key slots, recovery, backups.

mod backup;
mod doctor;
mod life;
mod paper;
mod recover;
mod recovery;
mod slots;
mod status;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Code, Fault, Plaintext};

pub use life::draft_words;
pub(crate) use life::{first_changes, recovery_key};
pub(crate) use paper::{make_note, note_of, paper_of, recovery_of};
pub(crate) use recovery::verify_recovery;
pub(crate) use slots::verify_key;

/// Makes a new vault with a team of one, and its recovery key.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Init {
    /// The passphrase of the first slot; UTF-8.
    pub passphrase: Plaintext,
    /// Whether to add a keychain slot too, so that commands open it without a passphrase.
    pub keychain: bool,
    /// How long deriving the passphrase's key should take on this machine, in milliseconds; 1,000
    /// when absent. The floor (Argon2id with 64 MiB, 3 passes) holds whatever is asked.
    pub unlock_millis: Option<u64>,
    /// How the founder is called in the team, such as `ann`; the user's name when absent.
    pub member_name: Option<String>,
    /// How this machine is called, such as `laptop`; its host name when absent.
    pub device_name: Option<String>,
    /// Words that were made before ([`draft_words`]) and are on paper by now; made here when absent.
    pub recovery_words: Option<Plaintext>,
}

/// A vault was made.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Created {
    /// Where it lies.
    pub path: String,
    /// Its id, hex.
    pub vault: String,
    /// Team id, hex: to be kept with the recovery words.
    pub team: String,
    /// Genesis op id, hex: to be kept with the recovery words.
    pub genesis: String,
    /// The 24 recovery words. Shown once.
    pub recovery_words: Plaintext,
    /// What is worth saying: no keychain, so no protection from rollback, and so on.
    pub warnings: Vec<String>,
}

/// What a vault is opened with.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// A passphrase; UTF-8.
    Passphrase(Plaintext),
    /// The secret in the OS keychain.
    Keychain,
    /// The 24 recovery words.
    RecoveryWords(Plaintext),
}

/// Unlocks the vault in this process (the agent's, or a command's own). Of one that is open it
/// moves the time limit: forward for a key that holds, back without looking at the keychain's.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Unlock {
    /// With what.
    pub key: Key,
    /// Lock again after this many seconds, whatever happens; the agent's own limit when absent.
    pub ttl_seconds: Option<u64>,
    /// Whether the whole file is checked against its root (an agent, a first write) or only
    /// the header (one read).
    pub full_check: bool,
}

/// The vault is unlocked.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Unlocked {
    /// Unix seconds at which it locks by itself; none for a single command.
    pub until: Option<u64>,
    /// Warnings a person should see: rolled back, no keychain, must enrol.
    pub warnings: Vec<String>,
}

/// Locks: forgets the keys, suspends the keychain slot until the next unlock.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Lock {}

/// The vault is locked.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Locked {
    /// Whether it was unlocked before.
    pub was_unlocked: bool,
    /// Whether the keychain, which opened the vault for any command until then, was suspended.
    pub suspended_now: bool,
}

/// Asks how things stand. Works on a locked vault too, and then tells less.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Status {}

/// How things stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct StatusView {
    /// Whether there is a vault at all.
    pub exists: bool,
    /// Where it lies, or would.
    pub path: String,
    /// Whether it is locked for this caller.
    pub locked: bool,
    /// Whether `lock` suspended the keychain slot.
    pub suspended: bool,
    /// Vault id, hex, when there is a vault.
    pub vault: Option<String>,
    /// Format version of the file.
    pub format: Option<u32>,
    /// Kinds of key slots: `passphrase`, `keychain`, `recovery`.
    pub slots: Vec<String>,
    /// The keychain: `ok`, `none`, `locked`, or why it can't be used.
    pub keychain: String,
    /// The rest, when unlocked.
    pub open: Option<OpenStatus>,
    /// The agent, when one answers.
    pub agent: Option<crate::agent::AgentView>,
    /// What is worth saying.
    pub warnings: Vec<String>,
}

/// What only an unlocked vault tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct OpenStatus {
    /// Team id, hex.
    pub team: String,
    /// Name of the member.
    pub member: String,
    /// Device id, hex.
    pub device: String,
    /// Name of the device.
    pub device_name: String,
    /// Bundles that are not archived.
    pub bundles: u64,
    /// Entries in them.
    pub entries: u64,
    /// Commits so far.
    pub counter: u64,
    /// Whether this device may sign: `enrolled`, or why it must enrol anew.
    pub standing: String,
    /// The anchor: `same`, `new`, `absent`, `unreadable`, `rolled_back`.
    pub anchor: String,
    /// Rows in the audit.
    pub audit_rows: u64,
    /// Whether the whole file was checked against its root at unlock.
    pub fully_checked: bool,
    /// Why the newest commits are not safe yet, on disk and by an anchor that knows of them. Tried
    /// again after each request.
    pub flush_failure: Option<String>,
    /// Escape files that are kept here.
    pub escapes: Vec<crate::escape::EscapeView>,
    /// What is wrong with the teams' remotes or with what others wrote, until it is resolved.
    pub findings: Vec<crate::sync::FindingView>,
    /// Teams whose stored ops do not add up, by the first digits of their ids.
    #[serde(default)]
    pub unreadable_teams: Vec<String>,
}

/// Asks whether something has changed since it was asked for last: little work, since a window asks all the
/// time.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Pulse {}

/// What differs when something has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PulseView {
    /// Process id of the agent that holds the vault open.
    pub agent: u32,
    /// Ops so far, written here or come in.
    pub ops: u64,
    /// Requests to join and findings that are kept, of all teams.
    pub kept: u64,
}

/// Looks at everything and says what is wrong and what to do.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct Doctor {
    /// Why the vault did not open, where that was tried: it becomes a finding.
    pub refused: Option<Fault>,
}

/// The doctor's findings, the good ones too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DoctorReport {
    /// In the order in which they were made.
    pub checks: Vec<Check>,
}

/// One thing looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Check {
    /// What was looked at, a stable word for scripts.
    pub name: String,
    /// How it stands.
    pub state: CheckState,
    /// One sentence.
    pub sentence: String,
    /// What to do, when something is to be done.
    pub next: Option<String>,
    /// The class of what is wrong, when it is bad.
    pub failure: Option<Code>,
}

/// How one thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// As it should be.
    Ok,
    /// Works, but less well or less safely than it could.
    Warning,
    /// Wrong.
    Bad,
}

/// Replaces the passphrase slot.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct ChangePassphrase {
    /// The current one; asked even of an unlocked vault.
    pub current: Plaintext,
    /// The new one; UTF-8.
    pub new: Plaintext,
}

/// Lists the key slots.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct ListSlots {}

/// One key slot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SlotView {
    /// Slot id, hex.
    pub id: String,
    /// `passphrase`, `keychain` or `recovery`.
    pub kind: String,
    /// Argon2id parameters of a passphrase slot, as `m=65536,t=3,p=4` (KiB, passes, lanes).
    pub kdf: Option<String>,
}

/// Adds a key slot.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AddSlot {
    /// One more passphrase.
    Passphrase(Plaintext),
    /// The OS keychain.
    Keychain,
}

/// Removes a key slot. The last passphrase and the recovery slot stay.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct RemoveSlot {
    /// Slot id, or its beginning, hex; or a kind when there is one of it.
    pub slot: String,
}

/// Makes a new recovery key; the old one signs it in and itself out.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct NewRecovery {
    /// The current words.
    pub current_words: Plaintext,
    /// Words that were made before, by a draft, and are on paper by now; made here when absent.
    pub new_words: Option<Plaintext>,
    /// Whether the new words are only made, so that they can be written down first: the current ones
    /// are checked, and nothing is changed.
    pub draft: bool,
}

/// Recovery words, shown once.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct RecoveryWords {
    /// 24 words with spaces between them.
    pub words: Plaintext,
    /// Team id, hex: to be kept with them.
    pub team: String,
    /// Genesis op id, hex: to be kept with them.
    pub genesis: String,
}

/// Opens the vault by the recovery words, sets a new passphrase, and enrols this device anew
/// where that is due.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct UseRecovery {
    /// The words.
    pub words: Plaintext,
    /// A new passphrase; the old one stays when absent.
    pub new_passphrase: Option<Plaintext>,
}

/// What the recovery words did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Recovered {
    /// Whether the passphrase was replaced.
    pub passphrase_changed: bool,
    /// Whether a new device was enrolled, the earlier one revoked and the member key rotated.
    pub enrolled: bool,
    /// What is worth saying.
    pub warnings: Vec<String>,
}

/// Brings a team back from its remote alone, by the recovery words: on an empty machine a vault is
/// made for it, in an open one it is added. This machine becomes a new device of the member.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct RecoverTeam {
    /// The words.
    pub words: Plaintext,
    /// Where the remote is.
    pub location: String,
    /// Which team, as the beginning of its id, hex; the only one there that the words open when
    /// absent.
    pub team: Option<String>,
    /// Its genesis op, hex; the only one that the words know there when absent.
    pub genesis: Option<String>,
    /// The member, hex; the only one that the words know there when absent.
    pub member: Option<String>,
    /// How this machine is called; its host name when absent.
    pub device_name: Option<String>,
    /// Names, or beginnings of ids, of earlier devices that are not lost. All others of the member
    /// are revoked.
    pub keep: Vec<String>,
    /// What opens the new vault; none when there is one already.
    pub new_vault: Option<NewKeys>,
}

/// What a new vault is to be opened with, beside the recovery words.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct NewKeys {
    /// As in [`Init`].
    pub passphrase: Plaintext,
    /// As in [`Init`].
    pub keychain: bool,
    /// As in [`Init`].
    pub unlock_millis: Option<u64>,
}

/// A team came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RecoveredTeam {
    /// What it is called.
    pub team: String,
    /// Its id, hex.
    pub team_id: String,
    /// The member that this machine belongs to.
    pub member: String,
    /// Their role.
    pub role: String,
    /// Bundles that they can read.
    pub bundles: u64,
    /// Earlier devices that were revoked.
    pub revoked: Vec<String>,
    /// Why the remote has not heard of it yet; the next sync tries again.
    pub failure: Option<Fault>,
    /// What is worth saying.
    pub warnings: Vec<String>,
}

/// Writes a consistent, encrypted copy of the vault.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct CreateBackup {
    /// Where to; an absolute path that does not exist yet.
    pub path: String,
    /// Encrypted to these once more: `age1…`, `ssh-ed25519 …`, `ssh-rsa …`, or names of members. As
    /// the vault is encrypted itself when empty.
    pub to: Vec<String>,
    /// Encrypted to recipients, as text instead of bytes.
    pub armored: bool,
}

/// Opens a backup and checks all of it.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct VerifyBackup {
    /// Which file.
    pub path: String,
    /// With what.
    pub key: Key,
    /// Of one that is encrypted to recipients: an age identity file or an SSH key.
    pub identity: Option<Plaintext>,
}

/// Puts a backup in the place of the vault. The restored vault reads, and signs again only
/// after the recovery key or another device enrolled it.
#[derive(Debug, Serialize, Deserialize, TS)]
#[ts(optional_fields = nullable)]
pub struct RestoreBackup {
    /// Which file.
    pub path: String,
    /// With what.
    pub key: Key,
    /// Of one that is encrypted to recipients: an age identity file or an SSH key.
    pub identity: Option<Plaintext>,
    /// Whether an existing vault may be moved aside.
    pub replace: bool,
}

/// A backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct BackupView {
    /// Where it lies.
    pub path: String,
    /// Vault id, hex.
    pub vault: String,
    /// Commits in it.
    pub counter: u64,
    /// Entries in it.
    pub entries: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// Where the vault that was in its place went, when one was.
    pub moved_aside: Option<String>,
    /// Those it is encrypted to, by name or key, of one that was just written.
    pub to: Vec<String>,
}
