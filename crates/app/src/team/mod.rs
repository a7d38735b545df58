//! Teams: founding, inviting, joining, roles, devices, sharing, removal and what follows from it.

mod access;
mod comeback;
mod devices;
mod exposed;
mod found;
mod hint;
mod invite;
mod join;
mod link;
mod members;
mod policy;
mod quarantine;
mod share;
mod was_read;

pub(crate) use devices::named_device;
pub(crate) use found::role_word;
pub(crate) use members::named as member_named;

use serde::{Deserialize, Serialize};

use crate::Plaintext;

/// Makes a team. A personal vault that is still alone becomes it, without being made anew; else it
/// is founded beside the others.
#[derive(Debug, Serialize, Deserialize)]
pub struct NewTeam {
    /// Its name.
    pub name: String,
    /// Found another one although the personal vault could become it.
    pub separate: bool,
}

/// Lists the teams of this vault.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListTeams {}

/// A team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TeamView {
    /// Team id, hex.
    pub id: String,
    /// Genesis op id, hex: to be kept with the recovery words.
    pub genesis: String,
    /// What it is called; `personal` for a vault of one person.
    pub name: String,
    /// This vault's member id there, hex: to be kept with the recovery words.
    pub member: String,
    /// What they are called.
    pub member_name: String,
    /// `owner`, `admin`, `writer`, `reader`, or `none` for who was removed or is not let in yet.
    pub role: String,
    /// Members now.
    pub members: u64,
    /// Bundles shared with this member.
    pub bundles: u64,
    /// Where it syncs, if anywhere.
    pub remote: Option<String>,
    /// Set while joining is to be approved: the safety words to read to the approver.
    pub asked: Option<String>,
    /// Key rotations that are due, by whoever can do them.
    pub due: Vec<String>,
}

/// Shows or sets the limits of a team. Owners set them.
#[derive(Debug, Serialize, Deserialize)]
pub struct SetPolicy {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Days without a sign of life after which a device counts as out of touch; 0 for never.
    /// Unchanged when absent.
    pub stale_after_days: Option<u64>,
    /// Whether a bundle may be shared only with members whose keys were compared. Unchanged when
    /// absent.
    pub require_verified: Option<bool>,
}

/// The limits of a team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyView {
    /// The team.
    pub team: String,
    /// 0 for never.
    pub stale_after_days: u64,
    /// As in [`SetPolicy`].
    pub require_verified: bool,
}

/// Invites somebody. The answer's text is sent to them by a way that both trust.
#[derive(Debug, Serialize, Deserialize)]
pub struct Invite {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// `reader`, `writer`, `admin` or `owner`.
    pub role: String,
    /// For whom, for the audit and `requests`.
    pub name: Option<String>,
    /// Days for which it is good; 7 when absent.
    pub days: Option<u32>,
}

/// An invitation.
#[derive(Debug, Serialize, Deserialize)]
pub struct Invited {
    /// The text to send. A secret until it is used.
    pub text: Plaintext,
    /// The team.
    pub team: String,
    /// The role.
    pub role: String,
    /// Unix seconds.
    pub expires: u64,
    /// Where the newcomer will look.
    pub remote: String,
}

/// Asks to come back into a team that this vault's member was removed from: the text is sent to an
/// admin.
#[derive(Debug, Serialize, Deserialize)]
pub struct AskToReturn {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Names, or beginnings of ids, of other devices that return. This one does; the rest stay out.
    pub devices: Vec<String>,
}

/// What a former member asks with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Return {
    /// The team.
    pub team: String,
    /// The text to send. No secret.
    pub text: String,
    /// The words to read to the approver.
    pub words: String,
    /// The devices that return.
    pub devices: Vec<String>,
}

/// Takes a former member back in. Bundles have to be shared with them again.
#[derive(Debug, Serialize, Deserialize)]
pub struct TakeBack {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// The text that they sent.
    pub text: String,
    /// `reader`, `writer`, `admin` or `owner`.
    pub role: String,
    /// The words as they read them; absent to take them in unverified, which admins and owners
    /// can't be.
    pub words: Option<String>,
}

/// Answers an invitation.
#[derive(Debug, Serialize, Deserialize)]
pub struct Join {
    /// The text that was sent.
    pub invitation: Plaintext,
    /// How to be called in the team; this vault's own member name when absent.
    pub name: Option<String>,
    /// How this machine is called there; as in this vault when absent.
    pub device_name: Option<String>,
    /// Where the team's remote is from here, if it is not what the invitation says (a folder under
    /// another path).
    pub location: Option<String>,
    /// The recovery words of this vault, if they are to be the team's too, so that they open an
    /// empty machine. Without them the team gets a recovery key of its own, sealed in this vault to
    /// those words.
    pub recovery_words: Option<Plaintext>,
}

