//! Quick access: the window made small and put above the others, with a search and nothing else. It is
//! the same window, so that no second one has to be allowed anything.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tauri::{AppHandle, Emitter, LogicalSize, Manager, PhysicalSize, Runtime, WebviewWindow};

use crate::frame::{WINDOW, show};

const SIZE: LogicalSize<f64> = LogicalSize::new(640.0, 480.0);

/// The window as it was before quick access: its size, and whether it was in sight.
#[derive(Default)]
pub struct Before(Mutex<Option<(PhysicalSize<u32>, bool)>>);

impl Before {
    /// Whether quick access is open.
    pub fn is_there(&self) -> bool {
        self.held().is_some()
    }

    fn held(&self) -> MutexGuard<'_, Option<(PhysicalSize<u32>, bool)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens quick access. The page is told, and closes it.
pub fn open<R: Runtime>(program: &AppHandle<R>) {
    if let Some(window) = program.get_webview_window(WINDOW) {
        let kept = program.state::<Before>();
        let mut kept = kept.held();
        if kept.is_none() {
            *kept = window.inner_size().ok().zip(window.is_visible().ok());
            let _ = make_small(&window);
        }
    }
    show(program);
    let _ = program.emit("quick", ());
}

fn make_small<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    window.set_size(SIZE)?;
    window.set_always_on_top(true)?;
    window.center()
}

/// Puts the window back: to its size, and out of sight if it was.
pub fn close<R: Runtime>(program: &AppHandle<R>) {
    let Some(window) = program.get_webview_window(WINDOW) else {
        return;
    };
    let kept = program.state::<Before>();
    let before = kept.held().take();
    if let Some((size, visible)) = before {
        let _ = window.set_always_on_top(false);
        let _ = window.set_size(size);
        if !visible {
            let _ = window.hide();
        }
    }
}
