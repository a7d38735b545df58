//! What is done for the memory of a process that holds secrets: no core dumps, no tracer, no swap
//! (threat 52), as far as the system lets it. What it doesn't let is said, never passed over.
//!
//! Out of reach here: hibernation writes memory to disk, locked or not; root reads it; and macOS
//! has no safe call that keeps a tracer of the same user away.

#[cfg(unix)]
use std::sync::OnceLock;

use super::{Guard, Guards};

#[cfg(unix)]
use nix::{
    errno::Errno,
    sys::{
        mman::{MlockAllFlags, mlockall},
        resource::{Resource, getrlimit, rlim_t, setrlimit},
    },
};

/// Guards this process, for its whole life. Each process does it as early as it can; only the
/// agent, which holds keys for long, locks its memory.
pub fn apply(lock_memory: bool) -> Guards {
    Guards {
        memory_locked: match lock_memory {
            true => lock_all_memory().into(),
            false => Guard::Off("only the agent locks its memory".to_owned()),
        },
        core_dumps_off: forbid_core_dumps().into(),
        tracing_off: deny_tracing().into(),
    }
}

/// Only the limit on core dumps, for a program whose own parts need to look at themselves, as a web view's
/// do. Children inherit it.
pub fn forbid_dumps() {
    // Where it is refused, nothing else can be done either.
    let _ = forbid_core_dumps();
}

/// Restores the limit on core dumps that [`apply`] found, for a program that takes this
/// process' place: what it dumps is its own business. Does nothing when nothing was taken.
pub fn restore_core_limit() {
    #[cfg(unix)]
    if let Some(soft) = CORE_BEFORE.get()
        && let Ok((_, hard)) = getrlimit(Resource::RLIMIT_CORE)
    {
        // Up to the hard limit, which was left alone, this can't be refused.
        let _ = setrlimit(Resource::RLIMIT_CORE, *soft, hard);
    }
}

/// The soft limit on core dumps before the first [`apply`].
#[cfg(unix)]
static CORE_BEFORE: OnceLock<rlim_t> = OnceLock::new();

/// The soft limit only: without privileges a hard one could not be given back to a child.
#[cfg(unix)]
fn forbid_core_dumps() -> Result<(), String> {
    let forbid = || {
        let (soft, hard) = getrlimit(Resource::RLIMIT_CORE)?;
        CORE_BEFORE.get_or_init(|| soft);
        setrlimit(Resource::RLIMIT_CORE, 0, hard)
    };
    forbid().map_err(|errno| refused("to forbid core dumps", errno))
}

/// Also what stops a core dump that is piped to a program, to which the limit does not apply.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn deny_tracing() -> Result<(), String> {
    nix::sys::prctl::set_dumpable(false)
        .map_err(|errno| refused("to keep other processes away", errno))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn deny_tracing() -> Result<(), String> {
    Err("this system has no safe call for it".to_owned())
}

/// How much lockable memory is enough for every allocation to come: once all memory is locked,
/// one beyond the limit fails and ends the process. Argon2id and the largest frames stay well
/// below this. In bytes.
#[cfg(unix)]
const ENOUGH: rlim_t = 2 * 1024 * 1024 * 1024;

#[cfg(unix)]
fn lock_all_memory() -> Result<(), String> {
    let limit = raise_memory_lock_limit().map_err(|errno| refused("to say its limit", errno))?;
    if limit < ENOUGH && !may_lock_without_limit() {
        return Err(format!(
            "this user may lock {} KiB and {} KiB are needed (LimitMEMLOCK, ulimit -l)",
            limit / 1024,
            ENOUGH / 1024
        ));
    }
    mlockall(MlockAllFlags::MCL_CURRENT | MlockAllFlags::MCL_FUTURE)
        .map_err(|errno| refused("to lock memory", errno))
}

/// Raises the soft limit to the hard one, which it tells; in bytes. No limit is the largest number
/// that there is.
#[cfg(unix)]
fn raise_memory_lock_limit() -> Result<rlim_t, Errno> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_MEMLOCK)?;
    if soft < hard {
        setrlimit(Resource::RLIMIT_MEMLOCK, hard, hard)?;
    }
    Ok(hard)
}

/// Whether this process has `CAP_IPC_LOCK`, to which the limit does not apply.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn may_lock_without_limit() -> bool {
    const CAP_IPC_LOCK: u32 = 14;
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let effective = status
                .lines()
                .find_map(|line| line.strip_prefix("CapEff:"))?;
            u64::from_str_radix(effective.trim(), 16).ok()
        })
        .is_some_and(|effective| effective >> CAP_IPC_LOCK & 1 == 1)
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn may_lock_without_limit() -> bool {
    false
}

#[cfg(unix)]
fn refused(what: &str, errno: Errno) -> String {
    format!("the system refused {what}: {}", errno.desc())
}

#[cfg(not(unix))]
fn forbid_core_dumps() -> Result<(), String> {
    Err("not done on this system yet".to_owned())
}

#[cfg(not(unix))]
fn lock_all_memory() -> Result<(), String> {
    Err("not done on this system yet".to_owned())
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
