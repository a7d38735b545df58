//! The desktop face: a window over `app`, and nothing of ours but `app`.
//!
//! `commands` is the closed list of what the web view may ask; each is one question at the door
//! (`vault.rs`), on a thread that nobody draws on. Values come into the web view by those commands that a
//! person asks for one with, and into the clipboard (`clipboard.rs`) without it. `watch.rs` sees what happens
//! elsewhere, `frame.rs` is the window as its desktop sees it. Start reading at `commands/mod.rs`.

#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(target_os = "linux")]
mod absence;
mod automation;
mod chosen_files;
mod clipboard;
mod commands;
mod dialogs;
mod frame;
mod instance;
mod memory;
mod place;
mod quick;
#[cfg(target_os = "linux")]
mod renderer;
mod settings;
mod shortcut;
mod texts;
#[cfg(target_os = "linux")]
mod tray;
mod vault;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;
#[cfg(target_os = "linux")]
use std::thread;

use app::agent::{ServeOptions, serve};
use app::{Fault, Home, Overrides};
use tauri::{AppHandle, Builder, Emitter, Manager, RunEvent, Runtime, WindowEvent};

use chosen_files::ChosenFiles;
use clipboard::Clipboard;
use instance::{Instance, Place, Taken, Wanted};
use settings::Settings;
use shortcut::Shortcut;
use vault::Vault;

/// Runs the window, or the agent where the program was started as that.
pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, second, options @ ..] = arguments.as_slice()
        && (first.as_str(), second.as_str()) == ("agent", "serve")
    {
        return be_the_agent(options);
    }
    // For the web view's processes too, which inherit it.
    app::guard::forbid_dumps();
    if let Err(refused) = automation::refuse_outside_tests() {
        return fail(&refused);
    }
    if cfg!(target_os = "linux") && !has_display() {
        return fail("There is no display to open a window on. `sealfold` works in a terminal.");
    }
    #[cfg(target_os = "linux")]
    if let Err(error) = renderer::choose() {
        return fail(&format!("The window can't be started: {error}."));
    }
    let home = match home() {
        Ok(home) => home,
        Err(fault) => return fail(&fault.to_string()),
    };
    let wanted = Wanted::of(&arguments);
    let place = match instance::take(&home.window_socket(), wanted) {
        Taken::Here(place) => Some(place),
        Taken::Nowhere => None,
        Taken::Elsewhere => return ExitCode::SUCCESS,
    };
    let window = build(Builder::default(), home, place, wanted).build(tauri::generate_context!());
    match window {
        Ok(window) => {
            window.run(|program, event| {
                // Also where it is quit from the tray, with no window that closes.
                if matches!(event, RunEvent::Exit) {
                    program.state::<Clipboard>().clear();
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => fail(&format!("The window can't be opened: {error}.")),
    }
}

/// The wiring: what the window works with, and what it listens to.
fn build<R: Runtime>(
    builder: Builder<R>,
    home: Home,
    place: Option<Place>,
    wanted: Wanted,
) -> Builder<R> {
    let settings = Settings::load(home.window_settings());
    let vault = Vault::new(home, settings.clone());
    let builder = builder
        .manage(vault.clone())
        .manage(settings.clone())
        .manage(Clipboard::default())
        .manage(ChosenFiles::default())
        .manage(Instance::default())
        .manage(quick::Before::default())
        .manage(Shortcut::default());
    #[cfg(target_os = "linux")]
    let builder = builder.manage(tray::Tray::<R>::default());
    builder
        .plugin(place::stay())
        .setup(move |application| {
            let program = application.handle().clone();
            program.manage(watch::start(&program, vault));
            #[cfg(target_os = "linux")]
            absence::watch(&program);
            frame::make(&program)?;
            shortcut::listen(&program);
            let chosen = settings.chosen();
            // A shortcut that another program has by now: the settings say so when it is set anew.
            let _ = program
                .state::<Shortcut>()
                .set(chosen.quick_shortcut.as_deref());
            #[cfg(target_os = "linux")]
            if chosen.tray {
                let program = program.clone();
                thread::spawn(move || program.state::<tray::Tray<R>>().set(&program, true));
            }
            settle(&program, place);
            if wanted == Wanted::Quick {
                open(&program, wanted);
            }
            Ok(())
        })
        .on_window_event(|window, event| match event {
            #[cfg(target_os = "linux")]
            WindowEvent::CloseRequested { api, .. }
                if window.state::<tray::Tray<R>>().is_there() =>
            {
                api.prevent_close();
                frame::keep_size(window);
                let _ = window.hide();
            }
            WindowEvent::CloseRequested { .. } => frame::keep_size(window),
            _ => {}
        })
        .invoke_handler(commands::handle)
}

/// Has the place of a vault's window, and does what later starts want.
fn settle<R: Runtime>(program: &AppHandle<R>, place: Option<Place>) {
    let started = program.clone();
    program
        .state::<Instance>()
        .settle(place, move |wanted| open(&started, wanted));
}

fn open<R: Runtime>(program: &AppHandle<R>, wanted: Wanted) {
    match wanted {
        Wanted::Window => frame::show(program),
        Wanted::Quick => quick::open(program),
    }
}

/// Locks, for every window and terminal.
#[cfg(target_os = "linux")]
fn lock<R: Runtime>(program: &AppHandle<R>) {
    program.state::<Clipboard>().clear_soon();
    let home = program.state::<Vault>().home();
    let program = program.clone();
    thread::spawn(move || {
        match app::Door::lock(&home) {
            Ok(_) => program.state::<watch::Watch>().locked(),
            // Whoever wanted it locked has to know that it is not.
            Err(fault) => {
                frame::show(&program);
                let _ = program.emit("not_locked", fault);
            }
        }
    });
}

/// As the terminal face's program is, when it is started so.
fn be_the_agent(options: &[String]) -> ExitCode {
    let options = ServeOptions::from_arguments(options);
    let served = options.and_then(|options| serve(home()?, options));
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
