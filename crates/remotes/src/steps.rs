//! The steps of a creation, so that a test of another room can end the process at each of them.
//! Without the feature `testing`, reaching one does nothing.

#[cfg(any(test, feature = "testing"))]
static HOOK: std::sync::OnceLock<fn()> = std::sync::OnceLock::new();

/// Has this called at each step, for the rest of the process.
#[cfg(any(test, feature = "testing"))]
pub fn on_each_step(hook: fn()) {
    // The first one stays.
    let _ = HOOK.set(hook);
}

#[cfg(any(test, feature = "testing"))]
pub(crate) fn reached() {
    if let Some(hook) = HOOK.get() {
        hook();
    }
}

#[cfg(not(any(test, feature = "testing")))]
pub(crate) fn reached() {}
