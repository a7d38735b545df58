//! The steps of a sync, so that a test can kill the process at each of them. Outside this crate's
//! own tests, reaching a step does nothing.

#[cfg(not(test))]
pub(crate) fn reached() {}

/// Kills the process, as `kill -9` does, at the step whose number the environment gives.
#[cfg(test)]
pub(crate) fn reached() {
    use std::sync::atomic::Ordering;

    let number = REACHED.fetch_add(1, Ordering::Relaxed) + 1;
    #[cfg(unix)]
    if std::env::var("SEALFOLD_TEST_KILL_AT").is_ok_and(|at| at == number.to_string()) {
        use nix::sys::signal::{Signal, kill};
        kill(nix::unistd::Pid::this(), Signal::SIGKILL).expect("a process may signal itself");
    }
    let _ = number;
}

/// How many steps were reached.
#[cfg(test)]
pub(crate) static REACHED: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
