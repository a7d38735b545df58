//! Puts the web view's files and the closed list of commands into the program.

fn main() {
    // The front end's own name for each command; what is not named here no window can ask.
    let commands = tauri_build::AppManifest::new().commands(&[
        "status",
        "create_vault",
        "unlock",
        "lock",
        "bundles",
        "new_bundle",
        "entries",
        "reveal",
        "copy",
        "clear_clipboard",
        "set_entry",
        "remove_entry",
        "restore_entry",
        "history",
        "preview_env",
        "import_env",
    ]);
    let attributes = tauri_build::Attributes::new().app_manifest(commands);
    tauri_build::try_build(attributes).expect("the window's configuration is whole");
}
