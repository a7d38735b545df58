#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

/// threat 52. One test, since both halves turn the same switches of the process.
#[test]
fn each_guard_holds_or_says_why_not() {
    core_dumps_and_tracing_are_off_and_a_child_gets_its_limit_back();
    memory_is_locked_or_the_reason_is_said();
}

fn core_dumps_and_tracing_are_off_and_a_child_gets_its_limit_back() {
    let (_, hard) = getrlimit(Resource::RLIMIT_CORE).unwrap();
    setrlimit(Resource::RLIMIT_CORE, hard, hard).unwrap();

    let guards = apply(false);
    assert_eq!(guards.core_dumps_off, Guard::On);
    assert_eq!(guards.tracing_off, Guard::On);
    assert!(matches!(guards.memory_locked, Guard::Off(_)));
    assert_eq!(getrlimit(Resource::RLIMIT_CORE).unwrap(), (0, hard));
    assert!(!nix::sys::prctl::get_dumpable().unwrap());

    // Twice does not forget what was there at first.
    apply(false);
    restore_core_limit();
    assert_eq!(getrlimit(Resource::RLIMIT_CORE).unwrap(), (hard, hard));
}

/// And locked memory doesn't break what comes after.
fn memory_is_locked_or_the_reason_is_said() {
    let locked = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmLck:"))
            .unwrap()
            .to_owned();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    match apply(true).memory_locked {
        Guard::On => {
            let before = locked();
            let large = vec![1_u8; 64 * 1024 * 1024];
            assert!(
                locked() >= before + 64 * 1024,
                "what is made later is locked too"
            );
            drop(large);
        }
        Guard::Off(why) => {
            assert!(!why.is_empty());
            assert_eq!(locked(), 0);
        }
    }
}
