//! Quick access: the window made small and put above the others, with a search and nothing else. It is
//! the same window, so that no second one has to be allowed anything.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tauri::{
    AppHandle, Emitter, LogicalSize, Manager, PhysicalPosition, PhysicalSize, Runtime,
    WebviewWindow,
};

use crate::frame::{WINDOW, show};

const SIZE: LogicalSize<f64> = LogicalSize::new(640.0, 480.0);

/// The window as it was before quick access.
#[derive(Default)]
pub struct Before(Mutex<Option<Kept>>);

#[derive(Clone, Copy)]
struct Kept {
    size: PhysicalSize<u32>,
    /// Not on Wayland, which tells no program where its windows are.
    position: Option<PhysicalPosition<i32>>,
    is_visible: bool,
}

impl Before {
    /// Whether quick access is open.
    pub fn is_there(&self) -> bool {
        self.held().is_some()
    }

    fn held(&self) -> MutexGuard<'_, Option<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens quick access. The page is told, and closes it.
pub fn open<R: Runtime>(program: &AppHandle<R>) {
    if let Some(window) = program.get_webview_window(WINDOW) {
        let kept = program.state::<Before>();
        let mut kept = kept.held();
        if kept.is_none() {
            *kept = look(&window).ok();
            let _ = make_small(&window);
        }
    }
    show(program);
    let _ = program.emit("quick", ());
}

fn look<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<Kept> {
    Ok(Kept {
        size: window.inner_size()?,
        position: window.outer_position().ok(),
        is_visible: window.is_visible()?,
    })
}

fn make_small<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    window.set_size(SIZE)?;
    window.set_always_on_top(true)?;
    // Not `center`, which takes the size that the window had.
    if let Some(monitor) = window.current_monitor()? {
        let small = SIZE.to_physical::<i32>(monitor.scale_factor());
        let (at, whole) = (monitor.position(), monitor.size().cast::<i32>());
        window.set_position(PhysicalPosition::new(
            at.x + (whole.width - small.width) / 2,
            at.y + (whole.height - small.height) / 2,
        ))?;
    }
    Ok(())
}

/// Puts the window back: to its size and place, and out of sight if it was.
pub fn close<R: Runtime>(program: &AppHandle<R>) {
    let Some(window) = program.get_webview_window(WINDOW) else {
        return;
    };
    let kept = program.state::<Before>();
    let before = kept.held().take();
    if let Some(before) = before {
        let _ = window.set_always_on_top(false);
        let _ = window.set_size(before.size);
        if let Some(position) = before.position {
            let _ = window.set_position(position);
        }
        if !before.is_visible {
            let _ = window.hide();
        }
    }
}
