//! Tells the web view when the vault was locked elsewhere (by a terminal, on idle, at its limit), and
//! when something else is in it: from a terminal, a sync, or the window itself. And says to the agent
//! that a person is here who can be asked.

use std::thread;
use std::time::Duration;

use app::agent::Attend;
use tauri::{AppHandle, Emitter, Manager, Runtime, UserAttentionType};

use crate::clipboard::Clipboard;
use crate::memory;
use crate::quick::WINDOW;
use crate::vault::Vault;

/// How often it is looked at. A look keeps no vault open.
const EVERY: Duration = Duration::from_secs(1);

/// Looks until the program ends.
pub fn start<R: Runtime>(program: AppHandle<R>, vault: Vault) {
    attend(program.clone(), vault.clone());
    thread::spawn(move || {
        let (mut was, mut before) = (None, None);
        loop {
            thread::sleep(EVERY);
            // An agent that does not answer holds the vault open all the same.
            let Ok(seen) = tauri::async_runtime::block_on(vault.look()) else {
                continue;
            };
            let agent = seen.as_ref().map(|(agent, _)| *agent);
            if agent.is_some() {
                program.state::<memory::Opened>().mark();
            }
            // Another agent: it was locked and opened again between two looks.
            if was.is_some() && agent != was {
                program.state::<Clipboard>().clear_soon();
                // A window that is just closing needs no word.
                let _ = program.emit("locked", ());
                memory::forget_if_open(&program);
            }
            let now = seen.map(|(_, open)| (open.ops, open.requests, open.findings.len()));
            if now.is_some() && before.is_some() && now != before {
                let _ = program.emit("changed", ());
            }
            (was, before) = (agent, now);
        }
    });
}

/// On a thread of its own: the agent takes a window that is silent for some seconds to be closed, and a
/// look at the vault may have to wait for others' requests.
fn attend<R: Runtime>(program: AppHandle<R>, vault: Vault) {
    thread::spawn(move || {
        let mut before = Vec::new();
        loop {
            // Without an agent there is nobody who could ask.
            let asked = tauri::async_runtime::block_on(vault.ask(Attend {}));
            let asked = asked.unwrap_or_default();
            if asked != before {
                let _ = program.emit("asked", ());
            }
            if asked.len() > before.len()
                && let Some(main) = program.get_webview_window(WINDOW)
            {
                // Where the system has no such thing, the window shows it all the same.
                let _ = main.request_user_attention(Some(UserAttentionType::Critical));
            }
            before = asked;
            thread::sleep(EVERY);
        }
    });
}
