//! The wall clock of this room.

use std::time::{SystemTime, UNIX_EPOCH};

/// Unix seconds now; 0 when the clock stands before 1970.
pub(crate) fn now() -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    #[cfg(test)]
    let now = now + AHEAD.get();
    now
}

#[cfg(test)]
thread_local! {
    static AHEAD: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Moves this thread's clock, for the rest of its test.
#[cfg(test)]
pub(crate) fn move_ahead(seconds: u64) {
    AHEAD.set(AHEAD.get() + seconds);
}