/// Joining was asked for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Joining {
    /// Team id, hex.
    pub team: String,
    /// The role that the invitation is for.
    pub role: String,
    /// What to read to the approver, ten words.
    pub words: String,
    /// Device that invites, hex: its fingerprint.
    pub inviter: String,
    /// Where the request went.
    pub remote: String,
    /// Why it is not there yet, if it isn't; the next sync tries again.
    pub failure: Option<crate::Fault>,
}

/// Lists requests to join, of all teams in which this member may approve.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListRequests {
    /// Which team; all when absent.
    pub team: Option<String>,
}

/// A request to join.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestView {
    /// Its id, hex.
    pub id: String,
    /// The team.
    pub team: String,
    /// How the newcomer wants to be called. Anybody can claim any name: compare the words.
    pub name: String,
    /// What they call their device.
    pub device_name: String,
    /// The role that the invitation is for.
    pub role: String,
    /// Who invited.
    pub invited_by: String,
    /// Unix seconds at which the invitation ends.
    pub expires: u64,
    /// The safety words that the newcomer must read.
    pub words: String,
    /// Whether the words have to be compared before approving.
    pub must_compare: bool,
    /// For whom the invitation was, where it was made in this vault and for somebody by name.
    pub invited: Option<String>,
}

/// Lets somebody in.
#[derive(Debug, Serialize, Deserialize)]
pub struct Approve {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// The request's name, or the beginning of its id.
    pub request: String,
    /// The words as the newcomer read them; compared here. Absent: not compared, which makes an
    /// unverified member, and is refused where comparing is required.
    pub words: Option<String>,
}

/// Lists members.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListMembers {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Former ones too.
    pub former: bool,
}

/// A member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberView {
    /// Member id, hex.
    pub id: String,
    /// The team.
    pub team: String,
    /// Name.
    pub name: String,
    /// Role, `none` for a former member.
    pub role: String,
    /// Whether it is this vault's member.
    pub own: bool,
    /// Whether somebody compared their current key with them.
    pub verified: bool,
    /// Bundles shared with them.
    pub bundles: Vec<String>,
    /// Devices that stand.
    pub devices: u64,
    /// Unix seconds of the last sign of life, by their clock.
    pub last_seen: Option<u64>,
    /// What age files for them are encrypted to, `age1…`: nothing until their devices said it, and
    /// for former members.
    pub age_recipient: Option<String>,
}

/// Changes a member's role.
#[derive(Debug, Serialize, Deserialize)]
pub struct SetRole {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Name, or the beginning of the id.
    pub member: String,
    /// `reader`, `writer`, `admin` or `owner`.
    pub role: String,
}

/// Removes a member: new keys are made at once, and what they could read is listed.
#[derive(Debug, Serialize, Deserialize)]
pub struct RemoveMember {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Name, or the beginning of the id.
    pub member: String,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// What a removal comes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Removed {
    /// Who was removed.
    pub member: MemberView,
    /// What they could read and is still in use.
    pub exposed: Vec<ExposedView>,
}

/// Says that a member's key was compared with them (their words, or their fingerprint).
#[derive(Debug, Serialize, Deserialize)]
pub struct Verify {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Name, or the beginning of the id.
    pub member: String,
    /// The fingerprint as the member read it; absent to be shown it.
    pub words: Option<String>,
}

/// A member's fingerprint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Who.
    pub member: String,
    /// Hex digits in groups of four, the same for everyone who has their right key.
    pub words: String,
    /// Whether it counts as compared now.
    pub verified: bool,
}

/// Lists devices.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListDevices {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Of all members; else only one's own.
    pub all: bool,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceView {
    /// Device id, hex.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub member: String,
    /// Whether it is this one.
    pub this: bool,
    /// Whether it is the recovery key.
    pub recovery: bool,
    /// Whether it stands; revoked ones don't.
    pub stands: bool,
    /// Whether it is one's own and was added before this one: then only the recovery words stop what
    /// it signs without having seen that it is revoked.
    pub earlier: bool,
    /// Unix seconds, by its author's clock.
    pub added: u64,
    /// Unix seconds of its last sign of life, by its own clock.
    pub last_seen: Option<u64>,
}

/// Begins adding another device of one's own: the text is carried to it.
#[derive(Debug, Serialize, Deserialize)]
pub struct LinkDevice {
    /// Which team; the only one when absent.
    pub team: Option<String>,
}

/// What the new device needs to know. No secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceLinkView {
    /// The text to carry to the new device.
    pub text: String,
    /// Where the new device will look.
    pub remote: String,
}

/// On the new device, in its own vault: answers a link.
#[derive(Debug, Serialize, Deserialize)]
pub struct AnswerLink {
    /// The text from the other device.
    pub link: String,
    /// How this machine is called there; as in this vault when absent.
    pub device_name: Option<String>,
    /// Where the team's remote is from here, if it is not what the link says.
    pub location: Option<String>,
}

