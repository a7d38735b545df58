//! Teams: founding, inviting, joining, roles, devices, sharing, removal and what follows from it.

mod access;
mod comeback;
mod devices;
mod due;
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
mod versions;
mod was_read;

pub(crate) use devices::named_device;
pub(crate) use found::role_word;
pub use hint::local_place;
pub(crate) use members::named as member_named;

pub use access::{AccessView, AccessWhat, AccessWho};
pub use comeback::{AskToReturn, Return, TakeBack};
pub use devices::{DeviceView, ListDevices, RevokeDevice, Revoked};
pub use due::DueView;
pub use exposed::{ExposedView, ListExposed, SettleExposed};
pub use found::{ListTeams, NewTeam, TeamView};
pub use invite::{Approve, Invite, Invited, ListRequests, RequestView};
pub use join::{Join, Joining};
pub use link::{AddDevice, AnswerLink, DeviceLinkView, LinkAnswer, LinkDevice};
pub use members::{Fingerprint, ListMembers, MemberView, RemoveMember, Removed, SetRole, Verify};
pub use policy::{PolicyView, SetPolicy};
pub use quarantine::{ListQuarantine, QuarantineView, Review};
pub use share::{Share, Unshare};
