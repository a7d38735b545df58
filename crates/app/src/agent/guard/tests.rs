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
    match apply(true).memory_locked {
        Guard::On => {
            let large = vec![1_u8; 64 * 1024 * 1024];
            assert!(is_locked(&large), "what is made later is locked too");
            drop(large);
        }
        Guard::Off(why) => {
            assert!(!why.is_empty());
            assert!(!is_locked(&[1; 64]));
        }
    }
}

/// Whether the system keeps the mapping of these bytes in memory. Other tests may take and give
/// back memory meanwhile, so that the process's sum says nothing.
fn is_locked(bytes: &[u8]) -> bool {
    let address = bytes.as_ptr() as usize;
    let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let mut within = false;
    for line in maps.lines() {
        let range = line.split_whitespace().next().and_then(|word| {
            let (from, to) = word.split_once('-')?;
            let number = |hex| usize::from_str_radix(hex, 16).ok();
            Some(number(from)?..number(to)?)
        });
        if let Some(range) = range {
            within = range.contains(&address);
        } else if within && line.starts_with("VmFlags:") {
            return line.split_whitespace().any(|flag| flag == "lo");
        }
    }
    false
}