/// The new device's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkAnswer {
    /// The text to carry back. No secret.
    pub answer: String,
    /// The words to type on the other device.
    pub words: String,
    /// Team id, hex.
    pub team: String,
}

/// On the old device: adds the one that answered. After ten wrong tries the vault locks.
#[derive(Debug, Serialize, Deserialize)]
pub struct AddDevice {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// The text from the new device.
    pub answer: String,
    /// The words that it shows.
    pub words: String,
}

/// Revokes a device: keys that it had are rotated at once.
#[derive(Debug, Serialize, Deserialize)]
pub struct RevokeDevice {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Name, or the beginning of the id.
    pub device: String,
    /// Leave those that it added. Else they are revoked with it: whoever had it may have them.
    pub alone: bool,
    /// The recovery words, to sign with them: an earlier device of one's own outranks this one.
    pub words: Option<Plaintext>,
    /// Revoke an earlier device without them: what it signs without having seen this still counts.
    pub without_words: bool,
}

/// What a revocation comes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Revoked {
    /// The device.
    #[serde(flatten)]
    pub device: DeviceView,
    /// Devices that it had added, and those that they had: revoked too, unless that was not wanted.
    pub added_by_it: Vec<DeviceView>,
}

/// Shares a bundle, or one entry in a bundle of its own.
#[derive(Debug, Serialize, Deserialize)]
pub struct Share {
    /// `[TEAM/]PROJECT/ENV`.
    pub bundle: String,
    /// Share only this entry: it moves to a bundle of its own.
    pub entry: Option<String>,
    /// Names, or beginnings of ids.
    pub with: Vec<String>,
    /// Older versions too.
    pub history: bool,
}

/// Takes a bundle from members: a new key is made at once.
#[derive(Debug, Serialize, Deserialize)]
pub struct Unshare {
    /// `[TEAM/]PROJECT/ENV`.
    pub bundle: String,
    /// Names, or beginnings of ids.
    pub with: Vec<String>,
}

/// Who has a bundle.
#[derive(Debug, Serialize, Deserialize)]
pub struct AccessWho {
    /// `[TEAM/]PROJECT/ENV`; all bundles when absent.
    pub bundle: Option<String>,
    /// Which team, without a bundle.
    pub team: Option<String>,
}

/// What a member has, or could read of what they lost.
#[derive(Debug, Serialize, Deserialize)]
pub struct AccessWhat {
    /// Which team; the only one when absent.
    pub team: Option<String>,
    /// Name, or the beginning of the id.
    pub member: String,
}

/// One member's access to one bundle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccessView {
    /// The bundle.
    pub bundle: String,
    /// The member.
    pub member: String,
    /// Their role.
    pub role: String,
    /// Whether they may read it now. A former holder keeps keys of earlier epochs.
    pub now: bool,
    /// Whether they may write it now.
    pub writes: bool,
    /// How many of its keys they were ever given.
    pub keys: u64,
}

/// Lists secrets that somebody could read who has no right to them any more.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListExposed {
    /// Which team; all when absent.
    pub team: Option<String>,
    /// Those that are done, too.
    pub all: bool,
}

/// An exposed version of a secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExposedView {
    /// Its bundle.
    pub bundle: String,
    /// Name of the entry.
    pub name: String,
    /// Number of the version, from 1.
    pub version: u64,
    /// Who could read it.
    pub to: Vec<String>,
    /// Who answers for the secret, where its metadata say so.
    pub owner: Option<String>,
    /// `needs_rotation`, `rotated` or `settled`.
    pub state: String,
    /// Why it needs no rotation, and who says so.
    pub reason: Option<String>,
    /// Whether reads published to this member say that they read it: `yes`, `no` or `unknown`.
    pub was_read: String,
    /// Unix seconds: when they read it last, as far as is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub read_at: Option<u64>,
    /// Unix seconds: up to then they had not, and their devices had published all that they read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_read_until: Option<u64>,
}

/// Says that an exposed secret needs no rotation.
#[derive(Debug, Serialize, Deserialize)]
pub struct SettleExposed {
    /// `[TEAM/]PROJECT/ENV`.
    pub bundle: String,
    /// Name of the entry.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// Lists what waits for a review: data that somebody wrote who was removed and did not know it.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListQuarantine {
    /// Which team; all when absent.
    pub team: Option<String>,
}

/// An op that waits for a review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuarantineView {
    /// Op id, hex.
    pub op: String,
    /// The bundle.
    pub bundle: String,
    /// Names of the entries that it changes.
    pub names: Vec<String>,
    /// Who wrote it.
    pub member: String,
    /// With which device.
    pub device: String,
    /// Unix seconds, by the author's clock.
    pub at: u64,
}

/// Decides on what waits for a review.
#[derive(Debug, Serialize, Deserialize)]
pub struct Review {
    /// Beginnings of op ids.
    pub ops: Vec<String>,
    /// Take it back in; else it is hidden for all.
    pub adopt: bool,
}
