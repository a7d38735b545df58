//! Quick access: the window made small and put above the others, with a search and nothing else. It is
//! the same window, so that no second one has to be allowed anything.

use std::sync::{Mutex, PoisonError};

use tauri::{
    AppHandle, Emitter, LogicalSize, Manager, PhysicalSize, Runtime, WebviewWindow,
    WebviewWindowBuilder, Window,
};

use crate::settings::{Chosen, Settings};

/// The window's name; the capability is for this one alone.
pub const WINDOW: &str = "main";

const SIZE: LogicalSize<f64> = LogicalSize::new(640.0, 480.0);

/// The window as it was before quick access: its size, and whether it was in sight.
#[derive(Default)]
pub struct Before(Mutex<Option<(PhysicalSize<u32>, bool)>>);

/// Makes the window, in the size that it had when it was closed last.
pub fn make<R: Runtime>(program: &AppHandle<R>) -> tauri::Result<()> {
    let config = program.config().app.windows.iter();
    let config = config.filter(|window| window.label == WINDOW);
    for config in config {
        let mut window = WebviewWindowBuilder::from_config(program, config)?;
        if let Some([width, height]) = program.state::<Settings>().chosen().size {
            window = window.inner_size(width.into(), height.into());
        }
        window.build()?;
    }
    Ok(())
}

/// Keeps its size for the next start.
pub fn keep_size<R: Runtime>(window: &Window<R>) {
    let is_quick = {
        let before = window.state::<Before>();
        before
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    };
    let size = window.inner_size().ok().zip(window.scale_factor().ok());
    let (false, Some((size, scale))) = (is_quick, size) else {
        return;
    };
    let settings = window.state::<Settings>();
    let size = size.to_logical::<u32>(scale);
    // A size that can't be kept is only a size.
    let _ = settings.change(Chosen {
        size: Some([size.width, size.height]),
        ..settings.chosen()
    });
}

/// Brings the window to the front.
pub fn show<R: Runtime>(program: &AppHandle<R>) {
    if let Some(window) = program.get_webview_window(WINDOW) {
        // What a desktop does not let us do is left undone.
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}

/// Opens quick access. The page is told, and closes it.
pub fn open<R: Runtime>(program: &AppHandle<R>) {
    if let Some(window) = program.get_webview_window(WINDOW) {
        let kept = program.state::<Before>();
        let mut kept = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
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
    let before = kept.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some((size, visible)) = before {
        let _ = window.set_always_on_top(false);
        let _ = window.set_size(size);
        if !visible {
            let _ = window.hide();
        }
    }
}
