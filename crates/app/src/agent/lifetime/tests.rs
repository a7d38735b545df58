#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

const LOCKS: Locks = Locks {
    idle: Some(Duration::from_secs(900)),
    sleep: true,
};
const HOUR: u64 = 3_600;

/// A moment, some seconds after the start.
fn after(seconds: u64) -> Reading {
    let boot = Duration::from_secs(10_000 + seconds);
    Reading {
        boot,
        awake: boot,
        unix: 1_000_000 + seconds,
    }
}

fn idle_after(idle: Duration) -> Locks {
    Locks {
        idle: Some(idle),
        ..LOCKS
    }
}

fn unlocked(until: Option<u64>) -> Lifetime {
    let mut lifetime = Lifetime::new(LOCKS, after(0));
    lifetime.finish(true, after(0));
    lifetime.unlocked(until, after(0));
    lifetime
}

#[test]
fn idle_ends_it() {
    let mut lifetime = unlocked(None);
    assert_eq!(lifetime.end(after(899)), None);
    assert_eq!(lifetime.end(after(900)), Some(End::Idle));
    lifetime.finish(true, after(800));
    assert_eq!(lifetime.end(after(900)), None);
    assert_eq!(lifetime.end(after(1_700)), Some(End::Idle));
}

#[test]
fn looking_is_not_using() {
    let mut lifetime = unlocked(None);
    lifetime.finish(false, after(899));
    assert_eq!(lifetime.end(after(900)), Some(End::Idle));
}

#[test]
fn work_in_hand_is_not_idleness() {
    let mut lifetime = unlocked(None);
    lifetime.begin();
    assert_eq!(lifetime.end(after(900)), None);
    lifetime.finish(true, after(2_000));
    assert_eq!(lifetime.end(after(2_000)), None);
}

#[test]
fn the_time_limit_ends_it_however_much_it_is_used() {
    let mut lifetime = unlocked(Some(after(HOUR).unix));
    lifetime.finish(true, after(HOUR - 1));
    assert_eq!(lifetime.end(after(HOUR - 1)), None);
    assert_eq!(lifetime.end(after(HOUR)), Some(End::TimeLimit));
    lifetime.begin();
    assert_eq!(lifetime.end(after(HOUR)), Some(End::TimeLimit));
}

#[test]
fn a_clock_set_back_does_not_extend_the_time_limit() {
    let mut lifetime = unlocked(Some(after(HOUR).unix));
    let mut now = after(HOUR);
    now.unix -= 10 * HOUR;
    lifetime.finish(true, now);
    // As the server does after every request.
    lifetime.unlocked(Some(after(HOUR).unix), now);
    assert_eq!(lifetime.end(now), Some(End::TimeLimit));
}

#[test]
fn a_clock_set_forward_ends_it() {
    let lifetime = unlocked(Some(after(HOUR).unix));
    let mut now = after(1);
    now.unix += HOUR;
    assert_eq!(lifetime.end(now), Some(End::TimeLimit));
}

#[test]
fn another_unlock_brings_another_time_limit() {
    let mut lifetime = unlocked(Some(after(HOUR).unix));
    lifetime.finish(true, after(HOUR - 1));
    lifetime.unlocked(Some(after(2 * HOUR).unix), after(HOUR - 1));
    assert_eq!(lifetime.end(after(HOUR)), None);
    lifetime.unlocked(None, after(HOUR));
    assert_eq!(lifetime.end(after(HOUR + 899)), Some(End::Idle));
}

#[test]
fn sleep_ends_it_and_counts_as_time() {
    let lifetime = unlocked(None);
    let mut now = after(60);
    now.awake -= Duration::from_secs(30);
    assert_eq!(lifetime.end(now), Some(End::Slept));
}

#[test]
fn a_sleep_before_the_start_does_not_count() {
    let mut slept = after(0);
    slept.awake -= Duration::from_secs(5_000);
    let lifetime = Lifetime::new(LOCKS, slept);
    assert_eq!(lifetime.end(slept), None);
}

#[test]
fn what_it_was_told_not_to_lock_for_does_not_end_it() {
    let stays = Locks {
        idle: None,
        sleep: false,
    };
    let mut lifetime = Lifetime::new(stays, after(0));
    lifetime.finish(true, after(0));
    lifetime.unlocked(Some(after(48 * HOUR).unix), after(0));
    let mut now = after(47 * HOUR);
    now.awake -= Duration::from_secs(HOUR);
    assert_eq!(lifetime.end(now), None);
    assert_eq!(lifetime.end(after(48 * HOUR)), Some(End::TimeLimit));
}

#[test]
fn it_can_be_told_to_lock_sooner_and_never_later() {
    let mut lifetime = unlocked(None);
    let told = |seconds, sleep| Locks {
        idle: Some(Duration::from_secs(seconds)),
        sleep,
    };
    lifetime.tighten(told(3_600, false));
    assert_eq!(lifetime.end(after(900)), Some(End::Idle));
    let mut slept = after(10);
    slept.awake -= Duration::from_secs(5);
    assert_eq!(lifetime.end(slept), Some(End::Slept));
    lifetime.tighten(told(60, true));
    assert_eq!(lifetime.end(after(59)), None);
    assert_eq!(lifetime.end(after(60)), Some(End::Idle));
}

#[test]
fn never_unlocked_it_ends_soon() {
    let mut lifetime = Lifetime::new(idle_after(Duration::from_secs(1)), after(0));
    assert_eq!(lifetime.end(after(59)), None);
    lifetime.finish(true, after(59));
    lifetime.begin();
    assert_eq!(lifetime.end(after(60)), None, "the unlock may be under way");
    lifetime.finish(true, after(60));
    assert_eq!(lifetime.end(after(60)), Some(End::NeverUnlocked));
}

#[test]
fn ten_failed_unlocks_in_a_row_end_it() {
    let mut lifetime = unlocked(None);
    for _ in 0..9 {
        lifetime.tried_unlock(true);
    }
    assert_eq!(lifetime.end(after(1)), None);
    lifetime.tried_unlock(false);
    for _ in 0..9 {
        lifetime.tried_unlock(true);
    }
    assert_eq!(lifetime.end(after(1)), None);
    lifetime.tried_unlock(true);
    assert_eq!(lifetime.end(after(1)), Some(End::FailedUnlocks));
}

#[test]
fn the_next_look_is_never_later_than_what_comes_next() {
    let lifetime = unlocked(Some(after(7).unix));
    assert_eq!(lifetime.next_look(after(0)), LOOK_EVERY);
    assert_eq!(lifetime.next_look(after(5)), Duration::from_secs(2));
    assert_eq!(unlocked(None).next_look(after(898)), Duration::from_secs(2));
}

#[test]
fn limits_beyond_all_time_are_no_limits() {
    let mut lifetime = Lifetime::new(idle_after(Duration::MAX), after(0));
    lifetime.finish(true, after(0));
    lifetime.unlocked(Some(u64::MAX), after(0));
    assert_eq!(lifetime.end(after(HOUR)), None);
    assert_eq!(lifetime.next_look(after(HOUR)), LOOK_EVERY);
}
