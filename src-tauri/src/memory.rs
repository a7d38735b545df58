//! What is done for the memory of the window (threat 51). The keys are the agent's, and end with it; here
//! pass the values that a person has seen.
//!
//! In this process all that is freed is wiped. In the web view's, nothing can be: strings of a script stay
//! until they are collected. So a lock ends that process, and the page begins anew in another.

use std::alloc::System;

use tauri::{AppHandle, Manager, Runtime};
use zeroizing_alloc::ZeroAlloc;

use crate::chosen_files::ChosenFiles;
use crate::frame::WINDOW;
use crate::{automation, quick};

#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

/// Ends the process of the web view, which could see values, and lets the page begin anew.
pub fn forget<R: Runtime>(program: &AppHandle<R>) {
    quick::close(program);
    program.state::<ChosenFiles>().forget();
    if let Some(window) = program.get_webview_window(WINDOW) {
        #[cfg(target_os = "linux")]
        let begun = window.with_webview(|webview| {
            use webkit2gtk::WebViewExt;
            let view = webview.inner();
            let page = view.uri();
            // A driver's session ends with the process: journeys see a new page in the old one.
            if !automation::is_asked_for() {
                view.terminate_web_process();
            }
            if let Some(page) = page {
                view.load_uri(&page);
            }
        });
        // Elsewhere a new page is the most that can be had.
        #[cfg(not(target_os = "linux"))]
        let begun = window.reload();
        // A window that is just closing has forgotten.
        let _ = begun;
    }
}
