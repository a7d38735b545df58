//! When a sync starts that nobody asked for: the rules alone, without a timer. A moment is the
//! time since the machine was booted, as [`Reading::boot`](super::clock::Reading) counts it.

use std::time::Duration;

/// After something was written: what a person does next may come along.
const SOON: Duration = Duration::from_secs(3);
/// Between two syncs that nobody asked for.
const EVERY: Duration = Duration::from_secs(5 * 60);
/// The longest pause while the remote can't be reached.
const AT_MOST: Duration = Duration::from_secs(60 * 60);

/// The schedule of one agent. Nothing is due before something was written or the vault unlocked.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    at: Option<Duration>,
    /// Syncs that failed, in a row.
    failures: u32,
}

impl Schedule {
    /// Something was written, or the vault was unlocked and others may have written meanwhile.
    pub fn written(&mut self, now: Duration) {
        self.no_later_than(now + SOON);
    }

    /// A sync starts, whoever asked for it: it takes along what was written so far.
    pub fn started(&mut self) {
        self.at = None;
    }

    /// A sync has ended. What was written while it went on may have come too late for it.
    pub fn ended(&mut self, failed: bool, now: Duration) {
        self.failures = if failed { self.failures + 1 } else { 0 };
        let pause = EVERY.saturating_mul(1 << self.failures.min(10));
        self.no_later_than(now + pause.min(AT_MOST));
    }

    /// How long until the next one is due; zero when it is, none while nothing is planned.
    pub fn wait(&self, now: Duration) -> Option<Duration> {
        self.at.map(|at| at.saturating_sub(now))
    }

    fn no_later_than(&mut self, at: Duration) {
        self.at = Some(self.at.map_or(at, |planned| planned.min(at)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn nothing_is_due_before_there_is_a_reason() {
        assert_eq!(Schedule::default().wait(seconds(1_000)), None);
    }

    #[test]
    fn a_moment_after_a_write_and_then_every_five_minutes() {
        let mut schedule = Schedule::default();
        schedule.written(seconds(100));
        // More writes don't put it off.
        schedule.written(seconds(102));
        assert_eq!(schedule.wait(seconds(102)), Some(seconds(1)));
        assert_eq!(schedule.wait(seconds(103)), Some(Duration::ZERO));
        assert_eq!(schedule.wait(seconds(9_000)), Some(Duration::ZERO));
        schedule.started();
        assert_eq!(schedule.wait(seconds(103)), None);
        schedule.ended(false, seconds(110));
        assert_eq!(schedule.wait(seconds(110)), Some(seconds(300)));
    }

    #[test]
    fn what_is_written_while_one_goes_on_comes_soon_after() {
        let mut schedule = Schedule::default();
        schedule.written(seconds(100));
        schedule.started();
        schedule.written(seconds(104));
        schedule.ended(false, seconds(110));
        assert_eq!(schedule.wait(seconds(110)), Some(Duration::ZERO));
    }

    #[test]
    fn it_backs_off_to_an_hour_while_the_remote_is_away() {
        let mut schedule = Schedule::default();
        let mut pauses = Vec::new();
        for _ in 0..40 {
            schedule.started();
            schedule.ended(true, Duration::ZERO);
            pauses.extend(schedule.wait(Duration::ZERO).map(|wait| wait.as_secs()));
        }
        assert_eq!(pauses[..4], [600, 1_200, 2_400, 3_600]);
        assert!(pauses[4..].iter().all(|pause| *pause == 3_600));
        // Who writes meanwhile has it tried at once.
        schedule.written(seconds(50));
        assert_eq!(schedule.wait(seconds(50)), Some(SOON));
        schedule.started();
        schedule.ended(false, seconds(60));
        assert_eq!(schedule.wait(seconds(60)), Some(EVERY));
    }
}
