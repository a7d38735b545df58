//! Tells the web view when the vault was locked elsewhere: by a terminal, on idle, at its limit.

use std::thread;
use std::time::Duration;

use app::vaults::Status;
use tauri::{AppHandle, Emitter, Runtime};

use crate::vault::Vault;

/// How often it is looked at. A look keeps no vault open.
const EVERY: Duration = Duration::from_secs(1);

/// Looks until the program ends.
pub fn start<R: Runtime>(window: AppHandle<R>, vault: Vault) {
    thread::spawn(move || {
        let mut was_open = false;
        loop {
            thread::sleep(EVERY);
            let status = tauri::async_runtime::block_on(vault.ask(Status {}));
            let is_open = status.is_ok_and(|status| !status.locked);
            if was_open && !is_open {
                // A window that is just closing needs no word.
                let _ = window.emit("locked", ());
            }
            was_open = is_open;
        }
    });
}
