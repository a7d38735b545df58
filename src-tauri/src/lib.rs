//! The desktop face: a window over `app`, and nothing of ours but `app`.
//!
//! `commands` is the closed list of what the web view may ask; each is one question at the door
//! (`vault.rs`), on a thread that nobody draws on. Values cross into the web view by `reveal` alone,
//! and into the clipboard (`clipboard.rs`) without it. Start reading at `commands/mod.rs`.

mod automation;
mod clipboard;
mod commands;
mod vault;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use app::agent::{ServeOptions, serve};
use app::{Fault, Home, Overrides};
use tauri::{Builder, Runtime};

/// Runs the window, or the agent where the program was started as that.
pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, second, options @ ..] = arguments.as_slice()
        && (first.as_str(), second.as_str()) == ("agent", "serve")
    {
        return be_the_agent(options);
    }
    if let Err(refused) = automation::refuse_outside_tests() {
        return fail(&refused);
    }
    if cfg!(target_os = "linux") && !has_display() {
        return fail("There is no display to open a window on. `sealfold` works in a terminal.");
    }
    let home = match home() {
        Ok(home) => home,
        Err(fault) => return fail(&fault.to_string()),
    };
    let window = build(Builder::default(), home).run(tauri::generate_context!());
    match window {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("The window can't be opened: {error}.")),
    }
}

/// The wiring, the same over a real web view and a test's.
fn build<R: Runtime>(builder: Builder<R>, home: Home) -> Builder<R> {
    let vault = vault::Vault::new(home);
    builder
        .manage(vault.clone())
        .manage(clipboard::Clipboard::default())
        .setup(move |application| {
            watch::start(application.handle().clone(), vault);
            Ok(())
        })
        .on_window_event(|window, event| {
            if matches!(event, tauri::WindowEvent::Destroyed) {
                clipboard::clear_on_exit(window);
            }
        })
        .invoke_handler(commands::handle)
}

/// The same options as the terminal face starts its agent with.
fn be_the_agent(options: &[String]) -> ExitCode {
    let number = |name: &str| {
        let at = options.iter().position(|option| option == name)?;
        options.get(at + 1)?.parse().ok()
    };
    let served = home().and_then(|home| {
        let options = ServeOptions {
            ttl_seconds: number("--ttl-seconds"),
            idle_seconds: number("--idle-seconds"),
            keychain: !options.iter().any(|option| option == "--no-keychain"),
        };
        serve(home, options)
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => fail(&fault.to_string()),
    }
}

/// As the terminal face finds it.
fn home() -> Result<Home, Fault> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    Home::find(&Overrides {
        home: set("SEALFOLD_HOME").map(PathBuf::from),
        vault: set("SEALFOLD_VAULT").map(PathBuf::from),
    })
}

fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

#[allow(clippy::print_stderr, reason = "there is no window to say it in")]
fn fail(message: &str) -> ExitCode {
    eprintln!("sealfold-desktop: {message}");
    ExitCode::FAILURE
}
