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

/// What a person would choose in the system's dialog, which no driver can press: the path that stands in
/// the file which this variable names. What people install has no such way.
#[cfg(debug_assertions)]
pub fn chosen_file() -> Option<std::path::PathBuf> {
    let said = std::env::var_os("SEALFOLD_JOURNEY_CHOICE")?;
    let path = std::fs::read_to_string(said).ok()?;
    Some(path.trim().into())
}
