//! Services: jobs that read the values of a few bundles from the remote alone, with a token and
//! nothing else (protocol §7).
//!
//! A service is no recipient of log or bundle keys. The devices that its token names publish its
//! *sheet*: the current values, sealed to the service and signed. [`Token`] is what the job holds,
//! [`Service`] what those devices keep of it, and [`read_sheets`] is all that a job does.

mod sheet;
mod token;

#[doc(hidden)]
pub use sheet::decode_values;
pub use sheet::{Sheet, SheetError, SheetValue, Value, read_sheets, seal_sheet};
pub use token::{Service, Terms, Token, TokenError, make_service};

use crate::ids::DeviceId;
use crate::ledger::Ledger;

/// What a service needs from those who look after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceDue {
    /// A new sheet: a listed bundle has changed, or half of the greatest age is over.
    Sheet,
    /// A new token with new keys, under a new member id: this signing device is gone. The old
    /// token still believes it until it expires, so its access to the remote has to end.
    NewToken(DeviceId),
    /// Nothing any more: it has expired, and what it could read is exposed to whoever has it.
    Ended,
}

impl Ledger {
    /// What a service needs at `now`, in Unix seconds. `published`: the time in its newest sheet;
    /// `changed`: whether a listed bundle has changed since.
    pub fn service_due(
        &self,
        service: &Service,
        published: Option<u64>,
        changed: bool,
        now: u64,
    ) -> Option<ServiceDue> {
        if now > service.terms.expires {
            return Some(ServiceDue::Ended);
        }
        let mut signers = service.terms.signers.iter();
        if let Some(gone) = signers.find(|device| !self.device_stands(device)) {
            return Some(ServiceDue::NewToken(*gone));
        }
        let aged = |time: u64| now.saturating_sub(time) >= service.terms.max_age / 2;
        (changed || published.is_none_or(aged)).then_some(ServiceDue::Sheet)
    }
}
