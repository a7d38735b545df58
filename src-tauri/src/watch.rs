//! Tells the web view when the vault was locked elsewhere (by a terminal, on idle, at its limit), and
//! when something else is in it: from a terminal, a sync, or the window itself. And says to the agent
//! that a person is here who can be asked.

use std::thread;
use std::time::Duration;

use app::agent::Attend;
use tauri::{AppHandle, Emitter, Manager, Runtime, UserAttentionType};

use crate::memory;
use crate::vault::Vault;

/// How often it is looked at. A look keeps no vault open.
const EVERY: Duration = Duration::from_secs(1);

/// Looks until the program ends.
pub fn start<R: Runtime>(window: AppHandle<R>, vault: Vault) {
    attend(window.clone(), vault.clone());
    thread::spawn(move || {
        let (mut was_open, mut before) = (false, None);
        loop {
            thread::sleep(EVERY);
            let status = tauri::async_runtime::block_on(vault.look());
            let open = status.ok().flatten();
            let is_open = open.is_some();
            if is_open {
                window.state::<memory::Opened>().mark();
            }
            if was_open && !is_open {
                // A window that is just closing needs no word.
                let _ = window.emit("locked", ());
                memory::forget_if_open(&window);
            }
            let now = open.map(|open| (open.ops, open.requests, open.findings.len()));
            if now.is_some() && before.is_some() && now != before {
                let _ = window.emit("changed", ());
            }
            (was_open, before) = (is_open, now);
        }
    });
}

/// On a thread of its own: the agent takes a window that is silent for some seconds to be closed, and a
/// look at the vault may have to wait for others' requests.
fn attend<R: Runtime>(window: AppHandle<R>, vault: Vault) {
    thread::spawn(move || {
        let mut before = Vec::new();
        loop {
            // Without an agent there is nobody who could ask.
            let asked = tauri::async_runtime::block_on(vault.ask(Attend {}));
            let asked = asked.unwrap_or_default();
            if asked != before {
                let _ = window.emit("asked", ());
            }
            if asked.len() > before.len()
                && let Some(main) = window.get_webview_window("main")
            {
                // Where the system has no such thing, the window shows it all the same.
                let _ = main.request_user_attention(Some(UserAttentionType::Critical));
            }
            before = asked;
            thread::sleep(EVERY);
        }
    });
}
