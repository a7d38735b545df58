//! An unlocked vault must not be driven by another program through the web view's automation.

/// Whether a driver is to press the buttons.
pub fn is_asked_for() -> bool {
    std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some()
}

/// Says why the window does not open: somebody asks for automation, and this is no test's build.
pub fn refuse_outside_tests() -> Result<(), String> {
    let asked = is_asked_for();
    // What people install is built for release.
    if asked && !cfg!(debug_assertions) {
        return Err(
            "TAURI_WEBVIEW_AUTOMATION is set, which would let another program drive the window. Unset it."
                .to_owned(),
        );
    }
    Ok(())
}
