//! When the agent locks and ends: the rules alone, without a socket, a timer or a vault.

use std::time::Duration;

use super::{clock::Reading, sooner};

/// Why the agent ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It was asked to lock or to stop.
    Asked,
    /// Something it was asked locked the vault.
    Locked,
    /// Nobody used it for as long as was agreed.
    Idle,
    /// The time of the unlock is over.
    TimeLimit,
    /// The machine slept.
    Slept,
    /// Nobody unlocked it.
    NeverUnlocked,
    /// Too many unlocks failed.
    FailedUnlocks,
    /// The vault's file is gone, or another lies in its place.
    VaultReplaced,
    /// The system told it to end.
    Signal,
}

/// How long an agent may live without being unlocked.
const UNLOCK_WITHIN: Duration = Duration::from_secs(60);
/// How many unlocks may fail, one after the other.
const FAILED_UNLOCKS: u32 = 10;
/// How long at most until the next look at the clocks: timers stand still while the machine
/// sleeps, and the vault's file has no bell.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How much the clocks may drift apart without a sleep.
const SLEEP: Duration = Duration::from_secs(1);

/// What it locks for by itself, beside the time of the unlock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Locks {
    /// After this long without a request.
    pub(crate) idle: Option<Duration>,
    /// When the machine has slept.
    pub(crate) sleep: bool,
}

/// One agent's time. All its limits count sleep as time.
#[derive(Debug)]
pub(crate) struct Lifetime {
    locks: Locks,
    started: Reading,
    used: Duration,
    busy: bool,
    unlocked: bool,
    limit: Option<Limit>,
    failed_unlocks: u32,
}

/// The end of an unlock, by two clocks: one set back doesn't extend it, since the other goes on.
#[derive(Clone, Copy, Debug)]
struct Limit {
    boot: Duration,
    unix: u64,
}

impl Lifetime {
    /// The life of an agent that starts now, locked.
    pub(crate) fn new(locks: Locks, now: Reading) -> Self {
        Self {
            locks,
            started: now,
            used: now.boot,
            busy: false,
            unlocked: false,
            limit: None,
            failed_unlocks: 0,
        }
    }

    /// Locks sooner from now on, if it would have locked later.
    pub(crate) fn tighten(&mut self, locks: Locks) {
        self.locks.idle = sooner(self.locks.idle, locks.idle);
        self.locks.sleep |= locks.sleep;
    }

    /// A request is being carried out: until it is done the agent isn't idle.
    pub(crate) fn begin(&mut self) {
        self.busy = true;
    }

    /// The request is done. One that only looked does not count as use: a shell prompt that shows
    /// the status must not keep the vault open for ever.
    pub(crate) fn finish(&mut self, used: bool, now: Reading) {
        self.busy = false;
        if used {
            self.used = now.boot;
        }
    }

    /// The vault stands unlocked, until the given Unix second.
    pub(crate) fn unlocked(&mut self, until: Option<u64>, now: Reading) {
        self.unlocked = true;
        // The same second again is the same limit, even if the clock was set back meanwhile.
        if until != self.limit.map(|limit| limit.unix) {
            self.limit = until.map(|unix| Limit {
                boot: now
                    .boot
                    .saturating_add(Duration::from_secs(unix.saturating_sub(now.unix))),
                unix,
            });
        }
    }

    /// An unlock was tried.
    pub(crate) fn tried_unlock(&mut self, failed: bool) {
        self.failed_unlocks = if failed { self.failed_unlocks + 1 } else { 0 };
    }

    /// Whether it must end now, and why.
    pub(crate) fn end(&self, now: Reading) -> Option<End> {
        if self.failed_unlocks >= FAILED_UNLOCKS {
            Some(End::FailedUnlocks)
        } else if self.locks.sleep && now.asleep() > self.started.asleep() + SLEEP {
            Some(End::Slept)
        } else if !self.unlocked && !self.busy && now.boot >= self.started.boot + UNLOCK_WITHIN {
            Some(End::NeverUnlocked)
        } else if self
            .limit
            .is_some_and(|limit| now.boot >= limit.boot || now.unix >= limit.unix)
        {
            Some(End::TimeLimit)
        } else if self.unlocked && !self.busy && now.boot >= self.idle_at() {
            Some(End::Idle)
        } else {
            None
        }
    }

    /// How long to wait at most before asking [`end`](Self::end) again.
    pub(crate) fn next_look(&self, now: Reading) -> Duration {
        let limit = self.limit.map_or(Duration::MAX, |limit| limit.boot);
        let next = [self.idle_at(), limit]
            .into_iter()
            .filter(|at| *at > now.boot)
            .min();
        next.map_or(LOOK_EVERY, |at| (at - now.boot).min(LOOK_EVERY))
    }

    /// When it has been idle for long enough, by the clock that counts sleep.
    fn idle_at(&self) -> Duration {
        let idle = self.locks.idle.unwrap_or(Duration::MAX);
        self.used.saturating_add(idle)
    }
}

#[cfg(test)]
mod tests;
