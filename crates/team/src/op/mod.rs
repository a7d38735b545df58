//! What an op is made of (protocol §4): the signed outer part, its key section that anybody may
//! read, the sealed inner part, and the action inside it.

mod action;
mod check;
mod keys;
mod outer;
mod people;
mod review;
mod services;
mod sharing;

pub use action::*;
pub(crate) use check::check_action;
pub use keys::*;
pub use outer::Dep;
pub(crate) use outer::{Inner, Outer, SUITE, VERSION, sealing_aad};
pub use people::*;
pub use review::*;
pub use services::*;
pub use sharing::*;
