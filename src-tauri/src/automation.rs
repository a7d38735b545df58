//! An unlocked vault must not be driven by another program through the web view's automation.

/// Whether a driver is to press the buttons.
pub fn is_asked_for() -> bool {
    std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some()
}

/// Opens the web view on Windows to whoever connects, with the window's own rights.
const WEBVIEW2_ARGUMENTS: &str = "WEBVIEW2_ADDITIONAL_BROWSER_ARGUMENTS";

/// Says why the window does not open: somebody asks for automation, and this is no test's build.
pub fn refuse_outside_tests() -> Result<(), String> {
    // What people install is built for release.
    let automation = is_asked_for() && !cfg!(debug_assertions);
    let browser = cfg!(windows) && std::env::var_os(WEBVIEW2_ARGUMENTS).is_some();
    let variable = match (automation, browser) {
        (true, _) => "TAURI_WEBVIEW_AUTOMATION",
        (_, true) => WEBVIEW2_ARGUMENTS,
        (false, false) => return Ok(()),
    };
    Err(format!(
        "{variable} is set, which would let another program drive the window. Unset it."
    ))
}

/// What a person would choose in the system's dialog, which no driver can press: the path that stands in
/// the file which this variable names. What people install has no such way.
#[cfg(debug_assertions)]
pub fn chosen_file() -> Option<std::path::PathBuf> {
    let said = std::env::var_os("SEALFOLD_JOURNEY_CHOICE")?;
    let path = std::fs::read_to_string(said).ok()?;
    Some(path.trim().into())
}
