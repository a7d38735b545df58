//! The wall clock of this room.

use std::time::{SystemTime, UNIX_EPOCH};

/// Unix seconds now; 0 when the clock stands before 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
