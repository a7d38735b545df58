//! The one window: made, brought to the front, and its size kept.

use app::{Code, Fault};
use tauri::{
    AppHandle, Manager, Runtime, UserAttentionType, WebviewWindow, WebviewWindowBuilder, Window,
};
use tokio::sync::oneshot;

use crate::settings::{Chosen, Settings, Theme};
use crate::{automation, quick};

/// The window's name; the capability is for this one alone.
pub const WINDOW: &str = "main";

/// Makes the window, in the size that it had when it was closed last.
pub fn make<R: Runtime>(program: &AppHandle<R>) -> tauri::Result<()> {
    let config = program.config().app.windows.iter();
    let config = config.filter(|window| window.label == WINDOW);
    let chosen = program.state::<Settings>().chosen();
    for config in config {
        let mut window = WebviewWindowBuilder::from_config(program, config)?;
        // The page gets no store. A driver's session lives in one.
        window = window.incognito(!automation::is_asked_for());
        window = window.theme(native_theme(chosen.theme));
        if let Some([width, height]) = chosen.size {
            window = window.inner_size(width.into(), height.into());
        }
        let window = window.build()?;
        if chosen.zoom != Chosen::default().zoom {
            zoom(&window, chosen.zoom);
        }
    }
    Ok(())
}

/// Puts a theme on the window's frame, on the system's dialogs, and on the page before its settings are there.
pub fn set_theme<R: Runtime>(window: &WebviewWindow<R>, theme: Theme) {
    // Where the system has no such thing, the page has its own.
    let _ = window.set_theme(native_theme(theme));
}

/// The nearest theme that systems have; none follows the system.
fn native_theme(theme: Theme) -> Option<tauri::Theme> {
    match theme {
        Theme::Light => Some(tauri::Theme::Light),
        Theme::Dark => Some(tauri::Theme::Dark),
        Theme::System | Theme::Contrast => None,
    }
}

/// Draws everything so large, in percent.
pub fn zoom<R: Runtime>(window: &WebviewWindow<R>, percent: u32) {
    // Where the system has no such thing, it stays as it is.
    let _ = window.set_zoom(f64::from(percent) / 100.0);
}

/// Keeps its size for the next start.
pub fn keep_size<R: Runtime>(window: &Window<R>) {
    let is_quick = window.state::<quick::Before>().is_there();
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

/// Says that somebody is waited for. One that is in the tray alone comes out of it; else it comes to the
/// front when its person wants it to.
pub fn call<R: Runtime>(program: &AppHandle<R>) {
    let Some(window) = program.get_webview_window(WINDOW) else {
        return;
    };
    if !window.is_visible().unwrap_or(true) {
        let _ = window.show();
    }
    // Where the system has no such thing, the window shows it all the same.
    let _ = window.request_user_attention(Some(UserAttentionType::Critical));
}

/// Does something on the thread that draws, where systems want their windows to be touched.
pub async fn on_main_thread<R: Runtime, T: Send + 'static>(
    program: &AppHandle<R>,
    work: impl FnOnce(&AppHandle<R>) -> T + Send + 'static,
) -> Result<T, Fault> {
    let closing = || Fault::new(Code::Aborted, "The window is closing.");
    let (done, answer) = oneshot::channel();
    let there = program.clone();
    let asked = program.run_on_main_thread(move || {
        let _ = done.send(work(&there));
    });
    asked.map_err(|_| closing())?;
    answer.await.map_err(|_| closing())
}
