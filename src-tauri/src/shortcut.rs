//! The shortcut that opens quick access from anywhere, where the desktop lets programs have one: X11,
//! macOS, Windows. On Wayland the desktop's own settings start `sealfold-desktop --quick`.

use std::sync::{Mutex, PoisonError};

use app::{Code, Fault};
use global_hotkey::hotkey::{HotKey, Modifiers};
use global_hotkey::{GlobalHotKeyEvent, GlobalHotKeyManager, HotKeyState};
use tauri::{AppHandle, Runtime};

use crate::quick;

/// What is registered now. It is used on the main thread, as the systems want it.
#[derive(Default)]
pub struct Shortcut(Mutex<Option<Registered>>);

struct Registered {
    manager: GlobalHotKeyManager,
    key: Option<HotKey>,
}

/// Opens quick access whenever the shortcut is pressed.
pub fn listen<R: Runtime>(program: &AppHandle<R>) {
    let program = program.clone();
    GlobalHotKeyEvent::set_event_handler(Some(move |event: GlobalHotKeyEvent| {
        if event.state == HotKeyState::Pressed {
            quick::open(&program);
        }
    }));
}

impl Shortcut {
    /// Registers another shortcut in place of the present one; none turns it off.
    ///
    /// # Errors
    /// When it is no shortcut, or can't be had. The present one is gone then.
    pub fn set(&self, wanted: Option<&str>) -> Result<(), Fault> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(registered) = held.as_mut()
            && let Some(key) = registered.key.take()
        {
            // It may be gone with its display.
            let _ = registered.manager.unregister(key);
        }
        let Some(wanted) = wanted else { return Ok(()) };
        let key = read(wanted)?;
        let registered = match held.as_mut() {
            Some(registered) => registered,
            None => {
                let manager = GlobalHotKeyManager::new().map_err(|_| taken(wanted))?;
                held.insert(Registered { manager, key: None })
            }
        };
        let register = registered.manager.register(key);
        register.map_err(|_| taken(wanted))?;
        registered.key = Some(key);
        Ok(())
    }
}

/// A shortcut as it is written. One without Ctrl, Alt or Super is none: people type such keys.
///
/// # Errors
/// `usage` then.
pub fn read(wanted: &str) -> Result<HotKey, Fault> {
    let key = wanted.parse::<HotKey>().ok();
    let held = Modifiers::CONTROL | Modifiers::ALT | Modifiers::META;
    key.filter(|key| key.mods.intersects(held)).ok_or_else(|| {
        Fault::new(Code::Usage, "This is no shortcut.")
            .about(wanted)
            .next("Write it like Ctrl+Shift+Space.")
    })
}

fn taken(wanted: &str) -> Fault {
    let fault = Fault::new(Code::Conflict, "The shortcut can't be had on this desktop.");
    fault
        .about(wanted)
        .next("Choose another, or let the desktop's own settings start `sealfold-desktop --quick`.")
}

#[cfg(test)]
mod tests {
    use super::*;

    // threat 56
    #[test]
    fn a_key_that_people_type_is_no_shortcut() {
        for wrong in ["KeyA", "Shift+KeyA", "Enter", "Space", "", "Ctrl"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        for right in ["Ctrl+Shift+Space", "Alt+KeyS", "Super+KeyS"] {
            assert!(read(right).is_ok(), "{right}");
        }
    }
}
