//! Services: jobs that read the values of a few bundles from the remote alone, with a token and
//! nothing else (protocol §7).
//!
//! A service is no recipient of log or bundle keys. The devices that its token names publish its
//! *sheet*: the current values, sealed to the service and signed. [`Token`] is what the job holds,
//! [`Service`] what the ledger knows of it, and [`read_sheets`] is all that a job does.

mod sheet;
mod token;

#[doc(hidden)]
pub use sheet::decode_values;
pub use sheet::{
    Publication, Seen, Sheet, SheetError, SheetState, SheetValue, Value, is_sheet_for,
    look_at_sheet, read_sheets, seal_sheet, sheet_state,
};
pub use token::{Service, Token, TokenError, make_service};

pub use crate::op::Terms;

use crate::ids::DeviceId;

/// What a service needs from those who look after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceDue {
    /// A new token with new keys, under a new member id: this signing device is gone. The old
    /// token still believes it until it expires, so its access to the remote has to end.
    NewToken(DeviceId),
    /// Nothing any more: it was removed or has expired, and what it could read is exposed to whoever
    /// has its token.
    Ended,
}
