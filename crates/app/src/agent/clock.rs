//! The clocks of the agent. Its time limits are counted in one that goes on while the machine
//! sleeps and that nobody can set back.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// Where the agent's time comes from; tests bring their own.
pub(crate) trait Clock: Clone + Send + Sync + 'static {
    /// All clocks at once.
    fn now(&self) -> Reading;
}

/// What the clocks said at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Since the machine was booted, sleep included.
    pub(crate) boot: Duration,
    /// Since the machine was booted, without sleep. Where the system can't tell: as `boot`.
    pub(crate) awake: Duration,
    /// Unix seconds. People and time servers set this one.
    pub(crate) unix: u64,
}

impl Reading {
    /// How long the machine has slept since it was booted.
    pub(crate) fn asleep(&self) -> Duration {
        self.boot.saturating_sub(self.awake)
    }
}

/// The system's clocks.
#[derive(Clone, Copy)]
pub(crate) struct SystemClock;

#[cfg(any(target_os = "linux", target_os = "android"))]
const BOOT: ClockId = ClockId::CLOCK_BOOTTIME;
// On macOS this one goes on in sleep; its counterpart without sleep is not offered by `nix`.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const BOOT: ClockId = ClockId::CLOCK_MONOTONIC;

/// Whether these clocks tell that the machine has slept.
pub(crate) const TELLS_SLEEP: bool = cfg!(any(target_os = "linux", target_os = "android"));

impl Clock for SystemClock {
    fn now(&self) -> Reading {
        // In this order a pause between the two can only make the sleep look shorter.
        let boot = read(BOOT);
        let awake = read(ClockId::CLOCK_MONOTONIC);
        let unix = crate::clock::now();
        Reading { boot, awake, unix }
    }
}

fn read(clock: ClockId) -> Duration {
    clock_gettime(clock)
        .expect("every system of its kind has this clock")
        .into()
}
