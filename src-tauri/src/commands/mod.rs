//! The closed list of what the web view may ask.

mod bundles;
mod entries;
mod env;
mod life;
mod values;

use tauri::Runtime;
use tauri::ipc::Invoke;

/// Everything that can be asked; `build.rs` names the same, and `capabilities/main.json` allows it to
/// the one window.
pub fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        life::status,
        life::create_vault,
        life::unlock,
        life::lock,
        bundles::bundles,
        bundles::new_bundle,
        entries::entries,
        entries::set_entry,
        entries::remove_entry,
        entries::restore_entry,
        entries::history,
        values::reveal,
        values::copy,
        values::clear_clipboard,
        env::preview_env,
        env::import_env,
    ]
}
